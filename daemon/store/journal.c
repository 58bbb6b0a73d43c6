/*
 * journal: the order of the segments, commits to the newest, reads from all. Owns the folder (by a lock) and the newest segment's descriptor.
 * Knows nothing of what entries mean.
 *
 * Why a failed commit can never come back beside, or instead of, the commit that reuses its numbers:
 *  1. A group is found whole or not at all (one checksum), and only under the generation of the file in which it stands; so content from a
 *     file's earlier life is never taken for an entry.
 *  2. Every commit that is reported as failed, for whatever reason, closes its segment for ever; the next one goes to a new segment, whose header
 *     names the first number in it and is durable (file and folder) before anything is written behind it.
 *  3. Reading cuts each segment at the first number of the next. The failed copy has that number or a higher one, so from the moment at which
 *     its numbers can be written again it is out of sight. If we die before that moment, the failed copy may be found and then counts
 *     as committed: nothing else has been acknowledged under its numbers.
 *  4. Within a segment a group is only written when the one before it was synced, and a segment is written in one life only. So at opening
 *     nothing but the last group can be in memory alone (or half on the disk after a failed sync): it is copied to a new segment and
 *     synced there before anybody sees it. The segment that it came from is then cut by rule 3.
 *
 * Two threads without a lock: the ring of segments and the ring of spares have one producer and one consumer each. The committing thread appends
 * segments and takes spares; the main thread removes segments and adds spares. A segment enters the ring with its first committed group,
 * and before next_lsn tells of that group.
 */
#include "daemon/store/journal_priv.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#define SPARES_MAX 8u /* files kept for reuse; a power of two. A checkpoint rarely frees more at once */
#define RING_EXTRA 16u /* slots beyond segments_max: what opening adds before the limit is looked at */
#define READ_KEEP (4u << 20) /* bytes of read buffer kept between reads */

struct slot {
	struct segment segment;
	atomic_bool failed; /* the disk refused it once: never used again */
};

struct active { /* the committing thread's */
	struct segment segment;
	int fd; /* -1: the next commit makes a segment */
	int64_t end; /* where the next group goes */
	bool in_ring;
};

struct hint { /* where the last read stopped: the main thread's */
	uint64_t generation, lsn;
	int64_t offset;
};

struct journal {
	const struct fs *fs;
	char *directory;
	uint32_t segment_size;
	uint64_t segments_max;
	int lock_fd;

	struct slot *ring;
	uint64_t ring_size;
	_Atomic uint64_t head; /* oldest; moved by the main thread */
	_Atomic uint64_t tail; /* one beyond the newest; moved by the committing thread */
	_Atomic uint64_t next_lsn;
	uint64_t generation; /* last one given; committing thread */
	struct active active;

	uint64_t spares[SPARES_MAX];
	_Atomic uint64_t spares_head,
	    spares_tail; /* taken by the committing thread; added by the main thread */

	struct buf read; /* main thread, as all below */
	struct hint hint;
	uint64_t lost;
};

struct found_file {
	uint64_t generation;
	enum segment_kind kind;
};

struct listing {
	struct buf files; /* of struct found_file */
	uint64_t newest;
};

static struct slot *slot_at(struct journal *j, uint64_t i)
{
	return &j->ring[i % j->ring_size];
}

static void slot_push(struct journal *j, const struct segment *s)
{
	uint64_t tail = atomic_load(&j->tail);
	struct slot *slot = slot_at(j, tail);

	assert(tail - atomic_load(&j->head) < j->ring_size);
	slot->segment = *s;
	atomic_store(&slot->failed, false);
	atomic_store(&j->tail, tail + 1);
}

/* The first number that is not this segment's: its successor's first, or what is not committed yet. */
static uint64_t slot_below(struct journal *j, uint64_t i, uint64_t tail, uint64_t next)
{
	uint64_t successor = i + 1 < tail ? slot_at(j, i + 1)->segment.first_lsn : next;

	return successor < next ? successor : next;
}

