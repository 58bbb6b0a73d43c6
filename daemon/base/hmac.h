/* hmac: keyed digests (RFC 2104), to be compared with what a stranger sent. */
#ifndef BASE_HMAC_H
#define BASE_HMAC_H

#include "daemon/base/str.h"

#include <stdint.h>

enum hmac_digest { HMAC_SHA1, HMAC_SHA256, HMAC_SHA384, HMAC_SHA512, HMAC_DIGESTS };
#define HMAC_HEX_MAX 128 /* hex digits of the longest */

/* By the name that protocols use: "sha256". False: none of these. */
bool hmac_digest_named(struct str name, enum hmac_digest *out);
/* Is this, in hex digits of either case, the digest of the message? Takes as long for a wrong one as for the right one. */
bool hmac_matches(enum hmac_digest digest, struct str key, struct str message, struct str hex);

#endif
