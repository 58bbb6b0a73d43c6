/* alerts_retry: dead letters go again: the daemon is asked for it when they are what the caller takes them for. */
#ifndef CTL_ALERTS_RETRY_H
#define CTL_ALERTS_RETRY_H

#include "daemon/ctl/print.h"

/* `gazettectl alerts retry`; its exit code. */
int alerts_retry(struct ctl_args *args, struct printer *p);

#endif
