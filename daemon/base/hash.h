/* hash: SHA-256 for what others must be able to check, XXH3 for tables of our own. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include "daemon/base/str.h"

#include <stdint.h>

#define SHA256_LEN 32
#define SHA256_HEX 64

/* Of the pieces joined. */
void sha256(const struct str *pieces, size_t count, uint8_t out[SHA256_LEN]);

/* Lower-case hex of n bytes; out gets 2*n bytes and no NUL. */
void hex_encode(const uint8_t *p, size_t n, char *out);
int hex_value(char c); /* of one digit in either case; -1: it is none */
bool hex_decode(struct str hex, uint8_t *out, size_t n); /* exactly 2*n digits */

/* XXH3, 64 and 128 bits. Seeded: not for secrets, not against chosen collisions across feeds (each feed has a seed of its own). */
uint64_t hash64(struct str s, uint64_t seed);
struct hash128 {
	uint64_t lo, hi;
};
struct hash128 hash128(struct str s, uint64_t seed);

/* CRC-32C (Castagnoli), as in RFC 3720 B.4: guards frames on disk. Start with 0, or continue from an earlier result. */
uint32_t crc32c(uint32_t crc, const void *p, size_t n);

#endif
