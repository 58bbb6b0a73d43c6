/* event_title: an event in a sentence for people, from its line. */
#ifndef PIPE_EVENT_TITLE_H
#define PIPE_EVENT_TITLE_H

#include "daemon/base/buf.h"

#include <jansson.h>

/* NULL: the line tells of no event. Else the name of its kind, static. */
const char *event_kind_of(const json_t *line);
/* Appends nothing when it is none. */
void event_title(const json_t *line, struct buf *out);

#endif
