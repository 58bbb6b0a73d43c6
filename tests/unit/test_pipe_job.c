/* A job there and back: records, identity, stubs; frames that are cut, flipped or forged. */
#include "daemon/pipe/job.h"

#include "daemon/conf/needs.h"
#include "daemon/pipe/fingerprint.h"
#include "daemon/pipe/window.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <stdlib.h>

static const char topic[] =
    "topic: alarm\ntitle: Alarm\ndescription: d\nthresholds: {match: 0.8, review: 0.4}\n"
    "bias: -4.0\nphrases:\n  - {any: [alarm, 警報], weight: 8}\n";

struct fixture {
	struct classifier *c;
	struct cls_scratch *scratch;
	struct arena *arena;
	struct buf out;
	struct job_answer a;
};

static int open_fixture(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct cls_builder *b = cls_builder_new();
	struct cls_error e;

	assert_true(cls_builder_add(b, "alarm", topic, sizeof(topic) - 1, &e));
	assert_true(cls_build(&b, &f->c, &e));
	f->scratch = cls_scratch_new();
	f->arena = arena_new(16u << 20);
	buf_init(&f->out, JOB_ANSWER_MAX);
	feed_init();
	*state = f;
	return 0;
}

static int close_fixture(void **state)
{
	struct fixture *f = *state;

	cls_free(&f->c);
	cls_scratch_free(&f->scratch);
	arena_free(&f->arena);
	buf_fini(&f->out);
	free(f);
	return 0;
}

#define RSS(items) "<rss version=\"2.0\"><channel><title>T</title>" items "</channel></rss>"

/* By way of its encoded form, as it travels. */
static const struct job_answer *run_job(struct fixture *f, const struct job *job)
{
	struct err e = { .kind = ERR_NONE };
	struct job back;
	struct buf frame;

	buf_init(&frame, JOB_REQUEST_MAX);
	job_encode(job, &frame);
	assert_true(job_decode(buf_view(&frame), &back, &e));
	buf_clear(&f->out);
	arena_reset(f->arena);
	assert_true(job_run(&back, f->c, f->scratch, &f->out, &e));
	assert_true(job_answer_decode(buf_view(&f->out), 1, f->arena, &f->a, &e));
	assert_int_equal(f->a.id, job->id);
	buf_fini(&frame);
	return &f->a;
}

static const struct job_answer *run(struct fixture *f, struct str body, struct str known)
{
	struct job job = { .id = 77,
		.feed = STR("hk"),
		.url = STR("https://x.example/feed"),
		.known = known,
		.body = body };

	return run_job(f, &job);
}

/* With all that a feed may be known for; headers take the rest. */
static void test_largest_body(void **state)
{
	struct job job = { .id = 1, .feed = STR("hk"), .url = STR("https://x.example/feed") }, back;
	struct err e = { .kind = ERR_NONE };
	char *bytes = calloc(1, (size_t)CONF_BODY_MAX);
	struct buf frame;

	(void)state;
	assert_non_null(bytes);
	job.body = str_of(bytes, (size_t)CONF_BODY_MAX);
	job.known = str_of(bytes, WINDOW_MAX);
	buf_init(&frame, JOB_REQUEST_MAX);
	job_encode(&job, &frame);
	assert_false(frame.failed);
	assert_true(job_decode(buf_view(&frame), &back, &e));
	assert_int_equal(back.body.n, CONF_BODY_MAX);
	buf_fini(&frame);
	free(bytes);
}

static json_t *record_of(const struct job_item *item)
{
	struct buf b;
	json_t *doc;

	buf_init(&b, 4u << 20);
	buf_byte(&b, '{');
	buf_str(&b, item->body);
	buf_byte(&b, '}');
	doc = json_loadb(b.p, b.n, JSON_REJECT_DUPLICATES, NULL);
	buf_fini(&b);
	assert_non_null(doc);
	return doc;
}

static const char *text_of(json_t *doc, const char *name)
{
	return json_string_value(json_object_get(doc, name));
}

