/*
 * pace: how often a feed is worth asking, learned from its own past: at which hours and on which days it brings news, and how much. Pure; 84 bytes a feed.
 *
 * The interval follows the square root of the news that are to be expected at that hour: of all ways to spend the same number of requests it has the
 * smallest mean delay. `interval` is for one piece of news an hour; with four it is half of that, with a quarter twice (tests/bench/bench_rhythm.c).
 * Only time in which the feed was asked and answered counts, so neither a stopped daemon nor a clock that jumps teaches anything. What was learned
 * fades within a month or two. Hours and days are GMT: summer time shifts them by one, which neighbours share anyway.
 */
#ifndef PIPE_PACE_H
#define PIPE_PACE_H

#include "daemon/base/buf.h"

#include <stdint.h>

#define PACE_HOURS 24
#define PACE_DAYS 7
#define PACE_ENCODED (5 * 4 + (PACE_HOURS + PACE_DAYS) * 2) /* bytes */

struct pace {
	float news; /* that came in `watched`; both fade */
	float watched; /* hours */
	float burst; /* news of about the last hour */
	float most; /* the largest burst, fading */
	float shaped; /* hours watched since the shapes faded */
	uint16_t hours[PACE_HOURS], days[PACE_DAYS]; /* when it came: sixteenths of a piece; day 0: Sunday */
};

struct pace_limits {
	int64_t interval, least, most; /* ms */
	uint32_t window; /* items that the document lists; 0: not known */
};

/* So much time went by since the feed last answered well, `planned` of it on purpose; it has answered again. */
void pace_watch(struct pace *p, int64_t elapsed, int64_t planned);
/* New items that came between two polls (wall ms), with the dates that the publisher gave them (seconds; 0: none). */
void pace_news(struct pace *p, const int64_t *published, size_t count, int64_t from, int64_t to);
/* What the first document of a feed tells by its dates of the time before it. */
void pace_history(struct pace *p, const int64_t *published, size_t count, int64_t now);

/* From now until it is worth asking again. */
int64_t pace_delay(const struct pace *p, const struct pace_limits *l, int64_t now);
/* No slower than this, or items could come and go unseen: at the largest burst half of the window stays known. INT64_MAX: no bound. */
int64_t pace_safe(const struct pace *p, const struct pace_limits *l);
int64_t pace_weekly(const struct pace *p); /* news, rounded; several at once count little more than one */
double pace_expected(const struct pace *p, int64_t at); /* news an hour at this time */
/* 0 to 9 for each hour of the day, or day of the week, as text: the share of the largest. */
void pace_shape(const uint16_t *of, size_t count, char *text);

void pace_encode(const struct pace *p, struct buf *out);
void pace_decode(struct rd *r, struct pace *p);

#endif