static void file_unlink(struct journal *j, uint64_t generation, enum segment_kind kind)
{
	char path[JOURNAL_PATH_MAX];

	segment_path(j->directory, generation, kind, path);
	j->fs->unlink(j->fs, path); /* a left-over is harmless and is tried again at the next opening */
}

/* --- opening */

static bool list_file(void *ctx, const char *name)
{
	struct listing *l = ctx;
	struct found_file f;

	if (!segment_name_parse(name, &f.generation, &f.kind))
		return true;
	if (f.generation > l->newest)
		l->newest = f.generation;
	buf_add(&l->files, &f, sizeof(f));
	return !l->files.failed;
}

static int by_generation(const void *a, const void *b)
{
	const struct found_file *x = a, *y = b;

	return (x->generation > y->generation) - (x->generation < y->generation);
}

static bool list_folder(struct journal *j, struct listing *l, struct err *e)
{
	buf_init(&l->files, SIZE_MAX / 2);
	l->newest = 0;
	if (j->fs->list(j->fs, j->directory, list_file, l) < 0)
		return err_set(e, ERR_IO, errno, "%s: list", j->directory);
	if (l->files.failed)
		return err_nomem(e);
	if (l->files.n > 0)
		qsort(l->files.p, l->files.n / sizeof(struct found_file), sizeof(struct found_file),
		    by_generation);
	return true;
}

static void spare_found(struct journal *j, uint64_t generation)
{
	char path[JOURNAL_PATH_MAX];
	struct fs_stat st;
	uint64_t tail = atomic_load(&j->spares_tail);

	segment_path(j->directory, generation, SEGMENT_SPARE, path);
	if (tail - atomic_load(&j->spares_head) < SPARES_MAX && j->fs->stat(j->fs, path, &st) == 0 &&
	    st.size == (int64_t)j->segment_size) {
		j->spares[tail % SPARES_MAX] = generation;
		atomic_store(&j->spares_tail, tail + 1);
		return;
	}
	file_unlink(j, generation, SEGMENT_SPARE);
}

/* A segment whose successor starts at the same number holds nothing that counts. */
static void drop_superseded(struct journal *j, uint64_t first_lsn)
{
	uint64_t head = atomic_load(&j->head), tail = atomic_load(&j->tail);

	while (tail > head && slot_at(j, tail - 1)->segment.first_lsn >= first_lsn) {
		tail--;
		file_unlink(j, slot_at(j, tail)->segment.generation, SEGMENT_LIVE);
	}
	atomic_store(&j->tail, tail);
}

static bool segment_found(struct journal *j, uint64_t generation, struct journal_recovery *r, struct err *e)
{
	char path[JOURNAL_PATH_MAX], aside[JOURNAL_PATH_MAX];
	struct segment s;

	segment_path(j->directory, generation, SEGMENT_LIVE, path);
	switch (segment_check(j->fs, path, generation, &s)) {
	case SEGMENT_OK:
		drop_superseded(j, s.first_lsn);
		slot_push(j, &s);
		return true;
	case SEGMENT_RECYCLED:
		file_unlink(j, generation, SEGMENT_LIVE);
		return true;
	case SEGMENT_NEWER:
		return err_set(e, ERR_CONFIG, 0, "%s: written by a newer version", path);
	case SEGMENT_UNREADABLE:
		return err_set(e, ERR_IO, errno, "%s: cannot be read", path);
	case SEGMENT_FOREIGN:
		break;
	}
	segment_path(j->directory, generation, SEGMENT_BAD, aside);
	if (j->fs->rename(j->fs, path, aside) < 0)
		return err_set(e, ERR_IO, errno, "%s: rename", path);
	r->damaged_files++;
	return true;
}

static bool take_inventory(
    struct journal *j, const struct listing *l, struct journal_recovery *r, struct err *e)
{
	const struct found_file *f = (const struct found_file *)(const void *)l->files.p;

