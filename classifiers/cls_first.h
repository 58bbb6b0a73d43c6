/*
 * cls_first: which tokens may begin a phrase, answered from a few bits without a branch: never a wrong no, seldom a wrong yes.
 * Most words of a text are turned away here. Knows words only.
 */
#ifndef CLS_FIRST_H
#define CLS_FIRST_H

#include <endian.h>

#include "classifiers/cls_vocab.h"

#define CLS_FIRST_BITS                                                                                       \
	(1u << 17) /* 16 kB: with some thousand words one in twenty is set, and the first cache holds it */

/* A whole word is known by its first eight bytes, a beginning ("fraud*") by its first six, four, three or two. */
struct cls_first {
	uint64_t bit[CLS_FIRST_BITS / 64];
	bool has_short; /* beginnings of less than four bytes */
};

void cls_first_add(struct cls_first *f, const struct cls_word *w);

/* The first n bytes of x, n at most 8, as a place among the bits. */
static inline uint32_t cls_first_place(uint64_t x, unsigned n, uint64_t salt)
{
	if (n < 8)
		x &= (1ull << 8 * n) - 1;
	return (uint32_t)((x ^ salt) * 0x9e3779b97f4a7c15u >> 47);
}

#define CLS_FIRST_WORD 0u
#define CLS_FIRST_SIX 0x5a5a000000000000u
#define CLS_FIRST_FOUR 0xa5a5a5a500000000u
#define CLS_FIRST_THREE 0x3333333333000000u
#define CLS_FIRST_TWO 0xcccccccccccc0000u

static inline uint64_t cls_first_bit(const struct cls_first *f, uint32_t place)
{
	return f->bit[place / 64] >> place % 64 & 1;
}

/* p: eight bytes may be read whatever len is. */
static inline bool cls_first_may(const struct cls_first *f, const unsigned char *p, size_t len)
{
	uint64_t x, found;

	memcpy(&x, p, 8);
	x = le64toh(x);
	x &= len < 8 ? (1ull << 8 * len) - 1 : UINT64_MAX;
	found = cls_first_bit(f, cls_first_place(x, 8, CLS_FIRST_WORD)) |
	        cls_first_bit(f, cls_first_place(x, 6, CLS_FIRST_SIX)) |
	        cls_first_bit(f, cls_first_place(x, 4, CLS_FIRST_FOUR));
	if (f->has_short)
		found |= cls_first_bit(f, cls_first_place(x, 3, CLS_FIRST_THREE)) |
		         cls_first_bit(f, cls_first_place(x, 2, CLS_FIRST_TWO));
	return found;
}

#endif
