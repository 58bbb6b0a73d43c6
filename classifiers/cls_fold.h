/*
 * cls_fold: what a code point is for matching and what it becomes: letters without case, width and accents,
 * Traditional Chinese as Simplified. Only the table and its lookup; knows nothing of words or phrases.
 */
#ifndef CLS_FOLD_H
#define CLS_FOLD_H

#include <stddef.h>
#include <stdint.h>

#define CLS_FOLD_VERSION 1 /* changes whenever the table changes an answer */
#define CLS_FOLD_LIMIT 0x31400u /* first code point without an entry */

enum cls_class {
	CLS_SEP, /* separates words: spaces in effect, quotes, symbols */
	CLS_WORD, /* part of a word */
	CLS_CHAR, /* a token of its own: Han, kana, Hangul, Thai ... */
	CLS_IGNORE, /* not there: accents, soft hyphens, direction marks */
	CLS_BREVE, /* makes a й of a Cyrillic и, else not there */
	CLS_CLAUSE, /* ends a phrase */
	CLS_SENTENCE, /* ends a phrase and a sentence */
	CLS_SPACE, /* white space; blank lines end a sentence */
	CLS_DASH /* separates words; between spaces it ends a phrase */
};

/* An entry: class in the top byte; below either the code point that it becomes (0: itself), or, with
 * CLS_FOLD_MULTI, the place in cls_fold_multi where a count and so many code points stand. */
#define CLS_FOLD_MULTI (1u << 23)
#define CLS_FOLD_VALUE 0x1fffffu

struct cls_fold_pair { /* kana and a sound mark make one character */
	uint16_t base;
	uint16_t half; /* 1: the half-voiced mark */
	uint16_t composed;
};

extern const uint16_t cls_fold_index[CLS_FOLD_LIMIT / 32];
extern const uint32_t cls_fold_pages[][32];
extern const uint32_t cls_fold_multi[];
extern const struct cls_fold_pair cls_fold_kana[];
extern const size_t cls_fold_kana_count;

static inline uint32_t cls_fold_entry(uint32_t cp)
{
	return cp < CLS_FOLD_LIMIT ? cls_fold_pages[cls_fold_index[cp >> 5]][cp & 31] : CLS_SEP << 24;
}

static inline enum cls_class cls_fold_class(uint32_t entry)
{
	return (enum cls_class)(entry >> 24);
}

/* One code point of UTF-8 from p (p < end). Returns its length, or 0 when the bytes there are not valid. */
size_t cls_fold_decode(const unsigned char *p, const unsigned char *end, uint32_t *cp);

/* Writes the UTF-8 of cp, at most 4 bytes; returns the length. */
static inline size_t cls_fold_encode(uint32_t cp, unsigned char *out)
{
	if (cp < 0x80) {
		out[0] = (unsigned char)cp;
		return 1;
	}
	if (cp < 0x800) {
		out[0] = (unsigned char)(0xc0 | cp >> 6);
		out[1] = (unsigned char)(0x80 | (cp & 0x3f));
		return 2;
	}
	if (cp < 0x10000) {
		out[0] = (unsigned char)(0xe0 | cp >> 12);
		out[1] = (unsigned char)(0x80 | (cp >> 6 & 0x3f));
		out[2] = (unsigned char)(0x80 | (cp & 0x3f));
		return 3;
	}
	out[0] = (unsigned char)(0xf0 | cp >> 18);
	out[1] = (unsigned char)(0x80 | (cp >> 12 & 0x3f));
	out[2] = (unsigned char)(0x80 | (cp >> 6 & 0x3f));
	out[3] = (unsigned char)(0x80 | (cp & 0x3f));
	return 4;
}

/* Base and mark (kana with U+3099, U+309A or the half-width marks; Hangul jamo) as one character, or 0. */
uint32_t cls_fold_compose(uint32_t base, uint32_t mark);

#endif
