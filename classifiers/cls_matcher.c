/* cls_matcher: following the trie of phrases through blocks of tokens. */
#include "classifiers/cls_matcher.h"

#include <stdlib.h>
#include <string.h>

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

static inline uint32_t follow(const struct cls_phrases *p, uint32_t node, uint32_t symbol)
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
static inline bool arrive(struct cls_matcher *m, const struct cls_phrases *p, const struct cls_active *a,
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
    uint32_t sentence, const uint32_t *symbol, size_t symbols)
{
	size_t next_count = 0;

	for (size_t s = 0; s < symbols; s++) {
		struct cls_active a = { p->start[symbol[s]], k->pos, k->start, sentence };
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

/* What a token can be for a phrase that has begun before it. */
static inline uint32_t bits_behind(const struct cls_token *k, const struct cls_seen *seen)
{
	return cls_seen_bits(seen) & ((k->flags / CLS_TOKEN_BREAK & 1u) - 1);
}

/*
 * Where tokens may begin a phrase: those that are one, and those whose next token may go on; and the sentence of each. Returns how many there are. Free of
 * branches: they could not be foreseen.
 */
static size_t sift(struct cls_matcher *m, const struct cls_tokens *t, const struct cls_seen *seen,
    uint16_t candidate[CLS_BLOCK], uint32_t sentence[CLS_BLOCK])
{
	uint32_t step = m->sentence != 0; /* a title is one sentence */
	size_t n = 0;

	for (size_t i = 0; i < t->n; i++) {
		bool last = i + 1 == t->n; /* nobody knows what comes after the block */
		uint32_t next = last ? UINT32_MAX : bits_behind(&t->token[i + 1], &seen[i + 1]);

		m->sentence += step & (t->token[i].flags / CLS_TOKEN_SENTENCE);
		sentence[i] = m->sentence;
		candidate[n] = (uint16_t)i;
		n += seen[i].alone | ((seen[i].next & next) != 0);
	}
	return n;
}

/* The token's symbols go on with what is active and begin anew. */
static bool take_token(struct cls_matcher *m, const struct cls_phrases *p, const struct cls_tokens *t,
    size_t i, uint32_t sentence, const struct cls_seen *seen)
{
	const struct cls_token *k = &t->token[i];
	uint32_t symbol[CLS_SYMBOLS_MAX];

	if (seen->symbols == 0) {
		m->active_count = 0;
		return true;
	}
	if (seen->symbols != CLS_SEEN_MORE)
		return advance(m, p, k, sentence, seen->symbol, seen->symbols);
	return advance(
	    m, p, k, sentence, symbol, cls_vocab_find(&p->vocab, t->text + k->off, k->len, symbol));
}

bool cls_matcher_feed(struct cls_matcher *m, const struct cls_phrases *p, const struct cls_tokens *t,
    const struct cls_seen *seen)
{
	uint32_t sentence[CLS_BLOCK];
	uint16_t candidate[CLS_BLOCK];
	size_t candidates = sift(m, t, seen, candidate, sentence), c = 0;

	for (size_t i = 0; i < t->n; i++) {
		if (t->token[i].flags & CLS_TOKEN_BREAK)
			m->active_count = 0;
		while (c < candidates && candidate[c] < i)
			c++;
		if (m->active_count == 0) {
			if (c == candidates)
				break;
			i = candidate[c];
		}
		if (!take_token(m, p, t, i, sentence[i], &seen[i]))
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
