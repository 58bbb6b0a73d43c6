/* world: opens, runs, kills and reopens the engine; the pump takes the earliest of all events. */
#include "tests/fake/world.h"

#include "daemon/base/log.h"
#include "daemon/feed/feed.h"
#include "daemon/pipe/engine_priv.h"
#include "daemon/pipe/storage.h"
#include "daemon/store/reader.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#define COMMIT_MS 3 /* virtual */
#define IDLE_TURNS_MAX 200000 /* turns without time passing: the engine spins */
#define SEGMENT_SIZE (1u << 20)

static void on_log(void *ctx, enum log_level level, struct str line)
{
	struct world *w = ctx;

	if (getenv("WORLD_LOG"))
		fprintf(stderr, "# %8.3f %d %.*s\n", (double)w->clock.mono / 1000, (int)level, STR_ARG(line));
	if (level < LOG_LEVEL_DEBUG && w->event_count < WORLD_EVENTS_MAX)
		w->events[w->event_count++] = strndup(line.p, line.n);
}

static uint64_t next_random(void *ctx)
{
	struct world *w = ctx;

	w->random = w->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return w->random >> 20;
}

static void on_commit(void *ctx, const struct journal_group *group)
{
	struct world *w = ctx;

	assert(!w->group); /* one at a time */
	w->group = group;
	w->group_due = w->clock.mono + COMMIT_MS;
}

static const struct fs *disk_of(const struct world *w)
{
	return w->disk ? w->disk : &w->fs.fs;
}

static void on_job(void *ctx, const struct stores_job *job)
{
	struct world *w = ctx;

	w->compressions += job->kind == STORES_COMPRESS;
	err_clear(&w->job_error);
	(void)!stores_job_run(disk_of(w), job, &w->job_error);
	w->job_done = true;
}

static int64_t on_free_bytes(void *ctx, const char *directory)
{
	(void)directory;
	return ((struct world *)ctx)->free_bytes;
}

static void on_goes_on(void *ctx)
{
	((struct world *)ctx)->went_on++;
}

static bool deliver_commit(struct world *w)
{
	struct err e = { .kind = ERR_NONE };
	const struct journal_group *group = w->group;
	bool ok;

	if (!group || w->group_due > w->clock.mono)
		return false;
	w->group = NULL;
	if (w->fail_commits) {
		w->fail_commits--;
		ok = err_set(&e, ERR_IO, 0, "scripted failure");
	} else {
		ok = journal_commit(w->journal, group, &e);
	}
	if (ok && w->kill_after_commits && --w->kill_after_commits == 0) {
		w->killed = true;
		return true;
	}
	if (!w->fs.dead)
		engine_on_committed(w->engine, ok ? NULL : &e);
	return true;
}

static const char *in_folder(struct world *w, const char *name, char path[256])
{
	snprintf(path, 256, "%s/%s", w->folder.path, name);
	return path;
}

static void on_answered(void *ctx, uint64_t ticket, int status)
{
	struct world *w = ctx;

	(void)ticket;
	w->answered = status;
}

static bool fill_random(void *ctx, void *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		((unsigned char *)p)[i] = (unsigned char)(next_random(ctx) >> 32);
	return true;
}

/* Documents end with "---\n". */
static struct str next_topic(const char **yaml)
{
	const char *start = *yaml, *end = strstr(start, "---\n");
	size_t n = end ? (size_t)(end - start) : strlen(start);

	*yaml = end ? end + 4 : start + n;
	return str_of(start, n);
}

static struct classifier *make_classifier(const char *topics_yaml)
{
	struct cls_builder *b = cls_builder_new();
	struct classifier *c = NULL;
	struct cls_error e;

	while (*topics_yaml) {
		struct str topic = next_topic(&topics_yaml);
		bool ok = cls_builder_add(b, "test", topic.p, topic.n, &e);

		if (!ok)
			fprintf(stderr, "# topic: line %d: %s\n", e.line, e.text);
		assert(ok);
	}
	if (!cls_build(&b, &c, &e))
		abort();
	return c;
}

/* What the configuration reads of them: their names. */
static void write_topics(struct world *w, const char *topics_yaml)
{
	for (unsigned i = 0; *topics_yaml; i++) {
		char name[64];

		snprintf(name, sizeof(name), "topics.d/%u.yaml", i);
		conf_folder_write(&w->folder, name, next_topic(&topics_yaml), 0644);
	}
}

