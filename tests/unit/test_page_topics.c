/* The pages of topics: what is counted of records as a daemon writes them and as nobody should, and that it stays a small page of our markup. */
#include "daemon/base/attr.h"
#include "daemon/base/date.h"
#include "tests/fake/html_check.h"
#include "tests/fake/page_box.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define SMALL (50u << 10) /* bytes; what a page may have */
#define DAY INT64_C(86400000)
#define MIDNIGHT (PAGE_BOX_NOW / DAY * DAY)

static struct page_box box;
static unsigned last_seq;

static int set_up(void **state)
{
	(void)state;
	last_seq = 0;
	page_box_init(&box);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	page_box_fini(&box);
	return 0;
}

static void append(
    int64_t seen_at, const char *kind, const char *feed, const char *language, const char *topics)
{
	char line[4096], at[DATE_TEXT_MAX];
	int n;

	at[date_format_ms(seen_at, at)] = '\0';
	n = snprintf(line, sizeof(line),
	    "{\"v\":1,\"seq\":%u,\"seen_at\":\"%s\",\"kind\":\"%s\",\"feed\":\"%s\",\"key\":\"k\",\"title\":"
	    "\"x\","
	    "\"language\":\"%s\",\"topics\":%s}\n",
	    ++last_seq, at, kind, feed, language, topics);
	assert_true(n > 0 && (size_t)n < sizeof(line));
	page_box_append(&box, "items.jsonl", str_of(line, (size_t)n));
}

static void append_decision(int64_t seen_at, const char *topic, double score, const char *decision)
{
	char topics[256];

	snprintf(topics, sizeof(topics),
	    "[{\"topic\":\"%s\",\"score\":%.2f,\"decision\":\"%s\",\"evidence\":[]}]", topic, score,
	    decision);
	append(seen_at, "new", "alpha", "en", topics);
}

#define WOLVES "[{\"topic\":\"wolves\",\"score\":0.92,\"decision\":\"match\",\"evidence\":[]}]"

static void write_status(void)
{
	page_box_write(&box, "status.json",
	    STR("{\"v\":1,\"at\":\"2026-11-21T09:59:58.000Z\",\"counts\":{},\"topics\":["
	        "{\"name\":\"lambs\",\"match\":0.5,\"review\":0.3,\"shadow\":true},"
	        "{\"name\":\"wolves\",\"title\":\"Wolves & "
	        "<others>\",\"match\":0.7,\"review\":0.4}],\"feeds\":["
	        "{\"name\":\"alpha\",\"agency\":\"Forest Office\"},{\"name\":\"beta\",\"agency\":\"Forest "
	        "Office\"},{\"name\":\"gamma\"}]}\n"));
}

static void assert_page(const char *target, unsigned status)
{
	const char *wrong;

	assert_int_equal(page_box_get(&box, target), status);
	assert_string_equal(box.answer.content_type, "text/html; charset=utf-8");
	wrong = html_check(buf_view(&box.answer.body));
	if (wrong)
		fail_msg("%s: %s", target, wrong);
	if (box.answer.body.n >= SMALL)
		fail_msg("%s has %zu bytes", target, box.answer.body.n);
}

static json_t *data_of(const char *target)
{
	json_error_t why;
	json_t *data;

	assert_int_equal(page_box_get(&box, target), 200);
	assert_string_equal(box.answer.content_type, "application/json; charset=utf-8");
	data = json_loadb(box.answer.body.p, box.answer.body.n, 0, &why);
	if (!data)
		fail_msg("%s: %s", target, why.text);
	return data;
}

static long long at(const json_t *data, const char *name, size_t i)
{
	return json_integer_value(json_array_get(json_object_get(data, name), i));
}

static long long sum(const json_t *data, const char *name)
{
	long long all = 0;

	for (size_t i = 0; i < json_array_size(json_object_get(data, name)); i++)
		all += at(data, name, i);
	return all;
}

static long long count(const json_t *data, const char *name, const char *key)
{
	return json_integer_value(json_object_get(json_object_get(data, name), key));
}

