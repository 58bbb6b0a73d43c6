/* cls_examples: texts of examples as sparse rows of terms, and their folds. */
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "classifiers/cls_train.h"

#define KNOWN_LEAST 2 /* examples that must have a term: what one alone has says nothing about others */
#define SAME_LEAST 5 /* of the CLS_SHINGLES hashes that two near-duplicates share */

#define FIELD_CELLS                                                                                          \
	(2 * CLS_PASSAGE_STEP / CLS_WORD_STEP * (CLS_TERM_PIECES_MAX + 2)) /* a character has fewer */
#define BLOCK_CELLS ((size_t)1 << 20)
#define COUNT_EQUAL ((uint32_t)CLS_REPEATS_EQUAL) /* how often a term came is counted in such parts, */
#define COUNT_MOST (UINT32_MAX >> CLS_TERM_BITS) /* up to so many: 8191 times */

_Static_assert(2 * FIELD_CELLS < BLOCK_CELLS, "an example has room in one block");

/* An example is a term and above it how often it came, then the next; it lies in one block. */
struct cls_example_block {
	struct cls_example_block *older, *newer;
	uint32_t *cell, *end;
	unsigned char memory[CLS_PAGE + BLOCK_CELLS * sizeof(uint32_t)];
};

bool cls_examples_open(struct cls_example_set *x)
{
	size_t terms = 0, term = 0, first = 0;

	memset(x, 0, sizeof *x);
	if (!cls_grow(&x->of_memory, &terms, CLS_TERM_ROWS * sizeof *x->of + CLS_PAGE, 1) ||
	    !cls_grow((void **)&x->term, &term, CLS_TERM_ROWS + 1, sizeof *x->term) ||
	    !cls_grow((void **)&x->first, &first, 2, sizeof *x->first))
		return false;
	x->first_capacity = first;
	x->first[0] = 0;
	x->of = cls_large_pages(x->of_memory, CLS_TERM_ROWS * sizeof *x->of);
	memset(x->of, 0, CLS_TERM_ROWS * sizeof *x->of);
	return true;
}

static void free_blocks(struct cls_example_set *x)
{
	while (x->block != NULL) {
		struct cls_example_block *b = x->block;
		x->block = b->older;
		free(b);
	}
}

void cls_examples_fini(struct cls_example_set *x)
{
	free_blocks(x);
	free(x->cell_memory);
	free(x->first);
	free(x->signature);
	free(x->of_memory);
	free(x->term);
	memset(x, 0, sizeof *x);
}

/* Room for one more example. */
static bool reserve_cells(struct cls_example_set *x)
{
	struct cls_example_block *b = x->block;
	size_t none = 0;

	if (x->cells > UINT32_MAX - BLOCK_CELLS)
		return false;
	if (b != NULL && b->cell + BLOCK_CELLS - b->end >= 2 * (ptrdiff_t)FIELD_CELLS)
		return true;
	b = NULL;
	if (!cls_grow((void **)&b, &none, sizeof *b, 1))
		return false;
	b->cell = b->end = cls_large_pages(b->memory, BLOCK_CELLS * sizeof *b->cell);
	b->older = x->block;
	b->newer = NULL;
	if (x->block != NULL)
		x->block->newer = b;
	x->block = b;
	return true;
}

struct row { /* an example that is written */
	struct cls_example_term *of;
	uint32_t *cell;
	uint32_t before, n; /* cells of the examples before; its own */
	uint32_t *
	    known; /* behind the terms that enough examples have, in the order in which they came to be known: pieces of a word side by side */
};

/* Whether the example has the term already nobody can foresee: in numbers. */
static inline void add_term(struct row *r, uint32_t term, uint32_t times)
{
	struct cls_example_term *of = &r->of[term];
	uint32_t fresh = -(uint32_t)(of->place <= r->before);
	uint32_t at = (r->n & fresh) | ((of->place - 1 - r->before) & ~fresh);
	uint32_t count = ((r->cell[at] & ~fresh) >> CLS_TERM_BITS) + times;

	r->cell[at] = term | (count < COUNT_MOST ? count : COUNT_MOST) << CLS_TERM_BITS;
	of->place = r->before + at + 1;
	of->documents -= fresh;
	r->n -= fresh;
	*r->known = term;
	r->known += fresh & (of->documents == KNOWN_LEAST);
}

