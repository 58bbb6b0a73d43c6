/*
 * hook_call: one connection to the hook runner under the loop: an ask goes out, its answer comes back, and for a script that stays the next ask
 * follows. Knows no alert. Main thread.
 */
#ifndef RUN_HOOK_CALL_H
#define RUN_HOOK_CALL_H

#include "daemon/base/err.h"
#include "daemon/pipe/ports.h"

#include <sys/queue.h>
#include <uv.h>

/* A request that was copied, on its way out. */
struct hook_ask {
	STAILQ_ENTRY(hook_ask) entry; /* the caller's, until it is sent */
	uint64_t id;
	int64_t timeout_ms;
	struct buf frame;
	unsigned char header[8];
	uv_write_t write;
};

struct hook_ask *hook_ask_new(const struct hook_request *req); /* NULL: memory */
void hook_ask_free(struct hook_ask **ask);

struct hook_call;

/* `lost`: the connection has closed itself, forget it. result NULL: nothing was asked. Views end with this call. Not from inside a call here. */
typedef void hook_told_f(void *ctx, const struct hook_result *result, bool lost);

/* Takes fd even on failure. */
bool hook_call_open(
    uv_loop_t *loop, int fd, hook_told_f *told, void *ctx, struct hook_call **out, struct err *e) MUST_CHECK;
void hook_call_close(struct hook_call **call); /* nobody is told; the runner ends the script */

/* Takes the ask. One at a time. */
void hook_call_send(struct hook_call *call, struct hook_ask **ask);

#endif
