/*
 * Does what the daemon keeps stay as large as it is? 250 days in virtual time: feeds that show new items at every poll, the real parser and classifier,
 * journal, stores and state on tmpfs; names are forgotten a month after their item was last listed, so what is remembered reaches a plateau.
 * bench_endurance [FEEDS [ITEMS]]: so many feeds, so many new items at each of 1,000 polls; 100 and 100 make ten million. Ends with 1 when
 * memory or state grew by more than GROWTH_MAX percent between a fifth of the way and its end.
 */
#include "daemon/feed/feed.h"
#include "tests/fake/engine_bench.h"
#include "tests/fake/fake_workers.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

#define ROUNDS 1000u
#define INTERVAL_MS (6 * 3600000)
#define GROWTH_MAX 5.0 /* percent */
#define UNDER_WAY_MAX 1024u
#define MARKS 3
#define SETTINGS "storage: {keep_for: 1h, rotate_size: 16MiB}\nfetch: {interval: 6h}\n"

struct mark {
	uint64_t items;
	double memory, state; /* MiB */
};

struct bench {
	struct engine_bench common;
	struct fake_workers workers;
	struct {
		uint64_t id;
		unsigned feed;
	} asked[UNDER_WAY_MAX];
	size_t head, tail;
	unsigned feeds, per_poll, *polls; /* polls of each feed so far */
	struct buf body;
	struct err job_error;
	bool job_done;
};

static bool on_start(void *ctx, uint64_t id, const struct fetch_request *req, struct err *e)
{
	struct bench *b = ctx;
	size_t at = b->tail++ % UNDER_WAY_MAX;

	(void)e;
	b->asked[at].id = id;
	b->asked[at].feed = (unsigned)strtoul(req->url + sizeof("http://host-") - 1, NULL, 10);
	return true;
}

/* The last item of the time before stands at the end: the window was not broken. */
static void write_document(struct bench *b, unsigned feed)
{
	unsigned last = ++b->polls[feed] * b->per_poll, first = last - b->per_poll;

	buf_clear(&b->body);
	buf_str(&b->body, STR("<rss version=\"2.0\"><channel><title>t</title>"));
	for (unsigned i = last; i + 1 > first && i > 0; i--)
		buf_fmt(&b->body,
		    "<item><guid>tag:%u-%u</guid><title>Notice %u of office "
		    "%u</title><link>https://h.example/%u/%u</link></item>",
		    feed, i, i, feed, feed, i);
	buf_str(&b->body, STR("</channel></rss>"));
}

static void answer_one(struct bench *b)
{
	size_t at = b->head++ % UNDER_WAY_MAX;
	struct fetch_result r = {
		.status = 200, .elapsed_ms = 50, .content_type = STR("application/rss+xml")
	};

	write_document(b, b->asked[at].feed);
	r.body = &b->body;
	engine_on_fetched(b->common.engine, b->asked[at].id, &r);
}

static void give_answer(void *ctx, uint64_t id, struct str frame, const char *lost)
{
	(void)lost;
	engine_on_answer(((struct bench *)ctx)->common.engine, id, frame, 0);
}

static void on_job(void *ctx, const struct stores_job *job)
{
	struct bench *b = ctx;

	err_clear(&b->job_error);
	(void)!stores_job_run(&fs_system, job, &b->job_error);
	b->job_done = true;
}

static void end_job(struct bench *b)
{
	b->job_done = false;
	engine_on_job(b->common.engine, b->job_error.kind == ERR_NONE ? NULL : &b->job_error);
}

static void do_all(void *ctx)
{
	struct bench *b = ctx;

	if (b->job_done)
		end_job(b);
	while (b->head < b->tail)
		answer_one(b);
	while (fake_workers_deliver(&b->workers, give_answer, b))
		engine_tick(b->common.engine);
}

static int64_t next_thing(void *ctx)
{
	const struct bench *b = ctx;

	return b->job_done || b->head < b->tail ? 0 : fake_workers_next(&b->workers);
}

