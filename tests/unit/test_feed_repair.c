/* Broken documents: what is kept of them, and that it is said. */
#include "daemon/base/utf8.h"
#include "daemon/feed/feed.h"
#include "tests/fake/feed_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define RSS "<rss version='2.0'><channel>"
#define RSS_END "</channel></rss>"

#define SIXTY "/a-part-of-a-link-that-is-sixty-bytes-long-to-the-last-of-them"
#define LONG_LINK "http://e.org" SIXTY SIXTY SIXTY SIXTY SIXTY /* the room for values must grow for it */

static const struct feed_text_row broken[] = {
	{ "HTML entities", "", RSS "<item><title>caf&eacute;&nbsp;&copy;</title></item>" RSS_END,
	    "feed rss20 recovered\nitem title=caf\xc3\xa9\xc2\xa0\xc2\xa9\n" },
	{ "a bare ampersand, items before it are not repeated", "",
	    RSS "<item><title>one</title></item><item><title>Police & "
	        "Customs</title></item><item><title>three</title></item>" RSS_END,
	    "feed rss20 recovered\nitem title=one\nitem title=Police & Customs\nitem title=three\n" },
	{ "a namespace with a reference in its name lives as long as the document", "",
	    "<feed version='0.3' xmlns='http://e.org/a&b#'><title>t & u</title><entry><link rel='alternate' "
	    "href='" LONG_LINK "'/><title>e</title></entry></feed>",
	    "feed atom10 title=t & u recovered\nitem url=" LONG_LINK " title=e\n" },
	{ "prefixes without declarations", "",
	    RSS "<item><dc:creator>Ann</dc:creator><content:encoded>x</content:encoded></item>" RSS_END,
	    "feed rss20 recovered\nitem html=x text=x author=Ann\n" },
	{ "junk before and behind", "",
	    "<br />\n<b>Warning</b>: x in y.php\n<?xml version='1.0'?>" RSS
	    "<item><title>a</title></item>" RSS_END "<script>x</script>",
	    "feed rss20 recovered\nitem title=a\n" },
	{ "control characters", "",
	    RSS "<item><title>a\x01\x1b"
	        "b</title></item>" RSS_END,
	    "feed rss20 recovered\nitem title=ab\n" },
	{ "control characters in tags and declared texts", "",
	    "<!DOCTYPE rss [<!ENTITY e 'x\x07y'>]>" RSS "<item><title>&e;</title><description>&lt;p&gt;<a "
	    "title='1\x1b[2m' \x05='b'>t</a></description></item>" RSS_END,
	    "feed rss20 recovered\nitem title=xy html=<p><a title=\"1[2m\">t</a> text=t summary=t\n" },
	{ "references to nothing", "",
	    RSS "<item><title>a&#27;b&#0;c&#xD800;d&#99999999;e</title></item>" RSS_END,
	    "feed rss20 recovered\nitem title=ab\xef\xbf\xbd"
	    "c\xef\xbf\xbd"
	    "d\xef\xbf\xbd"
	    "e\n" },
	{ "inline HTML that is not closed", "",
	    RSS "<item><title>a</title><description>x<br>y<p>z</description></item>" RSS_END,
	    "feed rss20 recovered\nitem title=a html=x<br>y<p>z</p> text=x\\ny\\n\\nz summary=x y z\n" },
	{ "a tag that another one closes", "",
	    RSS "<item><title>a</item><item><title>b</title></item>" RSS_END,
	    "feed rss20 recovered\nitem title=a\nitem title=b\n" },
	{ "an item that is never closed", "",
	    RSS "<item><title>a</title><item><title>b</title></item>" RSS_END,
	    "feed rss20 recovered\nitem title=a\nitem title=b\n" },
	{ "end tags of nothing", "", RSS "</p><item></b><title>a</title></item>" RSS_END,
	    "feed rss20 recovered\nitem title=a\n" },
	{ "attributes without quotes and with '<'", "",
	    RSS "<item><enclosure url=http://e.org/a.mp3 title='a<b' length=5></enclosure></item>" RSS_END,
	    "feed rss20 recovered\nitem file=http://e.org/a.mp3 size=5\n" },
	{ "a bare '<'", "", RSS "<item><title>1 < 2</title></item>" RSS_END,
	    "feed rss20 recovered\nitem title=1 < 2\n" },
	{ "two elements beside the root", "", RSS "<item><title>a</title></item>" RSS_END "<rss/>",
	    "feed rss20 recovered\nitem title=a\n" },
	{ "simple entities of the document itself are no fault", "",
	    "<!DOCTYPE rss [<!ENTITY org 'The Office'>]>" RSS "<item><title>&org;</title></item>" RSS_END,
	    "feed rss20\nitem title=The Office\n" },
	{ "entities of entities are not followed", "",
	    "<!DOCTYPE rss [<!ENTITY a 'x'><!ENTITY b '&a;&a;'><!ENTITY f SYSTEM 'file:///etc/passwd'>]>" RSS
	    "<item><title>[&b;][&f;]</title></item>" RSS_END,
	    "feed rss20 recovered\nitem title=[&b;][&f;]\n" },
	{ "leading blanks before the declaration", "",
	    "\n <?xml version='1.0'?>" RSS "<item><title>a</title></item>" RSS_END,
	    "feed rss20 recovered\nitem title=a\n" },
	{ "upper case", "", "<RSS VERSION='2.0'><CHANNEL><ITEM><TITLE>a</TITLE></ITEM></CHANNEL></RSS>",
	    "feed rss20\nitem title=a\n" },
	{ "two byte order marks", "", "\xef\xbb\xbf\xef\xbb\xbf" RSS "<item><title>a</title></item>" RSS_END,
	    "feed rss20\nitem title=a\n" },
};

