/* stores and time: which closed files retention deletes, for which reason, and for what it waits. */
#include "daemon/base/hash.h"
#include "daemon/store/journal.h"
#include "daemon/store/names.h"
#include "daemon/store/stores.h"
#include "daemon/store/stores_job.h"
#include "tests/fake/remove_tree.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define NOW 1795255200000
#define HOUR_MS 3600000
#define LATER (NOW + 100 * (int64_t)HOUR_MS)

struct box {
	struct fs fs; /* a copy whose syncs can be made to fail */
	char folder[64], journal_folder[96], folder_of_stores[96];
	struct journal *j;
	struct stores *s;
	struct journal_group *g;
	struct stores_policy policy;
	struct stores_retained got;
	char chain[SHA256_HEX];
};

static struct err e;

static const char *chained(size_t i)
{
	return i == 0 ? "items" : NULL;
}

static int set_up(void **ctx)
{
	static const char *const names[] = { "items", "topic" };
	struct box *b = calloc(1, sizeof(*b));
	struct journal_recovery r;
	struct stores_report report;

	assert_non_null(b);
	snprintf(b->folder, sizeof(b->folder), "/dev/shm/keep-XXXXXX");
	assert_non_null(mkdtemp(b->folder));
	snprintf(b->journal_folder, sizeof(b->journal_folder), "%s/journal", b->folder);
	snprintf(b->folder_of_stores, sizeof(b->folder_of_stores), "%s/stores", b->folder);
	b->fs = fs_system;
	memset(b->chain, '0', sizeof(b->chain));
	b->policy = (struct stores_policy){
		.directory = b->folder_of_stores, .mode = 0640, .compress = true, .chained = chained
	};
	b->g = journal_group_new();
	assert_non_null(b->g);
	e = (struct err){ 0 };
	const struct journal_options o = { b->journal_folder, 65536, 8 };
	assert_true(journal_open(&b->fs, &o, &b->j, &r, &e));
	assert_true(stores_open(&b->fs, &b->policy, b->j, names, 2, NOW, &b->s, &report, &e));
	*ctx = b;
	return 0;
}

static int tear_down(void **ctx)
{
	struct box *b = *ctx;

	stores_close(&b->s);
	journal_close(&b->j);
	journal_group_free(&b->g);
	remove_tree(b->folder);
	free(b);
	return 0;
}

static void configure(struct box *b)
{
	static const char *const names[] = { "items", "topic" };

	assert_true(stores_configure(b->s, &b->policy, names, 2, &e));
}

static bool apply(void *ctx, const struct journal_entry *entry)
{
	stores_apply(ctx, entry);
	return true;
}

static size_t make_line(struct box *b, unsigned long long seq, char line[200])
{
	int n = snprintf(line, 100, "{\"v\":1,\"seq\":%llu", seq);
	const struct str hashed[] = { str_of(b->chain, SHA256_HEX), str_of(line, (size_t)n) };
	uint8_t digest[SHA256_LEN];

	sha256(hashed, 2, digest);
	hex_encode(digest, sizeof(digest), b->chain);
	n += snprintf(line + n, 100, ",\"chain\":\"%.*s\"}\n", SHA256_HEX, b->chain);
	return (size_t)n;
}

static void publish(struct box *b, const char *store, bool broken)
{
	char line[200];
	size_t n = make_line(b, journal_next_lsn(b->j), line);
	struct journal_entry entry = { .routes = str_from(store), .line = str_of(line, n) };

	if (broken)
		line[n - 4] = line[n - 4] == '0' ? '1' : '0';
	journal_group_start(b->g, journal_next_lsn(b->j));
	assert_true(journal_group_add(b->g, &entry, &e));
	assert_true(journal_commit(b->j, b->g, &e));
	journal_group_each(b->g, apply, b->s);
}

/* One line in a file of its own, closed at that hour. */
static void close_one(struct box *b, const char *store, int hour)
{
	publish(b, store, false);
	assert_true(stores_reopen(b->s, true, NOW + hour * (int64_t)HOUR_MS, &e));
}

/* More than there are: some turns find nothing. */
static void run_jobs(struct box *b, unsigned turns)
{
	static struct stores_job job;

	while (turns-- > 0)
		assert_true(!stores_next_job(b->s, &job) || stores_job_run(&fs_system, &job, &e));
}

static unsigned retain(struct box *b, int64_t free_bytes)
{
	unsigned deleted = 0;

	assert_true(stores_retain(b->s, LATER, free_bytes, &b->got, &e));
	for (size_t i = 0; i < STORES_REASONS; i++)
		deleted += b->got.files[i];
	return deleted;
}

