/*
 * fetch: many requests at once over libcurl's multi socket interface. The only folder that includes libcurl.
 * It owns no loop: the caller gives it a reactor (two functions) and reports ready sockets and the timer back.
 * Main thread only. curl_global_init is called by fetch_open.
 */
#ifndef NET_FETCH_H
#define NET_FETCH_H

#include "daemon/net/request.h"

struct fetcher;
struct fetch;

enum { FETCH_READ = 1, FETCH_WRITE = 2, FETCH_IDLE = 4 };

struct fetch_reactor {
	void *ctx;
	/* Watch fd for these events. FETCH_IDLE alone: for none now, but it stays open and is watched again; it need not be taken out of any
	 * table. 0: forget it, it is closed next or has been already. */
	void (*watch)(void *ctx, int fd, int events);
	/* Call fetcher_on_timer after ms (0: as soon as possible); -1: cancel. One timer; a new value replaces the old. */
	void (*timer)(void *ctx, long ms);
};

/* Called exactly once per fetch, from fetcher_on_socket or fetcher_on_timer; never from fetch_start or fetch_cancel. It may start or
 * cancel others. The fetch is freed afterwards. */
typedef void fetch_done_f(void *ctx, const struct fetch_result *result);

/* Both are copied; the reactor must work until fetcher_close has returned. */
bool fetcher_open(const struct fetch_reactor *reactor, const struct fetch_keep *keep, struct fetcher **out,
    struct err *e) MUST_CHECK;
void fetcher_keep(struct fetcher *f, const struct fetch_keep *keep); /* from the next request on */
void fetcher_close(struct fetcher **f); /* pending fetches are dropped without a call */

/* Nothing of req need outlive the call. False: refused at once (bad scheme, memory); done is not called. */
bool fetch_start(struct fetcher *f, const struct fetch_request *req, fetch_done_f *done, void *ctx,
    struct fetch **out, struct err *e) MUST_CHECK;
void fetch_cancel(struct fetch **x); /* done is not called */

void fetcher_on_socket(struct fetcher *f, int fd, int events);
/* One that is watched for nothing has something to read: nobody has asked for it, so that it would be taken for the next answer. */
void fetcher_on_idle(struct fetcher *f, int fd);
void fetcher_on_timer(struct fetcher *f);
size_t fetcher_active(const struct fetcher *f);

#endif
