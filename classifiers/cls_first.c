/* cls_first: setting the bits. */
#include "classifiers/cls_first.h"

static uint32_t place_of(const struct cls_word *w)
{
	unsigned char bytes[8] = { 0 };
	uint64_t x;

	memcpy(bytes, w->p, w->n < 8 ? w->n : 8);
	memcpy(&x, bytes, 8);
	x = le64toh(x);
	if (!w->prefix)
		return cls_first_place(x, 8, CLS_FIRST_WORD);
	if (w->n >= 6)
		return cls_first_place(x, 6, CLS_FIRST_SIX);
	if (w->n >= 4)
		return cls_first_place(x, 4, CLS_FIRST_FOUR);
	return w->n == 3 ? cls_first_place(x, 3, CLS_FIRST_THREE) : cls_first_place(x, 2, CLS_FIRST_TWO);
}

void cls_first_add(struct cls_first *f, const struct cls_word *w)
{
	uint32_t place = place_of(w);

	f->bit[place / 64] |= 1ull << place % 64;
	f->has_short = f->has_short || (w->prefix && w->n < 4);
}
