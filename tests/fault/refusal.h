/* refusal: which allocation of a test program is refused: one, or all from one on. Include it in the one file that stands in for the allocator. */
#ifndef FAULT_REFUSAL_H
#define FAULT_REFUSAL_H

#include <errno.h>
#include <stdbool.h>

static long countdown = -1; /* allocations until one fails; -1: none does */
static bool forever, failed;

static inline bool refuse(void)
{
	if (countdown < 0)
		return false;
	if (countdown > 0) {
		countdown--;
		return false;
	}
	failed = true;
	errno = ENOMEM;
	if (!forever)
		countdown = -1;
	return true;
}

#endif
