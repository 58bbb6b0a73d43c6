/* cls_model: the file of weights and its sums over passages. */
#include "classifiers/cls_model.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "classifiers/cls_fold.h"
#include "classifiers/cls_memo.h"
#include "classifiers/cls_rules.h"

size_t cls_model_size(uint32_t bits, uint32_t topics)
{
	return sizeof(struct cls_model_head) + topics * sizeof(struct cls_model_topic) +
	       ((size_t)1 << bits) * (1 + topics) * sizeof(int16_t);
}

#define NUMBER_MOST                                                                                          \
	1e6 /* of a topic: training gives less than a thousand, and products of a few of these are numbers still */

static bool topic_is_sane(const struct cls_model_topic *t)
{
	const double number[] = { t->rules, t->margin, t->constant, t->match, t->review, t->scale, t->f1,
		t->average_precision, t->ece };

	if (memchr(t->name, 0, sizeof t->name) == NULL || t->name[0] == '\0')
		return false;
	for (size_t i = 0; i < sizeof number / sizeof *number; i++)
		if (!(fabs(number[i]) <= NUMBER_MOST)) /* nor NaN */
			return false;
	return t->learned == 0 || (t->review > 0 && t->review <= t->match && t->match < 1);
}

static const char *head_fault(const struct cls_model_head *h, size_t n)
{
	if (n < sizeof *h || memcmp(h->magic, CLS_MODEL_MAGIC, sizeof h->magic) != 0)
		return "not a model file";
	if (h->order != CLS_MODEL_ORDER)
		return "made on a machine with another order of bytes";
	if (h->version != CLS_MODEL_VERSION || h->terms_version != CLS_TERMS_VERSION ||
	    h->fold_version != CLS_FOLD_VERSION)
		return "made by another version; train it again";
	if (h->bits != CLS_TERM_BITS || h->topics == 0 || h->topics > CLS_TOPICS_MAX)
		return "of impossible size";
	if (n != cls_model_size(h->bits, h->topics))
		return "cut short, or too long";
	if (h->checksum != XXH3_64bits((const char *)h + 16, n - 16))
		return "damaged: its checksum differs";
	return NULL;
}

bool cls_model_open(struct cls_model *m, const char *name, const void *bytes, size_t n, struct cls_error *e)
{
	const char *why = head_fault(bytes, n);

	if (why != NULL)
		return cls_fail(e, name, 0, "%s", why);
	m->head = bytes;
	m->topic = (const void *)(m->head + 1);
	m->row = (const void *)(m->topic + m->head->topics);
	m->cells = 1 + m->head->topics;
	for (uint32_t i = 0; i < m->head->topics; i++)
		if (!topic_is_sane(&m->topic[i]))
			return cls_fail(e, name, 0, "senseless numbers for topic %u", i + 1);
	return true;
}

/* Room for the title and `steps` steps of the text, new ones zero. */
static bool reserve(struct cls_model_sums *s, const struct cls_model *m, size_t steps)
{
	size_t had = s->steps;

	if (steps <= had)
		return true;
	if (!cls_grow((void **)&s->sum, &s->capacity, (1 + steps) * m->cells, sizeof *s->sum))
		return false;
	memset(s->sum + (1 + had) * m->cells, 0, (steps - had) * m->cells * sizeof *s->sum);
	s->steps = steps;
	return true;
}

bool cls_model_begin(struct cls_model_sums *s, const struct cls_model *m)
{
	s->steps = s->marks = 0;
	if (!cls_grow((void **)&s->sum, &s->capacity, 3 * m->cells, sizeof *s->sum))
		return false;
	memset(s->sum, 0, m->cells * sizeof *s->sum);
	memset(&s->repeats, 0, sizeof s->repeats);
	s->repeats_of = 0;
	return reserve(s, m, 2);
}

double *cls_model_step(struct cls_model_sums *s, const struct cls_model *m, size_t step)
{
	if (step != s->repeats_of)
		memset(&s->repeats, 0, sizeof s->repeats);
	s->repeats_of = step;
	return reserve(s, m, step) ? s->sum + step * m->cells : NULL;
}

