/* state_priv: the statements of the state and how they are run. One table, one helper per kind of call. */
#ifndef STORE_STATE_PRIV_H
#define STORE_STATE_PRIV_H

#include "daemon/store/state.h"

#include <sqlite3.h>

#define STATE_LSN "applied_lsn" /* a small value */

enum state_statement {
	STATE_BEGIN,
	STATE_COMMIT,
	STATE_ROLLBACK,
	STATE_VALUE_PUT,
	STATE_VALUE_GET,
	STATE_VALUE_DELETE,
	STATE_FEED_PUT,
	STATE_FEED_EACH,
	STATE_FEED_DELETE,
	STATE_SEEN_PUT,
	STATE_SEEN_TOUCH,
	STATE_SEEN_GET,
	STATE_SEEN_EACH,
	STATE_SEEN_COUNT,
	STATE_SEEN_EXPIRE,
	STATE_NUMBERED_PUT,
	STATE_NUMBERED_GET,
	STATE_NUMBERED_EACH,
	STATE_NUMBERED_DELETE,
	STATE_DELIVERY_PUT,
	STATE_DELIVERY_FIND,
	STATE_DELIVERY_ABOUT,
	STATE_DELIVERY_UPDATE,
	STATE_DELIVERY_RESTART,
	STATE_DELIVERY_DUE,
	STATE_DELIVERY_EACH,
	STATE_DELIVERY_COUNT,
	STATE_DELIVERY_NEXT,
	STATE_DELIVERY_EXPIRE,
	STATE_DELIVERY_EXPIRE_DEAD,
	STATE_DELIVERY_RAISED,
	STATE_DELIVERY_GATHER,
	STATE_DELIVERY_GROUPS,
	STATE_DELIVERY_GATHERED,
	STATE_DELIVERY_JOIN,
	STATE_DELIVERY_SCATTER,
	STATE_DELIVERY_TRIED,
	STATE_DELIVERY_POSTPONE,
	STATE_DELIVERY_RECALL,
	STATE_DELIVERY_ALERTS,
	STATE_DELIVERY_HASTEN_PENDING,
	STATE_DELIVERY_HASTEN_GATHERED,
	STATE_DELIVERY_HASTEN_HELD,
	STATE_DELIVERY_BEGAN_BY,
	STATE_DELIVERY_REVIEWED,
	STATE_DELIVERY_HOLD_AGAIN,
	STATE_DELIVERY_RETRY_KEY,
	STATE_DELIVERY_RETRY_ALERT,
	STATE_DELIVERY_RETRY_ALL,
	STATE_ATTEMPT_PUT,
	STATE_ATTEMPT_EACH,
	STATE_ATTEMPT_TRIM,
	STATE_CHECK,
	STATE_STATEMENTS
};

extern const char *const state_statement_text[STATE_STATEMENTS];

struct state {
	sqlite3 *db;
	sqlite3_stmt *statements[STATE_STATEMENTS];
	uint64_t applied_lsn; /* as in the file */
	uint64_t reached_lsn; /* with what lingers, or was lost with it */
	bool begun; /* a transaction, by somebody who will end it or let it linger */
	bool lingers; /* a transaction that nobody is in */
};

/* May this version read a file that says so of itself? ERR_CONFIG when not. */
bool state_version_fits(int64_t application, int64_t version, struct err *e) MUST_CHECK;
/* Looks through the structure of all tables and the sums of their rows. ERR_PARSE: damaged. */
bool state_is_whole(struct state *s, struct err *e) MUST_CHECK;

/* Rows carry checksums (state_sums.c): the functions of the statements, and a look at all rows of which one that is damaged would do harm.
 * ERR_PARSE: there is one. */
bool state_sums_register(struct state *s, struct err *e) MUST_CHECK;
bool state_sums_fit(struct state *s, struct err *e) MUST_CHECK;
/* The columns `content` and `last` of an alias, with their sums above the lower 32 bits. */
int64_t state_seen_content(uint64_t alias, uint64_t value, uint32_t content);
int64_t state_seen_last(uint64_t alias, uint32_t last);

/* Resets and returns the statement. */
sqlite3_stmt *state_statement(struct state *s, enum state_statement which);
/* Fills e from the database's last error; corruption says so. Always false. */
bool state_failed(struct state *s, const char *what, struct err *e);
/* Runs a statement that gives no rows. */
bool state_run(struct state *s, enum state_statement which, const char *what, struct err *e) MUST_CHECK;
/* One row: SQLITE_ROW -> true with *row = true; the end -> true with *row = false. */
bool state_step(
    struct state *s, enum state_statement which, bool *row, const char *what, struct err *e) MUST_CHECK;

void state_bind_text(sqlite3_stmt *q, int i, struct str s);
void state_bind_blob(sqlite3_stmt *q, int i, struct str s);
void state_bind_u64(sqlite3_stmt *q, int i, uint64_t v); /* as the signed number with the same bits */
struct str state_column(sqlite3_stmt *q, int i); /* view until the next step */
uint64_t state_column_u64(sqlite3_stmt *q, int i);

#endif
