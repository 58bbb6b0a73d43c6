/*
 * reactor: a table of sockets and one timer. Events of one poll are given out from a copy, as each may change the table. An idle socket stands there as
 * ~fd, which poll(2) passes over; one that was closed without a word ends the test.
 */
#include "tests/fake/reactor.h"

#include "daemon/base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#define PATIENCE_MS 60000

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
			r->socket[i] = r->socket[--r->count];
		return;
	}
	if (i == REACTOR_SOCKETS_MAX)
		abort();
	if (i == r->count)
		r->count++;
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
	r->count = 0;
	r->due_ms = INT64_MAX;
}

struct fetch_reactor reactor_seam(struct reactor *r)
{
	return (struct fetch_reactor){ r, watch, timer };
}

static bool still_watched(const struct reactor *r, int fd)
{
	for (size_t i = 0; i < r->count; i++) {
		if (r->socket[i].fd == fd)
			return true;
	}
	return false;
}

static void check_idle_ones(const struct reactor *r)
{
	for (size_t i = 0; i < r->count; i++) {
		int fd = r->socket[i].fd;
		if (fd < 0 && fcntl(~fd, F_GETFD) < 0) {
			fprintf(stderr, "reactor: idle socket %d was closed without a word\n", ~fd);
			abort();
		}
	}
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
	check_idle_ones(r);
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
