/* a compressed file with a damaged frame: what is whole before and behind it is read, from wherever one begins, and the damage is told once. */
#include "daemon/base/date.h"
#include "daemon/store/reader.h"
#include "daemon/store/stores.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define LINES 16000u /* four frames and a little */
#define BASE_MS 1795255200000 /* 2026-11-21T10:00:00Z */
#define STEP_MS 10000
#define CLOSED "items-20261210T000000Z-16000.jsonl"

static char folder[64], path[128];
static const char *damaged; /* the file of which is told */
static struct err e;

/* Texts that do not compress to nothing, else what is flipped would be the table. */
static void write_lines(unsigned from, unsigned to)
{
	FILE *f = fopen(path, "w");
	uint64_t x = from;

	assert_non_null(f);
	for (unsigned i = from; i <= to; i++) {
		char at[DATE_TEXT_MAX];

		fprintf(f, "{\"v\":1,\"seq\":%u,\"seen_at\":\"%.*s\",\"title\":\"", i,
		    (int)date_format_ms(BASE_MS + (int64_t)i * STEP_MS, at), at);
		for (unsigned k = 0; k < 12; k++, x = x * UINT64_C(6364136223846793005) + 1)
			fprintf(f, "%016llx", (unsigned long long)x);
		fputs("\"}\n", f);
	}
	assert_int_equal(fclose(f), 0);
}

static int set_up(void **state)
{
	(void)state;
	snprintf(folder, sizeof(folder), "/dev/shm/damage-XXXXXX");
	assert_non_null(mkdtemp(folder));
	e = (struct err){ 0 };
	damaged = CLOSED ".zst";
	snprintf(path, sizeof(path), "%s/" CLOSED, folder);
	write_lines(1, LINES);
	assert_true(stores_compress_one(&fs_system, path, 0640, &e));
	snprintf(path, sizeof(path), "%s/items.jsonl", folder);
	write_lines(LINES + 1, LINES + 10);
	snprintf(path, sizeof(path), "%s/" CLOSED ".zst", folder);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	unlink(path);
	snprintf(path, sizeof(path), "%s/items.jsonl", folder);
	unlink(path);
	rmdir(folder);
	return 0;
}

static void flip(unsigned percent)
{
	struct stat st;
	FILE *f = fopen(path, "r+b");
	int byte;

	assert_non_null(f);
	assert_int_equal(fstat(fileno(f), &st), 0);
	assert_int_equal(fseek(f, st.st_size * percent / 100, SEEK_SET), 0);
	byte = getc(f);
	assert_int_equal(fseek(f, -1, SEEK_CUR), 0);
	assert_true(putc(byte ^ 0x10, f) != EOF);
	assert_int_equal(fclose(f), 0);
}

struct seen {
	unsigned lines, told;
	uint64_t first, last;
};

static void tell(void *ctx, const char *why)
{
	assert_ptr_equal(strstr(why, damaged), why);
	assert_int_equal(why[strlen(damaged)], ':');
	((struct seen *)ctx)->told++;
}

static struct seen read_on(struct reader *r)
{
	struct seen seen = { 0 };
	struct reader_line line;
	enum reader_result got;

	while ((got = reader_next_whole(r, &line, tell, &seen, &e)) == READER_LINE) {
		uint64_t seq = reader_line_seq(line.text);

		assert_true(seq > seen.last && line.text.p[line.text.n - 1] == '}');
		seen.first = seen.first ? seen.first : seq;
		seen.last = seq;
		seen.lines++;
	}
	assert_int_equal(got, READER_END);
	return seen;
}

static struct reader *reader_new(void)
{
	struct reader *r;

	assert_true(reader_open(&fs_system, folder, "items", &r, &e));
	return r;
}

static struct seen read_all(void)
{
	struct reader *r = reader_new();
	struct seen seen = read_on(r);

	reader_close(&r);
	return seen;
}

/* Each frame has a quarter of the lines, and a little. */
static void one_frame_is_lost(void **state)
{
	static const unsigned places[] = { 5, 40, 60, 95 };

	(void)state;
	assert_int_equal(read_all().lines, LINES + 10);
	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		struct seen seen;

		flip(places[i]);
		seen = read_all();
		assert_int_equal(seen.told, 1);
		assert_true(seen.lines > LINES / 2 && seen.lines < LINES);
		assert_int_equal(seen.last, LINES + 10);
		assert_true(seen.first == 1 || i == 0);
		flip(places[i]);
	}
}

