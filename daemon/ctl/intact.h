/* intact: is a line of a store still a record? Its reader finds what is no line, and does not look into one. */
#ifndef CTL_INTACT_H
#define CTL_INTACT_H

#include "daemon/base/str.h"

#include <stdbool.h>
#include <stdint.h>

/* If it is not, it is told, as what is passed over, and counted. number: of the line in the file; 0: not known. */
bool intact(const char *file, uint64_t number, struct str line, unsigned *damages);

#endif
