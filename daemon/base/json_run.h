/* json_run: how far the plain bytes of a JSON string go, a block of them at a time. */
#ifndef BASE_JSON_RUN_H
#define BASE_JSON_RUN_H

#include "daemon/base/bytes8.h"

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/* Of a block those bytes that end a run, and those beyond ASCII: JSON_RUN_BITS for each byte, of which one is set. Behind the first that ends a run
 * there may be some that end none. */
struct json_run_block {
	uint64_t ends, beyond;
};

#if defined(__SSE2__)
#define JSON_RUN_BLOCK 16
#define JSON_RUN_BITS 1
static inline struct json_run_block json_run_block(const char *p)
{
	__m128i x = _mm_loadu_si128((const __m128i_u *)(const void *)p);
	__m128i controls = _mm_cmpeq_epi8(_mm_min_epu8(x, _mm_set1_epi8(' ' - 1)), x);
	__m128i marks =
	    _mm_or_si128(_mm_cmpeq_epi8(x, _mm_set1_epi8('"')), _mm_cmpeq_epi8(x, _mm_set1_epi8('\\')));

	return (struct json_run_block){
		.ends = (unsigned)_mm_movemask_epi8(_mm_or_si128(controls, marks)),
		.beyond = (unsigned)_mm_movemask_epi8(x),
	};
}
#else
#define JSON_RUN_BLOCK 8
#define JSON_RUN_BITS 8
static inline struct json_run_block json_run_block(const char *p)
{
	uint64_t x;

	memcpy(&x, p, sizeof(x));
	x = le64toh(x);
	return (struct json_run_block){
		.ends = bytes8_zeros(x ^ BYTES8_ONES * '"') | bytes8_zeros(x ^ BYTES8_ONES * '\\') |
		        ((x - BYTES8_ONES * ' ') & ~x & BYTES8_HIGHS),
		.beyond = x & BYTES8_HIGHS,
	};
}
#endif

static inline bool json_run_ends(char c)
{
	return c == '"' || c == '\\' || (unsigned char)c < ' ';
}

/* To the first quote, backslash or control, or to `end`. *high becomes true where a byte before it is beyond ASCII. */
static inline const char *json_run_skip(const char *p, const char *end, bool *high)
{
	for (; end - p >= JSON_RUN_BLOCK; p += JSON_RUN_BLOCK) {
		struct json_run_block b = json_run_block(p);

		if (b.ends) {
			int at = __builtin_ctzll(b.ends);

			*high |= (b.beyond & ((UINT64_C(1) << at) - 1)) != 0;
			return p + at / JSON_RUN_BITS;
		}
		*high |= b.beyond != 0;
	}
	for (; p < end && !json_run_ends(*p); p++)
		*high |= (unsigned char)*p >= 0x80;
	return p;
}

#endif
