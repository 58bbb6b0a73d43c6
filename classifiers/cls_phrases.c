/* cls_phrases: building the trie of phrases. */
#include "classifiers/cls_phrases.h"

#include <assert.h>
#include <endian.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "classifiers/cls_sort.h"

struct numbered { /* a word and when it first came */
	struct cls_word word; /* first: cls_word_compare takes it for one */
	uint32_t number;
};

struct maker {
	struct numbered *numbered; /* each word once */
	size_t word_count, word_capacity;
	uint32_t *slot; /* hash table of number + 1 */
	size_t slots, slot_capacity;
	struct cls_word *words; /* in order: [symbol] */
	uint32_t *symbol; /* [number] */
	uint32_t *first; /* [phrases + 1]: of a phrase's symbols, in `run` */
	uint32_t *run;
	size_t run_capacity;
	struct cls_phrase_node *node;
	struct cls_phrase_edge *edge;
	uint32_t nodes, edges;
};

/* The next word of a key; NULL at its end. */
static const char *next_word(const char *key, struct cls_word *w)
{
	const char *space = strchr(key, ' ');

	if (space == NULL)
		return NULL;
	w->p = key;
	w->prefix = space > key && space[-1] == '*';
	w->n = (uint32_t)(space - key) - w->prefix;
	return space + 1;
}

/* Where the word's number stands in the table, or the free place where it would. */
static size_t place_of(const struct maker *m, const struct cls_word *w)
{
	size_t at = XXH3_64bits(w->p, w->n + w->prefix) & (m->slots - 1);

	while (m->slot[at] != 0 && cls_word_compare(&m->numbered[m->slot[at] - 1], w) != 0)
		at = (at + 1) & (m->slots - 1);
	return at;
}

/* The table stays half empty. */
static bool widen(struct maker *m)
{
	size_t slots = m->slots ? m->slots * 2 : 4096;

	if (!cls_grow((void **)&m->slot, &m->slot_capacity, slots, sizeof *m->slot))
		return false;
	memset(m->slot, 0, slots * sizeof *m->slot);
	m->slots = slots;
	for (size_t i = 0; i < m->word_count; i++)
		m->slot[place_of(m, &m->numbered[i].word)] = (uint32_t)i + 1;
	return true;
}

static uint64_t head_of(const struct cls_word *w)
{
	uint64_t head = 0;

	memcpy(&head, w->p, w->n < sizeof head ? w->n : sizeof head);
	return be64toh(head);
}

static bool number_word(struct maker *m, const struct cls_word *w, uint32_t *number)
{
	size_t at;

	if (2 * (m->word_count + 1) > m->slots && !widen(m))
		return false;
	at = place_of(m, w);
	if (m->slot[at] != 0) {
		*number = m->slot[at] - 1;
		return true;
	}
	if (!cls_grow((void **)&m->numbered, &m->word_capacity, m->word_count + 1, sizeof *m->numbered))
		return false;
	*number = (uint32_t)m->word_count++;
	m->numbered[*number] = (struct numbered){ *w, *number };
	m->slot[at] = *number + 1;
	return true;
}

static bool read_keys(struct maker *m, struct cls_key **keys, size_t n)
{
	size_t capacity = 0;
	uint32_t total = 0;

	if (!cls_grow((void **)&m->first, &capacity, n + 1, sizeof *m->first))
		return false;
	assert(m->first != NULL);
	m->first[0] = 0;
	for (size_t i = 0; i < n; i++) {
		struct cls_word w;

		for (const char *k = next_word(keys[i]->text, &w); k != NULL; k = next_word(k, &w))
			if (!cls_grow((void **)&m->run, &m->run_capacity, total + 1u, sizeof *m->run) ||
			    !number_word(m, &w, &m->run[total++]))
				return false;
		m->first[i + 1] = total;
	}
	return true;
}

static int compare_numbered(const void *a, const void *b)
{
	const struct cls_sorted *x = a, *y = b;

	return cls_word_compare(x->of, y->of);
}

static bool sort_words(const struct maker *m, struct cls_sorted *sorted)
{
	for (uint32_t i = 0; i < m->word_count; i++)
		sorted[i] = (struct cls_sorted){ head_of(&m->numbered[i].word), &m->numbered[i] };
	return cls_sort(sorted, m->word_count, compare_numbered);
}

/* Numbers of words become symbols: their places in order. */
static bool order_words(struct maker *m, size_t n)
{
	size_t words_capacity = 0, symbol_capacity = 0, sorted_capacity = 0;
	struct cls_sorted *sorted = NULL;
	bool ok = cls_grow((void **)&m->words, &words_capacity, m->word_count + 1, sizeof *m->words) &&
	          cls_grow((void **)&m->symbol, &symbol_capacity, m->word_count + 1, sizeof *m->symbol) &&
	          cls_grow((void **)&sorted, &sorted_capacity, m->word_count + 1, sizeof *sorted) &&
	          sorted != NULL && sort_words(m, sorted);

	for (uint32_t i = 0; ok && i < m->word_count; i++) {
		const struct numbered *w = sorted[i].of;
		m->words[i] = w->word;
		m->symbol[w->number] = i;
	}
	for (size_t i = 0; ok && i < m->first[n]; i++)
		m->run[i] = m->symbol[m->run[i]];
	free(sorted);
	return ok;
}

