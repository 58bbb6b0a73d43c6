/*
 * hasten: times at which deliveries are due were made by the wall clock, which may be set back by hours, in this life or between two. No row then
 * waits until the clock is where it was: it waits for no longer than its own pause, period or term, counted from now.
 */
#include "daemon/pipe/delivery_priv.h"
#include "daemon/pipe/engine_priv.h"

#include "daemon/pipe/hours.h"
#include "daemon/pipe/rules.h"

#define NAMES_MAX (1u << 20) /* bytes: names of alerts */

static bool hasten_retries(struct engine *x, const struct conf_alert *a, int64_t now, struct err *e)
{
	const struct state_hastened h = {
		.status = DELIVERY_PENDING,
		.alert = str_from(a->name),
		.attempts_from = 1, /* what was not begun waits for a gate, and is recalled */
		.now_ms = now,
		.pause_ms = a->retry_min,
		.pause_max_ms = a->retry_max,
		.doublings_max = DELIVERY_DOUBLINGS_MAX,
	};

	return state_delivery_hasten(x->parts.state, &h, e);
}

/* All of one status by the same time. */
static bool hasten_to(struct engine *x, enum state_delivery_status status, struct str alert, int64_t now,
    int64_t pause, struct err *e)
{
	const struct state_hastened h = {
		.status = status,
		.alert = alert,
		.now_ms = now,
		.pause_ms = pause,
		.pause_max_ms = pause,
	};

	return state_delivery_hasten(x->parts.state, &h, e);
}

static bool hasten_alert(struct engine *x, const struct conf_alert *a, int64_t now, struct err *e)
{
	struct str name = str_from(a->name);
	int64_t together = a->every ? period_ends(a, now) - now : a->burst.per;

	return hasten_retries(x, a, now, e) && hasten_to(x, DELIVERY_GATHERED, name, now, together, e) &&
	       hasten_to(x, DELIVERY_HELD, name, now, a->confirm_for, e) &&
	       state_delivery_began_by(x->parts.state, name, now, e);
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
	for (const struct stranger *one = s.first; ok && one; one = one->next)
		ok = hasten_to(x, status, one->alert, now, 0, e);
	arena_free(&s.names);
	return ok;
}

bool hasten_all(struct engine *x, struct err *e)
{
	int64_t now = wall(x);

	for (size_t i = 0; i < x->conf->alert_count; i++)
		if (!hasten_alert(x, &x->conf->alerts[i], now, e))
			return false;
	return hasten_strangers(x, DELIVERY_PENDING, now, e) && hasten_strangers(x, DELIVERY_HELD, now, e);
}
