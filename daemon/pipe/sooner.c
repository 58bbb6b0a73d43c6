/* sooner: an operator has shortened an interval: what was planned with the old one need not be waited for to its end, unless the publisher wants that. */
#include "daemon/pipe/engine_priv.h"

#include "daemon/pipe/rhythm.h"

/* At some moment between that when the pause since the last answer is so long, or now, and a whole such pause from now: many feeds are hastened at once. */
static int64_t spread_since(struct engine *x, const struct feedstate *s, int64_t pause)
{
	int64_t left = roster_time_left(s, s->polled_at + pause, wall(x)), least = left > 0 ? left : 0;

	return least + (int64_t)(x->ports->random(x->ports->random_ctx) % (uint64_t)(pause - least + 1));
}

int64_t sooner_than_planned(struct engine *x, struct feed *f, const struct conf_fetch *old, int64_t left)
{
	int64_t slowest = rhythm_slowest(f->conf->fetch), then;

	if ((old && slowest >= rhythm_slowest(old)) || left <= slowest || f->state.failures ||
	    websub_is_alive(x, f))
		return left;
	then = hold_wish(x, f, spread_since(x, &f->state, slowest));
	if (then >= left)
		return left;
	f->state.due_at = wall(x) + then;
	return then;
}
