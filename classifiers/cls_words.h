/*
 * cls_words: phrases as they are written in topic files -> the form in which they are compared and looked for,
 * lists of them, named groups. Knows no rules.
 *
 * A key is a phrase in folded form: its tokens, each followed by '*' (any ending) or nothing, and by one space.
 */
#ifndef CLS_WORDS_H
#define CLS_WORDS_H

#include <stdint.h>

#include "classifiers/cls_yaml.h"

#define CLS_PHRASE_WORDS_MAX 24 /* words or characters; longer ones are quotations, not phrases */
#define CLS_PHRASE_BYTES_MAX 240 /* as written */
#define CLS_PREFIX_MIN 2 /* letters before '*': one letter would find half of a language */
#define CLS_WORDS_MAX (1u << 20) /* phrases of a topic, groups counted wherever they are used */

struct cls_key {
	uint64_t head; /* the text's first eight bytes, the first one highest: most comparisons end there */
	uint32_t phrase; /* its number in cls_phrases, once these are built; CLS_PHRASE_NONE before */
	char text[];
};
#define CLS_PHRASE_NONE UINT32_MAX

struct cls_words { /* sorted, each once */
	struct cls_key **key;
	size_t n;
};

struct cls_group;
struct cls_lexicon { /* the groups of one file */
	struct cls_arena *arena;
	const char *file;
	struct cls_group *groups;
	size_t count; /* phrases so far, against CLS_WORDS_MAX */
};

/* Reads `groups:`; groups may name groups that come later. */
bool cls_lexicon_load(struct cls_lexicon *x, const struct cls_node *groups, struct cls_error *e);

/* Words as written at `any:` (a phrase, a list, a map by language), with all groups in place. */
bool cls_words_load(
    struct cls_lexicon *x, const struct cls_node *n, struct cls_words *out, struct cls_error *e);

bool cls_words_equal(const struct cls_words *a, const struct cls_words *b);
bool cls_words_within(const struct cls_words *a, const struct cls_words *b); /* all of a are in b */

#endif
