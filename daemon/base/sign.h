/* sign: Ed25519 signatures, by libcrypto. Keys come from PEM files as `openssl genpkey -algorithm ed25519` writes them. */
#ifndef BASE_SIGN_H
#define BASE_SIGN_H

#include "daemon/base/fs.h"
#include "daemon/base/str.h"

#include <stdint.h>

#define SIGN_LEN 64 /* bytes of a signature */
#define SIGN_ID_HEX 16 /* digits: the beginning of SHA-256 over the public key's 32 bytes */

struct sign_key;

/* A private key can also check. ERR_CONFIG: no such key in the file. */
bool sign_key_load(
    const struct fs *fs, const char *path, bool is_private, struct sign_key **out, struct err *e) MUST_CHECK;
void sign_key_free(struct sign_key **k);

const char *sign_key_id(const struct sign_key *k); /* SIGN_ID_HEX digits, no NUL */
bool sign_make(const struct sign_key *k, struct str message, uint8_t out[SIGN_LEN], struct err *e) MUST_CHECK;
bool sign_fits(const struct sign_key *k, struct str message, const uint8_t signature[SIGN_LEN]);

#endif
