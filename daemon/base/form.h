/* form: application/x-www-form-urlencoded: queries of addresses and bodies of requests. */
#ifndef BASE_FORM_H
#define BASE_FORM_H

#include "daemon/base/buf.h"
#include "daemon/base/str.h"

/* Appends it percent-encoded (RFC 3986, section 2.1): also a part of a path. */
void form_encode(struct str value, struct buf *out);
/* Appends "name=value", with '&' before it when there is something in `out`. */
void form_add(struct buf *out, const char *name, struct str value);
/* Appends the decoded value of the first field of this name. False: there is none. */
bool form_get(struct str form, const char *name, struct buf *out);

#endif
