/* regex_bound: expressions that would grow are refused before the C library sees them; those of people are not. */
#include "daemon/ctl/regex_bound.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static const struct {
	const char *pattern;
	bool bounded;
} cases[] = {
	{ "ransomware|phishing", true },
	{ "", true },
	{ "(child|minor)s? .{0,40}(abuse|exploitation)", true },
	{ "[0-9]{4}-[0-9]{2}", true },
	{ "a{1,255}", true },
	{ "[]{}9]{3}", true },
	{ "[[:alpha:]{9999}]+", true },
	{ "\\{9{3}", true },
	{ ")((", true },
	{ "a{2", true },
	{ "{5}", true },
	{ "((a{1,255}){1,255}){1,255}", false },
	{ "a{255}{255}{255}", false },
	{ "(((((a{99}){99}){99}){99}){99}){99}", false },
	{ "(((((((x{1,100}){1,100}){1,100})))))", false },
	{ "(a|b{200}){200}", false },
	{ "a{99999999999999999999999}", false },
	{ "((a{150}){150,}){2}", false },
	{ "(a*)\\1", false },
};

static void the_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct err e = { 0 };
		bool bounded = regex_is_bounded(str_from(cases[i].pattern), &e);

		if (bounded != cases[i].bounded)
			fail_msg("%s: %s", cases[i].pattern, bounded ? "taken" : e.text);
		assert_true(bounded || e.kind == ERR_CONFIG);
	}
}

static void a_long_one_is_refused(void **state)
{
	static char text[REGEX_MAX + 1];
	struct err e = { 0 };

	(void)state;
	memset(text, '(', sizeof(text));
	assert_true(regex_is_bounded(str_of(text, REGEX_MAX), &e));
	assert_false(regex_is_bounded(str_of(text, REGEX_MAX + 1), &e));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table),
		cmocka_unit_test(a_long_one_is_refused),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("ctl/regex", tests, NULL, NULL);
}
