/* sign: Ed25519 by libcrypto. */
#include "daemon/base/sign.h"

#include "daemon/base/buf.h"
#include "daemon/base/hash.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdlib.h>

#define PEM_MAX (16u << 10) /* bytes of a key file */
#define PUBLIC_LEN 32

struct sign_key {
	EVP_PKEY *key;
	char id[SIGN_ID_HEX];
};

static EVP_PKEY *decode(struct str pem, bool is_private)
{
	BIO *in = BIO_new_mem_buf(pem.p, (int)pem.n);
	EVP_PKEY *key = NULL;

	if (in && is_private)
		key = PEM_read_bio_PrivateKey(in, NULL, NULL, "");
	else if (in)
		key = PEM_read_bio_PUBKEY(in, NULL, NULL, NULL);
	BIO_free(in);
	if (key && EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519)
		return key;
	EVP_PKEY_free(key);
	return NULL;
}

static bool identify(struct sign_key *k)
{
	uint8_t raw[PUBLIC_LEN], digest[SHA256_LEN];
	size_t n = sizeof(raw);

	if (EVP_PKEY_get_raw_public_key(k->key, raw, &n) != 1 || n != sizeof(raw))
		return false;
	sha256(&(struct str){ (const char *)raw, sizeof(raw) }, 1, digest);
	hex_encode(digest, SIGN_ID_HEX / 2, k->id);
	return true;
}

bool sign_key_load(
    const struct fs *fs, const char *path, bool is_private, struct sign_key **out, struct err *e)
{
	struct sign_key *k = *out = NULL;
	struct buf text;

	if (!fs_read_file(fs, path, PEM_MAX, &text, e))
		return false;
	k = calloc(1, sizeof(*k));
	if (k)
		k->key = decode(buf_view(&text), is_private);
	explicit_bzero(text.p, text.n);
	buf_fini(&text);
	if (!k)
		return err_nomem(e);
	if (!k->key || !identify(k)) {
		sign_key_free(&k);
		return err_set(e, ERR_CONFIG, 0, "%s: no %s Ed25519 key in PEM form", path,
		    is_private ? "private" : "public");
	}
	*out = k;
	return true;
}

void sign_key_free(struct sign_key **k)
{
	if (!*k)
		return;
	EVP_PKEY_free((*k)->key);
	free(*k);
	*k = NULL;
}

const char *sign_key_id(const struct sign_key *k)
{
	return k->id;
}

bool sign_make(const struct sign_key *k, struct str message, uint8_t out[SIGN_LEN], struct err *e)
{
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	size_t n = SIGN_LEN;
	bool good = c && EVP_DigestSignInit(c, NULL, NULL, NULL, k->key) == 1 &&
	            EVP_DigestSign(c, out, &n, (const uint8_t *)message.p, message.n) == 1 && n == SIGN_LEN;

	EVP_MD_CTX_free(c);
	return good || err_set(e, ERR_NOMEM, 0, "signing failed");
}

bool sign_fits(const struct sign_key *k, struct str message, const uint8_t signature[SIGN_LEN])
{
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	bool good = c && EVP_DigestVerifyInit(c, NULL, NULL, NULL, k->key) == 1 &&
	            EVP_DigestVerify(c, signature, SIGN_LEN, (const uint8_t *)message.p, message.n) == 1;

	EVP_MD_CTX_free(c);
	return good;
}
