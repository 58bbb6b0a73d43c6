/*
 * lines: a store is read forwards, so it is read in windows, each older than the one before, and each told backwards. Numbers have no gaps, so a window
 * is found by its numbers; where the store begins with a later one, because retention took what came before, the way back ends.
 */
#include "daemon/page/lines.h"

#include "daemon/base/arena.h"
#include "daemon/store/reader.h"

#include <stdlib.h>

#define WINDOW 500u /* lines */
#define WINDOW_BYTES (32u << 20) /* of the lines of one window; where they do not fit it gets smaller */

struct window {
	struct arena *arena;
	struct str lines[WINDOW];
	uint64_t seqs[WINDOW];
	size_t count;
};

/* The next line that can be read; damaged files are passed over. */
static bool next_line(struct reader *r, struct reader_line *line)
{
	for (;;) {
		struct err ignored = { .kind = ERR_NONE };
		enum reader_result got = reader_next(r, line, &ignored);

		if (got != READER_FAILED)
			return got == READER_LINE;
	}
}

/* Those from number `from` on and below `before`. False: they do not fit. */
static bool read_window(struct reader *r, uint64_t from, uint64_t before, struct window *w)
{
	struct reader_line line;

	w->count = 0;
	arena_reset(w->arena);
	reader_jump_seq(r, from - 1);
	while (w->count < WINDOW && next_line(r, &line)) {
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
static uint64_t end_of(struct reader *r)
{
	struct err ignored = { .kind = ERR_NONE };
	struct reader_line line;
	uint64_t end = 0;

	if (!reader_seek_last(r, 1, &ignored))
		return 0;
	while (next_line(r, &line))
		end = reader_line_seq(line.text) + 1;
	return end;
}

static void tell(struct reader *r, struct window *w, uint64_t before, unsigned most, lines_f *each, void *ctx,
    uint64_t *next)
{
	bool wanted = true;
	uint64_t span = WINDOW;

	for (unsigned told = 0; wanted && told < most && before > 1;) {
		uint64_t from = before > span ? before - span : 1;

		if (!read_window(r, from, before, w) && span > 1) {
			span /= 2;
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
	struct reader *r = NULL;
	bool ok = w && (w->arena = arena_new(WINDOW_BYTES)) &&
	          reader_open(source->fs, source->directory, store, &r, &ignored);

	*next = 0;
	if (ok) {
		uint64_t end = end_of(r);

		tell(r, w, before && before < end ? before : end, most, each, ctx, next);
	}
	reader_close(&r);
	if (w)
		arena_free(&w->arena);
	free(w);
	return ok;
}

bool lines_after(const struct page_source *source, const char *store, uint64_t after, unsigned most,
    lines_f *each, void *ctx, uint64_t *last)
{
	struct err ignored = { .kind = ERR_NONE };
	struct reader *r = NULL;
	struct reader_line line;

	*last = after;
	if (!reader_open(source->fs, source->directory, store, &r, &ignored))
		return false;
	reader_jump_seq(r, after);
	for (bool wanted = true; wanted && most > 0 && next_line(r, &line); most--) {
		uint64_t seq = reader_line_seq(line.text);

		if (seq <= *last)
			continue;
		*last = seq;
		wanted = each(ctx, seq, line.text);
	}
	reader_close(&r);
	return true;
}

uint64_t lines_last(const struct page_source *source, const char *store)
{
	struct err ignored = { .kind = ERR_NONE };
	struct reader *r = NULL;
	uint64_t end = 0;

	if (reader_open(source->fs, source->directory, store, &r, &ignored))
		end = end_of(r);
	reader_close(&r);
	return end > 0 ? end - 1 : 0;
}

bool lines_find(const struct page_source *source, const char *store, uint64_t seq, struct buf *out)
{
	struct err ignored = { .kind = ERR_NONE };
	struct reader *r = NULL;
	struct reader_line line;
	bool found = false;

	if (seq == 0 || !reader_open(source->fs, source->directory, store, &r, &ignored))
		return false;
	reader_jump_seq(r, seq - 1);
	if (next_line(r, &line) && reader_line_seq(line.text) == seq) {
		buf_str(out, line.text);
		found = !out->failed;
	}
	reader_close(&r);
	return found;
}
