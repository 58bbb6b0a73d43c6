/*
 * What the fetcher spends on a request, on the daemon's own loop. Without arguments it does nothing: fetch.py runs it beside its peer.
 * bench_fetch URLS COUNT CONCURRENCY [-c]: the first COUNT addresses of a file, once; -c: once more with validators, and only that is
 * measured. Prints the CPU of a request in microseconds.
 */
#include "daemon/run/net.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

struct target {
	char url[256], etag[128], last_modified[64];
};

struct bench {
	struct net *net;
	struct target *targets;
	size_t count, next, done, good;
	int expected;
	struct network loopback;
};

static void copy(char *to, size_t room, struct str value)
{
	snprintf(to, room, "%.*s", STR_ARG(value));
}

static void start_next(struct bench *b)
{
	struct err e = { .kind = ERR_NONE };
	struct target *t = &b->targets[b->next];
	struct fetch_request req = {
		.url = t->url,
		.etag = t->etag,
		.last_modified = t->last_modified,
		.user_agent = "gazetted-bench/1",
		.timeout_ms = 60000,
		.connect_timeout_ms = 15000,
		.body_max = 16u << 20,
		.keep_connection = true,
		.allow = &b->loopback,
		.allow_count = 1,
	};
	if (b->next == b->count)
		return;
	if (!net_start(b->net, b->next++, &req, &e)) {
		fprintf(stderr, "%s: %s\n", t->url, e.text);
		exit(1);
	}
}

static void on_fetched(void *ctx, uint64_t id, const struct fetch_result *r)
{
	struct bench *b = ctx;
	if (r->error.kind != ERR_NONE)
		fprintf(stderr, "%s: %s\n", b->targets[id].url, r->error.text);
	copy(b->targets[id].etag, sizeof(b->targets[id].etag), r->etag);
	copy(b->targets[id].last_modified, sizeof(b->targets[id].last_modified), r->last_modified);
	b->done++;
	b->good += r->error.kind == ERR_NONE && r->status == b->expected;
	start_next(b);
}

static double cpu_us(void)
{
	struct rusage u;
	getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e6 +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

static double run_round(struct bench *b, uv_loop_t *loop, size_t concurrency, int expected)
{
	double before = cpu_us();
	b->next = b->done = b->good = 0;
	b->expected = expected;
	for (size_t i = 0; i < concurrency; i++)
		start_next(b);
	while (b->done < b->count)
		uv_run(loop, UV_RUN_ONCE);
	if (b->good != b->count) {
		fprintf(stderr, "%zu of %zu answers have status %d\n", b->good, b->count, expected);
		exit(1);
	}
	return (cpu_us() - before) / (double)b->count;
}

static void read_targets(struct bench *b, const char *path, size_t count)
{
	FILE *f = fopen(path, "r");
	b->targets = calloc(count, sizeof(*b->targets));
	if (!f || !b->targets) {
		perror(path);
		exit(1);
	}
	while (b->count < count && fscanf(f, "%255s", b->targets[b->count].url) == 1)
		b->count++;
	fclose(f);
}

int main(int argc, char **argv)
{
	struct bench b = { .count = 0 };
	const struct net_events events = { &b, on_fetched };
	struct err e = { .kind = ERR_NONE };
	uv_loop_t loop;
	if (argc < 4)
		return 0;
	size_t concurrency = strtoul(argv[3], NULL, 10);
	const struct fetch_keep keep = { (unsigned)concurrency, (unsigned)concurrency, 60000 };
	read_targets(&b, argv[1], strtoul(argv[2], NULL, 10));
	uv_loop_init(&loop);
	if (!network_parse(STR("127.0.0.0/8"), &b.loopback, &e) ||
	    !net_open(&loop, &keep, &events, &b.net, &e)) {
		fprintf(stderr, "%s\n", e.text);
		return 1;
	}
	double spent = run_round(&b, &loop, concurrency, 200);
	if (argc > 4)
		spent = run_round(&b, &loop, concurrency, 304);
	printf("%.1f\n", spent);
	net_close(&b.net);
	while (uv_run(&loop, UV_RUN_DEFAULT) != 0)
		;
	uv_loop_close(&loop);
	free(b.targets);
	return 0;
}
