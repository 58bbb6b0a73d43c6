/*
 * Worker processes and scripts under a real loop. This program is also its own worker: started as `--worker` it plays the part that each job's
 * body asks for; started as `--hook-runner` it is the real hook runner.
 */
#include "daemon/base/arena.h"
#include "daemon/run/hook_runner.h"
#include "daemon/run/hooks.h"
#include "daemon/run/pool.h"
#include "daemon/run/spawn.h"
#include "daemon/run/wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define JOBS_MAX 64

struct seen { /* what the loop's callbacks told */
	uv_loop_t loop;
	struct pool *pool;
	struct hooks *hooks;
	unsigned expected, told;
	bool answered[JOBS_MAX];
	char text[JOBS_MAX][160];
	struct hook_result result[JOBS_MAX];
};

static void note(struct seen *s, uint64_t id, bool answered, struct str text)
{
	assert_true(id < JOBS_MAX);
	assert_int_equal(s->text[id][0], '\0'); /* each is told once */
	s->answered[id] = answered;
	snprintf(s->text[id], sizeof(s->text[id]), "%.*s", STR_ARG(text));
	if (++s->told == s->expected)
		uv_stop(&s->loop);
}

static void on_answer(void *ctx, uint64_t id, struct str frame, int64_t took)
{
	assert_true(took >= 0);
	note(ctx, id, true, frame);
}

static void on_lost(void *ctx, uint64_t id, const char *why)
{
	note(ctx, id, false, str_from(why));
}

static void on_script(void *ctx, uint64_t id, const struct hook_result *result)
{
	struct seen *s = ctx;
	s->result[id] = *result;
	note(ctx, id, true, result->failure ? str_from(result->failure) : result->output);
}

static void submit_as(struct seen *s, uint64_t id, bool slow, const char *body)
{
	struct buf frame;
	struct err e = { 0 };
	buf_init(&frame, 1 << 20);
	buf_str(&frame, str_from(body));
	assert_true(pool_submit(s->pool, id, slow, &frame, &e));
	buf_fini(&frame);
}

static void submit(struct seen *s, uint64_t id, const char *body)
{
	submit_as(s, id, false, body);
}

static struct conf *worker_conf(int64_t count)
{
	static struct conf c;
	c = (struct conf){ .workers = { .count = count, .cpu_limit = 1, .memory_limit = 1 << 30 } };
	return &c;
}

static void open_pool(struct seen *s, int64_t count)
{
	const struct pool_events events = { s, on_answer, on_lost };
	struct err e = { 0 };
	uv_loop_init(&s->loop);
	assert_true(pool_open(&s->loop, worker_conf(count), &events, &s->pool, &e));
}

static void close_loop(struct seen *s)
{
	pool_close(&s->pool);
	hooks_close(&s->hooks);
	uv_run(&s->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&s->loop), 0);
}

static void run_until(struct seen *s, unsigned expected)
{
	s->expected = s->told + expected;
	uv_run(&s->loop, UV_RUN_DEFAULT);
	assert_int_equal(s->told, s->expected);
}

static void jobs_are_answered_by_few_workers(void **state)
{
	struct seen s = { 0 };
	(void)state;
	open_pool(&s, 2);
	for (uint64_t i = 0; i < 40; i++)
		submit(&s, i, "echo");
	run_until(&s, 40);
	for (uint64_t i = 0; i < 40; i++)
		assert_string_equal(s.text[i], "echo");
	close_loop(&s);
}

static void one_that_dies_harms_nobody_else(void **state)
{
	static const char *const bodies[] = { "echo", "crash", "echo", "leave", "echo", "garbage", "early",
		"echo" };
	struct seen s = { 0 };
	(void)state;
	open_pool(&s, 2);
	for (uint64_t i = 0; i < ARRAY_LEN(bodies); i++)
		submit(&s, i, bodies[i]);
	run_until(&s, ARRAY_LEN(bodies));
	for (size_t i = 0; i < ARRAY_LEN(bodies); i++)
		assert_int_equal(s.answered[i], strcmp(bodies[i], "echo") == 0);
	assert_non_null(strstr(s.text[1], "killed by signal 9"));
	assert_non_null(strstr(s.text[3], "ended with status 7"));
	assert_non_null(strstr(s.text[5], "answered with too much"));
	close_loop(&s);
}

/* Every timer that runs is due at once. */
static void let_time_pass(uv_handle_t *h, void *ctx)
{
	(void)ctx;
	if (uv_handle_get_type(h) == UV_TIMER && uv_is_active(h))
		uv_timer_start((uv_timer_t *)h, ((uv_timer_t *)h)->timer_cb, 0, 0);
}

static void one_that_hangs_is_replaced(void **state)
{
	struct seen s = { 0 };
	(void)state;
	open_pool(&s, 1);
	/* Its patience is seconds of wall time, which nobody waits for here. */
	submit(&s, 0, "hang");
	submit(&s, 1, "echo");
	uv_run(&s.loop, UV_RUN_NOWAIT);
	uv_walk(&s.loop, let_time_pass, NULL);
	run_until(&s, 2);
	assert_false(s.answered[0]);
	assert_non_null(strstr(s.text[0], "gave no answer in time"));
	assert_string_equal(s.text[1], "echo");
	close_loop(&s);
}

