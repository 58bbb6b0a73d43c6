/* classify: asking a classifier: tokens, hits, rules, passages, probability, decision, evidence. */
#include "classifiers/classify.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "classifiers/classify_priv.h"
#include "classifiers/cls_watch.h"

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
	cls_memo_fini(&(*s)->memo);
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

struct look { /* of one token */
	struct cls_memo_key key;
	struct cls_memo_word *place;
	const int16_t *pair; /* cells of the row */
};

/* What is known of a token, for the matcher. */
static inline const struct cls_model_word *look_up(struct cls_scratch *s, const struct look *l, size_t i)
{
	cls_memo_look(&s->memo, l[i].place, &l[i].key, &s->tokens.token[i], s->tokens.text);
	s->seen[i] = l[i].place->seen;
	return &l[i].place->sums;
}

/* What the model says of tokens from..to, in sum. Weights are whole numbers: in which order they are added does not matter. */
static void add_weights(
    struct cls_scratch *s, const struct look *l, size_t from, size_t to, double *sum, size_t topics)
{
	for (size_t i = from; i < to; i++) {
		const struct cls_model_word *w = look_up(s, l, i);
		unsigned before = cls_repeats_before(&s->sums.repeats, cls_term_word(l[i].key.hash));
		const int16_t *pair = l[i].pair;
		double times = before > 0 ? 1 : CLS_REPEATS_EQUAL;
		if (before == CLS_REPEATS_MOST)
			continue;
		sum[0] += times * (double)w->norm + CLS_REPEATS_EQUAL * (pair[0] * pair[0]);
		for (size_t c = 0; c < topics; c++)
			sum[1 + c] += times * w->weight[c] + CLS_REPEATS_EQUAL * pair[1 + c];
	}
}

/* The same for three topics, whose weights fit into a register together with what stands before them. Free of branches: what comes again cannot be foreseen. */
static void add_three(struct cls_scratch *s, const struct look *l, size_t from, size_t to, double *sum)
{
	typedef int16_t row __attribute__((vector_size(8)));
	typedef uint32_t cells __attribute__((vector_size(16)));
	cells all = { 0 }, again = { 0 }, word;
	int64_t pairs = 0;
	double norm = 0, norm_again = 0;
	float part;
	row pair;

	for (size_t i = from; i < to; i++) {
		const struct cls_model_word *w = look_up(s, l, i);
		unsigned before = cls_repeats_before(&s->sums.repeats, cls_term_word(l[i].key.hash));
		uint32_t came = -(uint32_t)(before > 0), counts = -(uint32_t)(before < CLS_REPEATS_MOST);
		memcpy(&word, w, sizeof word);
		memcpy(&pair, l[i].pair, sizeof pair);
		word &= counts;
		all += word + (__builtin_convertvector(pair, cells) & counts);
		memcpy(&part, &word, sizeof part);
		norm += (double)part;
		word &= came;
		again += word;
		memcpy(&part, &word, sizeof part);
		norm_again += (double)part;
		pairs += (l[i].pair[0] * l[i].pair[0]) & (int32_t)counts;
	}
	sum[0] += CLS_REPEATS_EQUAL * (norm + (double)pairs) - (CLS_REPEATS_EQUAL - 1) * norm_again;
	for (size_t c = 1; c <= 3; c++)
		sum[c] += CLS_REPEATS_EQUAL * (int32_t)all[c] - (CLS_REPEATS_EQUAL - 1) * (int32_t)again[c];
}

/* Tokens of one step of the text after the other. */
static bool look_up_steps(struct cls_scratch *s, const struct look *l, bool title, uint32_t text_pos)
{
	const struct cls_model *m = s->memo.model;
	const struct cls_token *token = s->tokens.token;

	for (size_t from = 0, to; from < s->tokens.n; from = to) {
		size_t step = title ? 0 : 1 + (token[from].pos - text_pos) / CLS_PASSAGE_STEP;
		uint64_t end = title ? UINT64_MAX : text_pos + (uint64_t)step * CLS_PASSAGE_STEP;
		double *sum = cls_model_step(&s->sums, m, step);
		if (sum == NULL)
			return false;
		for (to = from + 1; to < s->tokens.n && token[to].pos < end;)
			to++;
		if (m->head->topics == 3)
			add_three(s, l, from, to, sum);
		else
			add_weights(s, l, from, to, sum, m->head->topics);
	}
	return true;
}