static const struct feed_text_row cut[] = {
	{ "in a tag", "", RSS "<item><title>a</title></item><item><title>b</title><li",
	    "feed rss20 recovered cut\nitem title=a\n" },
	{ "in a text", "", RSS "<item><title>a</title></item><item><title>b",
	    "feed rss20 recovered cut\nitem title=a\n" },
	{ "in CDATA", "", RSS "<item><title>a</title></item><item><title><![CDATA[b",
	    "feed rss20 recovered cut\nitem title=a\n" },
	{ "in an attribute", "", RSS "<item><title>a</title></item><item><enclosure url='http://e",
	    "feed rss20 recovered cut\nitem title=a\n" },
	{ "in an entity", "", RSS "<item><title>a</title></item><item><title>b&am",
	    "feed rss20 recovered cut\nitem title=a\n" },
	{ "in a comment", "", RSS "<item><title>a</title></item><!-- b",
	    "feed rss20 recovered cut\nitem title=a\n" },
	{ "between items", "", RSS "<item><title>a</title></item>",
	    "feed rss20 recovered cut\nitem title=a\n" },
	{ "before the last end tag", "", RSS "<item><title>a</title></item></channel>",
	    "feed rss20 recovered cut\nitem title=a\n" },
};

static void check(const struct feed_text_row *rows, size_t n)
{
	struct buf out;
	buf_init(&out, 1 << 20);
	if (!feed_text_rows(rows, n, &out))
		fail_msg("%.*s", STR_ARG(buf_view(&out)));
	buf_fini(&out);
}

static void keeps_text(void **state)
{
	(void)state;
	check(broken, ARRAY_LEN(broken));
}

static void keeps_complete_items(void **state)
{
	(void)state;
	check(cut, ARRAY_LEN(cut));
}

struct bytes_row {
	const char *name, *type;
	struct str body;
	const char *title, *encoding;
};

#define DOC(label, title)                                                                                    \
	"<?xml version='1.0'" label "?><rss version='2.0'><channel><title>" title "</title></channel></rss>"

