/*
 * worker: the child process that parses. Started by the pool as `gazetted --worker`; gets the topics first, enters the sandbox,
 * then answers one job after the other until its socket closes.
 */
#ifndef RUN_WORKER_H
#define RUN_WORKER_H

#include "daemon/base/buf.h"
#include "daemon/conf/conf.h"

/* The frame that a worker gets first: limits and topic files. */
void worker_topics_encode(const struct conf *conf, struct buf *out);

/* Runs until the socket closes; the process's exit status. */
int worker_run(int fd);

#endif
