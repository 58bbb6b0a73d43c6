/* net: libcurl's sockets and timer under libuv. Owns the handles and the table of requests by id. */
#include "daemon/run/net.h"
#include "daemon/net/fetch.h"

#include <stdlib.h>
#include <sys/queue.h>

struct net_socket {
	uv_poll_t poll;
	struct net *net;
	int fd;
	int wanted; /* events, or FETCH_IDLE */
	int watched; /* events; they stay while it is idle, so that its next request costs no call of the kernel */
};

struct net_fetch {
	struct net *net;
	uint64_t id;
	struct fetch *fetch;
	LIST_ENTRY(net_fetch) entry;
};

struct net {
	uv_loop_t *loop;
	struct net_events events;
	struct fetcher *fetcher;
	uv_timer_t timer;
	struct net_socket **sockets; /* by descriptor */
	size_t socket_room;
	LIST_HEAD(net_fetches, net_fetch) fetches; /* as many as hosts.concurrency: a list is enough */
	bool closing;
};

static void on_socket(uv_poll_t *poll, int status, int events)
{
	struct net_socket *s = poll->data;
	if (s->wanted == FETCH_IDLE) { /* closed by its server, as a rule: who wants it next finds that out */
		uv_poll_stop(poll);
		s->watched = 0;
		fetcher_on_idle(s->net->fetcher, s->fd);
		return;
	}
	int what = (events & UV_READABLE ? FETCH_READ : 0) | (events & UV_WRITABLE ? FETCH_WRITE : 0);
	if (status < 0) /* libcurl finds out by itself what is wrong */
		what = FETCH_READ | FETCH_WRITE;
	fetcher_on_socket(s->net->fetcher, s->fd, what);
}

static void on_timer(uv_timer_t *t)
{
	struct net *n = t->data;
	fetcher_on_timer(n->fetcher);
}

static void on_socket_closed(uv_handle_t *h)
{
	free(h->data);
}

static void forget_socket(struct net *n, int fd)
{
	struct net_socket *s = n->sockets[fd];
	if (s == NULL)
		return;
	n->sockets[fd] = NULL;
	uv_poll_stop(&s->poll);
	uv_close((uv_handle_t *)&s->poll, on_socket_closed);
}

static bool make_room(struct net *n, int fd)
{
	size_t need = (size_t)fd + 1, room = n->socket_room ? n->socket_room : 64;
	if (need <= n->socket_room)
		return true;
	while (room < need)
		room *= 2;
	struct net_socket **grown = reallocarray(n->sockets, room, sizeof(struct net_socket *));
	if (grown == NULL)
		return false;
	memset(grown + n->socket_room, 0, (room - n->socket_room) * sizeof(struct net_socket *));
	n->sockets = grown;
	n->socket_room = room;
	return true;
}

static struct net_socket *socket_new(struct net *n, int fd)
{
	struct net_socket *s = calloc(1, sizeof(*s));
	if (s == NULL)
		return NULL;
	s->net = n;
	s->fd = fd;
	s->poll.data = s;
	if (uv_poll_init_socket(n->loop, &s->poll, fd) != 0) {
		free(s);
		return NULL;
	}
	n->sockets[fd] = s;
	return s;
}

static void watch(void *ctx, int fd, int events)
{
	struct net *n = ctx;
	struct net_socket *s = (size_t)fd < n->socket_room ? n->sockets[fd] : NULL;
	if (s == NULL && (events == 0 || events == FETCH_IDLE))
		return;
	if (events == 0) {
		forget_socket(n, fd);
		return;
	}
	/* A request whose socket cannot be watched for lack of memory ends by its own time-out. */
	if (s == NULL && (!make_room(n, fd) || (s = socket_new(n, fd)) == NULL))
		return;
	s->wanted = events;
	if (events == FETCH_IDLE || events == s->watched)
		return;
	s->watched = events;
	uv_poll_start(&s->poll,
	    (events & FETCH_READ ? UV_READABLE : 0) | (events & FETCH_WRITE ? UV_WRITABLE : 0), on_socket);
}

static void set_timer(void *ctx, long ms)
{
	struct net *n = ctx;
	if (n->closing)
		return;
	if (ms < 0)
		uv_timer_stop(&n->timer);
	else
		uv_timer_start(&n->timer, on_timer, (uint64_t)ms, 0);
}

static void fetch_unlink(struct net_fetch *f)
{
	LIST_REMOVE(f, entry);
	free(f);
}

static void on_done(void *ctx, const struct fetch_result *result)
{
	struct net_fetch *f = ctx;
	struct net *n = f->net;
	uint64_t id = f->id;
	fetch_unlink(f);
	n->events.fetched(n->events.ctx, id, result);
}

bool net_start(struct net *n, uint64_t id, const struct fetch_request *req, struct err *e)
{
	struct net_fetch *f = calloc(1, sizeof(*f));
	if (f == NULL)
		return err_nomem(e);
	f->net = n;
	f->id = id;
	if (!fetch_start(n->fetcher, req, on_done, f, &f->fetch, e)) {
		free(f);
		return false;
	}
	LIST_INSERT_HEAD(&n->fetches, f, entry);
	return true;
}

void net_cancel(struct net *n, uint64_t id)
{
	struct net_fetch *f;
	LIST_FOREACH(f, &n->fetches, entry)
	if (f->id == id) {
		fetch_cancel(&f->fetch);
		fetch_unlink(f);
		return;
	}
}

bool net_open(uv_loop_t *loop, const struct fetch_keep *keep, const struct net_events *events,
    struct net **out, struct err *e)
{
	struct net *n = calloc(1, sizeof(*n));
	if (n == NULL)
		return err_nomem(e);
	n->loop = loop;
	n->events = *events;
	const struct fetch_reactor reactor = { n, watch, set_timer };
	uv_timer_init(loop, &n->timer);
	n->timer.data = n;
	*out = n;
	if (fetcher_open(&reactor, keep, &n->fetcher, e))
		return true;
	net_close(out);
	return false;
}

void net_keep(struct net *n, const struct fetch_keep *keep)
{
	fetcher_keep(n->fetcher, keep);
}

static void on_net_closed(uv_handle_t *h)
{
	struct net *n = h->data;
	free(n->sockets);
	free(n);
}

void net_close(struct net **np)
{
	struct net *n = *np;
	struct net_fetch *f;
	if (n == NULL)
		return;
	*np = NULL;
	n->closing = true;
	fetcher_close(&n->fetcher);
	while ((f = LIST_FIRST(&n->fetches)) != NULL)
		/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): the list has lost it, which the analyser does not see */
		fetch_unlink(f);
	for (size_t fd = 0; fd < n->socket_room; fd++)
		forget_socket(n, (int)fd);
	uv_close((uv_handle_t *)&n->timer, on_net_closed);
}
