/* state_transaction: what is changed together, and what lingers before it is committed. Owns nothing. */
#include "daemon/store/state_priv.h"

#include <stdio.h>

bool state_begin(struct state *s, struct err *e)
{
	if (!state_settle(s, e))
		return false;
	state_statement(s, STATE_BEGIN);
	s->begun = state_run(s, STATE_BEGIN, "begin", e);
	return s->begun;
}

/* An error may have made SQLite roll back by itself, also of a statement that only read. */
static bool is_gone(const struct state *s)
{
	return s->lingers && sqlite3_get_autocommit(s->db);
}

bool state_has_lost(const struct state *s)
{
	return (!s->lingers || is_gone(s)) && s->reached_lsn > s->applied_lsn;
}

bool state_go_on(struct state *s, struct err *e)
{
	if (state_has_lost(s)) {
		s->lingers = false;
		return err_set(e, ERR_IO, 0, "state: what lingered is lost");
	}
	if (!s->lingers)
		return state_begin(s, e);
	s->lingers = false;
	s->begun = true;
	return true;
}

void state_rollback(struct state *s)
{
	struct err ignored = { 0 };

	if (!sqlite3_get_autocommit(s->db)) { /* else SQLite has rolled back already */
		s->begun = true;
		state_statement(s, STATE_ROLLBACK);
		(void)!state_run(s, STATE_ROLLBACK, "rollback", &ignored);
	}
	s->begun = s->lingers = false;
}

static bool put_lsn(struct state *s, uint64_t lsn, struct err *e)
{
	char text[24];
	int n = snprintf(text, sizeof(text), "%llu", (unsigned long long)lsn);

	return state_put(s, STATE_LSN, str_of(text, (size_t)n), e);
}

static bool commit(struct state *s, uint64_t lsn, struct err *e)
{
	state_statement(s, STATE_COMMIT);
	if (!state_run(s, STATE_COMMIT, "commit", e)) {
		state_rollback(s);
		return false;
	}
	s->begun = false;
	s->applied_lsn = lsn;
	s->reached_lsn = lsn > s->reached_lsn ? lsn : s->reached_lsn;
	return true;
}

bool state_commit(struct state *s, uint64_t applied_lsn, struct err *e)
{
	if (put_lsn(s, applied_lsn, e))
		return commit(s, applied_lsn, e);
	state_rollback(s);
	return false;
}

bool state_linger(struct state *s, uint64_t applied_lsn, struct err *e)
{
	if (!put_lsn(s, applied_lsn, e)) {
		state_rollback(s);
		return false;
	}
	s->begun = false;
	s->lingers = true;
	s->reached_lsn = applied_lsn;
	return true;
}

bool state_settle(struct state *s, struct err *e)
{
	if (!s->lingers)
		return true;
	s->lingers = false;
	s->begun = true;
	return commit(s, s->reached_lsn, e);
}

uint64_t state_applied_lsn(const struct state *s)
{
	return s->applied_lsn;
}
