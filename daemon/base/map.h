/* map: a file's bytes as memory, read only, paged in as they are needed. For large files that are never changed in place. */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include "daemon/base/err.h"
#include "daemon/base/str.h"

/* The whole file, aligned to a page; an empty one is {NULL, 0}. Beyond `limit` ERR_LIMIT. Whoever replaces the file must do it by rename:
 * reading what was cut off ends the process. */
bool map_file(const char *path, size_t limit, struct str *out, struct err *e) MUST_CHECK;
void map_free(struct str *map); /* accepts an empty one; empties it */

#endif
