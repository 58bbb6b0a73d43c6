/* JSON Feed in and out, the named limits, and the sink that says stop. */
#include "daemon/base/attr.h"
#include "daemon/feed/feed.h"
#include "daemon/feed/jsonfeed.h"
#include "tests/fake/feed_text.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct feed_text_row json[] = {
	{ "version 1.1", "https://e.org/feed.json",
	    "{\"version\":\"https://jsonfeed.org/version/1.1\",\"title\":\"T\",\"home_page_url\":\"/"
	    "\",\"language\":\"en\",\"items\":[{\"id\":\"1\",\"url\":\"a\",\"title\":\"A\",\"content_html\":"
	    "\"<p>x</p>\","
	    "\"date_published\":\"2024-01-02T03:04:05Z\",\"authors\":[{\"name\":\"Ann\"}],\"tags\":[\"t\"],"
	    "\"attachments\":[{\"url\":\"a.mp3\",\"mime_type\":\"audio/"
	    "mpeg\",\"size_in_bytes\":5,\"duration_in_seconds\":2}]}]}",
	    "feed json11 title=T home=https://e.org/ language=en\n"
	    "item id=1 url=https://e.org/a title=A html=<p>x</p> text=x published=2024-01-02T03:04:05Z "
	    "author=Ann tag=t file=https://e.org/a.mp3 type=audio/mpeg size=5 ms=2000\n" },
	{ "version 1.0: a number as id, one author", "",
	    "\xef\xbb\xbf "
	    "{\"version\":\"https://jsonfeed.org/version/"
	    "1\",\"title\":\"T\",\"items\":[{\"id\":17,\"content_text\":\"x < "
	    "y\",\"author\":{\"name\":\"Ann\"}}]}",
	    "feed json10 title=T\nitem id=17 text=x < y author=Ann\n" },
	{ "wrong types are passed over", "",
	    "{\"version\":\"https://jsonfeed.org/version/"
	    "1.1\",\"title\":5,\"items\":[7,{\"id\":true,\"title\":[],\"tags\":\"x\",\"authors\":{}}]}",
	    "feed json11\nitem\n" },
	{ "another JSON", "", "{\"items\":1}", "error parse\n" },
	{ "another version", "", "{\"version\":\"2\",\"title\":\"T\",\"items\":[]}", "error parse\n" },
	{ "cut short before the first item", "",
	    "{\"version\":\"https://jsonfeed.org/version/1.1\",\"items\":[{\"id\":\"1\"", "error parse\n" },
	{ "cut short in an item", "",
	    "{\"version\":\"https://jsonfeed.org/version/1.1\",\"title\":\"T\",\"items\":[{\"id\":\"1\","
	    "\"content_text\":\"]}\\\"\",\"tags\":[\"a\"]},{\"id\":\"2\",\"authors\":[{\"name\":\"x\"}],"
	    "\"tit",
	    "feed json11 title=T recovered cut\nitem id=1 text=]}\" tag=a\n" },
	{ "cut short between items", "",
	    "{\"version\":\"https://jsonfeed.org/version/1.1\",\"items\":[{\"id\":\"1\"},{\"id\":\"2\"},",
	    "feed json11 recovered cut\nitem id=1\nitem id=2\n" },
	{ "an error before the end", "",
	    "{\"version\":\"https://jsonfeed.org/version/1.1\",\"items\":[{\"id\":\"1\"},{\"id\" \"2\"},",
	    "error parse\n" },
};

static void reads_json(void **state)
{
	(void)state;
	struct buf out;
	buf_init(&out, 1 << 20);
	if (!feed_text_rows(json, ARRAY_LEN(json), &out))
		fail_msg("%.*s", STR_ARG(buf_view(&out)));
	buf_fini(&out);
}