	for (size_t i = 0; i < l->files.n / sizeof(*f); i++) {
		switch (f[i].kind) {
		case SEGMENT_LIVE:
			if (!segment_found(j, f[i].generation, r, e))
				return false;
			break;
		case SEGMENT_SPARE:
			spare_found(j, f[i].generation);
			break;
		case SEGMENT_TEMPORARY:
			file_unlink(j, f[i].generation, SEGMENT_TEMPORARY);
			break;
		case SEGMENT_BAD:
		case SEGMENT_KINDS:
			break;
		}
	}
	return true;
}

struct last_group {
	int64_t offset; /* 0: the segment has none */
	struct group_header header;
};

/* Walks the newest segment; *next becomes one beyond its last whole group. A damaged group counts as lost when a whole one
 * follows (then it had been acknowledged), and as an unfinished commit when none does. */
static bool scan_newest(struct journal *j, const struct segment *s, int fd, uint64_t *next,
    struct last_group *last, struct journal_recovery *r, struct err *e)
{
	struct group_header h;
	int64_t at = JOURNAL_PAGE;
	int sys = 0;

	*next = s->first_lsn;
	last->offset = 0;
	while (segment_next_group(j->fs, fd, s, &at, *next, UINT64_MAX, &h, &sys)) {
		struct err why = { 0 };

		if (!segment_read_group(j->fs, fd, at, &h, &j->read, &why)) {
			if (why.kind != ERR_NONE)
				return err_nomem(e);
			r->torn_bytes = GROUP_HEADER + h.bytes;
			at += JOURNAL_PAGE;
			continue;
		}
		r->torn_bytes = 0;
		r->lost += h.first_lsn - *next;
		*next = h.first_lsn + h.count;
		last->offset = at;
		last->header = h;
		at += page_round(GROUP_HEADER + (uint64_t)h.bytes);
	}
	return sys == 0 || err_set(e, ERR_IO, sys, "journal: the newest segment cannot be read");
}

/* Rule 4 above. The copy is as large as the group: a full disk shall not stop a start for want of a whole segment. */
static bool rescue_group(struct journal *j, int from, const struct last_group *last, struct err *e)
{
	int64_t size = page_round(GROUP_HEADER + (uint64_t)last->header.bytes);
	struct segment s = { ++j->generation, last->header.first_lsn, JOURNAL_PAGE + size };
	struct journal_group g = { .first_lsn = last->header.first_lsn, .count = last->header.count };
	bool ok = false;
	int fd = -1;
	char *p;

	buf_init(&g.bytes, (size_t)size + JOURNAL_PAGE);
	p = buf_reserve(&g.bytes, (size_t)size);
	if (!p) {
		err_nomem(e);
		goto out;
	}
	if (fs_read_full(j->fs, from, p, (size_t)size, last->offset) <
	    (ssize_t)(GROUP_HEADER + last->header.bytes)) {
		err_set(e, ERR_IO, errno, "journal: the last group cannot be read");
		goto out;
	}
	buf_grown(&g.bytes, GROUP_HEADER + last->header.bytes);
	if (!segment_create(j->fs, j->directory, &s, 0, &fd, e))
		goto out;
	if (!fs_write_all(j->fs, fd, p, group_seal(&g, s.generation), JOURNAL_PAGE, e))
		goto out;
	if (j->fs->sync(j->fs, fd) < 0) {
		err_set(e, ERR_IO, errno, "journal: sync of the last group");
		goto out;
	}
	drop_superseded(j, s.first_lsn);
	slot_push(j, &s);
	ok = true;
out:
	if (fd >= 0)
		j->fs->close(j->fs, fd);
	buf_fini(&g.bytes);
	return ok;
}

static bool recover(struct journal *j, struct journal_recovery *r, struct err *e)
{
	uint64_t tail = atomic_load(&j->tail), next;
	struct segment newest;
	struct last_group last;
	char path[JOURNAL_PATH_MAX];
	bool ok;
	int fd;

	if (tail == atomic_load(&j->head)) {
		atomic_store(&j->next_lsn, 1);
		return true;
	}
	newest = slot_at(j, tail - 1)->segment;
	segment_path(j->directory, newest.generation, SEGMENT_LIVE, path);
	fd = j->fs->open(j->fs, path, O_RDONLY, 0);
	if (fd < 0)
		return err_set(e, ERR_IO, errno, "%s: open", path);
	ok = scan_newest(j, &newest, fd, &next, &last, r, e) &&
	     (last.offset == 0 || rescue_group(j, fd, &last, e));
	j->fs->close(j->fs, fd);
	if (ok)
		atomic_store(&j->next_lsn, next);
	return ok;
}