/* Two passes over a block: what the second reads is on its way from memory meanwhile. */
static bool read_block(struct cls_scratch *s, struct cls_term_state *state, bool title, uint32_t text_pos)
{
	const struct cls_memo memo = s->memo; /* not in memory that is written to, nor the state */
	const struct cls_model model = memo.model != NULL ? *memo.model : (struct cls_model){ 0 };
	struct cls_term_state at = *state;
	const struct cls_tokens *t = &s->tokens;
	struct look l[CLS_BLOCK];

	for (size_t i = 0; i < t->n; i++) {
		struct cls_term term = cls_term_next(&at, &t->token[i], t->text);
		l[i].key = cls_memo_key(&term, &t->token[i], t->text);
		l[i].place = cls_memo_place(&memo, term.word);
		__builtin_prefetch(l[i].place);
		if (memo.model != NULL) {
			l[i].pair = cls_model_row(&model, term.pair);
			__builtin_prefetch(l[i].pair);
		}
	}
	*state = at;
	if (memo.model != NULL)
		return look_up_steps(s, l, title, text_pos);
	for (size_t i = 0; i < t->n; i++)
		look_up(s, l, i);
	return true;
}

/* Phrases and terms of one field; *pos: where it begins, then where it ends. */
static bool read_field(const struct classifier *c, struct cls_scratch *s, struct cls_text text,
    enum cls_field field, const struct cls_watcher *w, uint32_t *pos)
{
	struct cls_tokenizer t;
	struct cls_term_state state = { 0 };
	uint32_t from = *pos;
	bool title = field == CLS_FIELD_TITLE;

	cls_tokenizer_init(&t, text.p, text.n, from);
	cls_matcher_field(&s->matcher, title);
	do {
		if (c->has_model && !title && !cls_model_mark(&s->sums, &t, &state))
			return false;
		if (!cls_tokenizer_next(&t, &s->tokens))
			break;
		if (w != NULL)
			w->on_tokens(w->ctx, field, &s->tokens);
		if (!read_block(s, &state, title, from) ||
		    !cls_matcher_feed(&s->matcher, &c->phrases, &s->tokens, s->seen))
			return false;
	} while (true);
	*pos = t.pos;
	return true;
}

static bool read_item(const struct classifier *c, struct cls_scratch *s, const struct cls_input *in,
    const struct cls_watcher *w)
{
	struct cls_text text = limit(in->text);
	uint32_t pos = 0, text_pos;

	cls_matcher_reset(&s->matcher);
	if (!cls_memo_open(&s->memo, &c->phrases, c->has_model ? &c->model : NULL, c->hash) ||
	    (c->has_model && !cls_model_begin(&s->sums, &c->model)))
		return false;
	if (!read_field(c, s, limit(in->title), CLS_FIELD_TITLE, w, &pos))
		return false;
	text_pos = pos;
	if (!read_field(c, s, text, CLS_FIELD_TEXT, w, &pos))
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

static size_t find_lightest(const struct cls_evidence *list, size_t n)
{
	size_t lightest = 0;

	for (size_t i = 1; i < n; i++)
		if (by_weight(&list[i], &list[lightest]) > 0)
			lightest = i;
	return lightest;
}

/* Puts words among the heaviest; when there is no room the lightest goes. Returns how many there are. */
static size_t keep_heaviest(
    struct cls_evidence *list, size_t n, const struct cls_evidence *term, size_t terms)
{
	size_t i = 0, lightest;

	while (i < terms && n < CLS_EVIDENCE_MAX)
		list[n++] = term[i++];
	if (i == terms)
		return n;
	lightest = find_lightest(list, n);
	for (; i < terms; i++)
		if (by_weight(&term[i], &list[lightest]) < 0) {
			list[lightest] = term[i];
			lightest = find_lightest(list, n);
		}
	return n;
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
	if (!cls_model_explain(&s->sums, &s->memo, learned, passage, limit(in->title), s->evaluation.text_pos,
	        &term, &terms))
		return false;
	r->evidence_count = keep_heaviest(list, r->evidence_count, term, terms);
	qsort(list, r->evidence_count, sizeof *list, by_weight);
	return true;
}

bool cls_classify_watched(const struct classifier *c, struct cls_scratch *s, const struct cls_input *in,
    const struct cls_watcher *w, struct cls_result *out, struct cls_error *e)
{
	if (!read_item(c, s, in, w))
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

bool cls_classify(const struct classifier *c, struct cls_scratch *s, const struct cls_input *in,
    struct cls_result *out, struct cls_error *e)
{
	return cls_classify_watched(c, s, in, NULL, out, e);
}
