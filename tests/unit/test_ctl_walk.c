/* store_walk beside somebody who deletes files, as retention does: the caller is told, for what was read has a hole that is none. */
#include "daemon/ctl/store_walk.h"
#include "tests/fake/remove_tree.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

static const char *const files[] = {
	"items-20261121T100000Z-1.jsonl",
	"items-20261121T110000Z-2.jsonl",
	"items-20261121T120000Z-3.jsonl",
	"items.jsonl",
};

static char folder[64];

struct reading {
	const char *delete_at_first; /* a file's name, or NULL */
	unsigned lines;
};

static bool take(void *ctx, const struct store_line *line)
{
	struct reading *r = ctx;
	char path[200];

	assert_false(line->torn);
	if (r->lines++ == 0 && r->delete_at_first) {
		snprintf(path, sizeof(path), "%s/%s", folder, r->delete_at_first);
		assert_int_equal(unlink(path), 0);
	}
	return true;
}

static int set_up(void **state)
{
	char path[200];

	(void)state;
	snprintf(folder, sizeof(folder), "/tmp/walk-XXXXXX");
	assert_non_null(mkdtemp(folder));
	for (unsigned i = 0; i < ARRAY_LEN(files); i++) {
		FILE *f;

		snprintf(path, sizeof(path), "%s/%s", folder, files[i]);
		f = fopen(path, "w");
		assert_non_null(f);
		fprintf(f, "{\"v\":1,\"seq\":%u}\n", i + 1);
		assert_int_equal(fclose(f), 0);
	}
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	return remove_tree(folder) ? 0 : -1;
}

static void a_file_that_goes_is_told_of(void **state)
{
	struct reading during = { .delete_at_first = files[1] }, after = { 0 };
	struct err e = { 0 };
	bool went = false;

	(void)state;
	assert_true(store_walk(folder, "items", take, &during, &went, &e));
	assert_true(went);
	assert_int_equal(during.lines, 3);
	went = false;
	assert_true(store_walk(folder, "items", take, &after, &went, &e));
	assert_false(went);
	assert_int_equal(after.lines, 3);
}

static void one_that_was_read_may_go(void **state)
{
	struct reading r = { .delete_at_first = files[0] };
	struct err e = { 0 };
	bool went = false;

	(void)state;
	assert_true(store_walk(folder, "items", take, &r, &went, &e));
	assert_false(went);
	assert_int_equal(r.lines, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_file_that_goes_is_told_of, set_up, tear_down),
		cmocka_unit_test_setup_teardown(one_that_was_read_may_go, set_up, tear_down),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("ctl/walk", tests, NULL, NULL);
}
