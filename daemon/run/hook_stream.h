/*
 * hook_stream: one script that stays: a line on its standard input for each delivery, a line on its standard output for each answer.
 *   OK             done
 *   RETRY [text]   try again later; so is silence until the deadline, and its death
 *   anything else  failed for good
 * What it says unasked would be taken for the answer to the next delivery: such a script is ended, as is one that missed its deadline; whoever
 * asks next gets a new one. For a process that does nothing else: it reaps all children.
 */
#ifndef RUN_HOOK_STREAM_H
#define RUN_HOOK_STREAM_H

#include "daemon/base/buf.h"
#include "daemon/run/hook_child.h"

#define STREAM_ANSWER_MAX 4096u /* bytes of an answer; what goes on longer is none */

struct hook_stream {
	struct hook_child child; /* pid 0: none runs */
	struct buf answer; /* read, not yet taken */
	struct buf errors; /* the end of stderr since the delivery began */
};

void hook_stream_init(struct hook_stream *s);
/* Closes its input, gives it a moment, kills what is left. */
void hook_stream_end(struct hook_stream *s);

/* Blocks until there is something to read on the connection (a request, or its end); watches over the script meanwhile. */
void hook_stream_idle(struct hook_stream *s, int connection);

/* Blocks. Starts the script when none runs. When the connection's peer closes, the script is killed. A bad end is told as the exit of a script
 * would be: status 75 for later, 1 for never. result->output views *output. */
void hook_stream_run(struct hook_stream *s, const struct hook_request *req, int connection,
    struct buf *output, struct hook_result *result);

#endif
