/* json_run: eight bytes of a JSON string at a time. */
#ifndef BASE_JSON_RUN_H
#define BASE_JSON_RUN_H

#include "daemon/base/bytes8.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* Does one of these eight end a run of plain bytes: a quote, a backslash, a control? */
static inline bool json_run_ends(uint64_t x)
{
	return (bytes8_zeros(x ^ BYTES8_ONES * '"') | bytes8_zeros(x ^ BYTES8_ONES * '\\') |
	           ((x - BYTES8_ONES * ' ') & ~x & BYTES8_HIGHS)) != 0;
}

/* Past as many eights of plain bytes as there are before `end`. *bits: those that any of them had are set. */
static inline const char *json_run_skip(const char *p, const char *end, uint64_t *bits)
{
	uint64_t x;

	for (; end - p >= (ptrdiff_t)sizeof(x); p += sizeof(x)) {
		memcpy(&x, p, sizeof(x));
		if (json_run_ends(x))
			break;
		*bits |= x;
	}
	return p;
}

#endif
