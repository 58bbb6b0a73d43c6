/*
 * clock: the only place that asks the system for the time. A seam: tests pass a virtual clock.
 * Monotonic milliseconds for waiting, wall milliseconds (Unix epoch, UTC) for records.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

struct clock {
	int64_t (*mono_ms)(const struct clock *);
	int64_t (*wall_ms)(const struct clock *);
};

extern const struct clock clock_system;

static inline int64_t clock_mono(const struct clock *c)
{
	return c->mono_ms(c);
}

static inline int64_t clock_wall(const struct clock *c)
{
	return c->wall_ms(c);
}

/* CPU time of this process in milliseconds: the budget of parsers. */
int64_t clock_cpu_ms(void);

#endif
