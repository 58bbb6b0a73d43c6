/* utf8_priv: the width tables, shared by utf8.c and utf8_width.c only. */
#ifndef BASE_UTF8_PRIV_H
#define BASE_UTF8_PRIV_H

#include <stddef.h>
#include <stdint.h>

struct utf8_range { /* inclusive; sorted, disjoint */
	uint32_t first, last;
};

extern const struct utf8_range utf8_zero_width[], utf8_two_columns[];
extern const size_t utf8_zero_width_count, utf8_two_columns_count;

#endif
