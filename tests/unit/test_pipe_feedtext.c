/* The texts of a feed's state: each is what was last set, whatever came and went beside it. */
#include "daemon/pipe/feedtext.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define CHANGES 5000
#define LONGEST 12u /* bytes; short ones, so that all lengths meet */

static void set(struct feedtexts **t, enum feedtext which, const char *value)
{
	struct err e = { .kind = ERR_NONE };

	assert_true(feedtext_set(t, which, str_from(value), &e));
}

static void check(const struct feedtexts *t, enum feedtext which, const char *value)
{
	if (value[0] == '\0') {
		assert_null(feedtext(t, which));
		assert_int_equal(feedtext_str(t, which).n, 0);
		return;
	}
	assert_string_equal(feedtext(t, which), value);
	assert_int_equal(feedtext_str(t, which).n, strlen(value));
}

static void test_each_is_what_was_set(void **state)
{
	char values[FEEDTEXTS][LONGEST + 1] = { { '\0' } };
	struct feedtexts *t = NULL, *copy;
	struct err e = { .kind = ERR_NONE };
	uint32_t seed = 1;

	(void)state;
	for (int i = 0; i < CHANGES; i++) {
		unsigned which, length;

		seed = seed * 1664525u + 1013904223u;
		which = (seed >> 8) % FEEDTEXTS;
		length = (seed >> 16) % (LONGEST + 1);
		memset(values[which], 'a' + i % 26, length);
		values[which][length] = '\0';
		if (length == 0 && i % 2)
			feedtext_drop(&t, (enum feedtext)which);
		else
			set(&t, (enum feedtext)which, values[which]);
		assert_true(feedtexts_copy(t, &copy, &e));
		for (unsigned k = 0; k < FEEDTEXTS; k++) {
			check(t, (enum feedtext)k, values[k]);
			check(copy, (enum feedtext)k, values[k]);
		}
		feedtexts_free(&copy);
	}
	feedtexts_free(&t);
}

static void test_the_last_one_leaves_nothing(void **state)
{
	struct feedtexts *t = NULL;

	(void)state;
	feedtext_drop(&t, FEEDTEXT_ETAG); /* of none: nothing happens */
	set(&t, FEEDTEXT_ETAG, "\"a\"");
	set(&t, FEEDTEXT_ERROR, "why");
	feedtext_drop(&t, FEEDTEXT_ETAG);
	check(t, FEEDTEXT_ERROR, "why");
	set(&t, FEEDTEXT_ERROR, "");
	assert_null(t);
}

static void test_too_long(void **state)
{
	static char longest[FEEDTEXT_MAX + 2];
	struct err e = { .kind = ERR_NONE };
	struct feedtexts *t = NULL;

	(void)state;
	memset(longest, 'x', FEEDTEXT_MAX + 1);
	set(&t, FEEDTEXT_RESUME, "before");
	assert_true(feedtext_set(&t, FEEDTEXT_RESUME, str_of(longest, FEEDTEXT_MAX), &e));
	assert_int_equal(feedtext_str(t, FEEDTEXT_RESUME).n, FEEDTEXT_MAX);
	assert_true(feedtext_set(&t, FEEDTEXT_RESUME, str_of(longest, FEEDTEXT_MAX + 1), &e));
	assert_null(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_is_what_was_set),
		cmocka_unit_test(test_the_last_one_leaves_nothing),
		cmocka_unit_test(test_too_long),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("pipe/feedtext", tests, NULL, NULL);
}
