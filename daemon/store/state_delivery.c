/* state_delivery: one function per statement. Owns nothing. */
#include "daemon/store/state_gather.h"
#include "daemon/store/state_priv.h"

static const char what[] = "deliveries";

const char *const state_delivery_names[DELIVERY_STATUSES] = {
	[DELIVERY_PENDING] = "pending",
	[DELIVERY_DONE] = "done",
	[DELIVERY_DEAD] = "dead",
	[DELIVERY_STARTED] = "running",
	[DELIVERY_GATHERED] = "gathered",
	[DELIVERY_JOINED] = "joined",
	[DELIVERY_HELD] = "held",
	[DELIVERY_REJECTED] = "rejected",
};

bool state_delivery_put(struct state *s, const struct state_delivery *d, struct err *e)
{
	sqlite3_stmt *q = state_statement(s, STATE_DELIVERY_PUT);

	state_bind_text(q, 1, d->key);
	state_bind_text(q, 2, d->alert);
	state_bind_blob(q, 3, d->line);
	state_bind_u64(q, 4, d->seq);
	sqlite3_bind_int64(q, 5, d->due_ms);
	sqlite3_bind_int64(q, 6, d->created_ms);
	sqlite3_bind_int64(q, 7, d->attempts);
	sqlite3_bind_int64(q, 8, d->status);
	state_bind_text(q, 9, d->last_error);
	sqlite3_bind_int64(q, 10, d->kind);
	sqlite3_bind_int64(q, 11, d->records);
	sqlite3_bind_int64(q, 12, d->tried_ms);
	return state_run(s, STATE_DELIVERY_PUT, what, e);
}

static void read_row(sqlite3_stmt *q, struct state_delivery *d)
{
	d->id = sqlite3_column_int64(q, 0);
	d->key = state_column(q, 1);
	d->alert = state_column(q, 2);
	d->line = state_column(q, 3);
	d->seq = state_column_u64(q, 4);
	d->due_ms = sqlite3_column_int64(q, 5);
	d->created_ms = sqlite3_column_int64(q, 6);
	d->attempts = (uint32_t)sqlite3_column_int64(q, 7);
	d->status = (enum state_delivery_status)sqlite3_column_int(q, 8);
	d->last_error = state_column(q, 9);
	d->kind = (enum state_delivery_kind)sqlite3_column_int(q, 10);
	d->records = (uint32_t)sqlite3_column_int64(q, 11);
	d->tried_ms = sqlite3_column_int64(q, 12);
}

/* The statement's values are bound. */
static bool each_row(
    struct state *s, enum state_statement which, state_delivery_f *each, void *ctx, struct err *e)
{
	sqlite3_stmt *q = s->statements[which];
	bool row = true;

	while (row) {
		struct state_delivery d;

		if (!state_step(s, which, &row, what, e))
			return false;
		if (!row)
			break;
		read_row(q, &d);
		if (!each(ctx, &d))
			break;
	}
	sqlite3_reset(q);
	return true;
}

/* The first column of the first row; `none` without a row, or when it is null. */
static bool one_number(struct state *s, enum state_statement which, int64_t none, int64_t *out, struct err *e)
{
	sqlite3_stmt *q = s->statements[which];
	bool row;

	*out = none;
	if (!state_step(s, which, &row, what, e))
		return false;
	if (row && sqlite3_column_type(q, 0) != SQLITE_NULL)
		*out = sqlite3_column_int64(q, 0);
	sqlite3_reset(q);
	return true;
}

bool state_delivery_find(struct state *s, struct str key, state_delivery_f *each, void *ctx, struct err *e)
{
	state_bind_text(state_statement(s, STATE_DELIVERY_FIND), 1, key);
	return each_row(s, STATE_DELIVERY_FIND, each, ctx, e);
}

