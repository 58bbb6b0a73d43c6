/* scores_show: tables and JSON of gathered scores. */
#ifndef CTL_SCORES_SHOW_H
#define CTL_SCORES_SHOW_H

#include "daemon/base/json.h"
#include "daemon/ctl/print.h"
#include "daemon/ctl/scores.h"

/* wrong: how many of the worst mistakes of each topic are listed. False: no memory. */
bool scores_print(struct printer *p, const struct scores *s, uint64_t wrong) MUST_CHECK;
bool scores_write(
    struct json *w, const struct scores *s, uint64_t wrong) MUST_CHECK; /* members of an open object */

#endif
