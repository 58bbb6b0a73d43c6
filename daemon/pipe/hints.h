/*
 * hints: what a document says about when it is worth asking for again: ttl or sy:updatePeriod, skipHours, skipDays (all GMT). Pure; a few bytes per feed.
 * A hint that can only be a mistake, such as all hours of the day, is none.
 */
#ifndef PIPE_HINTS_H
#define PIPE_HINTS_H

#include "daemon/base/buf.h"

#include <stdint.h>

struct hints {
	uint32_t ttl; /* seconds; 0: none */
	uint32_t skip_hours; /* bit h: hour h */
	uint8_t skip_days; /* bit d: 0 = Sunday */
};

/* As a worker tells them; ttl -1: none. */
struct hints hints_of(int64_t ttl_ms, uint32_t skip_hours, uint8_t skip_days);
/* Is there nothing to be expected at this time? */
bool hints_skip(const struct hints *h, int64_t at);
/* The first time from `at` on (wall ms) that is not skipped. Feeds that sleep until the same hour wake within `spread` ms of its beginning. */
int64_t hints_awake(const struct hints *h, int64_t at, int64_t spread, uint64_t random);

void hints_encode(const struct hints *h, struct buf *out);
void hints_decode(struct rd *r, struct hints *h);

#endif
