/* Which alerts an item or an event is owed, and what their scripts are told. */
#include "daemon/conf/table_priv.h"
#include "daemon/pipe/events.h"
#include "daemon/pipe/hookenv.h"
#include "daemon/pipe/rules.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

static const char topics[] = "thresholds: {match: 0.8, review: 0.4}\nphrases:\n  - {any: [x], weight: 8}\n";

static struct classifier *two_topics(void)
{
	struct cls_builder *b = cls_builder_new();
	struct classifier *c = NULL;
	struct cls_error e;
	char yaml[256];

	snprintf(yaml, sizeof(yaml), "topic: alpha\n%s", topics);
	assert_true(cls_builder_add(b, "a", yaml, strlen(yaml), &e));
	snprintf(yaml, sizeof(yaml), "topic: beta\n%s", topics);
	assert_true(cls_builder_add(b, "b", yaml, strlen(yaml), &e));
	assert_true(cls_build(&b, &c, &e));
	return c;
}

static const char *const only_beta[] = { "beta" };
static const char *const hk[] = { "hk-*", "mo-pt" };
static const char *const down_and_up[] = { "feed_down", "feed_up" };
static const char *const gap[] = { "gap" };

static const struct conf_alert alerts[] = {
	{ .name = "all" },
	{ .name = "beta", .topics = only_beta, .topic_count = 1 },
	{ .name = "unsure", .decision = CONF_DECISION_REVIEW },
	{ .name = "sure", .score_min = 0.9 },
	{ .name = "hk", .feeds = hk, .feed_count = 2 },
	{ .name = "ops", .events = down_and_up, .event_count = 2 },
	{ .name = "ops-hk", .events = down_and_up, .event_count = 2, .feeds = hk, .feed_count = 2 },
	{ .name = "beta-and-gaps", .topics = only_beta, .topic_count = 1, .events = gap, .event_count = 1 },
};
static const struct conf conf = { .alerts = alerts, .alert_count = ARRAY_LEN(alerts) };

static void test_owed(void **state)
{
	static const struct {
		const char *feed;
		struct job_topic topics[2];
		size_t count;
		const char *owed;
	} rows[] = {
		{ "us", { { 0, 0.85, CLS_MATCH } }, 1, "all\nunsure" },
		{ "us", { { 0, 0.95, CLS_MATCH } }, 1, "all\nunsure\nsure" },
		{ "us", { { 1, 0.85, CLS_MATCH } }, 1, "all\nbeta\nunsure\nbeta-and-gaps" },
		{ "us", { { 1, 0.5, CLS_REVIEW } }, 1, "unsure" },
		{ "us", { { 0, 0.95, CLS_MATCH }, { 1, 0.5, CLS_REVIEW } }, 2, "all\nunsure\nsure" },
		{ "hk-en", { { 0, 0.85, CLS_MATCH } }, 1, "all\nunsure\nhk" },
		{ "mo-pt", { { 0, 0.85, CLS_MATCH } }, 1, "all\nunsure\nhk" },
		{ "us", { { 0, 0, CLS_NONE } }, 0, "" },
	};
	struct classifier *c = two_topics();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct job_item item = { .topics = rows[i].topics, .topic_count = rows[i].count };
		struct buf b;

		buf_init(&b, 4096);
		rules_owed(&conf, c, rows[i].feed, &item, &b);
		if (!str_eq(buf_view(&b), str_from(rows[i].owed)))
			fail_msg("row %zu: %.*s", i, STR_ARG(buf_view(&b)));
		buf_fini(&b);
	}
	cls_free(&c);
}

