/*
 * rhythm: how long until the next poll, and what decided it. A pure function of the configuration, the feed's past and what the publisher asked for:
 * the interval, fixed or learned (pace), stretched by failures, never sooner than the publisher wants, and never less than `interval_min`
 * after the answer.
 */
#ifndef PIPE_RHYTHM_H
#define PIPE_RHYTHM_H

#include "daemon/conf/conf.h"
#include "daemon/pipe/hints.h"
#include "daemon/pipe/pace.h"
#include "daemon/pipe/reaction.h"

#include <stdint.h>

#define RHYTHM_HURRY_POLLS 8 /* after a gap so many at an eighth of the interval, at a quarter, at a half */
#define RHYTHM_HURRY (3 * RHYTHM_HURRY_POLLS)

enum rhythm_why {
	RHYTHM_FIXED, /* the configured interval */
	RHYTHM_LEARNED,
	RHYTHM_WINDOW, /* learned, but items could come and go unseen if it were slower */
	RHYTHM_GAP, /* sooner, after one */
	RHYTHM_PAGES, /* the document was read in part */
	RHYTHM_BACK_OFF, /* it failed */
	RHYTHM_RETRY_AFTER, /* the server asked for a pause */
	RHYTHM_FRESH, /* the answer's max-age */
	RHYTHM_TTL, /* the document's */
	RHYTHM_SKIPPED, /* its hours or days */
	RHYTHM_PUSHED, /* a hub sends it: polling is the fallback */
	RHYTHM_WHYS
};
const char *rhythm_why_name(enum rhythm_why why);

struct rhythm {
	const struct conf_fetch *fetch;
	int64_t jitter_percent; /* of the interval, both ways together */
	enum reaction reaction;
	uint32_t failures; /* in a row, this one included */
	int64_t retry_after; /* ms, or -1 */
	int64_t fresh_for; /* ms; the answer's max-age */
	int64_t spent; /* ms since the request, from which the interval counts */
	int64_t now; /* wall ms */
	const struct hints *hints; /* the document's; NULL: none */
	const struct pace *pace; /* NULL: the interval is fixed */
	uint32_t window; /* items of the last document; 0: not known */
	uint64_t random;
	uint8_t hurry; /* polls that still come sooner, after a gap */
	bool soon; /* the document was read in part: as early as may be */
};

int64_t rhythm_delay(const struct rhythm *r, enum rhythm_why *why); /* ms */
/* For how long, in ms, its last document is good: by the answer's max-age, `fresh_for`, and by its own ttl. hints: NULL: none that count. */
int64_t rhythm_fresh(const struct conf_fetch *f, const struct hints *hints, int64_t fresh_for);
/* The slowest that the feed is asked while all is well and the publisher does not want less. */
int64_t rhythm_slowest(const struct conf_fetch *f);

#endif
