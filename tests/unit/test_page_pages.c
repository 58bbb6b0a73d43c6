/*
 * pages: every route over stores and a status file as a daemon leaves them, and as nobody should: each page is made of our own markup alone (html_check),
 * its data is JSON, and it stays small.
 */
#include "daemon/base/attr.h"
#include "daemon/base/date.h"
#include "daemon/base/json.h"
#include "tests/fake/html_check.h"
#include "tests/fake/page_box.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define SMALL (50u << 10) /* bytes; what a page may have */
#define LARGE_LINE 900000u /* bytes of a text */
#define LARGE_LINES 40u
#define EVIL "<script>alert('x')</script>\" onload=\"y\xe2\x80\xaez</bdi></title>"
#define EVIL_SHOWN                                                                                           \
	"&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&#34; "                                              \
	"onload=&#34;y\xef\xbf\xbdz&lt;/bdi&gt;&lt;/title&gt;"

static struct page_box box;

static int set_up(void **state)
{
	(void)state;
	page_box_init(&box);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	page_box_fini(&box);
	return 0;
}

static void write_at(struct json *w, const char *key, int64_t ms)
{
	char at[DATE_TEXT_MAX];

	json_key_string(w, key, str_of(at, date_format_ms(ms, at)));
}

struct record {
	unsigned seq;
	int64_t seen_at; /* 0: now */
	const char *kind, *feed, *title, *text, *url, *key, *case_;
	const char *topics; /* JSON */
	unsigned revises; /* 0: none */
};

static void append_record(const struct record *r)
{
	struct buf line;
	struct json w;

	buf_init(&line, 1 << 20);
	json_init(&w, &line);
	json_open_object(&w);
	json_key_int(&w, "v", 1);
	json_key_int(&w, "seq", r->seq);
	write_at(&w, "seen_at", r->seen_at ? r->seen_at : PAGE_BOX_NOW);
	json_key_string(&w, "kind", str_from(r->kind ? r->kind : "new"));
	json_key_string(&w, "feed", str_from(r->feed ? r->feed : "alpha"));
	json_key_string(&w, "key", str_from(r->key ? r->key : "k"));
	json_key_string_opt(&w, "url", str_from(r->url));
	json_key_string_opt(&w, "title", str_from(r->title));
	json_key_string_opt(&w, "content_text", str_from(r->text));
	json_key(&w, "topics");
	json_raw(&w, str_from(r->topics ? r->topics : "[]"));
	json_key_string_opt(&w, "case", str_from(r->case_));
	if (r->revises)
		json_key_int(&w, "revises", r->revises);
	json_close_object(&w);
	buf_byte(&line, '\n');
	assert_false(line.failed);
	page_box_append(&box, "items.jsonl", buf_view(&line));
	buf_fini(&line);
}

static void append_poll(unsigned seq, const char *feed, const char *result, unsigned news, const char *error)
{
	char line[1024], at[DATE_TEXT_MAX];
	int n;

	at[date_format_ms(PAGE_BOX_NOW - 10 * (5000 - (int64_t)seq), at)] = '\0';
	n = snprintf(line, sizeof(line),
	    "{\"seq\":%u,\"at\":\"%s\",\"feed\":\"%s\",\"status\":%u,\"result\":\"%s\",\"error\":\"%s\","
	    "\"items\":20,"
	    "\"new\":%u,\"tie\":\"overlap\",\"bytes\":12345,\"ms\":77,\"next\":\"%s\"}\n",
	    seq, at, feed, strcmp(result, "unchanged") == 0 ? 304u : 200u, result, error, news, at);
	assert_true(n > 0 && (size_t)n < sizeof(line));
	page_box_append(&box, "polls.jsonl", str_of(line, (size_t)n));
}

/* `names`: JSON of a list of feeds. */
static void write_status(const char *feeds)
{
	char text[64 << 10];
	int n = snprintf(text, sizeof(text),
	    "{\"v\":1,\"version\":\"0.1\",\"at\":\"2026-11-21T09:59:58.000Z\",\"degraded\":false,\"counts\":{"
	    "\"feeds\":3,"
	    "\"feeds_ok\":1,\"feeds_failing\":1,\"feeds_waiting\":1,\"delay_p95_ms\":4000},\"feeds\":%s}\n",
	    feeds);

	assert_true(n > 0 && (size_t)n < sizeof(text));
	page_box_write(&box, "status.json", str_of(text, (size_t)n));
}

