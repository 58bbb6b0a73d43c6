/* reactor: the fetcher's seam to a loop, over poll(2): for tests that need no libuv. */
#ifndef FAKE_REACTOR_H
#define FAKE_REACTOR_H

#include "daemon/net/fetch.h"

#include <poll.h>
#include <sys/types.h>

#define REACTOR_SOCKETS_MAX 512

struct reactor {
	struct pollfd socket[REACTOR_SOCKETS_MAX];
	ino_t inode[REACTOR_SOCKETS_MAX]; /* of what each was when its watch began */
	size_t count;
	unsigned connects; /* watches for writing only that began */
	int64_t due_ms; /* monotonic; INT64_MAX: no timer */
};

void reactor_init(struct reactor *r);
struct fetch_reactor reactor_seam(struct reactor *r);
/* Ends the test unless each socket that is watched is open, and the one that it was. reactor_run does so before it waits. */
void reactor_check(const struct reactor *r);
/* Runs until *done reaches `wanted`; false after a minute, which only a broken fetcher needs. */
bool reactor_run(struct reactor *r, struct fetcher *f, const unsigned *done, unsigned wanted);

#endif
