/* clock: the system's clocks behind the seam. The one home of clock_gettime. */
#include "daemon/base/clock.h"

#include <time.h>

static int64_t read_ms(clockid_t id)
{
	struct timespec t = { 0, 0 };
	/* Fails only for a clock that does not exist; the three used here always do. */
	(void)clock_gettime(id, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int64_t system_mono(const struct clock *c)
{
	(void)c;
	return read_ms(CLOCK_MONOTONIC);
}

static int64_t system_wall(const struct clock *c)
{
	(void)c;
	return read_ms(CLOCK_REALTIME);
}

const struct clock clock_system = { system_mono, system_wall };

int64_t clock_cpu_ms(void)
{
	return read_ms(CLOCK_PROCESS_CPUTIME_ID);
}