static bool count_ends(void *ctx, const char *name)
{
	const char *end = ((const char **)ctx)[0];
	unsigned *n = (unsigned *)((void **)ctx)[1];

	*n += str_ends(str_from(name), str_from(end));
	return true;
}

static unsigned count(struct box *b, const char *end)
{
	unsigned n = 0;
	const void *ctx[] = { end, &n };

	assert_int_equal(fs_system.list(&fs_system, b->folder_of_stores, count_ends, ctx), 0);
	return n;
}

static void none_goes_before_its_seal_and_its_compression(void **ctx)
{
	struct box *b = *ctx;

	close_one(b, "items", 1);
	close_one(b, "items", 2);
	b->policy.keep_for_ms = HOUR_MS;
	b->policy.compress = false;
	configure(b);
	assert_int_equal(retain(b, -1), 0);
	assert_int_equal(b->got.held, 1);
	run_jobs(b, 1); /* the older one's seal */
	assert_int_equal(count(b, ".seal"), 1);
	b->policy.compress = true;
	configure(b);
	assert_int_equal(retain(b, -1), 0);
	assert_int_equal(b->got.held, 1);
	run_jobs(b, 9);
	assert_int_equal(count(b, ".jsonl.zst"), 2);
	assert_int_equal(retain(b, -1), 2);
	assert_int_equal(b->got.files[STORES_AGE], 2);
	assert_true(b->got.bytes[STORES_AGE] > 0);
	assert_int_equal(b->got.held, 0);
	assert_int_equal(count(b, ".jsonl.zst"), 0);
	assert_int_equal(count(b, ".seal"), 2);
}

/* One file that cannot be compressed keeps no other from its seal, and so from retention. */
static void a_failed_compression_stops_no_seals(void **ctx)
{
	struct box *b = *ctx;
	struct stores_job job;
	struct err why = { .kind = ERR_IO };

	close_one(b, "items", 1);
	run_jobs(b, 1);
	assert_int_equal(count(b, ".seal"), 1);
	assert_true(stores_next_job(b->s, &job));
	assert_int_equal(job.kind, STORES_COMPRESS);
	assert_false(stores_job_failed(b->s, &job, &why));
	assert_false(stores_next_job(b->s, &job));
	close_one(b, "items", 2);
	run_jobs(b, 3);
	assert_int_equal(count(b, ".seal"), 2);
	assert_int_equal(count(b, ".jsonl.zst"), 0);
	stores_jobs_again(b->s);
	run_jobs(b, 9);
	assert_int_equal(count(b, ".jsonl.zst"), 2);
}

static void a_folder_holds_nothing_up(void **ctx)
{
	struct box *b = *ctx;
	char made[200];

	b->policy.compress = false;
	b->policy.keep_for_ms = HOUR_MS;
	configure(b);
	close_one(b, "topic", 1);
	close_one(b, "topic", 2);
	snprintf(made, sizeof(made), "%s/topic-20200101T000000Z-1.jsonl", b->folder_of_stores);
	assert_int_equal(mkdir(made, 0750), 0);
	assert_false(stores_retain(b->s, LATER, -1, &b->got, &e));
	assert_non_null(strstr(e.text, "topic-20200101T000000Z-1.jsonl"));
	assert_int_equal(b->got.files[STORES_AGE], 2);
}

static void none_goes_in_place_of_an_older_one(void **ctx)
{
	struct box *b = *ctx;

	b->policy.compress = false;
	b->policy.keep_total = 1;
	configure(b);
	close_one(b, "items", 1);
	close_one(b, "topic", 2); /* has no seal to wait for */
	assert_int_equal(retain(b, -1), 0);
	assert_int_equal(b->got.held, 1);
	run_jobs(b, 1);
	assert_int_equal(retain(b, -1), 2);
	assert_int_equal(b->got.files[STORES_SIZE], 2);
}

static void what_cannot_be_done_is_not_waited_for(void **ctx)
{
	static struct stores_job job;
	struct box *b = *ctx;

	b->policy.keep_for_ms = HOUR_MS;
	configure(b);
	publish(b, "items", true);
	assert_true(stores_reopen(b->s, true, NOW, &e));
	assert_true(stores_next_job(b->s, &job));
	assert_int_equal(job.kind, STORES_SEAL);
	assert_false(stores_job_run(&fs_system, &job, &e));
	assert_true(stores_job_failed(b->s, &job, &e));
	assert_int_equal(retain(b, -1), 0);
	assert_true(stores_next_job(b->s, &job));
	assert_int_equal(job.kind, STORES_COMPRESS);
	assert_false(stores_job_failed(b->s, &job, &e));
	assert_int_equal(retain(b, -1), 1);
}

