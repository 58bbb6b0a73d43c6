/* chart: counts as bars, an <svg> with its own words for those who do not see it. */
#ifndef PAGE_CHART_H
#define PAGE_CHART_H

#include "daemon/page/trend.h"

/* Matches at the bottom, what is left to people above them; today stands at the right. */
void chart_days(struct buf *b, const struct trend *t);
/* How many records have which score, with both thresholds as lines. */
void chart_scores(struct buf *b, const struct trend *t);

#endif
