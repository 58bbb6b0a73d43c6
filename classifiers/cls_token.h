/*
 * cls_token: text -> tokens in folded form, with their places in the original bytes. Words, and single characters of
 * scripts that are read by character. Works in blocks, so that a text of any length needs the same memory.
 * Knows nothing of phrases.
 */
#ifndef CLS_TOKEN_H
#define CLS_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CLS_WORD_MAX                                                                                         \
	64 /* bytes of a folded word that are kept; the longest word that tells something is shorter */
#define CLS_BLOCK 128 /* tokens per block: stays in the first cache */
#define CLS_BLOCK_TEXT (CLS_BLOCK * CLS_WORD_MAX)

#define CLS_WORD_STEP 2u /* positions count half words: a word takes two, */
#define CLS_CHAR_STEP 1u /* a character of Chinese, Japanese, Korean, Thai ... one */

enum cls_token_flag {
	CLS_TOKEN_CHAR = 1, /* one character of a script read by character */
	CLS_TOKEN_BREAK = 2, /* a phrase cannot go on from the token before */
	CLS_TOKEN_SENTENCE = 4 /* first of a sentence (then BREAK too) */
};

struct cls_token {
	uint32_t start, end; /* bytes in the original */
	uint32_t pos; /* in half words */
	uint16_t off; /* of the folded form in the block's text */
	uint8_t len;
	uint8_t flags;
};

struct cls_tokens {
	size_t n;
	size_t used;
	struct cls_token token[CLS_BLOCK];
	unsigned char text[CLS_BLOCK_TEXT + 16]; /* from the beginning of every token 16 bytes may be read */
};

struct cls_tokenizer {
	const unsigned char *begin, *p, *end;
	uint32_t pos; /* of the next token */
	uint8_t flags; /* of the next token */
	uint8_t newlines; /* since the last token */
	bool single; /* the last token is one letter: a full stop after it shortens a word */
};

/* pos: position of the first token (a text goes on where its title ended). n at most UINT32_MAX. */
void cls_tokenizer_init(struct cls_tokenizer *t, const char *text, size_t n, uint32_t pos);

/* Fills the block anew. False: no tokens are left, t->pos is the end. */
bool cls_tokenizer_next(struct cls_tokenizer *t, struct cls_tokens *out);

#endif
