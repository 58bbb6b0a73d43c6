/*
 * stores and others: what people and programs do to the files of a store while the daemon runs or is down: moved, cut, lengthened, deleted,
 * replaced; a lost or damaged checkpoint; an old torn log; a second daemon; a reader that seeks. Every line once, in files that were ours.
 */
#include "daemon/base/buf.h"
#include "daemon/store/journal.h"
#include "daemon/store/names.h"
#include "daemon/store/reader.h"
#include "daemon/store/stores.h"
#include "tests/fake/remove_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <zstd.h>

#include <cmocka.h>

#define NOW 1795255200000

struct box {
	struct fs fs; /* a copy that can be made to refuse everything */
	char folder[64], journal_folder[96], folder_of_stores[96];
	struct journal *j;
	struct stores *s;
	struct journal_group *g;
	struct stores_report report;
	struct stores_policy policy;
	char said[400]; /* numbers that a reader found */
};

static struct err e;

static void open_box(struct box *b)
{
	static const char *const names[] = { "items" };
	const struct journal_options o = { b->journal_folder, 65536, 8 };
	struct journal_recovery r;

	e = (struct err){ 0 };
	assert_true(journal_open(&b->fs, &o, &b->j, &r, &e));
	assert_true(stores_open(&b->fs, &b->policy, b->j, names, 1, NOW, &b->s, &b->report, &e));
}

static void close_box(struct box *b)
{
	stores_close(&b->s);
	journal_close(&b->j);
}

static int refuse_open(const struct fs *fs, const char *path, int flags, mode_t mode)
{
	(void)fs;
	(void)path;
	(void)flags;
	(void)mode;
	errno = EIO;
	return -1;
}

/* As a kill would leave it: nothing is checkpointed on the way out. */
static void kill_box(struct box *b)
{
	b->fs.open = refuse_open;
	close_box(b);
	b->fs = fs_system;
}

static int set_up(void **ctx)
{
	struct box *b = calloc(1, sizeof(*b));

	assert_non_null(b);
	snprintf(b->folder, sizeof(b->folder), "/dev/shm/outside-XXXXXX");
	assert_non_null(mkdtemp(b->folder));
	snprintf(b->journal_folder, sizeof(b->journal_folder), "%s/journal", b->folder);
	snprintf(b->folder_of_stores, sizeof(b->folder_of_stores), "%s/stores", b->folder);
	b->fs = fs_system;
	b->policy =
	    (struct stores_policy){ .directory = b->folder_of_stores, .mode = 0640, .compress = true };
	b->g = journal_group_new();
	assert_non_null(b->g);
	open_box(b);
	*ctx = b;
	return 0;
}

