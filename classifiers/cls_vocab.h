/*
 * cls_vocab: which words of the phrases a token is: the word itself, and beginnings ("fraud*"). A double-array trie over
 * folded bytes: an unknown word falls out after a few steps. Knows nothing of phrases.
 */
#ifndef CLS_VOCAB_H
#define CLS_VOCAB_H

#include <stdint.h>
#include <string.h>

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

struct cls_vocab_jump { /* where the first four bytes of a word lead */
	uint32_t key;
	uint32_t
	    node; /* 0: a free place of the table; CLS_VOCAB_WALK: step by step, for a beginning ends on the way */
};
#define CLS_VOCAB_WALK UINT32_MAX

struct cls_vocab {
	const struct cls_vocab_node *node; /* root: 0; 256 free ones behind the last */
	const uint32_t (*symbol)[2]; /* [node]: exact, prefix */
	const struct cls_vocab_jump *jump;
	uint32_t jump_mask; /* places of the table - 1 */
	uint32_t nodes;
	bool has_short; /* beginnings of less than four bytes ("ai*"): a miss in the table proves nothing */
};

int cls_word_compare(const void *a, const void *b); /* for qsort and bsearch */

/* words: sorted, each once; the symbol of a word is its place in them. */
bool cls_vocab_build(struct cls_vocab *v, struct cls_arena *a, const struct cls_word *words, size_t n);

static inline uint32_t cls_vocab_key(const unsigned char *p)
{
	uint32_t key;

	memcpy(&key, p, 4);
	return key;
}

/* Where the key stands in the table, or the free place where it would. */
static inline uint32_t cls_vocab_place(const struct cls_vocab *v, uint32_t key)
{
	uint32_t at = (key * 0x9e3779b1u) >> 12 & v->jump_mask;

	while (v->jump[at].node != 0 && v->jump[at].key != key)
		at = (at + 1) & v->jump_mask;
	return at;
}

/* The table's answer for a word of four bytes or more: a node, 0 for none, or CLS_VOCAB_WALK. */
static inline uint32_t cls_vocab_jump(const struct cls_vocab *v, const unsigned char *p)
{
	uint32_t node = v->jump[cls_vocab_place(v, cls_vocab_key(p))].node;

	return node == 0 && v->has_short ? CLS_VOCAB_WALK : node;
}

/* Symbols of a token; returns how many, at most CLS_SYMBOLS_MAX. */
static inline size_t cls_vocab_find(
    const struct cls_vocab *v, const unsigned char *p, size_t n, uint32_t symbol[CLS_SYMBOLS_MAX])
{
	const struct cls_vocab_node *node = v->node;
	uint32_t at = n < 4 ? CLS_VOCAB_WALK : cls_vocab_jump(v, p), base;
	size_t count = 0, i = 4;

	if (at == 0)
		return 0;
	if (at == CLS_VOCAB_WALK) {
		at = 0;
		i = 0;
	}
	base = node[at].base;
	if (base & CLS_VOCAB_PREFIX)
		symbol[count++] = v->symbol[at][1];
	for (; i < n; i++) {
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
