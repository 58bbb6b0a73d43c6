/* state_rows: feeds, aliases and numbered blobs: one function per statement. Owns nothing. */
#include "daemon/store/state_priv.h"

#include "daemon/base/buf.h"

bool state_feed_put(struct state *s, struct str feed, struct str blob, struct err *e)
{
	sqlite3_stmt *q = state_statement(s, STATE_FEED_PUT);

	state_bind_text(q, 1, feed);
	state_bind_blob(q, 2, blob);
	return state_run(s, STATE_FEED_PUT, "feed", e);
}

bool state_feed_each(struct state *s, state_feed_f *each, void *ctx, struct err *e)
{
	sqlite3_stmt *q = state_statement(s, STATE_FEED_EACH);
	bool row = true;

	while (row) {
		if (!state_step(s, STATE_FEED_EACH, &row, "feeds", e))
			return false;
		if (row && !each(ctx, state_column(q, 0), state_column(q, 1)))
			break;
	}
	sqlite3_reset(q);
	return true;
}

bool state_feed_delete(struct state *s, struct str feed, struct err *e)
{
	state_bind_text(state_statement(s, STATE_FEED_DELETE), 1, feed);
	return state_run(s, STATE_FEED_DELETE, "feed", e);
}

bool state_seen_put(struct state *s, const struct state_seen *row, struct err *e)
{
	sqlite3_stmt *q = state_statement(s, STATE_SEEN_PUT);

	state_bind_u64(q, 1, row->alias);
	state_bind_u64(q, 2, row->value);
	sqlite3_bind_int64(q, 3, state_seen_content(row->alias, row->value, row->content));
	sqlite3_bind_int64(q, 4, state_seen_last(row->alias, row->last));
	return state_run(s, STATE_SEEN_PUT, "seen", e);
}

bool state_seen_touch(struct state *s, uint64_t alias, uint32_t last, struct err *e)
{
	sqlite3_stmt *q = state_statement(s, STATE_SEEN_TOUCH);

	state_bind_u64(q, 1, alias);
	sqlite3_bind_int64(q, 2, state_seen_last(alias, last));
	return state_run(s, STATE_SEEN_TOUCH, "seen", e);
}

static void read_seen(sqlite3_stmt *q, struct state_seen *row)
{
	row->alias = state_column_u64(q, 0);
	row->value = state_column_u64(q, 1);
	row->content = (uint32_t)sqlite3_column_int64(q, 2);
	row->last = (uint32_t)sqlite3_column_int64(q, 3);
}

bool state_seen_get(struct state *s, uint64_t alias, struct state_seen *row, bool *found, struct err *e)
{
	sqlite3_stmt *q = state_statement(s, STATE_SEEN_GET);

	state_bind_u64(q, 1, alias);
	if (!state_step(s, STATE_SEEN_GET, found, "seen", e))
		return false;
	if (*found)
		read_seen(q, row);
	sqlite3_reset(q);
	return true;
}

bool state_seen_count(struct state *s, uint64_t *n, struct err *e)
{
	sqlite3_stmt *q = state_statement(s, STATE_SEEN_COUNT);
	bool row;

	*n = 0;
	if (!state_step(s, STATE_SEEN_COUNT, &row, "seen", e))
		return false;
	if (row)
		*n = state_column_u64(q, 0);
	sqlite3_reset(q);
	return true;
}

bool state_seen_each(struct state *s, state_seen_f *each, void *ctx, struct err *e)
{
	sqlite3_stmt *q = state_statement(s, STATE_SEEN_EACH);
	bool row = true;

	while (row) {
		struct state_seen seen;

		if (!state_step(s, STATE_SEEN_EACH, &row, "seen", e))
			return false;
		if (!row)
			break;
		read_seen(q, &seen);
		if (!each(ctx, &seen))
			break;
	}
	sqlite3_reset(q);
	return true;
}

static bool expire_half(
    struct state *s, uint64_t first, uint64_t last, uint32_t before, uint64_t *deleted, struct err *e)
{
	sqlite3_stmt *q = state_statement(s, STATE_SEEN_EXPIRE);

	state_bind_u64(q, 1, first);
	state_bind_u64(q, 2, last);
	sqlite3_bind_int64(q, 3, before);
	if (!state_run(s, STATE_SEEN_EXPIRE, "seen", e))
		return false;
	*deleted += (uint64_t)sqlite3_changes64(s->db);
	return true;
}

/* SQLite's numbers have a sign: the upper half comes before the lower one. */
bool state_seen_expire(
    struct state *s, uint64_t first, uint64_t last, uint32_t before, uint64_t *deleted, struct err *e)
{
	const uint64_t half = UINT64_C(1) << 63;

	*deleted = 0;
	if (first < half && last >= half)
		return expire_half(s, first, half - 1, before, deleted, e) &&
		       expire_half(s, half, last, before, deleted, e);
	return expire_half(s, first, last, before, deleted, e);
}

bool state_numbered_put(
    struct state *s, enum state_numbered kind, uint64_t number, struct str blob, struct err *e)
{
	sqlite3_stmt *q = state_statement(s, STATE_NUMBERED_PUT);

	sqlite3_bind_int(q, 1, kind);
	state_bind_u64(q, 2, number);
	state_bind_blob(q, 3, blob);
	return state_run(s, STATE_NUMBERED_PUT, "numbered", e);
}

bool state_numbered_get(
    struct state *s, enum state_numbered kind, uint64_t number, struct buf *out, bool *found, struct err *e)
{
	sqlite3_stmt *q = state_statement(s, STATE_NUMBERED_GET);

	sqlite3_bind_int(q, 1, kind);
	state_bind_u64(q, 2, number);
	if (!state_step(s, STATE_NUMBERED_GET, found, "numbered", e))
		return false;
	*found = *found && sqlite3_column_type(q, 0) != SQLITE_NULL;
	if (*found)
		buf_str(out, state_column(q, 0));
	sqlite3_reset(q);
	return !out->failed || err_nomem(e);
}

bool state_numbered_each(struct state *s, enum state_numbered kind, uint64_t from, unsigned limit,
    state_numbered_f *each, void *ctx, struct err *e)
{
	sqlite3_stmt *q = state_statement(s, STATE_NUMBERED_EACH);
	bool row = true;

	sqlite3_bind_int(q, 1, kind);
	state_bind_u64(q, 2, from);
	sqlite3_bind_int64(q, 3, limit);
	while (row) {
		if (!state_step(s, STATE_NUMBERED_EACH, &row, "numbered", e))
			return false;
		if (row && !each(ctx, state_column_u64(q, 0), state_column(q, 1)))
			break;
	}
	sqlite3_reset(q);
	return true;
}

bool state_numbered_delete(
    struct state *s, enum state_numbered kind, uint64_t from, uint64_t before, struct err *e)
{
	sqlite3_stmt *q = state_statement(s, STATE_NUMBERED_DELETE);

	sqlite3_bind_int(q, 1, kind);
	state_bind_u64(q, 2, from);
	state_bind_u64(q, 3, before);
	return state_run(s, STATE_NUMBERED_DELETE, "numbered", e);
}