static const struct bytes_row encodings[] = {
	{ "the declaration", "", STR(DOC(" encoding='windows-1251'", "\xcf\xee\xeb\xe8\xf6\xe8\xff")),
	    "Полиция", "windows-1251" },
	{ "the HTTP charset before the declaration", "text/xml; charset=\"koi8-r\"",
	    STR(DOC(" encoding='windows-1251'", "\xf0\xcf\xcc\xc9\xc3\xc9\xd1")), "Полиция", "KOI8-R" },
	{ "UTF-8 whatever the label says", "text/xml; charset=big5", STR(DOC(" encoding='gb2312'", "警方")),
	    "警方", "UTF-8" },
	{ "GB2312 means GB18030", "",
	    STR(DOC(" encoding='gb2312'", "\xe9"
	                                  "\x46"
	                                  "\x81"
	                                  "\x39"
	                                  "\xef"
	                                  "\x31"
	                                  "\xbe"
	                                  "\xaf")),
	    "镕㐂警", "GB18030" },
	{ "Big5 means Big5-HKSCS", "",
	    STR(DOC(" encoding='big5'", "\xad\xbb\xb4\xe4\xb0\xd4\xb9\xc1\xa1\x41")), NULL, "Big5-HKSCS" },
	{ "Shift_JIS means CP932", "", STR(DOC(" encoding='shift_jis'", "\x87\x40\xfb\xfc")), "①髙",
	    "Shift_JIS" },
	{ "EUC-KR means CP949", "", STR(DOC(" encoding='euc-kr'", "\xb0\xa1\x81\x41")), "가갂", "EUC-KR" },
	{ "ISO-8859-1 means windows-1252", "",
	    STR(DOC(" encoding='iso-8859-1'", "\x93"
	                                      "caf\xe9\x94")),
	    "“café”", "windows-1252" },
	{ "Latin-1 that is called UTF-8", "", STR(DOC(" encoding='utf-8'", "caf\xe9")), "café",
	    "windows-1252" },
	{ "UTF-16 with a BOM", "",
	    STR("\xff\xfe<\0r\0s\0s\0>\0<\0c\0h\0a\0n\0n\0e\0l\0>\0<\0t\0i\0t\0l\0e\0>\0f\x8b<\0/"
	        "\0t\0i\0t\0l\0e\0>\0<\0/\0c\0h\0a\0n\0n\0e\0l\0>\0<\0/\0r\0s\0s\0>\0"),
	    "警", "UTF-16LE" },
	{ "a NUL before all is no UTF-16", "", STR("\0" DOC(" encoding='utf-8'", "警")), "警", "UTF-8" },
	{ "UTF-16 without a BOM", "",
	    STR("<\0r\0s\0s\0>\0<\0c\0h\0a\0n\0n\0e\0l\0>\0<\0t\0i\0t\0l\0e\0>\0f\x8b<\0/"
	        "\0t\0i\0t\0l\0e\0>\0<\0/\0c\0h\0a\0n\0n\0e\0l\0>\0<\0/\0r\0s\0s\0>\0"),
	    "警", "UTF-16LE" },
	{ "one that few use is named, too", "", STR(DOC(" encoding='ibm866'", "\x8f\xae")), "По", "IBM866" },
	{ "a label of which nothing is left", "", STR(DOC(" encoding='cs'", "caf\xe9")), "café",
	    "windows-1252" },
	{ "a name with its year", "",
	    STR(DOC(" encoding='iso_8859-2_1987'", "\xb3\xf3"
	                                           "d\xbc")),
	    "łódź", "ISO-8859-2" },
	{ "Microsoft's name for Big5", "", STR(DOC(" encoding='ms950'", "\xa4\xa4")), "中", "Big5-HKSCS" },
	{ "ISO-2022-JP, written otherwise", "", STR(DOC(" encoding='iso2022_jp'", "\x1b$BCf\x1b(B")), "中",
	    "ISO-2022-JP" },
	{ "UTF-16 that is ASCII in truth", "", STR(DOC(" encoding='utf-16'", "a")), "a", "UTF-8" },
	{ "an encoding nobody knows", "", STR(DOC(" encoding='x-klingon'", "a")), "a", "UTF-8" },
	{ "overlong forms never pass", "",
	    STR(DOC("", "<![CDATA[a\xc0\xaf"
	                "b\xe0\x80\xaf"
	                "c]]>")),
	    NULL, NULL },
};

static bool no_item(void *ctx, const struct feed_item *it)
{
	(void)ctx;
	(void)it;
	return true;
}

static void reads_encodings(void **state)
{
	(void)state;
	feed_init();
	for (size_t i = 0; i < ARRAY_LEN(encodings); i++) {
		const struct bytes_row *r = &encodings[i];
		struct feed_input in = { .body = r->body, .content_type = str_from(r->type) };
		struct arena *a = arena_new(1 << 20);
		struct feed_meta m;
		struct err e = { .kind = ERR_NONE };
		if (!feed_parse(&in, no_item, NULL, a, &m, &e))
			fail_msg("%s: %s", r->name, e.text);
		if (r->title && !str_eq(m.title, str_from(r->title)))
			fail_msg("%s: title %.*s", r->name, STR_ARG(m.title));
		if (r->encoding && !str_eq(m.encoding, str_from(r->encoding)))
			fail_msg("%s: encoding %.*s", r->name, STR_ARG(m.encoding));
		if (utf8_valid_prefix(m.title) != m.title.n)
			fail_msg("%s: not UTF-8", r->name);
		arena_free(&a);
	}
}

/* Every way to cut or damage a document gives a document or an error, and no item twice. */
static void survives_damage(void **state)
{
	(void)state;
	static const char doc[] = "<?xml version='1.0'?><rss "
	                          "xmlns:dc='http://purl.org/dc/elements/1.1/'><channel><title>T</"
	                          "title><item><title>a &amp; b</title>"
	                          "<dc:creator>x</dc:creator></item><item><description><![CDATA[<p>y</p>]]></"
	                          "description></item></channel></rss>";
	for (size_t n = 0; n < sizeof(doc); n++) {
		for (unsigned kind = 0; kind < 4; kind++) {
			static const char junk[] = { '<', '&', '\0', (char)0xff };
			char *copy = malloc(sizeof(doc));
			memcpy(copy, doc, sizeof(doc));
			copy[n] = junk[kind];
			struct feed_input in = { .body = str_of(copy, kind == 3 ? n : sizeof(doc) - 1) };
			struct buf out;
			buf_init(&out, 1 << 20);
			feed_text(&in, &out);
			size_t items = 0;
			for (size_t at = 0; (at = str_find(buf_view(&out), STR("\nitem"), at)) != SIZE_MAX;
			     at++)
				items++;
			if (items > 3) /* "<<item>" is an item of its own */
				fail_msg("%zu items after damage %u at %zu", items, kind, n);
			buf_fini(&out);
			free(copy);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_text),
		cmocka_unit_test(keeps_complete_items),
		cmocka_unit_test(reads_encodings),
		cmocka_unit_test(survives_damage),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("feed/repair", tests, NULL, NULL);
}
