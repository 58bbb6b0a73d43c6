/* OPML both ways: lists of other readers in, ours out, and what is not a list refused with its line. */
#include "tests/fake/conf_folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define TEXT_MAX (1u << 20)

static const char list[] = "\xef\xbb\xbf<?xml version='1.0' encoding='utf-8'?>\n"
                           "<!-- made by <hand> & heart -->\n"
                           "<opml version=\"2.0\">\n"
                           " <head><title>x &amp; y</title></head>\n"
                           " <body>\n"
                           "  <outline text='Police' title=\"\">\n"
                           "   <outline type=\"rss\" text=\"HK &quot;Police&#34; &#x4e00;\" "
                           "xmlUrl=\"https://a.example/rss?x=1&amp;y=2\" language='en'/>\n"
                           "   <outline text=\"新聞公報\" xmlUrl=\"https://b.example/zh/press.xml\" "
                           "category=\"/gov/Press Releases, news\"></outline>\n"
                           "  </outline>\n"
                           "  <outline\n"
                           "    text='HK Police 一'\n"
                           "    xmlUrl='https://c.example/'/>\n"
                           "  <outline text='again' xmlUrl='https://c.example/'/>\n"
                           "  <outline text='no feed' htmlUrl='https://d.example/'/>\n"
                           "  <outline text='wrong' xmlUrl='ftp://e.example/'/>\n"
                           " </body>\n"
                           "</opml>\n";

static void test_import(void **state)
{
	struct buf out;
	struct err e = { 0 };
	(void)state;
	buf_init(&out, TEXT_MAX);
	assert_true(conf_opml_to_feeds(str_from(list), &out, &e));
	buf_byte(&out, '\0');
	assert_string_equal(out.p, "feeds:\n"
	                           "  - name: hk-police\n"
	                           "    url: \"https://a.example/rss?x=1&y=2\"\n"
	                           "    title: \"HK \\\"Police\\\" 一\"\n"
	                           "    language: en\n"
	                           "    groups: [Police]\n"
	                           "  - name: b-example-zh-press-xml\n"
	                           "    url: https://b.example/zh/press.xml\n"
	                           "    title: \"新聞公報\"\n"
	                           "    groups: [Police, \"Press Releases\", news]\n"
	                           "  - name: hk-police-b11954d9\n"
	                           "    url: https://c.example/\n"
	                           "    title: \"HK Police 一\"\n"
	                           "  # line 15: left out, not http or https: ftp://e.example/\n");
	buf_fini(&out);
}

static void test_load(void **state)
{
	struct conf_folder f;
	(void)state;
	conf_folder_init(&f);
	conf_folder_put(&f, "lists/one.opml", list);
	assert_null(conf_folder_load_text(
	    &f, "opml: [lists/*.opml]\nfeeds: [{name: hk-police, url: \"http://x/\"}]\n"));
	assert_string_equal(
	    conf_folder_said(&f), "lists/one.opml:15:0: url: expected http or https, got \"ftp\"\n");
	struct buf good;
	buf_init(&good, TEXT_MAX);
	buf_str(&good, str_of(list, (size_t)(strstr(list, "  <outline text='wrong'") - list)));
	buf_str(&good, STR("</body></opml>"));
	conf_folder_write(&f, "lists/one.opml", buf_view(&good), 0644);
	buf_fini(&good);
	const struct conf *c = conf_folder_load_text(&f, "opml: [lists/*.opml]\nfetch: {interval: 9m}\n");
	if (!c)
		fail_msg("%s", conf_folder_said(&f));
	assert_int_equal(c->feed_count, 3);
	const struct conf_feed *feed = conf_feed_find(c, STR("b-example-zh-press-xml"));
	assert_non_null(feed);
	assert_string_equal(feed->title, "新聞公報");
	assert_int_equal(feed->group_count, 3);
	assert_int_equal(feed->line, 8);
	assert_int_equal(feed->fetch->interval, 9 * 60000);
	conf_folder_fini(&f);
}

static void test_same_feed_elsewhere(void **state)
{
	struct conf_folder f;
	(void)state;
	conf_folder_init(&f);
	conf_folder_put(&f, "one.opml", "<opml>\n<body><outline xmlUrl='http://x/'/></body></opml>");
	const struct conf *c =
	    conf_folder_load_text(&f, "opml: one.opml\nfeeds:\n- {name: y, url: \"http://x/\"}\n");
	assert_non_null(c);
	assert_int_equal(c->feed_count, 2);
	conf_folder_fini(&f);
}

