/*
 * Scripts in their box: every ending, output bounds, deadlines, and nothing left behind. The box reaps all children of its
 * process, so each case runs in a process of its own.
 */
#include "daemon/run/hook_box.h"
#include "tests/fake/remove_tree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define LONG_MS 60000 /* a deadline that no case reaches */
#define NOBODY 65534 /* user and group */

static const char more_than_a_pipe[256 * 1024];

struct box_case {
	const char *name;
	const char *script; /* for sh -c */
	struct str input;
	int64_t timeout_ms;
	size_t output_max;
	int exit_status, signal;
	bool timed_out;
	const char *output; /* exactly, or NULL */
};

static const struct box_case cases[] = {
	{ "input arrives, output comes back", "cat", STR("a record\n"), LONG_MS, 100, 0, 0, false,
	    "a record\n" },
	{ "status is told", "exit 75", STR(""), LONG_MS, 100, 75, 0, false, "" },
	{ "signal is told", "kill -TERM $$", STR(""), LONG_MS, 100, -1, SIGTERM, false, "" },
	{ "input that nobody reads is no failure", "exit 0", STR("ignored"), LONG_MS, 100, 0, 0, false, "" },
	{ "more input than a pipe holds, and nobody reads", "exec <&-; echo gone; exec sleep 0.01",
	    { more_than_a_pipe, sizeof(more_than_a_pipe) }, LONG_MS, 100, 0, 0, false, "gone\n" },
	{ "a script dies of SIGPIPE as it would anywhere", "kill -PIPE $$", STR(""), LONG_MS, 100, -1,
	    SIGPIPE, false, "" },
	{ "stderr is output too", "echo oops >&2; exit 1", STR(""), LONG_MS, 100, 1, 0, false, "oops\n" },
	{ "the end of the output is kept", "printf 0123456789; printf abc", STR(""), LONG_MS, 5, 0, 0, false,
	    "89abc" },
	{ "a deadline ends it", "echo early; exec cat /dev/zero >/dev/null", STR(""), 100, 100, -1, SIGKILL,
	    true, "early\n" },
	{ "a deadline ends one that ignores signals", "trap '' TERM INT HUP; while :; do :; done", STR(""),
	    100, 100, -1, SIGKILL, true, "" },
	{ "what goes to the background does not hold it up", "exec 3>&1; (exec sleep 1000) & echo done",
	    STR(""), LONG_MS, 100, 0, 0, false, "done\n" },
	{ "a daemon of its own is no way out",
	    "up=$(setsid sh -c 'sleep 1000 >/dev/null 2>&1 & echo up'); exit 3", STR(""), LONG_MS, 100, 3, 0,
	    false, "" },
	{ "variables are passed", "printf %s \"$GAZETTED_TITLE\"", STR(""), LONG_MS, 100, 0, 0, false,
	    "a; rm -rf $HOME `x`" },
};

static bool same(const struct box_case *c, const struct hook_result *r)
{
	if (r->failure != NULL)
		fprintf(stderr, "%s: %s\n", c->name, r->failure);
	bool output = c->output == NULL || str_eq(r->output, str_from(c->output));
	if (!output)
		fprintf(stderr, "%s: output '%.*s'\n", c->name, STR_ARG(r->output));
	return r->failure == NULL && output && r->exit_status == c->exit_status && r->signal == c->signal &&
	       r->timed_out == c->timed_out;
}

static int run_case(const struct box_case *c)
{
	int pair[2];
	char *const argv[] = { "/bin/sh", "-c", (char *)(uintptr_t)c->script, NULL };
	char *const env[] = { "PATH=/usr/bin:/bin", "GAZETTED_TITLE=a; rm -rf $HOME `x`", NULL };
	const struct hook_request req = { .argv = argv,
		.env = env,
		.input = c->input,
		.timeout_ms = c->timeout_ms,
		.output_max = c->output_max };
	struct hook_result result;
	struct buf output;
	const struct sigaction as_in_the_runner = { .sa_handler = SIG_DFL };
	sigaction(SIGPIPE, &as_in_the_runner, NULL);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		return 2;
	buf_init(&output, 1 << 20);
	hook_box_run(&req, pair[0], &output, &result);
	bool good = same(c, &result);
	/* No child may be left, dead or alive. */
	bool alone = waitpid(-1, NULL, WNOHANG) < 0;
	if (!alone)
		fprintf(stderr, "%s: something survived\n", c->name);
	buf_fini(&output);
	return good && alone ? 0 : 1;
}

