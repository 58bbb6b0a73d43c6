/*
 * hook_child: the process of a script: a session of its own, pipes to it, how it ended, and what it left behind. Shared by hook_box (one script
 * to its end) and hook_stream (one that stays). For a process that does nothing else: it reaps all children.
 */
#ifndef RUN_HOOK_CHILD_H
#define RUN_HOOK_CHILD_H

#include "daemon/base/buf.h"
#include "daemon/pipe/ports.h"

struct hook_child {
	pid_t pid; /* 0: none */
	int in, out; /* non-blocking ends of its pipes; the caller's from the start on */
	int errors; /* stderr of its own, or -1: it is in `out` */
	int gone; /* pidfd: readable when it has ended; -1: no descriptor was left */
	int exit_status, signal; /* once it was taken */
};

/* `apart`: stderr has a pipe of its own. NULL: it runs; else why it could not be started. */
const char *hook_child_start(struct hook_child *c, const struct hook_request *req, bool apart) MUST_CHECK;

void hook_child_kill(const struct hook_child *c); /* the whole group; take_exit follows */
bool hook_child_take_exit(struct hook_child *c); /* does not block; true: it has ended and is reaped */
void hook_child_reap_strays(const struct hook_child *c); /* what it left and what has ended since */
void hook_child_kill_orphans(void); /* blocks until there is no child at all */

/* Keeps the end of what it says, at most `most` bytes: the last words say why it failed. */
void hook_child_keep_tail(struct buf *tail, size_t most, const char *p, size_t n);

#endif
