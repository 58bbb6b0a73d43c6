/* scores: gathering and counting. */
#include "daemon/ctl/scores.h"

#include "daemon/ctl/member.h"

#include <math.h>
#include <stdlib.h>

#define NAMES_MAX 256 /* languages or sources told apart; later ones are counted as the last */

void scores_init(struct scores *s, const struct classifier *c, struct arena *arena)
{
	*s = (struct scores){ .classifier = c, .arena = arena, .topics = cls_topic_count(c) };
	buf_init(&s->texts, SCORES_MAX);
	buf_init(&s->cells, SCORES_MAX);
	buf_init(&s->languages.list, NAMES_MAX * sizeof(struct str));
	buf_init(&s->sources.list, NAMES_MAX * sizeof(struct str));
}

void scores_fini(struct scores *s)
{
	buf_fini(&s->texts);
	buf_fini(&s->cells);
	buf_fini(&s->languages.list);
	buf_fini(&s->sources.list);
}

static bool is_labelled(const json_t *labels, const char *topic)
{
	for (size_t i = 0; i < json_array_size(labels); i++)
		if (strcmp(json_string_value(json_array_get(labels, i)), topic) == 0)
			return true;
	return false;
}

/* One that is something else would quietly be no label. */
static bool are_texts(const json_t *labels)
{
	for (size_t i = 0; i < json_array_size(labels); i++)
		if (!json_is_string(json_array_get(labels, i)))
			return false;
	return true;
}

/* One of the words of a list with commas or spaces between them; fastText's prefix is taken off. */
static bool is_listed(struct str list, struct str topic)
{
	while (list.n > 0) {
		size_t n = 0;
		while (n < list.n && list.p[n] != ',' && list.p[n] != ' ')
			n++;
		struct str word = str_of(list.p, n);
		if (str_starts(word, STR("__label__")))
			word = str_skip(word, sizeof("__label__") - 1);
		if (str_eq(word, topic))
			return true;
		list = str_skip(list, n + 1);
	}
	return false;
}

bool scores_labels(const struct classifier *c, const struct text *t, signed char *truth, struct err *e)
{
	const json_t *labels = t->record ? json_object_get(t->record, "labels") : NULL;
	if (!json_is_array(labels) && !t->labels.p)
		return err_set(
		    e, ERR_PARSE, 0, "%s:%llu: no \"labels\"", t->file, (unsigned long long)t->line);
	if (!t->labels.p && !are_texts(labels))
		return err_set(e, ERR_PARSE, 0, "%s:%llu: a label that is no text", t->file,
		    (unsigned long long)t->line);
	for (size_t i = 0; i < cls_topic_count(c); i++) {
		const char *name = cls_topic(c, i)->name;
		bool yes = t->labels.p ? is_listed(t->labels, str_from(name)) : is_labelled(labels, name);
		truth[i] = yes ? 1 : -1;
	}
	return true;
}

struct str scores_name(const struct score_names *names, size_t i)
{
	return ((const struct str *)(const void *)names->list.p)[i];
}

static bool find_name(struct arena *arena, struct score_names *names, struct str name, uint32_t *place)
{
	for (size_t i = 0; i < names->n; i++)
		if (i == NAMES_MAX - 1 || str_eq(scores_name(names, i), name)) {
			*place = (uint32_t)i;
			return true;
		}
	struct str kept = arena_str(arena, name);
	buf_add(&names->list, &kept, sizeof(kept));
	*place = (uint32_t)names->n++;
	return kept.p && !names->list.failed;
}

static struct str source_of(const struct text *t)
{
	struct str source = { NULL, 0 };
	if (t->record) {
		source = member(t->record, "source");
		source = source.n > 0 ? source : member(t->record, "feed");
	}
	return source.n > 0 ? source : str_from(t->file);
}

bool scores_add(struct scores *s, const struct text *t, const signed char *truth, struct err *e)
{
	struct score_text row = { .id = arena_str(s->arena, t->id), .title = arena_str(s->arena, t->title) };
	row.borderline = t->record && json_is_true(json_object_get(t->record, "borderline"));
	const char *language = t->language && t->language[0] ? t->language : "?";
	bool good = find_name(s->arena, &s->languages, str_from(language), &row.language) &&
	            find_name(s->arena, &s->sources, source_of(t), &row.source);
	buf_add(&s->texts, &row, sizeof(row));
	for (size_t i = 0; i < s->topics; i++) {
		struct score cell = { .truth = truth[i] };
		buf_add(&s->cells, &cell, sizeof(cell));
	}
	s->n++;
	return (good && !arena_failed(s->arena) && !s->texts.failed && !s->cells.failed) || err_nomem(e);
}

struct score *scores_cell(const struct scores *s, size_t text, size_t topic)
{
	return (struct score *)(void *)s->cells.p + text * s->topics + topic;
}

