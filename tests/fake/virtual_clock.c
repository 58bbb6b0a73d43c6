/* virtual_clock: two numbers. */
#include "tests/fake/virtual_clock.h"

static int64_t mono_ms(const struct clock *c)
{
	return ((const struct virtual_clock *)(const void *)c)->mono;
}

static int64_t wall_ms(const struct clock *c)
{
	return ((const struct virtual_clock *)(const void *)c)->wall;
}

void virtual_clock_init(struct virtual_clock *v)
{
	*v = (struct virtual_clock){ { mono_ms, wall_ms }, 1000, VIRTUAL_WALL_START };
}

void virtual_clock_advance(struct virtual_clock *v, int64_t ms)
{
	v->mono += ms;
	v->wall += ms;
}