static void sign(uint32_t signature[CLS_SHINGLES], uint32_t pair)
{
	for (uint32_t i = 0; i < CLS_SHINGLES; i++) {
		uint32_t h = (pair + 1 + i * 0x9e3779b9u) * 0x85ebca6bu;
		h ^= h >> 15;
		h *= 0xc2b2ae35u;
		h ^= h >> 13;
		if (h < signature[i])
			signature[i] = h;
	}
}

struct terms { /* of a token */
	uint32_t term[CLS_TERM_PIECES_MAX + 2]; /* first the pair with the token before, or CLS_TERM_NONE */
	size_t n;
	uint32_t times, share; /* how much the pair counts, and how much the others, in parts */
};

/* What is known of the terms is on its way from memory then. */
static inline void find_terms(struct cls_example_set *x, const struct cls_token *k, const unsigned char *text,
    uint32_t times, struct terms *out)
{
	struct cls_term term = cls_term_next(&x->state, k, text);

	out->term[0] = term.pair;
	out->n = 1 + cls_term_pieces(k, text, out->term + 1);
	out->term[out->n++] = cls_term_row(term.word);
	out->times = times;
	out->share = cls_repeats_before(&x->words, term.word) > 0 ? times / COUNT_EQUAL : times;
	for (size_t i = 0; i < out->n; i++)
		__builtin_prefetch(&x->of[out->term[i] % CLS_TERM_ROWS], 1);
}

static inline void add_terms(struct row *r, uint32_t *signature, const struct terms *t)
{
	if (t->n > 0 && t->term[0] != CLS_TERM_NONE) {
		sign(signature, t->term[0]);
		add_term(r, t->term[0], t->times);
	}
	for (size_t i = 1; i < t->n; i++)
		add_term(r, t->term[i], t->share);
}

bool cls_examples_begin(struct cls_example_set *x)
{
	if (!cls_grow((void **)&x->first, &x->first_capacity, x->rows + 2, sizeof *x->first) ||
	    !cls_grow((void **)&x->signature, &x->signature_capacity, x->rows + 1, sizeof *x->signature) ||
	    !reserve_cells(x))
		return false;
	memset(x->signature[x->rows], 0xff, sizeof *x->signature);
	x->field = -1;
	return true;
}

void cls_examples_tokens(struct cls_example_set *x, enum cls_field field, const struct cls_tokens *t)
{
	struct cls_example_block *b = x->block;
	uint32_t written = (uint32_t)(x->cells - x->first[x->rows]);
	struct row r = { x->of, b->end, (uint32_t)x->first[x->rows], written, x->term + x->columns };
	uint32_t times = COUNT_EQUAL * (field == CLS_FIELD_TITLE ? (uint32_t)CLS_MODEL_TITLE : 1);
	struct terms terms[2]; /* of a token and of the one before */
	size_t i;

	if (x->field != (int)field) {
		x->field = (int)field;
		x->start = t->n > 0 ? t->token[0].pos : 0;
		x->step = 0;
		x->state = (struct cls_term_state){ 0 };
		memset(&x->words, 0, sizeof x->words);
	}
	terms[1].n = 0;
	for (i = 0; i < t->n; i++) {
		uint32_t at = (t->token[i].pos - x->start) / CLS_PASSAGE_STEP;
		if (at >= 2)
			break;
		if (at != x->step && field != CLS_FIELD_TITLE)
			memset(&x->words, 0, sizeof x->words);
		x->step = at;
		find_terms(x, &t->token[i], t->text, times, &terms[i % 2]);
		add_terms(&r, x->signature[x->rows], &terms[(i + 1) % 2]);
	}
	add_terms(&r, x->signature[x->rows], &terms[(i + 1) % 2]);
	x->cells += r.n - written;
	x->columns = (size_t)(r.known - x->term);
}

void cls_examples_end(struct cls_example_set *x)
{
	x->block->end += x->cells - x->first[x->rows];
	x->first[++x->rows] = x->cells;
}

/* Columns for the terms that more than one example has. Returns the cells of all examples in these columns. */
static size_t number(struct cls_example_set *x)
{
	size_t cells = 0;

	for (uint32_t c = 0; c < x->columns; c++) {
		struct cls_example_term *of = &x->of[x->term[c]];
		of->place = c;
		cells += of->documents;
	}
	return cells;
}

/* Weights of the terms that have a column; as exact as the file keeps them. */
static void weigh(struct cls_example_set *x)
{
	const double most = INT16_MAX / CLS_MODEL_IDF;

	for (size_t i = 0; i < CLS_TERM_ROWS; i++) {
		uint32_t documents = x->of[i].documents;
		double idf = log((1.0 + (double)x->rows) / (1.0 + documents)) + 1;
		x->of[i].idf = documents < KNOWN_LEAST
		                   ? 0
		                   : (float)(rint((idf < most ? idf : most) * CLS_MODEL_IDF) / CLS_MODEL_IDF);
	}
}