static int in_a_process(int (*run)(const struct box_case *), const struct box_case *c)
{
	int status = -1;
	pid_t pid = fork();
	if (pid == 0)
		_exit(run(c));
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 100;
}

static void every_ending(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		if (in_a_process(run_case, &cases[i]) != 0)
			fail_msg("%s", cases[i].name);
}

static int run_missing(const struct box_case *c)
{
	int pair[2];
	char *const argv[] = { "/nonexistent/program", NULL };
	char *const env[] = { NULL };
	const struct hook_request req = { .argv = argv, .env = env, .timeout_ms = LONG_MS, .output_max = 10 };
	struct hook_result result;
	struct buf output;
	(void)c;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		return 2;
	buf_init(&output, 100);
	hook_box_run(&req, pair[0], &output, &result);
	return result.failure != NULL && result.exit_status == -1 ? 0 : 1;
}

static int run_cancelled(const struct box_case *c)
{
	int pair[2];
	char *const argv[] = { "/bin/sh", "-c", "sleep 1000", NULL };
	char *const env[] = { NULL };
	const struct hook_request req = { .argv = argv, .env = env, .timeout_ms = LONG_MS, .output_max = 10 };
	struct hook_result result;
	struct buf output;
	(void)c;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		return 2;
	buf_init(&output, 100);
	close(pair[1]); /* the daemon has gone */
	hook_box_run(&req, pair[0], &output, &result);
	return result.signal == SIGKILL && !result.timed_out ? 0 : 1;
}

static void a_missing_program_is_told(void **state)
{
	(void)state;
	assert_int_equal(in_a_process(run_missing, NULL), 0);
}

static void the_daemons_end_is_the_scripts_end(void **state)
{
	(void)state;
	assert_int_equal(in_a_process(run_cancelled, NULL), 0);
}

/* As nobody: the script leaves a process behind that has become root, as a mailer's delivery in the background does. */
static int run_foreign(const struct box_case *c)
{
	int pair[2];
	char *const argv[] = { "/bin/sh", "-c", (char *)(uintptr_t)c->script, NULL };
	char *const env[] = { "PATH=/usr/bin:/bin", NULL };
	const struct hook_request req = { .argv = argv, .env = env, .timeout_ms = LONG_MS, .output_max = 10 };
	struct hook_result result;
	struct buf output;
	if (setgid(NOBODY) != 0 || setuid(NOBODY) != 0 ||
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		return 2;
	buf_init(&output, 100);
	hook_box_run(&req, pair[0], &output, &result);
	return result.failure == NULL && result.exit_status == 0 && !result.timed_out ? 0 : 1;
}

static pid_t read_number(const char *folder)
{
	char path[96];
	long pid = 0;
	snprintf(path, sizeof(path), "%s/pid", folder);
	FILE *f = fopen(path, "re");
	if (f == NULL || fscanf(f, "%ld", &pid) != 1)
		pid = 0;
	if (f != NULL)
		fclose(f);
	return (pid_t)pid;
}

static void nobody_waits_for_another_users_process(void **state)
{
	char folder[] = "/dev/shm/hook-foreign-XXXXXX", line[400];
	(void)state;
	if (geteuid() != 0 || access("/usr/bin/setpriv", X_OK) != 0 || mkdtemp(folder) == NULL)
		skip();
	snprintf(line, sizeof(line), "cp /usr/bin/setpriv %s/own && chmod 4755 %s/own && chmod 777 %s",
	    folder, folder, folder);
	assert_int_equal(system(line), 0);
	snprintf(line, sizeof(line),
	    "%s/own --reuid 0 sleep 1000 >/dev/null 2>&1 & echo $! >%s/pid;"
	    " until [ \"$(cat /proc/$!/comm)\" = sleep ]; do :; done; exit 0",
	    folder, folder);
	assert_int_equal(in_a_process(run_foreign, &(struct box_case){ .script = line }), 0);
	assert_int_equal(kill(read_number(folder), SIGKILL), 0); /* it still ran */
	remove_tree(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_ending),
		cmocka_unit_test(a_missing_program_is_told),
		cmocka_unit_test(the_daemons_end_is_the_scripts_end),
		cmocka_unit_test(nobody_waits_for_another_users_process),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("run/hook_box", tests, NULL, NULL);
}
