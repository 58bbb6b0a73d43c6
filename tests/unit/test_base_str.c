/* Slices: every search and cut at its borders. */
#include "daemon/base/attr.h"
#include "daemon/base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void compares_without_case(void **state)
{
	(void)state;
	assert_true(str_eq_nocase(STR("Content-TYPE"), STR("content-type")));
	assert_false(str_eq_nocase(STR("a["), STR("a{")));
	assert_false(str_eq_nocase(STR("abc"), STR("ab")));
	assert_true(str_starts_nocase(STR("HTTP/1.1"), STR("http/")));
	assert_false(str_starts_nocase(STR("ht"), STR("http")));
	assert_true(str_starts_nocase(STR("x"), STR("")));
}

static void trims_ascii_blanks(void **state)
{
	(void)state;
	assert_true(str_eq(str_trim(STR(" \t\r\n\v\fa b \n")), STR("a b")));
	assert_int_equal(str_trim(STR(" \n ")).n, 0);
	assert_int_equal(str_trim((struct str){ NULL, 0 }).n, 0);
}

static void skip_stops_at_the_end(void **state)
{
	(void)state;
	assert_true(str_eq(str_skip(STR("abc"), 2), STR("c")));
	assert_int_equal(str_skip(STR("abc"), 9).n, 0);
	assert_null(str_skip((struct str){ NULL, 0 }, 4).p);
}

static void finds(void **state)
{
	(void)state;
	struct str s = STR("abcabc");
	assert_int_equal(str_find(s, STR("bc"), 0), 1);
	assert_int_equal(str_find(s, STR("bc"), 2), 4);
	assert_true(str_find(s, STR("bd"), 0) == SIZE_MAX);
	assert_true(str_find(s, STR("a"), 7) == SIZE_MAX);
	assert_int_equal(str_find(s, STR(""), 6), 6);
	assert_int_equal(str_find_byte(s, 'c', 3), 5);
	assert_true(str_find_byte(s, 'a', 6) == SIZE_MAX);
	assert_int_equal(str_find_nocase(s, STR("CAB"), 0), 2);
	assert_int_equal(str_find_nocase(s, STR("BC"), 2), 4);
	assert_true(str_find_nocase(s, STR("abcabcd"), 0) == SIZE_MAX);
	assert_true(str_find_nocase((struct str){ NULL, 0 }, STR("a"), 0) == SIZE_MAX);
}

static void knows_the_pieces(void **state)
{
	(void)state;
	assert_true(str_among(STR("a, bb ,c"), ',', STR("bb")));
	assert_true(str_among(STR("a, bb ,c"), ',', STR("c")));
	assert_false(str_among(STR("a, bb ,c"), ',', STR("b")));
	assert_false(str_among(STR(""), ',', STR("")));
}

static void cuts_to_the_last_piece(void **state)
{
	(void)state;
	struct str rest = STR("a,,b");
	assert_true(str_eq(str_cut(&rest, ','), STR("a")));
	assert_true(str_eq(str_cut(&rest, ','), STR("")));
	assert_true(str_eq(str_cut(&rest, ','), STR("b")));
	assert_null(rest.p);
	rest = STR("x,");
	assert_true(str_eq(str_cut(&rest, ','), STR("x")));
	assert_non_null(rest.p); /* an empty piece is still to come */
	assert_int_equal(str_cut(&rest, ',').n, 0);
	assert_null(rest.p);
}

static void orders(void **state)
{
	(void)state;
	assert_int_equal(str_cmp(STR("a"), STR("a")), 0);
	assert_true(str_cmp(STR("a"), STR("ab")) < 0);
	assert_true(str_cmp(STR("b"), STR("ab")) > 0);
	assert_true(str_cmp(STR("\xff"), STR("a")) > 0);
}

static void reads_decimal(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		bool good;
		unsigned long long value;
	} cases[] = {
		{ "0", true, 0 },
		{ "007", true, 7 },
		{ "18446744073709551615", true, UINT64_MAX },
		{ "18446744073709551616", false, 0 },
		{ "99999999999999999999", false, 0 },
		{ "", false, 0 },
		{ "+1", false, 0 },
		{ "1 ", false, 0 },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		unsigned long long v = 0;
		assert_int_equal(str_to_u64(str_from(cases[i].text), &v), cases[i].good);
		assert_true(v == cases[i].value);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(compares_without_case),
		cmocka_unit_test(trims_ascii_blanks),
		cmocka_unit_test(skip_stops_at_the_end),
		cmocka_unit_test(finds),
		cmocka_unit_test(cuts_to_the_last_piece),
		cmocka_unit_test(knows_the_pieces),
		cmocka_unit_test(orders),
		cmocka_unit_test(reads_decimal),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("base/str", tests, NULL, NULL);
}