static bool lock_folder(struct journal *j, struct err *e)
{
	char path[JOURNAL_PATH_MAX];

	if (!fs_make_dirs(j->fs, j->directory, 0750, e))
		return false;
	snprintf(path, sizeof(path), "%s/lock", j->directory);
	j->lock_fd = j->fs->open(j->fs, path, O_RDWR | O_CREAT, 0640);
	if (j->lock_fd < 0)
		return err_set(e, ERR_IO, errno, "%s: open", path);
	if (j->fs->lock(j->fs, j->lock_fd) == 0)
		return true;
	if (errno == EWOULDBLOCK)
		return err_set(e, ERR_BUSY, 0, "%s: another daemon uses this folder", j->directory);
	return err_set(e, ERR_IO, errno, "%s: lock", path);
}

static struct journal *journal_new(const struct fs *fs, const struct journal_options *o)
{
	struct journal *j = calloc(1, sizeof(*j));
	size_t n = strlen(o->directory) + 1;

	if (!j)
		return NULL;
	j->directory = malloc(n);
	if (!j->directory) {
		free(j);
		return NULL;
	}
	memcpy(j->directory, o->directory, n);
	j->fs = fs;
	j->segment_size = (uint32_t)page_round(o->segment_size);
	j->segments_max = o->segments_max > 1 ? o->segments_max : 2;
	j->lock_fd = j->active.fd = -1;
	buf_init(&j->read, JOURNAL_GROUP_MAX);
	return j;
}

bool journal_open(const struct fs *fs, const struct journal_options *o, struct journal **out,
    struct journal_recovery *r, struct err *e)
{
	struct journal *j = journal_new(fs, o);
	struct listing l = { 0 };

	memset(r, 0, sizeof(*r));
	*out = NULL;
	if (!j)
		return err_nomem(e);
	if (!lock_folder(j, e) || !list_folder(j, &l, e))
		goto fail;
	j->generation = l.newest;
	j->ring_size = l.files.n / sizeof(struct found_file) + j->segments_max + RING_EXTRA;
	j->ring = calloc(j->ring_size, sizeof(*j->ring));
	if (!j->ring) {
		err_nomem(e);
		goto fail;
	}
	if (!take_inventory(j, &l, r, e) || !recover(j, r, e))
		goto fail;
	j->lost = r->lost;
	r->first_lsn = journal_first_lsn(j);
	r->last_lsn = journal_next_lsn(j) - 1;
	buf_fini(&l.files);
	*out = j;
	return true;
fail:
	buf_fini(&l.files);
	journal_close(&j);
	return false;
}

void journal_close(struct journal **out)
{
	struct journal *j = *out;

	if (!j)
		return;
	if (j->active.fd >= 0)
		j->fs->close(j->fs, j->active.fd);
	if (j->lock_fd >= 0)
		j->fs->close(j->fs, j->lock_fd);
	buf_fini(&j->read);
	free(j->ring);
	free(j->directory);
	free(j);
	*out = NULL;
}

/* --- numbers */

uint64_t journal_next_lsn(const struct journal *j)
{
	return atomic_load(&j->next_lsn);
}

uint64_t journal_first_lsn(const struct journal *j)
{
	uint64_t next = atomic_load(&j->next_lsn), head = atomic_load(&j->head);
	uint64_t first;

	if (head == atomic_load(&j->tail))
		return next;
	first = j->ring[head % j->ring_size].segment.first_lsn;
	return first < next ? first : next;
}

uint64_t journal_bytes(const struct journal *j)
{
	uint64_t total = 0, tail = atomic_load(&j->tail);

	for (uint64_t i = atomic_load(&j->head); i < tail; i++)
		total += (uint64_t)j->ring[i % j->ring_size].segment.size;
	return total;
}

