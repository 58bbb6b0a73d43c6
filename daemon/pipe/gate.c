/* gate: quiet hours and rates put deliveries off. What is put off keeps its place and its key; nothing is left out. */
#include "daemon/pipe/delivery_priv.h"
#include "daemon/pipe/engine_priv.h"

#include "daemon/pipe/hours.h"

/* When so few have begun in the last hour (or whatever the rate says) that one more may. */
static int64_t rate_opens(struct engine *x, const struct conf_alert *a, int64_t now)
{
	struct err e = { .kind = ERR_NONE };
	int64_t tried;

	if (a->rate.count == 0)
		return now;
	if (!state_delivery_tried(x->parts.state, str_from(a->name), now - a->rate.per, now,
	        (uint64_t)a->rate.count, &tried, &e))
		return now + STATE_RETRY_MS;
	return tried ? tried + a->rate.per : now;
}

struct putting_off {
	const struct conf_alert *alert;
	int64_t until;
	bool retries;
};

static alerts_change_f put_off;
static bool put_off(struct engine *x, void *ctx, struct err *e)
{
	const struct putting_off *p = ctx;

	return state_delivery_postpone(x->parts.state, str_from(p->alert->name), p->until, p->retries, e);
}

static bool was_shut(const struct alerts *a, struct str alert, bool first_try)
{
	for (unsigned i = 0; i < a->shut_count; i++)
		if (str_eq(a->shut[i].alert, alert) && (first_try || a->shut[i].retries))
			return true;
	return false;
}

static void note_shut(struct alerts *a, const struct putting_off *p)
{
	if (a->shut_count < SHUT_MAX)
		a->shut[a->shut_count++] =
		    (struct shut_gate){ .alert = str_from(p->alert->name), .retries = p->retries };
}

void gate_begin_turn(struct engine *x)
{
	x->alerts.shut_count = 0;
}

bool gate_is_open(struct engine *x, const struct conf_alert *a, bool first_try)
{
	int64_t now = wall(x);
	struct putting_off p = { .alert = a, .until = quiet_ends(a, now) };

	if (was_shut(&x->alerts, str_from(a->name), first_try))
		return false;
	p.retries = p.until > now;
	if (!p.retries && first_try)
		p.until = rate_opens(x, a, now);
	if (p.until <= now)
		return true;
	log_debug("alert-put-off", LOG_CSTR("alert", a->name), LOG_MS("until", p.until - now),
	    LOG_CSTR("by", p.retries ? "quiet" : "rate"));
	if (alerts_begin_by(x, put_off, &p))
		note_shut(&x->alerts, &p);
	else
		p.until = now + STATE_RETRY_MS;
	alerts_note_due(x, p.until);
	return false;
}