/* A seal that lacked room or a descriptor comes later, and none of a younger file before it. */
static void no_seal_overtakes_one_that_is_tried_again(void **ctx)
{
	const struct err full = { .kind = ERR_IO, .sys = ENOSPC };
	static struct stores_job job, again;
	struct box *b = *ctx;

	b->policy.compress = false;
	configure(b);
	close_one(b, "items", 1);
	close_one(b, "items", 2);
	assert_true(stores_next_job(b->s, &job));
	assert_false(stores_job_failed(b->s, &job, &full));
	assert_false(stores_next_job(b->s, &again));
	stores_jobs_again(b->s);
	assert_true(stores_next_job(b->s, &again));
	assert_string_equal(again.seal.file.name, job.seal.file.name);
	run_jobs(b, 2);
	assert_int_equal(count(b, "-1.seal"), 1);
	assert_int_equal(count(b, "-2.seal"), 1);
}

static void beyond_the_hard_bound_nothing_is_waited_for(void **ctx)
{
	struct box *b = *ctx;

	close_one(b, "items", 1);
	close_one(b, "items", 2);
	b->policy.keep_hard = 150; /* one of the two lines of a hundred bytes */
	b->policy.keep_total = 1;
	configure(b);
	assert_int_equal(retain(b, -1), 1);
	assert_int_equal(b->got.files[STORES_HARD], 1);
	assert_int_equal(b->got.held, 1);
	assert_int_equal(count(b, "-2.jsonl"), 1); /* the younger one is there */
}

static void room_is_made_when_that_is_allowed(void **ctx)
{
	struct box *b = *ctx;

	b->policy.compress = false;
	configure(b);
	for (int i = 1; i <= 3; i++)
		close_one(b, "items", i);
	run_jobs(b, 3);
	assert_int_equal(retain(b, 0), 0);
	b->policy.keep_free = 1000;
	configure(b);
	assert_int_equal(retain(b, -1), 0); /* how much is free is not known */
	assert_int_equal(retain(b, 1000), 0);
	assert_int_equal(retain(b, 999), 1);
	assert_int_equal(b->got.files[STORES_SPACE], 1);
	assert_int_equal(count(b, "-1.jsonl"), 0);
	assert_int_equal(retain(b, 0), 2);
}

static int refuse_sync(const struct fs *fs, int fd)
{
	(void)fs;
	(void)fd;
	errno = EIO;
	return -1;
}

/* After a sync that failed its lines are looked up where they were written; a file that is gone would have them written again. */
static void a_store_in_doubt_keeps_its_files(void **ctx)
{
	struct box *b = *ctx;

	b->policy.keep_for_ms = HOUR_MS;
	configure(b);
	close_one(b, "items", 1);
	close_one(b, "topic", 2);
	run_jobs(b, 9);
	publish(b, "items", false);
	assert_true(stores_flush(b->s, NOW, &e));
	b->fs.sync = refuse_sync;
	assert_false(stores_sync(b->s, &e));
	assert_int_equal(retain(b, -1), 1); /* that of the other store */
	assert_int_equal(b->got.held, 1);
	b->fs = fs_system;
	assert_true(stores_flush(b->s, NOW, &e));
	assert_int_equal(retain(b, -1), 1);
	assert_int_equal(b->got.held, 0);
}

static void reasons_have_names(void **ctx)
{
	(void)ctx;
	assert_string_equal(stores_reason_name(STORES_HARD), "hard");
	assert_string_equal(stores_reason_name(STORES_AGE), "age");
	assert_string_equal(stores_reason_name(STORES_SIZE), "size");
	assert_string_equal(stores_reason_name(STORES_SPACE), "space");
}

/* The files that are left, by the number of their last line. */
static const char *left(struct box *b, unsigned last)
{
	static char text[16];
	size_t n = 0;

	for (unsigned i = 1; i <= last && n + 1 < sizeof(text); i++) {
		char end[32];

		snprintf(end, sizeof(end), "-%u.jsonl", i);
		if (count(b, end) > 0)
			text[n++] = (char)('0' + i);
	}
	text[n] = '\0';
	return text;
}

/* Hours at which files were closed, by what the clock showed. */
static void close_at(struct box *b, const int *hours, size_t n)
{
	b->policy.compress = false;
	configure(b);
	for (size_t i = 0; i < n; i++)
		close_one(b, "items", hours[i]);
	run_jobs(b, (unsigned)n + 1);
}