static void test_owed_event(void **state)
{
	static const struct {
		const char *kind, *feed, *owed;
	} rows[] = {
		{ "feed_down", "us", "ops" },
		{ "feed_up", "hk-en", "ops\nops-hk" },
		{ "feed_silent", "hk-en", "" },
		{ "gap", "us", "beta-and-gaps" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf b;

		buf_init(&b, 4096);
		rules_owed_event(&conf, rows[i].kind, rows[i].feed, &b);
		if (!str_eq(buf_view(&b), str_from(rows[i].owed)))
			fail_msg("row %zu: %.*s", i, STR_ARG(buf_view(&b)));
		buf_fini(&b);
	}
}

/* What the configuration takes is what events are called. */
static void test_names_of_events(void **state)
{
	size_t index, base;
	const struct conf_key *k = conf_key_find(&conf_alert_section, STR("events"), &index, &base);
	struct str rest = str_from(k->choices);

	(void)state;
	for (enum event_kind kind = 0; kind < EVENT_KINDS; kind++)
		assert_true(str_eq(str_cut(&rest, '|'), str_from(event_kind_name(kind))));
	assert_null(rest.p);
}

static const char *value(char *const *env, const char *name)
{
	size_t n = strlen(name);

	for (; *env; env++)
		if (strncmp(*env, name, n) == 0 && (*env)[n] == '=')
			return *env + n + 1;
	return "(absent)";
}

static const char record[] = "{\"v\":1,\"seq\":7,\"seen_at\":\"2026-01-01T00:00:00.000Z\",\"feed\":\"hk\","
                             "\"key\":\"k\",\"url\":\"http://x/\","
                             "\"title\":\"line\\nbreak \\u001b[31m \\u0007 \\u0000nul \\u009b31m "
                             "\\u00e9\",\"language\":\"en\",\"topics\":["
                             "{\"topic\":\"alpha\",\"score\":0.95,\"decision\":\"match\"},{\"topic\":"
                             "\"beta\",\"score\":0.5,\"decision\":\"review\"}]}\n";

static void test_environment(void **state)
{
	static const struct {
		size_t alert;
		const char *topics, *score, *decision;
	} rows[] = {
		{ 0, "alpha", "0.9500", "match" },
		{ 1, "beta", "0.5000", "review" }, /* raised under other rules */
		{ 3, "alpha", "0.9500", "match" },
		{ 2, "alpha,beta", "0.9500", "match" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct state_delivery d = {
			.key = STR("all:k"), .line = str_from(record), .seq = 7, .attempts = 2, .records = 1
		};
		struct hook_facts f = { .alert = &alerts[rows[i].alert], .delivery = &d };
		struct err e = { .kind = ERR_NONE };
		struct arena *a = arena_new(1u << 20);
		char **env = hook_environment(&f, a, &e);

		assert_non_null(env);
		assert_string_equal(value(env, "GAZETTED_TOPICS"), rows[i].topics);
		assert_string_equal(value(env, "GAZETTED_SCORE"), rows[i].score);
		assert_string_equal(value(env, "GAZETTED_DECISION"), rows[i].decision);
		assert_string_equal(value(env, "GAZETTED_TITLE"), "line break  [31m    nul   31m \xc3\xa9");
		assert_string_equal(value(env, "GAZETTED_KEY"), "all:k");
		assert_string_equal(value(env, "GAZETTED_SEQ"), "7");
		assert_string_equal(value(env, "GAZETTED_ATTEMPT"), "2");
		assert_string_equal(value(env, "GAZETTED_COUNT"), "1");
		assert_string_equal(value(env, "GAZETTED_KIND"), "record");
		assert_string_equal(value(env, "GAZETTED_TEST"), "");
		assert_string_equal(value(env, "GAZETTED_EVENT"), "");
		assert_string_equal(value(env, "GAZETTED_FEED"), "hk");
		assert_string_equal(
		    value(env, "PATH"), "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
		assert_string_equal(value(env, "LC_ALL"), "C.UTF-8");
		assert_string_equal(value(env, "HOME"), "(absent)");
		arena_free(&a);
	}
}

/* What is the same in all of them is told; topics and scores are those of all together. */
static void test_environment_of_digest(void **state)
{
	static const char lines[] =
	    "{\"feed\":\"hk\",\"title\":\"one\",\"url\":\"http://x/1\",\"language\":\"en\",\"topics\":"
	    "[{\"topic\":\"alpha\",\"score\":0.95,\"decision\":\"match\"}]}\n"
	    "{\"feed\":\"hk\",\"title\":\"two\",\"url\":\"http://x/2\",\"language\":\"zh\",\"topics\":"
	    "[{\"topic\":\"alpha\",\"score\":0.99,\"decision\":\"match\"},"
	    "{\"topic\":\"beta\",\"score\":0.9,\"decision\":\"match\"}]}\n";
	struct state_delivery d = { .key = STR("all:d"),
		.line = str_from(lines),
		.seq = 9,
		.attempts = 1,
		.records = 2,
		.kind = DELIVERY_OF_DIGEST };
	struct hook_facts f = { .alert = &alerts[0], .delivery = &d };
	struct err e = { .kind = ERR_NONE };
	struct arena *a = arena_new(1u << 20);
	char **env = hook_environment(&f, a, &e);

	(void)state;
	assert_non_null(env);
	assert_string_equal(value(env, "GAZETTED_KIND"), "digest");
	assert_string_equal(value(env, "GAZETTED_COUNT"), "2");
	assert_string_equal(value(env, "GAZETTED_TITLE"), "2 records: one");
	assert_string_equal(value(env, "GAZETTED_URL"), "");
	assert_string_equal(value(env, "GAZETTED_FEED"), "hk");
	assert_string_equal(value(env, "GAZETTED_LANGUAGE"), "");
	assert_string_equal(value(env, "GAZETTED_TOPICS"), "alpha,beta");
	assert_string_equal(value(env, "GAZETTED_SCORE"), "0.9900");
	arena_free(&a);
}

#define EVENT(kind, at, rest)                                                                                \
	"{\"v\":1,\"seq\":3,\"at\":\"2026-01-01T00:0" at ":00.000Z\",\"kind\":\"" kind                       \
	"\",\"feed\":\"hk\"" rest "}\n"
#define DOWN EVENT("feed_down", "1", ",\"reason\":\"http\",\"lasted_ms\":7200000,\"error\":\"HTTP 503: x\"")
#define UP EVENT("feed_up", "2", ",\"reason\":\"it answers\",\"lasted_ms\":90000")

static void test_environment_of_event(void **state)
{
	static const struct {
		const char *lines;
		uint32_t records;
		const char *event, *seen_at, *title;
	} rows[] = {
		{ DOWN, 1, "feed_down", "2026-01-01T00:01:00.000Z",
		    "Feed hk is down for 2 hours: HTTP 503: x" },
		{ EVENT("feed_down", "1", ",\"reason\":\"net\""), 1, "feed_down", "2026-01-01T00:01:00.000Z",
		    "Feed hk is down: net" },
		{ UP, 1, "feed_up", "2026-01-01T00:02:00.000Z",
		    "Feed hk is well again after 90 seconds: it answers" },
		{ EVENT("feed_silent", "3", ",\"lasted_ms\":864000000,\"usual_ms\":5400000"), 1,
		    "feed_silent", "2026-01-01T00:03:00.000Z",
		    "Feed hk is silent: no news for 10 days, usual are 90 minutes" },
		{ EVENT("gap", "4", ",\"reason\":\"r\",\"archive\":true"), 1, "gap",
		    "2026-01-01T00:04:00.000Z",
		    "Feed hk may have had items that were not read: r; its archive is being read" },
		{ EVENT("false_304", "5", ",\"lasted_ms\":86400000"), 1, "false_304",
		    "2026-01-01T00:05:00.000Z",
		    "Feed hk was said to be unchanged although it had changed, within 24 hours" },
		{ EVENT("feed_moved", "6", ",\"reason\":\"r\",\"from\":\"http://a/\",\"to\":\"http://b/\""),
		    1, "feed_moved", "2026-01-01T00:06:00.000Z", "Feed hk is asked at http://b/ now: r" },
		{ DOWN UP DOWN, 3, "feed_down,feed_up", "",
		    "3 records: Feed hk is down for 2 hours: HTTP 503: x" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct state_delivery d = { .key = STR("ops:event:k"),
			.line = str_from(rows[i].lines),
			.seq = 3,
			.attempts = 1,
			.records = rows[i].records };
		struct hook_facts f = { .alert = &alerts[5], .delivery = &d };
		struct err e = { .kind = ERR_NONE };
		struct arena *a = arena_new(1u << 20);
		char **env = hook_environment(&f, a, &e);

		assert_non_null(env);
		assert_string_equal(value(env, "GAZETTED_EVENT"), rows[i].event);
		assert_string_equal(value(env, "GAZETTED_SEEN_AT"), rows[i].seen_at);
		assert_string_equal(value(env, "GAZETTED_TITLE"), rows[i].title);
		assert_string_equal(value(env, "GAZETTED_FEED"), "hk");
		assert_string_equal(value(env, "GAZETTED_TOPICS"), "");
		assert_string_equal(value(env, "GAZETTED_SCORE"), "");
		assert_string_equal(value(env, "GAZETTED_DECISION"), "");
		arena_free(&a);
	}
}

/* Records byte for byte, blanks and all; what only one delivery has is not in the environment. */
static void test_line_of_stream(void **state)
{
	static const struct conf_alert stays = { .name = "stays", .mode = CONF_MODE_STREAM };
	static const char lines[] = "{\"feed\":\"hk\", \"title\":\"a \\\"b\\\"\",\"topics\":"
	                            "[{\"topic\":\"alpha\",\"score\":0.95,\"decision\":\"match\"}]}\n"
	                            "{\"feed\":\"hk\",\"topics\":[{\"topic\":\"beta\",\"score\":0.9,"
	                            "\"decision\":\"match\"}]}\n";
	struct state_delivery d = { .key = STR("stays:k"),
		.line = str_from(lines),
		.attempts = 3,
		.records = 2,
		.kind = DELIVERY_OF_DIGEST };
	struct hook_facts f = { .alert = &stays, .delivery = &d };
	struct err e = { .kind = ERR_NONE };
	struct arena *a = arena_new(1u << 20);
	struct str line = hook_line(&f, a, &e);
	char **env = hook_environment(&f, a, &e);

	(void)state;
	assert_true(str_eq(
	    line, STR("{\"v\":1,\"alert\":\"stays\",\"key\":\"stays:k\",\"attempt\":3,\"kind\":\"digest\","
	              "\"topics\":[\"alpha\",\"beta\"],\"count\":2,\"records\":["
	              "{\"feed\":\"hk\", \"title\":\"a \\\"b\\\"\",\"topics\":"
	              "[{\"topic\":\"alpha\",\"score\":0.95,\"decision\":\"match\"}]},"
	              "{\"feed\":\"hk\",\"topics\":[{\"topic\":\"beta\",\"score\":0.9,\"decision\":\"match\"}"
	              "]}]}\n")));
	assert_non_null(env);
	assert_string_equal(value(env, "GAZETTED_ALERT"), "stays");
	assert_string_equal(value(env, "LC_ALL"), "C.UTF-8");
	assert_string_equal(value(env, "GAZETTED_KEY"), "(absent)");
	assert_string_equal(value(env, "GAZETTED_TITLE"), "(absent)");
	arena_free(&a);
}

static void test_no_record(void **state)
{
	struct state_delivery d = { .key = STR("k"), .line = STR("no json") };
	struct hook_facts f = { .alert = &alerts[0], .delivery = &d };
	struct err e = { .kind = ERR_NONE };
	struct arena *a = arena_new(1u << 20);
	char **env = hook_environment(&f, a, &e);

	(void)state;
	assert_non_null(env); /* the script decides what to make of it */
	assert_string_equal(value(env, "GAZETTED_TITLE"), "");
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_owed),
		cmocka_unit_test(test_owed_event),
		cmocka_unit_test(test_names_of_events),
		cmocka_unit_test(test_environment),
		cmocka_unit_test(test_environment_of_digest),
		cmocka_unit_test(test_environment_of_event),
		cmocka_unit_test(test_line_of_stream),
		cmocka_unit_test(test_no_record),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("pipe/alerts", tests, NULL, NULL);
}
