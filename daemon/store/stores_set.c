/*
 * stores_set: which lines stand in a file already, wherever: for files in which positions mean nothing any more, because somebody cut,
 * replaced or edited them, or because the checkpoint is gone. Owns the array in the match; knows only hashes.
 */
#include "daemon/store/stores_priv.h"

#include "daemon/base/hash.h"
#include "daemon/store/names.h"
#include "daemon/store/reader.h"

#include <errno.h>
#include <stdlib.h>

#define SET_CHUNK (1u << 20) /* bytes read at once */
#define SET_MAX ((size_t)1 << 30) /* bytes of the array: 64 million lines */

struct known_line {
	uint64_t hash;
	uint64_t used;
};

static void set_add(struct store *st, struct str text)
{
	struct known_line k = { hash64(text, 0), 0 };

	buf_add(&st->match.lines, &k, sizeof(k));
}

/* Lines between from and size; *rest: where the unfinished last one begins. */
bool set_load(
    struct stores *s, struct store *st, int fd, int64_t from, int64_t size, int64_t *rest, struct err *e)
{
	struct buf *b = &st->match.scratch;
	int64_t at = from;

	buf_clear(b);
	*rest = from;
	while (at < size) {
		size_t want = size - at < SET_CHUNK ? (size_t)(size - at) : SET_CHUNK, start = 0, end;
		char *p = buf_reserve(b, want);
		ssize_t n = p ? fs_read_full(s->fs, fd, p, want, at) : 0;

		if (!p)
			return err_nomem(e);
		if (n <= 0)
			return n == 0 || err_set(e, ERR_IO, errno, "%s" NAMES_SUFFIX ": read", st->name);
		buf_grown(b, (size_t)n);
		at += n;
		while ((end = str_find_byte(buf_view(b), '\n', start)) != SIZE_MAX) {
			set_add(st, str_of(b->p + start, end - start));
			start = end + 1;
		}
		*rest += (int64_t)start;
		buf_shift(b, start);
	}
	return !st->match.lines.failed || err_nomem(e);
}

static reader_damage_f note_damage;
static void note_damage(void *ctx, const char *why)
{
	stores_note(ctx, "%s", why);
}

/* The newest closed files: together with the active one they hold every line that the journal still has. The reader goes on to the
 * active file at its end; that one is loaded by set_load. */
bool set_load_closed(struct stores *s, struct store *st, struct err *e)
{
	struct reader *r = NULL;
	struct reader_line line;
	struct closed_file closed;
	enum reader_result got = READER_END;

	if (!reader_open(s->fs, s->directory, st->name, &r, e))
		return false;
	if (reader_seek_bytes(r, journal_bytes(s->journal), e)) {
		while ((got = reader_next_whole(r, &line, note_damage, s, e)) == READER_LINE &&
		       names_parse(line.file, &closed))
			set_add(st, line.text);
	} else {
		got = READER_FAILED;
	}
	reader_close(&r);
	return got != READER_FAILED && (!st->match.lines.failed || err_nomem(e));
}

static int by_hash(const void *a, const void *b)
{
	const struct known_line *x = a, *y = b;

	return (x->hash > y->hash) - (x->hash < y->hash);
}

void set_sort(struct store *st)
{
	if (st->match.lines.n > 0)
		qsort(st->match.lines.p, st->match.lines.n / sizeof(struct known_line),
		    sizeof(struct known_line), by_hash);
}

bool set_take(struct store *st, struct str line)
{
	struct known_line *k = (struct known_line *)(void *)st->match.lines.p;
	size_t low = 0, count = st->match.lines.n / sizeof(*k), high = count;
	uint64_t hash = hash64(str_of(line.p, line.n - 1), 0);

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (k[middle].hash < hash)
			low = middle + 1;
		else
			high = middle;
	}
	while (low < count && k[low].hash == hash && k[low].used)
		low++;
	if (low == count || k[low].hash != hash)
		return false;
	k[low].used = 1;
	return true;
}
