/*
 * hasten: times at which deliveries are due were made by the wall clock, which may be set back by hours, in this life or between two. No row then
 * waits until the clock is where it was: it waits for no longer than its own pause, period or term, counted from now.
 */
#include "daemon/pipe/delivery_priv.h"
#include "daemon/pipe/engine_priv.h"

#include "daemon/pipe/hours.h"
#include "daemon/pipe/rules.h"

#define NAMES_MAX (1u << 20) /* bytes: names of alerts */

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

struct strangers {
	const struct engine *x;
	struct arena *names;
	struct stranger { /* an alert that is not in the configuration */
		struct stranger *next;
		struct str alert;
	} * first;
};

static state_alert_f on_alert;
static bool on_alert(void *ctx, struct str alert)
{
	struct strangers *s = ctx;
	struct stranger *one;

	if (rules_find(s->x->conf, alert))
		return true;
	one = arena_alloc(s->names, sizeof(*one));
	if (!one)
		return false;
	*one = (struct stranger){ s->first, arena_str(s->names, alert) };
	s->first = one;
	return true;
}

/* Nothing says for how long these should wait: their end is due. */
static bool hasten_strangers(struct engine *x, enum state_delivery_status status, int64_t now, struct err *e)
{
	struct strangers s = { .x = x, .names = arena_new(NAMES_MAX) };
	bool ok = s.names || err_nomem(e);

	ok = ok && state_delivery_alerts(x->parts.state, status, on_alert, &s, e) &&
	     (!arena_failed(s.names) || err_nomem(e));
	for (const struct stranger *one = s.first; ok && one; one = one->next) {
		const struct state_hastened h = {
			.status = status,
			.alert = one->alert,
			.attempts_to = UINT32_MAX,
			.due_ms = now,
		};

		ok = state_delivery_hasten(x->parts.state, &h, e);
	}
	arena_free(&s.names);
	return ok;
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
	return hasten_strangers(x, DELIVERY_PENDING, now, e) && hasten_strangers(x, DELIVERY_HELD, now, e) &&
	       state_delivery_began_by(x->parts.state, now, e);
}