void world_init(struct world *w, const char *topics_yaml)
{
	*w = (struct world){ .random = 42, .free_bytes = INT64_C(1) << 40 };
	virtual_clock_init(&w->clock);
	crash_fs_init(&w->fs);
	conf_folder_init(&w->folder);
	w->classifier = make_classifier(topics_yaml);
	write_topics(w, topics_yaml);
	w->events = calloc(WORLD_EVENTS_MAX, sizeof(char *));
	assert(w->events);
	log_set_sink(on_log, w);
	log_set_clock(&w->clock.clock);
	log_set_level(LOG_LEVEL_DEBUG);
	feed_init();
	in_folder(w, "requests", w->requests);
	fake_fetcher_init(&w->fetcher, &w->clock);
	fake_workers_init(&w->workers, &w->clock, w->classifier);
	fake_hooks_init(&w->hooks, &w->clock);
	w->ports = (struct ports){
		.clock = &w->clock.clock,
		.fetcher = fake_fetcher_port(&w->fetcher),
		.workers = fake_workers_port(&w->workers),
		.journal = { w, on_commit },
		.hooks = fake_hooks_port(&w->hooks),
		.housekeeper = { w, on_job, on_free_bytes },
		.requests = { &w->fs.fs, w->requests },
		.callbacks = { w, on_answered },
		.entropy = fill_random,
		.goes_on = on_goes_on,
		.goes_on_ctx = w,
		.random = next_random,
		.random_ctx = w,
	};
}

void world_configure(struct world *w, const char *yaml)
{
	struct conf *c = conf_folder_load_text(&w->folder, yaml);

	if (!c)
		fprintf(stderr, "# configuration: %s\n%s\n", conf_folder_said(&w->folder), yaml);
	assert(c);
	conf_hold(c);
	conf_drop(&w->conf);
	w->conf = c;
}

static bool open_disk(struct world *w, struct err *e)
{
	const char *names[STORAGE_NAMES_MAX];
	struct stores_policy policy = storage_policy(w->conf);
	struct stores_report report = { 0 };
	struct journal_recovery recovery = { 0 };
	char journal[256], stores[256], state[256];
	struct journal_options options = { in_folder(w, "journal", journal), SEGMENT_SIZE, 16 };
	size_t count = storage_names(w->classifier, names);

	policy.directory = in_folder(w, "log", stores);
	if (!fs_make_dirs(&fs_system, stores, 0755, e) ||
	    !journal_open(disk_of(w), &options, &w->journal, &recovery, e) ||
	    !stores_open(
	        disk_of(w), &policy, w->journal, names, count, w->clock.wall, &w->stores, &report, e) ||
	    !state_open(in_folder(w, "state.db", state), &w->state, e))
		return false;
	struct engine_parts parts = {
		.conf = w->conf,
		.classifier = w->classifier,
		.journal = w->journal,
		.stores = w->stores,
		.state = w->state,
		.ports = &w->ports,
	};
	return engine_new(&parts, &w->engine, e);
}

static void close_disk(struct world *w)
{
	stores_close(&w->stores);
	state_close(&w->state);
	journal_close(&w->journal);
}

bool world_start(struct world *w)
{
	struct err e = { .kind = ERR_NONE };

	w->lives++;
	if (open_disk(w, &e))
		return true;
	if (!w->fs.dead && !w->disk) {
		fprintf(stderr, "# start: %s\n", e.text);
		abort();
	}
	return false;
}

static void forget_running(struct world *w)
{
	fake_fetcher_forget_pending(&w->fetcher);
	fake_workers_forget(&w->workers);
	fake_hooks_forget(&w->hooks);
	w->group = NULL;
	w->job_done = false;
	w->killed = false;
}

void world_kill(struct world *w)
{
	w->fs.dead = true;
	engine_free(&w->engine);
	close_disk(w);
	forget_running(w);
	log_end_repeated();
	w->fs.dead = false;
	w->fs.crash_at = 0;
}

void world_stop(struct world *w)
{
	if (!w->engine)
		return;
	engine_drain(w->engine);
	for (int turn = 0; turn < 1000 && !engine_idle(w->engine); turn++)
		if (!world_run_until(w, w->clock.mono + 50))
			break;
	if (!engine_idle(w->engine) && !w->fs.dead && !w->killed)
		fprintf(stderr, "# not idle 50 s after drain\n");
	engine_free(&w->engine);
	close_disk(w);
	forget_running(w);
	log_end_repeated();
}

