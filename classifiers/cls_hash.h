/*
 * cls_hash: words as numbers: their first bytes and their hash, free of branches for words of up to sixteen bytes. From the beginning of a word sixteen
 * bytes may be read. Knows no tokens.
 */
#ifndef CLS_HASH_H
#define CLS_HASH_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct cls_term_bytes { /* of a word the first sixteen; 0 beyond its end */
	uint64_t low, high;
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

static inline uint64_t cls_term_hash_end(uint64_t h)
{
	h *= CLS_TERM_FACTOR;
	return h ^ h >> 32;
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
	return cls_term_hash_end(h ^ first.low ^ ((first.low ^ first.high) & more));
}

static inline uint64_t cls_term_hash(const unsigned char *p, size_t n)
{
	return cls_term_hash_on(p, n, cls_term_bytes(p, n));
}

#endif
