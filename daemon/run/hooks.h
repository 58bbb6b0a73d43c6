/*
 * hooks: the port that runs scripts: one connection to the hook runner for each, and one for each script that stays (hook_request.stream), whose
 * requests take turns. Under systemd the runner is the socket unit named in the
 * configuration, elsewhere a helper process of our own, started again when it is lost. Main thread.
 */
#ifndef RUN_HOOKS_H
#define RUN_HOOKS_H

#include "daemon/base/err.h"
#include "daemon/conf/conf.h"
#include "daemon/pipe/ports.h"

#include <uv.h>

struct hooks;

struct hooks_events {
	void *ctx;
	void (*done)(void *ctx, uint64_t id, const struct hook_result *result);
};

/* socket_path: NULL for a helper of our own. */
bool hooks_open(uv_loop_t *loop, const char *socket_path, const struct hooks_events *events,
    struct hooks **out, struct err *e) MUST_CHECK;
void hooks_close(struct hooks **h); /* running scripts are killed by their runner, nobody is told */

/* A path that a reload changed; running scripts stay where they are, idle streams end. */
bool hooks_configure(struct hooks *h, const char *socket_path, struct err *e) MUST_CHECK;

/* Streams that no alert has, or not with this command, end: at once when idle, else after the last answer that they owe. */
void hooks_keep_streams(struct hooks *h, const struct conf *conf);
void hooks_drain(struct hooks *h); /* all of them */

bool hooks_run(struct hooks *h, const struct hook_request *req, struct err *e) MUST_CHECK;

#endif
