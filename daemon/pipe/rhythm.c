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
	[REACT_AGAIN] = { 1, BACKOFF_MAX },
	[REACT_BACK_OFF] = { 1, BACKOFF_MAX },
	[REACT_HOLD_FEED] = { 1, BACKOFF_MAX },
	[REACT_HOLD_HOST] = { 1, BACKOFF_MAX },
	[REACT_GONE] = { 2, offsetof(struct conf_fetch, gone_max) },
	[REACT_BLOCKED] = { 1, BACKOFF_MAX },
	[REACT_STOP] = { SHIFT_MAX, BACKOFF_MAX },
};
_Static_assert(ARRAY_LEN(stretch) == REACTIONS, "a stretch for every reaction");

static int64_t smaller(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t base_interval(const struct rhythm *r)
{
	const struct conf_fetch *f = r->fetch;
	unsigned halvings = ((unsigned)r->hurry + RHYTHM_HURRY_POLLS - 1) / RHYTHM_HURRY_POLLS;
	int64_t usual = smaller(f->interval, f->interval_max) >> halvings;
	int64_t interval = r->soon ? f->interval_min : larger(f->interval_min, usual);

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

/* No sooner than the publisher wants it. */
static int64_t floor_of(const struct rhythm *r)
{
	int64_t floor = r->fresh_for;

	if (obeys_hints(r) && r->failures == 0)
		floor = larger(floor, (int64_t)r->hints->ttl * 1000);
	floor = smaller(floor, r->fetch->interval_max);
	return r->retry_after < 0 ? floor : larger(floor, smaller(r->retry_after, r->fetch->retry_after_max));
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

int64_t rhythm_delay(const struct rhythm *r)
{
	int64_t base = base_interval(r);
	int64_t delay = stretched(r, base);
	int64_t spread = delay / 100 * r->jitter_percent;
	int64_t shift = spread > 0 ? (int64_t)(r->random % (uint64_t)spread) : 0;
	int64_t floor = floor_of(r);

	delay = larger(0, delay - spread / 2 + shift - r->spent);
	return awake(r, delay < floor ? floor + shift / 4 : delay, base);
}
