/*
 * The store's threads, for ThreadSanitizer: one commits groups in flight while the main thread reads, releases and asks for numbers, as the
 * engine does; another compresses a closed file, or writes out the active ones, while the main thread goes on writing. Without the sanitizer it is a test of the results.
 */
#include "daemon/store/journal.h"
#include "daemon/store/reader.h"
#include "daemon/store/stores.h"
#include "daemon/store/stores_job.h"
#include "tests/fake/remove_tree.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define GROUPS 300u
#define GROUP_LINES 4u
#define LINES (GROUPS * GROUP_LINES)
#define NOW 1795255200000
#define PAD 900 /* bytes; three groups fill a segment, some thirty a file */

struct box {
	char folder[64], journal_folder[96], stores_folder[96];
	struct journal *j;
	struct stores *s;
	uint64_t read; /* entries seen in the journal */
};

struct job { /* what one thread does for the main one; `done` hands it back */
	pthread_t thread;
	struct journal *j;
	struct journal_group *g;
	char path[256];
	struct stores_job work;
	struct err e;
	bool running, ok;
	atomic_bool done;
};

static struct err e;

static void set_up_box(struct box *b)
{
	static const char *const names[] = { "items" };
	const struct stores_policy policy = {
		.directory = b->stores_folder, .rotate_size = 100000, .compress = true, .mode = 0640
	};
	const struct journal_options o = { b->journal_folder, 16384, 400 };
	struct journal_recovery recovery;
	struct stores_report report;

	snprintf(b->folder, sizeof(b->folder), "%.40s/threads-XXXXXX",
	    access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	assert_non_null(mkdtemp(b->folder));
	snprintf(b->journal_folder, sizeof(b->journal_folder), "%s/journal", b->folder);
	snprintf(b->stores_folder, sizeof(b->stores_folder), "%s/stores", b->folder);
	assert_true(journal_open(&fs_system, &o, &b->j, &recovery, &e));
	assert_true(stores_open(&fs_system, &policy, b->j, names, 1, NOW, &b->s, &report, &e));
}

static void remove_box(struct box *b)
{
	stores_close(&b->s);
	journal_close(&b->j);
	remove_tree(b->folder);
}

static void *commit_thread(void *ctx)
{
	struct job *job = ctx;

	job->ok = journal_commit(job->j, job->g, &job->e);
	atomic_store(&job->done, true);
	return NULL;
}

static void *compress_thread(void *ctx)
{
	struct job *job = ctx;

	job->ok = stores_compress_one(&fs_system, job->path, 0640, &job->e);
	atomic_store(&job->done, true);
	return NULL;
}

static void *work_thread(void *ctx)
{
	struct job *job = ctx;

	job->ok = stores_job_run(&fs_system, &job->work, &job->e);
	atomic_store(&job->done, true);
	return NULL;
}

static void start(struct job *job, void *(*run)(void *))
{
	job->running = true;
	atomic_store(&job->done, false);
	assert_int_equal(pthread_create(&job->thread, NULL, run, job), 0);
}

static void finish(struct job *job)
{
	if (!job->running)
		return;
	assert_int_equal(pthread_join(job->thread, NULL), 0);
	job->running = false;
	if (!job->ok)
		fail_msg("%s", job->e.text);
}

static void fill_group(struct journal_group *g, uint64_t first)
{
	char line[PAD + 100];

	journal_group_start(g, first);
	for (unsigned i = 0; i < GROUP_LINES; i++) {
		int n = snprintf(line, sizeof(line), "{\"v\":1,\"seq\":%llu,\"text\":\"%0*d\"}\n",
		    (unsigned long long)first + i, PAD, 7);
		struct journal_entry entry = { .routes = STR("items"), .line = str_of(line, (size_t)n) };

		assert_true(journal_group_add(g, &entry, &e));
	}
}

static bool count_entry(void *ctx, const struct journal_entry *entry)
{
	struct box *b = ctx;

	assert_int_equal(entry->lsn, b->read + 1);
	assert_int_equal(reader_line_seq(entry->line), entry->lsn);
	b->read = entry->lsn;
	return true;
}

static bool apply(void *ctx, const struct journal_entry *entry)
{
	stores_apply(ctx, entry);
	return true;
}

/* What a main thread may do while a commit is in flight. */
static void beside_commit(struct box *b, struct job *job, uint64_t durable)
{
	do {
		assert_true(journal_next_lsn(b->j) > b->read);
		assert_true(journal_read(b->j, b->read + 1, count_entry, b, &e));
		assert_true(journal_release(b->j, durable < b->read ? durable : b->read, &e));
	} while (!atomic_load(&job->done));
}

static unsigned lines_in_store(const struct box *b)
{
	struct reader *r;
	struct reader_line line;
	enum reader_result got;
	unsigned last = 0;

	assert_true(reader_open(&fs_system, b->stores_folder, "items", &r, &e));
	while ((got = reader_next(r, &line, &e)) == READER_LINE)
		assert_int_equal(reader_line_seq(line.text), ++last);
	assert_int_equal(got, READER_END);
	reader_close(&r);
	return last;
}

static void commits_reads_and_compresses(void **state)
{
	static struct job commit, compress, checkpoint;
	struct box b = { 0 };
	uint64_t durable = 0;
	unsigned compressed = 0, checkpoints = 0;
	bool folded;

	(void)state;
	set_up_box(&b);
	commit.j = b.j;
	commit.g = journal_group_new();
	assert_non_null(commit.g);
	for (unsigned i = 0; i < GROUPS; i++) {
		fill_group(commit.g, journal_next_lsn(b.j));
		start(&commit, commit_thread);
		beside_commit(&b, &commit, durable);
		finish(&commit);
		journal_group_each(commit.g, apply, b.s);
		assert_true(stores_flush(b.s, NOW + i * 1000, &e));
		if (i % 8 == 5) {
			assert_true(stores_begin_checkpoint(b.s, "", &checkpoint.work));
			start(&checkpoint, work_thread);
			checkpoints++;
		}
		if (i % 8 == 7) {
			finish(&checkpoint);
			stores_end_checkpoint(b.s, true, &durable, &folded);
		}
		if (compress.running && !atomic_load(&compress.done))
			continue;
		finish(&compress);
		if (!stores_next_to_compress(b.s, compress.path, sizeof(compress.path)))
			continue;
		start(&compress, compress_thread);
		compressed++;
	}
	finish(&compress);
	assert_true(compressed > 3);
	assert_true(checkpoints > 3);
	assert_true(journal_first_lsn(b.j) > 1);
	assert_int_equal(lines_in_store(&b), LINES);
	journal_group_free(&commit.g);
	remove_box(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commits_reads_and_compresses),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("store/threads", tests, NULL, NULL);
}
