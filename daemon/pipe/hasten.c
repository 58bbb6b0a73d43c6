/*
 * hasten: times at which deliveries are due were made by the wall clock, which may be set back by hours, in this life or between two. No row then
 * waits until the clock is where it was: it waits for no longer than its own pause, period or term, counted from now.
 */
#include "daemon/pipe/delivery_priv.h"
#include "daemon/pipe/engine_priv.h"

#include "daemon/pipe/hours.h"

/* After one attempt, after two, and so on; what was tried more often waits as long as after the last. */
static bool hasten_retries(struct engine *x, const struct conf_alert *a, int64_t now, struct err *e)
{
	struct state_hastened h = { .status = DELIVERY_PENDING, .alert = str_from(a->name) };

	for (uint32_t i = 1; i <= DELIVERY_DOUBLINGS_MAX + 1; i++) {
		h.due_ms = now + delivery_step(a, i);
		h.attempts_from = i;
		h.attempts_to = i <= DELIVERY_DOUBLINGS_MAX ? i : UINT32_MAX;
		if (!state_delivery_hasten(x->parts.state, &h, e))
			return false;
	}
	return true;
}

static bool hasten_gathered(struct engine *x, const struct conf_alert *a, int64_t now, struct err *e)
{
	const struct state_hastened h = {
		.status = DELIVERY_GATHERED,
		.alert = str_from(a->name),
		.attempts_to = UINT32_MAX,
		.due_ms = a->every ? period_ends(a, now) : now + a->burst.per,
	};

	return state_delivery_hasten(x->parts.state, &h, e);
}

static bool hasten_held(struct engine *x, const struct conf_alert *a, int64_t now, struct err *e)
{
	const struct state_hastened h = {
		.status = DELIVERY_HELD,
		.alert = str_from(a->name),
		.attempts_to = UINT32_MAX,
		.due_ms = now + a->confirm_for,
	};

	return state_delivery_hasten(x->parts.state, &h, e);
}

bool hasten_all(struct engine *x, struct err *e)
{
	int64_t now = wall(x);

	for (size_t i = 0; i < x->conf->alert_count; i++) {
		const struct conf_alert *a = &x->conf->alerts[i];

		if (!hasten_retries(x, a, now, e) || !hasten_gathered(x, a, now, e) ||
		    !hasten_held(x, a, now, e))
			return false;
	}
	return state_delivery_began_by(x->parts.state, now, e);
}
