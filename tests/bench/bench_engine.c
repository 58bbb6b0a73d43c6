/*
 * What the main process spends on a poll: scheduling, turns, state, ledger and journal; the network and the workers cost nothing here.
 * bench_engine [FEEDS [ROUNDS [watched]]]: that many feeds that answer 304, on as many hosts, in virtual time, on tmpfs; watched: for long, so that
 * there is a lot to remember of each.
 */
#include "daemon/base/hash.h"
#include "daemon/pipe/feedstate.h"
#include "tests/fake/engine_bench.h"

#include <stdio.h>
#include <stdlib.h>

#define INTERVAL_MS 300000
#define LATENCY_MS 50
#define UNDER_WAY_MAX 8192u
#define SOME_TIME INT64_C(1795946664879) /* wall ms */
#define SETTINGS "fetch: {interval: 5m, backoff_max: 5m}\n"

struct bench {
	struct engine_bench common;
	uint64_t ids[UNDER_WAY_MAX]; /* in order of their answers */
	int64_t due[UNDER_WAY_MAX];
	size_t head, tail;
	uint64_t answers;
};

static bool on_start(void *ctx, uint64_t id, const struct fetch_request *req, struct err *e)
{
	struct bench *b = ctx;

	(void)req;
	(void)e;
	b->ids[b->tail % UNDER_WAY_MAX] = id;
	b->due[b->tail++ % UNDER_WAY_MAX] = b->common.clock.mono + LATENCY_MS;
	return true;
}

static bool on_submit(void *ctx, uint64_t id, bool slow, struct buf *frame, struct err *e)
{
	(void)ctx;
	(void)slow;
	(void)id;
	(void)frame;
	return err_set(e, ERR_BUSY, 0, "no workers here");
}

static void answer_one(struct bench *b)
{
	struct fetch_result r = {
		.status = 304, .elapsed_ms = LATENCY_MS, .etag = STR("\"0123456789abcdef\"")
	};
	uint64_t id = b->ids[b->head++ % UNDER_WAY_MAX];

	/* The first answer of each feed is an error page, so that there is something to remember. */
	b->answers++;
	engine_on_fetched(b->common.engine, id, &r);
}

static void answer_all(void *ctx)
{
	struct bench *b = ctx;

	while (b->head < b->tail && b->due[b->head % UNDER_WAY_MAX] <= b->common.clock.mono)
		answer_one(b);
}

static int64_t next_answer(void *ctx)
{
	const struct bench *b = ctx;

	return b->head < b->tail ? b->due[b->head % UNDER_WAY_MAX] : INT64_MAX;
}

/* As after an earlier life. Of every feed a validator, so that a 304 means something; of one that has been watched for long also its date, its newest
 * names, and what has been learned of its week. */
static bool describe(struct feedstate *f, bool watched, struct err *e)
{
	uint64_t newest[NEWEST_MAX];
	struct learned l = { .tally = { 5000, 300, 90000000 },
		.trust = { .whole_at = SOME_TIME, .unmodified = 200 },
		.quiet = { SOME_TIME, 86400000, 900000000, 0, 300, { { 90000, 80000 }, { 70000, 60000 } } },
		.pace = { 3.5f, 200.25f, 0.75f, 4.5f, 160.5f } };

	if (!feedtext_set(&f->texts, FEEDTEXT_ETAG, STR("\"0123456789abcdef\""), e))
		return false;
	for (unsigned h = 8; h < 19; h++)
		l.pace.hours[h] = (uint16_t)(30 * h);
	for (unsigned d = 1; d < 6; d++)
		l.pace.days[d] = (uint16_t)(200 * d);
	for (unsigned i = 0; i < NEWEST_MAX; i++)
		newest[i] = hash64(STR("name"), i);
	l.newest = newest[0];
	return !watched ||
	       (feedtext_set(&f->texts, FEEDTEXT_LAST_MODIFIED, STR("Sat, 28 Nov 2026 09:00:00 GMT"), e) &&
	           feedstate_set_newest(f, newest, NEWEST_MAX, e) && feedstate_learn(f, &l, e));
}

static bool remember(struct state *s, const struct conf *c, bool watched, struct err *e)
{
	struct feedstate f = { .known = true, .body = 1, .window = 1, .items = 20 };
	struct buf b;
	bool ok = state_begin(s, e) && describe(&f, watched, e);

	buf_init(&b, FEEDSTATE_MAX);
	for (size_t i = 0; ok && i < c->feed_count; i++) {
		buf_clear(&b);
		f.url = hash64(str_from(c->feeds[i].url), 0);
		feedstate_encode(&f, &b);
		ok = state_feed_put(s, str_from(c->feeds[i].name), buf_view(&b), e);
	}
	ok = ok && state_commit(s, 0, e);
	buf_fini(&b);
	feedstate_fini(&f);
	return ok;
}

static void measure(struct bench *b, size_t feeds, unsigned rounds)
{
	int64_t cpu = clock_cpu_ms();
	uint64_t before = b->answers;
	struct engine_status s;

	engine_bench_run(&b->common, (int64_t)rounds * INTERVAL_MS, answer_all, next_answer, b);
	cpu = clock_cpu_ms() - cpu;
	engine_status(b->common.engine, &s);
	printf("%zu feeds, %llu polls (%llu unchanged in all): %.1f us CPU each, %.1f MiB resident\n", feeds,
	    (unsigned long long)(b->answers - before), (unsigned long long)s.polls_unchanged,
	    (double)cpu * 1000 / (double)(b->answers - before), engine_bench_resident_mib());
}

static bool open_all(struct bench *b, size_t feeds, bool watched, struct engine_parts *parts, struct err *e)
{
	double before;

	if (!engine_bench_open(&b->common, SETTINGS, feeds, parts, e) ||
	    !remember(parts->state, parts->conf, watched, e))
		return false;
	before = engine_bench_resident_mib();
	if (!engine_new(parts, &b->common.engine, e))
		return false;
	printf("%zu feeds: %.0f bytes each in the engine\n", feeds,
	    (engine_bench_resident_mib() - before) * (1 << 20) / (double)feeds);
	return true;
}

int main(int argc, char **argv)
{
	static struct bench b;
	size_t feeds = argc > 1 ? strtoul(argv[1], NULL, 10) : 10000;
	unsigned rounds = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 12;
	bool watched = argc > 3;
	struct err e = { .kind = ERR_NONE };
	struct ports ports = { .fetcher = { &b, on_start, NULL, NULL }, .workers = { &b, on_submit } };
	struct engine_parts parts = { .ports = &ports };

	engine_bench_init(&b.common);
	engine_bench_ports(&b.common, &ports);
	if (!open_all(&b, feeds, watched, &parts, &e)) {
		fprintf(stderr, "%s\n", e.text);
		return 1;
	}
	engine_bench_run(&b.common, INTERVAL_MS, answer_all, next_answer, &b);
	measure(&b, feeds, rounds);
	engine_bench_fini(&b.common);
	return 0;
}
