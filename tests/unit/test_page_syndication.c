/* What others read of the page: the feeds of a topic, our list of feeds, metrics and what monitors ask, from a hostile store and status file. */
#include "daemon/base/attr.h"
#include "daemon/base/date.h"
#include "daemon/feed/feed.h"
#include "daemon/feed/jsonfeed.h"
#include "daemon/page/page.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#define NOW INT64_C(1795255200000) /* 2026-11-21T10:00:00Z */
#define EVIL "<script>\\\"'&\\u202e]]>\\u0007 \\ud83d\\ude00"

struct box {
	char folder[64];
	struct fs fs; /* what the source reads through when a test says so */
	struct page_source source;
	struct page_answer answer;
};

static void put(const struct box *b, const char *name, const char *text)
{
	char path[160];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", b->folder, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

static const char status[] =
    "{\"v\":1,\"version\":\"0.1.0\",\"at\":\"2026-11-21T09:59:59.000Z\",\"draining\":false,\"degraded\":"
    "false,"
    "\"counts\":{\"feeds\":2,\"feeds_ok\":1,\"polls\":7,\"delay_p95_ms\":1500,\"loop_max_us\":2500},"
    "\"histograms\":{\"fetch\":{\"le_ms\":[10,2500],\"counts\":[3,0,2],\"sum_ms\":7250},"
    "\"detection\":{\"le_ms\":[10],\"counts\":[3],\"sum_ms\":1},\"commit\":[],\"other\":{}},"
    "\"feeds\":[{\"name\":\"a\\\"\\\\b\",\"title\":\"" EVIL
    "\",\"url\":\"https://a.example/?x=1&y=2\",\"health\":\"ok\","
    "\"last_success\":\"2026-11-21T09:00:00.000Z\"},{\"name\":\"b\",\"url\":\"http://b.example/"
    "\",\"health\":\"failing\","
    "\"failures\":3}]}\n";

#define RECORD(seq, key, minute, title, url)                                                                 \
	"{\"v\":1,\"seq\":" seq ",\"seen_at\":\"2026-11-21T09:" minute                                       \
	":00.000Z\",\"kind\":\"new\",\"feed\":\"a\","                                                        \
	"\"key\":\"" key "\",\"url\":\"" url "\",\"title\":\"" title "\",\"content_text\":\"Text " EVIL      \
	"\","                                                                                                \
	"\"date_published\":\"2026-11-21T08:00:00Z\",\"language\":\"zh-Hant\",\"topics\":[{\"topic\":\"t\"," \
	"\"score\":0.9,"                                                                                     \
	"\"decision\":\"match\",\"evidence\":[]}]}\n"
#define KEY1 "00112233445566778899aabbccddeeff"
#define KEY2 "ffeeddccbbaa99887766554433221100"

static int set_up(void **state)
{
	struct box *b = calloc(1, sizeof(*b));

	assert_non_null(b);
	snprintf(b->folder, sizeof(b->folder), "/dev/shm/synd-XXXXXX");
	assert_non_null(mkdtemp(b->folder));
	b->source = (struct page_source){ &fs_system, b->folder, b->folder, NOW };
	put(b, "status.json", status);
	put(b, "t.jsonl",
	    RECORD("1", KEY1, "01", "Old", "https://x.example/1") RECORD("2", KEY2, "02", EVIL,
	        "javascript:alert(1)") RECORD("3", KEY1, "03", "New", "https://x.example/1?a=b&c=\\\"d"));
	put(b, "items.jsonl", "");
	feed_init();
	*state = b;
	return 0;
}

static int tear_down(void **state)
{
	struct box *b = *state;
	char path[160];
	static const char *const names[] = { "status.json", "t.jsonl", "items.jsonl" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", b->folder, names[i]);
		unlink(path);
	}
	rmdir(b->folder);
	free(b);
	return 0;
}

static struct str ask(struct box *b, const char *path, const char *tag, const char *since)
{
	const struct page_request r = {
		.path = str_from(path), .if_none_match = str_from(tag), .if_modified_since = str_from(since)
	};

	page_fini(&b->answer);
	page_make(&b->source, &r, &b->answer);
	return buf_view(&b->answer.body);
}

static bool has(struct str text, const char *part)
{
	return str_find(text, str_from(part), 0) != SIZE_MAX;
}

/* By our own reader of feeds, as a JSON Feed. */
static json_t *read_back(struct str document, const char *type)
{
	struct err e = { .kind = ERR_NONE };
	const struct feed_input in = {
		.body = document, .content_type = str_from(type), .base_url = STR("http://h/")
	};
	struct buf out;
	json_t *feed;

	buf_init(&out, 1u << 20);
	assert_true(jsonfeed_convert(&in, &out, &e));
	feed = json_loadb(out.p, out.n, 0, NULL);
	buf_fini(&out);
	assert_non_null(feed);
	return feed;
}

static void check_items(const json_t *feed)
{
	const json_t *items = json_object_get(feed, "items"), *first = json_array_get(items, 0),
	             *second = json_array_get(items, 1);

	assert_int_equal(json_array_size(items), 2); /* of the item that was revised the newest record */
	assert_string_equal(json_string_value(json_object_get(first, "title")), "New");
	assert_string_equal(
	    json_string_value(json_object_get(first, "url")), "https://x.example/1?a=b&c=%22d");
	assert_string_equal(
	    json_string_value(json_object_get(first, "date_published")), "2026-11-21T08:00:00Z");
	assert_null(json_object_get(second, "url")); /* a script is no address */
	assert_non_null(strstr(json_string_value(json_object_get(second, "title")), "<script>\"'&"));
}

static void test_atom(void **state)
{
	struct box *b = *state;
	struct str got = ask(b, "/topics/t/atom.xml", NULL, NULL);
	json_t *feed;

	assert_int_equal(b->answer.status, 200);
	assert_string_equal(b->answer.content_type, "application/atom+xml; charset=utf-8");
	assert_string_equal(b->answer.last_modified, "Sat, 21 Nov 2026 09:03:00 GMT");
	assert_true(has(got, "<id>urn:uuid:00112233-4455-6677-8899-aabbccddeeff</id>"));
	assert_true(has(got, "<updated>2026-11-21T09:03:00Z</updated>"));
	assert_false(has(got, "<script>"));
	assert_false(has(got, "javascript:"));
	feed = read_back(got, "application/atom+xml");
	check_items(feed);
	json_decref(feed);
}

static void test_json_feed(void **state)
{
	struct box *b = *state;
	json_t *feed = read_back(ask(b, "/topics/t/feed.json", NULL, NULL), "application/feed+json");

	assert_string_equal(b->answer.content_type, "application/feed+json; charset=utf-8");
	check_items(feed);
	json_decref(feed);
}

static void test_conditional(void **state)
{
	struct box *b = *state;
	char tag[PAGE_ETAG_MAX];

	(void)ask(b, "/topics/t/atom.xml", NULL, NULL);
	snprintf(tag, sizeof(tag), "%s", b->answer.etag);
	assert_int_equal(ask(b, "/topics/t/atom.xml", tag, NULL).n, 0);
	assert_int_equal(b->answer.status, 304);
	(void)ask(b, "/topics/t/atom.xml", NULL, "Sat, 21 Nov 2026 09:03:00 GMT");
	assert_int_equal(b->answer.status, 304);
	(void)ask(b, "/topics/t/atom.xml", NULL, "Sat, 21 Nov 2026 09:02:59 GMT");
	assert_int_equal(b->answer.status, 200);
	(void)ask(b, "/topics/t/atom.xml", "\"other\"", "Sat, 21 Nov 2026 09:03:00 GMT"); /* the tag counts */
	assert_int_equal(b->answer.status, 200);
}

static void test_no_topic(void **state)
{
	static const char *const paths[] = { "/topics/none/atom.xml", "/topics/items/atom.xml",
		"/topics/polls/feed.json", "/topics/../atom.xml", "/topics/..%2fx/atom.xml",
		"/topics//atom.xml", "/topics/a/b/atom.xml", "/topics/t/atom" };
	struct box *b = *state;

	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		(void)ask(b, paths[i], NULL, NULL);
		assert_int_equal(b->answer.status, 404);
	}
}

