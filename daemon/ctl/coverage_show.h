/* coverage_show: what pipe/coverage.h found, for people and as JSON. */
#ifndef CTL_COVERAGE_SHOW_H
#define CTL_COVERAGE_SHOW_H

#include "daemon/ctl/print.h"
#include "daemon/pipe/coverage.h"

/* whole: the ledger's numbers and chain hold in the interval; else nothing is proven. */
void coverage_print(struct printer *p, const struct covered *c, const struct span *span, bool whole);
void coverage_json(struct printer *p, const struct covered *c, const struct span *span, bool whole);

#endif
