/* cls_rules_score: what the hits that count add to each passage, and the evidence for it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "classifiers/cls_rules.h"

#define EVIDENCE_PER_RULE 10u /* of a field; the tenth hit adds a thousandth of the weight */

static double half_to(uint32_t n)
{
	return n < 60 ? ldexp(1, -(int)n) : 0;
}

/* The factor on a rule's weight for so many hits: the heaviest counts in full, each next half of the one before. */
static double repeats(const struct cls_rule *r, double title_weight, uint32_t titles, uint32_t texts)
{
	bool title_first = title_weight >= 1;
	double heavy = title_first ? title_weight : 1, light = title_first ? 1 : title_weight;
	uint32_t first = title_first ? titles : texts, second = title_first ? texts : titles;

	if (r->once)
		return first > 0 ? heavy : second > 0 ? light : 0;
	return heavy * 2 * (1 - half_to(first)) + light * 2 * (1 - half_to(second)) * half_to(first);
}

static const struct cls_hit *hit_of(const struct cls_evaluation *v, const struct cls_fired *f, uint32_t i)
{
	return &v->hit[v->found[f->first + i].hit];
}

static uint32_t step_of(const struct cls_evaluation *v, const struct cls_hit *h)
{
	return (h->pos - v->text_pos) / CLS_PASSAGE_STEP;
}

/* A passage is two steps of the text: every hit is in two passages, but at the ends. */
static void count_hits(struct cls_evaluation *v, const struct cls_fired *f)
{
	memset(v->in_passage, 0, v->passages * sizeof *v->in_passage);
	for (uint32_t i = f->titles; i < f->count; i++) {
		uint32_t step = step_of(v, hit_of(v, f, i));
		if (step < v->passages)
			v->in_passage[step]++;
		if (step > 0)
			v->in_passage[step - 1]++;
	}
}

static const struct cls_fired *first_fired(const struct cls_evaluation *v, size_t topic)
{
	return v->topic_fired[topic] ? &v->fired[v->topic_fired[topic] - 1] : NULL;
}

static const struct cls_fired *next_fired(const struct cls_evaluation *v, const struct cls_fired *f)
{
	return f->next ? &v->fired[f->next - 1] : NULL;
}

void cls_rules_score(struct cls_evaluation *v, size_t topic, double *x)
{
	const struct cls_topic_rules *t = &v->rules->topic[topic];

	for (uint32_t k = 0; k < v->passages; k++)
		x[k] = v->minus[k] = 0;
	for (const struct cls_fired *f = first_fired(v, topic); f != NULL; f = next_fired(v, f)) {
		const struct cls_rule *r = &v->rules->rule[f->rule];
		double *sum = r->weight > 0 ? x : v->minus;
		count_hits(v, f);
		for (uint32_t k = 0; k < v->passages; k++)
			sum[k] += r->weight * repeats(r, t->title_weight, f->titles, v->in_passage[k]);
	}
	for (uint32_t k = 0; k < v->passages; k++)
		x[k] = (x[k] > t->cap ? t->cap : x[k]) + v->minus[k];
}

/* The bytes to show: the hit, with its partner when that is in the same field and not far. */
static void set_span(const struct cls_evaluation *v, const struct cls_found *found, struct cls_evidence *e)
{
	const struct cls_hit *h = &v->hit[found->hit];
	size_t start = h->start, end = h->end;

	e->field = h->sentence == 0 ? CLS_FIELD_TITLE : CLS_FIELD_TEXT;
	e->by = found->partner == CLS_PHRASE_NONE ? CLS_BY_PHRASE : CLS_BY_PAIR;
	if (found->partner != CLS_PHRASE_NONE) {
		const struct cls_hit *p = &v->hit[found->partner];
		size_t from = p->start < start ? p->start : start, to = p->end > end ? p->end : end;
		if ((p->sentence == 0) == (h->sentence == 0) && to - from <= CLS_SPAN_MAX) {
			start = from;
			end = to;
		}
	}
	e->start = start;
	e->length = end - start;
}

static bool add_evidence(
    struct cls_evaluation *v, const struct cls_rule *r, const struct cls_found *found, double weight)
{
	struct cls_evidence *e;

	if (!cls_grow((void **)&v->evidence, &v->evidence_capacity, v->evidences + 1, sizeof *e))
		return false;
	e = &v->evidence[v->evidences++];
	set_span(v, found, e);
	e->weight = weight;
	e->line = r->line;
	return true;
}

