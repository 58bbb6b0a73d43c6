/*
 * stores_file: one active file: opening, appending, syncing, rotating, and noticing what others did to it.
 * Owns the descriptor. Knows nothing of the journal: when a position is lost it only says `lagging`.
 */
#include "daemon/store/stores_aside.h"

#include "daemon/base/hash.h"
#include "daemon/store/names.h"
#include "daemon/store/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

void store_path(const struct stores *s, const char *name, char out[STORE_PATH_MAX])
{
	snprintf(out, STORE_PATH_MAX, "%s/%s" NAMES_SUFFIX, s->directory, name);
}

static int open_or_make(struct stores *s, const char *path)
{
	const int flags =
	    O_RDWR | O_APPEND | O_CREAT | O_NONBLOCK; /* a FIFO in the place of the file must not stop us */
	int fd = s->fs->open(s->fs, path, flags, s->policy.mode);
	struct err why = { 0 };

	if (fd >= 0 || errno != ENOENT || !fs_make_dirs(s->fs, s->directory, 0750, NULL))
		return fd;
	if (!stores_lock(s, &why)) {
		errno = EWOULDBLOCK;
		return -1;
	}
	return s->fs->open(s->fs, path, flags, s->policy.mode);
}

bool store_attach(struct stores *s, struct store *st, struct err *e)
{
	char path[STORE_PATH_MAX];
	struct fs_stat info;

	if (st->fd >= 0)
		return true;
	store_path(s, st->name, path);
	st->fd = open_or_make(s, path);
	if (st->fd < 0)
		return err_set(e, ERR_IO, errno, "%s: open", path);
	if (s->fs->fstat(s->fs, st->fd, &info) < 0) {
		err_set(e, ERR_IO, errno, "%s: stat", path);
		store_detach(s, st);
		return false;
	}
	if (!S_ISREG(info.mode)) {
		store_detach(s, st);
		return err_set(e, ERR_IO, 0, "%s: not a plain file", path);
	}
	st->inode = info.inode;
	st->size = info.size;
	st->folder_dirty = true;
	st->dirty = info.size > 0; /* an earlier life may have left bytes that only memory holds */
	return true;
}

void store_detach(struct stores *s, struct store *st)
{
	if (st->fd >= 0)
		s->fs->close(s->fs, st->fd);
	st->fd = -1;
}

void store_lag(struct store *st, bool doubtful)
{
	buf_fini(&st->pending);
	buf_fini(&st->marks);
	st->lagging = true;
	st->doubtful |= doubtful;
}

void store_take(struct store *st, struct str line, uint64_t lsn)
{
	struct mark m = { lsn, reader_line_seq(line), st->pending.n + line.n };

	if (line.n > STORE_PENDING_MAX - st->pending.n) {
		store_lag(st, false);
		return;
	}
	buf_str(&st->pending, line);
	buf_add(&st->marks, &m, sizeof(m));
	if (st->pending.failed || st->marks.failed)
		store_lag(st, false);
}

/* Counts the first `done` bytes of pending as written. */
static void account(struct store *st, size_t done)
{
	const struct mark *m = (const struct mark *)(const void *)st->marks.p;
	size_t lines = 0, whole = 0;

	while (lines < st->marks.n / sizeof(*m) && m[lines].end <= done) {
		st->tail_lsn = m[lines].lsn;
		st->last_seq = m[lines].seq ? m[lines].seq : st->last_seq;
		whole = m[lines++].end;
	}
	st->partial = lines ? done - whole : st->partial + done;
	st->size += (int64_t)done;
	st->dirty |= done > 0;
	if (done == st->pending.n) {
		buf_relax(&st->pending);
		buf_relax(&st->marks);
		return;
	}
	buf_shift(&st->pending, done);
	buf_shift(&st->marks, lines * sizeof(*m));
	for (size_t i = 0; i < st->marks.n / sizeof(*m); i++)
		((struct mark *)(void *)st->marks.p)[i].end -= done;
}

