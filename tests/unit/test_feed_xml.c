/* RSS, Atom, CDF and sitemaps: documents and what must come out of them. */
#include "daemon/feed/feed.h"
#include "tests/fake/feed_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define ATOM "<feed xmlns='http://www.w3.org/2005/Atom'>"
#define RSS "<rss version='2.0'><channel>"
#define RSS_END "</channel></rss>"

static const struct feed_text_row formats[] = {
	{ "RSS 2.0", "",
	    RSS "<title>T</title><link>http://e.org/</link><language>en</language><item><guid "
	        "isPermaLink='false'>1</guid><title>A</title>"
	        "<link>http://e.org/a</link><description>Text</description><pubDate>Tue, 02 Jan 2024 "
	        "03:04:05 GMT</pubDate><category>c</category></item>" RSS_END,
	    "feed rss20 title=T home=http://e.org/ language=en\n"
	    "item id=1 url=http://e.org/a title=A html=Text text=Text summary=Text "
	    "published=2024-01-02T03:04:05Z tag=c\n" },
	{ "RSS 0.91 keeps its version", "",
	    "<rss version='0.91'><channel><item><title>A</title></item>" RSS_END,
	    "feed rss091\nitem title=A\n" },
	{ "Netscape's 0.91 by its DOCTYPE", "",
	    "<!DOCTYPE rss PUBLIC '-//Netscape Communications//DTD RSS 0.91//EN' "
	    "'http://my.netscape.com/publish/formats/rss-0.91.dtd'>"
	    "<rss version='0.91'><channel/></rss>",
	    "feed rss091n\n" },
	{ "RSS 1.0: items beside the channel, rdf:about is the id", "",
	    "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' "
	    "xmlns='http://purl.org/rss/1.0/' xmlns:dc='http://purl.org/dc/elements/1.1/'>"
	    "<channel rdf:about='c'><title>T</title></channel><item "
	    "rdf:about='i'><title>A</title><dc:date>2024-01-02T03:04Z</dc:date><dc:creator>Ann</dc:creator></"
	    "item></rdf:RDF>",
	    "feed rss10 title=T\nitem id=i title=A published=2024-01-02T03:04:00Z author=Ann\n" },
	{ "RSS 0.90 by its namespace", "",
	    "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' "
	    "xmlns='http://my.netscape.com/rdf/simple/0.9/'><channel/></rdf:RDF>",
	    "feed rss090\n" },
	{ "Atom 1.0", "",
	    ATOM "<title type='html'>&lt;b>T&lt;/b></title><entry><id>i</id><title>A &lt; B</title><link "
	         "href='http://e.org/a'/>"
	         "<updated>2024-01-02T03:04:05Z</updated><author><name>Ann</name><uri>http://e.org/ann</"
	         "uri></author><content type='html'>&lt;p>x&lt;/p></content></entry></feed>",
	    "feed atom10 title=T\nitem id=i url=http://e.org/a title=A < B html=<p>x</p> text=x "
	    "modified=2024-01-02T03:04:05Z author=Ann page=http://e.org/ann\n" },
	{ "Atom 0.3: modes", "",
	    "<feed version='0.3' xmlns='http://purl.org/atom/ns#'><entry><title mode='escaped' "
	    "type='text/html'>&lt;i>A&lt;/i></title>"
	    "<content mode='base64' type='text/html'>PGI+eDwvYj4=</content></entry></feed>",
	    "feed atom03\nitem title=A html=<b>x</b> text=x\n" },
	{ "XHTML content is written as HTML without its wrapper", "",
	    ATOM "<entry><content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'><p>a &lt; "
	         "b<br/>c</p></div></content></entry></feed>",
	    "feed atom10\nitem html=<p>a &lt; b<br>c</p> text=a < b\\nc\n" },
	{ "CDF in upper case", "",
	    "<CHANNEL HREF='http://e.org/'><TITLE>T</TITLE><ITEM HREF='http://e.org/a' "
	    "LASTMOD='2024-01-02T03:04Z'><TITLE>A</TITLE><ABSTRACT>x</ABSTRACT></ITEM></CHANNEL>",
	    "feed cdf title=T home=http://e.org/\nitem url=http://e.org/a title=A html=x text=x summary=x "
	    "modified=2024-01-02T03:04:00Z\n" },
	{ "a news sitemap", "",
	    "<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9' "
	    "xmlns:n='http://www.google.com/schemas/sitemap-news/0.9'><url><loc>http://e.org/a</loc>"
	    "<n:news><n:publication><n:name>P</n:name><n:language>pt</n:language></"
	    "n:publication><n:publication_date>2024-01-02</n:publication_date><n:title>A</n:title></n:news></"
	    "url></urlset>",
	    "feed sitemap\nitem url=http://e.org/a title=A published=2024-01-02T00:00:00Z language=pt "
	    "source=P\n" },
};

