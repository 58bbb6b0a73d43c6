/* beats: one pass over the ledger, backwards, until every bar is full. */
#include "daemon/page/beats.h"

#include "daemon/base/attr.h"
#include "daemon/base/json_scan.h"
#include "daemon/page/lines.h"
#include "daemon/page/page_priv.h"
#include "daemon/pipe/storage.h"

#define CELL 3u /* width of a cell and the gap behind it */

static const struct {
	const char *class, *name;
} kinds[BEAT_KINDS] = {
	[BEAT_NEW] = { "new", "with news" },
	[BEAT_OK] = { "ok", "ok" },
	[BEAT_UNCHANGED] = { "same", "unchanged" },
	[BEAT_FAILED] = { "fail", "failed" },
};

enum beat beats_of(struct str result, uint64_t news)
{
	if (str_eq(result, STR("unchanged")))
		return BEAT_UNCHANGED;
	if (str_eq(result, STR("waiting")))
		return BEAT_NONE;
	if (!str_eq(result, STR("ok")))
		return BEAT_FAILED;
	return news ? BEAT_NEW : BEAT_OK;
}

struct reading {
	struct beats *feeds;
	size_t count, full;
};

static struct str unquoted(struct str value)
{
	return value.n >= 2 && value.p[0] == '"' ? str_of(value.p + 1, value.n - 2) : value;
}

static lines_f on_line;
static bool on_line(void *ctx, uint64_t seq, struct str line)
{
	struct reading *r = ctx;
	struct json_member m[] = { { "feed", STR("") }, { "result", STR("") }, { "new", STR("") },
		{ "status", STR("") } };
	unsigned long long news = 0;
	enum beat beat;

	(void)seq;
	if (!json_scan(line, m, ARRAY_LEN(m)))
		return true;
	(void)str_to_u64(m[2].value, &news);
	beat = beats_of(unquoted(m[1].value), news);
	if (beat == BEAT_NONE)
		return true;
	for (size_t i = 0; i < r->count; i++) {
		struct beats *f = &r->feeds[i];

		if (f->count == BEATS_CELLS || !str_eq(unquoted(m[0].value), f->feed))
			continue;
		f->cells[f->count++] = beat;
		f->not_modified += str_eq(m[3].value, STR("304"));
		r->full += f->count == BEATS_CELLS;
	}
	return r->full < r->count;
}

void beats_read(const struct page_source *source, struct beats *feeds, size_t count)
{
	struct reading r = { .feeds = feeds, .count = count };
	uint64_t ignored;

	if (count)
		(void)lines_back(source, STORE_POLLS, 0, PAGE_LOOK_BACK, on_line, &r, &ignored);
}

/* A run of cells is one dashed line; how high it is tells the kind to those who see no colours. */
static void write_path(struct buf *b, const struct beats *f, enum beat kind)
{
	bool begun = false;

	for (unsigned run, i = 0; i < f->count; i += run) {
		for (run = 1; i + run < f->count && f->cells[i + run] == f->cells[i]; run++)
			;
		if (f->cells[i] != kind)
			continue;
		if (!begun)
			buf_fmt(b, "<path class=\"%s\" d=\"", kinds[kind].class);
		begun = true;
		buf_fmt(b, "M%u 8h%u", (BEATS_CELLS - i - run) * CELL, run * CELL);
	}
	if (begun)
		buf_str(b, STR("\"/>"));
}

static void write_words(struct buf *b, const struct beats *f)
{
	unsigned counts[BEAT_KINDS] = { 0 };

	for (unsigned i = 0; i < f->count; i++)
		counts[f->cells[i]]++;
	buf_fmt(b, "Last %u polls:", f->count);
	for (unsigned k = BEAT_NEW; k < BEAT_KINDS; k++)
		if (counts[k])
			buf_fmt(b, " %u %s", counts[k], kinds[k].name);
}

void beats_write(struct buf *b, const struct beats *f)
{
	buf_fmt(b, "<svg class=\"beat\" role=\"img\" viewBox=\"0 0 %u 16\"><title>", BEATS_CELLS * CELL);
	write_words(b, f);
	buf_str(b, STR("</title>"));
	for (unsigned k = BEAT_NEW; k < BEAT_KINDS; k++)
		write_path(b, f, (enum beat)k);
	buf_str(b, STR("</svg>"));
}
