/*
 * The store under every fault: a scenario of commits, rotations, compression, checkpoints, recycling and retention is run again and again,
 * each time with one more step (or allocation) that fails, tears, kills or is followed by a power cut; then a whole life without
 * faults must end with every line exactly once and in order. An oracle in shared memory knows what was acknowledged, with which text; a follower
 * reads along after every change. A sweep counts only because tests/fault/check_mutants.sh shows which planted bugs it catches.
 */
#include "daemon/base/attr.h"
#include "daemon/store/journal.h"
#include "daemon/store/names.h"
#include "daemon/store/reader.h"
#include "daemon/store/stores.h"
#include "tests/fake/fault_fs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define ITEMS 36u /* lines of the scenario */
#define LINE_ROOM 80000u /* bytes; more than the longest line */
#define SEGMENT_SIZE 32768u
#define SEGMENTS_MAX 10u
#define BASE_MS 1795255200000 /* an hour in 2026 */
#define ITEM_MS 400000 /* between two items: some rotations by time */
#define RETAIN_FROM 26u /* item */
#ifdef __SANITIZE_ADDRESS__
#define STRIDE 5u /* every so many steps: a life is ten times as expensive */
#else
#define STRIDE 1u
#endif
/* set by check_mutants.sh: a coarse sweep that ends with its first find */
#define STRIDE_VARIABLE "GAZETTED_SWEEP_STRIDE"
#define ONLY_VARIABLE "GAZETTED_SWEEP_ONLY" /* a pattern of names of tests */

struct oracle { /* shared with all lives */
	unsigned attempts; /* commits tried: part of every line's text */
	unsigned acked[ITEMS + 1]; /* the attempt that was acknowledged; 0: none */
	uint64_t released; /* the journal may forget these */
	bool retained; /* old lines may be gone */
	unsigned deleted; /* files by retention */
	bool unlucky; /* this life has a fault */
	unsigned allocations;
	unsigned fail_from, fail_to; /* allocations that fail */
	char failure[400];
};

struct follower {
	struct reader *reader;
	unsigned last;
	uint64_t inode;
	int64_t size;
};

struct bench {
	struct fault_fs *disk;
	struct oracle *oracle;
	char root[128], journal[160], stores[160], active[200];
	struct follower follower;
	unsigned lives;
};

static struct bench bench;
static unsigned stride = STRIDE;
static bool stop_at_first;
static bool counting; /* allocations count: the code under test is running */

/* --- allocations */

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);

static bool allocation_fails(void)
{
	struct oracle *o = bench.oracle;

	if (!counting)
		return false;
	o->allocations++;
	return o->allocations >= o->fail_from && o->allocations <= o->fail_to;
}

void *__wrap_malloc(size_t n)
{
	return allocation_fails() ? NULL : __real_malloc(n);
}

void *__wrap_calloc(size_t n, size_t size)
{
	return allocation_fails() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t n)
{
	return allocation_fails() ? NULL : __real_realloc(p, n);
}

/* --- lines */

static void die(const char *fmt, ...) PRINTF_LIKE(1, 2);
static void die(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(bench.oracle->failure, sizeof(bench.oracle->failure), fmt, args);
	va_end(args);
	_exit(1);
}

static size_t pad_length(unsigned id)
{
	if (id == 23)
		return 50000; /* larger than a segment */
	return id % 9 == 4 ? 5000 : id * 37 % 200;
}

/* The text tells its number and the attempt that wrote it; the rest follows from these. */
static size_t make_line(unsigned id, unsigned attempt, char *out)
{
	size_t n =
	    (size_t)snprintf(out, LINE_ROOM, "{\"v\":1,\"seq\":%u,\"attempt\":%u,\"text\":\"", id, attempt);
	uint32_t x = id * 2654435761u + attempt;

	for (size_t i = pad_length(id); i > 0; i--) {
		x = x * 1664525u + 1013904223u;
		out[n++] = (char)('a' + (x >> 24) % 16);
	}
	memcpy(out + n, "\"}\n", 4);
	return n + 3;
}

