/* cls_model: the file of weights and its sums over passages. */
#include "classifiers/cls_model.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "classifiers/cls_fold.h"
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
	const double number[] = { t->rules, t->margin, t->constant, t->match, t->review, t->scale };

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

/* An empty memo, unless it is of this model already. Three topics' slots lie in one cache line each. */
static bool open_memo(struct cls_model_sums *s, const struct cls_model *m)
{
	size_t stride = (sizeof(uint64_t) + m->cells * sizeof(float) + 31) & ~(size_t)31;

	if (s->memo != NULL && s->memo_of == m->head->checksum)
		return true;
	if (!cls_grow((void **)&s->memo, &s->memo_capacity, CLS_MODEL_MEMO * stride, 1))
		return false;
	assert(s->memo != NULL);
	memset(s->memo, 0, CLS_MODEL_MEMO * stride);
	s->memo_of = m->head->checksum;
	s->memo_stride = stride;
	return true;
}

bool cls_model_begin(struct cls_model_sums *s, const struct cls_model *m)
{
	s->steps = 0;
	if (!open_memo(s, m) || !cls_grow((void **)&s->sum, &s->capacity, 3 * m->cells, sizeof *s->sum))
		return false;
	memset(s->sum, 0, m->cells * sizeof *s->sum);
	return reserve(s, m, 2);
}

static unsigned char *memo_slot(const struct cls_model_sums *s, uint64_t word)
{
	return s->memo + (word >> 48 & (CLS_MODEL_MEMO - 1)) * s->memo_stride;
}

/* The sums of a word with its pieces, made anew. A row that the model does not know is all zero. */
static void make_cells(float *cells, const struct cls_model *m, uint64_t word, const struct cls_token *k,
    const unsigned char *text)
{
	uint32_t row[CLS_TERM_PIECES_MAX + 1];
	size_t rows = cls_term_pieces(k, text, row);

	row[rows++] = cls_term_row(word);
	for (size_t i = 0; i < rows; i++)
		__builtin_prefetch(m->row + row[i] * m->cells);
	memset(cells, 0, m->cells * sizeof *cells);
	for (size_t i = 0; i < rows; i++) {
		const int16_t *cell = m->row + row[i] * m->cells;
		cells[0] += (float)(cell[0] * cell[0]);
		for (size_t c = 1; c < m->cells; c++)
			cells[c] += cell[c];
	}
}

static const float *word_cells(struct cls_model_sums *s, const struct cls_model *m, uint64_t word,
    const struct cls_token *k, const unsigned char *text)
{
	unsigned char *slot = memo_slot(s, word);
	float *cells = (float *)(void *)(slot + sizeof word);

	if (memcmp(slot, &word, sizeof word) != 0) {
		memcpy(slot, &word, sizeof word);
		make_cells(cells, m, word, k, text);
	}
	return cells;
}

/* Inlined for the usual number of topics, so that the loop is unrolled. */
static inline void add_cells(double *sum, const float *word, const int16_t *pair, size_t cells)
{
	sum[0] += (double)word[0] + pair[0] * pair[0];
	for (size_t c = 1; c < cells; c++)
		sum[c] += (double)word[c] + pair[c];
}

static void add_terms(struct cls_model_sums *s, const struct cls_model *m, const struct cls_tokens *t,
    const struct cls_term *term, size_t i, size_t step)
{
	static const int16_t nothing[1 + CLS_TOPICS_MAX];
	double *sum = s->sum + step * m->cells;
	const float *word = word_cells(s, m, term[i].word, &t->token[i], t->text);
	const int16_t *pair = term[i].pair != CLS_TERM_NONE ? m->row + term[i].pair * m->cells : nothing;

	if (m->cells == 4)
		add_cells(sum, word, pair, 4);
	else
		add_cells(sum, word, pair, m->cells);
}

