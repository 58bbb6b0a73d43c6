/*
 * cls_memo: what is known of words: what they are for the phrases, and what the model's rows say of them and their pieces. Most words of a
 * text were in the texts before. In the scratch, of one classifier at a time; what it answers does not depend on what it keeps.
 */
#ifndef CLS_MEMO_H
#define CLS_MEMO_H

#include "classifiers/cls_model.h"
#include "classifiers/cls_phrases.h"

#define CLS_MEMO_PLACES 32768u /* 2 MB for three topics; half of it misses twice as many words */
#define CLS_MEMO_BYTES (4u << 20) /* at most; with many topics there are fewer places */
#define CLS_MEMO_LONGEST 32u /* bytes of a word that is kept: of these none can be taken for another */

struct cls_memo_key { /* of a word */
	uint64_t hash; /* of cls_term */
	struct cls_term_bytes first;
	uint64_t last; /* eight bytes of a word of more than sixteen */
};

struct cls_memo_word {
	struct cls_memo_key key; /* all 0, which no word has: a free place, or a word that is not kept */
	struct cls_seen seen;
	struct cls_model_word sums; /* with a model */
};

struct cls_memo {
	unsigned char *memory, *place; /* places begin at a large page of the memory */
	size_t capacity, stride;
	uint64_t mask; /* places - 1 */
	const struct cls_phrases *phrases;
	const struct cls_model *model; /* NULL: rules alone */
	uint64_t of; /* the classifier's id */
};

/* Before each item. An empty memo, unless it is of this classifier already. False when memory is short. */
bool cls_memo_open(
    struct cls_memo *memo, const struct cls_phrases *p, const struct cls_model *m, uint64_t of);

/* A word that is not there, put in its place. */
void cls_memo_make(const struct cls_memo *memo, struct cls_memo_word *w, const struct cls_memo_key *key,
    const struct cls_token *k, const unsigned char *text);

void cls_memo_fini(struct cls_memo *memo);

static inline struct cls_memo_word *cls_memo_place(const struct cls_memo *memo, uint64_t hash)
{
	return (struct cls_memo_word *)(void *)(memo->place + (hash >> 48 & memo->mask) * memo->stride);
}

/* The hash knows the length, and with all other bytes known it is one to one in any eight. */
static inline struct cls_memo_key cls_memo_key(
    const struct cls_term *term, const struct cls_token *k, const unsigned char *text)
{
	uint64_t more = cls_term_if(k->len > 16);

	return (struct cls_memo_key){ term->hash, term->bytes,
		cls_term_load(text + k->off + ((k->len - 8u) & more)) & more };
}

static inline bool cls_memo_is(const struct cls_memo_word *w, const struct cls_memo_key *key)
{
	return ((w->key.hash ^ key->hash) | (w->key.first.low ^ key->first.low) |
	           (w->key.first.high ^ key->first.high) | (w->key.last ^ key->last)) == 0;
}

/* w: the token's place. What it says is true until another word takes the place. */
static inline void cls_memo_look(const struct cls_memo *memo, struct cls_memo_word *w,
    const struct cls_memo_key *key, const struct cls_token *k, const unsigned char *text)
{
	if (!cls_memo_is(w, key))
		cls_memo_make(memo, w, key, k, text);
}

#endif
