/* number_words: is a word or a character of a text a number, in digits or written out? Words as the classifier's tokens: folded. Knows no texts. */
#ifndef PIPE_NUMBER_WORDS_H
#define PIPE_NUMBER_WORDS_H

#include "daemon/base/str.h"

#include <stdint.h>

#define NUMBER_PLACES                                                                                        \
	2048 /* twelve times the rows: so many words are let through for nothing, one of twelve */

/* What all but a few that are none are told apart by: of written ones a place by their first 16 bytes, of characters the lowest eight bits. */
struct number_looks {
	uint64_t words[NUMBER_PLACES / 64];
	uint32_t characters[8];
};

void number_looks_init(struct number_looks *l);
/* From the beginning of the word 16 bytes may be read, as from that of every token in struct cls_tokens. */
bool number_is_word(const struct number_looks *l, struct str word);
bool number_is_character(const struct number_looks *l, struct str written);

#endif
