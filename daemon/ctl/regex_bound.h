/* regex_bound: how large an extended regular expression becomes. The C library writes counted repetitions out before it compiles, so that thirty
 * bytes can ask for gigabytes. */
#ifndef CTL_REGEX_BOUND_H
#define CTL_REGEX_BOUND_H

#include "daemon/base/err.h"
#include "daemon/base/str.h"

#define REGEX_MAX 1024 /* bytes of an expression: groups are compiled by recursion */
#define REGEX_ATOMS_MAX                                                                                      \
	2000u /* characters when written out; the time and memory of compiling grow with the square: some 30 MB here */

/* False, with the reason: too long, too large written out, or with references back, whose matching can take for ever. Says nothing about
 * whether the expression is one. */
bool regex_is_bounded(struct str pattern, struct err *e) MUST_CHECK;

#endif