static unsigned number_in(struct str line, const char *name)
{
	size_t at = str_find(line, str_from(name), 0);

	return at == SIZE_MAX ? 0 : (unsigned)strtoul(line.p + at + strlen(name), NULL, 10);
}

static void check_line(struct str line, unsigned id, const char *where)
{
	static char expected[LINE_ROOM];
	unsigned attempt = number_in(line, "\"attempt\":");
	size_t n = make_line(id, attempt, expected);

	if (line.n != n - 1 || memcmp(line.p, expected, n - 1) != 0)
		die("%s: bad line for %u: %.80s", where, id, line.n ? line.p : "(empty)");
	if (bench.oracle->acked[id] && bench.oracle->acked[id] != attempt)
		die("%s: line %u is of attempt %u, acknowledged was %u", where, id, attempt,
		    bench.oracle->acked[id]);
}

/* --- the follower */

static void follow(void *ctx)
{
	struct follower *f = ctx;
	struct reader_line line;
	struct err e = { 0 };
	struct fs_stat st;
	enum reader_result got;
	bool was = counting;

	counting = false;
	if (fs_system.stat(&fs_system, bench.active, &st) == 0) {
		if (st.inode == f->inode && st.size < f->size)
			die("the active file shrank from %lld to %lld", (long long)f->size,
			    (long long)st.size);
		f->inode = st.inode;
		f->size = st.size;
	}
	while (f->reader && (got = reader_next(f->reader, &line, &e)) != READER_END) {
		unsigned id;

		if (got == READER_FAILED)
			die("follower: %s", e.text);
		id = number_in(line.text, "\"seq\":");
		if (id < 1 || id > ITEMS ||
		    (f->last ? id != f->last + 1 : id != 1 && !bench.oracle->retained))
			die("follower: %u after %u in %s: %.60s", id, f->last, line.file,
			    line.text.n ? line.text.p : "");
		check_line(line.text, id, "follower");
		f->last = id;
	}
	counting = was;
}

static void follower_start(void)
{
	struct err e = { 0 };
	bool was = counting;

	counting = false;
	fs_system.mkdir(&fs_system, bench.stores, 0700);
	if (!bench.follower.reader &&
	    !reader_open(&fs_system, bench.stores, "items", &bench.follower.reader, &e))
		die("follower: %s", e.text);
	counting = was;
}

/* --- one life */

struct world {
	struct journal *journal;
	struct stores *stores;
	struct journal_group *group;
};

static int64_t now_ms(const struct world *w)
{
	return BASE_MS + (int64_t)journal_next_lsn(w->journal) * ITEM_MS;
}

static void need(bool ok, const char *what, const struct err *e)
{
	if (!ok && !bench.oracle->unlucky)
		die("%s: %s", what, e->text);
}

static bool open_world(struct world *w)
{
	static const char *const names[] = { "items", "topic" };
	const struct journal_options jo = { bench.journal, SEGMENT_SIZE, SEGMENTS_MAX };
	const struct stores_policy policy = { .directory = bench.stores,
		.rotate_size = 9000,
		.rotate_every_ms = 3600000,
		.compress = true,
		.keep_total = 20000,
		.mode = 0640 };
	const struct fs *fs = fault_fs_seam(bench.disk);
	struct journal_recovery jr;
	struct stores_report sr;
	struct err e = { 0 };
	bool ok;

	ok = journal_open(fs, &jo, &w->journal, &jr, &e);
	need(ok, "journal_open", &e);
	ok = ok && stores_open(fs, &policy, w->journal, names, 2, now_ms(w), &w->stores, &sr, &e);
	need(ok, "stores_open", &e);
	if (ok && sr.note[0] && bench.lives == 1)
		die("stores_open: %s", sr.note);
	w->group = ok ? journal_group_new() : NULL;
	return w->group != NULL;
}

static bool stands_twice(void *ctx, const char *name)
{
	bool *found = ctx;
	struct closed_file f = { .size = 0 };
	char copy[sizeof(bench.stores) + NAME_MAX + 8];
	struct fs_stat st;

	snprintf(copy, sizeof(copy), "%s/%s.zst", bench.stores, name);
	*found = names_parse(name, &f) && !f.compressed && fs_system.stat(&fs_system, copy, &st) == 0;
	return !*found;
}

