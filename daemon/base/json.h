/*
 * json: writing JSON (RFC 8259) onto a buf, compact, one line. Sticky: check w->out->failed once.
 * Invalid UTF-8 becomes U+FFFD; U+2028/2029, controls and what overrides the direction of a text are escaped, so that a line stays a line
 * and shows nobody something else than it says.
 * (Reading is jansson's work.)
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "daemon/base/buf.h"
#include "daemon/base/str.h"

#include <stdint.h>

#define JSON_DEPTH_MAX 32

struct json {
	struct buf *out;
	int depth;
	bool comma[JSON_DEPTH_MAX]; /* a value was written at this depth */
};

void json_init(struct json *w, struct buf *out);

void json_open_object(struct json *w);
void json_close_object(struct json *w);
void json_open_array(struct json *w);
void json_close_array(struct json *w);

void json_key(struct json *w, const char *key); /* literal, needs no escaping */
void json_key_str(struct json *w, struct str key);

void json_str(struct json *w, struct str s);
void json_int(struct json *w, int64_t v);
void json_u64(struct json *w, uint64_t v);
void json_num(struct json *w, double v, int decimals); /* NaN and infinities become null */
void json_bool(struct json *w, bool v);
void json_none(struct json *w); /* null; jansson owns the other name */
void json_raw(struct json *w, struct str s); /* s is JSON already */

/* key + value; the _opt form writes nothing when s is absent or empty. */
void json_key_string(struct json *w, const char *key, struct str s);
void json_key_string_opt(struct json *w, const char *key, struct str s);
void json_key_int(struct json *w, const char *key, int64_t v);

#endif
