/*
 * state: the database file: opening, schema, small values. Owns the connection and all prepared statements.
 * Everything in it can be made again from the journal and the stores; so NORMAL sync is enough: a power cut may undo the
 * last transactions, never mix them, and applied_lsn tells how far they went.
 */
#include "daemon/store/state_priv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define APPLICATION_ID 0x475a5354 /* "GZST" */
#define SCHEMA_VERSION ((int)ARRAY_LEN(upgrades))
/* KiB of page cache. What it does not hold is in the system's, a call away; but a page that is changed and has no room is written, and read again
 * for the next change: names are spread over all pages, and with a third of this the first poll of 2,000 feeds writes two and a half times as much. */
#define CACHE_KIB 3072
#define WAL_PAGES 4000 /* pages in the WAL before SQLite folds it back: 16 MB */
/* What stays of it afterwards: to forget a day of names takes far more, once a day. */
#define WAL_BYTES (WAL_PAGES * 4096)
#define READER_PATIENCE_MS 2000 /* ms that a reader waits for the daemon */
#define STATE_SYNCED "synced" /* lsn; written for the sake of the sync that it brings */

static const char pragmas[] = "PRAGMA synchronous=NORMAL;"
                              "PRAGMA temp_store=MEMORY;"
                              "PRAGMA trusted_schema=OFF;"
                              "PRAGMA cell_size_check=ON;";

/* `seen` is its own index (the alias is the row number), and has no second one: every poll touches `last`, expiry is rare and may scan.
 * Deliveries carry whole records: a few of them are due at a time. */
static const char schema[] =
    "CREATE TABLE value(name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE feed(name TEXT PRIMARY KEY, state BLOB NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE seen(alias INTEGER PRIMARY KEY, value INTEGER NOT NULL, content INTEGER NOT NULL,"
    " last INTEGER NOT NULL) STRICT;"
    "CREATE TABLE delivery(id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, alert TEXT NOT NULL, line BLOB "
    "NOT NULL,"
    " seq INTEGER NOT NULL, due INTEGER NOT NULL, created INTEGER NOT NULL, attempts INTEGER NOT NULL,"
    " status INTEGER NOT NULL, error TEXT NOT NULL) STRICT;"
    "CREATE INDEX delivery_due ON delivery(status, due);";

/* Came after the first release, which leaves a table that it does not know alone: no reason for a new version. */
static const char additions[] =
    "CREATE TABLE IF NOT EXISTS numbered(kind INTEGER NOT NULL, number INTEGER NOT NULL, value BLOB NOT NULL,"
    " PRIMARY KEY(kind, number)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS delivery_waiting ON delivery(alert, due) WHERE status = 0;"
    "CREATE INDEX IF NOT EXISTS delivery_open ON delivery(seq) WHERE status IN (0, 2, 4, 6, 7);";

/* From one version to the next; a new file goes through all of them. */
static const char *const upgrades[] = {
	[1] =
	    "ALTER TABLE delivery ADD COLUMN kind INTEGER NOT NULL DEFAULT 0;"
	    "ALTER TABLE delivery ADD COLUMN records INTEGER NOT NULL DEFAULT 1;"
	    "ALTER TABLE delivery ADD COLUMN tried INTEGER NOT NULL DEFAULT 0;"
	    "CREATE INDEX delivery_raised ON delivery(alert, created) WHERE kind = 0;"
	    "CREATE INDEX delivery_gathered ON delivery(alert, due, created) WHERE status = 4;"
	    "CREATE INDEX delivery_tried ON delivery(alert, tried) WHERE tried > 0;"
	    "CREATE TABLE attempt(id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, alert TEXT NOT "
	    "NULL,"
	    " key TEXT NOT NULL, attempt INTEGER NOT NULL, result TEXT NOT NULL, error TEXT NOT NULL) "
	    "STRICT;",
	[2] = "UPDATE value SET value = sealed(-1, name, value);"
	      "UPDATE feed SET state = sealed(-2, name, state);"
	      "UPDATE numbered SET value = sealed(kind, number, value);"
	      "UPDATE seen SET content = seen_content(alias, value, content), last = seen_last(alias, last);",
};

