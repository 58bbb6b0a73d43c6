/*
 * alerts: deliveries that are owed, each run until it is done or given up. What is owed is in the state; here are only those that run. This file
 * says whose turn it is; delivery_priv.h names the other chapters.
 */
#include "daemon/pipe/alerts_priv.h"
#include "daemon/pipe/delivery_priv.h"
#include "daemon/pipe/engine_priv.h"

#include "daemon/pipe/rules.h"

#define CLOCK_SLACK_MS                                                                                       \
	5000 /* ms; so far back a clock goes without a word: what is due waits so much longer */
#define BEHIND_LOOK_MS 1000 /* ms; what else is due while some wait for their stream */
#define GIVE_UP_MS 30000 /* ms for which the state takes nothing, until a round ends without it */
#define START_MAX 64u /* deliveries begun in one turn */

void alerts_note_due(struct engine *x, int64_t due)
{
	if (due < x->alerts.next_due)
		x->alerts.next_due = due;
}

void alerts_note_recovery(struct engine *x)
{
	uint32_t i = 0;

	if (!x->alerts.failing || delivery_in_phase(x, &i, DELIVERY_SETTLING))
		return;
	if (x->alerts.failing_said)
		log_info("state-recovered", LOG_CSTR("effect", "alerts go on"));
	x->alerts.failing = x->alerts.failing_said = false;
}

bool alerts_change(struct engine *x, alerts_change_f *change, void *ctx)
{
	struct state *s = x->parts.state;
	struct err e = { .kind = ERR_NONE };

	if (state_begin(s, &e) && change(x, ctx, &e) && state_commit(s, state_applied_lsn(s), &e)) {
		alerts_note_recovery(x);
		return true;
	}
	state_rollback(s);
	if (!x->alerts.failing)
		x->alerts.failing_since = mono(x);
	x->alerts.failing = true;
	if (!x->alerts.failing_said && house_trouble(x)[0] == 0) {
		log_error("state-failed", LOG_CSTR("error", e.text));
		x->alerts.failing_said = true;
	}
	return false;
}

bool alerts_begin_by(struct engine *x, alerts_change_f *change, void *ctx)
{
	if (alerts_change(x, change, ctx))
		return true;
	x->alerts.retry_at = mono(x) + STATE_RETRY_MS;
	return false;
}

/* What is due stays so while the state cannot be changed: it is not looked at again and again. */
static bool is_paused(const struct engine *x)
{
	return x->draining || x->house.state_lags || mono(x) < x->alerts.retry_at;
}

struct due {
	struct engine *x;
	struct delivery **at;
	unsigned count, max;
};

static bool is_here(const struct engine *x, struct str key)
{
	struct delivery *d;

	for (uint32_t i = 0; (d = slots_each(&x->alerts.slots, &i));)
		if (str_eq(d->row.key, key))
			return true;
	return false;
}

static state_delivery_f on_due;
static bool on_due(void *ctx, const struct state_delivery *row)
{
	struct due *due = ctx;

	if (is_here(due->x, row->key))
		return true;
	due->at[due->count] = delivery_new(due->x, row);
	if (due->at[due->count])
		due->count++;
	return due->count < due->max;
}

/* How many are here and still due in the state: they would only be met again. */
static unsigned waiting_here(const struct engine *x)
{
	struct delivery *d;
	unsigned n = 0;

	for (uint32_t i = 0; (d = slots_each(&x->alerts.slots, &i));)
		n += d->phase != DELIVERY_RUNNING;
	return n;
}

/* When to look again. A row that is due and was not begun is here already (it waits for its letter or its stream): no reason to look at once. */
static void note_next(struct engine *x, bool more, bool begun)
{
	struct err e = { .kind = ERR_NONE };
	int64_t now = wall(x), next = INT64_MAX, held = INT64_MAX;

	if (!state_delivery_next_due(x->parts.state, DELIVERY_PENDING, &next, &e) ||
	    !state_delivery_next_due(x->parts.state, DELIVERY_HELD, &held, &e))
		next = now + STATE_RETRY_MS;
	if (held < next)
		next = held;
	if (more)
		next = now;
	else if (!begun && next <= now)
		next = now + (x->alerts.behind ? BEHIND_LOOK_MS : STATE_RETRY_MS);
	alerts_note_due(x, next);
}

/* Nobody came to look: a letter says so. */
static unsigned end_held(struct engine *x)
{
	struct delivery *ended[START_MAX];
	struct due due = { x, ended, 0, START_MAX };
	struct err e = { .kind = ERR_NONE };

	if (!state_delivery_due(
	        x->parts.state, DELIVERY_HELD, wall(x), due.max + waiting_here(x), on_due, &due, &e))
		alerts_note_due(x, wall(x) + STATE_RETRY_MS);
	for (unsigned i = 0; i < due.count; i++)
		delivery_give_up(x, ended[i],
		    rules_find(x->conf, ended[i]->row.alert) ? "nobody confirmed or rejected it in time"
		                                             : delivery_gone);
	return due.count;
}

