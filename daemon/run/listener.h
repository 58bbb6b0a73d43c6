/*
 * listener: the daemon's own HTTP server, on its loop (libmicrohttpd's epoll descriptor under libuv). Owns the sockets and the requests that are not
 * answered yet; knows no feeds. Bounded: connections, bytes of a head, bytes of a body, the age of a connection. Main thread.
 */
#ifndef RUN_LISTENER_H
#define RUN_LISTENER_H

#include "daemon/base/buf.h"
#include "daemon/base/err.h"

#include <uv.h>

struct listener;
struct listener_request;

struct listener_events {
	void *ctx;
	/* When the head is there: how many bytes of a body are taken for this method and path; below 0: none of ours, answered with -status at
	 * once, 405 with `methods` as its Allow. */
	int64_t (*begins)(void *ctx, struct str method, struct str path);
	/* When all of it is there: exactly one listener_answer follows, now or later, by its ticket. The request is gone after this call. */
	void (*asked)(void *ctx, const struct listener_request *r, uint64_t ticket);
};

struct listener_options {
	const char *
	    address; /* for network_parse_endpoint; port 0: the kernel's choice; the file of unix:/path is ours while it is open */
	unsigned connections_max;
	int64_t timeout_ms;
	const char
	    *methods; /* that are taken at all, for the Allow of a 405; lives as long as the listener */
};

bool listener_open(uv_loop_t *loop, const struct listener_options *options,
    const struct listener_events *events, struct listener **out, struct err *e) MUST_CHECK;
/* Connections are closed, unanswered requests with them. */
void listener_close(struct listener **l);
unsigned listener_port(const struct listener *l);

/* Views, valid during `asked`. */
struct str listener_method(const struct listener_request *r);
struct str listener_path(const struct listener_request *r);
struct str listener_query(const struct listener_request *r); /* encoded as it was sent, without '?' */
struct str listener_header(const struct listener_request *r, const char *name); /* absent: {NULL, 0} */
struct buf *listener_body(const struct listener_request *r); /* may be taken */

struct listener_field {
	const char *name, *value;
};
struct listener_reply {
	unsigned status;
	const char *content_type; /* or NULL */
	struct str body; /* copied; not sent to HEAD */
	const struct listener_field *fields; /* further headers */
	size_t field_count;
};
/* A ticket of a request whose client has left: nothing happens. */
void listener_answer(struct listener *l, uint64_t ticket, const struct listener_reply *reply);

#endif
