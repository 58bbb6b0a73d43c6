/* json_run: eight bytes of a JSON string at a time. */
#ifndef BASE_JSON_RUN_H
#define BASE_JSON_RUN_H

#include "daemon/base/bytes8.h"

#include <stdbool.h>

/* Does one of these eight end a run of plain bytes: a quote, a backslash, a control? */
static inline bool json_run_ends(uint64_t x)
{
	return (bytes8_zeros(x ^ BYTES8_ONES * '"') | bytes8_zeros(x ^ BYTES8_ONES * '\\') |
	           ((x - BYTES8_ONES * ' ') & ~x & BYTES8_HIGHS)) != 0;
}

#endif
