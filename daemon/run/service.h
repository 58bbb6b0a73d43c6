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

/* A signal that comes before service_run has taken them up waits for it; otherwise it would end us. First thing in main. */
void service_hold_signals(void);
void service_release_signals(void); /* for whoever does not serve: they do what they usually do */

/* Blocks until a signal or the end of the round. Returns the process's exit status (sysexits; with `once` 1 when a feed failed). */
int service_run(const struct service_start *start);

#endif
