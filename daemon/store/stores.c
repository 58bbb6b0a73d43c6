/*
 * stores: all active files together: opening and rolling them forward, taking lines, flushing, checkpoints, reopening.
 * Owns the list of stores. Knows nothing of what a line says.
 */
#include "daemon/store/stores_job.h"
#include "daemon/store/stores_priv.h"

#include "daemon/store/names.h"
#include "daemon/store/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define FAILED_MAX (1u << 20) /* bytes: some thousand names of damaged files */

void stores_note(struct stores *s, const char *fmt, ...)
{
	va_list args;

	if (s->report.note[0])
		return;
	va_start(args, fmt);
	vsnprintf(s->report.note, sizeof(s->report.note), fmt, args);
	va_end(args);
}

bool stores_take_note(struct stores *s, char out[STORES_NOTE_MAX])
{
	if (s->report.note[0] == '\0')
		return false;
	memcpy(out, s->report.note, STORES_NOTE_MAX);
	s->report.note[0] = '\0';
	return true;
}

static bool name_is_valid(struct str name)
{
	if (name.n == 0 || name.n > STORE_NAME_MAX)
		return false;
	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i];

		if ((c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-')
			return false;
	}
	return true;
}

static void unlock(struct stores *s)
{
	if (s->lock_fd >= 0)
		s->fs->close(s->fs, s->lock_fd);
	s->lock_fd = -1;
}

/* The folder itself: nothing of ours stands there for it, and one that is made again is locked again. One that cannot be locked is used all the same. */
bool stores_lock(struct stores *s, struct err *e)
{
	int fd = s->fs->open(s->fs, s->directory, O_RDONLY | O_DIRECTORY, 0);
	bool locked = fd >= 0 && s->fs->lock(s->fs, fd) == 0;
	bool taken = fd >= 0 && !locked && errno == EWOULDBLOCK;

	if (fd >= 0 && !locked)
		s->fs->close(s->fs, fd);
	if (taken)
		return err_set(e, ERR_BUSY, 0, "%s: another daemon writes to this folder", s->directory);
	unlock(s);
	s->lock_fd = locked ? fd : -1;
	return true;
}

struct store *stores_find(struct stores *s, struct str name)
{
	for (size_t i = 0; i < s->count; i++) {
		if (str_eq(str_from(s->list[i]->name), name))
			return s->list[i];
	}
	return NULL;
}

static struct store *store_new(struct str name, uint64_t lsn)
{
	struct store *st = calloc(1, sizeof(*st));

	if (!st)
		return NULL;
	memcpy(st->name, name.p, name.n);
	st->fd = -1;
	st->tail_lsn = st->synced.lsn = lsn;
	st->lagging = st->doubtful = true;
	st->match.fd = -1;
	buf_init(&st->pending, STORE_PENDING_MAX);
	buf_init(&st->marks, STORE_PENDING_MAX);
	return st;
}

static void store_free(struct stores *s, struct store *st)
{
	match_fini(s, st);
	store_detach(s, st);
	buf_fini(&st->pending);
	buf_fini(&st->marks);
	free(st);
}

/* The store of this name, made if need be: it has lines behind `lsn` only. */
struct store *stores_add(struct stores *s, struct str name, uint64_t lsn, struct err *e)
{
	struct store *st = stores_find(s, name);

	if (st)
		return st;
	if (!name_is_valid(name)) {
		err_set(
		    e, ERR_CONFIG, 0, "store \"%.*s\": a name is made of a-z, 0-9 and '-'", STR_ARG(name));
		return NULL;
	}
	if (s->count == STORES_MAX) {
		err_set(e, ERR_LIMIT, 0, "more than %u stores", STORES_MAX);
		return NULL;
	}
	st = store_new(name, lsn);
	if (!st) {
		err_nomem(e);
		return NULL;
	}
	s->list[s->count++] = st;
	return st;
}

static bool set_policy(struct stores *s, const struct stores_policy *p, struct err *e)
{
	int n = snprintf(s->directory, sizeof(s->directory), "%s", p->directory);

	if (n < 0 || (size_t)n >= sizeof(s->directory))
		return err_set(e, ERR_CONFIG, 0, "the stores' folder has too long a name");
	s->policy = *p;
	s->policy.directory = s->directory;
	s->jobs_done = false;
	return true;
}

