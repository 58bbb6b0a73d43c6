/* classify: asking a classifier: tokens, hits, rules, passages, probability, decision, evidence. */
#include "classifiers/classify.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "classifiers/classify_priv.h"

size_t cls_topic_count(const struct classifier *c)
{
	return c->topics;
}

const struct cls_topic *cls_topic(const struct classifier *c, size_t i)
{
	return i < c->topics ? &c->topic[i] : NULL;
}

int cls_topic_index(const struct classifier *c, const char *name)
{
	for (size_t i = 0; i < c->topics; i++)
		if (strcmp(c->topic[i].name, name) == 0)
			return (int)i;
	return -1;
}

const char *cls_model_id(const struct classifier *c)
{
	return c->id;
}

size_t cls_test_count(const struct classifier *c)
{
	return c->tests;
}

const struct cls_test *cls_test(const struct classifier *c, size_t i)
{
	return i < c->tests ? &c->test[i] : NULL;
}

const char *cls_decision_name(enum cls_decision d)
{
	static const char *const name[] = {
		[CLS_NONE] = "none", [CLS_REVIEW] = "review", [CLS_MATCH] = "match"
	};

	return name[d];
}

const char *cls_by_name(enum cls_by by)
{
	static const char *const name[] = {
		[CLS_BY_PHRASE] = "phrase", [CLS_BY_PAIR] = "pair", [CLS_BY_TERM] = "term"
	};

	return name[by];
}

struct cls_scratch *cls_scratch_new(void)
{
	return calloc(1, sizeof(struct cls_scratch));
}

void cls_scratch_free(struct cls_scratch **s)
{
	if (*s == NULL)
		return;
	cls_matcher_fini(&(*s)->matcher);
	cls_evaluation_fini(&(*s)->evaluation);
	cls_model_sums_fini(&(*s)->sums);
	free((*s)->x);
	free((*s)->evidence);
	free(*s);
	*s = NULL;
}

static bool reserve(struct cls_scratch *s, size_t topics, size_t passages)
{
	return cls_grow((void **)&s->x, &s->x_capacity, passages, sizeof *s->x) &&
	       cls_grow((void **)&s->evidence, &s->evidence_capacity, topics * CLS_EVIDENCE_MAX,
	           sizeof *s->evidence);
}

/* A text beyond the limit is cut between characters. */
static struct cls_text limit(struct cls_text t)
{
	if (t.n <= CLS_TEXT_MAX)
		return t;
	t.n = CLS_TEXT_MAX;
	for (int i = 0; i < 3 && ((unsigned char)t.p[t.n] & 0xc0) == 0x80; i++)
		t.n--;
	return t;
}

/* Phrases and terms of one field; *pos: where it begins, then where it ends. */
static bool read_field(
    const struct classifier *c, struct cls_scratch *s, struct cls_text text, bool title, uint32_t *pos)
{
	struct cls_tokenizer t;
	struct cls_term_state state = { 0 };
	uint32_t from = *pos;

	cls_tokenizer_init(&t, text.p, text.n, from);
	cls_matcher_field(&s->matcher, title);
	while (cls_tokenizer_next(&t, &s->tokens)) {
		if (!cls_matcher_feed(&s->matcher, &c->phrases, &s->tokens))
			return false;
		if (c->has_model && !cls_model_feed(&s->sums, &c->model, &state, &s->tokens, title, from))
			return false;
	}
	*pos = t.pos;
	return true;
}

static bool read_item(const struct classifier *c, struct cls_scratch *s, const struct cls_input *in)
{
	struct cls_text text = limit(in->text);
	uint32_t pos = 0, text_pos;

	cls_matcher_reset(&s->matcher);
	if (c->has_model && !cls_model_begin(&s->sums, &c->model))
		return false;
	if (!read_field(c, s, limit(in->title), true, &pos))
		return false;
	text_pos = pos;
	if (!read_field(c, s, text, false, &pos))
		return false;
	return cls_rules_evaluate(&s->evaluation, &c->rules, &s->matcher, text, text_pos, pos) &&
	       reserve(s, c->topics, s->evaluation.passages);
}

