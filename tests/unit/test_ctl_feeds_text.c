/* A file of feeds with one entry more, one less, or one switched: what stands around it stays. */
#include "daemon/base/attr.h"
#include "daemon/ctl/feeds_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define BLOCK                                                                                                \
	"# ours\nfeeds:\n  # the first\n  - name: a\n    url: https://a.example/\n\n  # the second\n  - "    \
	"name: b\n"                                                                                          \
	"    url: https://b.example/\n    enabled: true   # for now\n"
#define BRACES "feeds:\n  - {name: a, url: \"https://a.example/\"}\n  - {enabled: false, name: b, url: x}\n"

static struct err e;

static int set_up(void **state)
{
	(void)state;
	e = (struct err){ 0 };
	return 0;
}

static void same(struct buf *out, const char *wanted)
{
	buf_byte(out, '\0');
	assert_false(out->failed);
	assert_string_equal(out->p, wanted);
	buf_fini(out);
}

static void test_add(void **state)
{
	const struct feeds_entry plain = { .name = STR("c"), .url = STR("https://c.example/?a=\"b\"") };
	const struct feeds_entry full = { .name = STR("c"),
		.url = STR("https://c.example/"),
		.language = STR("zh-Hant"),
		.agency = STR("C: c") };
	static const struct {
		const char *before, *after;
	} rows[] = {
		{ "", "# Made by gazettectl feeds add; yours to edit.\nfeeds:\n  - name: \"c\"\n    url: "
		      "\"https://c.example/\"\n"
		      "    agency: \"C: c\"\n    language: \"zh-Hant\"\n" },
		{ "feeds:\n  - {name: a}",
		    "feeds:\n  - {name: a}\n  - name: \"c\"\n    url: \"https://c.example/\"\n"
		    "    agency: \"C: c\"\n    language: \"zh-Hant\"\n" },
		{ "# x\nfeeds: []\n", "# x\nfeeds:\n  - name: \"c\"\n    url: \"https://c.example/\"\n"
		                      "    agency: \"C: c\"\n    language: \"zh-Hant\"\n" },
	};
	struct buf out;
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		buf_init(&out, 4096);
		feeds_text_add(str_from(rows[i].before), &full, &out);
		same(&out, rows[i].after);
	}
	buf_init(&out, 4096);
	feeds_text_add(STR("feeds: []"), &plain, &out);
	same(&out, "feeds:\n  - name: \"c\"\n    url: \"https://c.example/?a=\\\"b\\\"\"\n");
}

static void test_remove(void **state)
{
	static const struct {
		const char *before, *after;
		int line;
		bool only;
	} rows[] = {
		{ BLOCK,
		    "# ours\nfeeds:\n  # the first\n\n  # the second\n  - name: b\n    url: "
		    "https://b.example/\n"
		    "    enabled: true   # for now\n",
		    4, false },
		{ BLOCK,
		    "# ours\nfeeds:\n  # the first\n  - name: a\n    url: https://a.example/\n\n  # the "
		    "second\n",
		    8, false },
		{ BRACES, "feeds:\n  - {enabled: false, name: b, url: x}\n", 2, false },
		{ "feeds:\n  - name: a\n    url: x\nother: 1\n", "feeds: []\nother: 1\n", 2, true },
		{ "feeds:\n- name: a\n  url: x", "feeds: []\n", 2, true },
	};
	struct buf out;
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		buf_init(&out, 4096);
		assert_true(
		    feeds_text_remove(str_from(rows[i].before), rows[i].line, rows[i].only, &out, &e));
		same(&out, rows[i].after);
	}
}

static void test_enable(void **state)
{
	static const struct {
		const char *before, *after;
		int line;
		bool on;
	} rows[] = {
		{ BLOCK,
		    "# ours\nfeeds:\n  # the first\n  - name: a\n    enabled: false\n    url: "
		    "https://a.example/\n\n"
		    "  # the second\n  - name: b\n    url: https://b.example/\n    enabled: true   # for "
		    "now\n",
		    4, false },
		{ BLOCK,
		    "# ours\nfeeds:\n  # the first\n  - name: a\n    url: https://a.example/\n\n"
		    "  # the second\n  - name: b\n    url: https://b.example/\n    enabled: false   # for "
		    "now\n",
		    8, false },
		{ BRACES,
		    "feeds:\n  - {name: a, url: \"https://a.example/\", enabled: false}\n"
		    "  - {enabled: false, name: b, url: x}\n",
		    2, false },
		{ BRACES,
		    "feeds:\n  - {name: a, url: \"https://a.example/\"}\n  - {enabled: true, name: b, url: "
		    "x}\n",
		    3, true },
		{ "feeds:\n- name: a", "feeds:\n- name: a\n  enabled: true\n", 2, true },
	};
	struct buf out;
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		buf_init(&out, 4096);
		assert_true(feeds_text_enable(str_from(rows[i].before), rows[i].line, rows[i].on, &out, &e));
		same(&out, rows[i].after);
	}
}

/* What is written in another way is left alone, and said. */
static void test_odd(void **state)
{
	struct buf out;
	(void)state;
	buf_init(&out, 4096);
	assert_false(feeds_text_remove(STR("feeds: [{name: a, url: x}]\n"), 1, true, &out, &e));
	assert_int_equal(e.line, 1);
	err_clear(&e);
	assert_false(feeds_text_enable(STR("feeds:\n  - {name: a,\n     url: x}\n"), 2, true, &out, &e));
	assert_int_equal(e.line, 2);
	err_clear(&e);
	assert_false(feeds_text_remove(STR(""), 7, true, &out, &e));
	buf_fini(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_add, set_up),
		cmocka_unit_test_setup(test_remove, set_up),
		cmocka_unit_test_setup(test_enable, set_up),
		cmocka_unit_test_setup(test_odd, set_up),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("ctl/feeds_text", tests, NULL, NULL);
}
