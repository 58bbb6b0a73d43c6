/*
 * reader: which file comes after which. Owns the open source and a list of names. A file that was rotated or compressed meanwhile is read to its
 * end through its descriptor; what comes next is found by the numbers in names, and lines whose number was seen are passed over.
 */
#include "daemon/store/reader.h"

#include "daemon/base/date.h"
#include "daemon/store/names.h"
#include "daemon/store/source.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#define SEQ_WITHIN 64 /* bytes of a line in which "seq" is looked for: our records begin {"v":1,"seq":N, */
#define TIME_WITHIN 128 /* bytes in which the time is looked for: it follows "seq" */
#define SEEK_TRIES 8u /* times that the end is looked for while files are rotated and compressed under us */
#define READER_PATH_MAX (PATH_MAX + NAME_MAX + 2)

struct reader {
	const struct fs *fs;
	char *directory;
	char *store;
	char file[NAME_MAX + 1]; /* base name of the open source */
	struct source *source;
	bool active; /* the source was opened under the active name */
	struct closed_file done; /* the closed file that precedes the source; name[0] == 0: none */
	uint64_t seq; /* of the last line given */
	int64_t
	    since; /* wall ms: where to begin in the file that is opened next; INT64_MIN: at its beginning */
	bool jumping; /* up to seq in the file that is opened next, by halving */
	bool skipping; /* passing over lines up to seq at the start of a file */
	int watch;
};

static char *copy(const char *z)
{
	size_t n = strlen(z) + 1;
	char *p = malloc(n);

	if (p)
		memcpy(p, z, n);
	return p;
}

static struct reader *reader_new(const struct fs *fs, const char *directory, const char *store)
{
	struct reader *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->fs = fs;
	r->since = INT64_MIN;
	r->watch = -1;
	r->directory = copy(directory);
	r->store = copy(store);
	if (!r->directory || !r->store)
		reader_close(&r);
	return r;
}

bool reader_open(
    const struct fs *fs, const char *directory, const char *store, struct reader **out, struct err *e)
{
	struct fs_stat st;

	*out = NULL;
	if (strlen(store) + sizeof(NAMES_SUFFIX) > NAME_MAX || strlen(directory) > PATH_MAX)
		return err_set(e, ERR_CONFIG, 0, "%s: name too long", store);
	if (fs->stat(fs, directory, &st) < 0)
		return err_set(e, ERR_IO, errno, "%s", directory);
	*out = reader_new(fs, directory, store);
	return *out || err_nomem(e);
}

void reader_close(struct reader **out)
{
	struct reader *r = *out;

	if (!r)
		return;
	source_close(&r->source);
	if (r->watch >= 0)
		close(r->watch);
	free(r->directory);
	free(r->store);
	free(r);
	*out = NULL;
}

uint64_t reader_line_seq(struct str line)
{
	struct str head = { line.p, line.n < SEQ_WITHIN ? line.n : SEQ_WITHIN };
	size_t at = str_find(head, STR("\"seq\":"), 0);
	unsigned long long seq;
	size_t end;

	if (at == SIZE_MAX)
		return 0;
	at += sizeof("\"seq\":") - 1;
	for (end = at; end < line.n && line.p[end] >= '0' && line.p[end] <= '9'; end++)
		continue;
	return str_to_u64(str_of(line.p + at, end - at), &seq) ? seq : 0;
}

int64_t reader_line_time(struct str line)
{
	struct str head = { line.p, line.n < TIME_WITHIN ? line.n : TIME_WITHIN };
	size_t seen = str_find(head, STR("\"seen_at\":\""), 0);
	size_t at = seen != SIZE_MAX ? seen + 11 : str_find(head, STR("\"at\":\""), 0);
	struct str rest;
	int64_t ms;

	if (at == SIZE_MAX)
		return INT64_MIN;
	rest = str_skip(head, seen != SIZE_MAX ? at : at + 6);
	return date_parse_rfc3339(str_cut(&rest, '"'), &ms) ? ms : INT64_MIN;
}

