/* store_lines: the lines of the sweep over the store. A line tells its number and the attempt that wrote it; the rest follows from these. */
#ifndef FAKE_STORE_LINES_H
#define FAKE_STORE_LINES_H

#include "daemon/base/str.h"

#define STORE_LINE_ROOM 80000u /* bytes; more than the longest line */

/* With its line feed; `out` has STORE_LINE_ROOM. Returns its length. */
size_t store_line_make(unsigned id, unsigned attempt, char *out);
/* The number behind `name` in a line, e.g. "\"seq\":"; 0: none. */
unsigned store_line_number(struct str line, const char *name);

#endif
