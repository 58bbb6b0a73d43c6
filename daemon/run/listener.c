/*
 * listener: libmicrohttpd without threads of its own. Its descriptor wakes the loop, its time-outs are our timer. A request that is answered later is
 * suspended until then. What libmicrohttpd does not bound is the age of a connection that speaks a byte now and then: those are shut down here.
 */
#include "daemon/run/listener.h"

#include "daemon/base/clock.h"
#include "daemon/base/network.h"
#include "daemon/run/local_socket.h"

#include <microhttpd.h>
#include <stdlib.h>
#include <sys/queue.h>
#include <sys/socket.h>

#define HEAD_MAX (16u << 10) /* bytes of a connection's memory: its request line and headers */
#define SWEEP_MS 1000 /* between looks at the age of connections */

struct connection {
	int fd;
	int64_t since; /* monotonic ms */
	LIST_ENTRY(connection) entry;
};

struct listener_request {
	struct listener *owner;
	struct MHD_Connection *connection;
	uint64_t ticket;
	const char *method, *path;
	struct buf query, body;
	size_t body_max;
	unsigned refused; /* status; 0: it is taken */
	bool asked, suspended, too_large;
	struct MHD_Response *response; /* NULL: none yet */
	unsigned status;
	LIST_ENTRY(listener_request) entry;
};

struct listener {
	uv_loop_t *loop;
	struct listener_events events;
	struct MHD_Daemon *daemon;
	uv_poll_t poll;
	uv_timer_t timer, sweep;
	unsigned open_handles;
	unsigned connected;
	int64_t timeout_ms;
	const char *methods;
	bool closing; /* what still comes is turned away */
	uint64_t last_ticket;
	unsigned port;
	struct sockaddr_un file; /* of the socket; its name is "" when there is none */
	LIST_HEAD(connections, connection) connections;
	LIST_HEAD(requests, listener_request) requests;
};

static void turn(struct listener *l);

static void on_turn(uv_timer_t *t)
{
	turn(t->data);
}

static void arm(struct listener *l)
{
	MHD_UNSIGNED_LONG_LONG ms;
	if (MHD_get_timeout(l->daemon, &ms) == MHD_YES)
		uv_timer_start(&l->timer, on_turn, ms, 0);
	else
		uv_timer_stop(&l->timer);
}

static void turn(struct listener *l)
{
	(void)MHD_run(l->daemon);
	arm(l);
}

static void on_ready(uv_poll_t *poll, int status, int events)
{
	(void)status, (void)events;
	turn(poll->data);
}

static void on_sweep(uv_timer_t *t)
{
	struct listener *l = t->data;
	struct connection *c;
	bool crowded = l->connected > 0;
	int64_t before = clock_mono(&clock_system) - l->timeout_ms;
	LIST_FOREACH(c, &l->connections, entry)
	if (c->since < before)
		(void)shutdown(c->fd, SHUT_RDWR);
	/* Also when there is none any more: after a crowd libmicrohttpd listens again in its next turn, and nothing else may bring one. */
	turn(l);
	if (!crowded && l->connected == 0)
		uv_timer_stop(&l->sweep);
}

static void on_connection(
    void *ctx, struct MHD_Connection *connection, void **socket_ctx, enum MHD_ConnectionNotificationCode code)
{
	struct listener *l = ctx;
	const union MHD_ConnectionInfo *info =
	    MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct connection *c = *socket_ctx;
	if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
		l->connected--;
		if (c)
			LIST_REMOVE(c, entry);
		free(c);
		*socket_ctx = NULL;
		return;
	}
	if (l->connected++ == 0 && !uv_is_active((const uv_handle_t *)&l->sweep) && !l->closing)
		uv_timer_start(&l->sweep, on_sweep, SWEEP_MS, SWEEP_MS);
	/* Without memory it lives as long as libmicrohttpd's own time-out lets it. */
	c = info ? calloc(1, sizeof(*c)) : NULL;
	if (!c)
		return;
	c->fd = info->connect_fd;
	c->since = clock_mono(&clock_system);
	LIST_INSERT_HEAD(&l->connections, c, entry);
	*socket_ctx = c;
}