/* An item's fingerprint as the worker makes it beside classifying, and as rebuilding makes it of the record, are one. */
static void check_fingerprints(const struct job_answer *a)
{
	for (size_t i = 0; i < a->item_count; i++) {
		json_t *doc = record_of(&a->items[i]);
		struct fingerprint print;
		struct buf bytes;

		buf_init(&bytes, FINGERPRINT_LEN);
		fingerprint_of(
		    str_from(text_of(doc, "title")), str_from(text_of(doc, "content_text")), &print);
		fingerprint_encode(&print, &bytes);
		assert_true(str_eq(buf_view(&bytes), a->items[i].fingerprint));
		buf_fini(&bytes);
		json_decref(doc);
	}
}

/* Texts without words, of some, and of more than are looked at; at last with an end that recurs, which the classifier does not see. */
static void test_fingerprints(void **state)
{
	struct buf body;

	buf_init(&body, 4u << 20);
	for (unsigned tailed = 0; tailed < 2; tailed++) {
		const struct job_answer *a;

		buf_clear(&body);
		buf_str(&body, STR("<rss version=\"2.0\"><channel><title>T</title>"));
		for (unsigned n = 0; n < 8; n++) {
			buf_fmt(&body, "<item><guid>g%u</guid>", n);
			if (n % 4)
				buf_fmt(&body, "<title>Two Alarms of %u 警報三十</title>", n);
			buf_str(&body, STR("<description>"));
			for (unsigned w = 0; w < (n % 3 == 2 ? 9000 : n * 7); w++)
				buf_fmt(&body, "word%u Name 五月 ", (w * n) % 977);
			buf_fmt(&body, "%s</description></item>", tailed ? ".\nThe end of all of them." : "");
		}
		buf_str(&body, STR("</channel></rss>"));
		a = run(*state, buf_view(&body), STR(""));
		assert_int_equal(a->error.kind, ERR_NONE);
		assert_int_equal(a->item_count, 8);
		check_fingerprints(a);
	}
	buf_fini(&body);
}

static void test_record(void **state)
{
	const struct job_answer *a = run(*state,
	    STR(RSS("<item><guid>g1</guid><link>/one</link><title>An &#x202e;ALARM &amp; 警報</title>"
	            "<description>&lt;p&gt;Text with \"quotes\"&lt;/p&gt;</description><category>c</category>"
	            "<pubDate>Tue, 02 Jan 2024 03:04:05 GMT</pubDate></item>")),
	    STR(""));
	json_t *doc, *t, *ev;

	assert_int_equal(a->error.kind, ERR_NONE);
	assert_true(a->complete);
	assert_int_equal(a->item_count, 1);
	doc = record_of(&a->items[0]);
	assert_string_equal(text_of(doc, "id"), "g1");
	assert_string_equal(text_of(doc, "url"), "https://x.example/one");
	assert_string_equal(text_of(doc, "title"), "An \xe2\x80\xae"
	                                           "ALARM & 警報");
	assert_true(str_find(a->items[0].body, STR("\xe2\x80\xae"), 0) == SIZE_MAX); /* escaped in the line */
	assert_string_equal(text_of(doc, "content_text"), "Text with \"quotes\"");
	assert_null(json_object_get(doc, "summary")); /* it would be the same again */
	assert_string_equal(text_of(doc, "date_published"), "2024-01-02T03:04:05Z");
	assert_int_equal(strlen(text_of(doc, "key")), JOB_KEY_LEN);
	assert_memory_equal(text_of(doc, "key"), a->items[0].key.p, JOB_KEY_LEN);
	t = json_array_get(json_object_get(doc, "topics"), 0);
	assert_string_equal(text_of(t, "topic"), "alarm");
	assert_string_equal(text_of(t, "decision"), "match");
	assert_int_equal(a->items[0].topics[0].decision, CLS_MATCH);
	ev = json_array_get(json_object_get(t, "evidence"), 0);
	/* Offsets are into the field as it stands in the record. */
	const char *title = text_of(doc, "title") + json_integer_value(json_object_get(ev, "start"));
	assert_memory_equal(
	    title, text_of(ev, "text"), (size_t)json_integer_value(json_object_get(ev, "length")));
	json_decref(doc);
}