bool state_failed(struct state *s, const char *what, struct err *e)
{
	int code = sqlite3_errcode(s->db) & 0xff;

	if (code == SQLITE_NOMEM)
		return err_nomem(e);
	if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB)
		return err_set(e, ERR_PARSE, 0,
		    "state: %s: the file is damaged (%s); it can be rebuilt from the log", what,
		    sqlite3_errmsg(s->db));
	if (code == SQLITE_BUSY || code == SQLITE_LOCKED)
		return err_set(e, ERR_BUSY, 0, "state: %s: %s", what, sqlite3_errmsg(s->db));
	if (code == SQLITE_FULL)
		return err_set(e, ERR_IO, ENOSPC, "state: %s", what);
	return err_set(e, ERR_IO, 0, "state: %s: %s", what, sqlite3_errmsg(s->db));
}

sqlite3_stmt *state_statement(struct state *s, enum state_statement which)
{
	sqlite3_reset(s->statements[which]);
	return s->statements[which];
}

bool state_step(struct state *s, enum state_statement which, bool *row, const char *what, struct err *e)
{
	int rc = sqlite3_step(s->statements[which]);

	*row = rc == SQLITE_ROW;
	if (rc == SQLITE_ROW)
		return true;
	if (rc != SQLITE_DONE)
		state_failed(s, what, e);
	sqlite3_reset(s->statements[which]);
	return rc == SQLITE_DONE;
}

bool state_run(struct state *s, enum state_statement which, const char *what, struct err *e)
{
	bool row;

	/* What is no part of a group is not to be undone with one. */
	if (!s->begun && !state_settle(s, e))
		return false;
	return state_step(s, which, &row, what, e);
}

/* Text and blobs are bound without a copy: the statement is run before the caller goes on. */
void state_bind_text(sqlite3_stmt *q, int i, struct str s)
{
	sqlite3_bind_text64(q, i, s.p ? s.p : "", s.n, SQLITE_STATIC, SQLITE_UTF8);
}

void state_bind_blob(sqlite3_stmt *q, int i, struct str s)
{
	sqlite3_bind_blob64(q, i, s.p ? s.p : "", s.n, SQLITE_STATIC);
}

void state_bind_u64(sqlite3_stmt *q, int i, uint64_t v)
{
	sqlite3_int64 bits;

	memcpy(&bits, &v, sizeof(bits));
	sqlite3_bind_int64(q, i, bits);
}

struct str state_column(sqlite3_stmt *q, int i)
{
	const void *p = sqlite3_column_blob(q, i);

	return str_of(p ? p : "", (size_t)sqlite3_column_bytes(q, i));
}

uint64_t state_column_u64(sqlite3_stmt *q, int i)
{
	sqlite3_int64 bits = sqlite3_column_int64(q, i);
	uint64_t v;

	memcpy(&v, &bits, sizeof(v));
	return v;
}

static bool execute(struct state *s, const char *sql, const char *what, struct err *e)
{
	return sqlite3_exec(s->db, sql, NULL, NULL, NULL) == SQLITE_OK || state_failed(s, what, e);
}

static bool read_number(struct state *s, const char *sql, int64_t *out, struct err *e)
{
	sqlite3_stmt *q;
	bool ok = sqlite3_prepare_v2(s->db, sql, -1, &q, NULL) == SQLITE_OK && sqlite3_step(q) == SQLITE_ROW;

	*out = ok ? sqlite3_column_int64(q, 0) : 0;
	sqlite3_finalize(q);
	return ok || state_failed(s, "open", e);
}

/* One transaction: a kill in the middle leaves an empty file, which is made again. */
static bool make_schema(struct state *s, struct err *e)
{
	char sql[2048];

	snprintf(sql, sizeof(sql), "BEGIN;%sPRAGMA application_id=%d;PRAGMA user_version=1;COMMIT;", schema,
	    APPLICATION_ID);
	return execute(s, sql, "making tables", e);
}

