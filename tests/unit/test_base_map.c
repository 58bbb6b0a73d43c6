/* map: a file as memory. */
#include "daemon/base/map.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const char *file_with(const char *text)
{
	static char path[64];
	snprintf(path, sizeof(path), "/tmp/test-map-XXXXXX");
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	return path;
}

static void bytes_are_there(void **state)
{
	(void)state;
	struct err e = { 0 };
	struct str s;
	const char *path = file_with("weights");
	assert_true(map_file(path, 100, &s, &e));
	assert_int_equal(s.n, 7);
	assert_memory_equal(s.p, "weights", 7);
	unlink(path);
	assert_memory_equal(s.p, "weights", 7);
	map_free(&s);
	assert_null(s.p);
	map_free(&s);
}

static void an_empty_file_is_empty(void **state)
{
	(void)state;
	struct err e = { 0 };
	struct str s;
	const char *path = file_with("");
	assert_true(map_file(path, 100, &s, &e));
	assert_int_equal(s.n, 0);
	unlink(path);
}

static void what_cannot_be_mapped(void **state)
{
	(void)state;
	struct err large = { 0 }, missing = { 0 }, folder = { 0 };
	struct str s;
	const char *path = file_with("weights");
	assert_false(map_file(path, 6, &s, &large));
	assert_int_equal(large.kind, ERR_LIMIT);
	unlink(path);
	assert_false(map_file(path, 100, &s, &missing));
	assert_non_null(strstr(missing.text, "No such file"));
	assert_false(map_file("/tmp", 100, &s, &folder));
	assert_non_null(strstr(folder.text, "no plain file"));
	assert_null(s.p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_are_there),
		cmocka_unit_test(an_empty_file_is_empty),
		cmocka_unit_test(what_cannot_be_mapped),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("base/map", tests, NULL, NULL);
}