/* Terms [from, end) of an example as cells from `to` on; returns how many of them are known. */
static size_t write_row(
    const struct cls_example_set *x, const uint32_t *from, const uint32_t *end, struct cls_cell *to)
{
	double norm = 0;
	float length;
	size_t n = 0;

	for (; from < end; from++) {
		struct cls_example_term of = x->of[*from & (CLS_TERM_ROWS - 1)];
		float times = (float)(*from >> CLS_TERM_BITS) / COUNT_EQUAL;
		to[n] = (struct cls_cell){ of.place, times * of.idf };
		norm += (double)(times * of.idf * of.idf); /* as if each time were a term of its own */
		n += of.idf > 0; /* else the next takes its place */
	}
	length = (float)sqrt(norm);
	for (size_t i = 0; i < n; i++)
		to[i].value /= length;
	return n;
}

/* All examples, the oldest first. */
static void write_rows(struct cls_example_set *x)
{
	struct cls_example_block *b = x->block;
	size_t before = 0;

	while (b != NULL && b->older != NULL)
		b = b->older;
	x->cells = 0;
	for (size_t r = 0; r < x->rows; r++) {
		size_t n = x->first[r + 1] - before;
		before += n;
		if (n > 0) { /* of a text that says nothing there may be no block */
			while (b != NULL && b->cell == b->end)
				b = b->newer;
			assert(b != NULL);
			x->cells += write_row(x, b->cell, b->cell + n, x->cell + x->cells);
			b->cell += n;
		}
		x->first[r + 1] = x->cells;
	}
}

bool cls_examples_close(struct cls_example_set *x)
{
	size_t none = 0;
	size_t bytes =
	    (number(x) + 1) * sizeof *x->cell; /* what comes last and is not known is written too */

	if (!cls_grow(&x->cell_memory, &none, bytes + CLS_PAGE, 1))
		return false;
	x->cell = cls_large_pages(x->cell_memory, bytes);
	weigh(x);
	write_rows(x);
	free_blocks(x);
	return true;
}

static uint32_t root(uint32_t *parent, uint32_t i)
{
	while (parent[i] != i)
		i = parent[i] = parent[parent[i]];
	return i;
}

static bool same(const struct cls_example_set *x, uint32_t a, uint32_t b)
{
	int n = 0;

	for (int i = 0; i < CLS_SHINGLES; i++)
		n += x->signature[a][i] == x->signature[b][i] && x->signature[a][i] != UINT32_MAX;
	return n >= SAME_LEAST;
}

/* Two that share enough hashes share one of the first four: a table for each of these finds them. */
static void join(const struct cls_example_set *x, uint32_t *parent, uint32_t *table, size_t places)
{
	for (int which = 0; which < CLS_SHINGLES - SAME_LEAST + 1; which++) {
		memset(table, 0, places * sizeof *table);
		for (uint32_t i = 0; i < x->rows; i++) {
			size_t at = x->signature[i][which] & (places - 1);
			while (table[at] != 0 && x->signature[table[at] - 1][which] != x->signature[i][which])
				at = (at + 1) & (places - 1);
			if (table[at] != 0 && same(x, table[at] - 1, i))
				parent[root(parent, i)] = root(parent, table[at] - 1);
			table[at] = i + 1;
		}
	}
}

bool cls_examples_fold(const struct cls_example_set *x, uint64_t seed, unsigned char *fold)
{
	uint32_t *parent = NULL, *table = NULL;
	size_t parents = 0, tables = 0, places = 64;
	bool ok;

	while (places < 2 * x->rows)
		places *= 2;
	ok = cls_grow((void **)&parent, &parents, x->rows + 1, sizeof *parent) &&
	     cls_grow((void **)&table, &tables, places, sizeof *table);
	if (ok) {
		for (uint32_t i = 0; i < x->rows; i++)
			parent[i] = i;
		join(x, parent, table, places);
		for (uint32_t i = 0; i < x->rows; i++) {
			uint64_t h = (root(parent, i) + 1 + seed) * 0x9e3779b97f4a7c15u;
			fold[i] = (unsigned char)((h >> 40) % CLS_FOLDS);
		}
	}
	free(parent);
	free(table);
	return ok;
}
