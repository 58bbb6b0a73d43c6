/* One connection to the hook runner, as systemd's unit serves it: what the script is given beside the request. */
#include "daemon/base/arena.h"
#include "daemon/run/hook_frame.h"
#include "daemon/run/hook_runner.h"
#include "daemon/run/wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define TIMEOUT_MS 60000 /* no case reaches it */
#define ARENA_MAX (1u << 20)

static bool ask(int fd, const char *script, struct buf *in, struct err *e)
{
	char *const argv[] = { "/bin/sh", "-c", (char *)(uintptr_t)script, NULL };
	char *const env[] = { "PATH=/usr/bin:/bin", NULL };
	const struct hook_request req = {
		.argv = argv, .env = env, .timeout_ms = TIMEOUT_MS, .output_max = 1000
	};
	struct buf out;
	enum wire_type type;
	buf_init(&out, HOOK_REQUEST_MAX);
	hook_request_encode(&req, &out);
	bool good = !out.failed && wire_write(fd, WIRE_HOOK, buf_view(&out), e) &&
	            wire_read(fd, HOOK_RESULT_MAX, &type, in, e) && type == WIRE_HOOK_RESULT;
	buf_fini(&out);
	return good;
}

/* The box reaps all children of its process, so it has one of its own. */
static void expect(const char *credentials, const char *script, const char *output)
{
	int pair[2];
	struct buf in;
	struct err e = { 0 };
	struct hook_result result;
	struct arena *a = arena_new(ARENA_MAX);
	assert_non_null(a);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	pid_t pid = fork();
	if (pid == 0) {
		close(pair[0]);
		if (credentials != NULL)
			setenv("CREDENTIALS_DIRECTORY", credentials, 1);
		_exit(hook_runner_serve_one(pair[1]));
	}
	close(pair[1]);
	buf_init(&in, HOOK_RESULT_MAX);
	if (!ask(pair[0], script, &in, &e) || !hook_result_decode(buf_view(&in), a, &result, &e))
		fail_msg("%s", e.text);
	assert_int_equal(result.exit_status, 0);
	assert_true(str_eq(result.output, str_from(output)));
	close(pair[0]);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	buf_fini(&in);
	arena_free(&a);
}

static void credentials_are_passed_on(void **state)
{
	(void)state;
	expect("/run/credentials/a unit", "printf '%s|%s' \"$CREDENTIALS_DIRECTORY\" \"$PATH\"",
	    "/run/credentials/a unit|/usr/bin:/bin");
}

static void without_credentials_there_is_no_variable(void **state)
{
	(void)state;
	expect(NULL, "printf '%s' \"${CREDENTIALS_DIRECTORY-none}\"", "none");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(credentials_are_passed_on),
		cmocka_unit_test(without_credentials_there_is_no_variable),
	};
	unsetenv("CREDENTIALS_DIRECTORY");
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("run/hook_runner", tests, NULL, NULL);
}