static void writes_json(void **state)
{
	(void)state;
	static const struct {
		const char *name, *document, *want;
	} cases[] = {
		{ "a document",
		    "<rss version='2.0'><channel><title>T</title><item><guid "
		    "isPermaLink='false'>1</guid><title>\"A\"</title><description>&lt;b>x&lt;/b></"
		    "description></item></channel></rss>",
		    "{\"version\":\"https://jsonfeed.org/version/"
		    "1.1\",\"title\":\"T\",\"_gazetted\":{\"format\":\"rss20\",\"encoding\":\"UTF-8\","
		    "\"recovered\":false,\"complete\":true},"
		    "\"items\":[{\"id\":\"1\",\"title\":\"\\\"A\\\"\",\"content_html\":\"<b>x</"
		    "b>\",\"summary\":\"x\"}]}" },
		{ "ids of items without any: the link, or a title that stands alone",
		    "<rss><channel><item><link>http://e.org/a</link></item><item><title>A</title></item></"
		    "channel></rss>",
		    "{\"version\":\"https://jsonfeed.org/version/"
		    "1.1\",\"title\":\"\",\"_gazetted\":{\"format\":\"rss20\",\"encoding\":\"UTF-8\","
		    "\"recovered\":false,\"complete\":true},"
		    "\"items\":[{\"id\":\"http://e.org/a\",\"url\":\"http://e.org/"
		    "a\",\"content_text\":\"\"},{\"id\":\"A\",\"title\":\"A\",\"content_text\":\"\"}]}" },
	};
	feed_init();
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct feed_input in = { .body = str_from(cases[i].document) };
		struct err e = { .kind = ERR_NONE };
		struct buf out;
		buf_init(&out, 1 << 20);
		assert_true(jsonfeed_convert(&in, &out, &e));
		if (!str_eq(buf_view(&out), str_from(cases[i].want)))
			fail_msg("%s:\n%.*s\nnot\n%s", cases[i].name, STR_ARG(buf_view(&out)), cases[i].want);
		buf_fini(&out);
	}
}

struct parts {
	struct buf all;
	size_t count, largest;
	size_t last; /* after which no more is taken; 0: never */
};

static bool take_part(void *ctx, struct str part)
{
	struct parts *p = ctx;
	buf_str(&p->all, part);
	p->largest = part.n > p->largest ? part.n : p->largest;
	return ++p->count != p->last;
}

static struct buf many_items(unsigned n)
{
	struct buf doc;
	buf_init(&doc, 64u << 20);
	buf_fmt(&doc, "<rss><channel><title>T</title>");
	for (unsigned i = 0; i < n; i++)
		buf_fmt(&doc, "<item><guid>%u</guid><title>Title of the item number %u</title></item>", i, i);
	buf_fmt(&doc, "</channel></rss>");
	assert_false(doc.failed);
	return doc;
}

static void streams_in_parts(void **state)
{
	(void)state;
	feed_init();
	for (unsigned n = 3; n <= 30000; n *= 10) {
		struct parts p = { .count = 0 };
		struct buf doc = many_items(n), whole;
		struct err e = { .kind = ERR_NONE };
		struct feed_input in = { .body = buf_view(&doc) };
		buf_init(&p.all, 64u << 20);
		buf_init(&whole, 64u << 20);
		assert_true(jsonfeed_stream(&in, take_part, &p, &e));
		assert_true(jsonfeed_convert(&in, &whole, &e));
		assert_true(p.largest < JSONFEED_PART_MIN + 1000);
		assert_int_equal(p.count > 1, n == 30000);
		if (p.count == 1)
			assert_true(str_eq(buf_view(&p.all), buf_view(&whole)));
		json_t *parted = json_loadb(p.all.p, p.all.n, 0, NULL);
		json_t *same = json_loadb(whole.p, whole.n, 0, NULL);
		assert_non_null(parted);
		assert_int_equal(json_array_size(json_object_get(parted, "items")), n);
		assert_true(json_equal(parted, same));
		json_decref(parted);
		json_decref(same);
		buf_fini(&doc);
		buf_fini(&p.all);
		buf_fini(&whole);
	}
}

static void stops_when_parts_are_refused(void **state)
{
	(void)state;
	feed_init();
	for (size_t last = 1; last <= 3; last++) {
		struct parts p = { .last = last };
		struct buf doc = many_items(30000);
		struct err e = { .kind = ERR_NONE };
		struct feed_input in = { .body = buf_view(&doc) };
		buf_init(&p.all, 64u << 20);
		assert_false(jsonfeed_stream(&in, take_part, &p, &e));
		assert_int_equal(p.count, last);
		assert_int_equal(e.kind, ERR_NOMEM);
		buf_fini(&doc);
		buf_fini(&p.all);
	}
}