static void start_due(struct engine *x, unsigned most)
{
	struct delivery *begun[START_MAX];
	struct due due = { x, begun, 0, most < START_MAX ? most : START_MAX };
	struct err e = { .kind = ERR_NONE };
	int64_t now = wall(x);
	unsigned ended;

	x->alerts.next_due = INT64_MAX;
	gate_begin_turn(x);
	ended = end_held(x);
	if (!state_delivery_due(
	        x->parts.state, DELIVERY_PENDING, now, due.max + waiting_here(x), on_due, &due, &e))
		alerts_note_due(x, now + STATE_RETRY_MS);
	for (unsigned i = 0; i < due.count; i++)
		delivery_begin(x, begun[i]);
	note_next(x, due.count == due.max || ended == START_MAX, due.count + ended != 0);
}

/* Rules, or the clock, may have changed since these rows were made. */
static alerts_change_f recall;
static bool recall(struct engine *x, void *ctx, struct err *e)
{
	(void)ctx;
	return state_delivery_recall(x->parts.state, wall(x), e) && hasten_all(x, e);
}

static bool recall_all(struct engine *x)
{
	x->alerts.next_due = x->alerts.gather_at = INT64_MIN;
	delivery_forget_behind(x, NULL);
	return alerts_begin_by(x, recall, NULL);
}

void alerts_reload(struct engine *x)
{
	(void)recall_all(x); /* without it they go when it was said before */
}

/* What waits counts from now when the clock went back; a state that could not take that is asked again at the next look. */
static void watch_clock(struct engine *x)
{
	int64_t now = wall(x);

	if (now >= x->alerts.looked_at - CLOCK_SLACK_MS || recall_all(x))
		x->alerts.looked_at = now;
}

/* How many more may be begun. While the journal takes no letters, no more than that are read into memory. */
static unsigned places(const struct engine *x)
{
	unsigned most = (unsigned)x->conf->hooks.concurrency, taken = x->alerts.running + x->alerts.behind;

	return taken < most && x->alerts.dying < DYING_MAX ? most - taken : 0;
}

void alerts_tick(struct engine *x)
{
	struct delivery *d;
	bool settle = x->alerts.settle_at <= mono(x);

	for (uint32_t i = 0; settle && (d = delivery_in_phase(x, &i, DELIVERY_SETTLING));)
		delivery_settle(x, d);
	if (is_paused(x))
		return;
	watch_clock(x);
	if (x->alerts.gather_at <= wall(x))
		gather_tick(x);
	if (x->alerts.next_due <= wall(x) && places(x) > 0)
		start_due(x, places(x));
}

int64_t alerts_next(const struct engine *x, int64_t now)
{
	const struct alerts *a = &x->alerts;
	int64_t due = a->gather_at, settle = INT64_MAX;
	uint32_t i = 0;

	if (delivery_in_phase(x, &i, DELIVERY_SETTLING))
		settle = a->settle_at < now ? now : a->settle_at;
	if (x->draining || x->house.state_lags)
		return settle;
	if (a->next_due < due && places(x) > 0)
		due = a->next_due;
	if (due == INT64_MAX)
		return settle;
	due = due <= wall(x) ? now : now + (due - wall(x));
	due = due < a->retry_at ? a->retry_at : due;
	return due < settle ? due : settle;
}

void alerts_drain(struct engine *x)
{
	delivery_forget_behind(x, NULL);
}

bool alerts_settled(const struct engine *x)
{
	bool unwritable =
	    x->house.state_lags || (x->alerts.failing && mono(x) - x->alerts.failing_since >= GIVE_UP_MS);
	const struct delivery *d;

	/* A state that cannot be written owes what it owes: the next life pays. */
	for (uint32_t i = 0; (d = slots_each(&x->alerts.slots, &i));)
		if (d->phase != DELIVERY_SETTLING || !unwritable)
			return false;
	return (unwritable || (x->alerts.next_due > wall(x) && x->alerts.gather_at > wall(x)));
}

bool alerts_load(struct engine *x, struct err *e)
{
	uint64_t cut_short;

	if (!state_delivery_restart(x->parts.state, &cut_short, e))
		return false;
	if (cut_short)
		log_warn("alerts-cut-short", LOG_INT("deliveries", cut_short));
	alerts_reload(x);
	return true;
}

void alerts_status(const struct engine *x, struct engine_status *out)
{
	const struct {
		enum state_delivery_status status;
		uint64_t *n;
	} counts[] = {
		{ DELIVERY_PENDING, &out->deliveries_pending },
		{ DELIVERY_STARTED, &out->deliveries_pending },
		{ DELIVERY_GATHERED, &out->deliveries_gathered },
		{ DELIVERY_HELD, &out->deliveries_held },
		{ DELIVERY_REJECTED, &out->deliveries_rejected },
		{ DELIVERY_DEAD, &out->deliveries_dead },
	};

	for (size_t i = 0; i < ARRAY_LEN(counts); i++) {
		struct err e = { .kind = ERR_NONE };
		uint64_t n = 0;

		/* A state that cannot be read is told of elsewhere. */
		if (state_delivery_count(x->parts.state, counts[i].status, &n, &e))
			*counts[i].n += n;
	}
	out->deliveries_done = x->alerts.done;
	out->hooks_running = x->alerts.running;
	out->bursts = x->alerts.bursts;
}

void alerts_free(struct engine *x)
{
	struct delivery *d;

	for (uint32_t i = 0; (d = slots_each(&x->alerts.slots, &i));)
		delivery_free(x, &d);
	slots_fini(&x->alerts.slots);
}
