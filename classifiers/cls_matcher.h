/*
 * cls_matcher: follows the trie of phrases through the tokens of an item and writes down where each phrase is found.
 * Lives in the scratch. Knows nothing of rules and weights.
 */
#ifndef CLS_MATCHER_H
#define CLS_MATCHER_H

#include "classifiers/cls_phrases.h"

#define CLS_HITS_MAX                                                                                         \
	(1u << 17) /* of one item; prose of 1 MB has some thousand. What comes later is not looked at */

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

struct cls_matcher {
	struct cls_active *active, *next;
	size_t active_count, active_capacity, next_capacity;
	struct cls_hit *hit; /* in order of their ends */
	size_t hits, hit_capacity;
	uint32_t sentence;
};

void cls_matcher_reset(struct cls_matcher *m);
void cls_matcher_field(struct cls_matcher *m, bool title); /* the blocks that follow belong to this field */
/* seen: of each token of the block. */
bool cls_matcher_feed(struct cls_matcher *m, const struct cls_phrases *p, const struct cls_tokens *t,
    const struct cls_seen *seen);
void cls_matcher_fini(struct cls_matcher *m);

#endif
