/* feed_rhythm: how often the daemon asks a feed and why, as its status file tells it, for people. */
#ifndef CTL_FEED_RHYTHM_H
#define CTL_FEED_RHYTHM_H

#include "daemon/ctl/print.h"

#include <jansson.h>

/* Of one that was never asked nothing is printed. */
void feed_rhythm_print(struct printer *p, const json_t *feed);

#endif
