/* loop: opening it. Owns nothing: the loop is the caller's. */
#include "daemon/run/loop.h"
#include "daemon/base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sysexits.h>
#include <unistd.h>

static void on_abort(int number)
{
	(void)number;
	log_error(
	    "start", LOG_CSTR("reason", "memory, threads or descriptors are missing for the event loop"));
	_exit(EX_OSERR);
}

static void on_event(uv_poll_t *poll, int status, int events)
{
	(void)poll, (void)status, (void)events;
}

static void on_closed(uv_handle_t *handle)
{
	*(bool *)handle->data = true;
}

/* The table grows with the highest descriptor that was ever watched. 0, or libuv's error. */
static int watch_once(uv_loop_t *loop, int fd)
{
	uv_poll_t poll;
	bool closed = false;
	int failed = uv_poll_init(loop, &poll, fd);
	if (failed != 0)
		return failed;
	failed = uv_poll_start(&poll, UV_READABLE, on_event);
	poll.data = &closed;
	uv_close((uv_handle_t *)&poll, on_closed);
	while (!closed)
		uv_run(loop, UV_RUN_NOWAIT);
	return failed;
}

static int make_table(uv_loop_t *loop, unsigned descriptors)
{
	struct rlimit limit;
	int fd = eventfd(0, EFD_CLOEXEC), high = -1;
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && descriptors > limit.rlim_cur)
		descriptors = (unsigned)limit.rlim_cur;
	if (fd >= 0)
		high = fcntl(fd, F_DUPFD_CLOEXEC, descriptors > 0 ? (int)descriptors - 1 : 0);
	int failed = high >= 0 ? watch_once(loop, high) : -errno;
	if (high >= 0)
		close(high);
	if (fd >= 0)
		close(fd);
	return failed;
}

static void do_nothing(uv_work_t *work)
{
	(void)work;
}

static void on_worked(uv_work_t *work, int status)
{
	(void)status;
	*(bool *)work->data = true;
}

static int start_threads(uv_loop_t *loop)
{
	uv_work_t work;
	bool done = false;
	work.data = &done;
	int failed = uv_queue_work(loop, &work, do_nothing, on_worked);
	while (failed == 0 && !done)
		uv_run(loop, UV_RUN_ONCE);
	return failed;
}

static int open_whole(uv_loop_t *loop, unsigned descriptors)
{
	int failed = uv_loop_init(loop);
	if (failed != 0)
		return failed;
	failed = make_table(loop, descriptors);
	if (failed == 0)
		failed =
		    uv_loop_configure(loop, UV_METRICS_IDLE_TIME); /* how long it waits: the rest is work */
	if (failed == 0)
		failed = start_threads(loop);
	if (failed != 0)
		(void)uv_loop_close(loop);
	return failed;
}

bool loop_open(uv_loop_t *loop, unsigned descriptors, struct err *e)
{
	const struct sigaction leave = { .sa_handler = on_abort };
	struct sigaction usual;
	sigaction(SIGABRT, &leave, &usual);
	int failed = open_whole(loop, descriptors);
	sigaction(SIGABRT, &usual, NULL);
	return failed == 0 || err_set(e, ERR_IO, -failed, "event loop");
}