bool store_write(struct stores *s, struct store *st, struct err *e)
{
	struct err why = { 0 };
	size_t done = 0;
	bool ok;

	if (st->pending.n == 0)
		return true;
	ok = fs_append_all(s->fs, st->fd, st->pending.p, st->pending.n, &done, &why);
	account(st, done);
	return ok || err_set(e, why.kind, why.sys, "%s" NAMES_SUFFIX ": append", st->name);
}

/* Behind the bytes of somebody else, or a torn piece of ours that they spoiled: our next line begins on a line of its own. */
bool store_seal(struct stores *s, struct store *st, struct err *e)
{
	char last = '\n';
	ssize_t n;

	if (st->size == 0)
		return true;
	n = fs_read_full(s->fs, st->fd, &last, 1, st->size - 1);
	if (n < 0)
		return err_set(e, ERR_IO, errno, "%s" NAMES_SUFFIX ": read", st->name);
	if (last == '\n')
		return true;
	if (!fs_append_all(s->fs, st->fd, "\n", 1, NULL, e))
		return false;
	st->size++;
	st->dirty = true;
	return true;
}

/* The old name is gone. A file that was moved within the folder gets what we hold still, as logrotate's users expect; to one that was taken elsewhere
 * or deleted nothing is entrusted any more, but what it has goes to the disk. Then the name is made again. */
static bool follow_move(struct stores *s, struct store *st, struct err *e)
{
	struct err ignored = { 0 };
	char path[STORE_PATH_MAX];
	bool kept = stores_find_inode(s, st->inode, path)
	                ? store_write(s, st, &ignored) && store_sync(s, st, &ignored)
	                : !st->dirty || s->fs->sync(s->fs, st->fd) == 0;

	stores_note(s, "%s" NAMES_SUFFIX " was moved away; a new one was begun", st->name);
	if (st->lagging || !kept)
		store_lag(st, true);
	else if (st->partial > 0)
		store_lag(st, false);
	st->partial = 0;
	st->folder_dirty = st->dirty = false;
	store_detach(s, st);
	if (!store_attach(s, st, e))
		return false;
	s->checkpoint_due = true;
	return store_seal(s, st, e);
}

/* Shorter: logrotate's copytruncate, or worse. Longer: somebody else appended. Either way a piece of a line of ours that stood at the end is
 * spoiled: the line is written again, whole. */
static bool follow_size(struct stores *s, struct store *st, int64_t size, struct err *e)
{
	stores_note(s, "%s" NAMES_SUFFIX " was %s by somebody else (%lld bytes, not %lld)", st->name,
	    size < st->size ? "cut" : "lengthened", (long long)size, (long long)st->size);
	st->size = size;
	if (st->partial > 0)
		store_lag(st, false);
	st->partial = 0;
	s->checkpoint_due = true;
	return store_seal(s, st, e);
}

bool store_look(struct stores *s, struct store *st, int64_t now_ms, struct err *e)
{
	char path[STORE_PATH_MAX];
	struct fs_stat info;
	bool there;

	if (st->fd < 0 && !store_attach(s, st, e))
		return false;
	if (now_ms < st->started_ms)
		st->started_ms =
		    now_ms; /* the clock went back: the next rotation by time is one period from now */
	store_path(s, st->name, path);
	there = s->fs->stat(s->fs, path, &info) == 0;
	if (!there && errno != ENOENT)
		return err_set(e, ERR_IO, errno, "%s: stat", path);
	if (!there || info.inode != st->inode) {
		st->started_ms = now_ms;
		return follow_move(s, st, e);
	}
	return info.size == st->size || follow_size(s, st, info.size, e);
}

static bool fingerprint(struct stores *s, struct store *st, int64_t offset, uint32_t *print, struct err *e)
{
	char bytes[PRINT_SIZE];
	int64_t n = offset < PRINT_SIZE ? offset : PRINT_SIZE;

	if (fs_read_full(s->fs, st->fd, bytes, (size_t)n, offset - n) != n)
		return err_set(e, ERR_IO, errno, "%s" NAMES_SUFFIX ": read", st->name);
	*print = crc32c(0, bytes, (size_t)n);
	return true;
}

