/*
 * reactor: a table of sockets and one timer. Events of one poll are given out from a copy, as each may change the table. An idle socket stands there as
 * ~fd, which poll(2) passes over. The test ends when one is closed without a word, or another one that got its number is taken for it: a loop over epoll(7)
 * would watch nothing, or abort.
 */
#include "tests/fake/reactor.h"

#include "daemon/base/clock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define PATIENCE_MS 60000

static void check_same(const struct reactor *r, size_t i)
{
	struct stat st;
	int fd = r->socket[i].fd < 0 ? ~r->socket[i].fd : r->socket[i].fd;
	if (fstat(fd, &st) == 0 && st.st_ino == r->inode[i])
		return;
	fprintf(stderr, "# the reactor watches a socket that is closed: %d\n", fd);
	abort();
}

static void add(struct reactor *r, int fd)
{
	struct stat st;
	if (r->count == REACTOR_SOCKETS_MAX || fstat(fd, &st) != 0)
		abort();
	r->inode[r->count++] = st.st_ino;
}

static void take_out(struct reactor *r, size_t i)
{
	r->socket[i] = r->socket[--r->count];
	r->inode[i] = r->inode[r->count];
}

static void watch(void *ctx, int fd, int events)
{
	struct reactor *r = ctx;
	size_t i = 0;
	while (i < r->count && r->socket[i].fd != fd && r->socket[i].fd != ~fd)
		i++;
	if (events == 0 || events == FETCH_IDLE) {
		if (i < r->count && events == FETCH_IDLE)
			r->socket[i].fd = ~fd;
		else if (i < r->count)
			take_out(r, i);
		return;
	}
	if (i < r->count)
		check_same(r, i);
	else
		add(r, fd);
	r->connects += events == FETCH_WRITE;
	short want = (short)((events & FETCH_READ ? POLLIN : 0) | (events & FETCH_WRITE ? POLLOUT : 0));
	r->socket[i] = (struct pollfd){ fd, want, 0 };
}

static void timer(void *ctx, long ms)
{
	struct reactor *r = ctx;
	r->due_ms = ms < 0 ? INT64_MAX : clock_mono(&clock_system) + ms;
}

void reactor_init(struct reactor *r)
{
	r->count = r->connects = 0;
	r->due_ms = INT64_MAX;
}

struct fetch_reactor reactor_seam(struct reactor *r)
{
	return (struct fetch_reactor){ r, watch, timer };
}

void reactor_check(const struct reactor *r)
{
	for (size_t i = 0; i < r->count; i++)
		check_same(r, i);
}

static bool still_watched(const struct reactor *r, int fd)
{
	for (size_t i = 0; i < r->count; i++) {
		if (r->socket[i].fd == fd)
			return true;
	}
	return false;
}

static void deliver(struct reactor *r, struct fetcher *f, const struct pollfd *ready, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		short got = ready[i].revents;
		if (got == 0 || !still_watched(r, ready[i].fd))
			continue;
		bool bad = (got & (POLLERR | POLLHUP)) != 0;
		int events =
		    (got & POLLIN || bad ? FETCH_READ : 0) | (got & POLLOUT || bad ? FETCH_WRITE : 0);
		fetcher_on_socket(f, ready[i].fd, events);
	}
}

static void turn(struct reactor *r, struct fetcher *f, int64_t now, int64_t end)
{
	struct pollfd ready[REACTOR_SOCKETS_MAX];
	int64_t until = r->due_ms < end ? r->due_ms : end;
	size_t count = r->count;
	reactor_check(r);
	memcpy(ready, r->socket, count * sizeof(*ready));
	int n = poll(ready, count, until > now ? (int)(until - now) : 0);
	if (n < 0 && errno != EINTR)
		abort();
	if (n > 0)
		deliver(r, f, ready, count);
	if (r->due_ms <= clock_mono(&clock_system)) {
		r->due_ms = INT64_MAX;
		fetcher_on_timer(f);
	}
}

bool reactor_run(struct reactor *r, struct fetcher *f, const unsigned *done, unsigned wanted)
{
	int64_t end = clock_mono(&clock_system) + PATIENCE_MS;
	while (*done < wanted) {
		int64_t now = clock_mono(&clock_system);
		if (now >= end) {
			fprintf(stderr, "reactor: gave up waiting\n");
			return false;
		}
		turn(r, f, now, end);
	}
	return true;
}
