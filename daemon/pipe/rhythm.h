/* rhythm: how long until the next poll. A pure function of the configuration, the feed's past and what the publisher asked for. */
#ifndef PIPE_RHYTHM_H
#define PIPE_RHYTHM_H

#include "daemon/conf/conf.h"
#include "daemon/pipe/hints.h"
#include "daemon/pipe/reaction.h"

#include <stdint.h>

#define RHYTHM_HURRY_POLLS 8 /* after a gap so many at an eighth of the interval, at a quarter, at a half */
#define RHYTHM_HURRY (3 * RHYTHM_HURRY_POLLS)

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
	uint64_t random;
	uint8_t hurry; /* polls that still come sooner, after a gap */
	bool soon; /* the document was read in part: as early as may be */
};

int64_t rhythm_delay(const struct rhythm *r); /* ms */

#endif
