/*
 * cls_terms: the terms of the statistical model: words, pairs of neighbours, and pieces of four letters of words (for languages that bend
 * their words), each as a number of CLS_TERM_BITS bits. Characters of Chinese, Japanese, Korean ... are tokens, so their pairs are terms too.
 * Knows no weights.
 */
#ifndef CLS_TERMS_H
#define CLS_TERMS_H

#include <string.h>

#include "classifiers/cls_hash.h"
#include "classifiers/cls_token.h"

#define CLS_TERMS_VERSION 3u /* changes whenever a text would give other terms */
#define CLS_TERM_NONE UINT32_MAX
#define CLS_TERM_BITS 17u /* 131,072 rows: 1 MB for three topics */
#define CLS_TERM_PIECE 4u /* letters; 3 and 5 beside it brought nothing */
#define CLS_TERM_PIECES_MAX (CLS_WORD_MAX + 2u - CLS_TERM_PIECE + 1u) /* of a word with a mark at both ends */

struct cls_term_state { /* across the tokens of a field; all zero at its beginning */
	uint64_t before;
};

struct cls_term { /* what a token is for the model, apart from its pieces */
	uint64_t hash; /* of the word, whole */
	uint64_t word; /* its name everywhere but in the memo: never 0 */
	uint32_t pair; /* row of the pair with the token before, or CLS_TERM_NONE */
	struct cls_term_bytes bytes;
};

static inline uint32_t cls_term_row(uint64_t h)
{
	return (uint32_t)(h * 0x9e3779b97f4a7c15u >> (64 - CLS_TERM_BITS));
}

static inline uint64_t cls_term_word(uint64_t hash)
{
	return hash | 1;
}

static inline struct cls_term cls_term_next(
    struct cls_term_state *s, const struct cls_token *k, const unsigned char *text)
{
	struct cls_term_bytes bytes = cls_term_bytes(text + k->off, k->len);
	uint64_t hash = cls_term_hash_on(text + k->off, k->len, bytes), word = cls_term_word(hash);
	uint32_t pair = cls_term_row(word * 3 + s->before);
	uint32_t first = -(uint32_t)(k->flags / CLS_TOKEN_BREAK & 1); /* as of a field's first token */

	s->before = word;
	return (struct cls_term){ hash, word, pair | first, bytes };
}

#define CLS_TERM_SHORT 14u /* bytes of a word that fits two numbers with its marks */

/* Rows of the pieces of a short word of which each letter is one byte. */
static inline size_t cls_term_short_pieces(struct cls_term_bytes word, size_t n, uint32_t *row)
{
	uint64_t low = word.low << 8 | '<', high = word.high << 8 | word.low >> 56;
	uint64_t mark = (uint64_t)'>' << (8 * (n + 1) & 63);
	size_t count = n > 1 ? n + 2 - (CLS_TERM_PIECE - 1) : 0;

	low |= mark & cls_term_if(n + 1 < 8);
	high |= mark & cls_term_if(n + 1 >= 8);
	for (size_t i = 0; i < count; i++) {
		row[i] = cls_term_row(cls_term_hash_end(CLS_TERM_PIECE ^ (low & UINT32_MAX)) + 2);
		low = low >> 8 | high << 56;
		high >>= 8;
	}
	return count;
}

/* The same of any word. */
static inline size_t cls_term_long_pieces(const unsigned char *p, size_t n, uint32_t *row)
{
	unsigned char word[CLS_WORD_MAX + 2 + 16] = { '<' };
	uint8_t at[CLS_WORD_MAX + 3];
	size_t letters = 0, count = 0, end = n + 2;

	memcpy(word + 1, p, n);
	word[end - 1] = '>';
	for (size_t i = 0; i < end; i++) {
		at[letters] = (uint8_t)i;
		letters += (word[i] & 0xc0) != 0x80;
	}
	at[letters] = (uint8_t)end;
	for (size_t i = 0; i + CLS_TERM_PIECE <= letters; i++)
		row[count++] =
		    cls_term_row(cls_term_hash(word + at[i], (size_t)at[i + CLS_TERM_PIECE] - at[i]) + 2);
	return count;
}

/* Rows of the token's pieces, "<wo", "word", "ord>" and so on by letters; returns how many. A single character has none. */
static inline size_t cls_term_pieces(
    const struct cls_token *k, const unsigned char *text, uint32_t row[CLS_TERM_PIECES_MAX])
{
	struct cls_term_bytes bytes = cls_term_bytes(text + k->off, k->len);

	if (k->flags & CLS_TOKEN_CHAR)
		return 0;
	if (k->len <= CLS_TERM_SHORT && ((bytes.low | bytes.high) & 0x8080808080808080u) == 0)
		return cls_term_short_pieces(bytes, k->len, row);
	return cls_term_long_pieces(text + k->off, k->len, row);
}

#endif
