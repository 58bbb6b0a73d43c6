/*
 * stores_aside: a checkpoint on another thread. The main thread says how all stands and keeps the files as they are, but for lines behind that; the thread
 * syncs and writes it down; the main thread takes it as true when all of it has worked. Syncs are made by the stores' own descriptors: the kernel tells
 * of a failed write once to each, and who is told here is the one that counts.
 */
#include "daemon/store/stores_aside.h"

#include "daemon/store/state.h"
#include "daemon/store/stores_job.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static void work_free(struct checkpoint_work **w)
{
	if (!*w)
		return;
	buf_fini(&(*w)->contents);
	free(*w);
	*w = NULL;
}

static bool add_file(struct stores *s, struct checkpoint_work *w, struct store *st)
{
	struct checkpoint_file *f = &w->files[w->count++];
	struct err ignored = { 0 };

	*f = (struct checkpoint_file){ .st = st, .fd = st->fd, .next = st->synced };
	if (st->fd < 0 || (st->lagging && st->doubtful))
		return true; /* nothing new is certain */
	if (!store_next_synced(s, st, &f->next, &ignored))
		return false;
	f->certain = true;
	f->dirty = st->dirty;
	f->folder_dirty = st->folder_dirty;
	w->folder_dirty |= st->folder_dirty;
	return true;
}

static bool add_files(struct stores *s, struct checkpoint_work *w)
{
	for (size_t i = 0; i < s->count; i++)
		if (!add_file(s, w, s->list[i]))
			return false;
	snprintf(w->directory, sizeof(w->directory), "%s", s->directory);
	return true;
}

/* What the small file will say. */
static bool add_contents(struct stores *s, struct checkpoint_work *w)
{
	w->mode = s->policy.mode;
	checkpoint_path(s, w->path);
	if (s->unknown_past)
		return true;
	checkpoint_encode(s, w, &w->contents);
	w->lsn = stores_reached(s);
	for (size_t i = 0; i < w->count; i++)
		if (w->files[i].next.lsn < w->lsn)
			w->lsn = w->files[i].next.lsn;
	return !w->contents.failed;
}

static struct checkpoint_work *work_new(struct stores *s)
{
	struct checkpoint_work *w = calloc(1, sizeof(*w) + s->count * sizeof(w->files[0]));

	if (w && !add_files(s, w))
		work_free(&w);
	return w;
}

static void hand_over(
    struct stores *s, struct checkpoint_work *w, enum stores_job_kind kind, struct stores_job *job)
{
	for (size_t i = 0; i < w->count; i++) /* what is written from now on is not the thread's */
		if (w->files[i].certain)
			w->files[i].st->dirty = w->files[i].st->folder_dirty = false;
	s->work = w;
	job->kind = kind;
	job->work = w;
}

bool stores_begin_checkpoint(struct stores *s, const char *state, struct stores_job *job)
{
	struct checkpoint_work *w = work_new(s);
	int n = w ? snprintf(w->state, sizeof(w->state), "%s", state) : -1;

	if (n < 0 || (size_t)n >= sizeof(w->state) || !add_contents(s, w)) {
		work_free(&w);
		return false;
	}
	hand_over(s, w, STORES_CHECKPOINT, job);
	return true;
}

bool stores_begin_sync(struct stores *s, struct stores_job *job)
{
	struct checkpoint_work *w = work_new(s);

	if (!w)
		return false;
	hand_over(s, w, STORES_SYNC, job);
	return true;
}

static bool sync_files(const struct fs *fs, struct checkpoint_work *w, struct err *e)
{
	bool ok = true;

	if (w->folder_dirty && fs->sync_dir(fs, w->directory) < 0)
		return err_set(e, ERR_IO, errno, "%s: sync", w->directory);
	w->folder_synced = true;
	for (size_t i = 0; i < w->count; i++) {
		struct checkpoint_file *f = &w->files[i];

		if (!f->dirty)
			continue;
		f->tried = true;
		f->failed = fs->sync(fs, f->fd) < 0;
		if (f->failed)
			ok = err_set(e, ERR_IO, errno, "%s: sync", w->directory);
	}
	return ok;
}

bool checkpoint_run(const struct fs *fs, struct checkpoint_work *w, struct err *e)
{
	if (!sync_files(fs, w, e))
		return false;
	if (w->contents.n > 0 && !fs_replace_file(fs, w->path, buf_view(&w->contents), w->mode, e))
		return false;
	return w->state[0] == '\0' || state_fold(w->state, &w->state_folded, e);
}

static void take_back(struct stores *s, const struct checkpoint_work *w, const struct checkpoint_file *f)
{
	f->st->dirty |= f->dirty && !f->tried;
	f->st->folder_dirty |= f->folder_dirty && !w->folder_synced;
	if (f->failed)
		store_sync_failed(s, f->st);
}

void stores_end_checkpoint(struct stores *s, bool worked, uint64_t *lsn, bool *folded)
{
	struct checkpoint_work *w = s->work;

	*lsn = worked ? w->lsn : 0;
	*folded = worked && w->state_folded;
	for (size_t i = 0; i < w->count; i++) {
		if (!worked)
			take_back(s, w, &w->files[i]);
		else if (w->files[i].certain)
			w->files[i].st->synced = w->files[i].next;
	}
	s->checkpoint_due &= !worked || w->contents.n == 0;
	work_free(&s->work);
}
