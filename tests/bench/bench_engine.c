/*
 * What the main process spends on a poll: scheduling, turns, state, ledger and journal; the network and the workers cost nothing here.
 * bench_engine [FEEDS [ROUNDS]]: that many feeds that answer 304, on as many hosts, in virtual time, on tmpfs.
 */
#include "daemon/base/hash.h"
#include "daemon/base/log.h"
#include "daemon/pipe/engine.h"
#include "daemon/pipe/feedstate.h"
#include "daemon/pipe/storage.h"
#include "tests/fake/conf_folder.h"
#include "tests/fake/virtual_clock.h"

#include <stdio.h>
#include <stdlib.h>

#define INTERVAL_MS 300000
#define LATENCY_MS 50

struct bench {
	struct virtual_clock clock;
	struct conf_folder folder;
	struct journal *journal;
	struct engine *engine;
	uint64_t ids[8192]; /* under way, in order of their answers */
	int64_t due[8192];
	size_t head, tail;
	const struct journal_group *group;
	uint64_t random, answers;
};

static bool on_start(void *ctx, uint64_t id, const struct fetch_request *req, struct err *e)
{
	struct bench *b = ctx;

	(void)req;
	(void)e;
	b->ids[b->tail % 8192] = id;
	b->due[b->tail++ % 8192] = b->clock.mono + LATENCY_MS;
	return true;
}

static void on_cancel(void *ctx, uint64_t id)
{
	(void)ctx;
	(void)id;
}

static bool on_submit(void *ctx, uint64_t id, struct buf *frame, struct err *e)
{
	(void)ctx;
	(void)id;
	(void)frame;
	return err_set(e, ERR_BUSY, 0, "no workers here");
}

static void on_commit(void *ctx, const struct journal_group *group)
{
	((struct bench *)ctx)->group = group;
}

static bool on_hook(void *ctx, const struct hook_request *req, struct err *e)
{
	(void)ctx;
	(void)req;
	return err_set(e, ERR_BUSY, 0, "no hooks here");
}

static uint64_t on_random(void *ctx)
{
	struct bench *b = ctx;

	return (b->random = b->random * UINT64_C(6364136223846793005) + 1) >> 20;
}

static void answer_one(struct bench *b)
{
	struct fetch_result r = {
		.status = 304, .elapsed_ms = LATENCY_MS, .etag = STR("\"0123456789abcdef\"")
	};
	uint64_t id = b->ids[b->head++ % 8192];

	/* The first answer of each feed is an error page, so that there is something to remember. */
	b->answers++;
	engine_on_fetched(b->engine, id, &r);
}

static void commit(struct bench *b)
{
	struct err e = { .kind = ERR_NONE };
	bool ok = journal_commit(b->journal, b->group, &e);

	b->group = NULL;
	engine_on_committed(b->engine, ok ? NULL : &e);
}

static void run_for(struct bench *b, int64_t ms)
{
	int64_t until = b->clock.mono + ms;

	for (;;) {
		int64_t next;

		engine_tick(b->engine);
		while (b->head < b->tail && b->due[b->head % 8192] <= b->clock.mono)
			answer_one(b);
		if (b->group)
			commit(b);
		engine_tick(b->engine);
		next = engine_next(b->engine);
		if (b->head < b->tail && b->due[b->head % 8192] < next)
			next = b->due[b->head % 8192];
		if (next > until)
			break;
		if (next > b->clock.mono)
			virtual_clock_advance(&b->clock, next - b->clock.mono);
	}
	virtual_clock_advance(&b->clock, until - b->clock.mono);
}

static long resident_kib(void)
{
	FILE *f = fopen("/proc/self/statm", "r");
	long pages = 0;

	if (f && fscanf(f, "%*s %ld", &pages) != 1)
		pages = 0;
	if (f)
		fclose(f);
	return pages * 4;
}

static struct conf *configure(struct bench *b, size_t feeds)
{
	struct buf yaml;
	struct conf *c;