/* A line that tells no time may be any: it is not passed over. */
static bool stands_before(void *ctx, struct str line)
{
	int64_t at = reader_line_time(line);

	return at != INT64_MIN && at < *(const int64_t *)ctx;
}

/* So is one without a number. */
static bool is_up_to(void *ctx, struct str line)
{
	uint64_t seq = reader_line_seq(line);

	return seq != 0 && seq <= *(const uint64_t *)ctx;
}

/* Where in the file that was opened, when somebody has said so. */
static bool find_beginning(struct reader *r, struct err *e)
{
	int64_t since = r->since;
	bool jumping = r->jumping;

	r->since = INT64_MIN;
	r->jumping = false;
	if (jumping)
		return source_seek_before(r->source, is_up_to, &r->seq, e);
	return since == INT64_MIN || source_seek_before(r->source, stands_before, &since, e);
}

static void reader_path(const struct reader *r, const char *name, char out[READER_PATH_MAX])
{
	snprintf(out, READER_PATH_MAX, "%s/%s", r->directory, name);
}

/* False with e unset: the file is gone (just rotated, compressed or deleted): look again. */
static bool open_file(struct reader *r, const char *name, bool compressed, struct err *e)
{
	char path[READER_PATH_MAX];
	struct err why = { 0 };

	source_close(&r->source);
	reader_path(r, name, path);
	snprintf(r->file, sizeof(r->file), "%s", name);
	r->active = false;
	r->skipping = r->seq > 0;
	if (source_open(r->fs, path, compressed, &r->source, &why))
		return find_beginning(r, e);
	return why.sys == ENOENT ? false : err_set(e, why.kind, why.sys, "%s", why.text);
}

static bool open_active(struct reader *r, struct err *e)
{
	char name[NAME_MAX + 1];

	snprintf(name, sizeof(name), "%s" NAMES_SUFFIX, r->store);
	r->active = open_file(r, name, false, e);
	return r->active;
}

static bool same_file(const struct closed_file *a, const struct closed_file *b)
{
	return a->seq == b->seq && a->closed_ms == b->closed_ms;
}

/* Is f behind the file that was read last? Names carry the number of the last line in them. */
static bool is_behind(const struct reader *r, const struct closed_file *f)
{
	if (r->done.name[0] == '\0')
		return true;
	return f->seq != r->done.seq ? f->seq > r->done.seq : f->closed_ms > r->done.closed_ms;
}

/* The oldest closed file that is not behind us. */
static bool find_next(struct reader *r, struct closed_file *next, bool *found, struct err *e)
{
	struct buf list;

	*found = false;
	if (!names_list(r->fs, r->directory, r->store, &list, e))
		return false;
	for (size_t i = 0; i < names_count(&list) && !*found; i++) {
		const struct closed_file *f = names_at(&list, i);

		*found = is_behind(r, f) && (r->seq == 0 || f->seq > r->seq);
		if (*found)
			*next = *f;
		else if (is_behind(r, f))
			r->done = *f;
	}
	buf_fini(&list);
	return true;
}

/* That one, or the active one when there is none; looked for again once the active one is open: it may have been rotated in between. */
static bool open_next(struct reader *r, struct err *e)
{
	struct closed_file next;
	bool found;

	if (!find_next(r, &next, &found, e))
		return false;
	if (!found) {
		if (!open_active(r, e) || !find_next(r, &next, &found, e))
			return false;
		if (!found)
			return true;
	}
	if (!open_file(r, next.name, next.compressed, e))
		return false;
	r->done = next;
	return true;
}

/* The source is at its end. Has its name been given to another file? */
static bool active_was_rotated(const struct reader *r)
{
	char path[READER_PATH_MAX];
	struct fs_stat st;

	reader_path(r, r->file, path);
	if (r->fs->stat(r->fs, path, &st) < 0)
		return errno == ENOENT;
	/* Behind a link nothing is written, so there is nothing to follow. */
	return !S_ISLNK(st.mode) && st.inode != source_inode(r->source);
}