static int tear_down(void **ctx)
{
	struct box *b = *ctx;

	close_box(b);
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

static void commit(struct box *b, unsigned count)
{
	char line[80];

	journal_group_start(b->g, journal_next_lsn(b->j));
	for (unsigned i = 0; i < count; i++) {
		unsigned long long seq = (unsigned long long)journal_next_lsn(b->j) + i;
		int n = snprintf(line, sizeof(line), "{\"v\":1,\"seq\":%llu,\"text\":\"some text\"}\n", seq);
		struct journal_entry entry = { .routes = STR("items"), .line = str_of(line, (size_t)n) };

		assert_true(journal_group_add(b->g, &entry, &e));
	}
	assert_true(journal_commit(b->j, b->g, &e));
}

static void publish(struct box *b, unsigned count)
{
	commit(b, count);
	journal_group_each(b->g, apply, b->s);
	assert_true(stores_flush(b->s, NOW, &e));
}

static void checkpoint(struct box *b)
{
	uint64_t lsn;

	assert_true(stores_checkpoint(b->s, &lsn, &e));
	assert_int_equal(lsn, journal_next_lsn(b->j) - 1);
	assert_true(journal_release(b->j, lsn, &e));
}

static const char *path_in(const struct box *b, const char *name)
{
	static char path[200];

	snprintf(path, sizeof(path), "%s/%s", b->folder_of_stores, name);
	return path;
}

static void append_raw(const struct box *b, const char *name, const char *text)
{
	int fd = open(path_in(b, name), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

/* What a reader finds: "1 2 3 "; "?" for a line without a number. */
static const char *numbers(struct box *b)
{
	struct reader *r;
	struct reader_line line;
	size_t n = 0;

	assert_true(reader_open(&fs_system, b->folder_of_stores, "items", &r, &e));
	b->said[0] = '\0';
	while (reader_next(r, &line, &e) == READER_LINE && n < sizeof(b->said) - 24) {
		unsigned long long seq = (unsigned long long)reader_line_seq(line.text);

		n +=
		    (size_t)(seq ? snprintf(b->said + n, 24, "%llu ", seq) : snprintf(b->said + n, 24, "? "));
	}
	reader_close(&r);
	return b->said;
}

static void moved_by_logrotate(void **ctx)
{
	struct box *b = *ctx;
	char old[200];

	publish(b, 2);
	snprintf(old, sizeof(old), "%s", path_in(b, "items.jsonl.1"));
	assert_int_equal(rename(path_in(b, "items.jsonl"), old), 0);
	publish(b, 2); /* the move is noticed: these still end the old file */
	publish(b, 1);
	assert_int_equal(access(path_in(b, "items.jsonl"), R_OK), 0);
	assert_string_equal(numbers(b), "5 ");
	close_box(b);
	open_box(b);
	assert_string_equal(numbers(b), "5 ");
	unlink(old);
}

static int refuse_sync(const struct fs *fs, int fd)
{
	(void)fs;
	(void)fd;
	errno = EIO;
	return -1;
}

static void flush_without_sync(struct box *b)
{
	b->fs.sync = refuse_sync;
	assert_false(stores_flush(b->s, NOW, &e));
	b->fs.sync = fs_system.sync;
}

/* As `olddir` does it: what stands in the file goes to the disk before anybody is told that it is there, or is written once more. */
static void moved_elsewhere(void **ctx)
{
	struct box *b = *ctx;
	char old[200];

	publish(b, 2);
	snprintf(old, sizeof(old), "%s/old.jsonl", b->folder);
	assert_int_equal(rename(path_in(b, "items.jsonl"), old), 0);
	publish(b, 1);
	checkpoint(b);
	assert_string_equal(numbers(b), "3 ");
	assert_int_equal(rename(path_in(b, "items.jsonl"), old), 0);
	flush_without_sync(b);
	publish(b, 1); /* and the checkpoint that the move had made due */
	assert_string_equal(numbers(b), "4 ");
	publish(b, 1);
	assert_int_equal(rename(path_in(b, "items.jsonl"), old), 0);
	flush_without_sync(b);
	publish(b, 1);
	assert_string_equal(numbers(b), "5 6 ");
	unlink(old);
}

static void moved_while_down_and_torn(void **ctx)
{
	struct box *b = *ctx;
	char old[200];
	struct fs_stat st;

	publish(b, 2);
	checkpoint(b);
	commit(b, 1); /* in the journal only; half of its line reached the file */
	append_raw(b, "items.jsonl", "{\"v\":1,\"seq\":3,\"te");
	snprintf(old, sizeof(old), "%s", path_in(b, "items.jsonl.1"));
	kill_box(b);
	assert_int_equal(rename(path_in(b, "items.jsonl"), old), 0);
	open_box(b);
	assert_int_equal(b->report.torn_lines_completed, 1);
	assert_int_equal(fs_system.stat(&fs_system, old, &st), 0);
	assert_int_equal(st.size, 3 * 35);
	assert_string_equal(numbers(b), "");
	unlink(old);
}

/* A folder that came back from a backup, taken in the moment of a power cut: another inode, and zeros where the last line was. */
static void copied_with_a_hole(void **ctx)
{
	struct box *b = *ctx;
	char bytes[400], kept[120];
	ssize_t n;
	int fd;

	snprintf(kept, sizeof(kept), "%s/kept", b->folder);
	publish(b, 2);
	checkpoint(b);
	publish(b, 1);
	kill_box(b);
	fd = open(path_in(b, "items.jsonl"), O_RDONLY | O_CLOEXEC);
	n = read(fd, bytes, sizeof(bytes));
	assert_true(n > 35);
	close(fd);
	memset(bytes + n - 35, 0, 35);
	assert_int_equal(rename(path_in(b, "items.jsonl"), kept), 0); /* keeps its inode in use */
	fd = open(path_in(b, "items.jsonl"), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_int_equal(write(fd, bytes, (size_t)n), n);
	close(fd);
	unlink(kept);
	open_box(b);
	assert_int_equal(b->report.holes_filled, 1);
	assert_string_equal(numbers(b), "1 2 3 ");
}

/* Said once. */
static void expect_note(struct box *b, const char *begin)
{
	char note[STORES_NOTE_MAX];

	assert_true(stores_take_note(b->s, note));
	assert_memory_equal(note, begin, strlen(begin));
	assert_false(stores_take_note(b->s, note));
}

static void cut_by_copytruncate(void **ctx)
{
	struct box *b = *ctx;

	publish(b, 3);
	assert_int_equal(truncate(path_in(b, "items.jsonl"), 0), 0);
	publish(b, 2);
	assert_string_equal(numbers(b), "4 5 ");
	expect_note(b, "items.jsonl was cut by somebody else");
	close_box(b);
	open_box(b);
	assert_string_equal(numbers(b), "4 5 ");
}

static void lengthened_by_somebody(void **ctx)
{
	struct box *b = *ctx;

	publish(b, 2);
	append_raw(b, "items.jsonl", "no newline");
	publish(b, 2);
	assert_string_equal(numbers(b), "1 2 ? 3 4 ");
	expect_note(b, "items.jsonl was lengthened by somebody else");
}

static void edited_while_down(void **ctx)
{
	struct box *b = *ctx;

	publish(b, 2);
	checkpoint(b);
	commit(b, 2);
	append_raw(b, "items.jsonl", "foreign\n{\"v\":1,\"seq\":4,\"text\":\"some text\"}\n{\"v\":1,\"se");
	kill_box(b);
	open_box(b);
	assert_string_equal(numbers(b), "1 2 ? 4 3 ");
	assert_true(b->report.note[0] != '\0');
}

static void checkpoint_lost(void **ctx)
{
	struct box *b = *ctx;

	publish(b, 3);
	assert_true(stores_reopen(b->s, true, NOW, &e)); /* rotates */
	publish(b, 3);
	close_box(b);
	assert_int_equal(unlink(path_in(b, ".checkpoint")), 0);
	open_box(b);
	assert_string_equal(numbers(b), "1 2 3 4 5 6 ");
	close_box(b);
	assert_int_equal(truncate(path_in(b, ".checkpoint"), 20), 0);
	open_box(b);
	assert_string_equal(numbers(b), "1 2 3 4 5 6 ");
}

static void journal_was_removed(void **ctx)
{
	struct box *b = *ctx;

	publish(b, 3);
	close_box(b);
	remove_tree(b->journal_folder);
	open_box(b);
	assert_int_equal(journal_next_lsn(b->j), 4); /* numbers are never given twice */
	publish(b, 1);
	assert_string_equal(numbers(b), "1 2 3 4 ");
}

/* Lines that only the journal had are lost with it. The engine's state knows of them, so their numbers are not given again. */
static void journal_was_removed_while_stores_lagged(void **ctx)
{
	struct box *b = *ctx;

	publish(b, 3);
	checkpoint(b);
	commit(b, 2);
	kill_box(b);
	remove_tree(b->journal_folder);
	open_box(b);
	journal_skip_to(b->j, 6);
	publish(b, 1);
	publish(b, 1);
	checkpoint(b);
	assert_string_equal(numbers(b), "1 2 3 6 7 ");
	kill_box(b);
	open_box(b);
	publish(b, 1);
	assert_string_equal(numbers(b), "1 2 3 6 7 8 ");
}

static void old_log_torn(void **ctx)
{
	struct box *b = *ctx;

	close_box(b);
	remove_tree(b->journal_folder);
	remove_tree(b->folder_of_stores);
	fs_system.mkdir(&fs_system, b->folder_of_stores, 0700);
	append_raw(b, "items.jsonl", "{\"v\":1,\"seq\":900,\"x\":1}\n{\"v\":1,\"seq\":901,");
	open_box(b);
	publish(b, 1);
	assert_string_equal(numbers(b), "900 901 1 ");
}

static void folder_removed(void **ctx)
{
	struct box *b = *ctx;

	publish(b, 2);
	remove_tree(b->folder_of_stores);
	publish(b, 2);
	assert_string_equal(numbers(b), "3 4 ");
}

static void second_daemon(void **ctx)
{
	struct box *b = *ctx;
	const struct journal_options o = { b->journal_folder, 65536, 8 };
	struct journal_recovery r;
	struct journal *other;

	e = (struct err){ 0 };
	assert_false(journal_open(&fs_system, &o, &other, &r, &e));
	assert_int_equal(e.kind, ERR_BUSY);
	e = (struct err){ 0 };
}

/* With a journal of its own it would write into the same files: also when the folder was made again meanwhile. */
static void second_daemon_of_another_journal(void **ctx)
{
	struct box *b = *ctx;
	static const char *const names[] = { "items" };
	char other[sizeof(b->journal_folder) + 8];
	struct journal_options o = { other, 65536, 8 };
	struct stores_policy policy = b->policy;
	struct journal_recovery recovery;
	struct stores_report report;
	struct journal *j;
	struct stores *s;

	snprintf(other, sizeof(other), "%s-other", b->journal_folder);
	assert_true(journal_open(&fs_system, &o, &j, &recovery, &e));
	for (int i = 0; i < 2; i++) {
		publish(b, 1);
		assert_false(stores_open(&fs_system, &policy, j, names, 1, NOW, &s, &report, &e));
		assert_int_equal(e.kind, ERR_BUSY);
		err_clear(&e);
		remove_tree(b->folder_of_stores);
	}
	journal_close(&j);
	remove_tree(other);
}

static unsigned long long first_after(struct reader *r)
{
	struct reader_line line;

	return reader_next(r, &line, &e) == READER_LINE ? (unsigned long long)reader_line_seq(line.text) : 0;
}

/* Three closed files of 40 lines, two of them compressed, and 10 active lines. */
static void reader_seeks(void **ctx)
{
	static const struct {
		uint64_t last, first;
	} cases[] = { { 1, 130 }, { 10, 121 }, { 11, 120 }, { 50, 81 }, { 51, 80 }, { 129, 2 }, { 130, 1 },
		{ 500, 1 } };
	struct box *b = *ctx;
	struct reader *r;
	char path[4096];

	for (int i = 0; i < 3; i++) {
		publish(b, 40);
		assert_true(stores_reopen(b->s, true, NOW + i * 60000, &e));
		if (i < 2 && stores_next_to_compress(b->s, path, sizeof(path)))
			assert_true(stores_compress_one(&fs_system, path, 0640, &e));
	}
	publish(b, 10);
	assert_true(reader_open(&fs_system, b->folder_of_stores, "items", &r, &e));
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		assert_true(reader_seek_last(r, cases[i].last, &e));
		assert_int_equal(first_after(r), cases[i].first);
	}
	for (uint64_t seq = 0; seq < 130; seq++) {
		assert_true(reader_seek_seq(r, seq, &e));
		assert_int_equal(first_after(r), seq + 1);
	}
	assert_true(reader_seek_last(r, 0, &e));
	assert_int_equal(first_after(r), 0);
	publish(b, 1);
	assert_int_equal(first_after(r), 131);
	assert_true(reader_seek_time(r, NOW + 60000 + READER_SLACK_MS, &e));
	assert_int_equal(first_after(r), 41);
	reader_close(&r);
}

/* A file that an operator compressed by hand has no seek table. */
static void reader_seeks_without_a_table(void **ctx)
{
	static const char text[] = "{\"v\":1,\"seq\":1}\n{\"v\":1,\"seq\":2}\n{\"v\":1,\"seq\":3}\n";
	struct box *b = *ctx;
	struct reader *r;
	char packed[200];
	size_t n = ZSTD_compress(packed, sizeof(packed), text, sizeof(text) - 1, 3);
	FILE *f = fopen(path_in(b, "other-20261121T101503Z-3.jsonl.zst"), "wb");

	assert_false(ZSTD_isError(n));
	assert_non_null(f);
	assert_int_equal(fwrite(packed, 1, n, f), n);
	fclose(f);
	assert_true(reader_open(&fs_system, b->folder_of_stores, "other", &r, &e));
	for (uint64_t last = 1; last < 5; last++) {
		assert_true(reader_seek_last(r, last, &e));
		assert_int_equal(first_after(r), last < 3 ? 4 - last : 1);
	}
	reader_close(&r);
}

static int opened;

/* The closed file is compressed between the listing and its opening. */
static int open_compressing(const struct fs *fs, const char *path, int flags, mode_t mode)
{
	struct err ignored = { 0 };

	if (strstr(path, ".jsonl.zst") == NULL && strstr(path, "items-") && opened++ == 0)
		assert_true(stores_compress_one(&fs_system, path, 0640, &ignored));
	return fs_system.open(fs, path, flags, mode);
}

static void compressed_while_seeking(void **ctx)
{
	struct box *b = *ctx;
	struct fs racing = fs_system;
	struct reader *r;

	racing.open = open_compressing;
	publish(b, 40);
	assert_true(stores_reopen(b->s, true, NOW, &e));
	publish(b, 2);
	assert_true(reader_open(&racing, b->folder_of_stores, "items", &r, &e));
	opened = 0;
	assert_true(reader_seek_last(r, 5, &e));
	assert_int_equal(opened, 1);
	assert_int_equal(first_after(r), 38);
	reader_close(&r);
}

static char made[PATH_MAX]; /* what the seam below made last */

static int open_noting(const struct fs *fs, const char *path, int flags, mode_t mode)
{
	if (flags & O_CREAT)
		snprintf(made, sizeof(made), "%s", path);
	return fs_system.open(fs, path, flags, mode);
}

/* Who follows `items*` shall not meet a half-written file of frames. */
static void compression_is_hidden(void **ctx)
{
	struct fs noting = fs_system;
	char path[PATH_MAX];
	struct box *b = *ctx;

	noting.open = open_noting;
	publish(b, 3);
	assert_true(stores_reopen(b->s, true, NOW, &e));
	assert_true(stores_next_to_compress(b->s, path, sizeof(path)));
	assert_true(stores_compress_one(&noting, path, 0640, &e));
	assert_non_null(strstr(made, "/.items-"));
}

static void left_over_of_a_compression_goes(void **ctx)
{
	static const char *const names[] = { ".items-20261121T101503Z-4.jsonl.zst.tmp", ".items.zst.tmp",
		".items-20261121T101503Z-4.jsonl.tmp", ".old-20261121T101503Z-4.jsonl.zst.tmp" };
	static const bool stays[] = { false, true, true, false };
	struct box *b = *ctx;

	close_box(b);
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		append_raw(b, names[i], "x");
	open_box(b);
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		assert_int_equal(access(path_in(b, names[i]), F_OK), stays[i] ? 0 : -1);
}

/* The disk was full in the middle of line 2, and logrotate took the file away: the daemon writes the line again. */
static void torn_and_moved_is_read_whole(void **ctx)
{
	struct box *b = *ctx;
	struct reader *r;
	struct reader_line line;
	char old[200];

	append_raw(b, "other.jsonl", "{\"v\":1,\"seq\":1}\n{\"v\":1,\"seq\":2,\"te");
	assert_true(reader_open(&fs_system, b->folder_of_stores, "other", &r, &e));
	assert_int_equal(first_after(r), 1);
	assert_int_equal(reader_next(r, &line, &e), READER_END);
	snprintf(old, sizeof(old), "%s", path_in(b, "other.jsonl"));
	assert_int_equal(rename(old, path_in(b, "other.jsonl.1")), 0);
	append_raw(b, "other.jsonl", "{\"v\":1,\"seq\":2,\"text\":\"whole\"}\n");
	assert_int_equal(
	    reader_next(r, &line, &e), READER_LINE); /* the piece: whoever verifies wants to see it */
	assert_int_equal(reader_next(r, &line, &e), READER_LINE);
	assert_true(str_eq(line.text, STR("{\"v\":1,\"seq\":2,\"text\":\"whole\"}")));
	reader_close(&r);
}

static void names_are_parsed(void **ctx)
{
	static const struct {
		const char *name;
		bool ok, compressed;
		size_t store;
		uint64_t seq;
	} cases[] = {
		{ "items-20261121T101503Z-5.jsonl", true, false, 5, 5 },
		{ "a-b-2-20261121T101503Z-18446744073709551615.jsonl.zst", true, true, 5, UINT64_MAX },
		{ "items.jsonl", false, false, 0, 0 },
		{ "items-20261121T101503Z-5.jsonl.zst.tmp", false, false, 0, 0 },
		{ "items-20261341T101503Z-5.jsonl", false, false, 0, 0 },
		{ "-20261121T101503Z-5.jsonl", false, false, 0, 0 },
		{ "items-20261121T101503Z-.jsonl", false, false, 0, 0 },
		{ "", false, false, 0, 0 },
	};
	struct closed_file f;

	(void)ctx;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		assert_int_equal(names_parse(cases[i].name, &f), cases[i].ok);
		if (!cases[i].ok)
			continue;
		assert_int_equal(f.compressed, cases[i].compressed);
		assert_int_equal(f.store_length, cases[i].store);
		assert_true(f.seq == cases[i].seq);
		assert_true(f.closed_ms == 1795256103000);
	}
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(moved_by_logrotate),
		CASE(moved_elsewhere),
		CASE(moved_while_down_and_torn),
		CASE(copied_with_a_hole),
		CASE(cut_by_copytruncate),
		CASE(lengthened_by_somebody),
		CASE(edited_while_down),
		CASE(checkpoint_lost),
		CASE(journal_was_removed),
		CASE(journal_was_removed_while_stores_lagged),
		CASE(old_log_torn),
		CASE(folder_removed),
		CASE(second_daemon),
		CASE(second_daemon_of_another_journal),
		CASE(reader_seeks),
		CASE(reader_seeks_without_a_table),
		CASE(compression_is_hidden),
		CASE(left_over_of_a_compression_goes),
		CASE(torn_and_moved_is_read_whole),
		CASE(compressed_while_seeking),
		cmocka_unit_test(names_are_parsed),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("store/outside", tests, NULL, NULL);
}
