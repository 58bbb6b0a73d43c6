/* One connection to the hook runner, as systemd's unit serves it: what the script is given beside the request, and scripts that stay. */
#include "daemon/base/arena.h"
#include "daemon/run/hook_frame.h"
#include "daemon/run/hook_runner.h"
#include "daemon/run/wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define TIMEOUT_MS 60000 /* no case reaches it */
#define SHORT_MS 300 /* for those that are to reach it */
#define ENDS_WITHIN 20000 /* looks, a millisecond apart: far longer than any case takes */
#define OUTPUT_MAX 1000 /* bytes */
#define ARENA_MAX (1u << 20)

static bool ask(int fd, const struct hook_request *wanted, const char *script, struct buf *in, struct err *e)
{
	char *const argv[] = { "/bin/sh", "-c", (char *)(uintptr_t)script, NULL };
	char *const env[] = { "PATH=/usr/bin:/bin", NULL };
	struct hook_request req = *wanted;
	struct buf out;
	enum wire_type type;
	req.argv = argv;
	req.env = env;
	req.output_max = OUTPUT_MAX;
	buf_init(&out, HOOK_REQUEST_MAX);
	hook_request_encode(&req, &out);
	bool good = !out.failed && wire_write(fd, WIRE_HOOK, buf_view(&out), e) &&
	            wire_read(fd, HOOK_RESULT_MAX, &type, in, e) && type == WIRE_HOOK_RESULT;
	buf_fini(&out);
	return good;
}

/* Who runs scripts reaps all children of its process, so it has one of its own. */
static pid_t start_runner(const char *credentials, int *fd)
{
	int pair[2];
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	pid_t pid = fork();
	if (pid == 0) {
		close(pair[0]);
		if (credentials != NULL)
			setenv("CREDENTIALS_DIRECTORY", credentials, 1);
		_exit(hook_runner_serve_one(pair[1]));
	}
	close(pair[1]);
	*fd = pair[0];
	return pid;
}