/* A start without faults leaves no closed file both plain and compressed: who reads `items*` would meet its lines twice. */
static void check_twins(void)
{
	bool found = false, was = counting;

	counting = false;
	fs_system.list(&fs_system, bench.stores, stands_twice, &found);
	counting = was;
	if (found)
		die("a closed file stands there plain and compressed");
}

/* What a start finds and hands to consumers counts as acknowledged from then on. */
static bool take_as_acked(void *ctx, const struct journal_entry *entry)
{
	bool *found = ctx;
	unsigned id = (unsigned)entry->lsn;

	check_line(str_of(entry->line.p, entry->line.n - 1), id, "journal");
	if (bench.oracle->acked[id] == 0)
		bench.oracle->acked[id] = number_in(entry->line, "\"attempt\":");
	found[id] = true;
	return true;
}

/* Other consumers than the stores rely on it: until it was told to forget them, the journal has all entries. */
static bool hand_over(struct world *w)
{
	const struct oracle *o = bench.oracle;
	bool found[ITEMS + 1] = { false };
	struct err e = { 0 };
	bool ok = journal_read(w->journal, journal_first_lsn(w->journal), take_as_acked, found, &e);

	need(ok, "journal_read", &e);
	for (uint64_t id = o->released + 1; ok && id <= ITEMS; id++) {
		if (o->acked[id] && !found[id])
			die("journal: entry %u is not there", (unsigned)id);
	}
	return ok;
}

static void close_world(struct world *w)
{
	journal_group_free(&w->group);
	stores_close(&w->stores);
	journal_close(&w->journal);
}

static bool fill_group(struct world *w, unsigned first, unsigned count, unsigned attempt)
{
	static char line[LINE_ROOM];
	struct err e = { 0 };

	journal_group_start(w->group, first);
	for (unsigned id = first; id < first + count && id <= ITEMS; id++) {
		struct journal_entry entry = { .type = 7, .meta = STR("meta") };

		entry.routes = id % 3 == 0 ? STR("items\ntopic") : STR("items");
		entry.line = str_of(line, make_line(id, attempt, line));
		if (!journal_group_add(w->group, &entry, &e)) {
			need(false, "journal_group_add", &e);
			return false;
		}
	}
	return true;
}

static bool apply(void *ctx, const struct journal_entry *entry)
{
	stores_apply(ctx, entry);
	return true;
}

/* A failed group is tried again with another text and another length, as a feed that was polled again would be. */
static bool publish(struct world *w)
{
	static const unsigned sizes[] = { 1, 3, 2, 5, 1, 4 };
	struct oracle *o = bench.oracle;
	struct err e = { 0 };

	for (unsigned try = 0; try < 3; try++) {
		unsigned first = (unsigned)journal_next_lsn(w->journal), attempt = ++o->attempts;
		bool ok = fill_group(w, first, sizes[(first + try) % 6], attempt);

		ok = ok && journal_commit(w->journal, w->group, &e);
		need(ok, "journal_commit", &e);
		if (!ok)
			continue;
		for (unsigned i = 0; i < journal_group_count(w->group); i++)
			o->acked[first + i] = attempt;
		journal_group_each(w->group, apply, w->stores);
		return true;
	}
	return false;
}

static void checkpoint(struct world *w)
{
	struct err e = { 0 };
	uint64_t lsn;
	bool ok = stores_checkpoint(w->stores, &lsn, &e);

	need(ok, "stores_checkpoint", &e);
	if (ok && lsn > bench.oracle->released)
		bench.oracle->released = lsn;
	if (ok && !journal_release(w->journal, lsn, &e))
		need(false, "journal_release", &e);
}

