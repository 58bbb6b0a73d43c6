/*
 * json_scan: single members of one line of our JSON, without making a tree of all of it. It is as strict as a parser, and stricter: it says yes only to
 * what jansson reads too, and means the same by it. What is valid but not of the form that our writer gives it (white space, escapes in
 * names, exponents, surrogates) is left to jansson, as is what is damaged.
 */
#ifndef BASE_JSON_SCAN_H
#define BASE_JSON_SCAN_H

#include "daemon/base/buf.h"
#include "daemon/base/str.h"

#define JSON_SCAN_DEPTH_MAX 32 /* as the writer */

struct json_member {
	const char *name;
	struct str value; /* as it stands in the line, a view; absent: there is none of this name */
};

/* Goes over the whole line and fills in the values of those that are wanted, of the outermost object. False: ask a parser. */
bool json_scan(struct str line, struct json_member *wanted, size_t count);

/* The text of such a value: a view into it, or into `scratch` when there are escapes in it. False: it is no string, or there was no memory
 * (scratch->failed). */
bool json_scan_text(struct str value, struct buf *scratch, struct str *out);

#endif