bool state_version_fits(int64_t application, int64_t version, struct err *e)
{
	if (application == 0 && version == 0)
		return true; /* nothing was made in it yet */
	if (application != APPLICATION_ID)
		return err_set(e, ERR_CONFIG, 0, "state: the file is a database of another program");
	if (version <= 0) /* tables come with a version, in one transaction */
		return err_set(
		    e, ERR_PARSE, 0, "state: the file is damaged (version %lld)", (long long)version);
	if (version > SCHEMA_VERSION)
		return err_set(e, ERR_CONFIG, 0,
		    "state: the file was written by a newer version (%lld, this one knows %d)",
		    (long long)version, SCHEMA_VERSION);
	return true;
}

bool state_is_whole(struct state *s, struct err *e)
{
	sqlite3_stmt *q;
	bool ok = sqlite3_prepare_v2(s->db, "PRAGMA quick_check(1)", -1, &q, NULL) == SQLITE_OK &&
	          sqlite3_step(q) == SQLITE_ROW;
	struct str said = ok ? state_column(q, 0) : STR("");

	if (!ok)
		state_failed(s, "check", e);
	else if (!str_eq(said, STR("ok")))
		ok = err_set(e, ERR_PARSE, 0, "state: the file is damaged (%.*s)", STR_ARG(said));
	sqlite3_finalize(q);
	return ok && state_sums_fit(s, e);
}

/* Each step is one transaction: a kill in the middle leaves a version that is known. */
static bool upgrade(struct state *s, struct err *e)
{
	char sql[2048];
	int64_t version;

	if (!read_number(s, "PRAGMA user_version", &version, e))
		return false;
	for (; version < SCHEMA_VERSION; version++) {
		snprintf(sql, sizeof(sql), "BEGIN;%sPRAGMA user_version=%d;COMMIT;", upgrades[version],
		    (int)version + 1);
		if (!execute(s, sql, "upgrading", e))
			return false;
	}
	return true;
}

/* Reads, and changes nothing: what is another program's, or newer, stays as it is. */
static bool is_ours(struct state *s, bool *empty, struct err *e)
{
	int64_t application, version, tables;

	if (!read_number(s, "PRAGMA application_id", &application, e) ||
	    !read_number(s, "PRAGMA user_version", &version, e) ||
	    !read_number(s, "SELECT count(*) FROM sqlite_schema", &tables, e))
		return false;
	*empty = application == 0 && version == 0 && tables == 0;
	if (*empty)
		return true;
	if (application == 0) /* tables, and not ours */
		return err_set(e, ERR_CONFIG, 0, "state: the file is a database of another program");
	return state_version_fits(application, version, e);
}

static bool prepare_all(struct state *s, struct err *e)
{
	for (unsigned i = 0; i < STATE_STATEMENTS; i++) {
		if (sqlite3_prepare_v3(s->db, state_statement_text[i], -1, SQLITE_PREPARE_PERSISTENT,
		        &s->statements[i], NULL) != SQLITE_OK)
			return state_failed(s, "preparing", e);
	}
	return true;
}

static bool read_applied(struct state *s, struct err *e)
{
	char text[24];
	size_t n;
	unsigned long long v;

	if (!state_get(s, STATE_LSN, text, sizeof(text), &n, e))
		return false;
	if (n == STATE_ABSENT)
		return true;
	if (n > sizeof(text) || !str_to_u64(str_of(text, n), &v))
		return err_set(e, ERR_PARSE, 0, "state: %s is not a number", STATE_LSN);
	s->applied_lsn = s->reached_lsn = v;
	return true;
}

