/* store_lives: see the header. */
#include "tests/fake/store_lives.h"

#include "daemon/base/attr.h"
#include "daemon/store/journal.h"
#include "daemon/store/names.h"
#include "daemon/store/reader.h"
#include "daemon/store/stores.h"
#include "tests/fake/store_lines.h"

#include <assert.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define SEGMENT_SIZE 32768u
#define SEGMENTS_MAX 10u
#define BASE_MS 1795255200000 /* an hour in 2026 */
#define ITEM_MS 400000 /* between two items: some rotations by time */
#define RETAIN_FROM 26u /* item */

struct oracle { /* shared with all lives */
	unsigned attempts; /* commits tried: part of every line's text */
	unsigned acked[STORE_ITEMS + 1]; /* the attempt that was acknowledged; 0: none */
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
	char journal[160], stores[160], active[200];
	struct follower follower;
	unsigned lives;
};

static struct bench bench;
static bool counting; /* allocations count: the code under test is running */

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

static void die(const char *fmt, ...) PRINTF_LIKE(1, 2);
static void die(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(bench.oracle->failure, sizeof(bench.oracle->failure), fmt, args);
	va_end(args);
	_exit(1);
}

static void check_line(struct str line, unsigned id, const char *where)
{
	static char expected[STORE_LINE_ROOM];
	unsigned attempt = store_line_number(line, "\"attempt\":");
	size_t n = store_line_make(id, attempt, expected);

	if (line.n != n - 1 || memcmp(line.p, expected, n - 1) != 0)
		die("%s: bad line for %u: %.80s", where, id, line.n ? line.p : "(empty)");
	if (bench.oracle->acked[id] && bench.oracle->acked[id] != attempt)
		die("%s: line %u is of attempt %u, acknowledged was %u", where, id, attempt,
		    bench.oracle->acked[id]);
}

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
		id = store_line_number(line.text, "\"seq\":");
		if (id < 1 || id > STORE_ITEMS ||
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
		bench.oracle->acked[id] = store_line_number(entry->line, "\"attempt\":");
	found[id] = true;
	return true;
}

/* Other consumers than the stores rely on it: until it was told to forget them, the journal has all entries. */
static bool hand_over(struct world *w)
{
	const struct oracle *o = bench.oracle;
	bool found[STORE_ITEMS + 1] = { false };
	struct err e = { 0 };
	bool ok = journal_read(w->journal, journal_first_lsn(w->journal), take_as_acked, found, &e);

	need(ok, "journal_read", &e);
	for (uint64_t id = o->released + 1; ok && id <= STORE_ITEMS; id++) {
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
	static char line[STORE_LINE_ROOM];
	struct err e = { 0 };

	journal_group_start(w->group, first);
	for (unsigned id = first; id < first + count && id <= STORE_ITEMS; id++) {
		struct journal_entry entry = { .type = 7, .meta = STR("meta") };

		entry.routes = id % 3 == 0 ? STR("items\ntopic") : STR("items");
		entry.line = str_of(line, store_line_make(id, attempt, line));
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

	for (unsigned round = 1; journal_next_lsn(w->journal) <= STORE_ITEMS; round++) {
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
		unsigned id = store_line_number(line.text, "\"seq\":");

		if (last ? id != last + spacing : id != spacing && !bench.oracle->retained)
			die("verify %s: %u after %u in %s", store, id, last, line.file);
		check_line(line.text, id, "verify");
		last = id;
	}
	if (got == READER_FAILED)
		die("verify %s: %s", store, e.text);
	if (last != STORE_ITEMS / spacing * spacing)
		die("verify %s: ends at %u", store, last);
	reader_close(&r);
}

static void live(bool follow_recovery, enum store_life_end end)
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
	if (end == STORE_LIFE_VERIFY) {
		verify_store("items", 1);
		verify_store("topic", 3);
	}
	_exit(0);
}

bool store_lives_one(const struct store_fate *fate, bool follow_recovery, enum store_life_end end)
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
	assert(pid >= 0);
	if (pid == 0)
		live(follow_recovery, end);
	pid = waitpid(pid, &status, 0);
	assert(pid > 0);
	if (WIFEXITED(status) && (WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == FAULT_EXIT))
		return true;
	if (WIFSIGNALED(status))
		snprintf(bench.oracle->failure, sizeof(bench.oracle->failure), "died of signal %d",
		    WTERMSIG(status));
	return false;
}

void store_lives_init(const char *folder)
{
	snprintf(bench.journal, sizeof(bench.journal), "%s/journal", folder);
	snprintf(bench.stores, sizeof(bench.stores), "%s/stores", folder);
	snprintf(bench.active, sizeof(bench.active), "%s/stores/items.jsonl", folder);
	bench.oracle =
	    mmap(NULL, sizeof(*bench.oracle), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert(bench.oracle != MAP_FAILED);
	bench.disk = fault_fs_new(folder);
}

void store_lives_fini(void)
{
	fault_fs_free(&bench.disk);
	munmap(bench.oracle, sizeof(*bench.oracle));
	bench.oracle = NULL;
}

struct fault_fs *store_lives_disk(void)
{
	return bench.disk;
}

void store_lives_forget(void)
{
	fault_fs_wipe(bench.disk);
	memset(bench.oracle, 0, sizeof(*bench.oracle));
}

const char *store_lives_failure(void)
{
	return bench.oracle->failure[0] ? bench.oracle->failure : "failed without a word";
}

unsigned store_lives_allocations(void)
{
	return bench.oracle->allocations;
}

unsigned store_lives_count(void)
{
	return bench.lives;
}
