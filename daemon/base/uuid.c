/* uuid: SHA-1 by libcrypto. It names things; nobody may trust in it. */
#include "daemon/base/uuid.h"

#include "daemon/base/attr.h"
#include "daemon/base/hash.h"

#include <assert.h>
#include <openssl/evp.h>

/* Bytes between the dashes. */
static const size_t groups[] = { 4, 2, 2, 2, 6 };

void uuid_text(const uint8_t id[UUID_LEN], char out[UUID_TEXT])
{
	size_t from = 0, to = 0;
	for (size_t i = 0; i < ARRAY_LEN(groups); i++) {
		if (i > 0)
			out[to++] = '-';
		hex_encode(id + from, groups[i], out + to);
		from += groups[i];
		to += 2 * groups[i];
	}
	out[to] = '\0';
}

void uuid5(const uint8_t space[UUID_LEN], const struct str *pieces, size_t count, char out[UUID_TEXT])
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	int good = c && EVP_DigestInit_ex(c, EVP_sha1(), NULL) && EVP_DigestUpdate(c, space, UUID_LEN);
	for (size_t i = 0; good && i < count; i++)
		if (pieces[i].n > 0)
			good = EVP_DigestUpdate(c, pieces[i].p, pieces[i].n);
	good = good && EVP_DigestFinal_ex(c, digest, NULL);
	EVP_MD_CTX_free(c);
	assert(good);
	digest[6] = (unsigned char)((digest[6] & 0x0f) | 0x50); /* version 5 */
	digest[8] = (unsigned char)((digest[8] & 0x3f) | 0x80); /* the variant */
	uuid_text(digest, out);
}
