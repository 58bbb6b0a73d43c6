/* feed_rhythm: how often the daemon asks a feed and why, out of its status file, for people. */
#ifndef CTL_FEED_RHYTHM_H
#define CTL_FEED_RHYTHM_H

#include "daemon/conf/conf.h"
#include "daemon/ctl/print.h"

#include <jansson.h>

/* The status file of this configuration's daemon; NULL: there is none to be read. The caller drops it. */
json_t *feed_rhythm_status(const struct conf *conf);
/* Of one that the daemon does not know nothing is printed. */
void feed_rhythm_print(struct printer *p, const json_t *status, const char *feed);

#endif
