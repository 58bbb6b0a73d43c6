/*
 * tally: what watching costs and what it is worth: requests, and how long news were there before they were seen. Of one feed since its first poll, and
 * of all since the start. An item's delay counts from the publisher's date when that lies between the two polls; else it is taken for half of the time between.
 */
#ifndef PIPE_TALLY_H
#define PIPE_TALLY_H

#include "daemon/base/buf.h"

#include <stdint.h>

struct tally {
	uint32_t requests, news;
	uint64_t delay; /* ms, of all news together */
};

#define DELAYS_STEPS 56 /* quarters of a doubling: 1 s to 4.5 h */

struct delays { /* a distribution */
	uint64_t at[DELAYS_STEPS];
};

/* An item dated `published` (seconds; 0: not) that came between two polls (wall ms). */
int64_t tally_delay(int64_t published, int64_t from, int64_t to);
void tally_news(struct tally *t, int64_t delay);
int64_t tally_mean(const struct tally *t); /* ms; 0: no news yet */

void delays_add(struct delays *d, int64_t delay);
/* What so many of a hundred are below, to a fifth; 0: there are none. */
int64_t delays_percentile(const struct delays *d, unsigned percent);

void tally_encode(const struct tally *t, struct buf *out);
void tally_decode(struct rd *r, struct tally *t);

#endif
