/*
 * cls_stretch: ASCII by 64 bytes at a time: letters made small, and one bit for each byte that says what it is. With SSE2, which every
 * x86-64 has, or in words of eight bytes. Knows no tokens.
 */
#ifndef CLS_STRETCH_H
#define CLS_STRETCH_H

#include <endian.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define CLS_STRETCH 64 /* bytes */

#define CLS_EACH(byte) (0x0101010101010101u * (byte)) /* the byte in all eight places */

/* Of eight bytes: ASCII letters made small; *word: the highest bit of each byte that is a letter or digit. */
static inline uint64_t cls_fold_eight(uint64_t x, uint64_t *word)
{
	uint64_t small = (x | CLS_EACH(0x20)) & CLS_EACH(0x7f), low = x & CLS_EACH(0x7f);
	uint64_t letter =
	    (small + CLS_EACH(0x80 - 'a')) & ~(small + CLS_EACH(0x7f - 'z')) & ~x & CLS_EACH(0x80);
	uint64_t digit = (low + CLS_EACH(0x80 - '0')) & ~(low + CLS_EACH(0x7f - '9')) & ~x & CLS_EACH(0x80);

	*word = letter | digit;
	return x | letter >> 2; /* 0x80 becomes the bit of small letters, 0x20 */
}

struct cls_stretch { /* the first byte's bit is the lowest */
	uint64_t word; /* ASCII letters and digits */
	uint64_t space; /* ' ' */
	uint64_t other; /* not ASCII */
};

#ifdef __SSE2__

/* Copies the first n bytes of the stretch, and some, with small letters. Bytes are compared as signed: the least of a range is moved to -128. */
static inline void cls_stretch_fold(
    struct cls_stretch *s, const unsigned char *p, size_t n, unsigned char *buf)
{
	const __m128i bit = _mm_set1_epi8(0x20);

	*s = (struct cls_stretch){ 0 };
	for (size_t i = 0; i < n; i += 16) {
		__m128i x = _mm_loadu_si128((const __m128i *)(const void *)(p + i));
		__m128i from_a = _mm_add_epi8(_mm_or_si128(x, bit), _mm_set1_epi8((char)(0x80 - 'a')));
		__m128i from_0 = _mm_add_epi8(x, _mm_set1_epi8((char)(0x80 - '0')));
		__m128i letter = _mm_cmplt_epi8(from_a, _mm_set1_epi8(-128 + 26));
		__m128i digit = _mm_cmplt_epi8(from_0, _mm_set1_epi8(-128 + 10));
		s->word |= (uint64_t)(unsigned)_mm_movemask_epi8(_mm_or_si128(letter, digit)) << i;
		s->space |= (uint64_t)(unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(x, bit)) << i;
		s->other |= (uint64_t)(unsigned)_mm_movemask_epi8(x) << i;
		_mm_storeu_si128((__m128i *)(void *)(buf + i), _mm_or_si128(x, _mm_and_si128(letter, bit)));
	}
}

#else

/* The highest bit of each byte, as eight bits. */
static inline uint64_t cls_gather(uint64_t x)
{
	return ((x & CLS_EACH(0x80)) >> 7) * 0x0102040810204080u >> 56;
}

/* Copies the first n bytes of the stretch, and some, with small letters. */
static inline void cls_stretch_fold(
    struct cls_stretch *s, const unsigned char *p, size_t n, unsigned char *buf)
{
	*s = (struct cls_stretch){ 0 };
	for (size_t i = 0; i < n; i += 8) {
		uint64_t x, word, blank;
		memcpy(&x, p + i, 8);
		x = le64toh(x);
		blank = x ^ CLS_EACH(' ');
		blank = ~(((blank & CLS_EACH(0x7f)) + CLS_EACH(0x7f)) | blank);
		s->other |= cls_gather(x) << i;
		s->space |= cls_gather(blank) << i;
		x = htole64(cls_fold_eight(x, &word));
		s->word |= cls_gather(word) << i;
		memcpy(buf + i, &x, 8);
	}
}

#endif

#endif
