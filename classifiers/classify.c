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

/* --- scratch --- */

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
	free((*s)->x);
	free((*s)->part);
	free((*s)->evidence);
	free(*s);
	*s = NULL;
}

static bool reserve(struct cls_scratch *s, size_t topics, size_t passages)
{
	return cls_grow((void **)&s->x, &s->x_capacity, passages, sizeof *s->x) &&
	       cls_grow((void **)&s->part, &s->part_capacity, passages, sizeof *s->part) &&
	       cls_grow((void **)&s->evidence, &s->evidence_capacity, topics * CLS_EVIDENCE_MAX,
	           sizeof *s->evidence);
}

/* --- reading --- */

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

/* Finds the phrases of one field; *pos: where it begins, then where it ends. */
static bool read_field(
    const struct classifier *c, struct cls_scratch *s, struct cls_text text, bool title, uint32_t *pos)
{
	struct cls_tokenizer t;

	cls_tokenizer_init(&t, text.p, text.n, *pos);
	cls_matcher_field(&s->matcher, title);
	while (cls_tokenizer_next(&t, &s->tokens))
		if (!cls_matcher_feed(&s->matcher, &c->phrases, &s->tokens))
			return false;
	*pos = t.pos;
	return true;
}

static bool read_item(const struct classifier *c, struct cls_scratch *s, const struct cls_input *in)
{
	struct cls_text text = limit(in->text);
	uint32_t pos = 0, text_pos;

	cls_matcher_reset(&s->matcher);
	if (!read_field(c, s, limit(in->title), true, &pos))
		return false;
	text_pos = pos;
	if (!read_field(c, s, text, false, &pos))
		return false;
	return cls_rules_evaluate(&s->evaluation, &c->rules, &s->matcher, text, text_pos, pos) &&
	       reserve(s, c->topics, s->evaluation.passages);
}

/* --- scoring --- */

/* A scorer writes to x[0..passages) the log-odds that it gives to each passage; those of all scorers are added. */
typedef void score_f(const struct classifier *c, struct cls_scratch *s, size_t topic, double *x);

static void score_rules(const struct classifier *c, struct cls_scratch *s, size_t topic, double *x)
{
	(void)c;
	cls_rules_score(&s->evaluation, topic, x);
}

static score_f *const scorers[] = { score_rules };

/* Log-odds of the best passage. */
static double best_passage(const struct classifier *c, struct cls_scratch *s, size_t topic, uint32_t *best)
{
	uint32_t passages = s->evaluation.passages;

	for (uint32_t k = 0; k < passages; k++)
		s->x[k] = c->score[topic].bias - (k >= 2 ? c->score[topic].late : 0);
	for (size_t i = 0; i < sizeof scorers / sizeof *scorers; i++) {
		scorers[i](c, s, topic, s->part);
		for (uint32_t k = 0; k < passages; k++)
			s->x[k] += s->part[k];
	}
	*best = 0;
	for (uint32_t k = 1; k < passages; k++)
		if (s->x[k] > s->x[*best])
			*best = k;
	return s->x[*best];
}

static enum cls_decision decide(const struct cls_topic *t, double score)
{
	if (score >= t->match)
		return CLS_MATCH;
	return score >= t->review ? CLS_REVIEW : CLS_NONE;
}

bool cls_classify(const struct classifier *c, struct cls_scratch *s, const struct cls_input *in,
    struct cls_result *out, struct cls_error *e)
{
	if (!read_item(c, s, in))
		return cls_fail_memory(e);
	for (size_t i = 0; i < c->topics; i++) {
		struct cls_evidence *evidence = s->evidence + i * CLS_EVIDENCE_MAX;
		uint32_t passage;
		double score = 1 / (1 + exp(-best_passage(c, s, i, &passage)));
		out[i] = (struct cls_result){ .topic = i, .score = score, .evidence = evidence };
		out[i].decision = decide(&c->topic[i], score);
		if (!cls_rules_explain(&s->evaluation, i, passage, evidence, &out[i].evidence_count))
			return cls_fail_memory(e);
	}
	return true;
}
