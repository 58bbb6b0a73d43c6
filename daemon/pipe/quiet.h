/*
 * quiet: how long a feed is usually without news, learned from its own past, so that one that fell silent is noticed. Pure; a few numbers per feed.
 *
 * Only time in which the feed was asked and answered counts: what a stopped daemon, a failing feed or a clock that jumped makes of the wall clock is
 * no silence. The measure is the second longest pause of the last three to six months: nights, weekends and the publisher's own rhythm are in it,
 * one freak is not. Before three months it is the longest: too few of the long ones have been seen.
 */
#ifndef PIPE_QUIET_H
#define PIPE_QUIET_H

#include "daemon/base/buf.h"

#include <stdint.h>

#define QUIET_ARRIVALS_MIN 8 /* of news, before anything is said of silence */
#define QUIET_WATCHED_MIN_MS (21 * 86400000LL) /* ms; whatever day it began, two whole weekends are in it */
#define QUIET_FLOOR_MS 86400000LL /* ms; less is never called silence */
#define QUIET_PERIOD_MS (90 * 86400000LL) /* ms; pauses of this period and of the one before count */

struct quiet {
	int64_t news_at; /* wall ms of the newest news; 0: none yet */
	int64_t silence; /* ms watched since, or since the first poll */
	int64_t watched; /* ms in all */
	int64_t period_from; /* `watched` when the period began */
	uint32_t arrivals;
	uint32_t longest[2][2]; /* seconds; [this period, the one before][longest, second longest] */
};

/* So much time went by since the feed last answered well, `planned` of it on purpose; it has answered again. */
void quiet_watch(struct quiet *q, int64_t elapsed, int64_t planned);
void quiet_news(struct quiet *q, int64_t at);
/* Milliseconds without news that are usual; 0: not enough is known. */
int64_t quiet_usual(const struct quiet *q);
/* Quiet for longer than `factor` times what is usual? 0: never. */
bool quiet_is_silent(const struct quiet *q, int64_t factor);

void quiet_encode(const struct quiet *q, struct buf *out);
void quiet_decode(struct rd *r, struct quiet *q);

#endif