static void test_hostile_titles(void **state)
{
	const struct job_answer *a = run(*state,
	    STR(RSS("<item><guid>g</guid><title>\"}],\"kind\":\"forged\n{&#x2028;</title></item>")), STR(""));
	json_t *doc = record_of(&a->items[0]);

	assert_null(json_object_get(doc, "kind"));
	assert_null(memchr(a->items[0].body.p, '\n', a->items[0].body.n));
	json_decref(doc);
}

#define ATOM(attributes, items)                                                                              \
	"<feed xmlns=\"http://www.w3.org/2005/Atom\"" attributes "><title>T</title>" items "</feed>"

static const struct language_row {
	const char *name, *body, *http, *configured, *language;
} language_rows[] = {
	{ "of the channel", RSS("<language>zh-HK</language><item><guid>1</guid></item>"), NULL, NULL,
	    "zh-HK" },
	{ "the channel's before HTTP's and ours",
	    RSS("<language>zh-HK</language><item><guid>1</guid><description>x</description></item>"), "en",
	    "de", "zh-HK" },
	{ "its own", RSS("<language>zh-HK</language><item xml:lang='pt'><guid>1</guid></item>"), NULL, NULL,
	    "pt" },
	{ "of its text",
	    RSS("<language>zh</language><item><description xml:lang='fr'>x</description></item>"), NULL, NULL,
	    "fr" },
	{ "of the Atom feed", ATOM(" xml:lang='nl'", "<entry><id>1</id><content>x</content></entry>"), "en",
	    NULL, "nl" },
	{ "of the JSON feed",
	    "{\"version\":\"https://jsonfeed.org/version/"
	    "1.1\",\"title\":\"T\",\"language\":\"es\",\"items\":[{"
	    "\"id\":\"1\",\"content_text\":\"x\"}]}",
	    "en", NULL, "es" },
	{ "of HTTP", RSS("<item><guid>1</guid></item>"), "en", NULL, "en" },
	{ "ours", RSS("<item><guid>1</guid></item>"), NULL, "de", "de" },
	{ "nobody's", RSS("<item><guid>1</guid></item>"), NULL, NULL, NULL },
};

static void test_language(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(language_rows); i++) {
		const struct language_row *row = &language_rows[i];
		struct job job = { .feed = STR("hk"),
			.url = STR("https://x.example/feed"),
			.language = str_from(row->configured),
			.content_language = str_from(row->http),
			.body = str_from(row->body) };
		const struct job_answer *a = run_job(*state, &job);
		json_t *doc = a->item_count ? record_of(&a->items[0]) : NULL;
		const char *got = text_of(doc, "language");

		if (a->item_count != 1 ||
		    (got && row->language ? strcmp(got, row->language) != 0 : got != row->language))
			fail_msg("%s: %s", row->name, got ? got : "none");
		json_decref(doc);
	}
}

struct identity_row {
	const char *name, *items;
	size_t count;
	const char *uses; /* of the first item: s, w, l for each alias */
};

static const struct identity_row identity_rows[] = {
	{ "id and link", "<item><guid>1</guid><link>http://x/1</link><title>a</title></item>", 1, "ssl" },
	{ "id alone", "<item><guid isPermaLink='false'>1</guid><title>a</title></item>", 1, "sl" },
	{ "link alone", "<item><link>http://x/1</link><title>a</title></item>", 1, "sl" },
	{ "neither", "<item><title>a</title></item>", 1, "s" },
	{ "a front page is no name",
	    "<item><guid isPermaLink='false'>1</guid><link>http://x/</link><title>a</title></item>", 1,
	    "sl" },
	{ "one guid for two",
	    "<item><guid>1</guid><link>http://x/1</link><title>a</title></item>"
	    "<item><guid>1</guid><link>http://x/2</link><title>b</title></item>",
	    2, "wss" },
	{ "one link for two",
	    "<item><guid isPermaLink='false'>1</guid><link>http://x/1</link><title>a</title></item>"
	    "<item><guid isPermaLink='false'>2</guid><link>http://x/1</link><title>b</title></item>",
	    2, "sws" },
	{ "the same twice",
	    "<item><guid>1</guid><link>http://x/1</link><title>a</title></item>"
	    "<item><guid>1</guid><link>http://x/1</link><title>a</title></item>",
	    1, "ssl" },
	{ "the same link with another scheme and a tracker",
	    "<item><link>http://x/1?utm_source=a</link><title>a</title></item>"
	    "<item><link>https://x/1</link><title>a</title></item>",
	    1, "sl" },
};

