/* multi: libcurl's multi handle and its two calls back: which sockets to watch, when to look again. Made anew when memory ran out in it. */
#include "daemon/net/multi.h"

#include <linux/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>

#define LEFTOVER_READS_MAX 64u /* of 4 kB each: more than a socket's buffer holds is not worth reading */

/* libcurl 7.88 leaves an entry behind for each host whose idle connection it evicts, and walks all of them for each next one: at 10,000
 * hosts that is most of a poll's CPU. What is kept is hop.c's decision instead. */
#define LIBCURL_EVICTS_NEVER (1L << 30) /* connections */

/*
 * What a descriptor is to libcurl. 7.88 closes a socket that is not connected yet without a word: it stops watching it, or opens another one that gets the
 * same number and takes that for watched, or never watched it. So the kernel is asked whether a socket is still the one that was opened. Of the resolver's
 * nobody is told anything.
 */
enum {
	SOCKET_FOREIGN, /* not open, or the resolver's */
	SOCKET_OPENED, /* within this call of libcurl */
	SOCKET_CONNECTING, /* watched, for writing only */
	SOCKET_CONNECTED
};

struct fetch_socket {
	uint64_t cookie; /* the kernel's number of the one that was opened */
	struct fetch *opener; /* until it is connected */
	unsigned state;
	bool fresh; /* it stands among those */
	bool framed; /* its last answer came by HTTP/2 */
};

static bool is_open(const struct fetch_socket *s, curl_socket_t fd)
{
	uint64_t cookie = 0;
	socklen_t n = sizeof(cookie);
	return getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &n) == 0 && cookie == s->cookie;
}

static bool make_room(struct fetcher *f, curl_socket_t fd)
{
	size_t room = f->socket_room ? f->socket_room : 64;
	while (room <= (size_t)fd)
		room *= 2;
	if (room == f->socket_room)
		return true;
	struct fetch_socket *sockets = reallocarray(f->sockets, room, sizeof(*sockets));
	f->sockets = sockets ? sockets : f->sockets;
	curl_socket_t *fresh = reallocarray(f->fresh, room, sizeof(*fresh));
	f->fresh = fresh ? fresh : f->fresh;
	if (!sockets || !fresh)
		return false;
	memset(sockets + f->socket_room, 0, (room - f->socket_room) * sizeof(*sockets));
	f->socket_room = room;
	return true;
}

static void enter(struct fetcher *f, struct fetch_socket *s, unsigned state)
{
	f->open -= s->state != SOCKET_FOREIGN;
	f->open += state != SOCKET_FOREIGN;
	s->state = state;
}

static bool is_unconnected(const struct fetch_socket *s)
{
	return s->state == SOCKET_OPENED || s->state == SOCKET_CONNECTING;
}

/* Was it not connected, then another address may be tried, or the last one was. */
static void leave(struct fetcher *f, const struct fetch_socket *s)
{
	if (is_unconnected(s) && s->opener->phase == FETCH_CONNECT)
		f->gave_up = s->opener->gave_up = true;
}

/* One that finds no room is treated like a foreign one. Where one with its number was watched, libcurl takes this one for watched. */
void multi_socket_opened(struct fetch *x, curl_socket_t fd)
{
	struct fetcher *f = x->owner;
	if (!make_room(f, fd))
		return;
	struct fetch_socket *s = &f->sockets[fd];
	socklen_t n = sizeof(s->cookie);
	bool watched = s->state == SOCKET_CONNECTING;
	leave(f, s);
	enter(f, s, watched ? SOCKET_CONNECTING : SOCKET_OPENED);
	s->opener = x;
	(void)getsockopt(fd, SOL_SOCKET, SO_COOKIE, &s->cookie, &n);
	if (!s->fresh)
		f->fresh[f->fresh_count++] = fd;
	s->fresh = true;
	if (!watched)
		return;
	f->reactor.watch(f->reactor.ctx, fd, 0);
	f->reactor.watch(f->reactor.ctx, fd, FETCH_WRITE);
}

