/* hash: fingerprints. SHA-256 by libcrypto, XXH3 by libxxhash, CRC-32C by the processor or a table. */
#include "daemon/base/hash.h"

#define XXH_INLINE_ALL /* most of what is hashed is short: two calls on the way to it cost as much as it */
/* The functions of one digest, without a look for who provides it, and without memory: that takes as long as to hash 600 bytes. */
#define OPENSSL_API_COMPAT 0x10100000L
#include <assert.h>
#include <openssl/sha.h>
#include <xxhash.h>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

void sha256(const struct str *pieces, size_t count, uint8_t out[SHA256_LEN])
{
	SHA256_CTX c;
	int good = SHA256_Init(&c);
	for (size_t i = 0; good && i < count; i++)
		if (pieces[i].n > 0)
			good = SHA256_Update(&c, pieces[i].p, pieces[i].n);
	good = good && SHA256_Final(out, &c);
	/* No caller could go on with half a fingerprint; nothing of this asks for memory, or fails. */
	assert(good);
}

void hex_encode(const uint8_t *p, size_t n, char *out)
{
	static const char digits[] = "0123456789abcdef";
	for (size_t i = 0; i < n; i++) {
		out[2 * i] = digits[p[i] >> 4];
		out[2 * i + 1] = digits[p[i] & 15];
	}
}

int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool hex_decode(struct str hex, uint8_t *out, size_t n)
{
	if (n > SIZE_MAX / 2 || hex.n != 2 * n)
		return false;
	for (size_t i = 0; i < n; i++) {
		int high = hex_value(hex.p[2 * i]);
		int low = hex_value(hex.p[2 * i + 1]);
		if (high < 0 || low < 0)
			return false;
		out[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

uint64_t hash64(struct str s, uint64_t seed)
{
	return XXH3_64bits_withSeed(s.n > 0 ? s.p : "", s.n, seed);
}

struct hash128 hash128(struct str s, uint64_t seed)
{
	XXH128_hash_t h = XXH3_128bits_withSeed(s.n > 0 ? s.p : "", s.n, seed);
	return (struct hash128){ h.low64, h.high64 };
}

#define CRC_NIBBLES 16

/* The reflected polynomial 0x82f63b78, four bits at a time: 64 bytes of table instead of 1 kB, for processors without the instruction. */
static const uint32_t crc_table[CRC_NIBBLES] = {
	0x00000000,
	0x105ec76f,
	0x20bd8ede,
	0x30e349b1,
	0x417b1dbc,
	0x5125dad3,
	0x61c69362,
	0x7198540d,
	0x82f63b78,
	0x92a8fc17,
	0xa24bb5a6,
	0xb21572c9,
	0xc38d26c4,
	0xd3d3e1ab,
	0xe330a81a,
	0xf36e6f75,
};

static uint32_t crc_by_table(uint32_t crc, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		crc ^= p[i];
		crc = crc >> 4 ^ crc_table[crc & 15];
		crc = crc >> 4 ^ crc_table[crc & 15];
	}
	return crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) static uint32_t crc_by_instruction(uint32_t crc, const uint8_t *p, size_t n)
{
	uint64_t wide = crc;
	for (; n >= 8; p += 8, n -= 8) {
		uint64_t word;
		memcpy(&word, p, sizeof(word));
		wide = _mm_crc32_u64(wide, word);
	}
	uint32_t narrow = (uint32_t)wide;
	for (; n > 0; p++, n--)
		narrow = _mm_crc32_u8(narrow, *p);
	return narrow;
}
#endif

uint32_t crc32c(uint32_t crc, const void *p, size_t n)
{
#if defined(__x86_64__)
	if (__builtin_cpu_supports("sse4.2"))
		return ~crc_by_instruction(~crc, p, n);
#endif
	return ~crc_by_table(~crc, p, n);
}