static void expect(const char *credentials, const char *script, const char *output)
{
	const struct hook_request req = { .timeout_ms = TIMEOUT_MS };
	int fd;
	struct buf in;
	struct err e = { 0 };
	struct hook_result result;
	struct arena *a = arena_new(ARENA_MAX);
	assert_non_null(a);
	pid_t pid = start_runner(credentials, &fd);
	buf_init(&in, HOOK_RESULT_MAX);
	if (!ask(fd, &req, script, &in, &e) || !hook_result_decode(buf_view(&in), a, &result, &e))
		fail_msg("%s", e.text);
	assert_int_equal(result.exit_status, 0);
	assert_true(str_eq(result.output, str_from(output)));
	close(fd);
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

#define LOOP(body) "while read -r line; do " body "; done"

enum again { ONE_PROCESS, NEW_PROCESS };

struct stream_case {
	const char *name;
	const char *script; /* for sh -c; the second delivery is answered with RETRY and its process id */
	const char *output; /* of the first delivery; NULL: whatever */
	int64_t timeout_ms;
	int exit_status, signal;
	bool timed_out;
	enum again again;
};

/* The first delivery's line is "first": what follows tells how the script meets it. */
#define SECOND "[ \"$line\" = first ] || { echo \"RETRY $$\"; continue; }; "

static const struct stream_case streams[] = {
	{ "OK is done", LOOP(SECOND "echo OK"), "OK", TIMEOUT_MS, 0, 0, false, ONE_PROCESS },
	{ "a carriage return does not matter", LOOP(SECOND "printf 'OK\\r\\n'"), "OK", TIMEOUT_MS, 0, 0,
	    false, ONE_PROCESS },
	{ "RETRY is later", LOOP(SECOND "echo RETRY"), "RETRY", TIMEOUT_MS, 75, 0, false, ONE_PROCESS },
	{ "RETRY says why", LOOP(SECOND "echo RETRY the pager is busy"), "RETRY the pager is busy",
	    TIMEOUT_MS, 75, 0, false, ONE_PROCESS },
	{ "anything else is never", LOOP(SECOND "echo no such pager"), "no such pager", TIMEOUT_MS, 1, 0,
	    false, ONE_PROCESS },
	{ "nearly OK is not OK", LOOP(SECOND "echo OKAY"), "OKAY", TIMEOUT_MS, 1, 0, false, ONE_PROCESS },
	{ "nor is nothing", LOOP(SECOND "echo"), "", TIMEOUT_MS, 1, 0, false, ONE_PROCESS },
	{ "stderr is beside the answer", LOOP(SECOND "echo oops >&2; sleep 0.1; echo RETRY"), "oops\nRETRY",
	    TIMEOUT_MS, 75, 0, false, ONE_PROCESS },
	{ "a flood of stderr is cut and does not block", LOOP(SECOND "head -c 300000 /dev/zero >&2; echo OK"),
	    NULL, TIMEOUT_MS, 0, 0, false, ONE_PROCESS },
	{ "an answer in pieces", LOOP(SECOND "printf O; sleep 0.05; echo K"), "OK", TIMEOUT_MS, 0, 0, false,
	    ONE_PROCESS },
	{ "its end is later", LOOP(SECOND "exit 3"), "the stream ended with status 3 before it answered",
	    TIMEOUT_MS, 75, 0, false, NEW_PROCESS },
	{ "its last words are kept", LOOP(SECOND "echo I am off >&2; exit 0"),
	    "I am off\nthe stream ended with status 0 before it answered", TIMEOUT_MS, 75, 0, false,
	    NEW_PROCESS },
	{ "half an answer is none", LOOP(SECOND "printf OK; exit 0"),
	    "the stream ended with status 0 before it answered", TIMEOUT_MS, 75, 0, false, NEW_PROCESS },
	{ "its death is told", LOOP(SECOND "kill -KILL $$"), "", TIMEOUT_MS, -1, SIGKILL, false,
	    NEW_PROCESS },
	{ "what it answered before its end counts", LOOP(SECOND "echo OK; exit 1"), "OK", TIMEOUT_MS, 0, 0,
	    false, NEW_PROCESS },
	{ "silence until the deadline", LOOP(SECOND "trap '' TERM INT; sleep 1000"), "", SHORT_MS, -1, 0,
	    true, NEW_PROCESS },
	{ "who closes its output", LOOP(SECOND "exec >&-; sleep 1000"),
	    "the stream closed its input or output before it answered", TIMEOUT_MS, 75, 0, false,
	    NEW_PROCESS },
	{ "an answer without end", LOOP(SECOND "exec tr '\\0' x </dev/zero"),
	    "an answer of more than 4096 bytes", TIMEOUT_MS, 1, 0, false, NEW_PROCESS },
	{ "answers without end", LOOP(SECOND "exec yes OK"), "OK", TIMEOUT_MS, 0, 0, false, NEW_PROCESS },
	{ "an answer to nothing", LOOP(SECOND "echo OK; sleep 0.05; echo OK"), "OK", TIMEOUT_MS, 0, 0, false,
	    NEW_PROCESS },
};

struct talk {
	int fd;
	struct buf in;
	struct arena *arena;
	struct hook_result result;
};

static void deliver(struct talk *t, const struct stream_case *c, const char *line, int64_t timeout_ms)
{
	const struct hook_request req = { .stream = "a", .input = str_from(line), .timeout_ms = timeout_ms };
	struct err e = { 0 };
	if (!ask(t->fd, &req, c->script, &t->in, &e) ||
	    !hook_result_decode(buf_view(&t->in), t->arena, &t->result, &e))
		fail_msg("%s: %s", c->name, e.text);
}

static void expect_first(const struct talk *t, const struct stream_case *c)
{
	const struct hook_result *r = &t->result;
	if (r->failure != NULL || r->exit_status != c->exit_status || r->signal != c->signal ||
	    r->timed_out != c->timed_out)
		fail_msg("%s: failure '%s' status %d signal %d timed out %d, '%.*s'", c->name,
		    r->failure ? r->failure : "", r->exit_status, r->signal, r->timed_out,
		    STR_ARG(r->output));
	if (c->output != NULL && !str_eq(r->output, str_from(c->output)))
		fail_msg("%s: output '%.*s'", c->name, STR_ARG(r->output));
	assert_true(r->output.n <= OUTPUT_MAX);
}

/* The process that answers now. */
static long answering(struct talk *t, const struct stream_case *c)
{
	deliver(t, c, "second\n", TIMEOUT_MS);
	assert_int_equal(t->result.exit_status, 75);
	assert_true(str_starts(t->result.output, STR("RETRY ")));
	return strtol(t->result.output.p + strlen("RETRY "), NULL, 10);
}

static void begin_talk(struct talk *t, pid_t *runner)
{
	*runner = start_runner(NULL, &t->fd);
	t->arena = arena_new(ARENA_MAX);
	assert_non_null(t->arena);
	buf_init(&t->in, HOOK_RESULT_MAX);
}

static int end_talk(struct talk *t, pid_t runner)
{
	int status = -1;
	close(t->fd);
	assert_int_equal(waitpid(runner, &status, 0), runner);
	buf_fini(&t->in);
	arena_free(&t->arena);
	return status;
}

static bool runs(long pid)
{
	return kill((pid_t)pid, 0) == 0 || errno != ESRCH;
}

static void run_stream(const struct stream_case *c)
{
	struct talk t;
	pid_t runner;
	begin_talk(&t, &runner);
	long before = answering(&t, c);
	deliver(&t, c, "first\n", c->timeout_ms);
	expect_first(&t, c);
	for (int i = 0; c->again == NEW_PROCESS && runs(before) && i < ENDS_WITHIN; i++)
		poll(NULL, 0, 1); /* what it says unasked is its end */
	long after = answering(&t, c);
	if ((before == after) != (c->again == ONE_PROCESS))
		fail_msg("%s: answered by %ld, then by %ld", c->name, before, after);
	assert_int_equal(end_talk(&t, runner), 0);
	if (runs(before) || runs(after))
		fail_msg("%s: something survived", c->name);
}

static void every_answer_of_a_stream(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(streams); i++)
		run_stream(&streams[i]);
}

