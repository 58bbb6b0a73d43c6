/* journal: what is told of entries that were durable once and cannot be found. */
#include "daemon/store/journal.h"
#include "daemon/store/journal_segment.h"
#include "tests/fake/remove_tree.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct box {
	char folder[64];
	struct journal *j;
	struct journal_recovery r;
	struct journal_group *g;
};

static struct err e;

static void open_box(struct box *b)
{
	const struct journal_options o = { b->folder, 65536, 8 };

	assert_true(journal_open(&fs_system, &o, &b->j, &b->r, &e));
}

static int set_up(void **ctx)
{
	struct box *b = calloc(1, sizeof(*b));

	assert_non_null(b);
	snprintf(b->folder, sizeof(b->folder), "/dev/shm/journal-XXXXXX");
	assert_non_null(mkdtemp(b->folder));
	b->g = journal_group_new();
	assert_non_null(b->g);
	open_box(b);
	*ctx = b;
	return 0;
}

static int tear_down(void **ctx)
{
	struct box *b = *ctx;

	journal_close(&b->j);
	journal_group_free(&b->g);
	remove_tree(b->folder);
	free(b);
	return 0;
}

/* A group of two entries, which takes one page. */
static void commit(struct box *b)
{
	struct journal_entry entry = { .routes = STR("items"), .line = STR("{\"v\":1}\n") };

	journal_group_start(b->g, journal_next_lsn(b->j));
	assert_true(journal_group_add(b->g, &entry, &e));
	assert_true(journal_group_add(b->g, &entry, &e));
	assert_true(journal_commit(b->j, b->g, &e));
}

static bool flip(void *ctx, const char *name)
{
	const char *folder = ((struct box *)ctx)->folder;
	const int64_t at =
	    2 * JOURNAL_PAGE + GROUP_HEADER + 4; /* in the second group, behind the page of the segment */
	char path[400], c;
	int fd;

	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return true;
	snprintf(path, sizeof(path), "%s/%.200s", folder, name);
	fd = open(path, O_RDWR);
	if (pread(fd, &c, 1, at) == 1) {
		c ^= 1;
		assert_int_equal(pwrite(fd, &c, 1, at), 1);
	}
	close(fd);
	return true;
}

static bool count(void *ctx, const struct journal_entry *entry)
{
	(void)entry;
	++*(unsigned *)ctx;
	return true;
}

static unsigned read_from(struct box *b, uint64_t lsn)
{
	unsigned n = 0;

	assert_true(journal_read(b->j, lsn, count, &n, &e));
	return n;
}

static void damage(struct box *b)
{
	for (unsigned i = 0; i < 3; i++)
		commit(b);
	fs_system.list(&fs_system, b->folder, flip, b);
}

static void lost_entries_are_counted_once(void **ctx)
{
	struct box *b = *ctx;

	damage(b);
	assert_int_equal(journal_lost(b->j), 0);
	assert_int_equal(read_from(b, 4), 2); /* who begins in the middle of the damage misses one */
	assert_int_equal(journal_lost(b->j), 1);
	assert_int_equal(read_from(b, 1), 4);
	assert_int_equal(read_from(b, 1), 4);
	assert_int_equal(journal_lost(b->j), 2);
}

static void opening_tells_and_reading_does_not_again(void **ctx)
{
	struct box *b = *ctx;

	damage(b);
	journal_close(&b->j);
	open_box(b);
	assert_int_equal(b->r.lost, 2);
	assert_int_equal(b->r.torn_bytes, 0);
	assert_int_equal(read_from(b, 1), 4);
	assert_int_equal(journal_lost(b->j), 2);
}

static void what_was_skipped_is_not_lost(void **ctx)
{
	struct box *b = *ctx;

	commit(b);
	journal_skip_to(b->j, 100);
	commit(b);
	assert_int_equal(read_from(b, 1), 4);
	assert_int_equal(journal_lost(b->j), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(lost_entries_are_counted_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(opening_tells_and_reading_does_not_again, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_was_skipped_is_not_lost, set_up, tear_down),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("store/journal", tests, NULL, NULL);
}
