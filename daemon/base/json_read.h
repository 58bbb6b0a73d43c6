/*
 * json_read: jansson's reader, for what must be whole: where it is refused memory it may hand over less than was there as if it were all (a string
 * without one of its bytes), or speak of an invalid token. Any thread.
 */
#ifndef BASE_JSON_READ_H
#define BASE_JSON_READ_H

#include "daemon/base/attr.h"
#include "daemon/base/str.h"

#include <jansson.h>

/* To be called once before there are threads: then none is within jansson when its memory becomes ours. */
void json_read_init(void);
/* `flags` and `why` (or NULL) are json_loadb's. NULL: it is no JSON; or, when *nomem, it may be. */
json_t *json_read(struct str text, size_t flags, json_error_t *why, bool *nomem) MUST_CHECK;

#endif
