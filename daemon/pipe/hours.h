/* hours: parts of the day in an alert's own time zone. Pure functions; milliseconds since the epoch. */
#ifndef PIPE_HOURS_H
#define PIPE_HOURS_H

#include "daemon/conf/conf.h"

/* When an alert may be delivered: now, or when its quiet hours end. Where a clock is set forward or back in them, what it shows decides: an
 * hour that it shows twice is quiet twice, an end that it skips is the next minute that it shows. */
int64_t quiet_ends(const struct conf_alert *a, int64_t now);

/* The end of the period of `every` in which this time lies; later than it. Periods are counted from midnight of the zone. */
int64_t period_ends(const struct conf_alert *a, int64_t at);

#endif