static void numbers_order_files_whatever_the_clock_said(void **ctx)
{
	static const int hours[] = { 90, 91, 20, 21, 200, 92 };
	struct box *b = *ctx;

	close_at(b, hours, ARRAY_LEN(hours));
	b->policy.keep_free = 250; /* three files of one line */
	configure(b);
	assert_int_equal(retain(b, 0), 3);
	assert_string_equal(left(b, 6), "456");
}

/* All of them are of a time that is still to come: the oldest goes all the same, whatever its store is called. */
static void a_clock_that_is_behind_keeps_the_order(void **ctx)
{
	struct box *b = *ctx;

	b->policy.compress = false;
	b->policy.keep_free = 50; /* one file */
	configure(b);
	close_one(b, "topic", 2);
	close_one(b, "items", 5);
	run_jobs(b, 2);
	assert_true(stores_retain(b->s, NOW, 0, &b->got, &e));
	assert_int_equal(b->got.files[STORES_SPACE], 1);
	assert_string_equal(left(b, 2), "2");
}

static void a_clock_that_was_wrong_makes_no_file_old(void **ctx)
{
	static const int hours[] = { 95, 20, 97, 200, 98 };
	struct box *b = *ctx;

	close_at(b, hours, ARRAY_LEN(hours));
	b->policy.keep_for_ms = 6 * (int64_t)HOUR_MS;
	configure(b);
	assert_int_equal(retain(b, -1), 0);
	b->policy.keep_for_ms =
	    4 * (int64_t)HOUR_MS; /* the second is as old as the first, the fourth as the fifth */
	configure(b);
	assert_int_equal(retain(b, -1), 2);
	assert_string_equal(left(b, 5), "345");
	b->policy.keep_for_ms = 2 * (int64_t)HOUR_MS - 1;
	configure(b);
	assert_int_equal(retain(b, -1), 3);
}

/* Of two files that were closed in the same second none is passed over. */
static void one_compression_follows_the_other(void **ctx)
{
	static struct stores_job job;
	struct box *b = *ctx;

	for (int i = 0; i < 3; i++) {
		close_one(b, "items", 1);
		close_one(b, "topic", 1);
	}
	run_jobs(b, 3); /* seals */
	for (int i = 0; i < 6; i++) {
		assert_true(stores_next_job(b->s, &job));
		assert_true(job.kind == STORES_COMPRESS && stores_job_run(&fs_system, &job, &e));
	}
	assert_int_equal(count(b, ".jsonl.zst"), 6);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

/* A store that a reload adds, and one whose first line comes long after it was opened: their files are closed at the end of the first line's hour. */
static void a_file_is_as_old_as_its_first_line(void **ctx)
{
	static const char *const names[] = { "items", "topic", "added" };
	struct box *b = *ctx;
	const int64_t at = NOW + 30 * (int64_t)HOUR_MS;

	b->policy.rotate_every_ms = HOUR_MS;
	assert_true(stores_configure(b->s, &b->policy, names, 3, &e));
	for (int i = 0; i < 3; i++) {
		publish(b, "topic\nadded\nnew", false);
		assert_true(stores_flush(b->s, at + i * 1000, &e));
	}
	assert_int_equal(count(b, "-1.jsonl") + count(b, "-2.jsonl") + count(b, "-3.jsonl"), 0);
	assert_true(stores_flush(b->s, at + HOUR_MS, &e));
	assert_int_equal(count(b, "-3.jsonl"), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_folder_holds_nothing_up, set_up, tear_down),
		TEST(none_goes_before_its_seal_and_its_compression),
		TEST(numbers_order_files_whatever_the_clock_said),
		TEST(a_clock_that_is_behind_keeps_the_order),
		TEST(a_clock_that_was_wrong_makes_no_file_old),
		TEST(one_compression_follows_the_other),
		TEST(a_failed_compression_stops_no_seals),
		TEST(none_goes_in_place_of_an_older_one),
		TEST(what_cannot_be_done_is_not_waited_for),
		TEST(no_seal_overtakes_one_that_is_tried_again),
		TEST(beyond_the_hard_bound_nothing_is_waited_for),
		TEST(room_is_made_when_that_is_allowed),
		TEST(a_store_in_doubt_keeps_its_files),
		TEST(reasons_have_names),
		TEST(a_file_is_as_old_as_its_first_line),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("store/keep", tests, NULL, NULL);
}