static unsigned lists; /* of a store's files */
static int refused; /* errno of opening them; 0: they open */

static int counting_list(const struct fs *fs, const char *path, fs_list_f *each, void *ctx)
{
	lists++;
	return fs_system.list(fs, path, each, ctx);
}

static int refusing_open(const struct fs *fs, const char *path, int flags, mode_t mode)
{
	if (refused && str_ends(str_from(path), STR(".jsonl"))) {
		errno = refused;
		return -1;
	}
	return fs_system.open(fs, path, flags, mode);
}

/* What a reader of feeds does not find there it takes for gone: all of it, or none. */
static void test_cannot_be_read(void **state)
{
	static const char *const paths[] = { "/topics/t/atom.xml", "/topics/t/feed.json" };
	struct box *b = *state;

	b->fs = fs_system;
	b->fs.open = refusing_open;
	b->source.fs = &b->fs;
	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		refused = EMFILE;
		(void)ask(b, paths[i], NULL, NULL);
		assert_int_equal(b->answer.status, 503);
		assert_string_equal(b->answer.content_type, "text/html; charset=utf-8");
		assert_string_equal(b->answer.last_modified, "");
		refused = 0;
		(void)ask(b, paths[i], NULL, NULL);
		assert_int_equal(b->answer.status, 200);
	}
}

