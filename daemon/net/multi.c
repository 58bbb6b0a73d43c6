/* multi: libcurl's multi handle and its two calls back: which sockets to watch, when to look again. Made anew when memory ran out in it. */
#include "daemon/net/fetch_priv.h"

#include <stdlib.h>

/* libcurl 7.88 leaves an entry behind for each host whose idle connection it evicts, and walks all of them for each next one: at 10,000
 * hosts that is most of a poll's CPU. What is kept is hop.c's decision instead. */
#define LIBCURL_EVICTS_NEVER (1L << 30) /* connections */

/* Of other ones, the resolver's, nobody is told when they are closed. */
static bool is_own(const struct fetcher *f, curl_socket_t fd)
{
	return (size_t)fd < f->own_room && f->own[fd];
}

/* One that finds no room is treated like the others. */
void multi_socket_opened(struct fetcher *f, curl_socket_t fd)
{
	size_t room = f->own_room ? f->own_room : 64;
	f->sockets++;
	while (room <= (size_t)fd)
		room *= 2;
	if (room != f->own_room) {
		bool *grown = realloc(f->own, room * sizeof(bool));
		if (!grown)
			return;
		memset(grown + f->own_room, 0, (room - f->own_room) * sizeof(bool));
		f->own = grown;
		f->own_room = room;
	}
	f->own[fd] = true;
}

void multi_socket_closes(struct fetcher *f, curl_socket_t fd)
{
	f->sockets--;
	if (!is_own(f, fd))
		return;
	f->own[fd] = false;
	f->reactor.watch(f->reactor.ctx, fd, 0);
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
	(void)easy, (void)unused;
	f->reactor.watch(f->reactor.ctx, fd, events[what] == 0 && is_own(f, fd) ? FETCH_IDLE : events[what]);
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
