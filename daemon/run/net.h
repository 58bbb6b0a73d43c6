/* net: the port that fetches: the fetcher's reactor on libuv (one poll handle per socket, one timer). Main thread. */
#ifndef RUN_NET_H
#define RUN_NET_H

#include "daemon/net/request.h"

#include <uv.h>

struct net;

struct net_events {
	void *ctx;
	void (*fetched)(void *ctx, uint64_t id, const struct fetch_result *result);
};

bool net_open(uv_loop_t *loop, const struct fetch_keep *keep, const struct net_events *events,
    struct net **out, struct err *e) MUST_CHECK;
void net_keep(struct net *n, const struct fetch_keep *keep);
void net_close(struct net **n); /* pending requests are dropped without a word */

bool net_start(struct net *n, uint64_t id, const struct fetch_request *req, struct err *e) MUST_CHECK;
void net_cancel(struct net *n, uint64_t id);

#endif