static bool set_up(struct state *s, struct err *e)
{
	char sizes[128];
	bool empty;

	snprintf(sizes, sizeof(sizes),
	    "PRAGMA cache_size=-%d;PRAGMA wal_autocheckpoint=%d;PRAGMA journal_size_limit=%d;", CACHE_KIB,
	    WAL_PAGES, WAL_BYTES);
	sqlite3_extended_result_codes(s->db, 1);
	/* Else a statement is prepared anew for each value that might fit an index of some rows only (`status = ?` and the gathered ones). */
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_ENABLE_QPSG, 1, NULL);
	return execute(s, pragmas, "open", e) && is_ours(s, &empty, e) &&
	       execute(s, "PRAGMA journal_mode=WAL", "open", e) && execute(s, sizes, "open", e) &&
	       (!empty || make_schema(s, e)) && execute(s, additions, "making tables", e) &&
	       state_sums_register(s, e) && upgrade(s, e) && prepare_all(s, e) && read_applied(s, e);
}

bool state_open(const char *path, struct state **out, struct err *e)
{
	const int flags =
	    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW;
	struct state *s = calloc(1, sizeof(*s));
	bool ok;

	*out = NULL;
	if (!s)
		return err_nomem(e);
	/* Nobody asks SQLite how much memory it has, and to count it takes a lock at each piece. Refused, and needless, once it has begun;
	 * the first state of a process is opened before anything else of it uses SQLite. */
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	if (sqlite3_open_v2(path, &s->db, flags, NULL) != SQLITE_OK)
		ok = s->db ? err_set(e, ERR_IO, 0, "%s: %s", path, sqlite3_errmsg(s->db)) : err_nomem(e);
	else
		ok = set_up(s, e);
	if (!ok && s->db) /* what is not ours, or newer, stays as it is: its log is not folded back */
		sqlite3_db_config(s->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	if (ok)
		*out = s;
	else
		state_close(&s);
	return ok;
}

/* Without the daemon there may be no index of the log of changes, and a reader may not be allowed to make one: then the file alone is all. */
static int open_to_read(struct state *s, const char *path, bool alone)
{
	const int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI;
	char uri[3 * 4096];
	size_t n = (size_t)snprintf(uri, sizeof(uri), "file:");

	for (; *path && n + 32 < sizeof(uri); path++)
		n += (size_t)snprintf(
		    uri + n, sizeof(uri) - n, strchr("%?#", *path) ? "%%%02x" : "%c", (unsigned char)*path);
	snprintf(uri + n, sizeof(uri) - n, alone ? "?immutable=1" : "");
	return sqlite3_open_v2(uri, &s->db, flags, NULL);
}

static bool set_up_to_read(struct state *s, struct err *e)
{
	int64_t version;
	bool empty;

	sqlite3_extended_result_codes(s->db, 1);
	sqlite3_busy_timeout(s->db, READER_PATIENCE_MS);
	return is_ours(s, &empty, e) && read_number(s, "PRAGMA user_version", &version, e) &&
	       (version == SCHEMA_VERSION ||
	           err_set(
	               e, ERR_CONFIG, 0, "state: the file is of an older version; start the daemon once")) &&
	       state_sums_register(s, e) && prepare_all(s, e);
}

bool state_open_to_read(const char *path, bool alone, struct state **out, struct err *e)
{
	struct state *s = calloc(1, sizeof(*s));
	bool ok;

	*out = NULL;
	if (!s)
		return err_nomem(e);
	if (open_to_read(s, path, alone) != SQLITE_OK)
		ok = s->db ? err_set(e, ERR_IO, 0, "%s: %s", path, sqlite3_errmsg(s->db)) : err_nomem(e);
	else
		ok = set_up_to_read(s, e);
	if (ok)
		*out = s;
	else
		state_close(&s);
	return ok;
}

void state_close(struct state **out)
{
	struct state *s = *out;

	if (!s)
		return;
	for (unsigned i = 0; i < STATE_STATEMENTS; i++)
		sqlite3_finalize(s->statements[i]);
	sqlite3_close(s->db);
	free(s);
	*out = NULL;
}

/* A commit that is on the disk has all before it there, in the same file. */
static bool commit_durably(struct state *s, struct err *e)
{
	struct err why = { .kind = ERR_NONE };
	char lsn[24];
	int n = snprintf(lsn, sizeof(lsn), "%llu", (unsigned long long)s->applied_lsn);
	bool ok = execute(s, "PRAGMA synchronous=FULL", "sync", e) &&
	          state_put(s, STATE_SYNCED, str_of(lsn, (size_t)n), e);

	return execute(s, "PRAGMA synchronous=NORMAL", "sync", ok ? e : &why) && ok;
}

/* Folding the log into the file syncs both, but waits for whoever reads what is older: a pager may show it for days. While another thread folds it
 * (state_fold), how far is not known here. */
bool state_sync(struct state *s, struct err *e)
{
	int in_log = 0, folded = 0, rc;
	bool busy;

	if (!state_settle(s, e))
		return false;
	rc = sqlite3_wal_checkpoint_v2(s->db, NULL, SQLITE_CHECKPOINT_PASSIVE, &in_log, &folded);
	busy = (rc & 0xff) == SQLITE_BUSY;
	if (rc != SQLITE_OK && !busy)
		return state_failed(s, "checkpoint", e);
	return (!busy && folded == in_log) || commit_durably(s, e);
}

const char *state_path(const struct state *s)
{
	const char *path = sqlite3_db_filename(s->db, "main");

	return path ? path : "";
}

/* The main thread's connection goes on committing meanwhile: who folds passively holds up no writer. Without the read the connection would not know
 * that there is a log. */
bool state_fold(const char *path, bool *folded, struct err *e)
{
	const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW;
	struct state own = { .db = NULL };
	int in_log = -1, done = -1;
	bool ok =
	    sqlite3_open_v2(path, &own.db, flags, NULL) == SQLITE_OK &&
	    sqlite3_db_config(own.db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL) == SQLITE_OK &&
	    sqlite3_exec(own.db, "PRAGMA synchronous=NORMAL;PRAGMA user_version", NULL, NULL, NULL) ==
	        SQLITE_OK &&
	    sqlite3_wal_checkpoint_v2(own.db, NULL, SQLITE_CHECKPOINT_PASSIVE, &in_log, &done) == SQLITE_OK;

	if (!ok && own.db)
		state_failed(&own, "checkpoint", e);
	else if (!ok)
		err_nomem(e);
	*folded = ok && in_log >= 0 && done == in_log;
	sqlite3_close(own.db);
	return ok;
}

void state_shrink(struct state *s)
{
	struct err ignored = { 0 };

	if (!state_settle(s, &ignored))
		state_rollback(s);
	/* Where even the few new pages of the file find no room the WAL stays as it is. */
	(void)sqlite3_wal_checkpoint_v2(s->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
}

bool state_put(struct state *s, const char *name, struct str value, struct err *e)
{
	sqlite3_stmt *q = state_statement(s, STATE_VALUE_PUT);

	state_bind_text(q, 1, str_from(name));
	state_bind_blob(q, 2, value);
	return state_run(s, STATE_VALUE_PUT, name, e);
}

bool state_delete(struct state *s, const char *name, struct err *e)
{
	state_bind_text(state_statement(s, STATE_VALUE_DELETE), 1, str_from(name));
	return state_run(s, STATE_VALUE_DELETE, name, e);
}

bool state_get(struct state *s, const char *name, char *buf, size_t size, size_t *n, struct err *e)
{
	sqlite3_stmt *q = state_statement(s, STATE_VALUE_GET);
	struct str v;
	bool row;

	*n = STATE_ABSENT;
	state_bind_text(q, 1, str_from(name));
	if (!state_step(s, STATE_VALUE_GET, &row, name, e))
		return false;
	if (!row)
		return true;
	v = state_column(q, 0);
	memcpy(buf, v.p, v.n < size ? v.n : size);
	*n = v.n;
	sqlite3_reset(q);
	return true;
}
