/* hmac: by libcrypto. */
#include "daemon/base/hmac.h"

#include "daemon/base/attr.h"
#include "daemon/base/hash.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

static const struct {
	struct str name;
	const EVP_MD *(*digest)(void);
} digests[] = {
	[HMAC_SHA1] = { { "sha1", 4 }, EVP_sha1 },
	[HMAC_SHA256] = { { "sha256", 6 }, EVP_sha256 },
	[HMAC_SHA384] = { { "sha384", 6 }, EVP_sha384 },
	[HMAC_SHA512] = { { "sha512", 6 }, EVP_sha512 },
};
_Static_assert(ARRAY_LEN(digests) == HMAC_DIGESTS, "a row for each digest");

bool hmac_digest_named(struct str name, enum hmac_digest *out)
{
	for (unsigned i = 0; i < HMAC_DIGESTS; i++) {
		if (!str_eq_nocase(name, digests[i].name))
			continue;
		*out = (enum hmac_digest)i;
		return true;
	}
	return false;
}

bool hmac_matches(enum hmac_digest digest, struct str key, struct str message, struct str hex)
{
	unsigned char want[EVP_MAX_MD_SIZE];
	uint8_t got[HMAC_HEX_MAX / 2];
	unsigned n = 0;
	if (key.n > INT32_MAX ||
	    !HMAC(digests[digest].digest(), key.p, (int)key.n,
	        (const unsigned char *)(message.p ? message.p : ""), message.n, want, &n))
		return false;
	return n <= sizeof(got) && hex_decode(hex, got, n) && CRYPTO_memcmp(want, got, n) == 0;
}