/* The hits of one field in one passage. *rank: how many were heavier, each of which halves the weight. */
static bool explain_field(struct cls_evaluation *v, const struct cls_fired *f, bool title, uint32_t passage,
    double factor, uint32_t *rank)
{
	const struct cls_rule *r = &v->rules->rule[f->rule];
	uint32_t from = title ? 0 : f->titles, to = title ? f->titles : f->count;

	for (uint32_t i = from, taken = 0; i < to && taken < EVIDENCE_PER_RULE; i++) {
		uint32_t step = title ? passage : step_of(v, hit_of(v, f, i));
		if (step != passage && step != passage + 1)
			continue;
		if (r->once && *rank > 0)
			return true;
		if (!add_evidence(v, r, &v->found[f->first + i], r->weight * factor * half_to(*rank)))
			return false;
		++*rank;
		taken++;
	}
	return true;
}

static bool explain_rule(struct cls_evaluation *v, const struct cls_fired *f, uint32_t passage)
{
	double title_weight = v->rules->topic[v->rules->rule[f->rule].topic].title_weight;
	uint32_t rank = 0;

	if (title_weight >= 1)
		return explain_field(v, f, true, passage, title_weight, &rank) &&
		       explain_field(v, f, false, passage, 1, &rank);
	return explain_field(v, f, false, passage, 1, &rank) &&
	       explain_field(v, f, true, passage, title_weight, &rank);
}

static int by_place(const void *a, const void *b)
{
	const struct cls_evidence *x = a, *y = b;

	if ((x->weight > 0) != (y->weight > 0))
		return x->weight > 0 ? -1 : 1;
	if (x->field != y->field)
		return x->field < y->field ? -1 : 1;
	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return (x->line > y->line) - (x->line < y->line);
}

static int by_weight(const void *a, const void *b)
{
	const struct cls_evidence *x = a, *y = b;
	double wx = fabs(x->weight), wy = fabs(y->weight);

	if (wx != wy)
		return wx > wy ? -1 : 1;
	return by_place(a, b);
}

/* Spans of one sign and field that overlap become one, which bears the name of the heaviest. In order of by_place. */
static void merge_spans(struct cls_evaluation *v)
{
	struct cls_evidence *last = NULL;
	double heaviest = 0;
	size_t n = 0;

	for (size_t i = 0; i < v->evidences; i++) {
		struct cls_evidence e = v->evidence[i];
		if (last == NULL || (last->weight > 0) != (e.weight > 0) || last->field != e.field ||
		    e.start >= last->start + last->length) {
			last = &v->evidence[n++];
			*last = e;
			heaviest = fabs(e.weight);
			continue;
		}
		if (e.start + e.length > last->start + last->length)
			last->length = e.start + e.length - last->start;
		last->weight += e.weight;
		if (fabs(e.weight) > heaviest) {
			heaviest = fabs(e.weight);
			last->by = e.by;
			last->line = e.line;
		}
	}
	v->evidences = n;
}

/* What the cap takes away is taken from all in the same measure. */
static void apply_cap(struct cls_evaluation *v, double cap)
{
	double plus = 0;

	for (size_t i = 0; i < v->evidences; i++)
		plus += v->evidence[i].weight > 0 ? v->evidence[i].weight : 0;
	for (size_t i = 0; plus > cap && i < v->evidences; i++)
		if (v->evidence[i].weight > 0)
			v->evidence[i].weight *= cap / plus;
}

bool cls_rules_explain(
    struct cls_evaluation *v, size_t topic, uint32_t passage, struct cls_evidence *out, size_t *count)
{
	v->evidences = 0;
	*count = 0;
	for (const struct cls_fired *f = first_fired(v, topic); f != NULL; f = next_fired(v, f))
		if (!explain_rule(v, f, passage))
			return false;
	if (v->evidences == 0)
		return true;
	apply_cap(v, v->rules->topic[topic].cap);
	qsort(v->evidence, v->evidences, sizeof *v->evidence, by_place);
	merge_spans(v);
	qsort(v->evidence, v->evidences, sizeof *v->evidence, by_weight);
	*count = v->evidences < CLS_EVIDENCE_MAX ? v->evidences : CLS_EVIDENCE_MAX;
	memcpy(out, v->evidence, *count * sizeof *out);
	return true;
}
