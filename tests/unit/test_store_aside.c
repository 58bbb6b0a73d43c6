/* A checkpoint on another thread: what it makes certain, what is put off beside it, and that a failure is never taken for success. */
#include "daemon/store/state.h"
#include "daemon/store/stores.h"
#include "daemon/store/stores_job.h"
#include "tests/fake/remove_tree.h"

#include <errno.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define NOW 1795255200000

struct box {
	char folder[64], journal_folder[96], stores_folder[96], state_file[96];
	struct fs fs;
	struct journal *j;
	struct journal_group *g;
	struct stores *s;
	struct state *state;
	struct stores_job job;
};

static struct err e;

static void open_stores(struct box *b)
{
	static const char *const names[] = { "items" };
	const struct stores_policy policy = {
		.directory = b->stores_folder, .rotate_size = 300, .mode = 0640
	};
	const struct journal_options o = { b->journal_folder, 16384, 40 };
	struct journal_recovery recovery;
	struct stores_report report;

	assert_true(journal_open(&b->fs, &o, &b->j, &recovery, &e));
	assert_true(stores_open(&b->fs, &policy, b->j, names, 1, NOW, &b->s, &report, &e));
}

static int set_up(void **ctx)
{
	struct box *b = calloc(1, sizeof(*b));

	assert_non_null(b);
	*ctx = b;
	b->fs = fs_system;
	snprintf(b->folder, sizeof(b->folder), "%.40s/aside-XXXXXX",
	    access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	assert_non_null(mkdtemp(b->folder));
	snprintf(b->journal_folder, sizeof(b->journal_folder), "%s/journal", b->folder);
	snprintf(b->stores_folder, sizeof(b->stores_folder), "%s/stores", b->folder);
	snprintf(b->state_file, sizeof(b->state_file), "%s/state.db", b->folder);
	b->g = journal_group_new();
	assert_non_null(b->g);
	open_stores(b);
	assert_true(state_open(b->state_file, &b->state, &e));
	return 0;
}

static int tear_down(void **ctx)
{
	struct box *b = *ctx;

	state_close(&b->state);
	stores_close(&b->s);
	journal_close(&b->j);
	journal_group_free(&b->g);
	remove_tree(b->folder);
	free(b);
	return 0;
}

static bool apply(void *ctx, const struct journal_entry *entry)
{
	stores_apply(ctx, entry);
	return true;
}

/* A line of 100 bytes that begins with its number. */
static void publish(struct box *b)
{
	struct journal_entry entry = { .routes = STR("items") };
	char line[101];

	snprintf(line, sizeof(line), "{\"seq\":%-91llu}\n", (unsigned long long)journal_next_lsn(b->j));
	entry.line = str_from(line);
	journal_group_start(b->g, journal_next_lsn(b->j));
	assert_true(journal_group_add(b->g, &entry, &e));
	assert_true(journal_commit(b->j, b->g, &e));
	journal_group_each(b->g, apply, b->s);
	assert_true(stores_flush(b->s, NOW, &e));
}

static bool in_store(const struct box *b, const char *name)
{
	char path[200];

	snprintf(path, sizeof(path), "%s/%s", b->stores_folder, name);
	return access(path, F_OK) == 0;
}

static bool count_closed(void *ctx, const char *name)
{
	*(unsigned *)ctx += strncmp(name, "items-", 6) == 0;
	return true;
}

static unsigned closed_files(const struct box *b)
{
	unsigned n = 0;

	assert_int_equal(fs_system.list(&fs_system, b->stores_folder, count_closed, &n), 0);
	return n;
}

static bool begin(struct box *b)
{
	return stores_begin_checkpoint(b->s, state_path(b->state), &b->job);
}

static uint64_t end(struct box *b, bool worked)
{
	uint64_t lsn;
	bool folded;

	stores_end_checkpoint(b->s, worked, &lsn, &folded);
	assert_int_equal(folded, worked);
	return lsn;
}

static void what_came_before_is_certain_and_no_more(void **ctx)
{
	struct box *b = *ctx;
	uint64_t lsn;

	publish(b);
	assert_true(begin(b));
	publish(b);
	assert_true(stores_job_run(&b->fs, &b->job, &e));
	assert_int_equal(end(b, true), 1);
	assert_true(begin(b)); /* the second line is still to be made certain */
	assert_true(stores_job_run(&b->fs, &b->job, &e));
	assert_int_equal(end(b, true), 2);
	assert_true(stores_checkpoint(b->s, &lsn, &e));
	assert_int_equal(lsn, 2);
}

static unsigned syncs;

static int count_sync(const struct fs *fs, int fd)
{
	syncs++;
	return fs_system.sync(fs, fd);
}

/* Or a line that came meanwhile would never go to the disk. */
static void lines_beside_it_are_synced_by_the_next(void **ctx)
{
	struct box *b = *ctx;

	publish(b);
	assert_true(begin(b));
	publish(b);
	assert_true(stores_job_run(&b->fs, &b->job, &e));
	end(b, true);
	b->fs.sync = count_sync;
	syncs = 0;
	assert_true(stores_sync(b->s, &e));
	assert_int_equal(syncs, 1);
	assert_true(stores_sync(b->s, &e));
	assert_int_equal(syncs, 1);
}

static int refuse_sync(const struct fs *fs, int fd)
{
	(void)fs;
	(void)fd;
	errno = EIO;
	return -1;
}

/* The kernel tells of a failed write once: after that a sync of the same file proves nothing, and its lines are written anew. */
static void a_failed_sync_counts(void **ctx)
{
	struct box *b = *ctx;
	uint64_t lsn;

	publish(b);
	assert_true(begin(b));
	b->fs.sync = refuse_sync;
	assert_false(stores_job_run(&b->fs, &b->job, &e));
	assert_int_equal(end(b, false), 0);
	b->fs.sync = fs_system.sync;
	assert_true(stores_checkpoint(b->s, &lsn, &e));
	assert_int_equal(lsn, 0); /* nothing is certain until it was written again */
	assert_true(stores_flush(b->s, NOW, &e));
	assert_true(stores_checkpoint(b->s, &lsn, &e));
	assert_int_equal(lsn, 1);
}

static void a_sync_alone_writes_nothing_down(void **ctx)
{
	struct box *b = *ctx;
	bool folded;
	uint64_t lsn;

	publish(b);
	b->fs.sync = count_sync;
	assert_true(stores_begin_sync(b->s, &b->job));
	syncs = 0;
	assert_true(stores_job_run(&b->fs, &b->job, &e));
	assert_int_equal(syncs, 1);
	stores_end_checkpoint(b->s, true, &lsn, &folded);
	assert_int_equal(lsn, 0); /* the journal may release nothing for it */
	assert_false(folded);
	assert_true(stores_sync(b->s, &e));
	assert_int_equal(syncs, 1);
}

static void a_failed_sync_alone_counts_as_well(void **ctx)
{
	struct box *b = *ctx;
	bool folded;
	uint64_t lsn;

	publish(b);
	assert_true(stores_begin_sync(b->s, &b->job));
	b->fs.sync = refuse_sync;
	assert_false(stores_job_run(&b->fs, &b->job, &e));
	b->fs.sync = fs_system.sync;
	stores_end_checkpoint(b->s, false, &lsn, &folded);
	assert_true(stores_checkpoint(b->s, &lsn, &e));
	assert_int_equal(lsn, 0);
	assert_true(stores_flush(b->s, NOW, &e));
	assert_true(stores_checkpoint(b->s, &lsn, &e));
	assert_int_equal(lsn, 1);
}

static void rotation_waits_for_it(void **ctx)
{
	struct box *b = *ctx;

	publish(b);
	assert_true(begin(b));
	for (int i = 0; i < 4; i++)
		publish(b);
	assert_int_equal(closed_files(b), 0);
	assert_true(stores_job_run(&b->fs, &b->job, &e));
	assert_int_equal(end(b, true), 1);
	assert_true(stores_flush(b->s, NOW, &e));
	assert_int_equal(closed_files(b), 1);
}

static void a_move_is_noticed_after_it(void **ctx)
{
	struct box *b = *ctx;
	char from[200], to[200], note[STORES_NOTE_MAX];

	publish(b);
	snprintf(from, sizeof(from), "%s/items.jsonl", b->stores_folder);
	snprintf(to, sizeof(to), "%s/moved", b->stores_folder);
	assert_true(begin(b));
	assert_int_equal(rename(from, to), 0);
	publish(b);
	assert_false(in_store(b, "items.jsonl"));
	assert_true(stores_job_run(&b->fs, &b->job, &e));
	end(b, true);
	assert_false(stores_take_note(b->s, note));
	assert_true(stores_flush(b->s, NOW, &e));
	assert_true(stores_take_note(b->s, note));
	assert_true(in_store(b, "items.jsonl"));
}

/* The value as the file has it without its log. */
static void assert_in_file(const struct box *b, const char *want)
{
	struct state *alone;
	char got[16];
	size_t n;

	assert_true(state_open_to_read(b->state_file, true, &alone, &e));
	assert_true(state_get(alone, "x", got, sizeof(got), &n, &e));
	assert_int_equal(n, strlen(want));
	assert_memory_equal(got, want, n);
	state_close(&alone);
}

static void put_value(const struct box *b, const char *value, uint64_t lsn)
{
	assert_true(state_begin(b->state, &e) && state_put(b->state, "x", str_from(value), &e) &&
	            state_commit(b->state, lsn, &e));
}

static void the_state_is_folded(void **ctx)
{
	struct box *b = *ctx;

	put_value(b, "old", 1);
	assert_true(begin(b));
	assert_true(stores_job_run(&b->fs, &b->job, &e));
	end(b, true);
	assert_in_file(b, "old");
	put_value(b, "new", 2); /* the daemon's own connection goes on */
	assert_true(state_sync(b->state, &e));
	assert_in_file(b, "new");
}

static void a_reader_of_an_older_state_is_told(void **ctx)
{
	struct box *b = *ctx;
	sqlite3 *reader;
	bool folded = true;

	put_value(b, "old", 1);
	assert_int_equal(sqlite3_open_v2(b->state_file, &reader, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_exec(reader, "BEGIN;SELECT * FROM value", NULL, NULL, NULL), SQLITE_OK);
	put_value(b, "new", 2);
	assert_true(state_fold(b->state_file, &folded, &e));
	assert_false(folded);
	sqlite3_close(reader);
	assert_true(state_fold(b->state_file, &folded, &e));
	assert_true(folded);
	assert_in_file(b, "new");
}

static void a_state_that_is_not_there_is_a_failure(void **ctx)
{
	struct box *b = *ctx;
	bool folded = true;

	assert_false(state_fold(b->journal_folder, &folded, &e));
	assert_false(folded);
	assert_int_equal(e.kind, ERR_IO);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_came_before_is_certain_and_no_more),
		TEST(lines_beside_it_are_synced_by_the_next),
		TEST(a_failed_sync_counts),
		TEST(a_sync_alone_writes_nothing_down),
		TEST(a_failed_sync_alone_counts_as_well),
		TEST(rotation_waits_for_it),
		TEST(a_move_is_noticed_after_it),
		TEST(the_state_is_folded),
		TEST(a_reader_of_an_older_state_is_told),
		TEST(a_state_that_is_not_there_is_a_failure),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("store/aside", tests, NULL, NULL);
}
