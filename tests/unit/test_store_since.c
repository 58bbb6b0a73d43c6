/* reading from a time on: every line that was seen since then is given, and only a small part of the files is read, plain or compressed. */
#include "daemon/base/date.h"
#include "daemon/store/reader.h"
#include "daemon/store/stores.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define LINES 100000u
#define BASE_MS 1795255200000 /* 2026-11-21T10:00:00Z */
#define STEP_MS 10000
#define CLOSED "items-20261210T000000Z-100000.jsonl"

struct box {
	char folder[64], path[160];
	struct fs fs;
	int64_t read; /* bytes */
};

static struct box *box;
static struct err e;

static ssize_t counting_pread(const struct fs *fs, int fd, void *p, size_t n, int64_t offset)
{
	ssize_t got = fs_system.pread(fs, fd, p, n, offset);

	box->read += got > 0 ? got : 0;
	return got;
}

static int64_t time_of(unsigned i)
{
	return BASE_MS + (int64_t)i * STEP_MS;
}

/* Texts that do not compress to nothing, else a frame would hold all of them. */
static void write_lines(const char *path)
{
	FILE *f = fopen(path, "w");
	uint64_t x = 1;

	assert_non_null(f);
	for (unsigned i = 1; i <= LINES; i++) {
		char at[DATE_TEXT_MAX];

		fprintf(f, "{\"v\":1,\"seq\":%u,\"seen_at\":\"%.*s\",\"title\":\"", i,
		    (int)date_format_ms(time_of(i), at), at);
		for (unsigned k = 0; k < 10; k++, x = x * UINT64_C(6364136223846793005) + 1)
			fprintf(f, "%016llx", (unsigned long long)x);
		fputs("\"}\n", f);
	}
	assert_int_equal(fclose(f), 0);
}

static int set_up(void **state)
{
	box = calloc(1, sizeof(*box));
	assert_non_null(box);
	snprintf(box->folder, sizeof(box->folder), "/dev/shm/since-XXXXXX");
	assert_non_null(mkdtemp(box->folder));
	box->fs = fs_system;
	box->fs.pread = counting_pread;
	e = (struct err){ 0 };
	*state = box;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	unlink(box->path);
	rmdir(box->folder);
	free(box);
	return 0;
}

static int64_t read_all(int64_t since, unsigned first_wanted)
{
	struct reader *r;
	struct reader_line line;
	enum reader_result got;
	uint64_t next = 0;
	bool found = false;

	box->read = 0;
	assert_true(reader_open(&box->fs, box->folder, "items", &r, &e));
	assert_true(reader_seek_time(r, since, &e));
	while ((got = reader_next(r, &line, &e)) == READER_LINE) {
		uint64_t seq = reader_line_seq(line.text);

		assert_true(next == 0 || seq == next);
		assert_true(next != 0 || seq <= first_wanted);
		found |= seq == first_wanted;
		next = seq + 1;
	}
	assert_int_equal(got, READER_END);
	assert_true(first_wanted > LINES || (found && next == LINES + 1));
	reader_close(&r);
	return box->read;
}

/* Ten lines behind a number, and far less than the files is read. */
static void jump(uint64_t seq, int64_t most)
{
	struct reader *r;
	struct reader_line line;

	box->read = 0;
	assert_true(reader_open(&box->fs, box->folder, "items", &r, &e));
	reader_jump_seq(r, seq);
	for (uint64_t next = seq + 1; next <= LINES && next <= seq + 10; next++) {
		assert_int_equal(reader_next(r, &line, &e), READER_LINE);
		assert_int_equal(reader_line_seq(line.text), next);
	}
	if (seq >= LINES)
		assert_int_equal(reader_next(r, &line, &e), READER_END);
	reader_close(&r);
	assert_true(box->read < most);
}

static void every_number(int64_t all)
{
	for (uint64_t seq = 0; seq <= LINES + 9973; seq += 9973)
		jump(seq, all / 2);
	jump(LINES - 1, all / 2);
	jump(LINES, all / 2);
}

static void every_time(void)
{
	int64_t all = read_all(INT64_MIN, 1);

	for (unsigned i = 1; i <= LINES; i += 9973) {
		assert_true(read_all(time_of(i), i) < all + (all >> 1));
		read_all(time_of(i) - 1, i);
		read_all(time_of(i) + READER_SLACK_MS, i);
	}
	read_all(time_of(LINES + 1), LINES + 1);
	assert_true(read_all(time_of(LINES - 5), LINES - 5) < all / 2);
	every_number(all);
}

static void of_the_active_file(void **state)
{
	(void)state;
	snprintf(box->path, sizeof(box->path), "%s/items.jsonl", box->folder);
	write_lines(box->path);
	every_time();
}

static void of_a_compressed_file(void **state)
{
	(void)state;
	snprintf(box->path, sizeof(box->path), "%s/" CLOSED, box->folder);
	write_lines(box->path);
	assert_true(stores_compress_one(&fs_system, box->path, 0640, &e));
	snprintf(box->path, sizeof(box->path), "%s/" CLOSED ".zst", box->folder);
	every_time();
}

static void the_time_of_a_line(void **state)
{
	(void)state;
	assert_true(reader_line_time(
	                STR("{\"v\":1,\"seq\":3,\"seen_at\":\"2026-11-21T10:00:00.000Z\",\"t\"")) == BASE_MS);
	assert_true(reader_line_time(
	                STR("{\"v\":1,\"seq\":3,\"at\":\"2026-11-21T10:00:00.000Z\",\"feed\"")) == BASE_MS);
	assert_true(reader_line_time(STR("{\"seen_at\":\"2026-11-2")) == INT64_MIN);
	assert_true(reader_line_time(STR("garbage")) == INT64_MIN);
	assert_true(reader_line_time(STR("")) == INT64_MIN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(of_the_active_file, set_up, tear_down),
		cmocka_unit_test_setup_teardown(of_a_compressed_file, set_up, tear_down),
		cmocka_unit_test(the_time_of_a_line),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("store/since", tests, NULL, NULL);
}
