/* UTF-8: what is valid, what replaces the rest, what a terminal may see; and JSON strings, which rest on it. */
#include "daemon/base/attr.h"
#include "daemon/base/json.h"
#include "daemon/base/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <jansson.h>
#include <stdio.h>

static void knows_valid_prefixes(void **state)
{
	(void)state;
	static const struct {
		const char *name, *bytes;
		size_t n, valid;
	} cases[] = {
		{ "ASCII", "plain text of some length", 25, 25 },
		{ "two, three and four bytes", "\xc3\xa9\xe4\xb8\xad\xf0\x9f\x98\x80", 9, 9 },
		{ "overlong two", "a\xc0\x80", 3, 1 },
		{ "overlong three", "a\xe0\x9f\xbf", 4, 1 },
		{ "surrogate", "a\xed\xa0\x80", 4, 1 },
		{ "beyond U+10FFFF", "a\xf4\x90\x80\x80", 5, 1 },
		{ "cut at the end", "abcdefgh\xe4\xb8", 10, 8 },
		{ "lone continuation", "abcdefghijk\x80xyz", 15, 11 },
		{ "NUL is a byte like others", "a\0b", 3, 3 },
		{ "last of each length", "\x7f\xdf\xbf\xef\xbf\xbf\xf4\x8f\xbf\xbf", 10, 10 },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		size_t got = utf8_valid_prefix(str_of(cases[i].bytes, cases[i].n));
		if (got != cases[i].valid)
			fail_msg("%s: %zu, not %zu", cases[i].name, got, cases[i].valid);
	}
}

/* Every scalar goes there and back; everything that utf8_decode takes is what utf8_encode writes. */
static void every_scalar_comes_back(void **state)
{
	(void)state;
	char bytes[4];
	uint32_t got;
	for (uint32_t cp = 0; cp < 0x110000; cp++) {
		size_t n = utf8_encode(cp, bytes);
		bool surrogate = cp >= 0xd800 && cp < 0xe000;
		if (utf8_decode(str_of(bytes, n), &got) != n || got != (surrogate ? 0xfffd : cp))
			fail_msg("U+%04X", cp);
		if (utf8_valid_prefix(str_of(bytes, n)) != n)
			fail_msg("U+%04X is not valid", cp);
	}
	assert_int_equal(utf8_encode(0x110000, bytes), 3);
}

static void replaces_maximal_subparts(void **state)
{
	(void)state;
	/* The example of the Unicode standard, section 3.9: 61 F1 80 80 E1 80 C2 62 80 63 80 BF 64. */
	struct buf out;
	buf_init(&out, 100);
	utf8_clean(STR("\x61\xf1\x80\x80\xe1\x80\xc2\x62\x80\x63\x80\xbf\x64"), &out);
	assert_true(str_eq(buf_view(&out), STR("a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"
	                                       "b\xef\xbf\xbd"
	                                       "c\xef\xbf\xbd\xef\xbf\xbd"
	                                       "d")));
	buf_fini(&out);
}

static void cuts_between_scalars(void **state)
{
	(void)state;
	struct str s = STR("a\xe4\xb8\xad\xf0\x9f\x98\x80");
	static const size_t want[] = { 0, 1, 1, 1, 4, 4, 4, 4, 8, 8 };
	for (size_t max = 0; max < ARRAY_LEN(want); max++)
		assert_int_equal(utf8_cut(s, max).n, want[max]);
	static const size_t tails[] = { 0, 0, 0, 0, 4, 4, 4, 7, 8, 8 };
	for (size_t max = 0; max < ARRAY_LEN(tails); max++)
		assert_int_equal(utf8_tail(s, max).n, tails[max]);
	/* Nothing but continuation bytes: cut where it stands. */
	assert_int_equal(utf8_cut(STR("\x80\x80\x80\x80\x80\x80"), 5).n, 5);
}

static void knows_widths(void **state)
{
	(void)state;
	assert_int_equal(utf8_width('a'), 1);
	assert_int_equal(utf8_width(0xe9), 1);
	assert_int_equal(utf8_width(0x301), 0);
	assert_int_equal(utf8_width(0x4e2d), 2);
	assert_int_equal(utf8_width(0xff21), 2);
	assert_int_equal(utf8_width(0xac00), 2);
	assert_int_equal(utf8_width(0x1f600), 2);
	assert_int_equal(utf8_width(0x200b), 0);
	assert_int_equal(utf8_width(0x1b), 0);
	assert_int_equal(utf8_width(0x416), 1);
}

static void hides_terminal_commands(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		struct str in, out;
	} cases[] = {
		{ "plain text passes", { "caf\xc3\xa9 \xe4\xb8\xad", 9 }, { "caf\xc3\xa9 \xe4\xb8\xad", 9 } },
		{ "ESC", { "\x1b[31m", 5 }, { "\\x1b[31m", 8 } },
		{ "C1 as UTF-8",
		    { "\xc2\x9b"
		      "2J",
		        4 },
		    { "\\x9b2J", 6 } },
		{ "C1 as a raw byte",
		    { "\x9b"
		      "2J",
		        3 },
		    { "\xef\xbf\xbd"
		      "2J",
		        5 } },
		{ "line breaks",
		    { "a\r\nb\tc\xe2\x80\xa8"
		      "d",
		        10 },
		    { "a  b c d", 8 } },
		{ "override",
		    { "\xe2\x80\xae"
		      "x",
		        4 },
		    { "\\u202ex", 7 } },
		{ "tag", { "\xf3\xa0\x81\x81", 4 }, { "\\U000e0041", 10 } },
		{ "NUL, BEL, DEL", { "\0\a\x7f", 3 }, { "\\x00\\x07\\x7f", 12 } },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf out;
		buf_init(&out, 100);
		utf8_for_terminal(cases[i].in, &out);
		if (!str_eq(buf_view(&out), cases[i].out))
			fail_msg("%s: %.*s", cases[i].name, STR_ARG(buf_view(&out)));
		buf_fini(&out);
	}
}

