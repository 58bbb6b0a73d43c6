/*
 * stores_match: what must stand in a file, by the journal, against what does. Equal bytes are passed over, a hole (zeros: our lines never
 * hold any) is filled in place, a torn line is completed, what is missing is appended. Anything else was written by somebody else:
 * then lines are looked up instead. Nothing is ever cut off. Owns the descriptor of the comparison.
 */
#include "daemon/store/stores_priv.h"

#include "daemon/base/hash.h"
#include "daemon/store/names.h"
#include "daemon/store/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#define BLANK_CHUNK 4096u /* bytes */

enum sameness { SAME, HOLED, DIFFERENT };

static enum sameness compare(const char *file, const char *line, size_t n)
{
	enum sameness all = SAME;

	if (memcmp(file, line, n) == 0)
		return SAME;
	for (size_t i = 0; i < n; i++) {
		if (file[i] == line[i])
			continue;
		if (file[i] != '\0')
			return DIFFERENT;
		all = HOLED;
	}
	return all;
}

/* Does what the checkpoint speaks of stand in this file? */
static bool has_synced_bytes(struct stores *s, struct store *st, int fd, const struct fs_stat *info)
{
	char bytes[PRINT_SIZE];
	int64_t n = st->synced.offset < PRINT_SIZE ? st->synced.offset : PRINT_SIZE;

	if (info->size < st->synced.offset)
		return false;
	if (fs_read_full(s->fs, fd, bytes, (size_t)n, st->synced.offset - n) != n)
		return false;
	return crc32c(0, bytes, (size_t)n) == st->synced.print;
}

/* Is this the very file? Inode numbers are given again. */
static bool is_synced_file(struct stores *s, struct store *st, int fd, const struct fs_stat *info)
{
	return info->inode == st->synced.inode && has_synced_bytes(s, st, fd, info);
}

/* A copy of it, of a folder that came back from a backup. */
static bool is_synced_copy(struct stores *s, struct store *st, int fd, const struct fs_stat *info)
{
	return st->synced.offset > 0 && has_synced_bytes(s, st, fd, info);
}

static int open_path(struct stores *s, const char *path, struct fs_stat *info)
{
	int fd = s->fs->open(s->fs, path, O_RDWR | O_NONBLOCK, 0);

	if (fd >= 0 && s->fs->fstat(s->fs, fd, info) == 0)
		return fd;
	if (fd >= 0)
		s->fs->close(s->fs, fd);
	return -1;
}

struct search {
	struct stores *s;
	uint64_t inode;
	char path[STORE_PATH_MAX];
	bool found;
};

static bool search_one(void *ctx, const char *name)
{
	struct search *x = ctx;
	struct fs_stat info;

	snprintf(x->path, sizeof(x->path), "%s/%s", x->s->directory, name);
	x->found = x->s->fs->stat(x->s->fs, x->path, &info) == 0 && info.inode == x->inode;
	return !x->found;
}

bool stores_find_inode(struct stores *s, uint64_t inode, char out[STORE_PATH_MAX])
{
	struct search x = { .s = s, .inode = inode };

	if (inode == 0 || s->fs->list(s->fs, s->directory, search_one, &x) < 0 || !x.found)
		return false;
	memcpy(out, x.path, STORE_PATH_MAX);
	return true;
}

/* The file that was active at the checkpoint, under whatever name. */
static bool open_moved(struct stores *s, struct store *st)
{
	char path[STORE_PATH_MAX];
	struct fs_stat info;
	int fd;

	if (!stores_find_inode(s, st->synced.inode, path))
		return false;
	fd = open_path(s, path, &info);
	if (fd < 0)
		return false;
	if (!is_synced_file(s, st, fd, &info)) {
		s->fs->close(s->fs, fd);
		return false;
	}
	st->match.mode = MATCH_OLD_FILE;
	st->match.fd = fd;
	st->match.pos = st->synced.offset;
	st->match.size = info.size;
	return true;
}

static bool open_active(struct stores *s, struct store *st, int64_t pos, struct err *e)
{
	struct match *m = &st->match;
	char path[STORE_PATH_MAX];
	struct fs_stat info;

	if (m->fd >= 0)
		s->fs->close(s->fs, m->fd);
	store_path(s, st->name, path);
	m->fd = open_path(s, path, &info);
	if (m->fd < 0)
		return err_set(e, ERR_IO, errno, "%s: open", path);
	m->mode = MATCH_ACTIVE;
	m->pos = pos;
	m->size = info.size;
	return true;
}

