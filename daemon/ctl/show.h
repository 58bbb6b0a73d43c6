/* show: one line of a store as people want it: short, as JSON, or its text alone. */
#ifndef CTL_SHOW_H
#define CTL_SHOW_H

#include "daemon/ctl/print.h"

#include <jansson.h>

/* `record` may be NULL (not JSON, or not parsed): the line itself is shown. Unparsed lines are allowed with CTL_JSON only. */
void show_line(struct printer *p, enum ctl_output output, struct str line, const json_t *record);

#endif
