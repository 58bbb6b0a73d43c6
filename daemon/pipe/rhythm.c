/* rhythm: a table of how each kind of answer stretches the interval. */
#include "daemon/pipe/rhythm.h"

#include <stddef.h>

#define SOON_MS 30000 /* ms; our own trouble is usually over by then */
#define BACKOFF_MAX offsetof(struct conf_fetch, backoff_max)
#define SHIFT_MAX 20 /* doublings; beyond it every cap is reached */

static const struct {
	unsigned doublings; /* per failure */
	size_t cap; /* member of struct conf_fetch that bounds the pause; 0: not stretched */
} stretch[] = {
	[REACT_READ] = { 0, 0 },
	[REACT_KEEP] = { 0, 0 },
	[REACT_LATER] = { 0, 0 },
	[REACT_AGAIN] = { 1, BACKOFF_MAX },
	[REACT_BACK_OFF] = { 1, BACKOFF_MAX },
	[REACT_HOLD_FEED] = { 1, BACKOFF_MAX },
	[REACT_HOLD_HOST] = { 1, BACKOFF_MAX },
	[REACT_GONE] = { 2, offsetof(struct conf_fetch, gone_max) },
	[REACT_BLOCKED] = { 1, BACKOFF_MAX },
	[REACT_STOP] = { SHIFT_MAX, BACKOFF_MAX },
};
_Static_assert(ARRAY_LEN(stretch) == REACTIONS, "a stretch for every reaction");

static const char *const why_names[] = {
	[RHYTHM_FIXED] = "fixed",
	[RHYTHM_LEARNED] = "learned",
	[RHYTHM_WINDOW] = "window",
	[RHYTHM_GAP] = "gap",
	[RHYTHM_PAGES] = "pages",
	[RHYTHM_BACK_OFF] = "back-off",
	[RHYTHM_RETRY_AFTER] = "retry-after",
	[RHYTHM_FRESH] = "max-age",
	[RHYTHM_TTL] = "ttl",
	[RHYTHM_SKIPPED] = "skip-hours",
	[RHYTHM_PUSHED] = "pushed",
};
_Static_assert(ARRAY_LEN(why_names) == RHYTHM_WHYS, "a name for every reason");

const char *rhythm_why_name(enum rhythm_why why)
{
	return why_names[why];
}

static int64_t smaller(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

int64_t rhythm_slowest(const struct conf_fetch *f)
{
	int64_t slowest = f->adaptive ? larger(f->interval, f->adaptive_max) : f->interval;

	return larger(f->interval_min, smaller(slowest, f->interval_max));
}

static int64_t usual(const struct rhythm *r, enum rhythm_why *why)
{
	const struct conf_fetch *f = r->fetch;
	struct pace_limits l = { f->interval, f->interval_min, rhythm_slowest(f), r->window };
	int64_t delay;

	*why = RHYTHM_FIXED;
	if (!f->adaptive || !r->pace)
		return smaller(f->interval, f->interval_max);
	delay = pace_delay(r->pace, &l, r->now);
	*why = delay < pace_safe(r->pace, &l) ? RHYTHM_LEARNED : RHYTHM_WINDOW;
	return delay;
}

static int64_t base_interval(const struct rhythm *r, enum rhythm_why *why)
{
	const struct conf_fetch *f = r->fetch;
	unsigned halvings = ((unsigned)r->hurry + RHYTHM_HURRY_POLLS - 1) / RHYTHM_HURRY_POLLS;
	int64_t interval = larger(f->interval_min, usual(r, why) >> halvings);

	if (halvings)
		*why = RHYTHM_GAP;
	if (r->soon) {
		*why = RHYTHM_PAGES;
		interval = f->interval_min;
	}
	return r->reaction == REACT_AGAIN ? smaller(interval, SOON_MS) : interval;
}

static int64_t stretched(const struct rhythm *r, int64_t base)
{
	const void *cap = (const char *)r->fetch + stretch[r->reaction].cap;
	uint64_t doublings = r->failures > 1 ? (uint64_t)(r->failures - 1) : 0;

	if (stretch[r->reaction].cap == 0)
		return base;
	if (r->reaction == REACT_STOP || r->reaction == REACT_GONE)
		doublings++; /* the first time already */
	doublings *= stretch[r->reaction].doublings;
	if (doublings > SHIFT_MAX)
		doublings = SHIFT_MAX;
	return larger(base, smaller(*(const int64_t *)cap, base << doublings));
}

static bool obeys_hints(const struct rhythm *r)
{
	return r->hints && r->fetch->obey_hints;
}

static int64_t ttl_of(const struct conf_fetch *f, const struct hints *hints)
{
	return hints && f->obey_hints ? (int64_t)hints->ttl * 1000 : 0;
}

int64_t rhythm_fresh(const struct conf_fetch *f, const struct hints *hints, int64_t fresh_for)
{
	return smaller(larger(fresh_for, ttl_of(f, hints)), f->interval_max);
}

/* No sooner than the publisher wants it. */
static int64_t floor_of(const struct rhythm *r, enum rhythm_why *why)
{
	const struct hints *hints = r->failures == 0 ? r->hints : NULL;
	int64_t floor = rhythm_fresh(r->fetch, hints, r->fresh_for);
	int64_t asked = smaller(r->retry_after, r->fetch->retry_after_max);

	*why = asked > floor                            ? RHYTHM_RETRY_AFTER
	       : ttl_of(r->fetch, hints) > r->fresh_for ? RHYTHM_TTL
	                                                : RHYTHM_FRESH;
	return larger(floor, asked);
}

/* The rest of a document that was read in part is no new one. */
static int64_t awake(const struct rhythm *r, int64_t delay, int64_t base)
{
	int64_t then;

	if (!obeys_hints(r) || r->soon)
		return delay;
	then = hints_awake(r->hints, r->now + delay, base, r->random) - r->now;
	return larger(delay, smaller(then, r->fetch->interval_max));
}

/* Until a redirect is followed. What its answer and the last document say of the feed's rhythm is not about this pause. */
static int64_t until_followed(const struct rhythm *r)
{
	return larger(r->fetch->interval_min, smaller(r->retry_after, r->fetch->retry_after_max));
}

int64_t rhythm_delay(const struct rhythm *r, enum rhythm_why *why)
{
	enum rhythm_why floor_why;
	int64_t base = base_interval(r, why);
	int64_t floor = floor_of(r, &floor_why);
	int64_t delay = stretched(r, base);
	int64_t spread = delay / 100 * r->jitter_percent;
	int64_t shift = spread > 0 ? (int64_t)(r->random % (uint64_t)spread) : 0;
	int64_t then;

	if (r->reaction == REACT_LATER) {
		*why = RHYTHM_RETRY_AFTER;
		return until_followed(r);
	}
	if (stretch[r->reaction].cap)
		*why = RHYTHM_BACK_OFF;
	delay = larger(0, delay - spread / 2 + shift);
	/* Counted from question to question; but a server that is slow gets half of it for itself after its answer. */
	delay -= smaller(r->spent, delay / 2);
	/* What makes it shorter, this and jitter too, ends where the operator's bound begins: the server has so long to itself. */
	if (delay < r->fetch->interval_min)
		delay = r->fetch->interval_min + shift / 4;
	if (delay < floor) {
		*why = floor_why;
		delay = floor + shift / 4;
	}
	then = awake(r, delay, base);
	if (then > delay)
		*why = RHYTHM_SKIPPED;
	return then;
}
