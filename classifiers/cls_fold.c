/* cls_fold: decoding, encoding and joining of code points; the table is in cls_fold_table.c. */
#include "classifiers/cls_fold.h"

static size_t decode_tail(const unsigned char *p, size_t n, uint32_t least, uint32_t *cp)
{
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		*cp = *cp << 6 | (p[i] & 0x3fu);
	}
	return *cp >= least && *cp <= 0x10ffff && (*cp & 0xfffff800u) != 0xd800 ? n : 0;
}

size_t cls_fold_decode(const unsigned char *p, const unsigned char *end, uint32_t *cp)
{
	size_t left = (size_t)(end - p);

	if (p[0] < 0x80) {
		*cp = p[0];
		return 1;
	}
	if (p[0] < 0xe0) {
		*cp = p[0] & 0x1fu;
		return p[0] >= 0xc2 && left >= 2 ? decode_tail(p, 2, 0x80, cp) : 0;
	}
	if (p[0] < 0xf0) {
		*cp = p[0] & 0xfu;
		return left >= 3 ? decode_tail(p, 3, 0x800, cp) : 0;
	}
	*cp = p[0] & 7u;
	return p[0] < 0xf5 && left >= 4 ? decode_tail(p, 4, 0x10000, cp) : 0;
}

/* Hangul syllables are arithmetic: 19 leads, 21 vowels, 27 tails (Unicode, chapter 3.12). */
static uint32_t compose_hangul(uint32_t base, uint32_t mark)
{
	if (base >= 0x1100 && base < 0x1113 && mark >= 0x1161 && mark < 0x1176)
		return 0xac00 + ((base - 0x1100) * 21 + (mark - 0x1161)) * 28;
	if (base >= 0xac00 && base < 0xd7a4 && (base - 0xac00) % 28 == 0 && mark > 0x11a7 && mark < 0x11c3)
		return base + (mark - 0x11a7);
	return 0;
}

uint32_t cls_fold_compose(uint32_t base, uint32_t mark)
{
	uint16_t half = mark == 0x309a || mark == 0xff9f;

	if (!half && mark != 0x3099 && mark != 0xff9e)
		return compose_hangul(base, mark);
	for (size_t i = 0; i < cls_fold_kana_count; i++)
		if (cls_fold_kana[i].base == base && cls_fold_kana[i].half == half)
			return cls_fold_kana[i].composed;
	return 0;
}
