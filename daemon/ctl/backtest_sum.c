/* backtest_sum: from marks to figures, and which records are worth looking at. */
#include "daemon/base/date.h"
#include "daemon/base/fs.h"
#include "daemon/base/hash.h"
#include "daemon/base/utf8.h"
#include "daemon/ctl/backtest_priv.h"
#include "daemon/ctl/member.h"
#include "daemon/pipe/storage.h"
#include "daemon/store/reader.h"

#include <stdlib.h>

#define DAY_MS 86400000
#define DAYS_MAX 100000 /* of the histogram; clocks that were wrong make no more of them */
#define WHY_TERMS 4u /* of the heaviest words that are shown */
#define TEXT_SHOWN 200u /* bytes of a title, or of why */

const char *const backtest_change_names[BACKTEST_CHANGES] = {
	[BACKTEST_GAINED] = "gained",
	[BACKTEST_LOST] = "lost",
	[BACKTEST_CHANGED] = "changed",
	[BACKTEST_CLASH] = "clash",
};

static int order(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static int by_case(const void *a, const void *b)
{
	const struct backtest_mark *x = a, *y = b;
	int c = order(x->topic, y->topic);
	c = c ? c : order(x->of_case, y->of_case);
	c = c ? c : order(x->seq, y->seq);
	return c ? c : (int)y->judged - (int)x->judged;
}

static struct backtest_mark *marks(const struct backtest *b)
{
	return (struct backtest_mark *)(void *)b->marks.p;
}

static size_t mark_count(const struct backtest *b)
{
	return b->marks.n / sizeof(struct backtest_mark);
}

/* What a replay says goes into the record's own mark, which stands before it. A record without one had no decision then, nor has it now; unless
 * it was not asked for. */
static void merge(struct backtest *b)
{
	struct backtest_mark *all = marks(b);
	size_t kept = 0;
	for (size_t i = 0; i < mark_count(b); i++) {
		const struct backtest_mark *m = &all[i];
		struct backtest_mark *own = kept > 0 ? &all[kept - 1] : NULL;
		if (m->judged || !own || own->topic != m->topic || own->seq != m->seq) {
			if (m->judged || (m->seq >= b->first && m->seq <= b->last))
				all[kept++] = *m;
			continue;
		}
		own->was = m->was > own->was ? m->was : own->was;
		if (m->verdict_seq > own->verdict_seq) {
			own->verdict = m->verdict;
			own->verdict_seq = m->verdict_seq;
		}
	}
	b->marks.n = kept * sizeof(*all);
}

static bool change_of(const struct backtest_mark *m, enum backtest_change *out)
{
	if (m->was == m->is)
		return false;
	*out = m->is == CLS_MATCH ? BACKTEST_GAINED : m->was == CLS_MATCH ? BACKTEST_LOST : BACKTEST_CHANGED;
	return true;
}

static void count(struct backtest_sum *s, const struct backtest_mark *m)
{
	enum backtest_change change;
	s->was[m->was] += m->was != CLS_NONE;
	s->is[m->is] += m->is != CLS_NONE;
	s->shadow |= m->shadow;
	if (change_of(m, &change))
		s->changes[change]++;
	s->decided += m->verdict != VERDICT_NONE;
	s->clashes_was += backtest_clashes(m->verdict, m->was);
	s->changes[BACKTEST_CLASH] += backtest_clashes(m->verdict, m->is);
}

struct days { /* cases by day, of one topic */
	uint32_t *was, *is;
	int64_t first;
	size_t n;
};

static void count_day(const struct days *d, uint32_t *days, int64_t at, uint64_t *cases, uint64_t *busiest)
{
	int64_t day = at / DAY_MS - d->first;
	size_t i = day < 0 ? 0 : (uint64_t)day >= d->n ? d->n - 1 : (size_t)day;
	++*cases;
	if (++days[i] > *busiest)
		*busiest = days[i];
}

/* A case raises an alert once, by its first record that matches; a shadow raised none. */
static void count_cases(struct backtest *b, const struct days *d, size_t from, size_t to)
{
	const struct backtest_mark *all = marks(b);
	struct backtest_sum *s = &b->sums[all[from].topic];
	bool was = false, is = false;
	for (size_t i = from; i < to; i++) {
		if (all[i].was == CLS_MATCH && !all[i].shadow && !was) {
			was = true;
			count_day(d, d->was, all[i].at, &s->cases_was, &s->busiest_was);
		}
		if (all[i].is == CLS_MATCH && !is) {
			is = true;
			count_day(d, d->is, all[i].at, &s->cases_is, &s->busiest_is);
		}
	}
}

static void clear_days(struct days *d)
{
	memset(d->was, 0, d->n * sizeof(*d->was));
	memset(d->is, 0, d->n * sizeof(*d->is));
}

static void count_all(struct backtest *b, struct days *d)
{
	const struct backtest_mark *all = marks(b);
	size_t n = mark_count(b), from = 0;
	for (size_t i = 0; i < n; i++) {
		bool ends = i + 1 == n || all[i + 1].topic != all[i].topic;
		count(&b->sums[all[i].topic], &all[i]);
		if (!ends && all[i + 1].of_case == all[i].of_case)
			continue;
		count_cases(b, d, from, i + 1);
		from = i + 1;
		if (ends)
			clear_days(d);
	}
}

bool backtest_sum_up(struct backtest *b, struct err *e)
{
	int64_t first = b->records ? b->first_at / DAY_MS : 0, last = b->records ? b->last_at / DAY_MS : 0;
	struct days d = { .first = first,
		.n = (size_t)(last - first < DAYS_MAX ? last - first + 1 : DAYS_MAX) };
	d.was = arena_zalloc(b->args->arena, d.n * sizeof(*d.was));
	d.is = arena_zalloc(b->args->arena, d.n * sizeof(*d.is));
	if (!d.was || !d.is)
		return err_nomem(e);
	if (mark_count(b) > 0)
		qsort(b->marks.p, mark_count(b), sizeof(struct backtest_mark), by_case);
	merge(b);
	count_all(b, &d);
	return true;
}

double backtest_days(const struct backtest *b)
{
	double days = b->records ? (double)(b->last_at - b->first_at) / DAY_MS : 1;
	return days < 1 ? 1 : days;
}

struct pick {
	uint64_t chance; /* the lowest ones are taken */
	struct backtest_shown shown;
};

static int by_chance(const void *a, const void *b)
{
	const struct pick *x = a, *y = b;
	int c = order(x->shown.topic, y->shown.topic);
	c = c ? c : order(x->shown.change, y->shown.change);
	c = c ? c : order(x->chance, y->chance);
	return c ? c : order(x->shown.seq, y->shown.seq);
}

static int by_number(const void *a, const void *b)
{
	const struct backtest_shown *x = a, *y = b;
	int c = order(x->seq, y->seq);
	c = c ? c : order(x->topic, y->topic);
	return c ? c : order(x->change, y->change);
}

static void add_pick(
    struct buf *picks, uint64_t seed, const struct backtest_mark *m, enum backtest_change change)
{
	struct pick p = { .chance = hash64(str_of(&m->seq, sizeof(m->seq)), seed),
		.shown = { .seq = m->seq, .topic = m->topic, .change = change, .was = m->was, .is = m->is } };
	buf_add(picks, &p, sizeof(p));
}

static void add_picks(const struct backtest *b, struct buf *picks)
{
	const struct backtest_mark *all = marks(b);
	enum backtest_change change;
	for (size_t i = 0; i < mark_count(b); i++) {
		if (change_of(&all[i], &change))
			add_pick(picks, b->args->seed, &all[i], change);
		if (backtest_clashes(all[i].verdict, all[i].is))
			add_pick(picks, b->args->seed, &all[i], BACKTEST_CLASH);
	}
}

/* Of sorted picks the first ones of each topic and change. */
static size_t keep_most(struct backtest *b, const struct pick *picks, size_t n, uint64_t most)
{
	size_t kept = 0;
	uint64_t row = 0;
	for (size_t i = 0; i < n; i++) {
		const struct backtest_shown *s = &picks[i].shown, *before = i ? &picks[i - 1].shown : NULL;
		row = before && before->topic == s->topic && before->change == s->change ? row + 1 : 0;
		if (row < most)
			b->shown[kept++] = *s;
	}
	return kept;
}

/* Sorted by chance; n > 0. */
static bool take_picks(struct backtest *b, struct pick *picks, size_t n, uint64_t most, struct err *e)
{
	uint64_t room = most < n ? most * b->judge.count * BACKTEST_CHANGES : n;
	qsort(picks, n, sizeof(struct pick), by_chance);
	b->shown = arena_alloc(b->args->arena, (room < n ? room : n) * sizeof(struct backtest_shown));
	if (!b->shown)
		return err_nomem(e);
	b->shown_count = keep_most(b, picks, n, most);
	if (b->shown_count > 0)
		qsort(b->shown, b->shown_count, sizeof(struct backtest_shown), by_number);
	return true;
}

bool backtest_choose(struct backtest *b, uint64_t most, struct err *e)
{
	struct buf picks;
	buf_init(&picks, (mark_count(b) + 1) * 2 * sizeof(struct pick));
	add_picks(b, &picks);
	size_t n = picks.n / sizeof(struct pick);
	bool good = !picks.failed || err_nomem(e);
	if (good && n > 0)
		good = take_picks(b, (struct pick *)(void *)picks.p, n, most, e);
	buf_fini(&picks);
	return good;
}

/* Repeated words are said once. */
static void add_words(struct buf *out, unsigned *n, struct str words)
{
	words = utf8_cut(words, TEXT_SHOWN / WHY_TERMS);
	if (words.n == 0 || *n == WHY_TERMS || str_find(buf_view(out), words, 0) != SIZE_MAX)
		return;
	if ((*n)++ > 0)
		buf_str(out, STR(", "));
	buf_str(out, words);
}

/* The words for it that the record has itself. */
static void words_then(const json_t *record, const char *topic, struct buf *out)
{
	const json_t *evidence = json_object_get(member_topic(record, str_from(topic)), "evidence");
	unsigned n = 0;
	for (size_t i = 0; i < json_array_size(evidence); i++) {
		const json_t *one = json_array_get(evidence, i);
		if (json_number_value(json_object_get(one, "weight")) > 0)
			add_words(out, &n, member(one, "text"));
	}
}

static void words_now(const struct cls_result *r, struct str title, struct str text, struct buf *out)
{
	unsigned n = 0;
	for (size_t i = 0; i < r->evidence_count; i++) {
		const struct cls_evidence *one = &r->evidence[i];
		struct str rest = str_skip(one->field == CLS_FIELD_TITLE ? title : text, one->start);
		if (one->weight > 0)
			add_words(out, &n, str_of(rest.p, one->length < rest.n ? one->length : rest.n));
	}
}

static bool fill_in(struct backtest *b, struct backtest_shown *s, const json_t *record, struct err *e)
{
	struct str title = member(record, "title"), text = member_text(record);
	const struct cls_result *r = &b->judge.results[s->topic];
	struct arena *arena = b->args->arena;
	struct buf why;
	if (!judge_ask(&b->judge, title, text, json_string_value(json_object_get(record, "language")), e))
		return false;
	buf_init(&why, 2 * TEXT_SHOWN);
	if (s->is == CLS_NONE)
		words_then(record, cls_topic(b->judge.classifier, s->topic)->name, &why);
	else
		words_now(r, title, text, &why);
	s->score = r->score;
	s->why = arena_str(arena, buf_view(&why));
	s->title = arena_str(arena, utf8_cut(title.n ? title : text, TEXT_SHOWN));
	s->feed = arena_str(arena, utf8_cut(member(record, "feed"), TEXT_SHOWN));
	bool good = !why.failed && !arena_failed(arena);
	buf_fini(&why);
	return good || err_nomem(e);
}

/* All that is shown of one record. */
static bool look_at(
    struct backtest *b, size_t *at, struct str line, backtest_look_f *each, void *ctx, struct err *e)
{
	uint64_t seq = b->shown[*at].seq;
	json_t *record = json_loadb(line.p, line.n, JSON_ALLOW_NUL, NULL);
	bool good = record || err_nomem(e);
	for (; good && *at < b->shown_count && b->shown[*at].seq == seq; ++*at)
		good =
		    fill_in(b, &b->shown[*at], record, e) && (!each || each(ctx, &b->shown[*at], record, e));
	json_decref(record);
	return good;
}

bool backtest_look(struct backtest *b, backtest_look_f *each, void *ctx, struct err *e)
{
	struct reader *r = NULL;
	struct reader_line line;
	enum reader_result got = READER_END;
	size_t at = 0;
	if (b->shown_count == 0)
		return true;
	bool good = reader_open(&fs_system, b->directory, STORE_ITEMS, &r, e) &&
	            reader_seek_seq(r, b->shown[0].seq - 1, e);
	while (good && at < b->shown_count &&
	       (got = reader_next_whole(r, &line, NULL, NULL, e)) == READER_LINE) {
		uint64_t seq = reader_line_seq(line.text);
		while (
		    at < b->shown_count && b->shown[at].seq < seq) /* deleted meanwhile, as retention does */
			at++;
		if (at < b->shown_count && b->shown[at].seq == seq)
			good = look_at(b, &at, line.text, each, ctx, e);
	}
	reader_close(&r);
	return good && got != READER_FAILED;
}
