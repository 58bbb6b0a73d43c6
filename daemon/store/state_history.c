/* state_history: one function per statement. Owns nothing. */
#include "daemon/store/state_history.h"
#include "daemon/store/state_priv.h"

bool state_attempt_put(struct state *s, const struct state_attempt *a, struct err *e)
{
	sqlite3_stmt *q = state_statement(s, STATE_ATTEMPT_PUT);

	sqlite3_bind_int64(q, 1, a->at_ms);
	state_bind_text(q, 2, a->alert);
	state_bind_text(q, 3, a->key);
	sqlite3_bind_int64(q, 4, a->attempt);
	state_bind_text(q, 5, a->result);
	state_bind_text(q, 6, a->error);
	if (!state_run(s, STATE_ATTEMPT_PUT, "attempts", e))
		return false;
	sqlite3_bind_int64(state_statement(s, STATE_ATTEMPT_TRIM), 1, STATE_ATTEMPTS_KEPT);
	return state_run(s, STATE_ATTEMPT_TRIM, "attempts", e);
}

bool state_attempt_each(struct state *s, state_attempt_f *each, void *ctx, struct err *e)
{
	sqlite3_stmt *q = state_statement(s, STATE_ATTEMPT_EACH);
	bool row = true;

	while (row) {
		struct state_attempt a;

		if (!state_step(s, STATE_ATTEMPT_EACH, &row, "attempts", e))
			return false;
		if (!row)
			break;
		a.at_ms = sqlite3_column_int64(q, 0);
		a.alert = state_column(q, 1);
		a.key = state_column(q, 2);
		a.attempt = (uint32_t)sqlite3_column_int64(q, 3);
		a.result = state_column(q, 4);
		a.error = state_column(q, 5);
		if (!each(ctx, &a))
			break;
	}
	sqlite3_reset(q);
	return true;
}