/* A line that a power cut has torn hides no other. */
static void test_damaged_line(void **state)
{
	struct box *b = *state;
	struct str got;

	put(b, "t.jsonl",
	    RECORD("1", KEY1, "01", "One", "https://x.example/1") "{\"seq\":2,\"key\":\"\n" RECORD(
	        "3", KEY2, "03", "Three", "https://x.example/3"));
	got = ask(b, "/topics/t/atom.xml", NULL, NULL);
	assert_int_equal(b->answer.status, 200);
	assert_true(has(got, ">One<") && has(got, ">Three<"));
}

/* More than an answer holds: an error page, and told as one. */
static void test_too_large(void **state)
{
	struct box *b = *state;
	struct buf text;
	struct str got;

	buf_init(&text, 16u << 20);
	buf_str(&text, STR("{\"v\":1,\"at\":\"2026-11-21T09:59:59.000Z\",\"feeds\":["));
	for (unsigned i = 0; i < 9000; i++)
		buf_fmt(&text, "%s{\"name\":\"f%u\",\"title\":\"%0400u\"}", i ? "," : "", i, i);
	buf_str(&text, STR("]}\n"));
	buf_byte(&text, '\0');
	assert_false(text.failed);
	put(b, "status.json", text.p);
	buf_fini(&text);
	got = ask(b, "/feeds.opml", NULL, NULL);
	assert_int_equal(b->answer.status, 503);
	assert_true(str_starts(got, STR("<!doctype html>")));
	assert_string_equal(b->answer.content_type, "text/html; charset=utf-8");
}

static struct str events(struct box *b, const char *query, const char *last_event_id)
{
	const struct page_request r = {
		.path = STR("/events"), .query = str_from(query), .last_event_id = str_from(last_event_id)
	};

	page_fini(&b->answer);
	page_make(&b->source, &r, &b->answer);
	assert_int_equal(b->answer.status, 200);
	assert_string_equal(b->answer.content_type, "text/event-stream; charset=utf-8");
	return buf_view(&b->answer.body);
}

static unsigned count(struct str text, const char *part)
{
	unsigned n = 0;

	for (size_t at = 0; (at = str_find(text, str_from(part), at)) != SIZE_MAX; at++)
		n++;
	return n;
}

/* Who comes anew hears what comes next; who was here what it has missed, once, and the rest of much of it in the next answer. */
static void test_events(void **state)
{
	struct box *b = *state;
	struct buf many;
	struct str got;

	put(b, "items.jsonl",
	    RECORD("1", KEY1, "01", "One", "https://x.example/1") RECORD("2", KEY2, "02", EVIL,
	        "https://x.example/2") "{\"v\":1,\"seq\":3,\"title\":\"no match\",\"topics\":[]}\n");
	assert_true(str_eq(events(b, "", NULL), STR("retry: 3000\n\nid: 3\n\n")));
	got = events(b, "", "0");
	assert_int_equal(count(got, "\ndata: {"), 2);
	assert_true(has(got, "id: 1\ndata: {\"seq\":1,"));
	assert_true(str_ends(got, STR("\n\nid: 3\n\n")));
	assert_int_equal(count(got, "\n"), 2 + 2 * 3 + 2); /* a hostile title adds no line */
	assert_int_equal(count(events(b, "after=1", NULL), "\ndata: {"), 1);
	assert_int_equal(
	    count(events(b, "after=1", "2"), "\ndata: {"), 0); /* what the client remembers counts */
	assert_int_equal(count(events(b, "topic=t&after=0", NULL), "\ndata: {"), 2);
	assert_int_equal(count(events(b, "topic=u&after=0", NULL), "\ndata: {"), 0);
	assert_int_equal(count(events(b, "", "nonsense"), "\ndata: {"), 0);
	assert_true(str_ends(events(b, "", "999"), STR("\n\nid: 3\n\n"))); /* of a store that is no more */
	buf_init(&many, 1u << 20);
	for (unsigned i = 1; i <= 60; i++)
		buf_fmt(&many,
		    "{\"v\":1,\"seq\":%u,\"title\":\"x\",\"topics\":[{\"topic\":\"t\",\"decision\":\"match\"}"
		    "]}\n",
		    i);
	buf_byte(&many, '\0');
	put(b, "items.jsonl", many.p);
	buf_fini(&many);
	got = events(b, "", "0");
	assert_int_equal(count(got, "\ndata: {"), 50);
	assert_true(str_ends(got, STR("\n\nid: 50\n\n")));
	assert_int_equal(count(events(b, "", "50"), "\ndata: {"), 10);
}

