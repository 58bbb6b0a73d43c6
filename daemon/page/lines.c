/*
 * lines: a store is read forwards, so it is read in windows, each older than the one before, and each told backwards. Numbers have no gaps, so a window
 * is found by its numbers; where the store begins with a later one, because retention took what came before, the way back ends.
 */
#include "daemon/page/lines.h"

#include "daemon/base/arena.h"
#include "daemon/store/reader.h"

#include <stdlib.h>

#define WINDOW 500u /* lines */
#define FAILURES_MAX 1000u /* one behind the other; a system that lets us read nothing does so for ever */
#define WINDOW_BYTES (32u << 20) /* of the lines of one window; where they do not fit it gets smaller */

struct window {
	struct arena *arena;
	struct str lines[WINDOW];
	uint64_t seqs[WINDOW];
	size_t count;
};

struct walk { /* through a store */
	struct reader *reader;
	bool failed; /* there may be more than what could be read */
};

/* The next line that can be read; damaged files are passed over. */
static bool next_line(struct walk *k, struct reader_line *line)
{
	for (unsigned i = 0; i < FAILURES_MAX; i++) {
		struct err e = { .kind = ERR_NONE };
		enum reader_result got = reader_next(k->reader, line, &e);

		if (got != READER_FAILED)
			return got == READER_LINE;
		k->failed |= e.kind != ERR_PARSE;
	}
	k->failed = true;
	return false;
}

/* Those from number `from` on and below `before`. False: they do not fit. */
static bool read_window(struct walk *k, uint64_t from, uint64_t before, struct window *w)
{
	struct reader_line line;

	w->count = 0;
	arena_reset(w->arena);
	reader_jump_seq(k->reader, from - 1);
	while (w->count < WINDOW && next_line(k, &line)) {
		uint64_t seq = reader_line_seq(line.text);

		if (seq >= before)
			break;
		if (seq < from)
			continue;
		w->seqs[w->count] = seq;
		w->lines[w->count] = arena_str(w->arena, line.text);
		if (arena_failed(w->arena))
			return false;
		w->count++;
	}
	return true;
}

/* One more than the number of the last line; 0: there is none. */
static uint64_t end_of(struct walk *k)
{
	struct err ignored = { .kind = ERR_NONE };
	struct reader_line line;
	uint64_t end = 0;

	if (!reader_seek_last(k->reader, 1, &ignored)) {
		k->failed = true;
		return 0;
	}
	while (next_line(k, &line))
		end = reader_line_seq(line.text) + 1;
	return end;
}

static void tell(struct walk *k, struct window *w, uint64_t before, unsigned most, lines_f *each, void *ctx,
    uint64_t *next)
{
	bool wanted = true;
	uint64_t span = WINDOW;

	for (unsigned told = 0; wanted && told < most && before > 1;) {
		uint64_t from = before > span ? before - span : 1;

		if (!read_window(k, from, before, w)) {
			k->failed |= span == 1;
			span /= 2;
			if (span > 0)
				continue;
		}
		if (w->count == 0)
			return;
		for (size_t i = w->count; i-- > 0 && wanted && told < most; told++) {
			wanted = each(ctx, w->seqs[i], w->lines[i]);
			before = w->seqs[i];
		}
	}
	*next = before > 1 ? before : 0;
}

bool lines_back(const struct page_source *source, const char *store, uint64_t before, unsigned most,
    lines_f *each, void *ctx, uint64_t *next)
{
	struct err ignored = { .kind = ERR_NONE };
	struct window *w = calloc(1, sizeof(*w));
	struct walk k = { .reader = NULL };
	bool ok = w && (w->arena = arena_new(WINDOW_BYTES)) &&
	          reader_open(source->fs, source->directory, store, &k.reader, &ignored);

	*next = 0;
	if (ok) {
		uint64_t end = end_of(&k);

		tell(&k, w, before && before < end ? before : end, most, each, ctx, next);
	}
	reader_close(&k.reader);
	if (w)
		arena_free(&w->arena);
	free(w);
	return ok && !k.failed;
}

bool lines_after(const struct page_source *source, const char *store, uint64_t after, unsigned most,
    lines_f *each, void *ctx, uint64_t *last)
{
	struct err ignored = { .kind = ERR_NONE };
	struct walk k = { .reader = NULL };
	struct reader_line line;
	uint64_t end;

	*last = after;
	if (!reader_open(source->fs, source->directory, store, &k.reader, &ignored))
		return false;
	end = end_of(&k);
	*last = after < end ? after : end > 0 ? end - 1 : 0;
	reader_jump_seq(k.reader, *last);
	for (bool wanted = *last + 1 < end; wanted && most > 0 && next_line(&k, &line); most--) {
		uint64_t seq = reader_line_seq(line.text);

		if (seq <= *last)
			continue;
		*last = seq;
		wanted = each(ctx, seq, line.text);
	}
	reader_close(&k.reader);
	return !k.failed;
}

bool lines_find(const struct page_source *source, const char *store, uint64_t seq, struct buf *out)
{
	struct err ignored = { .kind = ERR_NONE };
	struct walk k = { .reader = NULL };
	struct reader_line line;
	bool found = false;

	if (seq == 0 || !reader_open(source->fs, source->directory, store, &k.reader, &ignored))
		return false;
	reader_jump_seq(k.reader, seq - 1);
	if (next_line(&k, &line) && reader_line_seq(line.text) == seq) {
		buf_str(out, line.text);
		found = !out->failed;
	}
	reader_close(&k.reader);
	return found;
}
