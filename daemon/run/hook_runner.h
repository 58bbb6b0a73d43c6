/*
 * hook_runner: the small process that starts user scripts, so that the daemon never forks and its own sandbox stays tight.
 * Two ways to be started, one way to work: one connection carries one request and one answer, or for a
 * script that stays (hook_stream) one after another until it is closed.
 *   gazetted --hook-runner   the daemon's own helper: connections arrive as descriptors over the socket SPAWN_FD
 *   gazetted --hook          systemd's gazetted-hook@.service: the connection is standard input
 */
#ifndef RUN_HOOK_RUNNER_H
#define RUN_HOOK_RUNNER_H

#include "daemon/base/err.h"

/* Both: the process's exit status. */
int hook_runner_run(int fd);
int hook_runner_serve_one(int fd);

/* In the daemon: both ends of a new connection, and the handing over of `theirs`, which stays the caller's to close, to the helper behind `runner`. */
bool hook_runner_connection(int *ours, int *theirs, struct err *e) MUST_CHECK;
bool hook_runner_give(int runner, int theirs, struct err *e) MUST_CHECK;
/* In the daemon, under systemd: connects to the socket unit. */
bool hook_runner_connect_path(const char *path, int *fd, struct err *e) MUST_CHECK;

#endif