/* Two that are slow hang; one worker is left, which does all the others, and then every slow one. */
static void slow_jobs_leave_a_worker(void **state)
{
	struct seen s = { 0 };
	(void)state;
	open_pool(&s, 2);
	submit_as(&s, 0, true, "hang");
	submit_as(&s, 1, true, "hang");
	for (uint64_t i = 2; i < 10; i++)
		submit(&s, i, "echo");
	submit_as(&s, 10, true, "echo");
	run_until(&s, 8);
	for (uint64_t i = 2; i < 10; i++)
		assert_true(s.answered[i]);
	assert_string_equal(s.text[10], "");
	for (int hanging = 0; hanging < 2; hanging++) {
		uv_walk(&s.loop, let_time_pass, NULL);
		run_until(&s, 1);
	}
	assert_non_null(strstr(s.text[1], "gave no answer in time"));
	run_until(&s, 1);
	assert_string_equal(s.text[10], "echo");
	close_loop(&s);
}

static void a_reload_loses_no_job(void **state)
{
	struct seen s = { 0 };
	struct err e = { 0 };
	(void)state;
	open_pool(&s, 2);
	for (uint64_t i = 0; i < 10; i++)
		submit(&s, i, "echo");
	assert_true(pool_reload(s.pool, worker_conf(1), &e));
	run_until(&s, 10);
	for (uint64_t i = 0; i < 10; i++)
		assert_true(s.answered[i]);
	close_loop(&s);
}

static void open_hooks(struct seen *s, const char *path)
{
	const struct hooks_events events = { s, on_script };
	struct err e = { 0 };
	uv_loop_init(&s->loop);
	assert_true(hooks_open(&s->loop, path, &events, &s->hooks, &e));
}

static bool run_in(struct seen *s, uint64_t id, const char *stream, const char *script, struct err *e)
{
	char *const argv[] = { "/bin/sh", "-c", (char *)(uintptr_t)script, NULL };
	char *const env[] = { "GAZETTED_SEQ=5", NULL };
	const struct hook_request req = { .id = id,
		.stream = stream,
		.argv = argv,
		.env = env,
		.input = stream ? STR("line\n") : STR("record"),
		.timeout_ms = 60000,
		.output_max = 100 };
	return hooks_run(s->hooks, &req, e);
}

static bool run_script(struct seen *s, uint64_t id, const char *script, struct err *e)
{
	return run_in(s, id, NULL, script, e);
}

static void scripts_run_beside_each_other(void **state)
{
	struct seen s = { 0 };
	struct err e = { 0 };
	(void)state;
	open_hooks(&s, NULL);
	for (uint64_t i = 0; i < 8; i++)
		assert_true(run_script(&s, i, "printf '%s:' $GAZETTED_SEQ; cat; exit 75", &e));
	run_until(&s, 8);
	for (size_t i = 0; i < 8; i++) {
		assert_string_equal(s.text[i], "5:record");
		assert_int_equal(s.result[i].exit_status, 75);
	}
	close_loop(&s);
}

#define SAYS_ITS_PID "while read -r line; do echo RETRY $$; done; sleep 1000"
#define DIES_OF_THE_SECOND "read -r line; echo RETRY $$; read -r line; kill -KILL $$"

static void stream(struct seen *s, uint64_t id, const char *name, const char *script)
{
	struct err e = { 0 };
	assert_true(run_in(s, id, name, script, &e));
}

static bool ended_soon(const char *answer)
{
	pid_t pid = (pid_t)strtol(answer + strlen("RETRY "), NULL, 10);
	assert_true(pid > 0);
	for (int i = 0; i < 1000; i++, usleep(10000))
		if (kill(pid, 0) != 0)
			return true;
	return false;
}

static void a_stream_takes_turns(void **state)
{
	struct seen s = { 0 };
	(void)state;
	open_hooks(&s, NULL);
	for (uint64_t i = 0; i < 6; i++)
		stream(&s, i, i % 2 ? "a" : "b", SAYS_ITS_PID);
	run_until(&s, 6);
	stream(&s, 6, "a", SAYS_ITS_PID);
	run_until(&s, 1);
	for (size_t i = 0; i < 7; i++)
		assert_int_equal(s.result[i].exit_status, 75);
	assert_string_equal(s.text[1], s.text[3]);
	assert_string_equal(s.text[1], s.text[5]);
	assert_string_equal(s.text[1], s.text[6]);
	assert_string_equal(s.text[0], s.text[4]);
	assert_string_not_equal(s.text[0], s.text[1]);
	close_loop(&s);
	assert_true(ended_soon(s.text[0]) && ended_soon(s.text[1]));
}