static bool enter_set(struct stores *s, struct store *st, struct err *e)
{
	struct match *m = &st->match;
	int64_t rest;

	if (m->mode == MATCH_OLD_FILE &&
	    (!set_load(s, st, m->fd, m->pos, m->size, &rest, e) || !open_active(s, st, 0, e)))
		return false;
	if (s->unknown_past && !set_load_closed(s, st, e))
		return false;
	if (!set_load(s, st, m->fd, m->pos, m->size, &rest, e))
		return false;
	if (m->lines.n > 0)
		stores_note(s, "%s" NAMES_SUFFIX " is not as we left it: its lines were looked up one by one",
		    st->name);
	set_sort(st);
	m->mode = MATCH_SET;
	st->size = m->size;
	st->partial = 0;
	m->torn = rest < m->size;
	m->pos = rest;
	return true;
}

static bool begin_doubtful(struct stores *s, struct store *st, struct err *e)
{
	struct match *m = &st->match;
	struct fs_stat info;

	st->partial = 0;
	st->tail_lsn = st->synced.lsn;
	if (!open_active(s, st, 0, e))
		return false;
	if (s->fs->fstat(s->fs, m->fd, &info) < 0)
		return err_set(e, ERR_IO, errno, "%s" NAMES_SUFFIX ": stat", st->name);
	if (s->unknown_past)
		return enter_set(s, st, e);
	if (st->synced.inode == 0 && info.size == 0)
		return true;
	if (is_synced_file(s, st, m->fd, &info)) {
		m->pos = st->synced.offset;
		m->rewrite = st->rewrite;
		return true;
	}
	s->fs->close(s->fs, m->fd);
	m->fd = -1;
	m->rewrite = st->rewrite;
	if (open_moved(s, st))
		return true;
	m->rewrite = false;
	if (!open_active(s, st, 0, e))
		return false;
	if (is_synced_copy(s, st, m->fd, &info)) {
		m->pos = st->synced.offset;
		return true;
	}
	if (st->synced.inode != 0)
		stores_note(s, "%s" NAMES_SUFFIX " was moved away, replaced or cut since the last checkpoint",
		    st->name);
	return true;
}

bool match_begin(struct stores *s, struct store *st, struct err *e)
{
	struct match *m = &st->match;

	memset(m, 0, sizeof(*m));
	m->fd = -1;
	buf_init(&m->lines, (size_t)1 << 30);
	buf_init(&m->scratch, 2 * (size_t)JOURNAL_LINE_MAX);
	if (!store_attach(s, st, e))
		return false;
	if (st->doubtful)
		return begin_doubtful(s, st, e);
	return open_active(s, st, st->size - (int64_t)st->partial, e);
}

void match_fini(struct stores *s, struct store *st)
{
	if (st->match.fd >= 0)
		s->fs->close(s->fs, st->match.fd);
	st->match.fd = -1;
	buf_fini(&st->match.lines);
	buf_fini(&st->match.scratch);
}

/* Puts the whole line at pos, of which `have` bytes stand there. */
static bool put_line(
    struct stores *s, struct store *st, struct str line, size_t have, enum sameness same, struct err *e)
{
	struct match *m = &st->match;

	if (m->rewrite || same == HOLED) {
		if (!fs_write_all(s->fs, m->fd, line.p, have, m->pos, e))
			return false;
		s->report.holes_filled += same == HOLED;
		st->dirty = true;
	}
	if (have < line.n) {
		if (!fs_write_all(s->fs, m->fd, line.p + have, line.n - have, m->pos + (int64_t)have, e))
			return false;
		s->report.torn_lines_completed++;
		st->dirty = true;
		m->size = m->pos + (int64_t)line.n;
	}
	m->pos += (int64_t)line.n;
	return true;
}

/* What is appended to an old file must be on the disk with it: nobody syncs it later. */
static bool leave_old_file(struct stores *s, struct store *st, struct err *e)
{
	if (s->fs->sync(s->fs, st->match.fd) < 0)
		return err_set(e, ERR_IO, errno, "%s" NAMES_SUFFIX ": sync of its moved file", st->name);
	return open_active(s, st, 0, e);
}

static bool append_line(struct stores *s, struct store *st, struct str line, uint64_t lsn, struct err *e)
{
	s->report.lines_rolled_forward++;
	st->lagging = false;
	store_take(st, line, lsn);
	if (st->lagging)
		return err_nomem(e);
	st->lagging = true;
	return st->pending.n < STORE_WRITE_SIZE || store_write(s, st, e);
}

static bool enter_append(struct stores *s, struct store *st, struct err *e)
{
	st->match.mode = MATCH_APPEND;
	st->size = st->match.size;
	st->partial = 0;
	st->doubtful = st->rewrite = false; /* from here on the cursor in memory is good again */
	return store_seal(s, st, e);
}