static void json_text(struct str in, struct buf *out)
{
	struct json w;
	buf_clear(out);
	json_init(&w, out);
	json_str(&w, in);
}

static void json_escapes(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		struct str in;
		const char *out;
	} cases[] = {
		{ "empty", { NULL, 0 }, "\"\"" },
		{ "short escapes", { "\"\\\b\f\n\r\t", 7 }, "\"\\\"\\\\\\b\\f\\n\\r\\t\"" },
		{ "controls", { "\0\x1f\x7f", 3 }, "\"\\u0000\\u001f\\u007f\"" },
		{ "C1", { "\xc2\x85\xc2\x9b", 4 }, "\"\\u0085\\u009b\"" },
		{ "directions overridden", { "\xe2\x80\xaa\xe2\x80\xae\xe2\x81\xa6\xe2\x81\xa9", 12 },
		    "\"\\u202a\\u202e\\u2066\\u2069\"" },
		{ "marks of direction, and the neighbours of overrides",
		    { "\xe2\x80\x8e\xe2\x80\x8f\xe2\x80\xa7\xe2\x80\xaf\xe2\x81\xa5\xe2\x81\xaa", 18 },
		    "\"\xe2\x80\x8e\xe2\x80\x8f\xe2\x80\xa7\xe2\x80\xaf\xe2\x81\xa5\xe2\x81\xaa\"" },
		{ "line separators", { "\xe2\x80\xa8\xe2\x80\xa9", 6 }, "\"\\u2028\\u2029\"" },
		{ "invalid", { "a\xe4\xb8z", 4 }, "\"a\xef\xbf\xbdz\"" },
		{ "long plain run", { "0123456789abcdef0123456789\"0123456789", 37 },
		    "\"0123456789abcdef0123456789\\\"0123456789\"" },
		{ "slash stays", { "</a>", 4 }, "\"</a>\"" },
	};
	struct buf out;
	buf_init(&out, 1000);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		json_text(cases[i].in, &out);
		if (!str_eq(buf_view(&out), str_from(cases[i].out)))
			fail_msg("%s: %.*s", cases[i].name, STR_ARG(buf_view(&out)));
	}
	buf_fini(&out);
}

/* Each byte at each place of the word-wise scan: what a real JSON reader gives back is what went in. */
static void json_strings_read_back(void **state)
{
	(void)state;
	struct buf out;
	struct buf clean;
	buf_init(&out, 1000);
	buf_init(&clean, 1000);
	for (unsigned c = 0; c < 256; c++) {
		for (size_t at = 0; at < 19; at++) {
			char in[19];
			memset(in, 'a', sizeof(in));
			in[at] = (char)c;
			json_text(str_of(in, sizeof(in)), &out);
			buf_clear(&clean);
			utf8_clean(str_of(in, sizeof(in)), &clean);
			json_t *v = json_loadb(out.p, out.n, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
			assert_non_null(v);
			assert_int_equal(json_string_length(v), clean.n);
			assert_memory_equal(json_string_value(v), clean.p, clean.n);
			json_decref(v);
		}
	}
	buf_fini(&out);
	buf_fini(&clean);
}

static void json_nests(void **state)
{
	(void)state;
	struct buf out;
	struct json w;
	buf_init(&out, 1000);
	json_init(&w, &out);
	json_open_object(&w);
	json_key_int(&w, "a", INT64_MIN);
	json_key(&w, "b");
	json_open_array(&w);
	json_u64(&w, UINT64_MAX);
	json_num(&w, 0.98449, 3);
	json_num(&w, 1.0 / 0.0, 3);
	json_bool(&w, true);
	json_none(&w);
	json_open_object(&w);
	json_close_object(&w);
	json_raw(&w, STR("[1]"));
	json_close_array(&w);
	json_key_string_opt(&w, "none", (struct str){ NULL, 0 });
	json_key_str(&w, STR("k\"ey"));
	json_str(&w, STR("v"));
	json_key_string(&w, "c", STR("d"));
	json_close_object(&w);
	assert_true(str_eq(buf_view(&out),
	    STR("{\"a\":-9223372036854775808,\"b\":[18446744073709551615,0.984,null,true,null,{},[1]],"
	        "\"k\\\"ey\":\"v\",\"c\":\"d\"}")));
	buf_fini(&out);
}

static void json_failure_is_sticky(void **state)
{
	(void)state;
	struct buf out;
	buf_init(&out, 20);
	json_text(STR("much longer than twenty bytes"), &out);
	assert_true(out.failed);
	buf_fini(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_valid_prefixes),
		cmocka_unit_test(every_scalar_comes_back),
		cmocka_unit_test(replaces_maximal_subparts),
		cmocka_unit_test(cuts_between_scalars),
		cmocka_unit_test(knows_widths),
		cmocka_unit_test(hides_terminal_commands),
		cmocka_unit_test(json_escapes),
		cmocka_unit_test(json_strings_read_back),
		cmocka_unit_test(json_nests),
		cmocka_unit_test(json_failure_is_sticky),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("base/utf8", tests, NULL, NULL);
}