static void who_waits_for_a_stream_that_dies_gets_a_new_one(void **state)
{
	struct seen s = { 0 };
	(void)state;
	open_hooks(&s, NULL);
	for (uint64_t i = 0; i < 3; i++)
		stream(&s, i, "a", DIES_OF_THE_SECOND);
	run_until(&s, 3);
	assert_int_equal(s.result[0].exit_status, 75);
	assert_int_equal(s.result[1].signal, SIGKILL);
	assert_int_equal(s.result[2].exit_status, 75);
	assert_string_not_equal(s.text[0], s.text[2]);
	close_loop(&s);
	assert_true(ended_soon(s.text[2]));
}

/* One alert is as it was, one has another command, one takes a process for each delivery, one is gone. */
static void a_reload_ends_streams_that_nobody_wants(void **state)
{
	static char *const same[] = { "/bin/sh", "-c", SAYS_ITS_PID, NULL };
	static char *const other[] = { "/bin/sh", "-c", SAYS_ITS_PID, "x", NULL };
	static const struct conf_alert alerts[] = {
		{ .name = "same", .mode = CONF_MODE_STREAM, .exec = same },
		{ .name = "changed", .mode = CONF_MODE_STREAM, .exec = other },
		{ .name = "each", .exec = same },
	};
	static const struct conf conf = { .alerts = alerts, .alert_count = ARRAY_LEN(alerts) };
	static const char *const names[] = { "same", "changed", "each", "gone" };
	struct seen s = { 0 };
	(void)state;
	open_hooks(&s, NULL);
	for (uint64_t i = 0; i < ARRAY_LEN(names); i++)
		stream(&s, i, names[i], SAYS_ITS_PID);
	run_until(&s, ARRAY_LEN(names));
	stream(&s, 4, "gone", SAYS_ITS_PID); /* on its way: it is answered all the same */
	hooks_keep_streams(s.hooks, &conf);
	run_until(&s, 1);
	assert_string_equal(s.text[4], s.text[3]);
	uv_run(&s.loop, UV_RUN_NOWAIT); /* closes what is to be closed */
	for (size_t i = 1; i < ARRAY_LEN(names); i++)
		assert_true(ended_soon(s.text[i]));
	stream(&s, 5, "same", SAYS_ITS_PID);
	stream(&s, 6, "gone", SAYS_ITS_PID);
	run_until(&s, 2);
	assert_string_equal(s.text[5], s.text[0]);
	assert_string_not_equal(s.text[6], s.text[3]);
	hooks_drain(s.hooks);
	uv_run(&s.loop, UV_RUN_NOWAIT);
	assert_true(ended_soon(s.text[5]) && ended_soon(s.text[6]));
	close_loop(&s);
}

static void a_runner_that_is_not_there_is_told(void **state)
{
	struct seen s = { 0 };
	struct err e = { 0 };
	(void)state;
	open_hooks(&s, "/nonexistent/hook.sock");
	assert_false(run_script(&s, 0, "true", &e));
	assert_non_null(strstr(e.text, "/nonexistent/hook.sock"));
	close_loop(&s);
}

/* The worker's side: plays what the body says. */
static void play(int fd, struct buf *body)
{
	struct err e = { 0 };
	if (str_eq(buf_view(body), STR("crash")))
		raise(SIGKILL);
	if (str_eq(buf_view(body), STR("leave")))
		_exit(7);
	while (str_eq(buf_view(body), STR("hang")))
		pause();
	if (str_eq(buf_view(body), STR("garbage")) && send(fd, "\xff\xff\xff\xff\xff\xff\xff\xff", 8, 0) != 8)
		_exit(1);
	if (str_eq(buf_view(body), STR("early")) && !wire_write(fd, WIRE_TOPICS, STR("no answer"), &e))
		_exit(1);
	if (!wire_write(fd, WIRE_ANSWER, buf_view(body), &e))
		_exit(1);
}

static int play_worker(int fd)
{
	struct buf in;
	struct err e = { 0 };
	enum wire_type type;
	buf_init(&in, 1 << 20);
	while (wire_read(fd, 1 << 20, &type, &in, &e))
		if (type == WIRE_JOB)
			play(fd, &in);
	buf_fini(&in);
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(jobs_are_answered_by_few_workers),
		cmocka_unit_test(one_that_dies_harms_nobody_else),
		cmocka_unit_test(one_that_hangs_is_replaced),
		cmocka_unit_test(slow_jobs_leave_a_worker),
		cmocka_unit_test(a_reload_loses_no_job),
		cmocka_unit_test(scripts_run_beside_each_other),
		cmocka_unit_test(a_stream_takes_turns),
		cmocka_unit_test(who_waits_for_a_stream_that_dies_gets_a_new_one),
		cmocka_unit_test(a_reload_ends_streams_that_nobody_wants),
		cmocka_unit_test(a_runner_that_is_not_there_is_told),
	};
	if (argc == 2 && strcmp(argv[1], "--worker") == 0)
		return play_worker(SPAWN_FD);
	if (argc == 2 && strcmp(argv[1], "--hook-runner") == 0)
		return hook_runner_run(SPAWN_FD);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("run/loop", tests, NULL, NULL);
}