bool cls_model_mark(
    struct cls_model_sums *s, const struct cls_tokenizer *at, const struct cls_term_state *state)
{
	if (!cls_grow((void **)&s->mark, &s->mark_capacity, s->marks + 1, sizeof *s->mark))
		return false;
	s->mark[s->marks++] = (struct cls_model_mark){ *at, *state };
	return true;
}

void cls_model_word(const struct cls_model *m, uint64_t word, const struct cls_token *k,
    const unsigned char *text, struct cls_model_word *out)
{
	uint32_t row[CLS_TERM_PIECES_MAX + 1];
	size_t rows = cls_term_pieces(k, text, row);

	row[rows++] = cls_term_row(word);
	for (size_t i = 0; i < rows; i++)
		__builtin_prefetch(m->row + row[i] * m->cells);
	out->norm = 0;
	memset(out->weight, 0, (m->cells - 1) * sizeof *out->weight);
	for (size_t i = 0; i < rows; i++) {
		const int16_t *cell = m->row + row[i] * m->cells;
		out->norm += (float)(cell[0] * cell[0]);
		for (size_t c = 1; c < m->cells; c++)
			out->weight[c - 1] += cell[c];
	}
}

/* Weighted sum of one cell over the title and the passage's two steps. */
static double cell_sum(
    const struct cls_model_sums *s, const struct cls_model *m, size_t cell, uint32_t passage)
{
	double sum = CLS_MODEL_TITLE * s->sum[cell];

	for (size_t step = passage + 1u; step <= passage + 2u && step <= s->steps; step++)
		sum += s->sum[step * m->cells + cell];
	return sum / CLS_REPEATS_EQUAL;
}

static double norm_of(const struct cls_model_sums *s, const struct cls_model *m, uint32_t passage)
{
	return sqrt(cell_sum(s, m, 0, passage)) / CLS_MODEL_IDF;
}

bool cls_model_margin(
    const struct cls_model_sums *s, const struct cls_model *m, size_t topic, uint32_t passage, double *margin)
{
	double norm = norm_of(s, m, passage);

	if (norm <= 0)
		return false;
	*margin = cell_sum(s, m, 1 + topic, passage) * m->topic[topic].scale / norm;
	return true;
}

void cls_model_sums_fini(struct cls_model_sums *s)
{
	free(s->sum);
	free(s->mark);
	free(s->span);
	memset(s, 0, sizeof *s);
}

#define SHOW_LEAST 0.05 /* log-odds of a word that are worth showing */

struct viewer { /* of the words of one passage */
	struct cls_model_sums *s;
	const struct cls_memo *memo;
	const struct cls_model *m;
	size_t topic;
	size_t n; /* words so far, in s->span */
	size_t step; /* of the passage, from 1; 0 in the title */
	double factor; /* of a weight, in log-odds */
};

/* A pair's weight is shared by its two words. */
static void view_token(struct viewer *v, struct cls_term_state *state, const struct cls_token *k,
    const unsigned char *text, bool title)
{
	struct cls_term term = cls_term_next(state, k, text);
	struct cls_memo_word *w = cls_memo_place(v->memo, term.word);
	struct cls_evidence *e = &v->s->span[v->n];
	double factor = v->factor * (title ? CLS_MODEL_TITLE : 1);
	unsigned before = cls_repeats_before(&v->s->repeats, term.word);
	bool counts = before < CLS_REPEATS_MOST;
	double pair = counts ? cls_model_row(v->m, term.pair)[1 + v->topic] * factor / 2 : 0;
	double share = before == 0 ? 1 : counts ? 1 / CLS_REPEATS_EQUAL : 0;
	struct cls_memo_key key = cls_memo_key(&term, k, text);

	cls_memo_look(v->memo, w, &key, k, text);
	*e = (struct cls_evidence){ .field = title ? CLS_FIELD_TITLE : CLS_FIELD_TEXT,
		.start = k->start,
		.length = k->end - k->start };
	e->by = CLS_BY_TERM;
	e->weight = w->sums.weight[v->topic] * factor * share + pair;
	if (v->n > 0 && e[-1].field == e->field)
		e[-1].weight += pair;
	v->n++;
}

