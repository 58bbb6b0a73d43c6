/*
 * web: the read-only page on a server of its own. Requests are taken on the loop and answered by a thread of libuv's pool (page/page.h), so that a
 * page, however long it takes, holds up nothing. Main thread.
 */
#ifndef RUN_WEB_H
#define RUN_WEB_H

#include "daemon/conf/conf.h"

#include <uv.h>

struct web;

/* *out stays NULL without page.listen. What it needs of the configuration is copied. */
bool web_open(uv_loop_t *loop, const struct conf *conf, struct web **out, struct err *e) MUST_CHECK;
/* A thread of the pool is at work for it: the loop must run until it is not, before web_close. */
bool web_is_busy(const struct web *w);
/* No request is taken or begun any more; those that wait get no answer. */
void web_stop(struct web *w);
void web_close(struct web **w);

#endif