/* The unfinished last line of a file with foreign content: ours or not. */
static bool finish_torn(struct stores *s, struct store *st, struct str line, bool *done, struct err *e)
{
	struct match *m = &st->match;
	size_t have = (size_t)(m->size - m->pos);
	enum sameness same;
	char *p;

	*done = false;
	m->torn = false;
	if (have < line.n) {
		buf_clear(&m->scratch);
		p = buf_reserve(&m->scratch, have);
		if (!p)
			return err_nomem(e);
		if (fs_read_full(s->fs, m->fd, p, have, m->pos) != (ssize_t)have)
			return err_set(e, ERR_IO, errno, "%s" NAMES_SUFFIX ": read", st->name);
		same = compare(p, line.p, have);
		if (same == DIFFERENT)
			return true;
		if (!put_line(s, st, line, have, same, e))
			return false;
		st->size = m->size;
		*done = true;
	}
	return true;
}

static bool line_in_set(struct stores *s, struct store *st, struct str line, uint64_t lsn, struct err *e)
{
	bool done = false;

	if (set_take(st, line)) {
		st->tail_lsn = st->pending.n ? st->tail_lsn : lsn;
		return true;
	}
	if (st->match.torn && !finish_torn(s, st, line, &done, e))
		return false;
	if (done) {
		st->tail_lsn = lsn;
		return true;
	}
	return (st->pending.n > 0 || store_seal(s, st, e)) && append_line(s, st, line, lsn, e);
}

static bool line_at_pos(struct stores *s, struct store *st, struct str line, uint64_t lsn, struct err *e)
{
	struct match *m = &st->match;
	size_t have = m->size - m->pos < (int64_t)line.n ? (size_t)(m->size - m->pos) : line.n;
	enum sameness same = SAME;
	char *p;

	buf_clear(&m->scratch);
	p = buf_reserve(&m->scratch, have);
	if (!p)
		return err_nomem(e);
	if (fs_read_full(s->fs, m->fd, p, have, m->pos) != (ssize_t)have)
		return err_set(e, ERR_IO, errno, "%s" NAMES_SUFFIX ": read", st->name);
	same = compare(p, line.p, have);
	if (same == DIFFERENT)
		return enter_set(s, st, e) && line_in_set(s, st, line, lsn, e);
	if (!put_line(s, st, line, have, same, e))
		return false;
	st->tail_lsn = lsn;
	if (reader_line_seq(line))
		st->last_seq = reader_line_seq(line);
	return true;
}

bool match_line(struct stores *s, struct store *st, struct str line, uint64_t lsn, struct err *e)
{
	struct match *m = &st->match;

	if (m->mode == MATCH_OLD_FILE && m->pos >= m->size && !leave_old_file(s, st, e))
		return false;
	if (m->mode == MATCH_ACTIVE && m->pos >= m->size && !enter_append(s, st, e))
		return false;
	if (m->mode == MATCH_APPEND)
		return append_line(s, st, line, lsn, e);
	if (m->mode == MATCH_SET)
		return line_in_set(s, st, line, lsn, e);
	return line_at_pos(s, st, line, lsn, e);
}

/* Bytes behind the last line of which the journal knows: readers shall not stumble over zeros. */
static bool blank_rest(struct stores *s, struct store *st, struct err *e)
{
	struct match *m = &st->match;
	char bytes[BLANK_CHUNK];

	for (int64_t at = m->pos; at < m->size; at += (int64_t)sizeof(bytes)) {
		ssize_t n = fs_read_full(s->fs, m->fd, bytes, sizeof(bytes), at);
		bool found = false;

		if (n < 0)
			return err_set(e, ERR_IO, errno, "%s" NAMES_SUFFIX ": read", st->name);
		for (ssize_t i = 0; i < n; i++) {
			found |= bytes[i] == '\0';
			bytes[i] = bytes[i] ? bytes[i] : ' ';
		}
		if (found && !fs_write_all(s->fs, m->fd, bytes, (size_t)n, at, e))
			return false;
		st->dirty |= found;
	}
	return true;
}

/* The journal has no more lines. */
bool match_end(struct stores *s, struct store *st, struct err *e)
{
	struct match *m = &st->match;

	if (m->mode == MATCH_APPEND || (m->mode == MATCH_SET && !m->torn))
		return store_write(s, st, e);
	if (m->mode == MATCH_OLD_FILE && !leave_old_file(s, st, e))
		return false;
	if (m->pos < m->size) {
		stores_note(s, "%s" NAMES_SUFFIX ": %lld bytes at its end are not in the journal", st->name,
		    (long long)(m->size - m->pos));
		if (!blank_rest(s, st, e))
			return false;
	}
	st->size = m->size;
	st->partial = 0;
	return store_seal(s, st, e);
}