static void a_long_line_arrives_whole(void **state)
{
	static char line[300000];
	const struct stream_case c = { .name = "long", .script = LOOP("echo \"RETRY ${#line}\"") };
	struct talk t;
	pid_t runner;
	(void)state;
	memset(line, 'x', sizeof(line) - 2);
	line[sizeof(line) - 2] = '\n';
	begin_talk(&t, &runner);
	deliver(&t, &c, line, TIMEOUT_MS);
	assert_true(str_eq(t.result.output, STR("RETRY 299998")));
	assert_int_equal(end_talk(&t, runner), 0);
}

static void a_long_line_that_nobody_reads(void **state)
{
	static char line[300000];
	const struct stream_case c = { .name = "deaf", .script = "exec <&-; sleep 1000" };
	struct talk t;
	pid_t runner;
	(void)state;
	memset(line, 'x', sizeof(line) - 2);
	line[sizeof(line) - 2] = '\n';
	begin_talk(&t, &runner);
	deliver(&t, &c, line, TIMEOUT_MS);
	assert_int_equal(t.result.exit_status, 75);
	assert_true(str_starts(t.result.output, STR("the stream closed its input")));
	assert_int_equal(end_talk(&t, runner), 0);
}

/* What it has started and set free, with signals ignored; the connection is closed while it is idle, and while it is asked. */
static void nothing_survives_the_connection(void **state)
{
	const struct stream_case c = { .name = "survivors",
		.script =
		    "trap '' TERM INT HUP; "
		    "orphan=$(setsid sh -c 'trap \"\" TERM HUP; sleep 1000 >/dev/null 2>&1 & echo $!'); "
		    "while :; do read -r line && echo \"RETRY $orphan\" || sleep 1; done" };
	const struct stream_case hanging = { .name = "hanging", .script = LOOP("sleep 1000") };
	const struct hook_request req = { .stream = "a", .input = STR("x\n"), .timeout_ms = TIMEOUT_MS };
	struct talk t;
	struct err e = { 0 };
	pid_t runner;
	(void)state;
	begin_talk(&t, &runner);
	deliver(&t, &c, "second\n", TIMEOUT_MS);
	long orphan = strtol(t.result.output.p + strlen("RETRY "), NULL, 10);
	assert_true(orphan > 0 && runs(orphan));
	assert_int_equal(end_talk(&t, runner), 0);
	assert_false(runs(orphan));

	begin_talk(&t, &runner);
	shutdown(t.fd, SHUT_RD); /* the peer sees no end yet */
	assert_false(ask(t.fd, &req, hanging.script, &t.in, &e));
	end_talk(&t, runner); /* would block for as long as the script runs */
}

static void a_missing_stream_is_told(void **state)
{
	char *const argv[] = { "/nonexistent/program", NULL };
	char *const env[] = { NULL };
	const struct hook_request req = {
		.stream = "a", .argv = argv, .env = env, .input = STR("x\n"), .timeout_ms = TIMEOUT_MS
	};
	struct talk t;
	struct err e = { 0 };
	enum wire_type type;
	struct buf out;
	pid_t runner;
	(void)state;
	begin_talk(&t, &runner);
	buf_init(&out, HOOK_REQUEST_MAX);
	hook_request_encode(&req, &out);
	for (int i = 0; i < 2; i++) {
		assert_true(wire_write(t.fd, WIRE_HOOK, buf_view(&out), &e));
		assert_true(wire_read(t.fd, HOOK_RESULT_MAX, &type, &t.in, &e));
		assert_true(hook_result_decode(buf_view(&t.in), t.arena, &t.result, &e));
		assert_string_equal(t.result.failure, "No such file or directory");
	}
	buf_fini(&out);
	assert_int_equal(end_talk(&t, runner), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(credentials_are_passed_on),
		cmocka_unit_test(without_credentials_there_is_no_variable),
		cmocka_unit_test(every_answer_of_a_stream),
		cmocka_unit_test(a_long_line_arrives_whole),
		cmocka_unit_test(a_long_line_that_nobody_reads),
		cmocka_unit_test(nothing_survives_the_connection),
		cmocka_unit_test(a_missing_stream_is_told),
	};
	unsetenv("CREDENTIALS_DIRECTORY");
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("run/hook_runner", tests, NULL, NULL);
}
