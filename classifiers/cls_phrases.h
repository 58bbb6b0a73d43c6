/*
 * cls_phrases: all phrases of all topics as one trie over the symbols of cls_vocab, and the matcher that follows it
 * through the tokens of an item and writes down where each phrase is found. Knows nothing of rules and weights.
 */
#ifndef CLS_PHRASES_H
#define CLS_PHRASES_H

#include "classifiers/cls_vocab.h"
#include "classifiers/cls_words.h"

#define CLS_HITS_MAX                                                                                         \
	(1u << 17) /* of one item; prose of 1 MB has some thousand. What comes later is not looked at */
#define CLS_PHRASE_NONE UINT32_MAX

struct cls_phrase_edge {
	uint32_t symbol, to;
};

struct cls_phrase_node {
	uint32_t edge; /* first of its edges, which are in order of symbol */
	uint32_t edges;
	uint32_t phrase; /* that ends here, or CLS_PHRASE_NONE */
};

/* Which beginnings (four bytes of a token) may begin a phrase: a bit each, so that most tokens are not looked up. */
#define CLS_FIRST_BITS (1u << 16)

struct cls_phrases {
	struct cls_vocab vocab;
	const struct cls_phrase_node *node;
	const struct cls_phrase_edge *edge;
	const uint32_t *start; /* [symbol]: node after it at the beginning of a phrase, or 0 */
	const uint64_t *first; /* CLS_FIRST_BITS */
	bool first_short; /* some phrase begins with "xy*", shorter than four bytes */
	const char *const *key; /* [phrase], in order */
	uint32_t count; /* phrases */
};

struct cls_hit {
	uint32_t phrase;
	uint32_t pos, pos_end; /* half words */
	uint32_t start, end; /* bytes in the field */
	uint32_t sentence; /* 0: the title */
};

struct cls_active { /* a phrase that has begun */
	uint32_t node;
	uint32_t pos, start, sentence;
};

struct cls_matcher { /* in the scratch */
	struct cls_active *active, *next;
	size_t active_count, active_capacity, next_capacity;
	struct cls_hit *hit; /* in order of their ends */
	size_t hits, hit_capacity;
	uint32_t sentence;
};

/* keys: sorted, each once (see cls_words.h); they must live as long as the arena. False when memory is short. */
bool cls_phrases_build(struct cls_phrases *p, struct cls_arena *a, const char **keys, size_t n);

/* The number of a phrase of which it is known that it is there. */
uint32_t cls_phrases_find(const struct cls_phrases *p, const char *key);

void cls_matcher_reset(struct cls_matcher *m);
void cls_matcher_field(struct cls_matcher *m, bool title); /* the blocks that follow belong to this field */
bool cls_matcher_feed(struct cls_matcher *m, const struct cls_phrases *p, const struct cls_tokens *t);
void cls_matcher_fini(struct cls_matcher *m);

#endif