static void housekeep(struct world *w, unsigned round)
{
	struct err e = { 0 };
	char path[4096];
	struct stores_retained retained;

	if (round % 2 == 0)
		checkpoint(w);
	if (round % 3 == 0 && stores_next_to_compress(w->stores, path, sizeof(path)))
		need(stores_compress_one(fault_fs_seam(bench.disk), path, 0640, &e), "stores_compress_one",
		    &e);
	if (round % 4 == 0 && journal_next_lsn(w->journal) > RETAIN_FROM) {
		bench.oracle->retained = true;
		need(stores_retain(w->stores, now_ms(w), -1, &retained, &e), "stores_retain", &e);
		bench.oracle->deleted += retained.files[STORES_SIZE];
	}
}

static void run_scenario(struct world *w)
{
	struct err e = { 0 };

	for (unsigned round = 1; journal_next_lsn(w->journal) <= ITEMS; round++) {
		if (!publish(w))
			return;
		e = (struct err){ 0 };
		need(stores_flush(w->stores, now_ms(w), &e), "stores_flush", &e);
		housekeep(w, round);
	}
	for (unsigned i = 0; i < 4; i++) {
		e = (struct err){ 0 };
		if (stores_flush(w->stores, now_ms(w), &e))
			break;
		need(false, "stores_flush", &e);
	}
	checkpoint(w);
	if (bench.lives == 1 && bench.oracle->deleted == 0)
		die("stores_retain: nothing was deleted");
}

static void verify_store(const char *store, unsigned spacing)
{
	struct reader *r;
	struct reader_line line;
	struct err e = { 0 };
	unsigned last = 0;
	enum reader_result got;

	if (!reader_open(&fs_system, bench.stores, store, &r, &e))
		die("verify: %s", e.text);
	while ((got = reader_next(r, &line, &e)) == READER_LINE) {
		unsigned id = number_in(line.text, "\"seq\":");

		if (last ? id != last + spacing : id != spacing && !bench.oracle->retained)
			die("verify %s: %u after %u in %s", store, id, last, line.file);
		check_line(line.text, id, "verify");
		last = id;
	}
	if (got == READER_FAILED)
		die("verify %s: %s", store, e.text);
	if (last != ITEMS / spacing * spacing)
		die("verify %s: ends at %u", store, last);
	reader_close(&r);
}

enum life_end { LIFE_PLAIN, LIFE_VERIFY };

static void live(bool follow_recovery, enum life_end end)
{
	struct world w = { 0 };

	if (follow_recovery)
		follower_start();
	fault_fs_on_change(bench.disk, "items.jsonl", follow, &bench.follower);
	counting = true;
	if (open_world(&w) && hand_over(&w)) {
		if (!bench.oracle
		         ->unlucky) { /* else its repair may have failed: holes of a power cut stand there still */
			follower_start();
			check_twins();
		}
		follow(&bench.follower);
		run_scenario(&w);
	}
	close_world(&w);
	counting = false;
	follow(&bench.follower);
	reader_close(&bench.follower.reader);
	if (end == LIFE_VERIFY) {
		verify_store("items", 1);
		verify_store("topic", 3);
	}
	_exit(0);
}

/* --- runs */

struct fate {
	struct fault_plan plan;
	unsigned fail_from, fail_to;
	int power_seed; /* -1: no power cut after this life */
};

static const struct fate lucky = { .power_seed = -1 };

/* False: the life found something wrong; the oracle says what. */
static bool one_life(const struct fate *fate, bool follow_recovery, enum life_end end)
{
	int status;
	pid_t pid;

	bench.lives++;
	bench.oracle->unlucky = fate->plan.kind != FAULT_NONE || fate->fail_from;
	bench.oracle->allocations = 0;
	bench.oracle->fail_from = fate->fail_from;
	bench.oracle->fail_to = fate->fail_to;
	fault_fs_plan(bench.disk, fate->plan);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		live(follow_recovery, end);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && (WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == FAULT_EXIT))
		return true;
	if (WIFSIGNALED(status))
		snprintf(bench.oracle->failure, sizeof(bench.oracle->failure), "died of signal %d",
		    WTERMSIG(status));
	return false;
}

