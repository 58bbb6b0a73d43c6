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
bool number_is_one_character(struct str written);
/* All of them have three bytes. Most characters of a text are none: these are told by what two of the bytes say. */
static inline bool number_is_character(const struct number_looks *l, struct str written)
{
	const unsigned char *p = (const unsigned char *)written.p;

	return written.n >= 3 && (p[0] & 0xf0) == 0xe0 &&
	       l->characters[(p[1] << 1 | (p[2] >> 5 & 1)) & 7] >> (p[2] & 31) & 1 &&
	       number_is_one_character(written);
}

#endif