static void who_reads_no_further_is_told(void **state)
{
	struct reader *r;
	struct reader_line line;
	enum reader_result got;

	(void)state;
	flip(40);
	r = reader_new();
	while ((got = reader_next(r, &line, &e)) == READER_LINE)
		;
	assert_int_equal(got, READER_FAILED);
	assert_int_equal(e.kind, ERR_PARSE);
	assert_non_null(strstr(e.text, CLOSED ".zst"));
	err_clear(&e);
	assert_int_equal(reader_next(r, &line, &e), READER_LINE);
	reader_close(&r);
}

static void places_are_found(void **state)
{
	(void)state;
	for (unsigned percent = 5; percent < 100; percent += 30) {
		struct reader *r = reader_new();
		struct seen seen;

		flip(percent);
		for (unsigned at = 1; at < LINES; at += LINES / 7) {
			assert_true(
			    reader_seek_time(r, BASE_MS + (int64_t)at * STEP_MS + READER_SLACK_MS, &e));
			seen = read_on(r);
			assert_true(seen.first <= at || seen.told > 0);
			reader_jump_seq(r, at);
			seen = read_on(r);
			assert_true(seen.first == at + 1 || seen.told > 0);
		}
		assert_true(reader_seek_last(r, LINES / 10, &e));
		seen = read_on(r);
		assert_true(seen.lines == LINES / 10 || seen.told > 0);
		assert_int_equal(seen.last, LINES + 10);
		reader_close(&r);
		flip(percent);
	}
}

/* Without its end it has no table: what is before the damage is read, and the next file. */
static void the_end_is_cut_off(void **state)
{
	struct stat st;
	struct seen seen;

	(void)state;
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(truncate(path, st.st_size / 2), 0);
	seen = read_all();
	assert_int_equal(seen.told, 1);
	assert_int_equal(seen.first, 1);
	assert_int_equal(seen.last, LINES + 10);
	assert_true(seen.lines > LINES / 5 && seen.lines < LINES);
}

/* Told once, and nothing else of the store is held up by it: by what was compressed, what was not, what is written to. */
static void a_file_is_a_folder(void **state)
{
	static const char *const names[] = { CLOSED ".zst", CLOSED, "items.jsonl" };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct reader *r = NULL;
		struct seen seen;
		char made[sizeof(path)];

		snprintf(made, sizeof(made), "%s/%s", folder, names[i]);
		if (i != 1)
			assert_int_equal(unlink(made), 0);
		assert_int_equal(mkdir(made, 0750), 0);
		damaged = names[i];
		seen = read_all();
		assert_int_equal(seen.told, 1);
		assert_int_equal(seen.lines, i == 2 ? 0 : 10);
		assert_true(reader_open(&fs_system, folder, "items", &r, &e) && reader_seek_last(r, 5, &e));
		assert_int_equal(read_on(r).lines, i == 2 ? 0 : 5);
		reader_close(&r);
		assert_int_equal(rmdir(made), 0);
	}
}

/* The daemon writes nothing through a link, so nothing follows behind one. */
static void the_active_file_is_a_link(void **state)
{
	char from[sizeof(path)], to[sizeof(path)];
	size_t lines = read_all().lines;

	(void)state;
	snprintf(from, sizeof(from), "%s/items.jsonl", folder);
	snprintf(to, sizeof(to), "%s/elsewhere", folder);
	assert_int_equal(rename(from, to), 0);
	assert_int_equal(symlink("elsewhere", from), 0);
	assert_int_equal(read_all().lines, lines);
	assert_int_equal(unlink(from), 0);
	assert_int_equal(unlink(to), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(one_frame_is_lost, set_up, tear_down),
		cmocka_unit_test_setup_teardown(who_reads_no_further_is_told, set_up, tear_down),
		cmocka_unit_test_setup_teardown(places_are_found, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_end_is_cut_off, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_file_is_a_folder, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_active_file_is_a_link, set_up, tear_down),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("store/damage", tests, NULL, NULL);
}