static void test_round_trip(void **state)
{
	static const char text[] = "feeds:\n"
	                           "  - {name: b.1, url: \"https://b/?a=1&b=<2>\", title: \"<b> & "
	                           "\\\"q\\\"\", language: zh-Hant, groups: [x, \"y z\"]}\n"
	                           "  - {name: a_2, url: \"https://a/\"}\n";
	struct conf_folder f;
	struct buf opml;
	struct buf feeds;
	struct err e = { 0 };
	(void)state;
	conf_folder_init(&f);
	buf_init(&opml, TEXT_MAX);
	buf_init(&feeds, TEXT_MAX);
	assert_non_null(conf_folder_load_text(&f, text));
	conf_feeds_to_opml(f.conf, &opml);
	if (!conf_opml_to_feeds(buf_view(&opml), &feeds, &e))
		fail_msg("%s", e.text);
	buf_byte(&feeds, '\0');
	assert_string_equal(feeds.p, "feeds:\n"
	                             "  - name: b.1\n"
	                             "    url: \"https://b/?a=1&b=<2>\"\n"
	                             "    title: \"<b> & \\\"q\\\"\"\n"
	                             "    language: zh-Hant\n"
	                             "    groups: [x, \"y z\"]\n"
	                             "  - name: a_2\n"
	                             "    url: https://a/\n"
	                             "    title: a_2\n");
	buf_fini(&opml);
	buf_fini(&feeds);
	conf_folder_fini(&f);
}

/* Line breaks of YAML that are none elsewhere: a feed that stands behind one in a comment or a title would be loaded. */
static void test_line_breaks(void **state)
{
	static const char hostile[] =
	    "<opml><body>"
	    "<outline xmlUrl='x&#x85;  - name: evil&#x85;    url: http://evil/ #'/>"
	    "<outline xmlUrl='y&#x2028;  - name: evil&#x2029;    url: http://evil/ #'/>"
	    "<outline xmlUrl='http://good/' text='a&#x85;b&#x2028;c&#x2029;d&#xfeff;e&#x90;f&#10;g "
	    "&#x4e00;'/>"
	    "</body></opml>";
	struct buf feeds;
	struct err e = { 0 };
	(void)state;
	buf_init(&feeds, TEXT_MAX);
	if (!conf_opml_to_feeds(str_from(hostile), &feeds, &e))
		fail_msg("%s", e.text);
	buf_byte(&feeds, '\0');
	assert_string_equal(feeds.p,
	    "feeds:\n"
	    "  # line 1: left out, not http or https: \"x\\x85  - name: evil\\x85    url: http://evil/ #\"\n"
	    "  # line 1: left out, not http or https: \"y\\u2028  - name: evil\\u2029    url: http://evil/ "
	    "#\"\n"
	    "  - name: a-b-c-d-e-f-g\n"
	    "    url: http://good/\n"
	    "    title: \"a\\x85b\\u2028c\\u2029d\\ufeffe\\x90f\\x0ag 一\"\n");
	buf_fini(&feeds);
}

