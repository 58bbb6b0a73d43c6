/* cls_examples: texts of examples as sparse rows of terms, and their folds. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "classifiers/cls_train.h"

#define KNOWN_LEAST 2 /* examples that must have a term: what one alone has says nothing about others */
#define SAME_LEAST 5 /* of the CLS_SHINGLES hashes that two near-duplicates share */

bool cls_examples_open(struct cls_example_set *x)
{
	size_t place = 0, documents = 0, idf = 0, term = 0, first = 0;

	memset(x, 0, sizeof *x);
	if (!cls_grow((void **)&x->place, &place, CLS_TERM_ROWS, sizeof *x->place) ||
	    !cls_grow((void **)&x->documents, &documents, CLS_TERM_ROWS, sizeof *x->documents) ||
	    !cls_grow((void **)&x->idf, &idf, CLS_TERM_ROWS, sizeof *x->idf) ||
	    !cls_grow((void **)&x->term, &term, CLS_TERM_ROWS, sizeof *x->term) ||
	    !cls_grow((void **)&x->first, &first, 2, sizeof *x->first))
		return false;
	x->first_capacity = first;
	x->first[0] = 0;
	memset(x->place, 0, CLS_TERM_ROWS * sizeof *x->place);
	memset(x->documents, 0, CLS_TERM_ROWS * sizeof *x->documents);
	memset(x->idf, 0, CLS_TERM_ROWS * sizeof *x->idf);
	return true;
}

void cls_examples_fini(struct cls_example_set *x)
{
	free(x->cell);
	free(x->first);
	free(x->signature);
	free(x->place);
	free(x->documents);
	free(x->idf);
	free(x->term);
	memset(x, 0, sizeof *x);
}

/* There is room for the cell. */
static void add_term(struct cls_example_set *x, uint32_t term, float times)
{
	size_t from = x->first[x->rows];
	struct cls_cell *had = &x->cell[from + x->place[term]];

	if (had < x->cell + x->cells && had->column == term) {
		had->value += times;
		return;
	}
	x->place[term] = (uint32_t)(x->cells - from);
	x->cell[x->cells++] = (struct cls_cell){ term, times };
	x->documents[term]++;
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

/* Room for more cells, in large pages: rows are read in an order by chance. */
static bool reserve_cells(struct cls_example_set *x, size_t more)
{
	if (x->cells + more <= x->cell_capacity)
		return true;
	if (!cls_grow((void **)&x->cell, &x->cell_capacity, x->cells + more, sizeof *x->cell))
		return false;
	if (x->cell_capacity * sizeof *x->cell > 2 * CLS_PAGE)
		cls_large_pages(x->cell, x->cell_capacity * sizeof *x->cell - CLS_PAGE);
	return true;
}

/* One token; `times`: how much a place in its field counts. */
static bool add_token(struct cls_example_set *x, struct cls_term_state *state, struct cls_repeats *words,
    const struct cls_token *k, const unsigned char *text, float times)
{
	uint32_t piece[CLS_TERM_PIECES_MAX];
	struct cls_term term = cls_term_next(state, k, text);
	float share = times * (cls_repeats_before(words, term.word) > 0 ? (float)(1 / CLS_REPEATS_EQUAL) : 1);
	size_t pieces = cls_term_pieces(k, text, piece);

	if (!reserve_cells(x, pieces + 2))
		return false;
	if (term.pair != CLS_TERM_NONE) {
		sign(x->signature[x->rows], term.pair);
		add_term(x, term.pair, times);
	}
	for (size_t i = 0; i < pieces; i++)
		add_term(x, piece[i], share);
	add_term(x, cls_term_row(term.word), share);
	return true;
}

/* One field; of a text only the first passage, as when an item of usual length is asked about. */
static bool add_field(struct cls_example_set *x, struct cls_text text, bool title)
{
	struct cls_tokenizer tokenizer;
	struct cls_term_state state = { 0 };
	struct cls_repeats words = { 0 };
	struct cls_tokens t;
	uint32_t step = 0;

	cls_tokenizer_init(&tokenizer, text.p, text.n, 0);
	while (cls_tokenizer_next(&tokenizer, &t))
		for (size_t i = 0; i < t.n; i++) {
			uint32_t at = t.token[i].pos / CLS_PASSAGE_STEP;
			if (at >= 2)
				return true;
			if (at != step && !title)
				memset(&words, 0, sizeof words);
			step = at;
			if (!add_token(x, &state, &words, &t.token[i], t.text, title ? CLS_MODEL_TITLE : 1))
				return false;
		}
	return true;
}

bool cls_examples_add(struct cls_example_set *x, const struct cls_input *in)
{
	if (!cls_grow((void **)&x->first, &x->first_capacity, x->rows + 2, sizeof *x->first) ||
	    !cls_grow((void **)&x->signature, &x->signature_capacity, x->rows + 1, sizeof *x->signature))
		return false;
	memset(x->signature[x->rows], 0xff, sizeof *x->signature);
	if (!add_field(x, in->title, true) || !add_field(x, in->text, false))
		return false;
	x->first[++x->rows] = x->cells;
	return true;
}

/* Weights of the terms that more than one example has; as exact as the file keeps them. */
static void weigh(struct cls_example_set *x)
{
	for (size_t i = 0; i < CLS_TERM_ROWS; i++) {
		double idf = log((1.0 + (double)x->rows) / (1.0 + x->documents[i])) + 1;
		double most = INT16_MAX / CLS_MODEL_IDF;
		if (x->documents[i] >= KNOWN_LEAST)
			x->idf[i] = (float)(rint((idf < most ? idf : most) * CLS_MODEL_IDF) / CLS_MODEL_IDF);
	}
}

static int by_documents(const void *a, const void *b, void *documents)
{
	const uint32_t *of = documents, x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	if (of[x] != of[y])
		return of[x] > of[y] ? -1 : 1;
	return (x > y) - (x < y);
}

/* Columns for the terms that have a weight, common ones first: their weights then lie close together in the nearest memory. */
static void number(struct cls_example_set *x)
{
	x->columns = 0;
	for (uint32_t i = 0; i < CLS_TERM_ROWS; i++)
		if (x->idf[i] > 0)
			x->term[x->columns++] = i;
	qsort_r(x->term, x->columns, sizeof *x->term, by_documents, x->documents);
	for (uint32_t c = 0; c < x->columns; c++)
		x->place[x->term[c]] = c;
}

void cls_examples_close(struct cls_example_set *x)
{
	size_t from = 0, to = 0;

	weigh(x);
	number(x);
	for (size_t r = 0; r < x->rows; r++) {
		double norm = 0;
		size_t begin = to, end = x->first[r + 1];
		for (size_t i = from; i < end; i++) {
			struct cls_cell cell = x->cell[i];
			float idf = x->idf[cell.column];
			if (idf <= 0)
				continue;
			norm += (double)(cell.value * idf * idf); /* as if each time were a term of its own */
			x->cell[to++] = (struct cls_cell){ x->place[cell.column], cell.value * idf };
		}
		for (size_t i = begin; norm > 0 && i < to; i++)
			x->cell[i].value /= (float)sqrt(norm);
		from = end;
		x->first[r + 1] = to;
	}
	x->cells = to;
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
