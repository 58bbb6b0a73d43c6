/*
 * stores_takeover: ends what a compression began that was cut off between giving its copy the name and removing the original: closed files that
 * stand there twice, NAME.jsonl and NAME.jsonl.zst, so that who reads all files would meet their lines twice. The two are compared byte
 * by byte, and the one of which the other holds all goes. Owns nothing.
 */
#include "daemon/store/stores_priv.h"

#include "daemon/store/names.h"
#include "daemon/store/zst.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

enum twin {
	TWIN_UNKNOWN, /* could not be read, or neither holds the other: both stay */
	TWIN_COPY, /* the copy holds all of the original */
	TWIN_ORIGINAL /* the copy is damaged or ends too soon: the original holds all that it says */
};

struct twins {
	const struct fs *fs;
	const char *original, *copy; /* paths */
	int fd; /* of the original */
	struct zst *zst;
	int64_t at; /* bytes of text that are the same */
	struct buf text, plain;
};

/* As many bytes of the original as there is text. False: it could not be read. */
static bool read_beside(struct twins *t, struct err *e)
{
	ssize_t n;
	char *p;

	buf_clear(&t->plain);
	p = buf_reserve(&t->plain, t->text.n + 1);
	if (!p)
		return err_nomem(e);
	n = fs_read_full(t->fs, t->fd, p, t->text.n, t->at);
	if (n < 0)
		return err_set(e, ERR_IO, errno, "%s: read", t->original);
	buf_grown(&t->plain, (size_t)n);
	return true;
}

/* The copy has ended, by its own account or by damage. An original that ends inside a line is no reason to let a damaged copy go. */
static enum twin at_end(const struct twins *t, bool damaged, struct err *e)
{
	struct fs_stat info;
	char last = '\0';

	if (t->fs->fstat(t->fs, t->fd, &info) < 0 ||
	    (info.size > 0 && fs_read_full(t->fs, t->fd, &last, 1, info.size - 1) < 0)) {
		err_set(e, ERR_IO, errno, "%s: read", t->original);
		return TWIN_UNKNOWN;
	}
	if (!damaged && info.size <= t->at)
		return TWIN_COPY;
	if (last == '\n')
		return TWIN_ORIGINAL;
	err_set(e, ERR_PARSE, 0, "%s: not whole, nor is the file without .zst", t->copy);
	return TWIN_UNKNOWN;
}

static enum twin compare(struct twins *t, struct err *e)
{
	bool more = true, shorter = false;

	while (more) {
		struct err why = { 0 };

		buf_clear(&t->text);
		if (!zst_read(t->zst, &t->text, &more, &why)) {
			if (why.kind == ERR_PARSE && !shorter)
				return at_end(t, true, e);
			err_set(e, why.kind, why.sys, "%s: %s", t->copy, why.text);
			return TWIN_UNKNOWN;
		}
		if (!read_beside(t, e))
			return TWIN_UNKNOWN;
		if (!str_starts(buf_view(&t->text), buf_view(&t->plain))) {
			err_set(
			    e, ERR_PARSE, 0, "%s: says something else than the file without .zst", t->copy);
			return TWIN_UNKNOWN;
		}
		shorter |= t->plain.n < t->text.n;
		t->at += (int64_t)t->text.n;
	}
	return at_end(t, false, e);
}

/* Before the original goes, the copy and its name must be on the disk: who was killed may not have come so far. */
static bool make_durable(const struct twins *t, const char *directory, struct err *e)
{
	int fd = t->fs->open(t->fs, t->copy, O_RDONLY, 0);
	bool ok = fd >= 0 && t->fs->sync(t->fs, fd) == 0 && t->fs->sync_dir(t->fs, directory) == 0;

	if (!ok)
		err_set(e, ERR_IO, errno, "%s: sync", t->copy);
	if (fd >= 0)
		t->fs->close(t->fs, fd);
	return ok;
}

static enum twin judge(struct twins *t, struct err *e)
{
	enum twin which = TWIN_UNKNOWN;

	t->fd = t->fs->open(t->fs, t->original, O_RDONLY | O_NONBLOCK, 0);
	if (t->fd < 0) {
		err_set(e, ERR_IO, errno, "%s: open", t->original);
		return TWIN_UNKNOWN;
	}
	buf_init(&t->text, ZST_CHUNK_MAX);
	buf_init(&t->plain, ZST_CHUNK_MAX + 1);
	if (zst_open(t->fs, t->copy, &t->zst, e))
		which = compare(t, e);
	zst_close(&t->zst);
	buf_fini(&t->text);
	buf_fini(&t->plain);
	t->fs->close(t->fs, t->fd);
	return which;
}

static bool finish_one(struct stores *s, const char *original, const char *copy, struct err *e)
{
	struct twins t = { .fs = s->fs, .original = original, .copy = copy };
	enum twin which = judge(&t, e);
	const char *goes = which == TWIN_COPY ? original : copy;

	if (which == TWIN_UNKNOWN || (which == TWIN_COPY && !make_durable(&t, s->directory, e)))
		return false;
	return s->fs->unlink(s->fs, goes) == 0 || err_set(e, ERR_IO, errno, "%s: unlink", goes);
}

void stores_finish_takeovers(struct stores *s)
{
	struct err ignored = { 0 };
	struct buf list;

	if (!names_list(s->fs, s->directory, NULL, &list, &ignored))
		return;
	for (size_t i = 0; i < names_count(&list); i++) {
		const struct closed_file *f = names_at(&list, i);
		char copy[STORE_PATH_MAX], original[STORE_PATH_MAX];
		struct err why = { 0 };
		struct fs_stat info;

		if (!f->compressed)
			continue;
		snprintf(copy, sizeof(copy), "%s/%s", s->directory, f->name);
		snprintf(
		    original, sizeof(original), "%.*s", (int)(strlen(copy) - (sizeof(NAMES_ZST) - 1)), copy);
		if (s->fs->stat(s->fs, original, &info) < 0)
			continue;
		if (finish_one(s, original, copy, &why))
			s->report.takeovers_finished++;
		else
			stores_note(s, "%s", why.text);
	}
	buf_fini(&list);
}