	buf_init(&yaml, 256u << 20);
	buf_fmt(&yaml, "shipped_topics: false\nfetch:\n  interval: 5m\n  backoff_max: 5m\nfeeds:\n");
	for (size_t i = 0; i < feeds; i++)
		buf_fmt(&yaml, "  - name: feed-%zu\n    url: http://host-%zu.example/feed.xml\n", i, i);
	conf_folder_write(&b->folder, "gazetted.yaml", buf_view(&yaml), 0644);
	buf_fini(&yaml);
	c = conf_folder_load(&b->folder);
	if (!c) {
		fprintf(stderr, "%s\n", conf_folder_said(&b->folder));
		exit(1);
	}
	return c;
}

/* As after an earlier life: every feed has a validator, so that a 304 means something. */
static bool remember(struct state *s, const struct conf *c, struct err *e)
{
	struct feedstate f = { .known = true, .body = 1, .window = 1, .items = 20 };
	struct buf b;
	bool ok = state_begin(s, e) && feedstate_set(&f.etag, STR("\"0123456789abcdef\""), e);

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

	run_for(b, (int64_t)rounds * INTERVAL_MS);
	cpu = clock_cpu_ms() - cpu;
	engine_status(b->engine, &s);
	printf("%zu feeds, %llu polls (%llu unchanged in all): %.1f us CPU each, %ld KiB resident\n", feeds,
	    (unsigned long long)(b->answers - before), (unsigned long long)s.polls_unchanged,
	    (double)cpu * 1000 / (double)(b->answers - before), resident_kib());
}

static bool open_all(struct bench *b, size_t feeds, const struct ports *ports, struct err *e)
{
	static const char yaml[] =
	    "topic: t\nthresholds: {match: 0.8, review: 0.4}\nphrases:\n  - {any: [x], weight: 8}\n";
	char journal[256], stores[256], state[256];
	struct journal_options options = { journal, JOURNAL_SEGMENT_SIZE, 16 };
	struct journal_recovery recovery;
	struct stores_report report;
	const char *names[STORAGE_NAMES_MAX];
	struct cls_builder *builder = cls_builder_new();
	struct engine_parts parts = { .ports = ports };
	struct classifier *classifier = NULL;
	struct stores_policy policy;
	struct cls_error ce;
	long kib;

	snprintf(journal, sizeof(journal), "%s/journal", b->folder.path);
	snprintf(stores, sizeof(stores), "%s/log", b->folder.path);
	snprintf(state, sizeof(state), "%s/state.db", b->folder.path);
	if (!cls_builder_add(builder, "t", yaml, sizeof(yaml) - 1, &ce) ||
	    !cls_build(&builder, &classifier, &ce))
		return err_set(e, ERR_CONFIG, 0, "%s", ce.text);
	parts.classifier = classifier;
	parts.conf = configure(b, feeds);
	policy = storage_policy(parts.conf);
	policy.directory = stores;
	if (!fs_make_dirs(&fs_system, stores, 0755, e) ||
	    !journal_open(&fs_system, &options, &parts.journal, &recovery, e) ||
	    !stores_open(&fs_system, &policy, parts.journal, names, storage_names(classifier, names),
	        b->clock.wall, &parts.stores, &report, e) ||
	    !state_open(state, &parts.state, e) || !remember(parts.state, parts.conf, e))
		return false;
	b->journal = parts.journal;
	kib = resident_kib();
	if (!engine_new(&parts, &b->engine, e))
		return false;
	printf("%zu feeds: %.0f bytes each in the engine\n", feeds,
	    (double)(resident_kib() - kib) * 1024 / (double)feeds);
	return true;
}

int main(int argc, char **argv)
{
	static struct bench b;
	size_t feeds = argc > 1 ? strtoul(argv[1], NULL, 10) : 10000;
	unsigned rounds = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 12;
	struct err e = { .kind = ERR_NONE };
	struct ports ports = {
		.clock = &b.clock.clock,
		.fetcher = { &b, on_start, on_cancel, NULL },
		.workers = { &b, on_submit },
		.journal = { &b, on_commit },
		.hooks = { &b, on_hook },
		.random = on_random,
		.random_ctx = &b,
	};

	virtual_clock_init(&b.clock);
	conf_folder_init(&b.folder);
	log_set_level(LOG_LEVEL_ERROR);
	if (!open_all(&b, feeds, &ports, &e)) {
		fprintf(stderr, "%s\n", e.text);
		return 1;
	}
	run_for(&b, INTERVAL_MS);
	measure(&b, feeds, rounds);
	engine_free(&b.engine);
	conf_folder_fini(&b.folder);
	return 0;
}