static bool add_names(struct stores *s, const char *const *names, size_t count, uint64_t lsn, struct err *e)
{
	for (size_t i = 0; i < count; i++) {
		if (!stores_add(s, str_from(names[i]), lsn, e))
			return false;
	}
	return true;
}

struct routes_scan {
	struct stores *s;
	uint64_t lsn;
	struct err *e;
	bool ok;
};

static bool scan_routes(void *ctx, const struct journal_entry *entry)
{
	struct routes_scan *scan = ctx;
	struct str routes = entry->routes;

	while (scan->ok && routes.n > 0)
		scan->ok = stores_add(scan->s, str_cut(&routes, '\n'), scan->lsn, scan->e) != NULL;
	return scan->ok;
}

static bool add_routes(struct stores *s, uint64_t lsn, struct err *e)
{
	struct routes_scan scan = { s, lsn, e, true };
	uint64_t from = lsn + 1, first = journal_first_lsn(s->journal);

	return journal_read(s->journal, from > first ? from : first, scan_routes, &scan, e) && scan.ok;
}

static struct stores *stores_new(const struct fs *fs, struct journal *j)
{
	struct stores *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->list = calloc(STORES_MAX, sizeof(struct store *));
	if (!s->list) {
		free(s);
		return NULL;
	}
	s->fs = fs;
	s->journal = j;
	s->lock_fd = -1;
	buf_init(&s->unsealed.final, FAILED_MAX);
	buf_init(&s->unsealed.passing, FAILED_MAX);
	buf_init(&s->uncompressible, FAILED_MAX);
	return s;
}

static bool load(struct stores *s, const char *const *names, size_t count, int64_t now_ms, struct err *e)
{
	uint64_t known;

	if (!fs_make_dirs(s->fs, s->directory, 0750, e) || !stores_lock(s, e) || !checkpoint_load(s, e))
		return false;
	known = s->unknown_past ? 0 : s->applied_lsn;
	journal_skip_to(s->journal, known + 1);
	if (!add_names(s, names, count, known, e) || !add_routes(s, known, e))
		return false;
	for (size_t i = 0; i < s->count; i++)
		s->list[i]->started_ms = s->list[i]->started_ms ? s->list[i]->started_ms : now_ms;
	s->applied_lsn = journal_next_lsn(s->journal) - 1;
	return true;
}

static bool any_lagging(const struct stores *s)
{
	for (size_t i = 0; i < s->count; i++) {
		if (s->list[i]->lagging)
			return true;
	}
	return false;
}

/* A disk that is full now must not keep the daemon from starting: its stores lag. */
static void roll_forward(struct stores *s)
{
	struct err why = { 0 };
	uint64_t lsn;

	if (!stores_catch_up(s, UINT64_MAX, &why))
		stores_note(s, "%s", why.text);
	s->unknown_past &= any_lagging(s);
	if (!stores_checkpoint(s, &lsn, &why))
		stores_note(s, "%s", why.text);
}

bool stores_open(const struct fs *fs, const struct stores_policy *p, struct journal *j,
    const char *const *names, size_t count, int64_t now_ms, struct stores **out, struct stores_report *report,
    struct err *e)
{
	struct stores *s = stores_new(fs, j);

	memset(report, 0, sizeof(*report));
	*out = NULL;
	if (!s)
		return err_nomem(e);
	if (!set_policy(s, p, e) || !load(s, names, count, now_ms, e)) {
		stores_close(&s);
		return false;
	}
	stores_drop_temporaries(s);
	roll_forward(s);
	stores_finish_takeovers(s);
	s->open = true;
	*report = s->report;
	memset(&s->report, 0, sizeof(s->report));
	*out = s;
	return true;
}

/* Lines go to the ends of the files, and nothing else happens to these: all that may be done beside a checkpoint on another thread. */
static bool write_all(struct stores *s, struct err *e)
{
	bool ok = true;

	for (size_t i = 0; i < s->count; i++)
		ok &= s->list[i]->fd < 0 || s->list[i]->lagging || store_write(s, s->list[i], e);
	return ok;
}

void stores_close(struct stores **out)
{
	struct stores *s = *out;
	struct err ignored = { 0 };
	bool folded;
	uint64_t lsn;

	if (!s)
		return;
	if (s->work)
		stores_end_checkpoint(s, false, &lsn, &folded);
	(void)!(!s->open || write_all(s, &ignored));
	(void)!(!s->open || stores_checkpoint(s, &lsn, &ignored));
	for (size_t i = 0; i < s->count; i++)
		store_free(s, s->list[i]);
	buf_fini(&s->unsealed.final);
	buf_fini(&s->unsealed.passing);
	buf_fini(&s->uncompressible);
	unlock(s);
	free(s->list);
	free(s);
	*out = NULL;
}