#define MATCH                                                                                                \
	"[{\"topic\":\"wolves\",\"score\":0.9,\"decision\":\"match\",\"evidence\":[{\"field\":\"title\","    \
	"\"start\":4,"                                                                                       \
	"\"length\":4,\"text\":\"wolf\",\"weight\":2.5,\"by\":\"phrase\"}]}]"

static void usual(void)
{
	write_status("[{\"name\":\"alpha\",\"url\":\"https://a.example/"
	             "\",\"health\":\"ok\",\"last_poll\":\"2026-11-21T09:59:00.000Z\","
	             "\"last_success\":\"2026-11-21T09:59:00.000Z\",\"pause_ms\":60000,\"items\":20},"
	             "{\"name\":\"beta\",\"health\":\"failing\",\"error\":\"HTTP 404: not "
	             "found\",\"last_status\":404,\"failures\":3},"
	             "{\"name\":\"gamma\",\"health\":\"waiting\"}]");
	append_record(&(struct record){
	    .seq = 1, .title = "A wolf", .topics = "[]", .seen_at = PAGE_BOX_NOW - 7200000 });
	append_record(&(struct record){
	    .seq = 2, .title = "The wolf came", .text = "It ate.", .topics = MATCH, .case_ = "c2" });
	append_record(
	    &(struct record){ .seq = 3, .title = "A lamb", .feed = "beta", .key = "o", .case_ = "c2" });
	append_poll(1, "alpha", "ok", 2, "");
	append_poll(2, "alpha", "unchanged", 0, "");
	append_poll(3, "beta", "failed", 0, "HTTP 404: not found");
	append_poll(4, "alpha", "ok", 0, "");
	append_poll(5, "alpha", "waiting", 0, "HTTP 302"); /* no beat: the next one tells */
}

static void assert_page(const char *target, unsigned status)
{
	assert_int_equal(page_box_get(&box, target), status);
	assert_string_equal(box.answer.content_type, "text/html; charset=utf-8");
	const char *wrong = html_check(buf_view(&box.answer.body));
	if (wrong)
		fail_msg("%s: %s", target, wrong);
	if (box.answer.body.n >= SMALL)
		fail_msg("%s has %zu bytes", target, box.answer.body.n);
}

/* The parsed answer; json_decref it. */
static json_t *data_of(const char *target)
{
	json_error_t why;

	assert_int_equal(page_box_get(&box, target), 200);
	assert_string_equal(box.answer.content_type, "application/json; charset=utf-8");
	json_t *data = json_loadb(box.answer.body.p, box.answer.body.n, 0, &why);
	if (!data)
		fail_msg("%s: %s", target, why.text);
	return data;
}

static const char *const routes[] = { "/", "/feeds", "/feeds/alpha", "/feeds/beta", "/items", "/items?q=wolf",
	"/items/1", "/items/2", "/items/3" };
static const char *const data_routes[] = { "/index.json", "/feeds.json", "/feeds/alpha.json", "/items.json",
	"/items/2.json" };

static void every_page(void **state)
{
	(void)state;
	usual();
	for (size_t i = 0; i < ARRAY_LEN(routes); i++)
		assert_page(routes[i], 200);
	for (size_t i = 0; i < ARRAY_LEN(data_routes); i++)
		json_decref(data_of(data_routes[i]));
	assert_int_equal(page_box_get(&box, "/style.css"), 200);
	assert_string_equal(box.answer.content_type, "text/css; charset=utf-8");
}

static void overview(void **state)
{
	(void)state;
	usual();
	assert_page("/", 200);
	assert_true(page_box_says(&box, "<strong>3 feeds</strong>"));
	assert_true(page_box_says(&box, "1 ok"));
	assert_true(page_box_says(&box, "1 broken"));
	assert_true(page_box_says(&box, "2 items/h"));
	assert_true(page_box_says(&box, "p95 4 s"));
	assert_true(page_box_says(&box, "HTTP 404: not found"));
	assert_true(page_box_says(&box, "The wolf came"));
	assert_false(page_box_says(&box, "A lamb"));
	assert_false(page_box_says(&box, "no sign of life"));
	box.source.now += 600000;
	assert_page("/", 200);
	assert_true(page_box_says(&box, "no sign of life"));
}