static uint32_t symbol_at(const struct maker *m, size_t phrase, uint32_t depth)
{
	return m->run[m->first[phrase] + depth];
}

/*
 * Phrases from..to share `depth` symbols, which lead to node `at`. They are in order of their symbols, for they are in order of their texts, in which a space
 * or '*' stands behind each word, less than any letter. Depth of the recursion: CLS_PHRASE_WORDS_MAX.
 */
static void make_node(struct maker *m, uint32_t at, size_t from, size_t to, uint32_t depth)
{
	struct cls_phrase_node *n = &m->node[at];
	uint32_t first_node = m->nodes;
	size_t i, j;

	n->phrase = CLS_PHRASE_NONE;
	if (from < to && m->first[from + 1] - m->first[from] == depth)
		n->phrase = (uint32_t)from++;
	n->edge = m->edges;
	for (i = from; i < to; i++)
		if (i == from || symbol_at(m, i, depth) != symbol_at(m, i - 1, depth)) {
			assert(i == from || symbol_at(m, i, depth) > symbol_at(m, i - 1, depth));
			m->edge[m->edges++] = (struct cls_phrase_edge){ symbol_at(m, i, depth), m->nodes++ };
		}
	n->edges = m->edges - n->edge;
	for (i = from; i < to; i = j) {
		for (j = i + 1; j < to && symbol_at(m, j, depth) == symbol_at(m, i, depth);)
			j++;
		make_node(m, first_node++, i, j, depth + 1);
	}
}

static bool make_trie(struct maker *m, struct cls_phrases *p, struct cls_arena *a, size_t n)
{
	size_t total = m->first[n] + 1;
	uint32_t *start;

	m->node = cls_arena_new(a, total, sizeof *m->node);
	m->edge = cls_arena_new(a, total, sizeof *m->edge);
	start = cls_arena_new(a, m->word_count + 1, sizeof *start);
	if (m->node == NULL || m->edge == NULL || start == NULL)
		return false;
	m->nodes = 1;
	make_node(m, 0, 0, n, 0);
	for (uint32_t i = 0; i < m->node[0].edges; i++)
		start[m->edge[i].symbol] = m->edge[i].to;
	p->node = m->node;
	p->edge = m->edge;
	p->start = start;
	return true;
}

static int compare_texts(const void *a, const void *b)
{
	const struct cls_key *x = ((const struct cls_sorted *)a)->of, *y = ((const struct cls_sorted *)b)->of;

	return strcmp(x->text, y->text);
}

/* Puts one key of each phrase first; *phrases: how many there are. */
static bool number_keys(struct cls_key **keys, size_t n, size_t *phrases)
{
	struct cls_sorted *sorted = NULL;
	size_t capacity = 0;
	bool ok = cls_grow((void **)&sorted, &capacity, n + 1, sizeof *sorted) && sorted != NULL;

	*phrases = 0;
	for (size_t i = 0; ok && i < n; i++)
		sorted[i] = (struct cls_sorted){ keys[i]->head, keys[i] };
	ok = ok && cls_sort(sorted, n, compare_texts);
	for (size_t i = 0; ok && i < n; i++) {
		struct cls_key *k = sorted[i].of;

		if (*phrases == 0 || strcmp(keys[*phrases - 1]->text, k->text) != 0)
			keys[(*phrases)++] = k;
		k->phrase = (uint32_t)*phrases - 1;
	}
	free(sorted);
	return ok;
}

bool cls_phrases_build(struct cls_phrases *p, struct cls_arena *a, struct cls_key **keys, size_t n)
{
	struct maker m = { 0 };
	size_t phrases;
	bool ok = number_keys(keys, n, &phrases) && read_keys(&m, keys, phrases) &&
	          order_words(&m, phrases) && cls_vocab_build(&p->vocab, a, m.words, m.word_count) &&
	          make_trie(&m, p, a, phrases);

	p->count = (uint32_t)phrases;
	free(m.numbered);
	free(m.slot);
	free(m.words);
	free(m.symbol);
	free(m.first);
	free(m.run);
	return ok;
}

/* What begins with the symbol, if anything does. */
static void see_start(const struct cls_phrases *p, uint32_t start, struct cls_seen *seen)
{
	const struct cls_phrase_node *node = &p->node[start];

	if (start == 0)
		return;
	seen->alone = seen->alone || node->phrase != CLS_PHRASE_NONE;
	for (uint32_t i = 0; i < node->edges && seen->next != UINT32_MAX; i++)
		seen->next |= cls_phrases_bit(p->edge[node->edge + i].symbol);
}

struct cls_seen cls_phrases_see(const struct cls_phrases *p, const unsigned char *word, size_t n)
{
	uint32_t symbol[CLS_SYMBOLS_MAX];
	size_t symbols = cls_vocab_find(&p->vocab, word, n, symbol);
	struct cls_seen seen = { .symbols = CLS_SEEN_MORE };

	if (symbols <= CLS_SEEN_SYMBOLS)
		seen.symbols = (uint8_t)symbols;
	for (size_t i = 0; i < symbols; i++)
		see_start(p, p->start[symbol[i]], &seen);
	for (size_t i = 0; i < CLS_SEEN_SYMBOLS && symbols > 0; i++)
		seen.symbol[i] = symbol[i < symbols ? i : 0];
	return seen;
}
