/*
 * cls_phrases: all phrases of all topics as one trie over the symbols of cls_vocab. cls_matcher follows it through texts.
 * Knows nothing of rules and weights.
 */
#ifndef CLS_PHRASES_H
#define CLS_PHRASES_H

#include "classifiers/cls_vocab.h"
#include "classifiers/cls_words.h"

struct cls_phrase_edge {
	uint32_t symbol, to;
};

struct cls_phrase_node {
	uint32_t edge; /* first of its edges, which are in order of symbol */
	uint32_t edges;
	uint32_t phrase; /* that ends here, or CLS_PHRASE_NONE */
};

struct cls_phrases {
	struct cls_vocab vocab;
	const struct cls_phrase_node *node;
	const struct cls_phrase_edge *edge;
	const uint32_t *start; /* [symbol]: node after it at the beginning of a phrase, or 0 */
	uint32_t count; /* phrases */
};

#define CLS_SEEN_SYMBOLS 2u /* nearly all words have no more: the word and one beginning */
#define CLS_SEEN_MORE UINT8_MAX /* ask cls_vocab_find */

struct cls_seen { /* what a token is for the phrases */
	uint32_t symbol[CLS_SEEN_SYMBOLS]; /* both the same if it has one */
	uint32_t next; /* of the phrases that it begins, the second symbols' bits (cls_phrases_bit) */
	uint8_t symbols;
	bool alone; /* some phrase is this token */
};

/* One of 32 bits: what has not the bit is not the symbol. */
static inline uint32_t cls_phrases_bit(uint32_t symbol)
{
	return 1u << (symbol & 31);
}

/* The bits of the token's symbols. */
static inline uint32_t cls_seen_bits(const struct cls_seen *seen)
{
	uint32_t bits = cls_phrases_bit(seen->symbol[0]) | cls_phrases_bit(seen->symbol[1]);

	return (bits & -(uint32_t)(seen->symbols != 0)) | -(uint32_t)(seen->symbols == CLS_SEEN_MORE);
}

/* keys: in any order, may repeat; each is told its number, which goes by the order of the texts. They must live as long as the arena, the array only until
 * the return, and it is sorted. False when memory is short. */
bool cls_phrases_build(struct cls_phrases *p, struct cls_arena *a, struct cls_key **keys, size_t n);

struct cls_seen cls_phrases_see(const struct cls_phrases *p, const unsigned char *word, size_t n);

#endif
