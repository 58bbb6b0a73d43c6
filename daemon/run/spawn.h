/*
 * spawn: our own binary again, as a helper process with one socket to talk over (descriptor SPAWN_FD in the child).
 * posix_spawn shares the parent's memory until exec, so it costs the same from a large process as from a small one.
 */
#ifndef RUN_SPAWN_H
#define RUN_SPAWN_H

#include "daemon/base/err.h"

#include <sys/types.h>

#define SPAWN_FD 3 /* the child's end of the socket pair */

/* Starts /proc/self/exe with one argument, in a process group of its own, with a nearly empty environment.
 * *fd: our end (close-on-exec); the child ends when it is closed. */
bool spawn_self(const char *mode, pid_t *pid, int *fd, struct err *e) MUST_CHECK;

/* Kills when it still runs, waits, and says in words how it ended ("killed by signal 9 (Killed)"). */
void spawn_reap(pid_t pid, char *words, size_t size);

/* In a child: ends with its parent, leaves no core, holds no other descriptors than 0-2 and SPAWN_FD. `name` (at most 15
 * bytes) is what ps and top show. */
void spawn_child_begin(const char *name);

#endif