/* What rules and model say together about a passage of which the model knows some words; else what the rules say. */
static double with_model(
    const struct classifier *c, const struct cls_scratch *s, size_t topic, uint32_t passage, double rules)
{
	size_t learned = (size_t)c->score[topic].learned;
	const struct cls_model_topic *t = &c->model.topic[learned];
	double margin;

	if (!cls_model_margin(&s->sums, &c->model, learned, passage, &margin))
		return rules;
	return t->rules * rules + t->margin * margin + t->constant;
}

/* Log-odds of the best passage. Those that begin late have a higher bar. */
static double best_passage(const struct classifier *c, struct cls_scratch *s, size_t topic, uint32_t *best)
{
	const struct cls_score_topic *t = &c->score[topic];

	*best = 0;
	cls_rules_score(&s->evaluation, topic, s->x);
	for (uint32_t k = 0; k < s->evaluation.passages; k++) {
		s->x[k] += t->bias;
		if (t->learned >= 0)
			s->x[k] = with_model(c, s, topic, k, s->x[k]);
		s->x[k] -= k >= 2 ? t->late : 0;
		if (s->x[k] > s->x[*best])
			*best = k;
	}
	return s->x[*best];
}

static enum cls_decision decide(const struct cls_topic *t, double score)
{
	if (score >= t->match)
		return CLS_MATCH;
	return score >= t->review ? CLS_REVIEW : CLS_NONE;
}

static int by_weight(const void *a, const void *b)
{
	const struct cls_evidence *x = a, *y = b;
	double wx = fabs(x->weight), wy = fabs(y->weight);

	if (wx != wy)
		return wx > wy ? -1 : 1;
	if (x->field != y->field)
		return x->field < y->field ? -1 : 1;
	return (x->start > y->start) - (x->start < y->start);
}

/* Puts e among the heaviest; when there is no room the lightest goes. */
static void keep_heaviest(struct cls_evidence *list, size_t *n, const struct cls_evidence *e)
{
	size_t lightest = 0;

	if (*n < CLS_EVIDENCE_MAX) {
		list[(*n)++] = *e;
		return;
	}
	for (size_t i = 1; i < *n; i++)
		if (by_weight(&list[i], &list[lightest]) > 0)
			lightest = i;
	if (by_weight(e, &list[lightest]) < 0)
		list[lightest] = *e;
}

static bool explain(const struct classifier *c, struct cls_scratch *s, const struct cls_input *in,
    uint32_t passage, struct cls_result *r)
{
	struct cls_evidence *list = s->evidence + r->topic * CLS_EVIDENCE_MAX;
	const struct cls_evidence *term;
	double margin;
	size_t terms, learned = (size_t)c->score[r->topic].learned;

	r->evidence = list;
	if (!cls_rules_explain(&s->evaluation, r->topic, passage, list, &r->evidence_count))
		return false;
	if (c->score[r->topic].learned < 0 ||
	    !cls_model_margin(&s->sums, &c->model, learned, passage, &margin))
		return true;
	for (size_t i = 0; i < r->evidence_count; i++)
		list[i].weight *= c->model.topic[learned].rules;
	if (r->decision == CLS_NONE) /* words are asked only where somebody will look */
		return true;
	if (!cls_model_explain(
	        &s->sums, &c->model, learned, passage, limit(in->title), limit(in->text), &term, &terms))
		return false;
	for (size_t i = 0; i < terms; i++)
		keep_heaviest(list, &r->evidence_count, &term[i]);
	qsort(list, r->evidence_count, sizeof *list, by_weight);
	return true;
}

bool cls_classify(const struct classifier *c, struct cls_scratch *s, const struct cls_input *in,
    struct cls_result *out, struct cls_error *e)
{
	if (!read_item(c, s, in))
		return cls_fail_memory(e);
	for (size_t i = 0; i < c->topics; i++) {
		uint32_t passage;
		double score = 1 / (1 + exp(-best_passage(c, s, i, &passage)));
		out[i] = (struct cls_result){
			.topic = i, .score = score, .decision = decide(&c->topic[i], score)
		};
		if (!explain(c, s, in, passage, &out[i]))
			return cls_fail_memory(e);
	}
	return true;
}