/* The query as it came: libmicrohttpd's decoded arguments know no order and no repetition. A path with a NUL in it would end there once it is decoded. */
static void *on_line(void *ctx, const char *uri, struct MHD_Connection *connection)
{
	struct listener *l = ctx;
	struct listener_request *r = calloc(1, sizeof(*r));
	const char *mark = strchr(uri, '?');
	if (!r)
		return NULL;
	r->owner = l;
	r->connection = connection;
	r->ticket = ++l->last_ticket;
	buf_init(&r->query, HEAD_MAX);
	buf_init(&r->body, 0);
	if (mark)
		buf_str(&r->query, str_from(mark + 1));
	if (str_find(str_of(uri, mark ? (size_t)(mark - uri) : strlen(uri)), STR("%00"), 0) != SIZE_MAX)
		r->refused = MHD_HTTP_BAD_REQUEST;
	LIST_INSERT_HEAD(&l->requests, r, entry);
	return r;
}

static void on_completed(
    void *ctx, struct MHD_Connection *connection, void **request_ctx, enum MHD_RequestTerminationCode why)
{
	struct listener_request *r = *request_ctx;
	(void)ctx, (void)connection, (void)why;
	*request_ctx = NULL;
	if (!r)
		return;
	LIST_REMOVE(r, entry);
	if (r->response)
		MHD_destroy_response(r->response);
	buf_fini(&r->query);
	buf_fini(&r->body);
	free(r);
}

static bool set_answer(struct listener_request *r, const struct listener_reply *reply)
{
	struct MHD_Response *response = MHD_create_response_from_buffer(
	    reply->body.n, (void *)(uintptr_t)(reply->body.p ? reply->body.p : ""), MHD_RESPMEM_MUST_COPY);
	if (!response)
		return false;
	if (reply->content_type)
		(void)MHD_add_response_header(response, "Content-Type", reply->content_type);
	for (size_t i = 0; i < reply->field_count; i++)
		(void)MHD_add_response_header(response, reply->fields[i].name, reply->fields[i].value);
	r->response = response;
	r->status = reply->status;
	return true;
}

static bool set_status(struct listener_request *r, unsigned status)
{
	return set_answer(r, &(struct listener_reply){ .status = status });
}

/* RFC 9110, section 15.5.6: who asks in the wrong way is told the right ones. */
static bool set_refusal(struct listener_request *r, unsigned status)
{
	const struct listener_field allow = { MHD_HTTP_HEADER_ALLOW, r->owner->methods };
	return set_answer(r, &(struct listener_reply){
	                         .status = status,
	                         .fields = &allow,
	                         .field_count = status == MHD_HTTP_METHOD_NOT_ALLOWED,
	                     });
}

static enum MHD_Result send_answer(struct listener_request *r)
{
	return MHD_queue_response(r->connection, r->status, r->response);
}

/* Before the body comes: MHD_NO closes the connection, an answer now saves reading it. */
static enum MHD_Result begin(struct listener_request *r, const char *method, const char *path)
{
	struct listener *l = r->owner;
	r->method = method;
	r->path = path;
	r->asked = true;
	int64_t most = r->refused ? -(int64_t)r->refused
	                          : l->events.begins(l->events.ctx, str_from(method), str_from(path));
	if (most < 0)
		return set_refusal(r, (unsigned)-most) ? send_answer(r) : MHD_NO;
	r->body_max = (size_t)most;
	r->body.limit = (size_t)most + 1;
	return MHD_YES;
}

static void take_body(struct listener_request *r, const char *p, size_t n)
{
	if (r->too_large)
		return;
	r->too_large = n > r->body_max - r->body.n;
	if (r->too_large)
		buf_fini(&r->body);
	else
		buf_add(&r->body, p, n);
}