static void view_title(struct viewer *v, struct cls_text title)
{
	struct cls_tokenizer tokenizer;
	struct cls_term_state state = { 0 };
	struct cls_tokens t;

	memset(&v->s->repeats, 0, sizeof v->s->repeats);
	cls_tokenizer_init(&tokenizer, title.p, title.n, 0);
	while (v->n < CLS_MODEL_SHOWN && cls_tokenizer_next(&tokenizer, &t))
		for (size_t i = 0; i < t.n && v->n < CLS_MODEL_SHOWN; i++)
			view_token(v, &state, &t.token[i], t.text, true);
}

/* The last block that begins before the passage does. The first begins with the text. */
static struct cls_model_mark mark_before(const struct cls_model_sums *s, uint32_t pos)
{
	size_t low = 0, high = s->marks;

	while (high - low > 1) {
		size_t mid = (low + high) / 2;
		if (s->mark[mid].at.pos <= pos)
			low = mid;
		else
			high = mid;
	}
	return s->mark[low];
}

/* A token of the passage that begins at from. */
static void view_step(struct viewer *v, struct cls_term_state *state, const struct cls_token *k,
    const unsigned char *text, uint32_t from)
{
	size_t step = 1 + (k->pos - from) / CLS_PASSAGE_STEP;

	if (step != v->step)
		memset(&v->s->repeats, 0, sizeof v->s->repeats);
	v->step = step;
	view_token(v, state, k, text, false);
}

static void view_passage(struct viewer *v, uint32_t from, uint32_t to)
{
	struct cls_model_mark mark = mark_before(v->s, from);
	struct cls_tokens t;

	while (v->n < CLS_MODEL_SHOWN && mark.at.pos < to && cls_tokenizer_next(&mark.at, &t))
		for (size_t i = 0; i < t.n && t.token[i].pos < to && v->n < CLS_MODEL_SHOWN; i++)
			if (t.token[i].pos >= from)
				view_step(v, &mark.state, &t.token[i], t.text, from);
			else
				(void)cls_term_next(&mark.state, &t.token[i], t.text);
}

/* Neighbours of one sign that say something become one piece. Returns how many pieces are left. */
static size_t join_neighbours(struct cls_evidence *e, size_t n)
{
	size_t kept = 0, last = n; /* last: the word that the last piece ended with */

	for (size_t i = 0; i < n; i++) {
		if (e[i].weight > -SHOW_LEAST && e[i].weight < SHOW_LEAST)
			continue;
		struct cls_evidence *p = kept > 0 ? &e[kept - 1] : NULL;
		if (p != NULL && last + 1 == i && p->field == e[i].field &&
		    (p->weight > 0) == (e[i].weight > 0)) {
			p->length = e[i].start + e[i].length - p->start;
			p->weight += e[i].weight;
		} else {
			e[kept++] = e[i];
		}
		last = i;
	}
	return kept;
}

bool cls_model_explain(struct cls_model_sums *s, const struct cls_memo *memo, size_t topic, uint32_t passage,
    struct cls_text title, uint32_t text_pos, const struct cls_evidence **out, size_t *count)
{
	const struct cls_model *m = memo->model;
	double norm = norm_of(s, m, passage);
	struct viewer v = { .s = s, .memo = memo, .m = m, .topic = topic };

	if (!cls_grow((void **)&s->span, &s->span_capacity, CLS_MODEL_SHOWN, sizeof *s->span))
		return false;
	if (norm > 0) {
		v.factor = m->topic[topic].margin * m->topic[topic].scale / norm;
		view_title(&v, title);
		view_passage(
		    &v, text_pos + passage * CLS_PASSAGE_STEP, text_pos + (passage + 2) * CLS_PASSAGE_STEP);
	}
	*out = s->span;
	*count = join_neighbours(s->span, v.n);
	return true;
}
