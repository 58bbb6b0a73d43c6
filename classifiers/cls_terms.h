/*
 * cls_terms: the terms of the statistical model: words, pairs of neighbours, and pieces of four letters of words (for languages that bend
 * their words), each as a number of CLS_TERM_BITS bits. Characters of Chinese, Japanese, Korean ... are tokens, so their pairs are terms too.
 * Knows no weights.
 */
#ifndef CLS_TERMS_H
#define CLS_TERMS_H

#include <endian.h>
#include <stdbool.h>
#include <string.h>

#include "classifiers/cls_token.h"

#define CLS_TERMS_VERSION 3u /* changes whenever a text would give other terms */
#define CLS_TERM_NONE UINT32_MAX
#define CLS_TERM_BITS 17u /* 131,072 rows: 1 MB for three topics */
#define CLS_TERM_PIECE 4u /* letters; 3 and 5 beside it brought nothing */
#define CLS_TERM_PIECES_MAX (CLS_WORD_MAX + 2u - CLS_TERM_PIECE + 1u) /* of a word with a mark at both ends */

struct cls_term_state { /* across the tokens of a field; all zero at its beginning */
	uint64_t before;
};

struct cls_term_bytes { /* of a word the first sixteen; 0 beyond its end */
	uint64_t low, high;
};

struct cls_term { /* what a token is for the model, apart from its pieces */
	uint64_t word; /* never 0 */
	uint32_t pair; /* row of the pair with the token before, or CLS_TERM_NONE */
	struct cls_term_bytes bytes;
};

#define CLS_TERM_FACTOR 0x9fb21c651e98df25u

static inline uint64_t cls_term_load(const unsigned char *p)
{
	uint64_t x;

	memcpy(&x, p, 8);
	return le64toh(x);
}

/* All bits, or none. In numbers, for a compiler would make a branch of a condition, and what the next word is cannot be foreseen. */
static inline uint64_t cls_term_if(bool yes)
{
	return -(uint64_t)yes;
}

static inline struct cls_term_bytes cls_term_bytes(const unsigned char *p, size_t n)
{
	static const unsigned char ones[32] = { 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
		255, 255, 255, 255 };
	const unsigned char *mask = ones + 16 - (n < 16 ? n : 16);

	return (struct cls_term_bytes){ cls_term_load(p) & cls_term_load(mask),
		cls_term_load(p + 8) & cls_term_load(mask + 8) };
}

static inline uint64_t cls_term_mix(uint64_t h, uint64_t eight)
{
	h = (h ^ eight) * CLS_TERM_FACTOR;
	return h ^ h >> 29;
}

/* first: of the word's bytes. */
static inline uint64_t cls_term_hash_on(const unsigned char *p, size_t n, struct cls_term_bytes first)
{
	uint64_t h = n, more;

	if (n > 16) {
		for (; n > 16; p += 8, n -= 8)
			h = cls_term_mix(h, cls_term_load(p));
		first = cls_term_bytes(p, n);
	}
	more = cls_term_if(n > 8);
	h ^= (h ^ cls_term_mix(h, first.low)) & more;
	h = (h ^ first.low ^ ((first.low ^ first.high) & more)) * CLS_TERM_FACTOR;
	return h ^ h >> 32;
}

static inline uint64_t cls_term_hash(const unsigned char *p, size_t n)
{
	return cls_term_hash_on(p, n, cls_term_bytes(p, n));
}

static inline uint32_t cls_term_row(uint64_t h)
{
	return (uint32_t)(h * 0x9e3779b97f4a7c15u >> (64 - CLS_TERM_BITS));
}

static inline struct cls_term cls_term_next(
    struct cls_term_state *s, const struct cls_token *k, const unsigned char *text)
{
	struct cls_term_bytes bytes = cls_term_bytes(text + k->off, k->len);
	uint64_t word = cls_term_hash_on(text + k->off, k->len, bytes) | 1;
	uint32_t pair = cls_term_row(word * 3 + s->before);
	uint32_t first = -(uint32_t)(k->flags / CLS_TOKEN_BREAK & 1); /* as of a field's first token */

	s->before = word;
	return (struct cls_term){ word, pair | first, bytes };
}

/* Rows of the token's pieces, "<wo", "word", "ord>" and so on by letters; returns how many. A single character has none. */
static inline size_t cls_term_pieces(
    const struct cls_token *k, const unsigned char *text, uint32_t row[CLS_TERM_PIECES_MAX])
{
	unsigned char word[CLS_WORD_MAX + 2 + 16] = { '<' };
	uint8_t at[CLS_WORD_MAX + 3];
	size_t letters = 0, count = 0, end = k->len + 2u;

	if (k->flags & CLS_TOKEN_CHAR)
		return 0;
	memcpy(word + 1, text + k->off, k->len);
	word[end - 1] = '>';
	for (size_t i = 0; i < end; i++)
		if ((word[i] & 0xc0) != 0x80)
			at[letters++] = (uint8_t)i;
	at[letters] = (uint8_t)end;
	for (size_t i = 0; i + CLS_TERM_PIECE <= letters; i++)
		row[count++] =
		    cls_term_row(cls_term_hash(word + at[i], (size_t)at[i + CLS_TERM_PIECE] - at[i]) + 2);
	return count;
}

#endif
