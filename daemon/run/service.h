/* service: the daemon from its first file to its last: opens the house, runs the loop, drains, closes. */
#ifndef RUN_SERVICE_H
#define RUN_SERVICE_H

#include "classifiers/classify.h"
#include "daemon/conf/conf.h"

struct service_start {
	struct conf *conf; /* checked; held by the service */
	struct classifier *classifier; /* compiled from it; the service's */
	bool once; /* poll everything once, then end */
};

/* Blocks until a signal or the end of the round. Returns the process's exit status (sysexits; with `once` 1 when a feed failed). */
int service_run(const struct service_start *start);

#endif
