/* cls_phrases: building the trie of phrases. */
#include "classifiers/cls_phrases.h"

#include <stdlib.h>
#include <string.h>

struct sequence { /* a phrase in symbols */
	uint32_t symbol[CLS_PHRASE_WORDS_MAX];
	uint32_t n;
	uint32_t phrase;
};

struct maker {
	struct cls_word *words;
	size_t word_count, word_capacity;
	struct sequence *sequence;
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

static bool collect_words(struct maker *m, const char **keys, size_t n)
{
	size_t unique = 0;

	for (size_t i = 0; i < n; i++) {
		struct cls_word w;
		for (const char *k = next_word(keys[i], &w); k != NULL; k = next_word(k, &w)) {
			if (!cls_grow((void **)&m->words, &m->word_capacity, m->word_count + 1, sizeof w))
				return false;
			m->words[m->word_count++] = w;
		}
	}
	if (m->word_count > 0)
		qsort(m->words, m->word_count, sizeof *m->words, cls_word_compare);
	for (size_t i = 0; i < m->word_count; i++)
		if (i == 0 || cls_word_compare(&m->words[unique - 1], &m->words[i]) != 0)
			m->words[unique++] = m->words[i];
	m->word_count = unique;
	return true;
}

static void make_sequence(const struct maker *m, const char *key, uint32_t phrase, struct sequence *s)
{
	struct cls_word w;

	s->n = 0;
	s->phrase = phrase;
	for (const char *k = next_word(key, &w); k != NULL; k = next_word(k, &w)) {
		const struct cls_word *found =
		    bsearch(&w, m->words, m->word_count, sizeof *m->words, cls_word_compare);
		s->symbol[s->n++] = (uint32_t)(found - m->words);
	}
}

static int compare_sequences(const void *a, const void *b)
{
	const struct sequence *x = a, *y = b;

	for (uint32_t i = 0; i < x->n && i < y->n; i++)
		if (x->symbol[i] != y->symbol[i])
			return x->symbol[i] < y->symbol[i] ? -1 : 1;
	return x->n < y->n ? -1 : x->n > y->n;
}

/* sequence[from..to) share `depth` symbols, which lead to node `at`. Depth of the recursion: CLS_PHRASE_WORDS_MAX. */
static void make_node(struct maker *m, uint32_t at, size_t from, size_t to, uint32_t depth)
{
	struct cls_phrase_node *n = &m->node[at];
	uint32_t first_node = m->nodes;
	size_t i, j;

	n->phrase = CLS_PHRASE_NONE;
	if (from < to && m->sequence[from].n == depth)
		n->phrase = m->sequence[from++].phrase;
	n->edge = m->edges;
	for (i = from; i < to; i++)
		if (i == from || m->sequence[i].symbol[depth] != m->sequence[i - 1].symbol[depth])
			m->edge[m->edges++] =
			    (struct cls_phrase_edge){ m->sequence[i].symbol[depth], m->nodes++ };
	n->edges = m->edges - n->edge;
	for (i = from; i < to; i = j) {
		for (j = i + 1; j < to && m->sequence[j].symbol[depth] == m->sequence[i].symbol[depth];)
			j++;
		make_node(m, first_node++, i, j, depth + 1);
	}
}

static bool make_trie(
    struct maker *m, struct cls_phrases *p, struct cls_arena *a, const char **keys, size_t n)
{
	size_t total = 1, capacity = 0;
	uint32_t *start;
	struct cls_first *first = cls_arena_new(a, 1, sizeof *first);

	if (!cls_grow((void **)&m->sequence, &capacity, n + 1, sizeof *m->sequence))
		return false;
	for (size_t i = 0; i < n; i++) {
		make_sequence(m, keys[i], (uint32_t)i, &m->sequence[i]);
		total += m->sequence[i].n;
	}
	if (n > 0)
		qsort(m->sequence, n, sizeof *m->sequence, compare_sequences);
	m->node = cls_arena_new(a, total, sizeof *m->node);
	m->edge = cls_arena_new(a, total, sizeof *m->edge);
	start = cls_arena_new(a, m->word_count + 1, sizeof *start);
	if (m->node == NULL || m->edge == NULL || start == NULL || first == NULL)
		return false;
	m->nodes = 1;
	make_node(m, 0, 0, n, 0);
	for (uint32_t i = 0; i < m->node[0].edges; i++) {
		start[m->edge[i].symbol] = m->edge[i].to;
		cls_first_add(first, &m->words[m->edge[i].symbol]);
	}
	p->first = first;
	p->node = m->node;
	p->edge = m->edge;
	p->start = start;
	return true;
}

bool cls_phrases_build(struct cls_phrases *p, struct cls_arena *a, const char **keys, size_t n)
{
	struct maker m = { 0 };
	bool ok = collect_words(&m, keys, n) && cls_vocab_build(&p->vocab, a, m.words, m.word_count) &&
	          make_trie(&m, p, a, keys, n);

	p->key = keys;
	p->count = (uint32_t)n;
	free(m.words);
	free(m.sequence);
	return ok;
}

static int compare_keys(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return strcmp(*x, *y);
}

uint32_t cls_phrases_find(const struct cls_phrases *p, const char *key)
{
	const char *const *found = bsearch(&key, p->key, p->count, sizeof *p->key, compare_keys);

	return (uint32_t)(found - p->key);
}
