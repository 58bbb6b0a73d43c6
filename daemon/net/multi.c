/* multi: libcurl's multi handle and its two calls back: which sockets to watch, when to look again. Made anew when memory ran out in it. */
#include "daemon/net/fetch_priv.h"

#include <stdlib.h>

/* libcurl 7.88 leaves an entry behind for each host whose idle connection it evicts, and walks all of them for each next one: at 10,000
 * hosts that is most of a poll's CPU. What is kept is hop.c's decision instead. */
#define LIBCURL_EVICTS_NEVER (1L << 30) /* connections */

/* What a descriptor is to libcurl. Nobody is told when it closes a socket of the resolver's, or one that is not connected yet: it stops watching it, or opens
 * another one that gets the same number. */
enum {
	SOCKET_FOREIGN, /* not open, or the resolver's */
	SOCKET_CONNECTING, /* watched for writing at most */
	SOCKET_CONNECTED
};

static uint64_t cookie_of(curl_socket_t fd)
{
	uint64_t cookie = 0;
	socklen_t n = sizeof(cookie);
	(void)getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &n);
	return cookie;
}

static bool make_room(struct fetcher *f, curl_socket_t fd)
{
	size_t room = f->socket_room ? f->socket_room : 64;
	while (room <= (size_t)fd)
		room *= 2;
	if (room == f->socket_room)
		return true;
	struct fetch_socket *grown = reallocarray(f->sockets, room, sizeof(struct fetch_socket));
	if (!grown)
		return false;
	memset(grown + f->socket_room, 0, (room - f->socket_room) * sizeof(struct fetch_socket));
	f->sockets = grown;
	f->socket_room = room;
	return true;
}

static void enter(struct fetcher *f, struct fetch_socket *s, unsigned state)
{
	f->open -= s->state != SOCKET_FOREIGN;
	f->open += state != SOCKET_FOREIGN;
	s->state = state;
}

/* One that finds no room is treated like a foreign one. Where another one with its number was watched, libcurl takes this one for watched too. */
void multi_socket_opened(struct fetcher *f, curl_socket_t fd)
{
	if (!make_room(f, fd))
		return;
	bool watched = f->sockets[fd].state == SOCKET_CONNECTING;
	f->sockets[fd].cookie = cookie_of(fd);
	enter(f, &f->sockets[fd], SOCKET_CONNECTING);
	if (!watched)
		return;
	f->reactor.watch(f->reactor.ctx, fd, 0);
	f->reactor.watch(f->reactor.ctx, fd, FETCH_WRITE);
}

void multi_socket_closes(struct fetcher *f, curl_socket_t fd)
{
	if ((size_t)fd >= f->socket_room || f->sockets[fd].state == SOCKET_FOREIGN)
		return;
	enter(f, &f->sockets[fd], SOCKET_FOREIGN);
	f->reactor.watch(f->reactor.ctx, fd, 0);
}

/* The state of one of which libcurl wants these events now. Some answers are there before anybody waits for them. */
static unsigned next_state(const struct fetch_socket *s, curl_socket_t fd, int events)
{
	if (s->state != SOCKET_CONNECTING || events == FETCH_WRITE)
		return s->state;
	return s->cookie == cookie_of(fd) ? SOCKET_CONNECTED : SOCKET_FOREIGN;
}

static int on_socket_change(CURL *easy, curl_socket_t fd, int what, void *ctx, void *unused)
{
	static const int events[] = {
		[CURL_POLL_NONE] = 0,
		[CURL_POLL_IN] = FETCH_READ,
		[CURL_POLL_OUT] = FETCH_WRITE,
		[CURL_POLL_INOUT] = FETCH_READ | FETCH_WRITE,
		[CURL_POLL_REMOVE] = 0,
	};
	struct fetcher *f = ctx;
	struct fetch_socket none = { 0 }, *s = (size_t)fd < f->socket_room ? &f->sockets[fd] : &none;
	(void)easy, (void)unused;
	enter(f, s, next_state(s, fd, events[what]));
	bool idle = events[what] == 0 && s->state != SOCKET_FOREIGN;
	f->reactor.watch(f->reactor.ctx, fd, idle ? FETCH_IDLE : events[what]);
	return 0;
}

static int on_timer_change(CURLM *multi, long ms, void *ctx)
{
	struct fetcher *f = ctx;
	(void)multi;
	f->reactor.timer(f->reactor.ctx, ms);
	return 0;
}

bool multi_open(struct fetcher *f, struct err *e)
{
	f->multi = curl_multi_init();
	if (!f->multi)
		return err_nomem(e);
	(void)curl_multi_setopt(f->multi, CURLMOPT_SOCKETFUNCTION, on_socket_change);
	(void)curl_multi_setopt(f->multi, CURLMOPT_SOCKETDATA, f);
	(void)curl_multi_setopt(f->multi, CURLMOPT_TIMERFUNCTION, on_timer_change);
	(void)curl_multi_setopt(f->multi, CURLMOPT_TIMERDATA, f);
	(void)curl_multi_setopt(f->multi, CURLMOPT_MAXCONNECTS, LIBCURL_EVICTS_NEVER);
	return true;
}

void multi_close(struct fetcher *f)
{
	(void)curl_multi_cleanup(f->multi);
	f->multi = NULL;
}