static enum MHD_Result finish(struct listener_request *r)
{
	struct listener *l = r->owner;
	if (r->response)
		return send_answer(r);
	if (r->too_large || r->body.failed || r->query.failed) {
		unsigned status = r->too_large ? MHD_HTTP_CONTENT_TOO_LARGE : MHD_HTTP_SERVICE_UNAVAILABLE;
		return set_status(r, status) ? send_answer(r) : MHD_NO;
	}
	l->events.asked(l->events.ctx, r, r->ticket);
	buf_fini(&r->body);
	if (r->response)
		return send_answer(r);
	r->suspended = true;
	MHD_suspend_connection(r->connection);
	return MHD_YES;
}

static enum MHD_Result on_request(void *ctx, struct MHD_Connection *connection, const char *path,
    const char *method, const char *version, const char *upload, size_t *upload_size, void **request_ctx)
{
	struct listener_request *r = *request_ctx;
	(void)ctx, (void)connection, (void)version;
	if (!r || (r->owner->closing && !r->response))
		return MHD_NO;
	if (!r->asked)
		return begin(r, method, path);
	if (*upload_size > 0) {
		take_body(r, upload, *upload_size);
		*upload_size = 0;
		return MHD_YES;
	}
	return finish(r);
}

static struct listener_request *find(const struct listener *l, uint64_t ticket)
{
	struct listener_request *r;
	LIST_FOREACH(r, &l->requests, entry)
	if (r->ticket == ticket)
		return r;
	return NULL;
}

void listener_answer(struct listener *l, uint64_t ticket, const struct listener_reply *reply)
{
	struct listener_request *r = find(l, ticket);
	if (!r || r->response)
		return;
	if (!set_answer(r, reply)) /* then it gets none, and the client tries again */
		(void)set_status(r, MHD_HTTP_SERVICE_UNAVAILABLE);
	if (!r->suspended) /* asked just now: `finish` sends it */
		return;
	r->suspended = false;
	MHD_resume_connection(r->connection);
	/* Not here: whoever answers is in the middle of something, and the turn may bring the next request. */
	uv_timer_start(&l->timer, on_turn, 0, 0);
}

struct str listener_method(const struct listener_request *r)
{
	return str_from(r->method);
}

struct str listener_path(const struct listener_request *r)
{
	return str_from(r->path);
}

struct str listener_query(const struct listener_request *r)
{
	return buf_view(&r->query);
}

struct str listener_header(const struct listener_request *r, const char *name)
{
	return str_from(MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND, name));
}

struct buf *listener_body(const struct listener_request *r)
{
	return (struct buf *)(uintptr_t)&r->body;
}

static void say_nothing(void *ctx, const char *text, va_list ap)
{
	(void)ctx, (void)text, (void)ap;
}

/* The socket when it is a file; -1: libmicrohttpd makes it. */
static bool open_socket(struct listener *l, const struct sockaddr_storage *address, int *fd, struct err *e)
{
	const struct sockaddr_un *name = (const struct sockaddr_un *)(const void *)address;
	*fd = -1;
	if (address->ss_family != AF_UNIX)
		return true;
	if (!local_socket_open(name, fd, e))
		return false;
	l->file = *name;
	return true;
}

