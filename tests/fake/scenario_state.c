/* scenario_state: what befalls the state's file: it is lost, or comes back from a backup, while nothing runs; somebody else writes to it. */
#include "tests/fake/scenario_priv.h"

#include <sqlite3.h>
#include <stdio.h>
#include <unistd.h>

bool scenario_remove_state(struct scenario *s, const struct words *w)
{
	static const char *const names[] = { "state.db", "state.db-wal", "state.db-shm" };
	char path[256];

	(void)w;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", s->w.folder.path, names[i]);
		unlink(path);
	}
	return true;
}

static bool copy_file(const struct scenario *s, const char *from, const char *to)
{
	char path[2][256], block[4096];
	FILE *in, *out;
	size_t n;
	bool ok;

	snprintf(path[0], sizeof(path[0]), "%s/%s", s->w.folder.path, from);
	snprintf(path[1], sizeof(path[1]), "%s/%s", s->w.folder.path, to);
	in = fopen(path[0], "rb");
	out = fopen(path[1], "wb");
	ok = in && out;
	while (ok && (n = fread(block, 1, sizeof(block), in)) > 0)
		ok = fwrite(block, 1, n, out) == n;
	ok = in && !ferror(in) && ok;
	if (in)
		fclose(in);
	return out && fclose(out) == 0 && ok;
}

bool scenario_save_state(struct scenario *s, const struct words *w)
{
	(void)w;
	return copy_file(s, "state.db", "state.saved") || scenario_fail(s, "the state cannot be saved");
}

bool scenario_restore_state(struct scenario *s, const struct words *w)
{
	return scenario_remove_state(s, w) &&
	       (copy_file(s, "state.saved", "state.db") || scenario_fail(s, "there is no saved state"));
}

/* damage-store STORE: one bit in the middle of its last line. */
bool scenario_damage_store(struct scenario *s, const struct words *w)
{
	char path[256], block[65536];
	FILE *f;
	size_t n, start, at;
	bool ok;

	snprintf(path, sizeof(path), "%s/log/%s.jsonl", s->w.folder.path, w->at[1]);
	f = fopen(path, "r+b");
	n = f ? fread(block, 1, sizeof(block), f) : 0;
	start = n > 1 ? n - 1 : 0;
	while (start > 0 && block[start - 1] != '\n')
		start--;
	at = start + (n - start) / 2;
	block[at] ^= 1;
	ok = n > 0 && fseek(f, (long)at, SEEK_SET) == 0 && fwrite(block + at, 1, 1, f) == 1;
	return (f && fclose(f) == 0 && ok) || scenario_fail(s, "the store cannot be damaged");
}

/* Another writer holds it: nothing can be changed until it is released. */
bool scenario_lock_state(struct scenario *s, const struct words *w)
{
	char path[256];

	(void)w;
	snprintf(path, sizeof(path), "%s/state.db", s->w.folder.path);
	return (sqlite3_open_v2(path, &s->writer, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK &&
	           sqlite3_exec(s->writer, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK) ||
	       scenario_fail(s, "the state cannot be locked");
}

/* Another thread folds its log, and has not come to the end: it can be changed meanwhile, but not folded. */
bool scenario_fold_state(struct scenario *s, const struct words *w)
{
	enum { CHECKPOINT_LOCK = 1 }; /* SQLite's number of it */
	char path[256];
	sqlite3_file *file = NULL;

	(void)w;
	snprintf(path, sizeof(path), "%s/state.db", s->w.folder.path);
	return (sqlite3_open_v2(path, &s->writer, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK &&
	           sqlite3_exec(s->writer, "SELECT count(*) FROM value", NULL, NULL, NULL) == SQLITE_OK &&
	           sqlite3_file_control(s->writer, "main", SQLITE_FCNTL_FILE_POINTER, &file) == SQLITE_OK &&
	           file->pMethods->xShmLock(
	               file, CHECKPOINT_LOCK, 1, SQLITE_SHM_LOCK | SQLITE_SHM_EXCLUSIVE) == SQLITE_OK) ||
	       scenario_fail(s, "the state cannot be folded");
}

static bool change_schema(const struct scenario *s, const char *sql)
{
	char path[256];
	sqlite3 *db = NULL;
	bool ok;

	snprintf(path, sizeof(path), "%s/state.db", s->w.folder.path);
	ok = sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK &&
	     sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK;
	sqlite3_close(db);
	return ok;
}

/* unsynced-state yes|no: what is changed in it cannot be made durable, other than by folding its log. */
bool scenario_unsynced_state(struct scenario *s, const struct words *w)
{
	const char *sql = strcmp(w->at[1], "yes") == 0
	                      ? "CREATE TRIGGER unsynced BEFORE INSERT ON value WHEN new.name = 'synced'"
	                        " BEGIN SELECT RAISE(ABORT, 'not now'); END"
	                      : "DROP TRIGGER unsynced";

	return change_schema(s, sql) || scenario_fail(s, "the state cannot be changed");
}

bool scenario_release_state(struct scenario *s, const struct words *w)
{
	(void)w;
	sqlite3_close(s->writer);
	s->writer = NULL;
	return true;
}

/* damage-rows ALERT: its deliveries cannot be marked as done, as where a page of the file is damaged. */
bool scenario_damage_rows(struct scenario *s, const struct words *w)
{
	char sql[256];

	snprintf(sql, sizeof(sql),
	    "CREATE TRIGGER damage BEFORE UPDATE ON delivery WHEN new.status = 1 AND new.alert = '%.60s'"
	    " BEGIN SELECT RAISE(ABORT, 'damaged'); END",
	    w->at[1]);
	return change_schema(s, sql) || scenario_fail(s, "the state cannot be damaged");
}
