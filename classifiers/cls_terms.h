/*
 * cls_terms: the terms of the statistical model: words, pairs of neighbours, and beginnings of long words (inflected languages), each
 * as a number of `bits` bits. Characters of Chinese, Japanese, Korean ... are tokens, so their pairs are terms too. Knows no weights.
 */
#ifndef CLS_TERMS_H
#define CLS_TERMS_H

#include <endian.h>
#include <string.h>

#include "classifiers/cls_token.h"

#define CLS_TERMS_VERSION 1u /* changes whenever a text would give other terms */
#define CLS_TERMS_PER_TOKEN 3u
#define CLS_TERM_NONE UINT32_MAX
#define CLS_TERM_BITS 17u /* 131,072 rows: 1 MB for three topics */
#define CLS_TERM_PREFIX 5u /* letters of a beginning */

struct cls_term_state { /* across the tokens of a field; all zero at its beginning */
	uint64_t before;
};

static inline uint64_t cls_term_load(const unsigned char *p, size_t n)
{
	uint64_t x;

	memcpy(&x, p, 8); /* eight bytes may be read behind every token */
	x = le64toh(x);
	return n < 8 ? x & ((1ull << 8 * n) - 1) : x;
}

static inline uint64_t cls_term_hash(const unsigned char *p, size_t n)
{
	uint64_t h = n;

	for (; n > 8; p += 8, n -= 8) {
		h = (h ^ cls_term_load(p, 8)) * 0x9fb21c651e98df25u;
		h ^= h >> 29;
	}
	h = (h ^ cls_term_load(p, n)) * 0x9fb21c651e98df25u;
	return h ^ h >> 32;
}

/* Bytes of the first CLS_TERM_PREFIX letters, or 0 when the word is not longer. */
static inline size_t cls_term_prefix(const unsigned char *p, size_t n)
{
	size_t letters = 0;

	if (n <= CLS_TERM_PREFIX)
		return 0;
	for (size_t i = 0; i < n; i++)
		if ((p[i] & 0xc0) != 0x80 && ++letters > CLS_TERM_PREFIX)
			return i;
	return 0;
}

static inline uint32_t cls_term_row(uint64_t h)
{
	return (uint32_t)(h * 0x9e3779b97f4a7c15u >> (64 - CLS_TERM_BITS));
}

/* The terms of the next token of a field: word, pair with the token before, beginning; CLS_TERM_NONE where there is none. */
static inline void cls_terms_of(struct cls_term_state *s, const struct cls_token *k,
    const unsigned char *text, uint32_t row[CLS_TERMS_PER_TOKEN])
{
	const unsigned char *p = text + k->off;
	uint64_t h = cls_term_hash(p, k->len);
	size_t prefix = cls_term_prefix(p, k->len);
	bool pair = s->before != 0 && !(k->flags & CLS_TOKEN_BREAK);

	row[0] = cls_term_row(h);
	row[1] = pair ? cls_term_row(h * 3 + s->before) : CLS_TERM_NONE;
	row[2] = prefix != 0 ? cls_term_row(cls_term_hash(p, prefix) + 1) : CLS_TERM_NONE;
	s->before = h | 1;
}

#endif
