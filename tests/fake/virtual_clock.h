/* virtual_clock: time that only moves when a test says so. */
#ifndef FAKE_VIRTUAL_CLOCK_H
#define FAKE_VIRTUAL_CLOCK_H

#include "daemon/base/clock.h"

#define VIRTUAL_WALL_START INT64_C(1764000000000) /* ms: a November morning of 2025 */

struct virtual_clock {
	struct clock clock; /* first: the functions get its address */
	int64_t mono, wall;
};

void virtual_clock_init(struct virtual_clock *v);
void virtual_clock_advance(struct virtual_clock *v, int64_t ms);

#endif