static void list_of_items(void **state)
{
	json_t *data;

	(void)state;
	usual();
	data = data_of("/items.json?q=WOLF");
	assert_int_equal(json_array_size(json_object_get(data, "items")), 2);
	json_decref(data);
	data = data_of("/items.json?feed=beta");
	assert_int_equal(json_array_size(json_object_get(data, "items")), 1);
	json_decref(data);
	data = data_of("/items.json?topic=wolves&q=the+wolf%20came");
	assert_int_equal(json_array_size(json_object_get(data, "items")), 1);
	json_decref(data);
	append_record(
	    &(struct record){ .seq = 4, .title = "say \"wolf\" \xe2\x80\xa8 twice \\ \xe7\x8b\xbc" });
	static const char *const found[] = { "%22Wolf%22", "%E2%80%A8+twice", "twice+%5C", "%E7%8B%BC" };
	for (size_t i = 0; i < ARRAY_LEN(found); i++) {
		char target[64];

		snprintf(target, sizeof(target), "/items.json?q=%s", found[i]);
		data = data_of(target);
		assert_int_equal(json_array_size(json_object_get(data, "items")), 1);
		json_decref(data);
	}
	data = data_of("/items.json?before=3");
	assert_int_equal(json_array_size(json_object_get(data, "items")), 2);
	json_decref(data);
	assert_page("/items?q=unicorn&topic=%3Cb%3E&feed=%22", 200);
	assert_true(page_box_says(&box, "Nothing among"));
	assert_true(page_box_says(&box, "value=\"&lt;b&gt;\""));
}

/* All of them are listed once, the newest first, over pages of any size. */
static void older_pages(void **state)
{
	unsigned wanted = 1700;
	char target[64] = "/items.json";

	(void)state;
	for (unsigned i = 1; i <= wanted; i++)
		append_record(&(struct record){ .seq = i, .title = "x" });
	while (wanted > 0) {
		json_t *data = data_of(target), *items = json_object_get(data, "items");

		assert_true(json_array_size(items) > 0);
		for (size_t i = 0; i < json_array_size(items); i++)
			assert_int_equal(
			    json_integer_value(json_object_get(json_array_get(items, i), "seq")), wanted--);
		snprintf(target, sizeof(target), "/items.json?before=%lld",
		    (long long)json_integer_value(json_object_get(data, "before")));
		json_decref(data);
	}
	assert_string_equal(target, "/items.json?before=0");
}

/* Whole pages of feeds, and none behind them: a number that is none of them is the first. */
static void pages_of_feeds(void **state)
{
	struct buf feeds;

	(void)state;
	buf_init(&feeds, 60 << 10);
	for (unsigned i = 0; i < 80; i++)
		buf_fmt(&feeds, "%s{\"name\":\"feed-%03u\",\"health\":\"ok\"}", i ? "," : "[", i);
	buf_str(&feeds, STR("]"));
	buf_byte(&feeds, '\0');
	write_status(feeds.p);
	buf_fini(&feeds);
	assert_page("/feeds?page=2", 200);
	assert_true(page_box_says(&box, ">feed-079<"));
	assert_false(page_box_says(&box, "rel=\"next\""));
	assert_page("/feeds?page=3", 200);
	assert_true(page_box_says(&box, ">feed-000<"));
}

static void one_item(void **state)
{
	(void)state;
	usual();
	append_record(&(struct record){
	    .seq = 4, .kind = "revision", .title = "The wolf went", .case_ = "c2", .revises = 2 });
	assert_page("/items/2", 200);
	assert_true(page_box_says(&box, "The <mark title=\"wolves +2.5\">wolf</mark> came"));
	assert_true(page_box_says(&box, "+2.50"));
	assert_true(page_box_says(&box, "A lamb")); /* the same case */
	assert_true(page_box_says(&box, "The wolf went")); /* the same item */
	assert_page("/items/4", 200);
	assert_true(page_box_says(&box, "The wolf <del>came</del><ins>went</ins>"));
	assert_true(page_box_says(&box, "<del>It ate.</del>"));
	assert_page("/items/1", 200);
	assert_true(page_box_says(&box, "no topic reached its threshold"));
}