/* A torn piece does not count as its line: whoever moved the file away made the daemon write the line again, whole, in the next. */
static void give(struct reader *r, struct str text, struct reader_line *out)
{
	uint64_t seq = str_ends(text, STR("}")) ? reader_line_seq(text) : 0;

	r->seq = seq ? seq : r->seq;
	*out = (struct reader_line){ text, r->file, source_number(r->source) };
}

/* Next line of the open source that was not given before. */
static enum source_result next_here(struct reader *r, struct str *text, struct err *e)
{
	enum source_result got;

	while ((got = source_next(r->source, text, e)) == SOURCE_LINE) {
		uint64_t seq = reader_line_seq(*text);

		if (!r->skipping || seq > r->seq)
			break;
	}
	r->skipping &= got != SOURCE_LINE;
	return got;
}

/* The active file was rotated: under its new name it is the first closed one behind `done`. Lines without numbers are
 * told from those of the next file by that alone. */
static void mark_rotated_done(struct reader *r)
{
	struct err ignored = { 0 };
	struct buf list;

	if (r->seq > 0 || !names_list(r->fs, r->directory, r->store, &list, &ignored))
		return;
	for (size_t i = 0; i < names_count(&list); i++) {
		if (!is_behind(r, names_at(&list, i)))
			continue;
		r->done = *names_at(&list, i);
		break;
	}
	buf_fini(&list);
}

enum step { STEP_AGAIN, STEP_LINE, STEP_END, STEP_FAILED };

/* The end of a file: the active one may grow or may have been rotated (then it is read once more, to its true end). */
static enum step at_end(struct reader *r, bool *final, struct str *text)
{
	if (r->active && !*final) {
		if (source_check_cut(r->source))
			return STEP_AGAIN;
		if (!active_was_rotated(r))
			return STEP_END;
		*final = true;
		return STEP_AGAIN;
	}
	if (source_rest(r->source, text))
		return STEP_LINE;
	if (r->active)
		mark_rotated_done(r);
	source_close(&r->source);
	*final = false;
	return STEP_AGAIN;
}

/* Behind the damage when there is anything to read there, else the next file's turn comes. */
static enum reader_result fail(struct reader *r, const struct err *why, struct err *e)
{
	if (why->kind != ERR_PARSE || !source_pass_damage(r->source))
		source_close(&r->source);
	err_set(e, why->kind, 0, "%s: %s", r->file, why->text);
	e->sys = why->sys;
	return READER_FAILED;
}

static void drain_watch(struct reader *r)
{
	char events[4096];

	while (r->watch >= 0 && read(r->watch, events, sizeof(events)) > 0)
		continue;
}

enum reader_result reader_next(struct reader *r, struct reader_line *out, struct err *e)
{
	struct str text = { 0 };
	struct err why = { 0 };
	bool final = false;

	for (;;) {
		enum step step = STEP_AGAIN;
		enum source_result got;

		if (!r->source && !open_next(r, &why)) {
			if (why.kind == ERR_NONE)
				break;
			err_set(e, why.kind, why.sys, "%s", why.text);
			return READER_FAILED;
		}
		got = next_here(r, &text, &why);
		if (got == SOURCE_FAILED)
			return fail(r, &why, e);
		if (got == SOURCE_END)
			step = at_end(r, &final, &text);
		if (got == SOURCE_LINE || step == STEP_LINE) {
			give(r, text, out);
			return READER_LINE;
		}
		if (step == STEP_END)
			break;
	}
	drain_watch(r);
	return READER_END;
}