/* Days begin at midnight of UTC; what is older than the first of them, and what a publisher did later, does not count. */
static void by_day(void **state)
{
	json_t *data;

	(void)state;
	write_status();
	append_decision(MIDNIGHT - 27 * DAY - 1, "wolves", 0.9, "match");
	append_decision(MIDNIGHT - 27 * DAY, "wolves", 0.9, "match");
	append_decision(MIDNIGHT - 1, "wolves", 0.9, "match");
	append_decision(MIDNIGHT, "wolves", 0.9, "match");
	append_decision(PAGE_BOX_NOW, "wolves", 0.5, "review");
	append(PAGE_BOX_NOW, "revision", "alpha", "en", WOLVES);
	append(PAGE_BOX_NOW, "withdrawn", "alpha", "en", WOLVES);
	append(PAGE_BOX_NOW, "new", "alpha", "en", "[]");
	append_decision(PAGE_BOX_NOW, "cats", 0.9, "match");
	append_decision(PAGE_BOX_NOW + 5 * DAY, "wolves", 0.9, "match"); /* a clock that was wrong */
	data = data_of("/topics/wolves.json");
	assert_int_equal(json_array_size(json_object_get(data, "matches")), 28);
	assert_int_equal(at(data, "matches", 0), 1);
	assert_int_equal(at(data, "matches", 26), 1);
	assert_int_equal(at(data, "matches", 27), 2);
	assert_int_equal(sum(data, "matches"), 4);
	assert_int_equal(at(data, "reviews", 27), 1);
	assert_int_equal(sum(data, "reviews"), 1);
	assert_true(json_is_true(json_object_get(data, "whole")));
	json_decref(data);
	assert_page("/topics", 200);
	assert_true(page_box_says(&box, "4 matches, 1 to review, in 28 days"));
	assert_true(page_box_says(&box, "0 matches, 0 to review, in 28 days; it runs silently"));
	assert_true(page_box_says(&box, "Wolves &amp; &lt;others&gt;"));
	/* Two matches and a review fill the last bar: forty of sixty are below, twenty above. */
	assert_true(page_box_says(&box, "M275 60v-40\""));
	assert_true(page_box_says(&box, "<path class=\"asked\" d=\"M275 20v-20\"/>"));
}

static void by_score(void **state)
{
	json_t *data;

	(void)state;
	write_status();
	append_decision(PAGE_BOX_NOW, "wolves", 0.42, "review");
	append_decision(PAGE_BOX_NOW, "wolves", 0.72, "match");
	append_decision(PAGE_BOX_NOW, "wolves", 0.74, "match");
	append_decision(PAGE_BOX_NOW, "wolves", 1, "match");
	data = data_of("/topics/wolves.json");
	assert_int_equal(at(data, "scores", 8), 1);
	assert_int_equal(at(data, "scores", 14), 2);
	assert_int_equal(at(data, "scores", 19), 1);
	assert_int_equal(sum(data, "scores"), 4);
	json_decref(data);
	assert_page("/topics/wolves", 200);
	assert_true(page_box_says(
	    &box, "review from 0.40 and match from 0.70 on; 1 from 0.40; 2 from 0.70; 1 from 0.95</title>"));
	assert_true(page_box_says(
	    &box, "<path class=\"limit\" d=\"M80.0 0v60\"/><path class=\"limit\" d=\"M140.0 0v60\"/>"));
}

static void by_agency(void **state)
{
	json_t *data;

	(void)state;
	write_status();
	append(PAGE_BOX_NOW, "new", "alpha", "en", WOLVES);
	append(PAGE_BOX_NOW, "new", "beta", "zh-Hant", WOLVES);
	append(PAGE_BOX_NOW, "new", "gamma", "", WOLVES);
	append(PAGE_BOX_NOW, "new", "gone", "en", WOLVES);
	append(PAGE_BOX_NOW, "new", "gone", "en", "[]");
	data = data_of("/topics/wolves.json");
	assert_int_equal(count(data, "agencies", "Forest Office"), 2);
	assert_int_equal(count(data, "agencies", "gamma"), 1);
	assert_int_equal(count(data, "agencies", "gone"), 1);
	assert_int_equal(json_object_size(json_object_get(data, "agencies")), 3);
	assert_int_equal(count(data, "feeds", "beta"), 1);
	assert_int_equal(count(data, "languages", "en"), 2);
	assert_int_equal(count(data, "languages", "zh-Hant"), 1);
	assert_int_equal(count(data, "languages", ""), 1);
	json_decref(data);
	assert_page("/topics/wolves", 200);
	assert_true(
	    page_box_says(&box, "<tr><th scope=\"row\"><bdi>Forest Office</bdi><td class=\"num\">2\n"));
	assert_true(page_box_says(&box, "(not stated)"));
}