static void one_feed(void **state)
{
	json_t *data;

	(void)state;
	usual();
	assert_page("/feeds/alpha", 200);
	assert_true(page_box_says(&box, "Last 3 polls: 1 with news 1 ok 1 unchanged"));
	assert_true(page_box_says(&box, "1 of 3 polls were answered by 304"));
	assert_page("/feeds/beta", 200);
	assert_true(page_box_says(&box, "HTTP 404: not found"));
	assert_true(page_box_says(&box, "Nothing is proven"));
	assert_page("/feeds/alpha", 200);
	assert_true(page_box_says(&box, "The window never broke"));
	assert_true(page_box_says(&box, "3 of 3 polls brought an answer"));
	page_box_append(&box, "polls.jsonl",
	    STR("{\"seq\":6,\"at\":\"2026-11-21T09:59:59.000Z\",\"feed\":\"alpha\",\"status\":200,"
	        "\"result\":\"ok\",\"items\":9,\"new\":9,\"tie\":\"gap\",\"next\":\"2026-11-21T10:09:59."
	        "000Z\"}\n"));
	assert_page("/feeds/alpha", 200);
	assert_true(page_box_says(&box, "gone unseen</span> at 1 place"));
	assert_true(page_box_says(&box, "the window before is gone"));
	data = data_of("/feeds/alpha.json");
	assert_int_equal(json_integer_value(json_object_get(json_object_get(data, "coverage"), "open")), 1);
	assert_int_equal(json_array_size(json_object_get(data, "polls")), 5);
	json_decref(data);
}

/* A document that had to be mended: what and how often; of one that was well since then only how often. */
static void mended(void **state)
{
	json_t *data;

	(void)state;
	write_status(
	    "[{\"name\":\"alpha\",\"health\":\"ok\",\"repaired\":7,\"repaired_at\":\"2026-11-21T09:59:00."
	    "000Z\","
	    "\"repair\":\"<i>not</i> well-formed\"},{\"name\":\"beta\",\"health\":\"ok\",\"repaired\":3}]");
	append_poll(1, "alpha", "ok\",\"recovered\":true,\"and\":\"", 2, "");
	assert_page("/feeds", 200);
	assert_true(page_box_says(&box, "mended, 7 times: <bdi>&lt;i&gt;not&lt;/i&gt; well-formed"));
	assert_false(page_box_says(&box, "3 times"));
	assert_page("/feeds/alpha", 200);
	assert_true(page_box_says(&box, "<dt>Documents mended<dd>7<dt>Last mended<dd>"));
	assert_true(page_box_says(&box, "&lt;i&gt;not&lt;/i&gt; well-formed"));
	assert_true(page_box_says(&box, "<span class=\"soft\">mended</span>"));
	assert_page("/feeds/beta", 200);
	assert_true(page_box_says(&box, "<dt>Documents mended<dd>3"));
	data = data_of("/feeds/alpha.json");
	assert_int_equal(json_integer_value(json_object_get(json_object_get(data, "feed"), "repaired")), 7);
	json_decref(data);
}

static void refused(void **state)
{
	static const struct {
		const char *target;
		unsigned status;
	} cases[] = {
		{ "/nothing", 404 },
		{ "", 404 },
		{ "//", 404 },
		{ "/feeds/", 404 },
		{ "/feeds/nobody", 404 },
		{ "/feeds/../feeds", 404 },
		{ "/items/", 404 },
		{ "/items/0", 404 },
		{ "/items/4", 404 },
		{ "/items/-1", 404 },
		{ "/items/1/2", 404 },
		{ "/items/99999999999999999999999", 404 },
		{ "/items/../../etc/passwd", 404 },
		{ "/style.css/", 404 },
		{ "/items/<script>", 404 },
	};
	char large[PAGE_PATH_MAX + 32] = "/items?q=";

	(void)state;
	usual();
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_page(cases[i].target, cases[i].status);
	memset(large + 9, 'a', sizeof(large) - 10);
	assert_page(large, 414);
	large[6] = '/';
	assert_page(large, 414);
	assert_int_equal(page_box_get(&box, "/items/4.json"), 404);
	assert_string_equal(box.answer.content_type, "application/json; charset=utf-8");
}

