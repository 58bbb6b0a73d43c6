/*
 * cls_vocab: which words of the phrases a token is: the word itself, and beginnings ("fraud*"). A double-array trie over
 * folded bytes: an unknown word falls out after a few steps. Knows nothing of phrases.
 */
#ifndef CLS_VOCAB_H
#define CLS_VOCAB_H

#include <stdint.h>

#include "classifiers/cls_arena.h"
#include "classifiers/cls_token.h"

#define CLS_SYMBOLS_MAX (CLS_WORD_MAX + 1) /* of one token: each of its beginnings, and itself */

struct cls_word {
	const char *p;
	uint32_t n; /* at most CLS_WORD_MAX */
	bool prefix;
};

struct cls_vocab_node {
	uint32_t base; /* child for byte b: base + b; two flags on top */
	uint32_t parent; /* CLS_VOCAB_FREE: not used */
};
#define CLS_VOCAB_FREE UINT32_MAX
#define CLS_VOCAB_EXACT (1u << 31)
#define CLS_VOCAB_PREFIX (1u << 30)
#define CLS_VOCAB_BASE (CLS_VOCAB_PREFIX - 1)

struct cls_vocab {
	const struct cls_vocab_node *node; /* root: 0; 256 free ones behind the last */
	const uint32_t (*symbol)[2]; /* [node]: exact, prefix */
	uint32_t nodes;
};

int cls_word_compare(const void *a, const void *b); /* for qsort and bsearch */

/* words: sorted, each once; the symbol of a word is its place in them. */
bool cls_vocab_build(struct cls_vocab *v, struct cls_arena *a, const struct cls_word *words, size_t n);

/* Symbols of a token; returns how many, at most CLS_SYMBOLS_MAX. */
static inline size_t cls_vocab_find(
    const struct cls_vocab *v, const unsigned char *p, size_t n, uint32_t symbol[CLS_SYMBOLS_MAX])
{
	const struct cls_vocab_node *node = v->node;
	uint32_t at = 0, base = node[0].base;
	size_t count = 0;

	for (size_t i = 0; i < n; i++) {
		uint32_t to = (base & CLS_VOCAB_BASE) + p[i];
		if (node[to].parent != at)
			return count;
		at = to;
		base = node[at].base;
		if (base & CLS_VOCAB_PREFIX)
			symbol[count++] = v->symbol[at][1];
	}
	if (base & CLS_VOCAB_EXACT)
		symbol[count++] = v->symbol[at][0];
	return count;
}

#endif
