/*
 * hook_box: runs one script to its end: no shell, a session of its own, the record on standard input, output kept to a bound, a deadline, and
 * no survivors: what it left behind is killed too, even when it became a daemon. The end is the exit of the process, not of its pipes.
 * For a process that does nothing else meanwhile: it reaps all children.
 */
#ifndef RUN_HOOK_BOX_H
#define RUN_HOOK_BOX_H

#include "daemon/base/buf.h"
#include "daemon/pipe/ports.h"

/* Blocks. `cancel_fd`: a socket; when its peer closes, the script is killed. Output goes to *output, whose limit is taken
 * from the request; result->output views it. */
void hook_box_run(
    const struct hook_request *req, int cancel_fd, struct buf *output, struct hook_result *result);

#endif