#define B "<opml><body>"
static const struct {
	const char *name, *text, *said;
	int line;
} wrongs[] = {
	{ "empty", "", "OPML: the document is empty", 1 },
	{ "words", "hello", "OPML: the document is not an OPML list", 1 },
	{ "HTML", "<html></html>", "OPML: the document is not an OPML list", 1 },
	{ "a feed", "<?xml version=\"1.0\"?>\n<rss/>", "OPML: the document is not an OPML list", 2 },
	{ "document type", "<!DOCTYPE opml [<!ENTITY a 'b'>]>\n<opml/>",
	    "OPML: a document type is not allowed", 1 },
	{ "no feeds", B "<outline text='x'/></body></opml>", "OPML: no feeds in this list", 0 },
	{ "cut", B "<outline xmlUrl='http://x/'/>\n</body>\n", "OPML: the list ends too early", 3 },
	{ "cut in a tag", B "\n<outline xmlUrl='http://x/' ", "OPML: a tag is not closed", 2 },
	{ "cut in an attribute", B "\n<outline xmlUrl='http://x/", "OPML: an attribute is not closed", 2 },
	{ "cut in a comment", B "\n<!-- x", "OPML: something is not closed", 2 },
	{ "tags crossed", B "<outline>\n</body></outline></opml>",
	    "OPML: an end tag does not match its start", 2 },
	{ "end too many", B "</body></opml></opml>", "OPML: an end tag does not match its start", 1 },
	{ "two roots", "<opml></opml>\n<opml></opml>", "OPML: something follows the end of the list", 2 },
	{ "bare ampersand", B "<outline xmlUrl='http://x/?a&b'/>",
	    "OPML: unknown entity (a bare & is written &amp;)", 1 },
	{ "unknown entity", B "<outline text='&nbsp;'/>", "OPML: unknown entity (a bare & is written &amp;)",
	    1 },
	{ "character 0", B "<outline text='&#0;'/>", "OPML: unknown entity (a bare & is written &amp;)", 1 },
	{ "huge character", B "<outline text='&#x110000;'/>",
	    "OPML: unknown entity (a bare & is written &amp;)", 1 },
	{ "tag in an attribute", B "<outline text='<b>'/>", "OPML: < in an attribute", 1 },
	{ "no quotes", B "<outline text=x/>", "OPML: attribute without quotes", 1 },
	{ "no value", B "<outline text/>", "OPML: a tag is not well-formed", 1 },
	{ "bare <", B "1 < 2", "OPML: a tag without a name (a bare < is written &lt;)", 1 },
	{ "other encoding", "<?xml version='1.0' encoding='Big5'?><opml/>", "OPML: only UTF-8 is read", 1 },
	{ "not UTF-8", B "\n<outline text='\xa4\xa4'/>", "OPML: not valid UTF-8", 2 },
};

static void test_wrong(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wrongs); i++) {
		struct buf out;
		struct err e = { 0 };
		buf_init(&out, TEXT_MAX);
		bool good = conf_opml_to_feeds(str_from(wrongs[i].text), &out, &e);
		if (good || strcmp(e.text, wrongs[i].said) != 0 || e.line != wrongs[i].line)
			fail_msg("%s said \"%s\" of line %d", wrongs[i].name, e.text, e.line);
		buf_fini(&out);
	}
}

/* Depth and length have ends; thousands of feeds with one title still get names of their own. */
static void test_bounds(void **state)
{
	struct buf text;
	struct buf out;
	struct err e = { 0 };
	(void)state;
	buf_init(&text, TEXT_MAX);
	buf_init(&out, TEXT_MAX);
	buf_str(&text, STR(B));
	for (int i = 0; i < 40; i++)
		buf_str(&text, STR("<outline>"));
	assert_false(conf_opml_to_feeds(buf_view(&text), &out, &e));
	assert_string_equal(e.text, "OPML: nested too deeply");
	buf_clear(&text);
	err_clear(&e);
	buf_str(&text, STR(B "<outline text='"));
	for (int i = 0; i < 9000; i++)
		buf_byte(&text, 'x');
	buf_str(&text, STR("'/>"));
	assert_false(conf_opml_to_feeds(buf_view(&text), &out, &e));
	assert_string_equal(e.text, "OPML: an attribute is too long");
	buf_clear(&text);
	buf_clear(&out);
	err_clear(&e);
	buf_str(&text, STR(B));
	for (int i = 0; i < 5000; i++)
		buf_fmt(&text, "<outline text='News' xmlUrl='http://h/%d'/>", i);
	buf_str(&text, STR("</body></opml>"));
	assert_true(conf_opml_to_feeds(buf_view(&text), &out, &e));
	struct conf_folder f;
	conf_folder_init(&f);
	conf_folder_write(&f, "gazetted.yaml", buf_view(&out), 0644);
	if (!conf_folder_load(&f))
		fail_msg("%s", conf_folder_said(&f));
	assert_int_equal(f.conf->feed_count, 5000);
	conf_folder_fini(&f);
	buf_fini(&text);
	buf_fini(&out);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_import),
		cmocka_unit_test(test_load),
		cmocka_unit_test(test_same_feed_elsewhere),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_line_breaks),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_bounds),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("conf/opml", tests, NULL, NULL);
}
