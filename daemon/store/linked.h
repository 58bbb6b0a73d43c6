/* linked: a line that ends with the chain of its ledger: `…,"chain":"64 hex digits"}`; SHA-256 over the chain of the line before it (zeros
 * before the first) and the line's bytes up to that member. */
#ifndef STORE_LINKED_H
#define STORE_LINKED_H

#include "daemon/base/hash.h"

/* body: what was hashed; hex: the chain that the line states. False: it does not end so. */
bool linked_split(struct str line, struct str *body, struct str *hex);
bool linked_fits(const char before[SHA256_HEX], struct str body, struct str hex);

#endif
