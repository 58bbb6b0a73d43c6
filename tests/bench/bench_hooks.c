/*
 * bench_hooks: what the start of a script costs a process of DAEMON_MIB: how long its loop stands still, and how long until the
 * script runs. By the hook runner as the daemon does it, against uv_spawn in the same process; the two take turns.
 * Usage: bench_hooks [ROUNDS]
 */
#include "daemon/run/hook_runner.h"
#include "daemon/run/hooks.h"
#include "daemon/run/spawn.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define DAEMON_MIB 300u /* of touched memory: a daemon that remembers a few million items */
#define ROUNDS 200u
#define ROUNDS_MAX 100000u
#define WARM_UP 10u /* starts of each kind that are not counted */
#define TIMEOUT_MS 60000

enum method { BY_RUNNER, BY_UV_SPAWN, METHODS };

static const char *const method_names[] = {
	[BY_RUNNER] = "hook runner",
	[BY_UV_SPAWN] = "uv_spawn",
};

struct sample {
	double blocked,
	    running; /* microseconds from the call: until it returned, until the script had written */
};

struct bench {
	uv_loop_t loop;
	struct hooks *hooks;
	uv_poll_t said;
	uv_process_t process;
	char fifo[64];
	char *argv[6];
	int fd;
	double started; /* seconds */
	struct sample now;
	unsigned left; /* of: the script has written, the script has ended */
	bool failed;
};

static double seconds_now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void one_less(struct bench *b)
{
	if (--b->left == 0)
		uv_stop(&b->loop);
}

static void on_said(uv_poll_t *p, int status, int events)
{
	struct bench *b = p->data;
	char room[16];
	(void)events;
	b->now.running = (seconds_now() - b->started) * 1e6;
	if (status != 0 || read(b->fd, room, sizeof(room)) <= 0)
		b->failed = true;
	one_less(b);
}

static void on_result(void *ctx, uint64_t id, const struct hook_result *r)
{
	struct bench *b = ctx;
	(void)id;
	if (r->exit_status != 0) { /* then it has written nothing */
		b->failed = true;
		uv_stop(&b->loop);
	}
	one_less(b);
}

static void on_exit_of(uv_process_t *p, int64_t status, int signal)
{
	struct bench *b = p->data;
	const struct hook_result result = { .exit_status = signal == 0 ? (int)status : -1 };
	uv_close((uv_handle_t *)p, NULL);
	on_result(b, 0, &result);
}

static bool call_uv_spawn(struct bench *b)
{
	uv_stdio_container_t ends[3] = { { .flags = UV_IGNORE }, { .flags = UV_IGNORE },
		{ .flags = UV_IGNORE } };
	const uv_process_options_t options = {
		.file = b->argv[0],
		.args = b->argv,
		.stdio = ends,
		.stdio_count = 3,
		.flags = UV_PROCESS_DETACHED,
		.exit_cb = on_exit_of,
	};
	b->process.data = b;
	return uv_spawn(&b->loop, &b->process, &options) == 0;
}

static bool call_runner(struct bench *b)
{
	char path[] = "PATH=/usr/bin:/bin";
	char *env[] = { path, NULL };
	struct err e = { 0 };
	const struct hook_request req = {
		.id = 1, .argv = b->argv, .env = env, .timeout_ms = TIMEOUT_MS, .output_max = 1024
	};
	if (hooks_run(b->hooks, &req, &e))
		return true;
	fprintf(stderr, "%s\n", e.text);
	return false;
}

static bool measure(struct bench *b, enum method m)
{
	b->left = 2;
	b->started = seconds_now();
	bool called = m == BY_RUNNER ? call_runner(b) : call_uv_spawn(b);
	b->now.blocked = (seconds_now() - b->started) * 1e6;
	if (called)
		uv_run(&b->loop, UV_RUN_DEFAULT);
	return called && !b->failed;
}

