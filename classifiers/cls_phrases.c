/* cls_phrases: building the trie of phrases, and following it through tokens. */
#include "classifiers/cls_phrases.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

/* --- building --- */

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

/* The bit of a token's first bytes. n: 2 and 3 for beginnings as short as that, else 4. */
static uint32_t first_bit(const unsigned char *p, size_t len, size_t n)
{
	uint32_t x;

	memcpy(&x, p, 4);
	x = le32toh(x);
	n = len < n ? len : n;
	if (n < 4)
		x &= (1u << 8 * n) - 1;
	return (x * 0x9e3779b1u + (uint32_t)n * 0x85ebca6bu) >> 16;
}

static void set_first(struct cls_phrases *p, uint64_t *first, const struct cls_word *w)
{
	unsigned char bytes[CLS_WORD_MAX + 4] = { 0 };
	bool is_short = w->prefix && w->n < 4;
	uint32_t bit;

	memcpy(bytes, w->p, w->n);
	bit = first_bit(bytes, w->n, 4);
	first[bit / 64] |= 1ull << bit % 64;
	p->first_short = p->first_short || is_short;
}

static inline bool may_begin(const struct cls_phrases *p, const unsigned char *text, size_t len)
{
	uint32_t bit = first_bit(text, len, 4);
	bool found = p->first[bit / 64] >> bit % 64 & 1;

	if (p->first_short) {
		uint32_t two = first_bit(text, len, 2), three = first_bit(text, len, 3);
		found |= (p->first[two / 64] >> two % 64 & 1) | (p->first[three / 64] >> three % 64 & 1);
	}
	return found;
}

static bool make_trie(
    struct maker *m, struct cls_phrases *p, struct cls_arena *a, const char **keys, size_t n)
{
	size_t total = 1, capacity = 0;
	uint32_t *start;
	uint64_t *first = cls_arena_new(a, CLS_FIRST_BITS / 64, sizeof *first);

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
		set_first(p, first, &m->words[m->edge[i].symbol]);
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

/* --- matching --- */

void cls_matcher_reset(struct cls_matcher *m)
{
	m->active_count = 0;
	m->hits = 0;
	m->sentence = 0;
}

void cls_matcher_field(struct cls_matcher *m, bool title)
{
	m->active_count = 0;
	m->sentence = title ? 0 : 1;
}

static uint32_t follow(const struct cls_phrases *p, uint32_t node, uint32_t symbol)
{
	const struct cls_phrase_node *n = &p->node[node];
	uint32_t lo = 0, hi = n->edges;

	while (lo < hi) {
		uint32_t mid = (lo + hi) / 2;
		const struct cls_phrase_edge *e = &p->edge[n->edge + mid];
		if (e->symbol == symbol)
			return e->to;
		if (e->symbol < symbol)
			lo = mid + 1;
		else
			hi = mid;
	}
	return 0;
}

/* A phrase has come to node a->node with this token: note it if it ends here, keep it if it may go on. */
static bool arrive(struct cls_matcher *m, const struct cls_phrases *p, const struct cls_active *a,
    const struct cls_token *k, size_t *next_count)
{
	const struct cls_phrase_node *n = &p->node[a->node];
	uint32_t step = k->flags & CLS_TOKEN_CHAR ? CLS_CHAR_STEP : CLS_WORD_STEP;

	if (n->phrase != CLS_PHRASE_NONE && m->hits < CLS_HITS_MAX) {
		if (!cls_grow((void **)&m->hit, &m->hit_capacity, m->hits + 1, sizeof *m->hit))
			return false;
		m->hit[m->hits++] =
		    (struct cls_hit){ n->phrase, a->pos, k->pos + step, a->start, k->end, a->sentence };
	}
	if (n->edges > 0) {
		if (!cls_grow((void **)&m->next, &m->next_capacity, *next_count + 1, sizeof *m->next))
			return false;
		m->next[(*next_count)++] = *a;
	}
	return true;
}

static bool advance(struct cls_matcher *m, const struct cls_phrases *p, const struct cls_token *k,
    const uint32_t *symbol, size_t symbols)
{
	size_t next_count = 0;

	for (size_t s = 0; s < symbols; s++) {
		struct cls_active a = { p->start[symbol[s]], k->pos, k->start, m->sentence };
		if (a.node != 0 && !arrive(m, p, &a, k, &next_count))
			return false;
		for (size_t i = 0; i < m->active_count; i++) {
			a = m->active[i];
			a.node = follow(p, a.node, symbol[s]);
			if (a.node != 0 && !arrive(m, p, &a, k, &next_count))
				return false;
		}
	}
	struct cls_active *swap = m->active;
	size_t swap_capacity = m->active_capacity;
	m->active = m->next;
	m->active_capacity = m->next_capacity;
	m->active_count = next_count;
	m->next = swap;
	m->next_capacity = swap_capacity;
	return true;
}

bool cls_matcher_feed(struct cls_matcher *m, const struct cls_phrases *p, const struct cls_tokens *t)
{
	uint32_t symbol[CLS_SYMBOLS_MAX];

	for (size_t i = 0; i < t->n; i++) {
		const struct cls_token *k = &t->token[i];
		if (k->flags & CLS_TOKEN_BREAK) {
			m->active_count = 0;
			m->sentence += m->sentence != 0 && k->flags & CLS_TOKEN_SENTENCE;
		}
		if (m->active_count == 0 && !may_begin(p, t->text + k->off, k->len))
			continue;
		size_t symbols = cls_vocab_find(&p->vocab, t->text + k->off, k->len, symbol);
		if (symbols == 0)
			m->active_count = 0;
		else if (!advance(m, p, k, symbol, symbols))
			return false;
	}
	return true;
}

void cls_matcher_fini(struct cls_matcher *m)
{
	free(m->active);
	free(m->next);
	free(m->hit);
	memset(m, 0, sizeof *m);
}