bool state_delivery_is_about(struct state *s, struct str key, bool *known, struct err *e)
{
	int64_t one;

	state_bind_text(state_statement(s, STATE_DELIVERY_ABOUT), 1, key);
	if (!one_number(s, STATE_DELIVERY_ABOUT, 0, &one, e))
		return false;
	*known = one != 0;
	return true;
}

bool state_delivery_update(struct state *s, const struct state_delivery *d, struct err *e)
{
	sqlite3_stmt *q = state_statement(s, STATE_DELIVERY_UPDATE);

	state_bind_text(q, 1, d->key);
	sqlite3_bind_int64(q, 2, d->status);
	sqlite3_bind_int64(q, 3, d->attempts);
	sqlite3_bind_int64(q, 4, d->due_ms);
	state_bind_text(q, 5, d->last_error);
	sqlite3_bind_int64(q, 6, d->tried_ms);
	return state_run(s, STATE_DELIVERY_UPDATE, what, e);
}

bool state_delivery_restart(struct state *s, uint64_t *restarted, struct err *e)
{
	state_statement(s, STATE_DELIVERY_RESTART);
	*restarted = 0;
	if (!state_run(s, STATE_DELIVERY_RESTART, what, e))
		return false;
	*restarted = (uint64_t)sqlite3_changes64(s->db);
	return true;
}

bool state_delivery_due(struct state *s, enum state_delivery_status status, int64_t now_ms, unsigned limit,
    state_delivery_f *each, void *ctx, struct err *e)
{
	sqlite3_stmt *q = state_statement(s, STATE_DELIVERY_DUE);

	sqlite3_bind_int64(q, 1, status);
	sqlite3_bind_int64(q, 2, now_ms);
	sqlite3_bind_int64(q, 3, limit);
	return each_row(s, STATE_DELIVERY_DUE, each, ctx, e);
}

bool state_delivery_each(
    struct state *s, enum state_delivery_status status, state_delivery_f *each, void *ctx, struct err *e)
{
	sqlite3_bind_int64(state_statement(s, STATE_DELIVERY_EACH), 1, status);
	return each_row(s, STATE_DELIVERY_EACH, each, ctx, e);
}

bool state_delivery_count(struct state *s, enum state_delivery_status status, uint64_t *n, struct err *e)
{
	int64_t count;

	sqlite3_bind_int64(state_statement(s, STATE_DELIVERY_COUNT), 1, status);
	if (!one_number(s, STATE_DELIVERY_COUNT, 0, &count, e))
		return false;
	*n = (uint64_t)count;
	return true;
}

bool state_delivery_next_due(
    struct state *s, enum state_delivery_status status, int64_t *due_ms, struct err *e)
{
	sqlite3_bind_int64(state_statement(s, STATE_DELIVERY_NEXT), 1, status);
	return one_number(s, STATE_DELIVERY_NEXT, INT64_MAX, due_ms, e);
}

bool state_delivery_expire(struct state *s, int64_t before_ms, int64_t dead_before_ms, struct err *e)
{
	sqlite3_bind_int64(state_statement(s, STATE_DELIVERY_EXPIRE), 1, before_ms);
	sqlite3_bind_int64(state_statement(s, STATE_DELIVERY_EXPIRE_DEAD), 1, dead_before_ms);
	return state_run(s, STATE_DELIVERY_EXPIRE, what, e) &&
	       state_run(s, STATE_DELIVERY_EXPIRE_DEAD, what, e);
}

bool state_delivery_raised(struct state *s, struct str alert, int64_t after_ms, int64_t until_ms,
    uint64_t most, uint64_t *n, struct err *e)
{
	sqlite3_stmt *q = state_statement(s, STATE_DELIVERY_RAISED);
	int64_t count;

	state_bind_text(q, 1, alert);
	sqlite3_bind_int64(q, 2, after_ms);
	sqlite3_bind_int64(q, 3, until_ms);
	sqlite3_bind_int64(q, 4, (int64_t)most);
	if (!one_number(s, STATE_DELIVERY_RAISED, 0, &count, e))
		return false;
	*n = (uint64_t)count;
	return true;
}

