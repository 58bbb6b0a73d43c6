/*
 * journal_open: what a start finds in the folder: lock, inventory, the end of the newest segment, and the rescue of its last group.
 * Owns nothing that outlives the opening. The rules that it keeps are in journal.c.
 */
#include "daemon/store/journal_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#define RING_EXTRA 16u /* slots beyond segments_max: what opening adds before the limit is looked at */

struct found_file {
	uint64_t generation;
	enum segment_kind kind;
};

struct listing {
	struct buf files; /* of struct found_file */
	uint64_t newest;
};

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
	segment_unlink(j, generation, SEGMENT_SPARE);
}

/* A segment whose successor starts at the same number holds nothing that counts. */
static void drop_superseded(struct journal *j, uint64_t first_lsn)
{
	uint64_t head = atomic_load(&j->head), tail = atomic_load(&j->tail);

	while (tail > head && slot_at(j, tail - 1)->segment.first_lsn >= first_lsn) {
		tail--;
		segment_unlink(j, slot_at(j, tail)->segment.generation, SEGMENT_LIVE);
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
		segment_unlink(j, generation, SEGMENT_LIVE);
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
			segment_unlink(j, f[i].generation, SEGMENT_TEMPORARY);
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
	struct err why = { 0 };
	struct group_header h;
	int64_t at = JOURNAL_PAGE;

	*next = s->first_lsn;
	last->offset = 0;
	while (segment_next_group(j->fs, fd, s, &at, *next, UINT64_MAX, &h, &why)) {
		if (!segment_read_group(j->fs, fd, at, &h, &j->read, &why)) {
			if (why.kind != ERR_NONE)
				break;
			r->torn_bytes = GROUP_HEADER + h.bytes;
			at += JOURNAL_PAGE;
			continue;
		}
		r->torn_bytes = 0;
		journal_note_gap(j, *next, h.first_lsn, true);
		*next = h.first_lsn + h.count;
		last->offset = at;
		last->header = h;
		at += page_round(GROUP_HEADER + (uint64_t)h.bytes);
	}
	return why.kind == ERR_NONE ||
	       err_set(e, why.kind, why.sys, "the newest segment of the journal cannot be read");
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
	if (!segment_create(j->fs, j->directory, &s, 0, str_of(p, group_seal(&g, s.generation)), &fd, e))
		goto out;
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
	r->lost = j->lost;
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