static void fail_run(const struct fate *fates, unsigned count)
{
	char text[300];
	size_t n = 0;

	for (unsigned i = 0; i < count; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n,
		    " [kind %d step %u tear %u power %d alloc %u-%u]", fates[i].plan.kind, fates[i].plan.step,
		    fates[i].plan.tear, fates[i].power_seed, fates[i].fail_from, fates[i].fail_to);
	if (stop_at_first) {
		printf("not ok - %s\n", bench.oracle->failure);
		fault_fs_free(&bench.disk);
		exit(1);
	}
	fail_msg(
	    "%s; after%s", bench.oracle->failure[0] ? bench.oracle->failure : "failed without a word", text);
}

/* The lives in order, then one without faults that must bring everything to its end. */
static void run(const struct fate *fates, unsigned count)
{
	bool cut = false;

	fault_fs_wipe(bench.disk);
	memset(bench.oracle, 0, sizeof(*bench.oracle));
	for (unsigned i = 0; i < count; i++) {
		if (!one_life(&fates[i], !cut, LIFE_PLAIN))
			fail_run(fates, count);
		cut |= fates[i].power_seed >= 0; /* holes stay until a recovery has come to its end */
		if (fates[i].power_seed >= 0)
			fault_fs_power_loss(bench.disk, (uint64_t)fates[i].power_seed);
	}
	if (!one_life(&lucky, !cut, LIFE_VERIFY))
		fail_run(fates, count);
}

/* How many steps and allocations a life without faults has; its kinds of steps stay readable. */
static unsigned count_steps(void)
{
	fault_fs_wipe(bench.disk);
	memset(bench.oracle, 0, sizeof(*bench.oracle));
	if (!one_life(&lucky, true, LIFE_PLAIN))
		fail_run(&lucky, 1);
	return fault_fs_steps(bench.disk);
}

/* --- the sweeps */

struct choice {
	unsigned steps;
	bool *writes, *changes, *syncs;
};

static struct choice choose(void)
{
	struct choice c = { .steps = count_steps() };

	c.writes = calloc(c.steps + 1, sizeof(bool));
	c.changes = calloc(c.steps + 1, sizeof(bool));
	c.syncs = calloc(c.steps + 1, sizeof(bool));
	assert_non_null(c.writes);
	assert_non_null(c.changes);
	assert_non_null(c.syncs);
	for (unsigned i = 1; i <= c.steps; i++) {
		c.writes[i] = fault_fs_step_writes(bench.disk, i);
		c.changes[i] = fault_fs_step_changes(bench.disk, i);
		c.syncs[i] = fault_fs_step_syncs(bench.disk, i);
	}
	return c;
}

static void drop(struct choice *c)
{
	print_message("# %u steps, %u lives so far\n", c->steps, bench.lives);
	free(c->writes);
	free(c->changes);
	free(c->syncs);
}

static void nothing_fails(void **state)
{
	(void)state;
	run(&lucky, 0);
}

static void every_step_fails(enum fault_kind kind)
{
	struct choice c = choose();

	for (unsigned step = 1; step <= c.steps; step += (kind == FAULT_ONCE ? 1 : 2) * stride)
		run(&(struct fate){ .plan = { .kind = kind, .step = step }, .power_seed = -1 }, 1);
	drop(&c);
}

static void every_step_fails_once(void **state)
{
	(void)state;
	every_step_fails(FAULT_ONCE);
}

static void every_step_fails_for_ever(void **state)
{
	(void)state;
	every_step_fails(FAULT_FOREVER);
}

static void every_change_is_the_last(void **state)
{
	struct choice c = choose();

	(void)state;
	for (unsigned step = 1; step <= c.steps; step += stride) {
		if (c.changes[step])
			run(&(struct fate){ .plan = { .kind = FAULT_KILL, .step = step }, .power_seed = -1 },
			    1);
	}
	drop(&c);
}