static bool open_all(struct bench *b, struct engine_parts *parts, struct err *e)
{
	if (!engine_bench_open(&b->common, SETTINGS, b->feeds, parts, e))
		return false;
	fake_workers_init(&b->workers, &b->common.clock, parts->classifier);
	return engine_new(parts, &b->common.engine, e);
}

static double resident_mib(void)
{
	malloc_trim(0); /* what the fakes gave back is not the daemon's */
	return engine_bench_resident_mib();
}

static double file_mib(const struct bench *b, const char *name)
{
	char path[256];
	struct fs_stat st = { .size = 0 };

	snprintf(path, sizeof(path), "%s/%s", b->common.folder.path, name);
	if (fs_system.stat(&fs_system, path, &st) < 0)
		st.size = 0;
	return (double)st.size / (1 << 20);
}

static struct mark measure(const struct bench *b, unsigned round)
{
	struct engine_status s;
	struct mark m;

	engine_status(b->common.engine, &s);
	m = (struct mark){ s.items_new, resident_mib(), file_mib(b, "state.db") };
	printf(
	    "day %3u: %8llu items, %.1f MiB resident, state %.1f MiB and its log %.1f MiB, %lld s of CPU\n",
	    round / 4, (unsigned long long)m.items, m.memory, m.state, file_mib(b, "state.db-wal"),
	    (long long)clock_cpu_ms() / 1000);
	fflush(stdout);
	return m;
}

static bool is_flat(const char *what, double from, double to)
{
	double growth = (to / from - 1) * 100;

	printf("%s: %+.1f %%\n", what, growth);
	return growth <= GROWTH_MAX;
}

/* What is remembered at the plateau: a month and a day of items. */
static void tell_cost(const struct bench *b, double before, const struct mark *m)
{
	double remembered = 31.0 * 4 * b->feeds * b->per_poll;

	printf("%.0f items remembered at most: %.0f bytes each in memory, %.0f in the state\n", remembered,
	    (m->memory - before) * (1 << 20) / remembered, m->state * (1 << 20) / remembered);
}

static bool run(struct bench *b)
{
	static const unsigned at[MARKS] = { 3 * ROUNDS / 10, ROUNDS / 2, ROUNDS };
	double before = resident_mib();
	struct mark marks[MARKS];
	unsigned done = 0;
	bool memory;

	for (unsigned round = 1; round <= ROUNDS; round++) {
		engine_bench_run(&b->common, INTERVAL_MS, do_all, next_thing, b);
		if (round == at[done])
			marks[done++] = measure(b, round);
		else if (round % 50 == 0)
			(void)measure(b, round);
	}
	tell_cost(b, before, &marks[MARKS - 1]);
	memory = is_flat("memory", marks[0].memory, marks[MARKS - 1].memory);
	return is_flat("state", marks[0].state, marks[MARKS - 1].state) && memory;
}

int main(int argc, char **argv)
{
	static struct bench b;
	struct err e = { .kind = ERR_NONE };
	struct ports ports = { .fetcher = { &b, on_start, NULL, NULL }, .housekeeper = { &b, on_job, NULL } };
	struct engine_parts parts = { .ports = &ports };
	bool flat = false;

	b.feeds = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 100;
	b.per_poll = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 100;
	b.polls = calloc(b.feeds, sizeof(*b.polls));
	buf_init(&b.body, 64u << 20);
	engine_bench_init(&b.common);
	engine_bench_ports(&b.common, &ports);
	feed_init();
	ports.workers = fake_workers_port(&b.workers);
	if (b.polls && open_all(&b, &parts, &e))
		flat = run(&b);
	else
		fprintf(stderr, "%s\n", e.text);
	engine_bench_fini(&b.common);
	fake_workers_fini(&b.workers);
	buf_fini(&b.body);
	free(b.polls);
	return flat ? 0 : 1;
}