/* Two passes over a block: what the second reads is on its way from memory meanwhile. */
bool cls_model_feed(struct cls_model_sums *s, const struct cls_model *m, struct cls_term_state *state,
    const struct cls_tokens *t, bool title, uint32_t text_pos)
{
	struct cls_term term[CLS_BLOCK];

	for (size_t i = 0; i < t->n; i++) {
		term[i] = cls_term_next(state, &t->token[i], t->text);
		__builtin_prefetch(memo_slot(s, term[i].word));
		if (term[i].pair != CLS_TERM_NONE)
			__builtin_prefetch(m->row + term[i].pair * m->cells);
	}
	for (size_t i = 0; i < t->n; i++) {
		size_t step = title ? 0 : 1 + (t->token[i].pos - text_pos) / CLS_PASSAGE_STEP;
		if (step > s->steps && !reserve(s, m, step))
			return false;
		add_terms(s, m, t, term, i, step);
	}
	return true;
}

/* Weighted sum of one cell over the title and the passage's two steps. */
static double cell_sum(
    const struct cls_model_sums *s, const struct cls_model *m, size_t cell, uint32_t passage)
{
	double sum = CLS_MODEL_TITLE * s->sum[cell];

	for (size_t step = passage + 1u; step <= passage + 2u && step <= s->steps; step++)
		sum += s->sum[step * m->cells + cell];
	return sum;
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
	free(s->memo);
	free(s->span);
	memset(s, 0, sizeof *s);
}

#define SHOW_LEAST 0.05 /* log-odds of a word that are worth showing */

struct viewer { /* of the words of one passage */
	struct cls_model_sums *s;
	const struct cls_model *m;
	size_t topic;
	size_t n; /* words so far, in s->span */
	double factor; /* of a weight, in log-odds */
};

/* A pair's weight is shared by its two words. */
static void view_token(struct viewer *v, struct cls_term_state *state, const struct cls_token *k,
    const unsigned char *text, bool title)
{
	struct cls_term term = cls_term_next(state, k, text);
	const float *cells = word_cells(v->s, v->m, term.word, k, text);
	struct cls_evidence *e = &v->s->span[v->n];
	double factor = v->factor * (title ? CLS_MODEL_TITLE : 1), pair = 0;

	if (term.pair != CLS_TERM_NONE)
		pair = v->m->row[term.pair * v->m->cells + 1 + v->topic] * factor / 2;
	*e = (struct cls_evidence){ .field = title ? CLS_FIELD_TITLE : CLS_FIELD_TEXT,
		.start = k->start,
		.length = k->end - k->start };
	e->by = CLS_BY_TERM;
	e->weight = (double)cells[1 + v->topic] * factor + pair;
	if (v->n > 0 && e[-1].field == e->field)
		e[-1].weight += pair;
	v->n++;
}

static void view_field(struct viewer *v, struct cls_text text, bool title, uint32_t passage)
{
	struct cls_tokenizer tokenizer;
	struct cls_term_state state = { 0 };
	struct cls_tokens t;

	cls_tokenizer_init(&tokenizer, text.p, text.n, 0);
	while (v->n < CLS_MODEL_SHOWN && cls_tokenizer_next(&tokenizer, &t))
		for (size_t i = 0; i < t.n && v->n < CLS_MODEL_SHOWN; i++) {
			uint32_t step = t.token[i].pos / CLS_PASSAGE_STEP;
			if (title || step == passage || step == passage + 1)
				view_token(v, &state, &t.token[i], t.text, title);
			else
				(void)cls_term_next(&state, &t.token[i], t.text);
		}
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

bool cls_model_explain(struct cls_model_sums *s, const struct cls_model *m, size_t topic, uint32_t passage,
    struct cls_text title, struct cls_text text, const struct cls_evidence **out, size_t *count)
{
	double norm = norm_of(s, m, passage);
	struct viewer v = { .s = s, .m = m, .topic = topic };

	if (!cls_grow((void **)&s->span, &s->span_capacity, CLS_MODEL_SHOWN, sizeof *s->span))
		return false;
	if (norm > 0) {
		v.factor = m->topic[topic].margin * m->topic[topic].scale / norm;
		view_field(&v, title, true, passage);
		view_field(&v, text, false, passage);
	}
	*out = s->span;
	*count = join_neighbours(s->span, v.n);
	return true;
}
