/* The loop has what it needs from its start: libuv aborts where it fails to get more. Each case is a child, whose end tells. */
#include "daemon/base/log.h"
#include "daemon/run/loop.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include <cmocka.h>

#define ROOM 600u /* descriptors */

static long countdown = -1; /* allocations until all fail; -1: none does */

static bool refuse(void)
{
	if (countdown > 0)
		countdown--;
	return countdown == 0;
}

static void *refusing_malloc(size_t n)
{
	return refuse() ? NULL : malloc(n);
}

static void *refusing_realloc(void *p, size_t n)
{
	return refuse() ? NULL : realloc(p, n);
}

static void *refusing_calloc(size_t n, size_t each)
{
	return refuse() ? NULL : calloc(n, each);
}

typedef int child_f(long arg);

/* The exit status of a child that runs this; 128 and more: the signal. */
static int status_of(child_f *child, long arg)
{
	int status;
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		const struct rlimit no_core = { 0, 0 };
		setrlimit(RLIMIT_CORE, &no_core);
		log_set_level(LOG_LEVEL_ERROR);
		(void)uv_replace_allocator(refusing_malloc, refusing_realloc, refusing_calloc, free);
		_exit(child(arg));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static void on_event(uv_poll_t *poll, int status, int events)
{
	(void)poll, (void)status, (void)events;
}

/* No memory once the loop is open, and a handle on its highest descriptor. */
static int use_highest(long room)
{
	static uv_loop_t loop;
	static uv_poll_t poll;
	struct err e = { .kind = ERR_NONE };
	if (!loop_open(&loop, (unsigned)room, &e))
		return 1;
	countdown = 0;
	int fd = fcntl(eventfd(0, 0), F_DUPFD, (int)ROOM - 1);
	if (fd != (int)ROOM - 1 || uv_poll_init(&loop, &poll, fd) != 0)
		return 2;
	return uv_poll_start(&poll, UV_READABLE, on_event) == 0 ? 0 : 3;
}

static void test_room_is_there_from_the_start(void **state)
{
	(void)state;
	assert_int_equal(status_of(use_highest, ROOM), 0);
	assert_int_equal(status_of(use_highest, 1), 128 + SIGABRT); /* which is why */
}

static int open_with(long allocations)
{
	static uv_loop_t loop;
	struct err e = { .kind = ERR_NONE };
	countdown = allocations + 1;
	return loop_open(&loop, ROOM, &e) ? 0 : e.kind == ERR_IO ? EX_OSERR : 1;
}

static void test_a_start_without_memory_fails(void **state)
{
	long allocations = 0;
	int status;
	(void)state;
	while ((status = status_of(open_with, allocations)) == EX_OSERR)
		allocations++;
	assert_int_equal(status, 0);
	assert_in_range(allocations, 2, 100);
}

static int open_with_few_descriptors(long most)
{
	const struct rlimit few = { (rlim_t)most, (rlim_t)most };
	static uv_loop_t loop;
	struct err e = { .kind = ERR_NONE };
	if (setrlimit(RLIMIT_NOFILE, &few) != 0)
		return 1;
	return loop_open(&loop, ROOM, &e) ? 0 : EX_OSERR;
}

static void test_fewer_descriptors_than_wanted(void **state)
{
	(void)state;
	assert_int_equal(status_of(open_with_few_descriptors, 64), 0);
	assert_int_equal(status_of(open_with_few_descriptors, 5), EX_OSERR);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_room_is_there_from_the_start),
		cmocka_unit_test(test_a_start_without_memory_fails),
		cmocka_unit_test(test_fewer_descriptors_than_wanted),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