static void the_same_bytes(void **state)
{
	char tag[PAGE_ETAG_MAX], list[64];

	(void)state;
	usual();
	assert_int_equal(page_box_get(&box, "/items"), 200);
	memcpy(tag, box.answer.etag, sizeof(tag));
	snprintf(list, sizeof(list), "\"a\", W/%s", tag);
	assert_int_equal(page_box_get_if(&box, "/items", list), 304);
	assert_int_equal(box.answer.body.n, 0);
	assert_string_equal(box.answer.etag, tag);
	append_record(&(struct record){ .seq = 4, .title = "news" });
	assert_int_equal(page_box_get_if(&box, "/items", list), 200);
	assert_int_equal(page_box_get(&box, "/nothing"), 404);
	assert_string_equal(box.answer.etag, "");
}

static void hostile_records(void **state)
{
	static const char *const topics[] = {
		"[{\"topic\":\""
		"<b>\",\"score\":1e999,\"decision\":\"match\",\"evidence\":{}}]",
		"[{\"topic\":\"t\",\"score\":\"x\",\"decision\":\"match\",\"evidence\":[{\"field\":\"title\","
		"\"start\":-4,\"length\":9}]}]",
		"[{\"topic\":\"t\",\"decision\":\"match\",\"evidence\":[{\"field\":\"title\",\"start\":0,"
		"\"length\":99999999999}]}]",
		"[{\"topic\":\"t\",\"decision\":\"match\",\"evidence\":[{\"field\":\"title\",\"start\":"
		"9223372036854775807,\"length\":1}]}]",
		"[{\"topic\":\"<i>\",\"decision\":\"review\",\"evidence\":[{\"field\":\"title\",\"start\":1,"
		"\"length\":5,\"weight\":-3,"
		"\"text\":\"<u>\",\"by\":\"<s>\"},{\"field\":\"title\",\"start\":3,\"length\":5}]}]",
		"[1,null,\"x\",{\"topic\":7}]",
		"{}",
		"\"match\"",
	};

	(void)state;
	usual();
	for (unsigned i = 0; i < ARRAY_LEN(topics); i++)
		append_record(&(struct record){ .seq = 4 + i,
		    .title = EVIL,
		    .text = EVIL,
		    .feed = EVIL,
		    .topics = topics[i],
		    .url = i % 2 ? "javascript:alert(1)" : "https://a.example/\"><script>",
		    .kind = EVIL,
		    .key = EVIL,
		    .case_ = EVIL });
	for (unsigned i = 0; i < ARRAY_LEN(topics); i++) {
		char target[32];

		snprintf(target, sizeof(target), "/items/%u", 4 + i);
		if (i == 0) /* no number of JSON: the record cannot be read */
			assert_page(target, 404);
		else
			assert_page(target, 200);
		if (i != 0 && i != 4)
			assert_true(page_box_says(&box, EVIL_SHOWN));
	}
	assert_page("/items", 200);
	assert_true(page_box_says(&box, EVIL_SHOWN));
	assert_page("/", 200);
}

static void hostile_lines(void **state)
{
	(void)state;
	usual();
	page_box_append(&box, "items.jsonl", STR("{\"v\":1,\"seq\":4,\"title\":[\n"));
	page_box_append(&box, "items.jsonl",
	    STR("[]\n\xff\xfe\n\n{\"seq\":5}\n{\"v\":1,\"seq\":6,\"title\":7,\"feed\":{}}\n"));
	page_box_append(&box, "polls.jsonl",
	    STR("{\"seq\":5,\"feed\":\"alpha\"\n{\"seq\":6,\"feed\":\"alpha\",\"result\":{}}\n"));
	for (size_t i = 0; i < ARRAY_LEN(routes); i++)
		assert_page(routes[i], 200);
	assert_page("/items/6", 200);
}

static void hostile_status(void **state)
{
	static const char *const files[] = { "", "[]", "nothing", "{\"feeds\":7,\"counts\":[],\"at\":0}",
		"{\"degraded\":true,\"trouble\":\"<script>\",\"counts\":{\"feeds\":\"many\"},\"feeds\":[{},[]"
		",7,null,{\"name\":\"<b>\","
		"\"health\":\"failing\",\"error\":\"<i>\",\"url\":\"javascript:1\",\"pause_ms\":-1,\"failing_"
		"since\":\"x\",\"last_status\":-5}]}" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		page_box_write(&box, "status.json", str_from(files[i]));
		assert_page("/", 200);
		assert_page("/feeds", 200);
		assert_page("/items", 200);
		json_decref(data_of("/index.json"));
		json_decref(data_of("/feeds.json"));
	}
	assert_page("/feeds/<b>", 200);
}