static void every_write_tears(void **state)
{
	struct choice c = choose();

	(void)state;
	for (unsigned step = 1; step <= c.steps; step += stride) {
		for (unsigned tear = 0; c.writes[step] && tear < FAULT_TEARS; tear++) {
			run(&(struct fate){ .plan = { .kind = FAULT_TEAR_KILL, .step = step, .tear = tear },
			        .power_seed = -1 },
			    1);
			if (tear % 2 == step % 2)
				run(
				    &(struct fate){
				        .plan = { .kind = FAULT_TEAR, .step = step, .tear = tear },
				        .power_seed = -1 },
				    1);
		}
	}
	drop(&c);
}

static void power_is_cut_at_every_change(void **state)
{
	struct choice c = choose();

	(void)state;
	for (unsigned step = 1; step <= c.steps; step += stride) {
		for (int seed = 0; c.changes[step] && seed < 2; seed++)
			run(&(struct fate){ .plan = { .kind = FAULT_KILL, .step = step },
			        .power_seed = seed + (seed ? (int)step * 3 : 0) },
			    1);
	}
	drop(&c);
}

/* A sync that failed, then a power cut some steps later or at the end: the pages that it dropped must not be missed. */
static void power_is_cut_after_a_failure(void **state)
{
	static const unsigned later[] = { 1, 4, 9, 25 };
	struct choice c = choose();

	(void)state;
	for (unsigned step = 1; step <= c.steps; step += stride) {
		struct fate fate = { .plan = { .kind = FAULT_ONCE, .step = step },
			.power_seed = (int)(step % 4) };

		if (c.changes[step])
			run(&fate, 1);
		fate.plan.then_kill = later[step / 2 % 4];
		if (c.syncs[step])
			run(&fate, 1);
	}
	drop(&c);
}

/* Lives in a row: one that is killed, one whose recovery is killed before a power cut, torn, or fails. */
static void recovery_is_hit(void **state)
{
	static const enum fault_kind kinds[] = { FAULT_KILL, FAULT_TEAR_KILL, FAULT_KILL, FAULT_ONCE };
	struct choice c = choose();

	(void)state;
	for (unsigned step = 5; step <= c.steps; step += 173) {
		for (unsigned second = 1; second < 80; second += stride) {
			unsigned k = (step + second) % 4;
			const struct fate fates[] = {
				{ .plan = { .kind = c.writes[step] ? FAULT_TEAR_KILL : FAULT_KILL,
				      .step = step,
				      .tear = second % FAULT_TEARS },
				    .power_seed = second % 7 == 0 ? (int)second : -1 },
				{ .plan = { .kind = kinds[k],
				      .step = second,
				      .tear = step % FAULT_TEARS,
				      .then_kill = second % 8 },
				    .power_seed =
				        kinds[k] == FAULT_TEAR_KILL ? -1 : (int)((step + second) % 5) },
			};

			run(fates, 2);
		}
	}
	drop(&c);
}

/* What was written and not synced is found by the next life, which cannot know that and hands it over; then the power is cut. */
static void recovery_is_believed(void **state)
{
	struct choice c = choose();

	(void)state;
	for (unsigned step = 1; step <= c.steps; step += stride) {
		const struct fate fates[] = {
			{ .plan = { .kind = FAULT_KILL, .step = step }, .power_seed = -1 },
			{ .plan = { .kind = FAULT_KILL, .step = 25 + step * 13 % 70 }, .power_seed = 0 },
		};

		if (c.syncs[step])
			run(fates, 2);
	}
	drop(&c);
}

/* A read that fails while a life begins is no damage; what cannot be brought forward then is brought forward later. */
static void recovery_fails(void **state)
{
	struct choice c = choose();

	(void)state;
	for (unsigned step = 11; step <= c.steps; step += 199) {
		for (unsigned second = 1; second < 120; second += stride) {
			const struct fate fates[] = {
				{ .plan = { .kind = FAULT_KILL, .step = step }, .power_seed = -1 },
				{ .plan = { .kind = second % 2 ? FAULT_ONCE : FAULT_SPELL,
				      .step = second / 2 + 1 },
				    .power_seed = -1 },
			};

			run(fates, 2);
		}
	}
	drop(&c);
}