static void test_identity(void **state)
{
	static const char letters[] = { [ALIAS_STRONG] = 's', [ALIAS_WEAK] = 'w', [ALIAS_LOOK] = 'l' };

	for (size_t i = 0; i < ARRAY_LEN(identity_rows); i++) {
		const struct identity_row *row = &identity_rows[i];
		const struct job_answer *a;
		char uses[JOB_ALIASES_MAX + 1] = "";
		struct buf b;

		buf_init(&b, 1u << 20);
		buf_str(&b, STR("<rss version=\"2.0\"><channel>"));
		buf_str(&b, str_from(row->items));
		buf_str(&b, STR("</channel></rss>"));
		a = run(*state, buf_view(&b), STR(""));
		for (unsigned k = 0; k < a->items[0].alias_count; k++)
			uses[k] = letters[a->items[0].aliases[k].use];
		if (a->item_count != row->count || strcmp(uses, row->uses) != 0)
			fail_msg("%s: %zu items, %s", row->name, a->item_count, uses);
		for (size_t k = 1; k < a->item_count; k++)
			assert_false(str_eq(a->items[0].key, a->items[k].key));
		buf_fini(&b);
	}
}

static void test_stubs(void **state)
{
	static const struct str body = { RSS("<item><guid>1</guid><title>a</title></item>"
		                             "<item><guid>2</guid><title>b</title></item>"),
		sizeof(RSS("<item><guid>1</guid><title>a</title></item>"
		           "<item><guid>2</guid><title>b</title></item>")) -
		    1 };
	const struct job_answer *a = run(*state, body, STR(""));
	uint64_t alias = a->items[0].aliases[0].hash, print = a->items[0].print;
	struct buf known;

	buf_init(&known, 64);
	buf_le64(&known, print);
	a = run(*state, body, buf_view(&known));
	assert_true(a->items[0].stub);
	assert_int_equal(a->items[0].aliases[0].hash, alias);
	assert_false(a->items[1].stub);
	buf_fini(&known);
}

/* Items count … 1, the newest first. `says` is their text; every hundredth has the guid of the one before it. */
static void write_many(struct buf *b, unsigned count, const char *says)
{
	buf_clear(b);
	buf_str(b, STR("<rss version=\"2.0\"><channel><title>T</title>"));
	for (unsigned n = count; n; n--)
		buf_fmt(b, "<item><guid>g%u</guid><title>t%u</title><description>%s</description></item>",
		    n - (n % 100 == 0), n, says);
	buf_str(b, STR("</channel></rss>"));
}

static void write_window(const struct job_answer *a, struct buf *window)
{
	for (size_t i = 0; i < a->item_count; i++) {
		struct window_entry entry = window_entry_of(&a->items[i]);

		window_write(&entry, 1, window);
	}
}

/* Reads page after page, as the engine does, until nothing is left. Returns how many; every item came in full exactly once, the oldest first. */
static unsigned read_pages(struct fixture *f, struct str body, unsigned count, struct buf *window)
{
	bool *came = calloc(count + 1, sizeof(*came));
	struct buf known;
	unsigned pages = 0, all = 0, before = 0, from, lowest;

	buf_init(&known, WINDOW_MAX);
	do {
		const struct job_answer *a;

		buf_clear(&known);
		window_names(buf_view(window), &known);
		a = run(f, body, buf_view(&known));
		assert_true(a->complete);
		assert_int_equal(a->item_total, count);
		lowest = count + 1;
		from = 0;
		for (size_t i = 0; i < a->item_count; i++) {
			json_t *doc;
			unsigned n;

			if (a->items[i].stub)
				continue;
			doc = record_of(&a->items[i]);
			n = (unsigned)strtoul(text_of(doc, "title") + 1, NULL, 10);
			assert_false(came[n]);
			came[n] = true;
			all++;
			from = n > from ? n : from;
			lowest = n < lowest ? n : lowest;
			json_decref(doc);
		}
		assert_true(from - lowest < JOB_ITEMS_MAX && lowest == before + 1);
		before = from;
		assert_int_equal(a->left, count - all);
		buf_clear(window);
		write_window(a, window);
		pages++;
	} while (f->a.left);
	assert_int_equal(all, count);
	buf_fini(&known);
	free(came);
	return pages;
}