bool state_delivery_gather(
    struct state *s, struct str alert, int64_t after_ms, int64_t until_ms, int64_t wait_ms, struct err *e)
{
	sqlite3_stmt *q = state_statement(s, STATE_DELIVERY_GATHER);

	state_bind_text(q, 1, alert);
	sqlite3_bind_int64(q, 2, after_ms);
	sqlite3_bind_int64(q, 3, until_ms);
	sqlite3_bind_int64(q, 4, wait_ms);
	return state_run(s, STATE_DELIVERY_GATHER, what, e);
}

bool state_delivery_groups(struct state *s, state_group_f *each, void *ctx, struct err *e)
{
	sqlite3_stmt *q = state_statement(s, STATE_DELIVERY_GROUPS);
	bool row = true;

	while (row) {
		struct state_group g;

		if (!state_step(s, STATE_DELIVERY_GROUPS, &row, what, e))
			return false;
		if (!row)
			break;
		g.alert = state_column(q, 0);
		g.first_due_ms = sqlite3_column_int64(q, 1);
		g.last_due_ms = sqlite3_column_int64(q, 2);
		g.first_created_ms = sqlite3_column_int64(q, 3);
		g.records = state_column_u64(q, 4);
		if (!each(ctx, &g))
			break;
	}
	sqlite3_reset(q);
	return true;
}

bool state_delivery_gathered(struct state *s, struct str alert, int64_t due_ms, unsigned most,
    state_delivery_f *each, void *ctx, struct err *e)
{
	sqlite3_stmt *q = state_statement(s, STATE_DELIVERY_GATHERED);

	state_bind_text(q, 1, alert);
	sqlite3_bind_int64(q, 2, due_ms);
	sqlite3_bind_int64(q, 3, most);
	return each_row(s, STATE_DELIVERY_GATHERED, each, ctx, e);
}

bool state_delivery_join(
    struct state *s, struct str alert, int64_t due_ms, int64_t last_id, struct str into, struct err *e)
{
	sqlite3_stmt *q = state_statement(s, STATE_DELIVERY_JOIN);

	state_bind_text(q, 1, alert);
	sqlite3_bind_int64(q, 2, due_ms);
	sqlite3_bind_int64(q, 3, last_id);
	state_bind_text(q, 4, into);
	return state_run(s, STATE_DELIVERY_JOIN, what, e);
}

bool state_delivery_scatter(struct state *s, struct str alert, int64_t due_ms, struct err *e)
{
	sqlite3_stmt *q = state_statement(s, STATE_DELIVERY_SCATTER);

	state_bind_text(q, 1, alert);
	sqlite3_bind_int64(q, 2, due_ms);
	return state_run(s, STATE_DELIVERY_SCATTER, what, e);
}

bool state_delivery_tried(struct state *s, struct str alert, int64_t after_ms, int64_t now_ms, uint64_t nth,
    int64_t *tried_ms, struct err *e)
{
	sqlite3_stmt *q = state_statement(s, STATE_DELIVERY_TRIED);

	state_bind_text(q, 1, alert);
	sqlite3_bind_int64(q, 2, after_ms);
	sqlite3_bind_int64(q, 3, now_ms);
	sqlite3_bind_int64(q, 4, (int64_t)nth - 1);
	return one_number(s, STATE_DELIVERY_TRIED, 0, tried_ms, e);
}

bool state_delivery_postpone(struct state *s, struct str alert, int64_t due_ms, bool retries, struct err *e)
{
	sqlite3_stmt *q = state_statement(s, STATE_DELIVERY_POSTPONE);

	state_bind_text(q, 1, alert);
	sqlite3_bind_int64(q, 2, due_ms);
	sqlite3_bind_int(q, 3, retries);
	return state_run(s, STATE_DELIVERY_POSTPONE, what, e);
}

