/* marks: a text with what the classifier saw in it. Evidence is checked as if it came from outside: a store may be anybody's. */
#ifndef PAGE_MARKS_H
#define PAGE_MARKS_H

#include "daemon/base/buf.h"

#include <jansson.h>

/* The field of the record, what counted for or against a topic in <mark>; as much of it as `room` bytes of HTML hold, the marks not counted.
 * Returns how many bytes of it that are. */
size_t marks_write(struct buf *b, const json_t *record, const char *field, size_t room);

#endif
