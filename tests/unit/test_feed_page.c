/* Pages -> the feeds that they link to: base, types, words, hostile markup. */
#include "daemon/base/attr.h"
#include "daemon/base/buf.h"
#include "daemon/feed/page.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define PAGE "https://gov.example/en/press/index.html"

static const struct row {
	const char *name, *html;
	const char *want; /* "alternate URL [language]" or "anchor URL …", one per line */
} rows[] = {
	{ "relative, as the standard says",
	    "<link rel=alternate type='application/rss+xml' href='../rss.xml' title=x>",
	    "alternate https://gov.example/en/rss.xml\n" },
	{ "types in any case, with parameters",
	    "<LINK REL=\"ALTERNATE home\" TYPE=\"Application/Atom+XML; charset=utf-8\" HREF=/a>",
	    "alternate https://gov.example/a\n" },
	{ "the language that it names",
	    "<link rel=alternate type=application/feed+json hreflang=zh-Hant href=//feeds.example/f>",
	    "alternate https://feeds.example/f zh-Hant\n" },
	{ "no feeds: translations, styles, oembed",
	    "<link rel=alternate hreflang=fr href=/fr><link rel='alternate stylesheet' type=text/xml href=/s>"
	    "<link rel=alternate type=application/json+oembed href=/o><link rel=alternate "
	    "type=application/json href=/wp-json/wp/v2/posts/1>",
	    "" },
	{ "JSON whose address says feed", "<link rel=alternate type=application/json href=/feed.json>",
	    "alternate https://gov.example/feed.json\n" },
	{ "rel=feed needs no type", "<link rel=feed href=all>",
	    "alternate https://gov.example/en/press/all\n" },
	{ "the base counts for what stands before it, too",
	    "<link rel=feed href=f><base href='/x/'><base href='/y/'>",
	    "alternate https://gov.example/x/f\n" },
	{ "a base in the body is none", "<body><base href='/x/'><link rel=feed href=f>",
	    "alternate https://gov.example/en/press/f\n" },
	{ "a base that cannot be asked is none", "<base href='javascript:x'><link rel=feed href=f>",
	    "alternate https://gov.example/en/press/f\n" },
	{ "anchors by their address",
	    "<a href=/rss/news_en.aspx>x</a><a href=/n?format=atom>y</a><a href=/feed/>z</a><a "
	    "href=news.rdf>r</a><a href=all.XML#top>q</a>",
	    "anchor https://gov.example/rss/news_en.aspx\nanchor https://gov.example/n?format=atom\n"
	    "anchor https://gov.example/feed/\nanchor https://gov.example/en/press/news.rdf\n"
	    "anchor https://gov.example/en/press/all.XML\n" },
	{ "anchors by what they show",
	    "<a href=/1>RSS</a><a href=/2><img src=i.png alt='rss'></a><a class=icon-rss href=/3></a>"
	    "<a href=/4>RSS\xe8\xa8\x82\xe9\x96\xb1</a>",
	    "anchor https://gov.example/1\nanchor https://gov.example/2\nanchor https://gov.example/3\n"
	    "anchor https://gov.example/4\n" },
	{ "other anchors",
	    "<a href=/feedback>Feedback</a><a href=/press>Crossing</a><a href=/sitemap.xml>map</a><a "
	    "href='mailto:rss@gov.example'>RSS</a><a href='#rss'>RSS</a><a name=rss>RSS</a>",
	    "" },
	{ "an anchor that is never closed ends with the next", "<a href=/1>x<a href=/2>RSS",
	    "anchor https://gov.example/2\n" },
	{ "addresses for a reader in the browser",
	    "<a href='feed://gov.example/f'>x</a><a href='feed:https://gov.example/g/rss'>y</a>",
	    "anchor http://gov.example/f\nanchor https://gov.example/g/rss\n" },
	{ "references in addresses", "<a href='/f?a=1&amp;feed=&#114;ss2'>x</a>",
	    "anchor https://gov.example/f?a=1&feed=rss2\n" },
	{ "comments, scripts and titles hold no links",
	    "<!-- <a href=/rss>x</a> --><script>'<a href=/rss>'</script><title><a href=/rss></title>"
	    "<textarea><link rel=feed href=/f></textarea>",
	    "" },
	{ "a script that is never closed hides nothing", "<script><a href=/rss>x</a>",
	    "anchor https://gov.example/rss\n" },
	{ "other schemes", "<link rel=feed href='file:///etc/passwd'><link rel=feed href='data:text/xml,x'>",
	    "" },
	{ "nothing", "", "" },
	{ "no markup", "rss feed", "" },
};

struct told {
	struct buf text;
	unsigned count;
};

static bool on_link(void *ctx, const struct page_link *l)
{
	struct told *t = ctx;
	t->count++;
	buf_str(&t->text, l->found == PAGE_ANCHOR ? STR("anchor ") : STR("alternate "));
	buf_str(&t->text, l->url);
	if (l->language.n > 0)
		buf_fmt(&t->text, " %.*s", STR_ARG(l->language));
	buf_byte(&t->text, '\n');
	return true;
}

static void scan(struct str body, struct str type, struct told *t)
{
	struct err e = { .kind = ERR_NONE };
	const struct feed_input in = { .body = body, .content_type = type, .base_url = STR(PAGE) };
	t->count = 0;
	buf_init(&t->text, 64u << 20);
	assert_true(page_scan(&in, on_link, t, &e));
}

static void finds_links(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct told t;
		scan(str_from(rows[i].html), (struct str){ NULL, 0 }, &t);
		if (!str_eq(buf_view(&t.text), str_from(rows[i].want)))
			fail_msg(
			    "%s: '%.*s', not '%s'", rows[i].name, STR_ARG(buf_view(&t.text)), rows[i].want);
		buf_fini(&t.text);
	}
}

/* An address in another encoding is asked for in UTF-8, as browsers do. */
static void reads_encodings(void **state)
{
	(void)state;
	struct told t;
	scan(STR("<a href=/\xb7\x73\xbb\x44/rss>x</a>"), STR("text/html; charset=big5"), &t);
	assert_true(str_eq(buf_view(&t.text), STR("anchor https://gov.example/%E6%96%B0%E8%81%9E/rss\n")));
	buf_fini(&t.text);
}

static bool stop(void *ctx, const struct page_link *l)
{
	(void)l;
	++*(unsigned *)ctx;
	return false;
}

static void is_bounded(void **state)
{
	(void)state;
	static const char *const pieces[] = { "<a href=/rss>", "<a ", "<!--", "<script>", "</", "<title></x",
		"<link rel=feed href='", "<base href=/x", "<a href=/rss title='", "\"'=" };
	for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
		struct buf in;
		struct told t;
		unsigned calls = 0;
		struct err e = { .kind = ERR_NONE };
		buf_init(&in, 4u << 20);
		while (in.n < (1u << 20))
			buf_str(&in, str_from(pieces[i]));
		scan(buf_view(&in), (struct str){ NULL, 0 }, &t);
		assert_true(t.count <= PAGE_LINKS_MAX);
		const struct feed_input once = { .body = buf_view(&in), .base_url = STR(PAGE) };
		assert_true(page_scan(&once, stop, &calls, &e));
		assert_true(calls <= 1);
		buf_fini(&t.text);
		buf_fini(&in);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_links),
		cmocka_unit_test(reads_encodings),
		cmocka_unit_test(is_bounded),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("feed/page", tests, NULL, NULL);
}