static struct MHD_Daemon *start(
    struct listener *l, const struct listener_options *o, const struct sockaddr_storage *address, int fd)
{
	unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC | MHD_USE_ERROR_LOG;
	unsigned silence = (unsigned)(o->timeout_ms / 2000);
	if (address->ss_family == AF_INET6)
		flags |= MHD_USE_IPv6;
	const struct MHD_OptionItem where[] = {
		fd >= 0 ? (struct MHD_OptionItem){ MHD_OPTION_LISTEN_SOCKET, fd, NULL }
		        : (struct MHD_OptionItem){ MHD_OPTION_SOCK_ADDR, 0, (void *)(uintptr_t)address },
		{ MHD_OPTION_END, 0, NULL },
	};
	return MHD_start_daemon(flags, 0, NULL, NULL, on_request, l, MHD_OPTION_EXTERNAL_LOGGER, say_nothing,
	    NULL, MHD_OPTION_ARRAY, where, MHD_OPTION_CONNECTION_LIMIT, o->connections_max,
	    MHD_OPTION_CONNECTION_TIMEOUT, silence > 0 ? silence : 1u, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
	    (size_t)HEAD_MAX * 2, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_NOTIFY_COMPLETED, on_completed,
	    l, MHD_OPTION_NOTIFY_CONNECTION, on_connection, l, MHD_OPTION_URI_LOG_CALLBACK, on_line, l,
	    MHD_OPTION_LISTENING_ADDRESS_REUSE, 1u, MHD_OPTION_END);
}

static void on_handle_closed(uv_handle_t *h)
{
	struct listener *l = h->data;
	if (--l->open_handles == 0)
		free(l);
}

static bool watch(struct listener *l, struct err *e)
{
	const union MHD_DaemonInfo *info = MHD_get_daemon_info(l->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	const union MHD_DaemonInfo *port = MHD_get_daemon_info(l->daemon, MHD_DAEMON_INFO_BIND_PORT);
	if (!info || !port || uv_poll_init(l->loop, &l->poll, info->epoll_fd) != 0)
		return err_set(e, ERR_IO, 0, "the server's descriptor cannot be watched");
	l->open_handles++;
	l->poll.data = l;
	l->port = port->port;
	uv_poll_start(&l->poll, UV_READABLE, on_ready);
	arm(l);
	return true;
}

bool listener_open(uv_loop_t *loop, const struct listener_options *options,
    const struct listener_events *events, struct listener **out, struct err *e)
{
	struct sockaddr_storage address = { 0 };
	int fd;
	if (!network_parse_endpoint(str_from(options->address), &address, e))
		return false;
	struct listener *l = calloc(1, sizeof(*l));
	if (!l)
		return err_nomem(e);
	l->loop = loop;
	l->events = *events;
	l->timeout_ms = options->timeout_ms;
	l->methods = options->methods;
	uv_timer_init(loop, &l->timer);
	uv_timer_init(loop, &l->sweep);
	l->timer.data = l->sweep.data = l;
	l->open_handles = 2;
	*out = l;
	bool opened = open_socket(l, &address, &fd, e);
	if (opened)
		l->daemon = start(l, options, &address, fd);
	if (opened &&
	    (l->daemon ? watch(l, e) : err_set(e, ERR_IO, errno, "cannot listen on %s", options->address)))
		return true;
	listener_close(out);
	return false;
}

unsigned listener_port(const struct listener *l)
{
	return l->port;
}

/* libmicrohttpd may not stop with connections that are suspended. */
static void resume_all(struct listener *l)
{
	struct listener_request *r;
	LIST_FOREACH(r, &l->requests, entry)
	if (r->suspended)
		listener_answer(
		    l, r->ticket, &(struct listener_reply){ .status = MHD_HTTP_SERVICE_UNAVAILABLE });
	(void)MHD_run(l->daemon);
}

void listener_close(struct listener **lp)
{
	struct listener *l = *lp;
	if (!l)
		return;
	*lp = NULL;
	l->closing = true;
	if (l->daemon)
		resume_all(l);
	if (l->open_handles == 3)
		uv_close((uv_handle_t *)&l->poll, on_handle_closed);
	uv_close((uv_handle_t *)&l->timer, on_handle_closed);
	uv_close((uv_handle_t *)&l->sweep, on_handle_closed);
	if (l->daemon)
		MHD_stop_daemon(l->daemon);
	if (l->file.sun_path[0] != '\0')
		local_socket_remove(l->file.sun_path);
}