/* A failure, more work, then a kill: what failed must not come back, what lagged must be caught up. */
static void failure_then_kill(void **state)
{
	static const unsigned later[] = { 6, 11, 18, 40 };
	struct choice c = choose();

	(void)state;
	for (unsigned step = 1; step <= c.steps; step += stride) {
		for (unsigned i = step % 4; c.changes[step] && i < 4; i += 4)
			run(
			    &(struct fate){
			        .plan = { .kind = FAULT_ONCE, .step = step, .then_kill = later[i] },
			        .power_seed = -1 },
			    1);
	}
	drop(&c);
}

/* A disk that is full for a while: the stores lag and catch up by themselves. */
static void failure_heals(void **state)
{
	struct choice c = choose();

	(void)state;
	for (unsigned step = 1; step <= c.steps; step += 2 * stride)
		run(&(struct fate){ .plan = { .kind = FAULT_SPELL, .step = step }, .power_seed = -1 }, 1);
	drop(&c);
}

static void every_allocation_fails(void **state)
{
	unsigned count;

	(void)state;
	count_steps();
	count = bench.oracle->allocations;
	assert_true(count > 0); /* else the sweep was linked without its hold on malloc */
	for (unsigned i = 1; i <= count; i += stride)
		run(&(struct fate){ .fail_from = i, .fail_to = i, .power_seed = -1 }, 1);
	for (unsigned i = 1; i <= count; i += 5 * stride)
		run(&(struct fate){ .fail_from = i, .fail_to = UINT32_MAX, .power_seed = -1 }, 1);
	for (unsigned i = 1; i <= count; i += 2 * stride) {
		const struct fate fates[] = {
			{ .plan = { .kind = FAULT_TEAR_KILL,
			      .step = 60 + i * 17 % 400,
			      .tear = i % FAULT_TEARS },
			    .power_seed = -1 },
			{ .fail_from = i % 60 + 1,
			    .fail_to = i % 3 ? i % 60 + 1 : UINT32_MAX,
			    .power_seed = -1 },
		};

		run(fates, 2);
	}
	print_message("# %u allocations, %u lives so far\n", count, bench.lives);
}

static int set_up(void **state)
{
	const char *base = getenv("TMPDIR");
	char folder[100];

	(void)state;
	if (!base && access("/dev/shm", W_OK) == 0)
		base = "/dev/shm"; /* memory: on a disk the sweep takes minutes */
	snprintf(folder, sizeof(folder), "%.80s/sweep-XXXXXX", base ? base : "/tmp");
	assert_non_null(mkdtemp(folder));
	snprintf(bench.root, sizeof(bench.root), "%s", folder);
	snprintf(bench.journal, sizeof(bench.journal), "%s/journal", folder);
	snprintf(bench.stores, sizeof(bench.stores), "%s/stores", folder);
	snprintf(bench.active, sizeof(bench.active), "%s/stores/items.jsonl", folder);
	bench.oracle =
	    mmap(NULL, sizeof(*bench.oracle), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(bench.oracle != MAP_FAILED);
	bench.disk = fault_fs_new(folder);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	fault_fs_free(&bench.disk);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_fails),
		cmocka_unit_test(every_change_is_the_last),
		cmocka_unit_test(power_is_cut_at_every_change),
		cmocka_unit_test(power_is_cut_after_a_failure),
		cmocka_unit_test(recovery_is_believed),
		cmocka_unit_test(recovery_fails),
		cmocka_unit_test(every_step_fails_once),
		cmocka_unit_test(every_write_tears),
		cmocka_unit_test(every_allocation_fails),
		cmocka_unit_test(recovery_is_hit),
		cmocka_unit_test(failure_then_kill),
		cmocka_unit_test(failure_heals),
		cmocka_unit_test(every_step_fails_for_ever),
	};

	if (getenv(STRIDE_VARIABLE)) {
		stride = (unsigned)strtoul(getenv(STRIDE_VARIABLE), NULL, 10);
		stop_at_first = true;
	}
	if (getenv(ONLY_VARIABLE))
		cmocka_set_test_filter(getenv(ONLY_VARIABLE));
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("fault/store", tests, set_up, tear_down);
}
