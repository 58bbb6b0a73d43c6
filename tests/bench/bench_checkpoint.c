/*
 * bench_checkpoint: how long the main thread stands still for a checkpoint when much is remembered: made by itself, and with the syncs on another
 * thread, in turns. Between two checkpoints as much is written as in ten busy seconds. Usage: bench_checkpoint [ITEMS [ROUNDS]], in $TMPDIR.
 */
#include "daemon/store/state.h"
#include "daemon/store/stores.h"
#include "daemon/store/stores_job.h"
#include "tests/fake/remove_tree.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define BATCH 10000u /* rows of one transaction while filling */
#define GROUPS 20u /* journal groups between two checkpoints */
#define GROUP_LINES 32u
#define LINE_SIZE 2048u /* bytes */
#define TOUCHED 250u /* names of a group */
#define ROUNDS_MAX 1000u
#define NOW_MS 1795255200000

struct bench {
	char folder[4000], journal_folder[4200], stores_folder[4200], state_file[4200];
	struct journal *j;
	struct journal_group *g;
	struct stores *s;
	struct state *state;
	uint64_t items, random;
	struct stores_job job;
	struct err job_error;
	bool worked;
};

static struct err e;

static double ms_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static uint64_t alias_of(uint64_t item)
{
	uint64_t x = item * UINT64_C(0x9e3779b97f4a7c15);

	x ^= x >> 29;
	return x * UINT64_C(0xbf58476d1ce4e5b9);
}

static bool put_names(struct bench *b, uint64_t from, uint64_t count)
{
	bool ok = state_begin(b->state, &e);

	for (uint64_t i = from; ok && i < from + count; i++) {
		const struct state_seen row = { alias_of(i), i, (uint32_t)i, 1795255200 };

		ok = state_seen_put(b->state, &row, &e);
	}
	return ok && state_commit(b->state, 0, &e);
}

static bool open_all(struct bench *b)
{
	static const char *const names[] = { "items" };
	const struct journal_options o = { b->journal_folder, JOURNAL_SEGMENT_SIZE, 8 };
	const struct stores_policy policy = { .directory = b->stores_folder, .mode = 0640 };
	struct journal_recovery recovery;
	struct stores_report report;

	b->g = journal_group_new();
	if (!b->g || !journal_open(&fs_system, &o, &b->j, &recovery, &e) ||
	    !stores_open(&fs_system, &policy, b->j, names, 1, NOW_MS, &b->s, &report, &e) ||
	    !state_open(b->state_file, &b->state, &e))
		return false;
	for (uint64_t i = 0; i < b->items; i += BATCH)
		if (!put_names(b, i, BATCH))
			return false;
	return state_sync(b->state, &e);
}

static bool apply(void *ctx, const struct journal_entry *entry)
{
	stores_apply(ctx, entry);
	return true;
}

static bool touch(struct bench *b, uint64_t lsn)
{
	bool ok = state_begin(b->state, &e);

	for (unsigned i = 0; ok && i < TOUCHED; i++) {
		b->random = b->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		ok = state_seen_touch(
		    b->state, alias_of((b->random >> 20) % b->items), (uint32_t)b->random, &e);
	}
	return ok && state_commit(b->state, lsn, &e);
}

static bool write_group(struct bench *b)
{
	static char line[LINE_SIZE];
	const struct journal_entry entry = { .routes = STR("items"), .line = { line, LINE_SIZE } };

	memset(line, 'x', sizeof(line));
	line[LINE_SIZE - 1] = '\n';
	journal_group_start(b->g, journal_next_lsn(b->j));
	for (unsigned i = 0; i < GROUP_LINES; i++)
		if (!journal_group_add(b->g, &entry, &e))
			return false;
	if (!journal_commit(b->j, b->g, &e))
		return false;
	journal_group_each(b->g, apply, b->s);
	return stores_flush(b->s, NOW_MS, &e) && touch(b, journal_next_lsn(b->j) - 1);
}

static bool here(struct bench *b, double *ms)
{
	double begun = ms_now();
	uint64_t lsn;
	bool ok =
	    stores_checkpoint(b->s, &lsn, &e) && state_sync(b->state, &e) && journal_release(b->j, lsn, &e);

	*ms = ms_now() - begun;
	return ok;
}

static void *run_job(void *ctx)
{
	struct bench *b = ctx;

	b->worked = stores_job_run(&fs_system, &b->job, &b->job_error);
	return NULL;
}

/* Both parts that are the main thread's; while the other runs, a group is written. */
static bool aside(struct bench *b, double *ms)
{
	pthread_t thread;
	double begun = ms_now();
	bool folded, ok = stores_begin_checkpoint(b->s, state_path(b->state), &b->job);
	uint64_t lsn;

	*ms = ms_now() - begun;
	if (!ok || pthread_create(&thread, NULL, run_job, b) != 0)
		return err_set(&e, ERR_NOMEM, 0, "cannot begin");
	ok = write_group(b);
	pthread_join(thread, NULL);
	begun = ms_now();
	stores_end_checkpoint(b->s, b->worked, &lsn, &folded);
	if (!b->worked)
		return err_set(&e, b->job_error.kind, 0, "%s", b->job_error.text);
	ok = ok && (folded || state_sync(b->state, &e)) && journal_release(b->j, lsn, &e);
	*ms += ms_now() - begun;
	return ok;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static bool measure(struct bench *b, unsigned rounds)
{
	static double took[2][ROUNDS_MAX];

	for (unsigned i = 0; i < 2 * rounds; i++) {
		for (unsigned g = 0; g < GROUPS; g++)
			if (!write_group(b))
				return false;
		if (!(i % 2 ? aside(b, &took[1][i / 2]) : here(b, &took[0][i / 2])))
			return false;
	}
	printf("checkpoint, %llu remembered: the main thread stands still for (p50, longest of %u)\n",
	    (unsigned long long)b->items, rounds);
	for (unsigned k = 0; k < 2; k++) {
		qsort(took[k], rounds, sizeof(double), by_value);
		printf("  %-26s %7.2f ms  %7.2f ms\n", k ? "with the syncs elsewhere" : "all by itself",
		    took[k][rounds / 2], took[k][rounds - 1]);
	}
	return true;
}

int main(int argc, char **argv)
{
	static struct bench b = { .items = 1000000 };
	const char *where = getenv("TMPDIR");
	unsigned long rounds = argc > 2 ? strtoul(argv[2], NULL, 10) : 30;
	bool ok;

	if (argc > 1)
		b.items = strtoull(argv[1], NULL, 10);
	if (b.items == 0 || rounds == 0 || rounds > ROUNDS_MAX) {
		fprintf(stderr, "usage: bench_checkpoint [ITEMS [ROUNDS]]\n");
		return 2;
	}
	snprintf(b.folder, sizeof(b.folder), "%.3900s/checkpoint-XXXXXX", where ? where : "/tmp");
	if (!mkdtemp(b.folder))
		return 1;
	snprintf(b.journal_folder, sizeof(b.journal_folder), "%s/journal", b.folder);
	snprintf(b.stores_folder, sizeof(b.stores_folder), "%s/stores", b.folder);
	snprintf(b.state_file, sizeof(b.state_file), "%s/state.db", b.folder);
	ok = open_all(&b) && measure(&b, (unsigned)rounds);
	state_close(&b.state);
	stores_close(&b.s);
	journal_close(&b.j);
	journal_group_free(&b.g);
	remove_tree(b.folder);
	if (!ok)
		fprintf(stderr, "bench_checkpoint: %s\n", e.text);
	return !ok;
}