/* One look at the store tells where it ends and what is new; where none is possible a client keeps the number that it has. */
static void test_events_look_once(void **state)
{
	struct box *b = *state;
	unsigned once;

	b->fs = fs_system;
	b->fs.list = counting_list;
	b->fs.open = refusing_open;
	b->source.fs = &b->fs;
	put(b, "items.jsonl", RECORD("1", KEY1, "01", "One", "https://x.example/1"));
	lists = 0;
	(void)events(b, "", NULL);
	once = lists;
	lists = 0;
	(void)events(b, "", "1");
	assert_int_equal(lists, once);
	refused = EMFILE;
	assert_true(str_eq(events(b, "", "1"), STR("retry: 3000\n\n")));
	refused = 0;
}

static void test_opml(void **state)
{
	struct str got = ask(*state, "/feeds.opml", NULL, NULL);

	assert_true(has(got, "xmlUrl=\"https://a.example/?x=1&amp;y=2\""));
	assert_true(has(got, "text=\"&lt;script&gt;&#34;&#39;&amp;"));
	assert_false(has(got, "<script>"));
}

static void test_metrics(void **state)
{
	static const char *const lines[] = { "gazetted_up 1\n", "gazetted_degraded 0\n", "gazetted_feeds 2\n",
		"# TYPE gazetted_polls_total counter\ngazetted_polls_total 7\n",
		"gazetted_detection_delay_p95_seconds 1.5\n", "gazetted_loop_turn_max_seconds 0.0025\n",
		"gazetted_build_info{version=\"0.1.0\"} 1\n", "gazetted_feed_up{feed=\"a\\\"\\\\b\"} 1\n",
		"gazetted_feed_up{feed=\"b\"} 0\n",
		"gazetted_feed_last_success_timestamp_seconds{feed=\"a\\\"\\\\b\"} 1795251600\n",
		"gazetted_feed_failures{feed=\"b\"} 3\n",
		"# TYPE gazetted_fetch_duration_seconds histogram\n"
		"gazetted_fetch_duration_seconds_bucket{le=\"0.01\"} 3\n"
		"gazetted_fetch_duration_seconds_bucket{le=\"2.5\"} 3\n"
		"gazetted_fetch_duration_seconds_bucket{le=\"+Inf\"} 5\n"
		"gazetted_fetch_duration_seconds_sum 7.25\n"
		"gazetted_fetch_duration_seconds_count 5\n" };
	struct str got = ask(*state, "/metrics", NULL, NULL);

	for (size_t i = 0; i < ARRAY_LEN(lines); i++)
		if (!has(got, lines[i]))
			fail_msg("%s is missing in %.*s", lines[i], STR_ARG(got));
	/* A list of counts without its bounds is none of ours. */
	assert_false(
	    has(got, "gazetted_detection_delay_seconds") || has(got, "gazetted_commit_delay_seconds"));
}