static void forget(struct fetcher *f, curl_socket_t fd)
{
	enter(f, &f->sockets[fd], SOCKET_FOREIGN);
	f->reactor.watch(f->reactor.ctx, fd, 0);
}

void multi_socket_closes(struct fetcher *f, curl_socket_t fd)
{
	if ((size_t)fd >= f->socket_room || f->sockets[fd].state == SOCKET_FOREIGN)
		return;
	leave(f, &f->sockets[fd]);
	forget(f, fd);
}

/* Out of the states that it enters unwatched or watched for writing. */
static void settle(struct fetcher *f, struct fetch_socket *s, curl_socket_t fd)
{
	bool open = is_open(s, fd);
	if (open) {
		enter(f, s, SOCKET_CONNECTED);
		return;
	}
	leave(f, s);
	forget(f, fd); /* what has its number now is not what was watched */
}

/* One that nobody has watched was closed, or its answer was there before anybody waited for it. */
void multi_settle(struct fetcher *f)
{
	while (f->fresh_count > 0) {
		curl_socket_t fd = f->fresh[--f->fresh_count];
		f->sockets[fd].fresh = false;
		if (f->sockets[fd].state == SOCKET_OPENED)
			settle(f, &f->sockets[fd], fd);
	}
}

/* libcurl 7.88 does not say which connection a request goes over while it runs, except by what it waits for. */
static void note_socket(CURL *easy, curl_socket_t fd)
{
	struct fetch *x = NULL;
	(void)curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&x);
	if (x)
		x->socket = fd;
}

void multi_socket_drop_rest(curl_socket_t fd)
{
	char rest[4096];
	ssize_t n = 0;
	for (unsigned i = 0; i < LEFTOVER_READS_MAX && n >= 0; i++) {
		n = recv(fd, rest, sizeof(rest), MSG_DONTWAIT);
		if (n > 0)
			(void)shutdown(fd, SHUT_RDWR);
		if (n == 0)
			return;
	}
}

bool multi_socket_has_rest(const struct fetcher *f, curl_socket_t fd)
{
	char first;
	bool framed = (size_t)fd < f->socket_room && f->sockets[fd].framed;
	return !framed && recv(fd, &first, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

/* Of HTTP/2 libcurl takes a PING or the like for what it is. */
static bool is_framed(CURL *easy)
{
	long version = 0;
	return curl_easy_getinfo(easy, CURLINFO_HTTP_VERSION, &version) == CURLE_OK &&
	       version == CURL_HTTP_VERSION_2_0;
}

uint64_t multi_socket_received(const struct fetch *x)
{
	struct tcp_info info = { .tcpi_bytes_received = 0 };
	socklen_t n = sizeof(info);
	bool known =
	    x->socket != CURL_SOCKET_BAD && getsockopt(x->socket, IPPROTO_TCP, TCP_INFO, &info, &n) == 0;
	return known ? info.tcpi_bytes_received : 0;
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
	(void)unused;
	if (events[what] == 0) {
		leave(f, s);
		s->framed = is_framed(easy);
	}
	if (is_unconnected(s) && events[what] == FETCH_WRITE)
		s->state = SOCKET_CONNECTING;
	else if (is_unconnected(s))
		settle(f, s, fd);
	if (events[what] != 0 && s->state != SOCKET_FOREIGN)
		note_socket(easy, fd);
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
	/* One request at a time over a connection, of HTTP/2 as well. A server of HTTP/1 that writes "HTTP/2 200" is believed by 7.88: it would ask for
	 * everything at that host over one connection, and give each the answers of others. */
	(void)curl_multi_setopt(f->multi, CURLMOPT_PIPELINING, CURLPIPE_NOTHING);
	return true;
}

void multi_close(struct fetcher *f)
{
	(void)curl_multi_cleanup(f->multi);
	f->multi = NULL;
	/* Out of memory libcurl has closed some without a word. */
	for (size_t fd = 0; fd < f->socket_room; fd++)
		if (f->sockets[fd].state != SOCKET_FOREIGN)
			forget(f, (curl_socket_t)fd);
}