bool state_delivery_recall(struct state *s, int64_t now_ms, struct err *e)
{
	sqlite3_bind_int64(state_statement(s, STATE_DELIVERY_RECALL), 1, now_ms);
	return state_run(s, STATE_DELIVERY_RECALL, what, e);
}

bool state_delivery_alerts(
    struct state *s, enum state_delivery_status status, state_alert_f *each, void *ctx, struct err *e)
{
	sqlite3_stmt *q = state_statement(s, STATE_DELIVERY_ALERTS);
	bool row = true;

	sqlite3_bind_int64(q, 1, status);
	while (row) {
		if (!state_step(s, STATE_DELIVERY_ALERTS, &row, what, e))
			return false;
		if (row && !each(ctx, state_column(q, 0)))
			break;
	}
	sqlite3_reset(q);
	return true;
}

bool state_delivery_hasten(struct state *s, const struct state_hastened *h, struct err *e)
{
	enum state_statement which = h->status == DELIVERY_PENDING    ? STATE_DELIVERY_HASTEN_PENDING
	                             : h->status == DELIVERY_GATHERED ? STATE_DELIVERY_HASTEN_GATHERED
	                                                              : STATE_DELIVERY_HASTEN_HELD;
	sqlite3_stmt *q = state_statement(s, which);

	state_bind_text(q, 1, h->alert);
	sqlite3_bind_int64(q, 2, h->now_ms);
	sqlite3_bind_int64(q, 3, h->attempts_from);
	sqlite3_bind_int64(q, 4, h->pause_ms);
	sqlite3_bind_int64(q, 5, h->pause_max_ms);
	sqlite3_bind_int64(q, 6, h->doublings_max);
	return state_run(s, which, what, e);
}

bool state_delivery_began_by(struct state *s, struct str alert, int64_t now_ms, struct err *e)
{
	sqlite3_stmt *q = state_statement(s, STATE_DELIVERY_BEGAN_BY);

	state_bind_text(q, 1, alert);
	sqlite3_bind_int64(q, 2, now_ms);
	return state_run(s, STATE_DELIVERY_BEGAN_BY, what, e);
}

bool state_delivery_reviewed(struct state *s, uint64_t seq, state_delivery_f *each, void *ctx, struct err *e)
{
	state_bind_u64(state_statement(s, STATE_DELIVERY_REVIEWED), 1, seq);
	return each_row(s, STATE_DELIVERY_REVIEWED, each, ctx, e);
}

bool state_delivery_hold_again(
    struct state *s, struct str alert, struct str key, int64_t due_ms, uint64_t *n, struct err *e)
{
	sqlite3_stmt *q = state_statement(s, STATE_DELIVERY_HOLD_AGAIN);

	sqlite3_bind_int64(q, 1, due_ms);
	state_bind_text(q, 2, alert);
	state_bind_text(q, 3, key);
	*n = 0;
	if (!state_run(s, STATE_DELIVERY_HOLD_AGAIN, what, e))
		return false;
	*n = (uint64_t)sqlite3_changes64(s->db);
	return true;
}

bool state_delivery_retry(
    struct state *s, struct str key, struct str alert, int64_t now_ms, uint64_t *n, struct err *e)
{
	enum state_statement which = key.n     ? STATE_DELIVERY_RETRY_KEY
	                             : alert.n ? STATE_DELIVERY_RETRY_ALERT
	                                       : STATE_DELIVERY_RETRY_ALL;
	sqlite3_stmt *q = state_statement(s, which);

	sqlite3_bind_int64(q, 1, now_ms);
	if (which != STATE_DELIVERY_RETRY_ALL)
		state_bind_text(q, 2, key.n ? key : alert);
	*n = 0;
	if (!state_run(s, which, what, e))
		return false;
	*n = (uint64_t)sqlite3_changes64(s->db);
	return true;
}
