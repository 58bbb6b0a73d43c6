/* uuid: names that are the same wherever the same thing is named (RFC 9562, version 5). */
#ifndef BASE_UUID_H
#define BASE_UUID_H

#include "daemon/base/str.h"

#include <stdint.h>

#define UUID_LEN 16 /* bytes */
#define UUID_TEXT 37 /* with its NUL */

/* As it is written, in lower case. */
void uuid_text(const uint8_t id[UUID_LEN], char out[UUID_TEXT]);
/* Of the pieces joined, in a namespace. */
void uuid5(const uint8_t space[UUID_LEN], const struct str *pieces, size_t count, char out[UUID_TEXT]);

#endif