static void hostile(void **state)
{
	static const char *const topics[] = { "{}", "7", "[1,null,{\"topic\":7}]",
		"[{\"topic\":\"wolves\",\"decision\":\"match\",\"score\":-7000.5}]",
		"[{\"topic\":\"wolves\",\"decision\":\"match\",\"score\":7000.5}]",
		"[{\"topic\":\"wolves\",\"decision\":\"match\",\"score\":\"x\"}]",
		"[{\"topic\":\"wolves\",\"decision\":\"other\",\"score\":1}]",
		"[{\"topic\":\"wolves\",\"decision\":\"match\"" };

	(void)state;
	write_status();
	for (size_t i = 0; i < ARRAY_LEN(topics); i++)
		append(PAGE_BOX_NOW, "new", "<script>\\u202e", "\\\"><b>", topics[i]);
	assert_page("/topics", 200);
	assert_page("/topics/wolves", 200);
	assert_true(page_box_says(&box, "3 matches, 0 to review"));
	assert_true(page_box_says(&box, "&lt;script&gt;\xef\xbf\xbd"));
	json_decref(data_of("/topics/wolves.json"));
	assert_page("/topics/cats", 404);
	assert_page("/topics/<b>", 404);
	assert_page("/topics/", 404);
	page_box_write(&box, "status.json",
	    STR("{\"topics\":[7,{},{\"name\":\"wolves\",\"title\":{},\"match\":\"x\",\"review\":-1}],"
	        "\"feeds\":{}}"));
	assert_page("/topics", 200);
	assert_page("/topics/wolves", 200);
	page_box_write(&box, "status.json", STR("[]"));
	assert_page("/topics", 200);
	assert_true(page_box_says(&box, "told of none yet"));
	json_decref(data_of("/topics.json"));
}

/* As many topics, agencies and languages as there may be. */
static void large(void **state)
{
	struct buf status;

	(void)state;
	buf_init(&status, 1 << 20);
	buf_str(&status, STR("{\"topics\":[{\"name\":\"wolves\",\"match\":0.7,\"review\":0.4}"));
	for (unsigned i = 0; i < 255; i++)
		buf_fmt(&status,
		    ",{\"name\":\"topic-%u\",\"title\":\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\",\"match\":1,"
		    "\"review\":0}",
		    i);
	buf_str(&status, STR("]}"));
	page_box_write(&box, "status.json", buf_view(&status));
	buf_fini(&status);
	for (unsigned i = 0; i < 600; i++) {
		char feed[512], language[16];

		snprintf(feed, sizeof(feed), "%0400u", i);
		snprintf(language, sizeof(language), "l%u", i);
		append(PAGE_BOX_NOW - (600 - i) * 3600000, "new", feed, language, WOLVES);
	}
	assert_page("/topics", 200);
	assert_true(page_box_says(&box, "more, which are in the data"));
	assert_page("/topics/wolves", 200);
	assert_true(page_box_says(&box, "And 585 more."));
}

/* More records than one request reads: the page says that it does not know all of the days. */
static void too_many(void **state)
{
	struct buf lines;
	char seen[DATE_TEXT_MAX];

	(void)state;
	write_status();
	seen[date_format_ms(PAGE_BOX_NOW, seen)] = '\0';
	buf_init(&lines, 4 << 20);
	for (unsigned i = 1; i <= 20001; i++)
		buf_fmt(&lines,
		    "{\"v\":1,\"seq\":%u,\"seen_at\":\"%s\",\"kind\":\"new\",\"feed\":\"a\","
		    "\"topics\":" WOLVES "}\n",
		    i, seen);
	assert_false(lines.failed);
	page_box_append(&box, "items.jsonl", buf_view(&lines));
	buf_fini(&lines);
	assert_page("/topics", 200);
	assert_true(page_box_says(&box, "20000 matches"));
	assert_true(page_box_says(&box, "do not reach back so far"));
}

/* One of them alone: for the planted bugs. */
int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(by_day, set_up, tear_down),
		cmocka_unit_test_setup_teardown(by_score, set_up, tear_down),
		cmocka_unit_test_setup_teardown(by_agency, set_up, tear_down),
		cmocka_unit_test_setup_teardown(hostile, set_up, tear_down),
		cmocka_unit_test_setup_teardown(large, set_up, tear_down),
		cmocka_unit_test_setup_teardown(too_many, set_up, tear_down),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("page: topics", tests, NULL, NULL);
}