static const struct feed_text_row values[] = {
	{ "titles are unescaped once, and only HTML's elements are markup", "",
	    RSS "<item><title>AT&amp;amp;T &amp;lt;3 &lt;b>x&lt;/b> List&lt;String></title></item>" RSS_END,
	    "feed rss20\nitem title=AT&T <3 x List<String>\n" },
	{ "content:encoded before description", "",
	    "<rss "
	    "xmlns:c='http://purl.org/rss/1.0/modules/content/'><channel><item><description>short</"
	    "description><c:encoded>&lt;p>long&lt;/p></c:encoded></item></channel></rss>",
	    "feed rss20\nitem html=<p>long</p> text=long summary=short\n" },
	{ "content:encoded before content before description", "",
	    "<rss "
	    "xmlns:c='http://purl.org/rss/1.0/modules/content/'><channel><item><content>b</"
	    "content><description>a</description><c:encoded>c</c:encoded></item></channel></rss>",
	    "feed rss20\nitem html=c text=c summary=a\n" },
	{ "RSS author lines", "",
	    RSS "<item><author>ann@e.org (Ann Lee)</author></item><item><author>Bo</author></item>" RSS_END,
	    "feed rss20\nitem author=Ann Lee email=ann@e.org\nitem author=Bo\n" },
	{ "enclosures and media are one list without repetitions", "",
	    "<rss xmlns:m='http://search.yahoo.com/mrss/'><channel><item><enclosure url='http://e.org/a.mp3' "
	    "length='12' type='audio/mpeg'/>"
	    "<m:group><m:content url='http://e.org/a.mp3' duration='61'/><m:content "
	    "url='http://e.org/b.mp4'/></m:group><m:thumbnail "
	    "url='http://e.org/t.jpg'/></item></channel></rss>",
	    "feed rss20\nitem file=http://e.org/a.mp3 type=audio/mpeg size=12 ms=61000 "
	    "file=http://e.org/b.mp4 image=http://e.org/t.jpg\n" },
	{ "the source of a copied entry, whose authors it inherits", "",
	    ATOM "<entry><id>i</id><source><title>S</title><link "
	         "href='http://s.org/'/><author><name>Ann</name></author></source></entry></feed>",
	    "feed atom10\nitem id=i author=Ann source=S source_url=http://s.org/\n" },
	{ "a guid that is a link", "",
	    RSS "<item><guid>http://e.org/a</guid></item><item><guid "
	        "isPermaLink='false'>http://e.org/b</guid></item>" RSS_END,
	    "feed rss20\nitem id=http://e.org/a url=http://e.org/a\nitem id=http://e.org/b\n" },
	{ "xml:base before the site before the address", "http://f.net/feed.xml",
	    RSS "<item><link>one</link></item><link>http://e.org/s/</link><item><link>two</link></item><item "
	        "xml:base='http://x.org/y/'><link>three</link><description>&lt;a "
	        "href='four'>4&lt;/a></description></item>" RSS_END,
	    "feed rss20 home=http://e.org/s/\nitem url=http://f.net/one\nitem url=http://e.org/s/two\nitem "
	    "url=http://x.org/y/three html=<a href=\"http://x.org/y/four\">4</a> text=4 summary=4\n" },
	{ "unsafe links are no links", "",
	    RSS "<item><link>javascript:alert(1)</link><description>&lt;a href=' "
	        "JavaScript:x'>y&lt;/a></description></item>" RSS_END,
	    "feed rss20\nitem html=<a href=\"\">y</a> text=y summary=y\n" },
	{ "xml:lang of the entry", "",
	    "<feed xmlns='http://www.w3.org/2005/Atom' xml:lang='en'><entry "
	    "xml:lang='pt'><id>a</id></entry><entry><id>b</id></entry></feed>",
	    "feed atom10 language=en\nitem id=a language=pt\nitem id=b\n" },
	{ "three items with one guid are three", "",
	    RSS "<item><guid>x</guid></item><item><guid>x</guid></item><item><guid>x</guid></item>" RSS_END,
	    "feed rss20\nitem id=x\nitem id=x\nitem id=x\n" },
	{ "C1 characters are windows-1252", "", RSS "<item><title>don\xc2\x92t</title></item>" RSS_END,
	    "feed rss20\nitem title=don\xe2\x80\x99t\n" },
	{ "also as references", "",
	    RSS
	    "<item><title>don&#146;t &#x96;</title><description>A text that is so long that it does not go "
	    "through libxml2, which is where it says&#133; and on it goes.</description></item>" RSS_END,
	    "feed rss20\nitem title=don\xe2\x80\x99t \xe2\x80\x93 html=A text that is so long that it does "
	    "not go through libxml2, which is where it says\xe2\x80\xa6 and on it goes. text=A text that is "
	    "so "
	    "long that it does not go through libxml2, which is where it says\xe2\x80\xa6 and on it goes. "
	    "summary=A text that is so long that it does not go through libxml2, which is where it "
	    "says\xe2\x80\xa6 and on it goes.\n" },
	{ "an ampersand in an attribute", "",
	    ATOM "<entry><link href='http://e.org/?a=1&amp;b=2'/></entry></feed>",
	    "feed atom10\nitem url=http://e.org/?a=1&b=2\n" },
};

static const struct feed_text_row refused[] = {
	{ "nothing", "", "", "error parse\n" },
	{ "a page", "", "<!DOCTYPE html><html><body><p>not found<br></body></html>", "error parse\n" },
	{ "OPML", "", "<opml version='1.0'><body/></opml>", "error parse\n" },
	{ "text", "", "hello", "error parse\n" },
	{ "only a declaration", "", "<?xml version='1.0'?>", "error parse\n" },
	{ "a JSON list", "", "[1,2]", "error parse\n" },
	{ "a PDF", "", "%PDF-1.4\n%\xe2\xe3", "error parse\n" },
};

static void check(const struct feed_text_row *rows, size_t n)
{
	struct buf out;
	buf_init(&out, 1 << 20);
	if (!feed_text_rows(rows, n, &out))
		fail_msg("%.*s", STR_ARG(buf_view(&out)));
	buf_fini(&out);
}

static void test_formats(void **state)
{
	(void)state;
	check(formats, ARRAY_LEN(formats));
}

static void test_values(void **state)
{
	(void)state;
	check(values, ARRAY_LEN(values));
}

static void test_refused(void **state)
{
	(void)state;
	check(refused, ARRAY_LEN(refused));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_formats),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_refused),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("feed/xml", tests, NULL, NULL);
}