uint64_t journal_lost(const struct journal *j)
{
	return j->lost;
}

void journal_skip_to(struct journal *j, uint64_t next_lsn)
{
	if (next_lsn <= atomic_load(&j->next_lsn))
		return;
	if (j->active.fd >= 0)
		j->fs->close(j->fs, j->active.fd);
	j->active.fd = -1;
	atomic_store(&j->next_lsn, next_lsn);
}

/* --- committing */

static uint64_t spare_take(struct journal *j, int64_t size)
{
	uint64_t head = atomic_load(&j->spares_head), generation;

	if (size != (int64_t)j->segment_size || head == atomic_load(&j->spares_tail))
		return 0;
	generation = j->spares[head % SPARES_MAX];
	atomic_store(&j->spares_head, head + 1);
	return generation;
}

static bool active_replace(struct journal *j, uint64_t first_lsn, size_t group, struct err *e)
{
	int64_t size = JOURNAL_PAGE + page_round(group);
	struct active *a = &j->active;

	if (atomic_load(&j->tail) - atomic_load(&j->head) >= j->segments_max)
		return err_set(e, ERR_BUSY, 0, "journal is full: %llu segments wait for their consumers",
		    (unsigned long long)j->segments_max);
	if (a->fd >= 0)
		j->fs->close(j->fs, a->fd);
	a->fd = -1;
	a->in_ring = false;
	a->segment =
	    (struct segment){ ++j->generation, first_lsn, size > j->segment_size ? size : j->segment_size };
	a->end = JOURNAL_PAGE;
	return segment_create(j->fs, j->directory, &a->segment, spare_take(j, a->segment.size), &a->fd, e);
}

/* Rule 2 above. The file with a failed write is not used again: a second sync of it could claim success for pages that were dropped. */
static bool active_abandon(struct journal *j)
{
	struct active *a = &j->active;

	j->fs->close(j->fs, a->fd);
	a->fd = -1;
	if (a->in_ring)
		atomic_store(&slot_at(j, atomic_load(&j->tail) - 1)->failed, true);
	else
		file_unlink(j, a->segment.generation, SEGMENT_LIVE);
	return false;
}

bool journal_commit(struct journal *j, const struct journal_group *g, struct err *e)
{
	struct active *a = &j->active;
	size_t total;

	if (g->count == 0)
		return true;
	if (g->first_lsn != atomic_load(&j->next_lsn))
		return err_set(e, ERR_IO, 0, "journal: group starts at %llu, not at %llu",
		    (unsigned long long)g->first_lsn, (unsigned long long)atomic_load(&j->next_lsn));
	if ((a->fd < 0 || page_round(g->bytes.n) > a->segment.size - a->end) &&
	    !active_replace(j, g->first_lsn, g->bytes.n, e))
		return false;
	total = group_seal(g, a->segment.generation);
	if (!fs_write_all(j->fs, a->fd, g->bytes.p, total, a->end, e))
		return active_abandon(j);
	if (j->fs->sync(j->fs, a->fd) < 0) {
		err_set(e, ERR_IO, errno, "journal: sync");
		return active_abandon(j);
	}
	a->end += (int64_t)total;
	if (!a->in_ring)
		slot_push(j, &a->segment);
	a->in_ring = true;
	atomic_store(&j->next_lsn, g->first_lsn + g->count);
	return true;
}

/* --- reading */

struct reading {
	uint64_t from; /* next number that `each` wants */
	journal_each_f *each;
	void *ctx;
	bool stopped;
};

static bool pass_on(void *ctx, const struct journal_entry *entry)
{
	struct reading *r = ctx;

	r->from = entry->lsn;
	r->stopped = !r->each(r->ctx, entry);
	if (!r->stopped)
		r->from = entry->lsn + 1;
	return !r->stopped;
}

static bool read_segment(
    struct journal *j, const struct segment *s, uint64_t below, struct reading *r, struct err *e)
{
	char path[JOURNAL_PATH_MAX];
	struct group_header h;
	bool hinted = j->hint.generation == s->generation && j->hint.lsn <= r->from;
	int64_t at = hinted ? j->hint.offset : JOURNAL_PAGE;
	uint64_t expected = hinted ? j->hint.lsn : s->first_lsn;
	int sys = 0, fd;

