/*
 * pool: the worker processes under the loop. One job at a time each; a job waits in order until one is free. A worker that dies or
 * overstays is replaced, and only its job hears of it. Main thread.
 */
#ifndef RUN_POOL_H
#define RUN_POOL_H

#include "daemon/base/buf.h"
#include "daemon/base/err.h"
#include "daemon/conf/conf.h"

#include <uv.h>

struct pool;

struct pool_events {
	void *ctx;
	void (*answer)(void *ctx, uint64_t id, struct str frame, int64_t took); /* ms of its worker */
	void (*lost)(void *ctx, uint64_t id, const char *why);
};

/* Starts the workers of this configuration. */
bool pool_open(uv_loop_t *loop, const struct conf *conf, const struct pool_events *events, struct pool **out,
    struct err *e) MUST_CHECK;
/* Ends the workers; jobs in flight are dropped without a word. The memory goes when the loop has closed the handles. */
void pool_close(struct pool **p);

/* Takes the bytes of the frame (pipe/job.h). Slow jobs leave a worker to the others, if there are several. */
bool pool_submit(struct pool *p, uint64_t id, bool slow, struct buf *frame, struct err *e) MUST_CHECK;

/* New topics or limits: every worker is replaced, and unanswered jobs are given to the new ones. */
bool pool_reload(struct pool *p, const struct conf *conf, struct err *e) MUST_CHECK;

#endif