const struct score_text *scores_text(const struct scores *s, size_t text)
{
	return (const struct score_text *)(const void *)s->texts.p + text;
}

static bool is_in(const struct score_text *t, struct scores_part part)
{
	return (part.language == SCORES_ANY || t->language == part.language) &&
	       (part.source == SCORES_ANY || t->source == part.source) && !(part.clear && t->borderline);
}

static void count(struct scores_topic *t, const struct score *c)
{
	bool labelled = c->truth > 0, match = c->decision == CLS_MATCH, review = c->decision == CLS_REVIEW;
	int bin = (int)(c->p * SCORES_BINS);
	bin = bin < 0 ? 0 : bin >= SCORES_BINS ? SCORES_BINS - 1 : bin;
	t->texts++;
	t->positives += labelled;
	t->hit += match && labelled;
	t->wrong += match && !labelled;
	t->missed += !match && labelled;
	t->review_hit += review && labelled;
	t->review_wrong += review && !labelled;
	t->bin_texts[bin]++;
	t->bin_p[bin] += c->p;
	t->bin_truth[bin] += labelled;
}

static int descending(const void *a, const void *b)
{
	const struct score *x = a, *y = b;
	if (x->p != y->p)
		return x->p > y->p ? -1 : 1;
	return x->truth - y->truth; /* of equals the wrong ones first: nothing is gained by chance */
}

static double average_precision(struct score *list, size_t n)
{
	double hits = 0, sum = 0;
	qsort(list, n, sizeof(*list), descending);
	for (size_t i = 0; i < n; i++)
		if (list[i].truth > 0)
			sum += ++hits / (double)(i + 1);
	return hits > 0 ? sum / hits : 0;
}

static double ratio(double part, double whole)
{
	return whole > 0 ? part / whole : 0;
}

static void conclude(struct scores_topic *t)
{
	double hit = (double)t->hit, wrong = (double)t->wrong, missed = (double)t->missed, off = 0;
	t->precision = ratio(hit, hit + wrong);
	t->recall = ratio(hit, hit + missed);
	t->f1 = ratio(2 * hit, 2 * hit + wrong + missed);
	for (int b = 0; b < SCORES_BINS; b++) {
		off += fabs(t->bin_p[b] - t->bin_truth[b]);
		t->bin_p[b] = ratio(t->bin_p[b], (double)t->bin_texts[b]);
		t->bin_truth[b] = ratio(t->bin_truth[b], (double)t->bin_texts[b]);
	}
	t->ece = ratio(off, (double)t->texts);
}

bool scores_measure(const struct scores *s, size_t topic, struct scores_part part, struct scores_topic *out)
{
	struct buf list;
	*out = (struct scores_topic){ 0 };
	buf_init(&list, SCORES_MAX);
	for (size_t i = 0; i < s->n; i++) {
		if (!is_in(scores_text(s, i), part))
			continue;
		const struct score *c = scores_cell(s, i, topic);
		count(out, c);
		buf_add(&list, c, sizeof(*c));
	}
	conclude(out);
	if (out->texts > 0 && !list.failed)
		out->average_precision =
		    average_precision((struct score *)(void *)list.p, (size_t)out->texts);
	bool good = !list.failed;
	buf_fini(&list);
	return good;
}

bool scores_mean(const struct scores *s, struct scores_part part, struct scores_mean *out)
{
	double f1 = 0, ap = 0, ece = 0, used = 0, labelled = 0;
	*out = (struct scores_mean){ 0 };
	for (size_t i = 0; i < s->topics; i++) {
		struct scores_topic t;
		if (!scores_measure(s, i, part, &t))
			return false;
		out->texts = t.texts;
		out->positives += t.positives;
		ece += t.ece;
		if (t.hit + t.wrong + t.missed > 0) {
			f1 += t.f1;
			used++;
		}
		if (t.positives > 0) {
			ap += t.average_precision;
			labelled++;
		}
	}
	out->f1 = ratio(f1, used);
	out->average_precision = ratio(ap, labelled);
	out->ece = ratio(ece, (double)s->topics);
	return true;
}

struct scores_interval scores_wilson(double part, double whole)
{
	const double z = 1.959964;
	if (whole <= 0)
		return (struct scores_interval){ 0, 1 };
	double p = part / whole, d = 1 + z * z / whole;
	double middle = (p + z * z / (2 * whole)) / d;
	double half = z * sqrt(p * (1 - p) / whole + z * z / (4 * whole * whole)) / d;
	return (struct scores_interval){ middle > half ? middle - half : 0,
		middle + half < 1 ? middle + half : 1 };
}

struct scores_interval scores_f1_interval(const struct scores_topic *t)
{
	struct scores_interval j = scores_wilson((double)t->hit, (double)(t->hit + t->wrong + t->missed));
	return (struct scores_interval){ 2 * j.low / (1 + j.low), 2 * j.high / (1 + j.high) };
}