static int by_size(const void *x, const void *y)
{
	double a = *(const double *)x, b = *(const double *)y;
	return (a > b) - (a < b);
}

static double percentile(double *values, size_t n, unsigned percent)
{
	qsort(values, n, sizeof(*values), by_size);
	return values[(n - 1) * percent / 100];
}

static void print(double *blocked[METHODS], double *running[METHODS], unsigned rounds)
{
	double half[METHODS], run[METHODS];
	for (enum method m = 0; m < METHODS; m++) {
		half[m] = percentile(blocked[m], rounds, 50);
		run[m] = percentile(running[m], rounds, 50);
		printf("%-12s from %u MiB: loop blocked p50 %8.1f us p99 %8.1f us; script running p50 %8.1f "
		       "us p99 %8.1f us\n",
		    method_names[m], DAEMON_MIB, half[m], percentile(blocked[m], rounds, 99), run[m],
		    percentile(running[m], rounds, 99));
	}
	printf("uv_spawn blocks the loop %.1f times as long; its script runs after %.1f times as long\n",
	    half[BY_UV_SPAWN] / half[BY_RUNNER], run[BY_UV_SPAWN] / run[BY_RUNNER]);
}

static bool run_rounds(struct bench *b, double *memory, unsigned rounds)
{
	double *blocked[METHODS], *running[METHODS];
	for (enum method m = 0; m < METHODS; m++) {
		blocked[m] = memory + (size_t)m * 2 * rounds;
		running[m] = blocked[m] + rounds;
	}
	for (unsigned i = 0; i < rounds + WARM_UP; i++)
		for (enum method m = 0; m < METHODS; m++) {
			if (!measure(b, m))
				return false;
			if (i < WARM_UP)
				continue;
			blocked[m][i - WARM_UP] = b->now.blocked;
			running[m][i - WARM_UP] = b->now.running;
		}
	print(blocked, running, rounds);
	return true;
}

static bool prepare(struct bench *b)
{
	static char shell[] = "/bin/sh", option[] = "-c", text[] = "echo >\"$1\"", name[] = "sh";
	const struct hooks_events events = { b, on_result };
	struct err e = { 0 };
	snprintf(b->fifo, sizeof(b->fifo), "build/bench-hooks.%d", (int)getpid());
	if (mkfifo(b->fifo, 0600) != 0)
		return false;
	b->fd = open(b->fifo, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	char *argv[] = { shell, option, text, name, realpath(b->fifo, NULL), NULL };
	memcpy(b->argv, argv, sizeof(argv));
	if (b->fd < 0 || b->argv[4] == NULL || uv_loop_init(&b->loop) != 0 ||
	    !hooks_open(&b->loop, NULL, &events, &b->hooks, &e))
		return false;
	b->said.data = b;
	return uv_poll_init(&b->loop, &b->said, b->fd) == 0 &&
	       uv_poll_start(&b->said, UV_READABLE, on_said) == 0;
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "--hook-runner") == 0)
		return hook_runner_run(SPAWN_FD);
	unsigned rounds = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : ROUNDS;
	if (rounds == 0 || rounds > ROUNDS_MAX)
		return EXIT_FAILURE;
	struct bench b = { 0 };
	const size_t size = (size_t)DAEMON_MIB << 20;
	char *memory = malloc(size);
	double *samples = calloc((size_t)METHODS * 2 * rounds, sizeof(*samples));
	if (memory == NULL || samples == NULL)
		return EXIT_FAILURE;
	memset(memory, 'x', size);
	bool good = prepare(&b) && run_rounds(&b, samples, rounds);
	unlink(b.fifo);
	hooks_close(&b.hooks);
	free(samples);
	/* Read at the end, so that no compiler leaves the memory out. */
	good = good && memory[size - 1] == 'x';
	free(memory);
	free(b.argv[4]);
	if (!good)
		fprintf(stderr, "bench_hooks: failed\n");
	return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
