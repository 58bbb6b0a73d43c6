/*
 * Every allocation of a parse fails, once and from then on: the answer is "no memory", or the very document that comes out otherwise; never a wrong
 * document as success. Stands between everybody (libxml2 too) and glibc's malloc; under a sanitizer, which stands there itself, nothing is swept.
 */
#include "daemon/base/attr.h"
#include "tests/fake/feed_text.h"
#include "tests/fault/refusing_malloc.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define HEAD "<channel><title>Title of it</title><link>http://e.org/</link>"
#define ITEM                                                                                                 \
	"<item><title>A &amp; B</title><link>/a</link><author>ann@e.org "                                    \
	"(Ann)</author><category>c</category><category>d</category>"                                         \
	"<enclosure url='b.mp3?a=1&amp;b=2' length='5'/><description>&lt;p>x&lt;a "                          \
	"href='y'>z&lt;/a></description></item>"
#define TAIL "</channel></rss>"
#define LONG                                                                                                 \
	"A text that is so long that it does not go through libxml2, in a paragraph and then once more in "  \
	"another. "

static const struct {
	const char *name;
	struct str body;
} documents[] = {
	{ "well-formed", STR("<?xml version='1.0'?><rss version='2.0'>" HEAD ITEM ITEM ITEM TAIL) },
	{ "to be repaired",
	    STR("<rss version='2.0'>" HEAD ITEM
	        "<item><title>C & D &eacute;</title><dc:creator>x</dc:creator></item>" TAIL) },
	{ "long texts",
	    STR("<rss version='2.0'>" HEAD "<item><title>D</title><description>" LONG "&lt;p&gt;" LONG
	        "</description></item><item><title>E</title><description><![CDATA[" LONG LONG
	        "]]></description></item>" TAIL) },
	{ "cut short", STR("<rss version='2.0'>" HEAD ITEM ITEM "<item><title>C") },
	{ "in another encoding", STR("<?xml version='1.0' encoding='koi8-r'?><rss version='2.0'>" HEAD
	                             "<item><title>\xf0\xcf\xcc\xc9</title></item>" TAIL) },
	{ "in an encoding that must be looked up",
	    STR("<?xml version='1.0' encoding='iso-8859-5'?><rss version='2.0'>" HEAD
	        "<item><title>\xbf\xde</title></item>" TAIL) },
	{ "Atom with markup", STR("<feed xmlns='http://www.w3.org/2005/Atom' "
	                          "xml:base='http://e.org/x/'><title>T</title><entry xml:lang='pt'><id>i</id>"
	                          "<content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'><p "
	                          "title='a'>x <b>y</b></p></div></content></entry></feed>") },
	{ "JSON", STR("{\"version\":\"https://jsonfeed.org/version/"
	              "1.1\",\"title\":\"T\",\"items\":[{\"id\":\"1\",\"title\":\"A\",\"content_html\":\"<p>"
	              "x\",\"tags\":[\"a\"]}]}") },
	{ "no feed", STR("<html><body>x</body></html>") },
};

#define OUT_MAX (1u << 20)

/* One life, with the allocation number `at` refused; false when nothing was left to refuse. */
static bool parse_with(size_t document, long at, struct str want)
{
	static char space[OUT_MAX];
	struct buf out = { .p = space, .room = OUT_MAX, .limit = OUT_MAX };
	struct feed_input in = { .body = documents[document].body, .base_url = STR("http://f.net/feed") };
	failed = false;
	countdown = at;
	feed_text(&in, &out);
	countdown = -1;
	struct str got = buf_view(&out);
	bool right = str_eq(got, want) || str_eq(got, STR("error nomem\n"));
	if (!right)
		fail_msg("%s, allocation %ld%s: got %.*s, want %.*s", documents[document].name, at,
		    forever ? " and all after it" : "", STR_ARG(got), STR_ARG(want));
	return failed;
}

static void never_gives_a_wrong_document(void **state)
{
	(void)state;
	if (!SWEPT) {
		print_message("not swept: the sanitizer has the allocator\n");
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(documents); i++) {
		static char space[OUT_MAX];
		struct buf want = { .p = space, .room = OUT_MAX, .limit = OUT_MAX };
		struct feed_input in = { .body = documents[i].body, .base_url = STR("http://f.net/feed") };
		feed_text(&in, &want);
		for (unsigned kind = 0; kind < 2; kind++) {
			long at = 0;
			forever = kind == 1;
			while (parse_with(i, at, buf_view(&want)))
				at++;
			assert_true(at > 0);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(never_gives_a_wrong_document) };
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("feed/alloc", tests, NULL, NULL);
}
