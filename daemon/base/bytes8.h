/* bytes8: eight bytes at a time, in a 64-bit word. */
#ifndef BASE_BYTES8_H
#define BASE_BYTES8_H

#include <stdint.h>

#define BYTES8_ONES UINT64_C(0x0101010101010101) /* of each byte the lowest bit, and the highest */
#define BYTES8_HIGHS UINT64_C(0x8080808080808080)

/* High bits at bytes that are zero, and perhaps at some behind the first of them. */
static inline uint64_t bytes8_zeros(uint64_t x)
{
	return (x - BYTES8_ONES) & ~x & BYTES8_HIGHS;
}

#endif