/* A status file of megabytes is cut before it is read: what each page shows of it is the same. */
static void test_many_feeds(void **state)
{
	struct box *b = *state;
	struct buf text;
	struct str got;

	buf_init(&text, 16u << 20);
	buf_str(&text,
	    STR("{\"v\":1,\"at\":\"2026-11-21T09:59:59.000Z\",\"counts\":{\"feeds\":9000},\"feeds\":["));
	for (unsigned i = 0; i < 9000; i++)
		buf_fmt(&text,
		    "%s{\"name\":\"f%u\",\"title\":\"}],\\\"feeds\\\":[{ "
		    "\\\\\",\"url\":\"https://%0200u.example/\",\"health\":\"%s\",\"error\":\"%s\"}",
		    i ? "," : "", i, i, i == 17 ? "failing" : "ok", i == 17 ? "it broke" : "");
	buf_str(&text, STR("]}\n"));
	buf_byte(&text, '\0');
	assert_false(text.failed);
	put(b, "status.json", text.p);
	buf_fini(&text);
	got = ask(b, "/", NULL, NULL);
	assert_true(has(got, "it broke") && has(got, "/feeds/f17\"") && !has(got, "/feeds/f16\"") &&
	            !has(got, "no sign of life"));
	got = ask(b, "/feeds/f8999", NULL, NULL);
	assert_int_equal(b->answer.status, 200);
	assert_true(has(got, "00008999.example"));
	(void)ask(b, "/feeds/f9000", NULL, NULL);
	assert_int_equal(b->answer.status, 404);
	got = ask(b, "/metrics", NULL, NULL);
	assert_true(has(got, "gazetted_feeds 9000\n") && !has(got, "gazetted_feed_up{"));
	(void)ask(b, "/readyz", NULL, NULL);
	assert_int_equal(b->answer.status, 200);
}

static void test_health(void **state)
{
	static const struct {
		const char *status;
		unsigned healthz, readyz;
	} rows[] = {
		{ status, 200, 200 },
		{ "{\"at\":\"2026-11-21T09:59:59Z\",\"degraded\":true}", 200, 503 },
		{ "{\"at\":\"2026-11-21T09:59:59Z\",\"draining\":true}", 200, 503 },
		{ "{\"at\":\"2026-11-21T09:50:00Z\"}", 503, 503 },
		{ "nonsense", 503, 503 },
	};
	struct box *b = *state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		put(b, "status.json", rows[i].status);
		(void)ask(b, "/healthz", NULL, NULL);
		assert_int_equal(b->answer.status, rows[i].healthz);
		(void)ask(b, "/readyz", NULL, NULL);
		assert_int_equal(b->answer.status, rows[i].readyz);
		assert_string_equal(b->answer.content_type, "text/plain; charset=utf-8");
	}
}

static void test_dates(void **state)
{
	static const int64_t rows[] = { 0, NOW, INT64_C(784111777000), INT64_C(-86400000),
		INT64_C(253402300799000) };
	char text[DATE_HTTP_MAX];
	int64_t back;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		date_format_http(rows[i], text);
		assert_true(date_parse_http(str_from(text), NOW, &back));
		assert_true(back == rows[i]);
	}
	date_format_http(784111777000, text);
	assert_string_equal(text, "Sun, 06 Nov 1994 08:49:37 GMT");
	date_format_http(INT64_MIN / 2, text);
	assert_string_equal(text, "");
}

static int end_test(void **state)
{
	struct box *b = *state;

	page_fini(&b->answer);
	return tear_down(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_atom, set_up, end_test),
		cmocka_unit_test_setup_teardown(test_json_feed, set_up, end_test),
		cmocka_unit_test_setup_teardown(test_conditional, set_up, end_test),
		cmocka_unit_test_setup_teardown(test_no_topic, set_up, end_test),
		cmocka_unit_test_setup_teardown(test_cannot_be_read, set_up, end_test),
		cmocka_unit_test_setup_teardown(test_damaged_line, set_up, end_test),
		cmocka_unit_test_setup_teardown(test_too_large, set_up, end_test),
		cmocka_unit_test_setup_teardown(test_events, set_up, end_test),
		cmocka_unit_test_setup_teardown(test_events_look_once, set_up, end_test),
		cmocka_unit_test_setup_teardown(test_opml, set_up, end_test),
		cmocka_unit_test_setup_teardown(test_metrics, set_up, end_test),
		cmocka_unit_test_setup_teardown(test_many_feeds, set_up, end_test),
		cmocka_unit_test_setup_teardown(test_health, set_up, end_test),
		cmocka_unit_test(test_dates),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("page/syndication", tests, NULL, NULL);
}
