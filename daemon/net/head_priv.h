/*
 * head: the header lines of an answer as they arrive: bounded, and the few values that a poller needs kept as sent.
 * Knows neither libcurl nor what the values mean. Interim (1xx) answers are forgotten, trailers are not looked at.
 */
#ifndef NET_HEAD_PRIV_H
#define NET_HEAD_PRIV_H

#include "daemon/base/buf.h"
#include "daemon/base/err.h"
#include "daemon/base/str.h"

#include <stdint.h>

#define HEAD_BYTES_MAX (256u << 10) /* of all lines of one hop; 500 cookies of 200 bytes are 107 kB */
#define HEAD_LINES_MAX 2000u /* of one hop, interim answers included */
#define HEAD_VALUE_MAX 8192u /* bytes of one value that is kept; longer ones count as absent */
#define HEAD_TEXT_MAX                                                                                        \
	(384u << 10) /* bytes of kept values; joined ones are written again behind their first form */

enum head_name {
	HEAD_AGE,
	HEAD_CACHE_CONTROL,
	HEAD_CF_MITIGATED,
	HEAD_CONTENT_ENCODING,
	HEAD_CONTENT_LANGUAGE,
	HEAD_CONTENT_LENGTH,
	HEAD_CONTENT_LOCATION,
	HEAD_CONTENT_TYPE,
	HEAD_DATE,
	HEAD_ETAG,
	HEAD_EXPIRES,
	HEAD_LAST_MODIFIED,
	HEAD_LINK,
	HEAD_LOCATION,
	HEAD_RETRY_AFTER,
	HEAD_WAF_ACTION,
	HEAD_NAMES
};

struct head {
	struct buf text; /* the values, one after the other */
	struct head_value {
		uint32_t at, n;
		bool present, too_long; /* too long: it was not kept */
	} value[HEAD_NAMES];
	enum head_name last; /* the one that an obsolete fold would continue; HEAD_NAMES: none */
	uint32_t bytes, lines;
	bool complete; /* the final answer's head is whole: what follows are trailers */
	bool has_length;
	uint64_t length; /* of the body as transferred */
};

void head_init(struct head *h);
void head_fini(struct head *h);
void head_reset(struct head *h); /* before each hop */

/* One line with its line break; the empty line too. False: beyond a limit, or lengths that contradict each other. */
bool head_line(struct head *h, struct str line, struct err *e) MUST_CHECK;
/* After the empty line: an interim answer's values are dropped. */
void head_end(struct head *h, int status);

struct str head_get(
    const struct head *h, enum head_name name); /* a view until the next head_line; absent: {NULL, 0} */
bool head_is_too_long(const struct head *h, enum head_name name); /* absent for that reason alone */
/* The same when it can be sent back: no control characters, not longer than NET_VALIDATOR_MAX. */
struct str head_get_validator(const struct head *h, enum head_name name);
/* No control characters: it cannot break out of a request's line. */
bool head_is_sendable(struct str value);

#endif
