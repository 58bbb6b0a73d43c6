/* asked: what was asked is known after the end of the process that asked, whatever became of the file. */
#include "daemon/store/asked.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define SAME_BUCKET 4096u /* numbers that are so far apart share one */
#define BUCKET 4u

struct box {
	char folder[64], path[96];
	struct fs fs;
	struct asked *asked;
};

static struct err e;

static int set_up(void **state)
{
	struct box *b = calloc(1, sizeof(*b));

	assert_non_null(b);
	e = (struct err){ .kind = ERR_NONE };
	snprintf(b->folder, sizeof(b->folder), "/tmp/gazetted-asked.XXXXXX");
	assert_non_null(mkdtemp(b->folder));
	snprintf(b->path, sizeof(b->path), "%s/asked", b->folder);
	b->fs = fs_system;
	assert_true(asked_open(&b->fs, b->path, &b->asked, &e));
	*state = b;
	return 0;
}

static int tear_down(void **state)
{
	struct box *b = *state;

	asked_close(&b->asked);
	unlink(b->path);
	rmdir(b->folder);
	free(b);
	return 0;
}

static void reopen(struct box *b)
{
	asked_close(&b->asked);
	assert_true(asked_open(&b->fs, b->path, &b->asked, &e));
}

static void outlives_its_process(void **state)
{
	struct box *b = *state;

	assert_int_equal(asked_at(b->asked, 7), 0);
	assert_true(asked_note(b->asked, 7, 1000, &e));
	assert_true(asked_note(b->asked, 8, 2000, &e));
	assert_true(asked_note(b->asked, 7, 3000, &e));
	for (unsigned life = 0; life < 3; life++) {
		assert_int_equal(asked_at(b->asked, 7), 3000);
		assert_int_equal(asked_at(b->asked, 8), 2000);
		assert_int_equal(asked_at(b->asked, 9), 0);
		reopen(b);
	}
}

static void forgets_the_oldest_first(void **state)
{
	struct box *b = *state;

	for (unsigned i = 0; i < BUCKET; i++)
		assert_true(asked_note(b->asked, 1 + i * SAME_BUCKET, 100 + i, &e));
	assert_true(asked_note(b->asked, 1, 200, &e)); /* the first once more: now the second is the oldest */
	assert_true(asked_note(b->asked, 1 + BUCKET * SAME_BUCKET, 300, &e));
	reopen(b);
	assert_int_equal(asked_at(b->asked, 1), 200);
	assert_int_equal(asked_at(b->asked, 1 + SAME_BUCKET), 0);
	for (unsigned i = 2; i < BUCKET; i++)
		assert_int_equal(asked_at(b->asked, 1 + i * SAME_BUCKET), 100 + i);
	assert_int_equal(asked_at(b->asked, 1 + BUCKET * SAME_BUCKET), 300);
}

static void cut_file_keeps_the_rest(void **state)
{
	struct box *b = *state;

	assert_true(asked_note(b->asked, 1, 1000, &e));
	assert_true(asked_note(b->asked, 100, 2000, &e));
	assert_int_equal(truncate(b->path, 100 * BUCKET * 16 + 3), 0);
	reopen(b);
	assert_int_equal(asked_at(b->asked, 1), 1000);
	assert_int_equal(asked_at(b->asked, 100), 0);
}

static ssize_t no_room(const struct fs *fs, int fd, const void *p, size_t n, int64_t offset)
{
	(void)fs, (void)fd, (void)p, (void)n, (void)offset;
	return -1;
}

static void full_disk_is_said(void **state)
{
	struct box *b = *state;

	b->fs.pwrite = no_room;
	assert_false(asked_note(b->asked, 1, 1000, &e));
	assert_int_equal(e.kind, ERR_IO);
	assert_int_equal(asked_at(b->asked, 1), 1000); /* of this life it is known all the same */
}

static void folder_in_its_place_is_said(void **state)
{
	struct box *b = *state;
	struct asked *other = NULL;

	assert_false(asked_open(&b->fs, b->folder, &other, &e));
	assert_int_equal(e.kind, ERR_IO);
	assert_null(other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(outlives_its_process, set_up, tear_down),
		cmocka_unit_test_setup_teardown(forgets_the_oldest_first, set_up, tear_down),
		cmocka_unit_test_setup_teardown(cut_file_keeps_the_rest, set_up, tear_down),
		cmocka_unit_test_setup_teardown(full_disk_is_said, set_up, tear_down),
		cmocka_unit_test_setup_teardown(folder_in_its_place_is_said, set_up, tear_down),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("asked", tests, NULL, NULL);
}
