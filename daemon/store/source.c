/* source: one file as lines. Owns a window of text; a line is a view into it. */
#include "daemon/store/source.h"

#include "daemon/store/journal.h"
#include "daemon/store/zst.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#define READ_SIZE (256u << 10) /* bytes of a plain file read at once */
#define BACK_SIZE (64u << 10) /* bytes read at once from the end */
#define NEAR_ENOUGH (64 << 10) /* bytes; the rest is read line by line */
#define UNCOUNTED UINT64_MAX

struct source {
	const struct fs *fs;
	int fd; /* plain */
	int64_t offset; /* plain: of the next read */
	struct zst *zst; /* compressed */
	bool ended; /* compressed: all was read */
	uint64_t inode;
	struct buf text;
	size_t start; /* of the next line in text */
	size_t scanned; /* no '\n' between start and here */
	uint64_t number;
};

bool source_open(const struct fs *fs, const char *path, bool compressed, struct source **out, struct err *e)
{
	struct source *s = calloc(1, sizeof(*s));
	struct fs_stat st;

	*out = NULL;
	if (!s)
		return err_nomem(e);
	s->fs = fs;
	s->fd = -1;
	buf_init(&s->text, 2 * (size_t)JOURNAL_LINE_MAX + ZST_CHUNK_MAX);
	if (compressed && !zst_open(fs, path, &s->zst, e))
		goto fail;
	if (!compressed) {
		s->fd = fs->open(fs, path, O_RDONLY | O_NONBLOCK, 0);
		if (s->fd < 0 || fs->fstat(fs, s->fd, &st) < 0) {
			err_set(e, ERR_IO, errno, "%s: open", path);
			goto fail;
		}
		s->inode = st.inode;
	}
	*out = s;
	return true;
fail:
	source_close(&s);
	return false;
}

void source_close(struct source **out)
{
	struct source *s = *out;

	if (!s)
		return;
	if (s->fd >= 0)
		s->fs->close(s->fs, s->fd);
	zst_close(&s->zst);
	buf_fini(&s->text);
	free(s);
	*out = NULL;
}

static bool fill_plain(struct source *s, bool *grew, struct err *e)
{
	char *p = buf_reserve(&s->text, READ_SIZE);
	ssize_t n = p ? fs_read_full(s->fs, s->fd, p, READ_SIZE, s->offset) : 0;

	if (!p)
		return err_nomem(e);
	if (n < 0)
		return err_set(e, ERR_IO, errno, "store: read");
	s->offset += n;
	buf_grown(&s->text, (size_t)n);
	*grew = n > 0;
	return true;
}

static bool fill_compressed(struct source *s, bool *grew, struct err *e)
{
	size_t before = s->text.n;
	bool more;

	*grew = false;
	while (!s->ended && s->text.n == before) {
		if (!zst_read(s->zst, &s->text, &more, e))
			return false;
		s->ended = !more;
	}
	*grew = s->text.n > before;
	return true;
}

static bool fill(struct source *s, bool *grew, struct err *e)
{
	buf_shift(&s->text, s->start);
	s->scanned -= s->start;
	s->start = 0;
	return s->zst ? fill_compressed(s, grew, e) : fill_plain(s, grew, e);
}

static enum source_result take(struct source *s, size_t end, size_t next, struct str *line)
{
	*line = str_of(s->text.p + s->start, end - s->start);
	s->start = s->scanned = next;
	if (s->number != UNCOUNTED)
		s->number++;
	return SOURCE_LINE;
}

enum source_result source_next(struct source *s, struct str *line, struct err *e)
{
	bool grew = true;

	while (grew) {
		size_t end = str_find_byte(buf_view(&s->text), '\n', s->scanned);

		if (end != SIZE_MAX)
			return take(s, end, end + 1, line);
		s->scanned = s->text.n;
		if (s->text.n - s->start >= JOURNAL_LINE_MAX)
			return take(s, s->text.n, s->text.n, line);
		if (!fill(s, &grew, e))
			return SOURCE_FAILED;
	}
	return SOURCE_END;
}

bool source_rest(struct source *s, struct str *line)
{
	return s->text.n > s->start && take(s, s->text.n, s->text.n, line) == SOURCE_LINE;
}

uint64_t source_number(const struct source *s)
{
	return s->number == UNCOUNTED ? 0 : s->number;
}

uint64_t source_inode(const struct source *s)
{
	return s->inode;
}

static void restart(struct source *s, int64_t offset, uint64_t number)
{
	buf_clear(&s->text);
	s->start = s->scanned = 0;
	s->offset = offset;
	s->number = number;
	s->ended = false;
}

bool source_check_cut(struct source *s)
{
	struct fs_stat st;

	if (s->zst || s->fs->fstat(s->fs, s->fd, &st) < 0 || st.size >= s->offset)
		return false;
	restart(s, 0, 0);
	return true;
}

bool source_pass_damage(struct source *s)
{
	if (!s->zst || !zst_pass_frame(s->zst))
		return false;
	restart(s, 0, UNCOUNTED);
	return true;
}

/* For those who look for a place: as if what is damaged had no lines. */
static enum source_result next_readable(struct source *s, struct str *line, struct err *e)
{
	struct err why;
	enum source_result got;

