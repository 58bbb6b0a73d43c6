/* engine_bench: see the header. */
#include "tests/fake/engine_bench.h"

#include "daemon/base/log.h"
#include "daemon/pipe/storage.h"

#include <stdio.h>

static void on_cancel(void *ctx, uint64_t id)
{
	(void)ctx;
	(void)id;
}

static void on_commit(void *ctx, const struct journal_group *group)
{
	((struct engine_bench *)ctx)->group = group;
}

static bool on_hook(void *ctx, const struct hook_request *req, struct err *e)
{
	(void)ctx;
	(void)req;
	return err_set(e, ERR_BUSY, 0, "no hooks here");
}

static uint64_t on_random(void *ctx)
{
	struct engine_bench *b = ctx;

	return (b->random = b->random * UINT64_C(6364136223846793005) + 1) >> 20;
}

void engine_bench_init(struct engine_bench *b)
{
	virtual_clock_init(&b->clock);
	conf_folder_init(&b->folder);
	log_set_level(LOG_LEVEL_ERROR);
}

void engine_bench_fini(struct engine_bench *b)
{
	engine_free(&b->engine);
	conf_folder_fini(&b->folder);
}

void engine_bench_ports(struct engine_bench *b, struct ports *ports)
{
	ports->clock = &b->clock.clock;
	ports->fetcher.cancel = on_cancel;
	ports->journal = (struct port_journal){ b, on_commit };
	ports->hooks = (struct port_hooks){ b, on_hook };
	ports->random = on_random;
	ports->random_ctx = b;
}

static struct conf *configure(struct engine_bench *b, const char *settings, size_t feeds, struct err *e)
{
	struct buf yaml;
	struct conf *c;

	buf_init(&yaml, 256u << 20);
	buf_fmt(&yaml, "shipped_topics: false\n%sfeeds:\n", settings);
	for (size_t i = 0; i < feeds; i++)
		buf_fmt(&yaml, "  - name: feed-%zu\n    url: http://host-%zu.example/feed.xml\n", i, i);
	conf_folder_write(&b->folder, "gazetted.yaml", buf_view(&yaml), 0644);
	buf_fini(&yaml);
	c = conf_folder_load(&b->folder);
	if (!c)
		err_set(e, ERR_CONFIG, 0, "%s", conf_folder_said(&b->folder));
	return c;
}

static bool make_classifier(struct classifier **out, struct err *e)
{
	static const char yaml[] =
	    "topic: t\nthresholds: {match: 0.8, review: 0.4}\nphrases:\n  - {any: [flood], weight: 8}\n";
	struct cls_builder *builder = cls_builder_new();
	struct cls_error ce;

	return (cls_builder_add(builder, "t", yaml, sizeof(yaml) - 1, &ce) &&
	           cls_build(&builder, out, &ce)) ||
	       err_set(e, ERR_CONFIG, 0, "%s", ce.text);
}

bool engine_bench_open(
    struct engine_bench *b, const char *settings, size_t feeds, struct engine_parts *parts, struct err *e)
{
	char journal[256], stores[256], state[256];
	struct journal_options options = { journal, JOURNAL_SEGMENT_SIZE, 16 };
	struct journal_recovery recovery;
	struct stores_report report;
	struct classifier *classifier;
	const char *names[STORAGE_NAMES_MAX];
	struct stores_policy policy;

	snprintf(journal, sizeof(journal), "%s/journal", b->folder.path);
	snprintf(stores, sizeof(stores), "%s/log", b->folder.path);
	snprintf(state, sizeof(state), "%s/state.db", b->folder.path);
	parts->conf = configure(b, settings, feeds, e);
	if (!parts->conf || !make_classifier(&classifier, e))
		return false;
	parts->classifier = classifier;
	policy = storage_policy(parts->conf);
	policy.directory = stores;
	if (!fs_make_dirs(&fs_system, stores, 0755, e) ||
	    !journal_open(&fs_system, &options, &parts->journal, &recovery, e) ||
	    !stores_open(&fs_system, &policy, parts->journal, names, storage_names(classifier, names),
	        b->clock.wall, &parts->stores, &report, e))
		return false;
	b->journal = parts->journal;
	return state_open(state, &parts->state, e);
}

static void commit(struct engine_bench *b)
{
	struct err e = { .kind = ERR_NONE };
	bool ok = journal_commit(b->journal, b->group, &e);

	b->group = NULL;
	engine_on_committed(b->engine, ok ? NULL : &e);
}

void engine_bench_run(
    struct engine_bench *b, int64_t ms, engine_bench_turn_f *turn, engine_bench_next_f *next, void *ctx)
{
	int64_t until = b->clock.mono + ms, engines, own;

	for (;;) {
		engine_tick(b->engine);
		turn(ctx);
		if (b->group)
			commit(b);
		engine_tick(b->engine);
		engines = engine_next(b->engine, 1);
		own = next(ctx);
		if ((own < engines ? own : engines) > until)
			break;
		if (own > b->clock.mono && engines > b->clock.mono)
			virtual_clock_advance(&b->clock, (own < engines ? own : engines) - b->clock.mono);
	}
	virtual_clock_advance(&b->clock, until - b->clock.mono);
}

double engine_bench_resident_mib(void)
{
	FILE *f = fopen("/proc/self/statm", "r");
	long pages = 0;

	if (f && fscanf(f, "%*s %ld", &pages) != 1)
		pages = 0;
	if (f)
		fclose(f);
	return (double)pages * 4 / 1024;
}