static void leaves_output_alone_on_failure(void **state)
{
	(void)state;
	struct feed_input in = { .body = STR("nothing") };
	struct err e = { .kind = ERR_NONE };
	struct buf out;
	feed_init();
	buf_init(&out, 1 << 20);
	buf_str(&out, STR("before"));
	assert_false(jsonfeed_convert(&in, &out, &e));
	assert_int_equal(e.kind, ERR_PARSE);
	assert_true(str_eq(buf_view(&out), STR("before")));
	buf_fini(&out);
}

struct seen {
	uint64_t items;
	size_t title, tags;
	uint64_t stop_at;
};

static bool on_item(void *ctx, const struct feed_item *it)
{
	struct seen *s = ctx;
	s->items++;
	s->title = it->title.n;
	s->tags = it->tags.n;
	return s->items != s->stop_at;
}

static bool parse(struct buf *body, struct seen *s, struct feed_meta *m, struct err *e)
{
	struct feed_input in = { .body = buf_view(body) };
	struct arena *a = arena_new(64u << 20);
	feed_init();
	assert_non_null(a);
	assert_false(body->failed);
	bool ok = feed_parse(&in, on_item, s, a, m, e);
	*m = (struct feed_meta){ .recovered = m->recovered, .complete = m->complete, .items = m->items };
	arena_free(&a);
	return ok;
}

static void repeat(struct buf *b, const char *text, size_t times)
{
	while (times-- > 0)
		buf_str(b, str_from(text));
}

static void holds_its_limits(void **state)
{
	(void)state;
	struct seen s = { 0 };
	struct feed_meta m;
	struct err e = { .kind = ERR_NONE };
	struct buf b;
	buf_init(&b, 64u << 20);

	repeat(&b, "<rss><channel><item><title>", 1);
	repeat(&b, "0123456789abcdef", (FEED_ITEM_TEXT_MAX >> 4) + 1000);
	repeat(&b, "</title></item><item><title>next</title></item></channel></rss>", 1);
	assert_true(parse(&b, &s, &m, &e));
	assert_int_equal(s.items, 2);
	assert_int_equal(s.title, 4);
	assert_true(m.recovered && m.complete);

	buf_clear(&b);
	s = (struct seen){ 0 };
	repeat(&b, "<rss><channel><item>", 1);
	for (unsigned i = 0; i < 2 * FEED_LIST_MAX; i++)
		buf_fmt(&b, "<category>c%u</category>", i);
	repeat(&b, "</item></channel></rss>", 1);
	assert_true(parse(&b, &s, &m, &e));
	assert_int_equal(s.tags, FEED_LIST_MAX);

	buf_clear(&b);
	s = (struct seen){ 0 };
	repeat(&b, "<rss><channel><item><title>a</title></item><item><description>", 1);
	repeat(&b, "<a>", 100000);
	repeat(&b, "deep", 1);
	repeat(&b, "</a>", 100000);
	repeat(&b, "</description></item></channel></rss>", 1);
	assert_true(parse(&b, &s, &m, &e));
	assert_int_equal(s.items, 2);

	buf_clear(&b);
	s = (struct seen){ 0 };
	repeat(&b, "<rss><channel><item", 1);
	repeat(&b, " a='v'", FEED_TAG_MAX / 4);
	repeat(&b, "><title>x</title></item><item><title>ab</title></item></channel></rss>", 1);
	assert_true(parse(&b, &s, &m, &e));
	assert_true(m.recovered);
	assert_int_equal(s.title, 2);
	buf_fini(&b);
}

static void stops_when_the_sink_says_so(void **state)
{
	(void)state;
	struct seen s = { .stop_at = 2 };
	struct feed_meta m;
	struct err e = { .kind = ERR_NONE };
	struct buf b;
	buf_init(&b, 1 << 20);
	repeat(&b, "<rss><channel>", 1);
	repeat(&b, "<item><title>a</title></item>", 1000);
	repeat(&b, "</channel></rss>", 1);
	assert_false(parse(&b, &s, &m, &e));
	assert_int_equal(e.kind, ERR_NOMEM);
	assert_int_equal(s.items, 2);
	buf_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_json),
		cmocka_unit_test(writes_json),
		cmocka_unit_test(streams_in_parts),
		cmocka_unit_test(stops_when_parts_are_refused),
		cmocka_unit_test(leaves_output_alone_on_failure),
		cmocka_unit_test(holds_its_limits),
		cmocka_unit_test(stops_when_the_sink_says_so),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("feed/json", tests, NULL, NULL);
}