	do {
		err_clear(&why);
		got = source_next(s, line, &why);
	} while (got == SOURCE_FAILED && why.kind == ERR_PARSE && source_pass_damage(s));
	if (got == SOURCE_FAILED && why.kind == ERR_PARSE) {
		restart(s, 0, UNCOUNTED);
		s->ended = true;
		return SOURCE_END;
	}
	if (got == SOURCE_FAILED)
		err_set(e, why.kind, why.sys, "%s", why.text);
	return got;
}

static bool seek_last_plain(struct source *s, uint64_t *lines, struct err *e)
{
	char block[BACK_SIZE];
	struct fs_stat st;
	uint64_t found =
	    0; /* ends of lines; the one that ends the wanted stretch is one more than it has lines */
	int64_t at;

	if (s->fs->fstat(s->fs, s->fd, &st) < 0)
		return err_set(e, ERR_IO, errno, "store: stat");
	for (at = st.size; at > 0;) {
		size_t n = at < (int64_t)sizeof(block) ? (size_t)at : sizeof(block);

		at -= (int64_t)n;
		if (fs_read_full(s->fs, s->fd, block, n, at) != (ssize_t)n)
			return err_set(e, ERR_IO, errno, "store: read");
		while (n > 0 && found <= *lines) {
			const char *p = memrchr(block, '\n', n);

			n = p ? (size_t)(p - block) : 0;
			found += p != NULL;
		}
		if (found > *lines) {
			restart(s, at + (int64_t)n + 1, UNCOUNTED);
			return true;
		}
	}
	restart(s, 0, 0);
	*lines = found;
	return true;
}

static bool skip_lines(struct source *s, uint64_t count, struct err *e)
{
	struct str line;

	for (; count > 0; count--) {
		if (next_readable(s, &line, e) == SOURCE_FAILED)
			return false;
	}
	return true;
}

/* Lines from where the source stands to its end, or to the end of this frame only. */
static bool count_lines(struct source *s, uint64_t *count, struct err *e)
{
	struct str line;
	enum source_result r;

	*count = 0;
	while ((r = next_readable(s, &line, e)) == SOURCE_LINE)
		++*count;
	return r == SOURCE_END;
}

/* Frames end behind a line, so the lines from frame i on are those that begin in it or behind it. The stretch that is unpacked doubles;
 * a file that somebody else compressed has no table and is unpacked whole. */
static bool seek_last_compressed(struct source *s, uint64_t *lines, struct err *e)
{
	uint32_t frames = zst_frames(s->zst), back = 1;
	uint64_t count = 0;

	for (;; back *= 2) {
		uint32_t frame = back < frames ? frames - back : 0;

		restart(s, 0, frame > 0 ? UNCOUNTED : 0);
		zst_seek_frame(s->zst, frame);
		if (!count_lines(s, &count, e))
			return false;
		if (frame == 0 || count >= *lines)
			break;
	}
	restart(s, 0, back < frames ? UNCOUNTED : 0);
	zst_seek_frame(s->zst, back < frames ? frames - back : 0);
	if (count > *lines)
		return skip_lines(s, count - *lines, e);
	*lines = count;
	return true;
}

bool source_seek_last(struct source *s, uint64_t *lines, struct err *e)
{
	return s->zst ? seek_last_compressed(s, lines, e) : seek_last_plain(s, lines, e);
}

/* The first whole line behind this offset. At the end of the file: none. */
static enum source_result line_behind(struct source *s, int64_t offset, struct str *line, struct err *e)
{
	restart(s, offset, UNCOUNTED);
	if (offset > 0) {
		enum source_result r = source_next(s, line, e); /* the end of the line in which we landed */

		if (r != SOURCE_LINE)
			return r;
	}
	return source_next(s, line, e);
}

static bool seek_before_plain(struct source *s, source_before_f *before, void *ctx, struct err *e)
{
	int64_t low = 0, high;
	struct fs_stat st;
	struct str line;

	if (s->fs->fstat(s->fs, s->fd, &st) < 0)
		return err_set(e, ERR_IO, errno, "store: stat");
	for (high = st.size; high - low > NEAR_ENOUGH;) {
		int64_t middle = low + (high - low) / 2;
		enum source_result r = line_behind(s, middle, &line, e);

		if (r == SOURCE_FAILED)
			return false;
		if (r == SOURCE_LINE && before(ctx, line))
			low = middle;
		else
			high = middle;
	}
	if (low == 0) {
		restart(s, 0, 0);
		return true;
	}
	restart(s, low, UNCOUNTED);
	return source_next(s, &line, e) != SOURCE_FAILED;
}

static bool seek_before_compressed(struct source *s, source_before_f *before, void *ctx, struct err *e)
{
	uint32_t low = 0, high = zst_frames(s->zst);
	struct str line;

	while (high - low > 1 && high > 0) {
		uint32_t middle = low + (high - low) / 2;
		enum source_result r;

		restart(s, 0, UNCOUNTED);
		zst_seek_frame(s->zst, middle);
		r = next_readable(s, &line, e);
		if (r == SOURCE_FAILED)
			return false;
		if (r == SOURCE_LINE && before(ctx, line))
			low = middle;
		else
			high = middle;
	}
	restart(s, 0, low > 0 ? UNCOUNTED : 0);
	zst_seek_frame(s->zst, low);
	return true;
}

bool source_seek_before(struct source *s, source_before_f *before, void *ctx, struct err *e)
{
	return s->zst ? seek_before_compressed(s, before, ctx, e) : seek_before_plain(s, before, ctx, e);
}
