/* What a configuration has that another had not. */
#include "daemon/base/attr.h"
#include "daemon/conf/changes.h"
#include "tests/fake/conf_folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#define MAIN "shipped_topics: false\nfeeds_files: []\nalerts_files: []\ntopics_files: [\"*.topic\"]\n"
#define TOPIC(name)                                                                                          \
	"topic: " name "\nthresholds: {match: 0.8, review: 0.5}\nphrases:\n  - {any: x, weight: 5}\n"
#define FEED(name) "  - {name: " name ", url: \"http://a.example/" name "\"}\n"

static const struct {
	const char *before, *after, *wanted;
} rows[] = {
	{ "feeds:\n" FEED("a"), "feeds:\n" FEED("a"), "nothing changed" },
	{ "feeds:\n" FEED("a"), "feeds:\n" FEED("a") FEED("b") FEED("c"), "+2 feeds" },
	{ "feeds:\n" FEED("a") FEED("b"), "feeds:\n" FEED("b"), "-1 feed" },
	{ "feeds:\n" FEED("a") FEED("b"), "feeds:\n  - {name: b, url: \"http://b.example/\"}\n" FEED("c"),
	    "+1 feed, -1 feed, ~1 feed" },
	{ "feeds:\n" FEED("a") FEED("b"),
	    "feeds:\n" FEED("b") "  - {name: a, url: \"http://a.example/a\", enabled: false}\n", "-1 feed" },
	{ "feeds:\n" FEED("a"), "fetch: {interval: 7m}\nfeeds:\n" FEED("a"), "~1 feed, other settings" },
	{ "feeds:\n" FEED("a"), "contact: mailto:a@b.example\nfeeds:\n" FEED("a"), "other settings" },
	{ "alerts:\n  - {name: x, exec: [/bin/true]}\n",
	    "alerts:\n  - {name: x, exec: [/bin/true], rate: 5/1h}\n"
	    "  - {name: y, exec: [/bin/true]}\n",
	    "+1 alert, ~1 alert" },
	{ "alerts:\n  - {name: x, exec: [/bin/true]}\n", "", "-1 alert" },
	{ "alerts:\n  - {name: x, exec: [/bin/true]}\n",
	    "alerts:\n  - {name: x, exec: [/bin/true], enabled: false}\n", "-1 alert" },
};

static void tell(const struct conf *old, const struct conf *new, const char *wanted)
{
	struct conf_changes changes;
	struct err e = { 0 };
	struct buf out;
	assert_true(conf_compare(old, new, &changes, &e));
	buf_init(&out, 4096);
	conf_changes_tell(&changes, &out);
	buf_byte(&out, '\0');
	assert_string_equal(out.p, wanted);
	buf_fini(&out);
}

static struct conf *load(struct conf_folder *f, const char *text)
{
	char all[4096];
	snprintf(all, sizeof(all), MAIN "%s", text);
	struct conf *c = conf_folder_load_text(f, all);
	assert_string_equal(conf_folder_said(f), "");
	return conf_hold(c);
}

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct conf_folder f;
		conf_folder_init(&f);
		struct conf *old = load(&f, rows[i].before), *new = load(&f, rows[i].after);
		tell(old, new, rows[i].wanted);
		conf_drop(&old);
		conf_drop(&new);
		conf_folder_fini(&f);
	}
}

static void test_topics(void **state)
{
	struct conf_folder f;
	(void)state;
	conf_folder_init(&f);
	conf_folder_put(&f, "a.topic", TOPIC("a"));
	struct conf *old = load(&f, "");
	conf_folder_put(&f, "a.topic", TOPIC("a") "  - {any: y, weight: 5}\n");
	conf_folder_put(&f, "b.topic", TOPIC("b"));
	struct conf *new = load(&f, "");
	tell(old, new, "+1 topic, ~1 topic");
	tell(new, old, "-1 topic, ~1 topic");
	conf_drop(&old);
	conf_drop(&new);
	conf_folder_fini(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_topics),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("conf/changes", tests, NULL, NULL);
}