static void test_pages(void **state)
{
	struct fixture *f = *state;
	const struct job_answer *a;
	struct buf body, window, known;
	size_t full = 0;

	buf_init(&body, 16u << 20);
	buf_init(&window, WINDOW_MAX);
	buf_init(&known, WINDOW_MAX);
	write_many(&body, 12000, "one");
	assert_int_equal(read_pages(f, buf_view(&body), 12000, &window), 3);
	/* All of them change: they are known by their names, so nothing is left and all stay listed. */
	write_many(&body, 12001, "two");
	window_names(buf_view(&window), &known);
	a = run(f, buf_view(&body), buf_view(&known));
	assert_int_equal(a->item_count, 12001);
	assert_int_equal(a->left, 0);
	assert_false(a->items[0].stub); /* the one that is new goes before them */
	for (size_t i = 0; i < a->item_count; i++)
		full += !a->items[i].stub;
	assert_int_equal(full, JOB_ITEMS_MAX);
	buf_fini(&body);
	buf_fini(&window);
	buf_fini(&known);
}

/* What repeats fills no page, and what stands beyond the limit is counted. */
static void test_pages_of_repetitions(void **state)
{
	struct fixture *f = *state;
	const struct job_answer *a;
	struct buf body;

	buf_init(&body, 16u << 20);
	buf_str(&body, STR("<rss version=\"2.0\"><channel><title>T</title>"));
	for (unsigned n = 0; n < JOB_LISTED_MAX + 10; n++)
		buf_fmt(&body, "<item><guid>g%u</guid></item>", n < 100 ? n : 99);
	buf_str(&body, STR("</channel></rss>"));
	a = run(f, buf_view(&body), STR(""));
	assert_true(a->complete);
	assert_int_equal(a->item_count, 100);
	assert_int_equal(a->left, 0);
	assert_int_equal(a->item_total, JOB_LISTED_MAX + 10);
	buf_fini(&body);
}

static void test_no_feed(void **state)
{
	const struct job_answer *a = run(*state, STR("<html><body>Log in</body></html>"), STR(""));

	assert_int_equal(a->error.kind, ERR_PARSE);
	assert_int_equal(a->item_count, 0);
}

/* Cut anywhere and flipped anywhere: refused or harmless, never a crash (run it under a sanitizer). */
static void test_damage(void **state)
{
	struct fixture *f = *state;
	struct err e = { .kind = ERR_NONE };
	struct job_answer a;
	char *copy;
	size_t n;

	run(f, STR(RSS("<item><guid>1</guid><title>an alarm</title></item><item><title>b</title></item>")),
	    STR(""));
	n = f->out.n;
	copy = malloc(n);
	memcpy(copy, f->out.p, n);
	for (size_t i = 0; i < n; i++) {
		e = (struct err){ .kind = ERR_NONE };
		arena_reset(f->arena);
		assert_false(job_answer_decode((struct str){ copy, i }, 1, f->arena, &a, &e));
	}
	for (size_t i = 0; i < n; i++)
		for (int bit = 0; bit < 8; bit++) {
			copy[i] = (char)(copy[i] ^ (1 << bit));
			e = (struct err){ .kind = ERR_NONE };
			arena_reset(f->arena);
			if (job_answer_decode((struct str){ copy, n }, 1, f->arena, &a, &e))
				for (size_t k = 0; k < a.item_count; k++)
					assert_null(a.items[k].body.n
					                ? memchr(a.items[k].body.p, '\n', a.items[k].body.n)
					                : NULL);
			copy[i] = (char)(copy[i] ^ (1 << bit));
		}
	free(copy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_record),
		cmocka_unit_test(test_fingerprints),
		cmocka_unit_test(test_hostile_titles),
		cmocka_unit_test(test_identity),
		cmocka_unit_test(test_stubs),
		cmocka_unit_test(test_language),
		cmocka_unit_test(test_pages),
		cmocka_unit_test(test_pages_of_repetitions),
		cmocka_unit_test(test_no_feed),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_largest_body),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("pipe/job", tests, open_fixture, close_fixture);
}
