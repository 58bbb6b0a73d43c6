/* A file of feeds with one entry more, one less, or one switched: what stands around it stays. */
#include "daemon/base/attr.h"
#include "daemon/ctl/feeds_text.h"
#include "daemon/ctl/feeds_value.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

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

/* `before` is one entry, in the second line: it is switched off. */
static void test_where_it_stands(void **state)
{
	static const struct {
		const char *before, *after;
	} rows[] = {
		/* what a comment or another value says is none */
		{ "- name: a # enabled: true\n", "- name: a # enabled: true\n  enabled: false\n" },
		{ "- name: a\n  # enabled: true\n  url: x\n",
		    "- name: a\n  enabled: false\n  # enabled: true\n  url: x\n" },
		{ "- title: 'x: {enabled: true}'\n  enabled: true\n",
		    "- title: 'x: {enabled: true}'\n  enabled: false\n" },
		{ "- title: |\n    enabled: true\n\n    enabled: true\n  url: x\n",
		    "- title: |\n    enabled: true\n\n    enabled: true\n  enabled: false\n  url: x\n" },
		{ "- url: x\n  title: >\n     a\n     enabled: true\n  enabled: yes\n",
		    "- url: x\n  title: >\n     a\n     enabled: true\n  enabled: false\n" },
		{ "- {title: \"\\\", enabled: true\", name: a}\n",
		    "- {title: \"\\\", enabled: true\", name: a, enabled: false}\n" },
		{ "- {title: 'it''s, enabled: true', name: a}\n",
		    "- {title: 'it''s, enabled: true', name: a, enabled: false}\n" },
		{ "- {name: it's, enabled: true}\n", "- {name: it's, enabled: false}\n" },
		{ "- {name: a} # {enabled: true}\n", "- {name: a, enabled: false} # {enabled: true}\n" },
		{ "- {name: a, # enabled: true }\n   url: http://x/#enabled}\n",
		    "- {name: a, # enabled: true }\n   url: http://x/#enabled, enabled: false}\n" },
		{ "- {fetch: {enabled: true}, groups: [{enabled: true}], name: a}\n",
		    "- {fetch: {enabled: true}, groups: [{enabled: true}], name: a, enabled: false}\n" },
		{ "- {name: enabled, title: a enabled b}\n",
		    "- {name: enabled, title: a enabled b, enabled: false}\n" },
		/* in quotes, without a value, apart */
		{ "- \"enabled\": \"yes\" # on\n  name: a\n", "- \"enabled\": false # on\n  name: a\n" },
		{ "- name: a\n  'enabled' : true\n", "- name: a\n  'enabled' : false\n" },
		{ "- name: a\n  enabled: # on\n", "- name: a\n  enabled: false # on\n" },
		{ "- name: a\n  enabled:\n", "- name: a\n  enabled: false\n" },
		{ "- name: a\r\n  enabled: true\r\n", "- name: a\r\n  enabled: false\r\n" },
		{ "-   name: a\n    url: x\n", "-   name: a\n    enabled: false\n    url: x\n" },
		{ "- {\"enabled\":true,name: a}\n", "- {\"enabled\": false,name: a}\n" },
		{ "- {enabled: ,name: a}\n", "- {enabled: false,name: a}\n" },
		{ "- {\n    enabled:\n      true,\n    name: a,\n  }\n",
		    "- {\n    enabled:\n      false,\n    name: a,\n  }\n" },
		{ "- {\n    name: a,\n  }\n", "- {\n    name: a, enabled: false\n  }\n" },
		{ "- {}\n", "- { enabled: false}\n" },
		{ "- {a: \"\\\\\", b: [x, \"}\"]}\n", "- {a: \"\\\\\", b: [x, \"}\"], enabled: false}\n" },
	};
	char before[256], after[256];
	struct buf out;
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		snprintf(before, sizeof(before), "feeds:\n%s- name: z\n", rows[i].before);
		snprintf(after, sizeof(after), "feeds:\n%s- name: z\n", rows[i].after);
		buf_init(&out, 4096);
		assert_true(feeds_text_enable(str_from(before), 2, false, &out, &e));
		same(&out, after);
	}
}

/* Whatever it is: it ends, and stays within the text. */
static void test_any_entry(void **state)
{
	static const char signs[] = "- {}[],:#'\"\\\n\0aenabled: ";
	struct feeds_value v;
	uint64_t seed = 1;
	(void)state;
	for (unsigned i = 0; i < 200000; i++) {
		char text[24];
		for (size_t n = 0; n < sizeof(text); n++) {
			seed = seed * 6364136223846793005u + 1442695040888963407u;
			text[n] = signs[(seed >> 33) % (sizeof(signs) - 1)];
		}
		memcpy(text, i % 2 ? "- {" : "- a", 3);
		struct str entry = str_of(text, 3 + i % (sizeof(text) - 2));
		if (feeds_value_find(entry, 0, STR("a"), &v))
			assert_true(v.begin > 0 && v.begin <= v.end && v.end <= entry.n);
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
	assert_false(feeds_text_enable(STR("feeds:\n  - {name: a,\n     url: x\n"), 2, true, &out, &e));
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
		cmocka_unit_test_setup(test_where_it_stands, set_up),
		cmocka_unit_test(test_any_entry),
		cmocka_unit_test_setup(test_odd, set_up),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("ctl/feeds_text", tests, NULL, NULL);
}