	segment_path(j->directory, s->generation, SEGMENT_LIVE, path);
	fd = j->fs->open(j->fs, path, O_RDONLY, 0);
	if (fd < 0)
		return err_set(e, ERR_IO, errno, "%s: open", path);
	while (!r->stopped && expected < below &&
	       segment_next_group(j->fs, fd, s, &at, expected, below, &h, &sys)) {
		struct err why = { 0 };

		j->hint = (struct hint){ s->generation, expected, at };
		if (h.first_lsn + h.count > r->from &&
		    !segment_read_group(j->fs, fd, at, &h, &j->read, &why)) {
			if (why.kind != ERR_NONE)
				break;
			at += JOURNAL_PAGE; /* its entries count as lost when the next whole group shows */
			continue;
		}
		if (h.first_lsn > expected && h.first_lsn > r->from)
			j->lost += h.first_lsn - (expected > r->from ? expected : r->from);
		if (h.first_lsn + h.count > r->from)
			group_walk(j->read.p, h.bytes, h.first_lsn, h.count, r->from, pass_on, r);
		expected = h.first_lsn + h.count;
		at += page_round(GROUP_HEADER + (uint64_t)h.bytes);
	}
	j->fs->close(j->fs, fd);
	if (j->read.failed)
		return err_nomem(e);
	if (sys)
		return err_set(e, ERR_IO, sys, "%s: read", path);
	if (!r->stopped && expected < below && below > r->from)
		j->lost += below - (expected > r->from ? expected : r->from);
	return true;
}

bool journal_read(struct journal *j, uint64_t lsn, journal_each_f *each, void *ctx, struct err *e)
{
	uint64_t next = atomic_load(&j->next_lsn), tail = atomic_load(&j->tail), i = atomic_load(&j->head);
	struct reading r = { lsn ? lsn : 1, each, ctx, false };
	bool ok = true;

	if (r.from >= next)
		return true;
	if (i < tail && r.from < slot_at(j, i)->segment.first_lsn)
		return err_set(
		    e, ERR_LIMIT, 0, "journal: entry %llu was recycled", (unsigned long long)r.from);
	for (; ok && !r.stopped && i < tail; i++) {
		uint64_t below = slot_below(j, i, tail, next);

		if (r.from < below)
			ok = read_segment(j, &slot_at(j, i)->segment, below, &r, e);
	}
	if (j->read.room > READ_KEEP)
		buf_fini(&j->read);
	return ok;
}

/* --- recycling */

static void retire(struct journal *j, struct slot *slot)
{
	char from[JOURNAL_PATH_MAX], to[JOURNAL_PATH_MAX];
	uint64_t generation = slot->segment.generation, tail = atomic_load(&j->spares_tail);
	bool room = tail - atomic_load(&j->spares_head) < SPARES_MAX;

	if (!room || atomic_load(&slot->failed) || slot->segment.size != (int64_t)j->segment_size) {
		file_unlink(j, generation, SEGMENT_LIVE);
		return;
	}
	segment_path(j->directory, generation, SEGMENT_LIVE, from);
	segment_path(j->directory, generation, SEGMENT_SPARE, to);
	if (j->fs->rename(j->fs, from, to) < 0)
		return;
	j->spares[tail % SPARES_MAX] = generation;
	atomic_store(&j->spares_tail, tail + 1);
}

/* A file that could not be removed comes back at the next opening, as older entries that nobody asks for. */
bool journal_release(struct journal *j, uint64_t lsn, struct err *e)
{
	uint64_t head = atomic_load(&j->head), tail = atomic_load(&j->tail);

	(void)e;
	for (; head + 1 < tail && slot_at(j, head + 1)->segment.first_lsn <= lsn + 1; head++) {
		retire(j, slot_at(j, head));
		atomic_store(&j->head, head + 1);
	}
	return true;
}