bool store_next_synced(struct stores *s, struct store *st, struct synced *next, struct err *e)
{
	*next = (struct synced){ st->inode, st->size - (int64_t)st->partial, st->tail_lsn, 0 };
	if (!store_behind(st))
		st->tail_lsn = next->lsn = s->applied_lsn;
	return fingerprint(s, st, next->offset, &next->print, e);
}

/* The kernel tells of it once: a second sync could claim success for pages that were dropped. */
void store_sync_failed(struct stores *s, struct store *st)
{
	store_detach(s, st);
	store_lag(st, true);
	st->rewrite = true;
}

bool store_sync(struct stores *s, struct store *st, struct err *e)
{
	struct synced next;

	if (st->fd < 0 || (st->lagging && st->doubtful))
		return true; /* nothing new is certain */
	if (st->folder_dirty && s->fs->sync_dir(s->fs, s->directory) < 0)
		return err_set(e, ERR_IO, errno, "%s: sync", s->directory);
	st->folder_dirty = false;
	if (st->dirty && s->fs->sync(s->fs, st->fd) < 0) {
		err_set(e, ERR_IO, errno, "%s" NAMES_SUFFIX ": sync", st->name);
		store_sync_failed(s, st);
		return false;
	}
	st->dirty = false;
	if (!store_next_synced(s, st, &next, e))
		return false;
	st->synced = next;
	return true;
}

static bool rotation_due(const struct stores *s, const struct store *st, int64_t now_ms)
{
	const struct stores_policy *p = &s->policy;

	if (p->rotate_size > 0 && st->size >= p->rotate_size)
		return true;
	return p->rotate_every_ms > 0 && now_ms / p->rotate_every_ms > st->started_ms / p->rotate_every_ms;
}

static bool rotate_now(struct stores *s, struct store *st, int64_t now_ms, struct err *e)
{
	char from[STORE_PATH_MAX], to[STORE_PATH_MAX], name[NAME_MAX + 1];
	struct fs_stat info;

	store_path(s, st->name, from);
	if (!names_closed(st->name, now_ms, st->last_seq ? st->last_seq : st->tail_lsn, name, sizeof(name)))
		return err_set(e, ERR_LIMIT, 0, "%s: name too long", from);
	snprintf(to, sizeof(to), "%s/%s", s->directory, name);
	if (s->fs->stat(s->fs, to, &info) == 0)
		return true; /* never over another file; the next second has another name */
	if (s->fs->rename(s->fs, from, to) < 0)
		return err_set(e, ERR_IO, errno, "%s: rename", from);
	/* Else a power cut could leave the new file under the old one's name and the old one under none. Should it fail, the sync of
	 * the new file below tells. */
	(void)!s->fs->sync_dir(s->fs, s->directory);
	s->jobs_done = false;
	store_detach(s, st);
	st->started_ms = now_ms;
	st->dirty = false;
	return store_attach(s, st, e) && store_sync(s, st, e) && checkpoint_write(s, e);
}

/*
 * Every step leaves something that a start can go on from: the old file is synced and written down as complete before it is renamed, so that
 * it may be found under either name; and the new one takes over in the checkpoint only when the folder with both names is synced. Until
 * that is written, there is no further rotation, because the checkpoint comes first.
 */
bool store_rotate(struct stores *s, struct store *st, bool force, int64_t now_ms, struct err *e)
{
	if (st->lagging || st->partial > 0 || st->size == 0 || st->fd < 0 || s->unknown_past)
		return true;
	if (!force && !rotation_due(s, st, now_ms))
		return true;
	return store_sync(s, st, e) && checkpoint_write(s, e) && rotate_now(s, st, now_ms, e);
}