void world_starve(struct world *w)
{
	struct engine *x = w->engine;
	struct buf *const kept[] = { &x->scratch, &x->window_scratch, &x->commits.line, &x->commits.meta,
		&x->commits.blob, &x->commits.sources };

	for (size_t i = 0; i < ARRAY_LEN(kept); i++)
		assert(!buf_reserve(kept[i], SIZE_MAX) && kept[i]->failed);
}

bool world_reload(struct world *w)
{
	struct err e = { .kind = ERR_NONE };

	return engine_reload(w->engine, w->conf, w->classifier, &e);
}

bool world_reload_topics(struct world *w, const char *topics_yaml)
{
	struct classifier *before = w->classifier;
	bool ok;

	w->classifier = make_classifier(topics_yaml);
	w->workers.classifier = w->classifier;
	ok = world_reload(w);
	cls_free(&before);
	return ok;
}

void world_fini(struct world *w)
{
	if (w->engine)
		world_kill(w);
	log_set_sink(NULL, NULL);
	log_set_clock(NULL);
	fake_fetcher_fini(&w->fetcher);
	fake_workers_fini(&w->workers);
	fake_hooks_fini(&w->hooks);
	cls_free(&w->classifier);
	conf_drop(&w->conf);
	conf_folder_fini(&w->folder);
	for (size_t i = 0; i < w->event_count; i++)
		free(w->events[i]);
	free(w->events);
}

static void give_fetched(void *ctx, uint64_t id, const struct fetch_result *r)
{
	engine_on_fetched(((struct world *)ctx)->engine, id, r);
}

static void give_answer(void *ctx, uint64_t id, struct str frame, const char *lost)
{
	struct world *w = ctx;

	if (lost)
		engine_on_worker_lost(w->engine, id, lost);
	else
		engine_on_answer(w->engine, id, frame, 0);
}

static void give_hook(void *ctx, uint64_t id, const struct hook_result *r)
{
	engine_on_hook(((struct world *)ctx)->engine, id, r);
}

static bool deliver_job(struct world *w)
{
	if (!w->job_done)
		return false;
	w->job_done = false;
	engine_on_job(w->engine, w->job_error.kind == ERR_NONE ? NULL : &w->job_error);
	return true;
}

static bool deliver_one(struct world *w)
{
	return deliver_commit(w) || deliver_job(w) || fake_fetcher_deliver(&w->fetcher, give_fetched, w) ||
	       fake_workers_deliver(&w->workers, give_answer, w) ||
	       fake_hooks_deliver(&w->hooks, give_hook, w);
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t next_event(const struct world *w)
{
	int64_t next = engine_next(w->engine, 1);

	next = earlier(next, fake_fetcher_next(&w->fetcher));
	next = earlier(next, fake_workers_next(&w->workers));
	next = earlier(next, fake_hooks_next(&w->hooks));
	return w->group ? earlier(next, w->group_due) : next;
}

bool world_run_until(struct world *w, int64_t until)
{
	unsigned idle = 0;

	for (;;) {
		int64_t next;

		engine_tick(w->engine);
		log_tell_repeated();
		while (!w->fs.dead && !w->killed && deliver_one(w))
			engine_tick(w->engine);
		if (w->fs.dead || w->killed)
			return false;
		next = next_event(w);
		if (next > until)
			break;
		idle = next > w->clock.mono ? 0 : idle + 1;
		if (idle > IDLE_TURNS_MAX) {
			fprintf(stderr, "# the engine spins\n");
			abort();
		}
		if (next > w->clock.mono)
			virtual_clock_advance(&w->clock, next - w->clock.mono);
	}
	virtual_clock_advance(&w->clock, until - w->clock.mono);
	return true;
}

char *world_read_store(struct world *w, const char *store)
{
	struct err e = { .kind = ERR_NONE };
	struct reader_line line;
	struct reader *r = NULL;
	enum reader_result result = READER_END;
	char path[256];
	struct buf b;
	char *text;
	size_t n;

	buf_init(&b, 256u << 20);
	if (reader_open(&fs_system, in_folder(w, "log", path), store, &r, &e))
		while ((result = reader_next(r, &line, &e)) == READER_LINE) {
			buf_str(&b, line.text);
			buf_byte(&b, '\n');
		}
	if (result == READER_FAILED)
		buf_fmt(&b, "%s", e.text); /* no JSON: every expectation fails with it */
	reader_close(&r);
	text = b.n ? buf_take(&b, &n) : strdup("");
	buf_fini(&b);
	return text;
}