bool stores_configure(
    struct stores *s, const struct stores_policy *p, const char *const *names, size_t count, struct err *e)
{
	if (strcmp(p->directory, s->directory) != 0)
		return err_set(e, ERR_CONFIG, 0, "the stores' folder changes only with a restart");
	return set_policy(s, p, e) && add_names(s, names, count, s->applied_lsn, e);
}

static void apply_to(struct stores *s, struct str name, const struct journal_entry *entry)
{
	struct err why = { 0 };
	struct store *st = stores_add(s, name, entry->lsn - 1, &why);

	if (st && !st->lagging)
		store_take(st, entry->line, entry->lsn);
	else if (!st && why.kind == ERR_NOMEM)
		s->missed_lsn = s->missed_lsn ? s->missed_lsn : entry->lsn;
	else if (!st)
		stores_note(s, "%s", why.text);
}

void stores_apply(struct stores *s, const struct journal_entry *entry)
{
	struct str routes = entry->routes;

	if (entry->lsn <= s->applied_lsn)
		return;
	for (size_t i = 0; entry->lsn != s->applied_lsn + 1 && i < s->count; i++)
		store_lag(s->list[i], false); /* entries were left out: the journal has them */
	while (entry->line.n > 0 && routes.n > 0)
		apply_to(s, str_cut(&routes, '\n'), entry);
	s->applied_lsn = entry->lsn;
}

static bool flush_one(struct stores *s, struct store *st, int64_t now_ms, struct err *e)
{
	if (!store_look(s, st, now_ms, e))
		return false;
	if (st->size == 0 || st->started_ms == 0)
		st->started_ms =
		    now_ms; /* a file is as old as its first line, not as the time at which its store was named */
	if (st->lagging)
		return true;
	return store_rotate(s, st, false, now_ms, e) && store_write(s, st, e) &&
	       store_rotate(s, st, false, now_ms, e);
}

static bool make_missed(struct stores *s, struct err *e)
{
	if (!add_routes(s, s->missed_lsn - 1, e))
		return false;
	s->missed_lsn = 0;
	return true;
}

bool stores_flush(struct stores *s, int64_t now_ms, struct err *e)
{
	uint64_t lsn;
	bool ok;

	if (s->work)
		return write_all(s, e);
	ok = s->missed_lsn == 0 || make_missed(s, e);
	for (size_t i = 0; i < s->count; i++)
		ok &= flush_one(s, s->list[i], now_ms, e);
	if (any_lagging(s))
		ok &= stores_catch_up(s, STORE_CATCH_UP_MAX, e);
	s->unknown_past &= any_lagging(s);
	if (s->checkpoint_due)
		ok &= stores_checkpoint(s, &lsn, e);
	return ok;
}

bool stores_sync(struct stores *s, struct err *e)
{
	bool ok = true;

	for (size_t i = 0; i < s->count; i++)
		ok &= store_sync(s, s->list[i], e);
	return ok;
}

/* While the past is unknown, nothing may be written down as known. */
bool stores_checkpoint(struct stores *s, uint64_t *lsn, struct err *e)
{
	bool ok = stores_sync(s, e);

	*lsn = 0;
	if (s->unknown_past)
		return ok;
	if (!checkpoint_write(s, e))
		return false;
	s->checkpoint_due = false;
	*lsn = stores_reached(s);
	for (size_t i = 0; i < s->count; i++) {
		if (s->list[i]->synced.lsn < *lsn)
			*lsn = s->list[i]->synced.lsn;
	}
	return ok;
}

bool stores_reopen(struct stores *s, bool rotate, int64_t now_ms, struct err *e)
{
	bool ok = true;

	for (size_t i = 0; i < s->count; i++) {
		struct store *st = s->list[i];

		ok &= flush_one(s, st, now_ms, e) && (!rotate || store_rotate(s, st, true, now_ms, e));
	}
	return ok;
}

bool stores_reader(const struct stores *s, const char *store, struct reader **out, struct err *e)
{
	return reader_open(s->fs, s->directory, store, out, e);
}
