/* json_run: eight bytes of a JSON string at a time. */
#ifndef BASE_JSON_RUN_H
#define BASE_JSON_RUN_H

#include <stdbool.h>
#include <stdint.h>

#define JSON_RUN_ONES UINT64_C(0x0101010101010101)
#define JSON_RUN_HIGHS UINT64_C(0x8080808080808080)

/* High bits at bytes that are zero, and perhaps at some behind the first of them. */
static inline uint64_t json_run_zeros(uint64_t x)
{
	return (x - JSON_RUN_ONES) & ~x & JSON_RUN_HIGHS;
}

/* Does one of these eight end a run of plain bytes: a quote, a backslash, a control? */
static inline bool json_run_ends(uint64_t x)
{
	return (json_run_zeros(x ^ JSON_RUN_ONES * '"') | json_run_zeros(x ^ JSON_RUN_ONES * '\\') |
	           ((x - JSON_RUN_ONES * ' ') & ~x & JSON_RUN_HIGHS)) != 0;
}

#endif
