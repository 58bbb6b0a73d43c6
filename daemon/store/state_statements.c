/* state_statements: what is asked of the database, one text for each statement. */
#include "daemon/store/state_delivery.h"
#include "daemon/store/state_priv.h"

#define DELIVERY_COLUMNS                                                                                     \
	"id, key, alert, line, seq, due, created, attempts, status, error, kind, records, tried"
#define DELIVERY_VALUES "NULL, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12"
/* When a row is due whose pause, ?4 and doubled with each attempt after the first but at most ?6 times and to ?5, begins at ?2. The number of a status
 * stands in the text of what is asked for, or no index of that status alone would serve. */
#define DELIVERY_PAUSED "?2 + min(?4 << min(max(attempts, 1) - 1, ?6), ?5)"
#define DELIVERY_HASTEN(status)                                                                              \
	"UPDATE delivery SET due = " DELIVERY_PAUSED " WHERE status = " status                               \
	" AND alert = ?1 AND due > ?2 + min(?4, ?5) AND attempts >= ?3 AND due > " DELIVERY_PAUSED
#define DELIVERY_AGAIN "UPDATE delivery SET status = 0, attempts = 0, tried = 0, due = ?1 WHERE status = 2"

const char *const state_statement_text[STATE_STATEMENTS] = {
	[STATE_BEGIN] = "BEGIN IMMEDIATE",
	[STATE_COMMIT] = "COMMIT",
	[STATE_ROLLBACK] = "ROLLBACK",
	[STATE_VALUE_PUT] = "INSERT INTO value VALUES(?1, sealed(-1, ?1, ?2)) ON CONFLICT(name) DO UPDATE "
	                    "SET value = excluded.value",
	[STATE_VALUE_GET] = "SELECT opened(-1, name, value) FROM value WHERE name = ?1",
	[STATE_VALUE_DELETE] = "DELETE FROM value WHERE name = ?1",
	[STATE_FEED_PUT] = "INSERT INTO feed VALUES(?1, sealed(-2, ?1, ?2)) ON CONFLICT(name) DO UPDATE SET "
	                   "state = excluded.state",
	[STATE_FEED_EACH] = "SELECT name, opened(-2, name, state) FROM feed ORDER BY name",
	[STATE_FEED_DELETE] = "DELETE FROM feed WHERE name = ?1",
	[STATE_SEEN_PUT] = "INSERT INTO seen VALUES(?1, ?2, ?3, ?4) ON CONFLICT(alias) DO UPDATE SET"
	                   " value = excluded.value, content = excluded.content, last = excluded.last",
	[STATE_SEEN_TOUCH] = "UPDATE seen SET last = ?2 WHERE alias = ?1",
	[STATE_SEEN_GET] = "SELECT alias, value, content, last FROM seen WHERE alias = ?1",
	[STATE_SEEN_EACH] = "SELECT alias, value, content, last FROM seen ORDER BY alias",
	[STATE_SEEN_COUNT] = "SELECT count(*) FROM seen",
	[STATE_SEEN_EXPIRE] = "DELETE FROM seen WHERE alias BETWEEN ?1 AND ?2 AND (last & 4294967295) < ?3",
	[STATE_NUMBERED_PUT] =
	    "INSERT INTO numbered VALUES(?1, ?2, sealed(?1, ?2, ?3)) ON CONFLICT(kind, number) DO UPDATE"
	    " SET value = excluded.value",
	[STATE_NUMBERED_GET] =
	    "SELECT opened_or_null(kind, number, value) FROM numbered WHERE kind = ?1 AND number = ?2",
	[STATE_NUMBERED_EACH] = "SELECT number, opened_or_null(kind, number, value) FROM numbered WHERE kind "
	                        "= ?1 AND number >= ?2"
	                        " ORDER BY number LIMIT ?3",
	[STATE_NUMBERED_DELETE] = "DELETE FROM numbered WHERE kind = ?1 AND number >= ?2 AND number < ?3",
	[STATE_DELIVERY_PUT] = "INSERT INTO delivery(" DELIVERY_COLUMNS ") VALUES(" DELIVERY_VALUES
	                       ") ON CONFLICT(key) DO NOTHING",
	[STATE_DELIVERY_FIND] = "SELECT " DELIVERY_COLUMNS " FROM delivery WHERE key = ?1",
	[STATE_DELIVERY_ABOUT] = "SELECT 1 FROM delivery WHERE key = ?1 OR"
	                         " (key > ?1 || ':' AND key < ?1 || ';') LIMIT 1", /* ';' comes behind ':' */
	/* What is done is remembered by its key alone. */
	[STATE_DELIVERY_UPDATE] = "UPDATE delivery SET status = ?2, attempts = ?3, due = ?4, error = ?5,"
	                          " tried = CASE ?6 WHEN 0 THEN tried ELSE ?6 END,"
	                          " line = CASE ?2 WHEN 1 THEN x'' ELSE line END WHERE key = ?1",
	[STATE_DELIVERY_RESTART] = "UPDATE delivery SET status = 0 WHERE status = 3",
	[STATE_DELIVERY_DUE] = "SELECT " DELIVERY_COLUMNS " FROM delivery WHERE status = ?1 AND due <= ?2"
	                       " ORDER BY due, id LIMIT ?3",
	[STATE_DELIVERY_EACH] = "SELECT " DELIVERY_COLUMNS " FROM delivery WHERE status = ?1 ORDER BY id",
	[STATE_DELIVERY_COUNT] = "SELECT count(*) FROM delivery WHERE status = ?1",
	[STATE_DELIVERY_NEXT] = "SELECT min(due) FROM delivery WHERE status = ?1",
	[STATE_DELIVERY_EXPIRE] =
	    "DELETE FROM delivery WHERE status IN (1, 5, 7) AND created < ?1 AND tried < ?1"
	    " AND (status <> 7 OR due < ?1)",
	[STATE_DELIVERY_EXPIRE_DEAD] =
	    "DELETE FROM delivery WHERE status = 2 AND created < ?1 AND tried < ?1",
	[STATE_DELIVERY_RAISED] = "SELECT count(*) FROM (SELECT 1 FROM delivery WHERE kind = 0 AND alert = ?1"
	                          " AND created > ?2 AND created <= ?3 LIMIT ?4)",
	[STATE_DELIVERY_GATHER] =
	    "UPDATE delivery SET status = 4, due = created + ?4 WHERE kind = 0 AND alert = ?1"
	    " AND created > ?2 AND created <= ?3 AND status = 0 AND attempts = 0",
	[STATE_DELIVERY_GROUPS] = "SELECT alert, min(due), max(due), min(created), count(*) FROM delivery"
	                          " INDEXED BY delivery_gathered WHERE status = 4 GROUP BY alert",
	[STATE_DELIVERY_GATHERED] =
	    "SELECT " DELIVERY_COLUMNS
	    " FROM delivery WHERE id IN (SELECT id FROM delivery INDEXED BY delivery_gathered"
	    " WHERE status = 4 AND alert = ?1 AND due <= ?2 ORDER BY id LIMIT ?3) ORDER BY id",
	[STATE_DELIVERY_JOIN] = "UPDATE delivery SET status = 5, line = x'', error = ?4 WHERE status = 4"
	                        " AND alert = ?1 AND due <= ?2 AND id <= ?3",
	[STATE_DELIVERY_SCATTER] = "UPDATE delivery SET status = 0, due = ?2 WHERE status = 4 AND alert = ?1",
	[STATE_DELIVERY_TRIED] = "SELECT tried FROM delivery WHERE tried > 0 AND alert = ?1 AND tried > ?2"
	                         " AND tried <= ?3 ORDER BY tried DESC LIMIT 1 OFFSET ?4",
	/* Rows are as large as their records: some at a time; the others are met at the next look. */
	[STATE_DELIVERY_POSTPONE] =
	    "UPDATE delivery SET due = ?2 WHERE id IN (SELECT id FROM delivery WHERE status = 0 AND alert = "
	    "?1"
	    " AND due < ?2 AND kind <> 3 AND (attempts = 0 OR ?3) ORDER BY due LIMIT 1000)",
	[STATE_DELIVERY_RECALL] =
	    "UPDATE delivery SET due = ?1 WHERE status = 0 AND attempts = 0 AND due > ?1",
	[STATE_DELIVERY_ALERTS] = "SELECT DISTINCT alert FROM delivery WHERE status = ?1",
	[STATE_DELIVERY_HASTEN_PENDING] = DELIVERY_HASTEN("0"),
	[STATE_DELIVERY_HASTEN_GATHERED] = DELIVERY_HASTEN("4"),
	[STATE_DELIVERY_HASTEN_HELD] = DELIVERY_HASTEN("6"),
	[STATE_DELIVERY_BEGAN_BY] =
	    "UPDATE delivery SET tried = ?2 WHERE status = 0 AND alert = ?1 AND tried > 0"
	    " AND tried > ?2",
	[STATE_DELIVERY_REVIEWED] =
	    "SELECT " DELIVERY_COLUMNS " FROM delivery WHERE seq = ?1 AND status IN (0, 2, 4, 6, 7)"
	    " AND kind = 0 AND attempts = 0 ORDER BY id",
	[STATE_DELIVERY_HOLD_AGAIN] =
	    "UPDATE delivery SET status = 6, due = ?1 WHERE status = 2 AND kind = 0 AND attempts = 0"
	    " AND alert = ?2 AND (?3 = '' OR key = ?3)",
	[STATE_DELIVERY_RETRY_KEY] = DELIVERY_AGAIN " AND key = ?2",
	[STATE_DELIVERY_RETRY_ALERT] = DELIVERY_AGAIN " AND alert = ?2",
	[STATE_DELIVERY_RETRY_ALL] = DELIVERY_AGAIN,
	[STATE_ATTEMPT_PUT] = "INSERT INTO attempt VALUES(NULL, ?1, ?2, ?3, ?4, ?5, ?6)",
	[STATE_ATTEMPT_EACH] = "SELECT at, alert, key, attempt, result, error FROM attempt ORDER BY id",
	[STATE_ATTEMPT_TRIM] = "DELETE FROM attempt WHERE id <= (SELECT max(id) FROM attempt) - ?1",
	/* What is remembered of an item and its text (kinds 1 and 2) is looked at when it is wanted, and without it one goes on. */
	[STATE_CHECK] = "SELECT (SELECT count(opened(-1, name, value)) FROM value)"
	                " + (SELECT count(opened(-2, name, state)) FROM feed)"
	                " + (SELECT count(opened(3, number, value)) FROM numbered WHERE kind = 3)",
};
_Static_assert(DELIVERY_PENDING == 0 && DELIVERY_DONE == 1 && DELIVERY_DEAD == 2 && DELIVERY_STARTED == 3 &&
                   DELIVERY_GATHERED == 4 && DELIVERY_JOINED == 5 && DELIVERY_HELD == 6 &&
                   DELIVERY_REJECTED == 7 && DELIVERY_OF_RECORD == 0 && DELIVERY_OF_TEST == 3 &&
                   STATE_REPLAYS == 3,
    "the numbers in the statements");
