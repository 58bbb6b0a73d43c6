/* retry_after: the header that says when to come again, in both its forms (RFC 9110 section 10.2.3). Pure. */
#ifndef BASE_RETRY_AFTER_H
#define BASE_RETRY_AFTER_H

#include "daemon/base/str.h"

#include <stdbool.h>
#include <stdint.h>

/* Digits only; what does not fit is as long as can be. */
bool delay_seconds_ms(struct str text, int64_t *ms);
/* Milliseconds from now, >= 0; -1: absent or unreadable. */
int64_t retry_after_ms(struct str value, int64_t now_ms);

#endif