static void nothing_there(void **state)
{
	(void)state;
	assert_page("/", 200);
	assert_true(page_box_says(&box, "no sign of life"));
	assert_page("/feeds", 200);
	assert_page("/items", 200);
	assert_page("/items/1", 404);
	assert_page("/feeds/alpha", 404);
	json_decref(data_of("/index.json"));
	json_decref(data_of("/feeds.json"));
	json_decref(data_of("/items.json"));
}

/* Many feeds with long errors, long titles, texts of nothing but what is escaped. */
static void large(void **state)
{
	char error[160], text[60001], name[32];
	struct buf feeds;

	(void)state;
	memset(error, 'e', sizeof(error) - 1);
	error[sizeof(error) - 1] = '\0';
	memset(text, '"', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	buf_init(&feeds, 60 << 10);
	for (unsigned i = 0; i < 150; i++)
		buf_fmt(&feeds,
		    "%s{\"name\":\"feed-%03u\",\"health\":\"failing\",\"last_status\":503,\"error\":\"%s\"}",
		    i ? "," : "[", i, error);
	buf_str(&feeds, STR("]"));
	buf_byte(&feeds, '\0');
	write_status(feeds.p);
	buf_fini(&feeds);
	for (unsigned i = 1; i <= 48 * 60; i++) {
		snprintf(name, sizeof(name), "feed-%03u", i % 60);
		append_poll(i, name, i % 3 ? "ok" : "failed", i % 2, error);
	}
	for (unsigned i = 1; i <= 60; i++)
		append_record(&(struct record){ .seq = i, .title = text, .text = text, .topics = MATCH });
	assert_page("/feeds", 200);
	assert_true(page_box_says(&box, "Last 48 polls"));
	assert_page("/feeds?page=2", 200);
	assert_page("/feeds?page=99999999999", 200);
	assert_page("/feeds/feed-001", 200);
	assert_page("/", 200);
	assert_page("/items", 200);
	assert_page("/items/60", 200);
}

/* More than a window may hold: the newest are listed all the same, as pages and as data. */
static void large_lines(void **state)
{
	char *text = malloc(LARGE_LINE + 1);
	char target[64] = "/items.json";
	unsigned wanted = LARGE_LINES;

	(void)state;
	assert_non_null(text);
	memset(text, 'x', LARGE_LINE);
	text[LARGE_LINE] = '\0';
	for (unsigned i = 1; i <= LARGE_LINES; i++)
		append_record(&(struct record){
		    .seq = i, .title = i == LARGE_LINES ? "the newest" : "older", .text = text });
	free(text);
	assert_page("/items", 200);
	assert_true(page_box_says(&box, "the newest"));
	while (wanted > LARGE_LINES / 2) {
		json_t *data = data_of(target), *items = json_object_get(data, "items");

		assert_int_equal(
		    json_integer_value(json_object_get(json_array_get(items, 0), "seq")), wanted);
		wanted -= (unsigned)json_array_size(items);
		snprintf(target, sizeof(target), "/items.json?before=%u", wanted + 1);
		assert_int_equal(json_integer_value(json_object_get(data, "before")), wanted + 1);
		json_decref(data);
	}
}

/* One of them alone: for the planted bugs. */
int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_page, set_up, tear_down),
		cmocka_unit_test_setup_teardown(overview, set_up, tear_down),
		cmocka_unit_test_setup_teardown(list_of_items, set_up, tear_down),
		cmocka_unit_test_setup_teardown(older_pages, set_up, tear_down),
		cmocka_unit_test_setup_teardown(pages_of_feeds, set_up, tear_down),
		cmocka_unit_test_setup_teardown(one_item, set_up, tear_down),
		cmocka_unit_test_setup_teardown(one_feed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(mended, set_up, tear_down),
		cmocka_unit_test_setup_teardown(refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_same_bytes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(hostile_records, set_up, tear_down),
		cmocka_unit_test_setup_teardown(hostile_lines, set_up, tear_down),
		cmocka_unit_test_setup_teardown(hostile_status, set_up, tear_down),
		cmocka_unit_test_setup_teardown(nothing_there, set_up, tear_down),
		cmocka_unit_test_setup_teardown(large, set_up, tear_down),
		cmocka_unit_test_setup_teardown(large_lines, set_up, tear_down),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("page: pages", tests, NULL, NULL);
}
