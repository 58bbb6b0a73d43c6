/* owe: what a durable item or event leads to: a delivery for each alert that asked for it, which waits for its turn, for others, or for a person. */
#include "daemon/pipe/delivery_priv.h"
#include "daemon/pipe/engine_priv.h"

#include "daemon/pipe/hours.h"
#include "daemon/pipe/rules.h"

void owe_place(const struct conf_alert *a, int64_t at, struct state_delivery *d)
{
	bool gathers = a && a->every;

	d->status = gathers ? DELIVERY_GATHERED : DELIVERY_PENDING;
	d->due_ms = gathers ? period_ends(a, at) : at;
}

bool owe_alert(struct engine *x, const struct owed *o, struct str alert, struct err *e)
{
	const struct conf_alert *a = rules_find(x->conf, alert);
	struct buf *key = &x->scratch;
	struct state_delivery d = {
		.alert = alert,
		.line = o->line,
		.seq = o->seq,
		.created_ms = o->at,
		.records = 1,
		.kind = DELIVERY_OF_RECORD,
	};

	buf_reset(key);
	buf_str(key, alert);
	buf_byte(key, ':');
	buf_str(key, o->event ? STR("event:") : STR(""));
	buf_str(key, o->key);
	if (key->failed)
		return err_nomem(e);
	d.key = buf_view(key);
	owe_place(a, o->at, &d);
	if (a && a->when == CONF_WHEN_CONFIRMED && !o->event) {
		d.status = DELIVERY_HELD;
		d.due_ms = o->at + a->confirm_for;
	}
	if (d.status == DELIVERY_GATHERED && d.due_ms < x->alerts.gather_at)
		x->alerts.gather_at = d.due_ms;
	return state_delivery_put(x->parts.state, &d, e);
}