enum reader_result reader_next_whole(
    struct reader *r, struct reader_line *out, reader_damage_f *tell, void *ctx, struct err *e)
{
	for (;;) {
		struct err why = { 0 };
		enum reader_result got = reader_next(r, out, &why);

		if (got != READER_FAILED)
			return got;
		if (why.kind != ERR_PARSE) {
			*e = why;
			return READER_FAILED;
		}
		if (tell)
			tell(ctx, why.text);
	}
}

static void rewind_all(struct reader *r)
{
	source_close(&r->source);
	memset(&r->done, 0, sizeof(r->done));
	r->seq = 0;
	r->since = INT64_MIN;
	r->jumping = false;
}

bool reader_seek_seq(struct reader *r, uint64_t seq, struct err *e)
{
	(void)e;
	rewind_all(r);
	r->seq = seq;
	return true;
}

void reader_jump_seq(struct reader *r, uint64_t seq)
{
	rewind_all(r);
	r->seq = seq;
	r->jumping = seq > 0;
}

bool reader_seek_time(struct reader *r, int64_t wall_ms, struct err *e)
{
	struct buf list;

	rewind_all(r);
	wall_ms = wall_ms > INT64_MIN + READER_SLACK_MS ? wall_ms - READER_SLACK_MS : INT64_MIN;
	if (!names_list(r->fs, r->directory, r->store, &list, e))
		return false;
	for (size_t i = 0; i < names_count(&list) && names_at(&list, i)->closed_ms < wall_ms / 1000 * 1000;
	     i++)
		r->done = *names_at(&list, i);
	r->since = wall_ms;
	buf_fini(&list);
	return true;
}

bool reader_seek_bytes(struct reader *r, uint64_t bytes, struct err *e)
{
	struct buf list;
	uint64_t total = 0;
	size_t i;

	rewind_all(r);
	if (!names_list(r->fs, r->directory, r->store, &list, e))
		return false;
	names_sizes(r->fs, r->directory, &list);
	for (i = names_count(&list); i > 0 && total < bytes; i--)
		total += (uint64_t)names_at(&list, i - 1)->size;
	if (i > 0)
		r->done = *names_at(&list, i - 1);
	buf_fini(&list);
	return true;
}

/* False with e unset: a file went while we were at it. */
static bool seek_last(struct reader *r, uint64_t lines, struct err *e)
{
	struct buf list;
	uint64_t here = lines;
	bool ok;
	size_t i;

	rewind_all(r);
	if (!names_list(r->fs, r->directory, r->store, &list, e))
		return false;
	i = names_count(&list);
	if (i > 0)
		r->done = *names_at(&list, i - 1);
	ok = open_active(r, e) ? source_seek_last(r->source, &here, e) : e->kind == ERR_NONE;
	if (!r->source)
		here = 0;
	while (ok && here < lines && i > 0) {
		const struct closed_file *f = names_at(&list, --i);

		lines -= here;
		here = lines;
		if (i + 1 < names_count(&list) && same_file(f, names_at(&list, i + 1))) {
			here = 0; /* the same lines, plain and compressed */
			continue;
		}
		ok = open_file(r, f->name, f->compressed, e) && source_seek_last(r->source, &here, e);
		r->done = *f;
	}
	buf_fini(&list);
	return ok;
}

bool reader_seek_last(struct reader *r, uint64_t lines, struct err *e)
{
	struct err why = { 0 };

	for (unsigned i = 0; i < SEEK_TRIES; i++) {
		if (seek_last(r, lines, &why))
			return true;
		if (why.kind != ERR_NONE)
			return err_set(e, why.kind, why.sys, "%s", why.text);
	}
	return err_set(e, ERR_IO, 0, "%s: files of \"%s\" come and go too fast", r->directory, r->store);
}

int reader_wait_fd(struct reader *r)
{
	if (r->watch >= 0)
		return r->watch;
	r->watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (r->watch < 0)
		return -1;
	if (inotify_add_watch(r->watch, r->directory, IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM) <
	    0) {
		close(r->watch);
		r->watch = -1;
	}
	return r->watch;
}
