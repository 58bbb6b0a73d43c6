/*
 * Every allocation of a parse fails, once and from then on: the answer is "no memory", or the very document that comes out otherwise; never a wrong
 * document as success. Stands between everybody (libxml2 too) and glibc's malloc; under a sanitizer, which stands there itself, nothing is swept.
 */
#include "daemon/base/attr.h"
#include "tests/fake/feed_text.h"
#include "tests/fault/refusing_malloc.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

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

#define GUESSED "in an encoding that must be guessed"
#define CUT_JSON "JSON that is cut short"

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
	{ CUT_JSON, STR("{\"version\":\"https://jsonfeed.org/version/1\",\"items\":["
	                "{\"id\":\"1\",\"title\":\"A\"},{\"id\":\"2\",\"ti") },
	{ "RDF with Dublin Core and media",
	    STR("<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' "
	        "xmlns='http://purl.org/rss/1.0/' xmlns:dc='http://purl.org/dc/elements/1.1/' "
	        "xmlns:m='http://search.yahoo.com/mrss/'><channel rdf:about='c'><title>T</title>"
	        "</channel><item rdf:about='i'><title>A</title><dc:creator>Ann</dc:creator>"
	        "<dc:subject>s</dc:subject><m:group><m:content url='/v.mp4' fileSize='7'/>"
	        "</m:group></item></rdf:RDF>") },
	{ "Atom 0.3 in base64 with a source",
	    STR("<feed version='0.3' xmlns='http://purl.org/atom/ns#'><title>T</title>"
	        "<entry><id>i</id><content mode='base64' type='text/html'>PGI+eDwvYj4="
	        "</content><author><name>A</name><email>a@e.org</email></author></entry></feed>") },
	{ "CDF",
	    STR("<CHANNEL HREF='http://e.org/'><TITLE>T</TITLE><ITEM HREF='/a' LASTMOD='2024-01-02T03:04'>"
	        "<TITLE>A</TITLE><ABSTRACT>x &amp; y</ABSTRACT></ITEM></CHANNEL>") },
	{ "news sitemap",
	    STR("<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9' "
	        "xmlns:n='http://www.google.com/schemas/sitemap-news/0.9'><url><loc>http://e.org/a</loc>"
	        "<n:news><n:publication><n:name>P</n:name><n:language>en</n:language></n:publication>"
	        "<n:title>A</n:title><n:keywords>x, y</n:keywords></n:news></url></urlset>") },
	{ "declared entities", STR("<!DOCTYPE rss [<!ENTITY hk 'Hong Kong'>]><rss version='0.91'>" HEAD
	                           "<item><title>&hk; &nbsp; x</title></item>" TAIL) },
	{ "UTF-16",
	    STR("\xff\xfe<\0r\0s\0s\0>\0<\0c\0h\0a\0n\0n\0e\0l\0>\0<\0i\0t\0e\0m\0>\0<\0t\0i\0t\0l\0e\0>"
	        "\0f\x8b<\0/\0t\0i\0t\0l\0e\0>\0<\0/\0i\0t\0e\0m\0>\0<\0/\0c\0h\0a\0n\0n\0e\0l\0>\0<\0/\0r\0"
	        "s\0s\0>\0") },
	{ "ISO-2022-JP", STR("<?xml version='1.0' encoding='iso-2022-jp'?><rss version='2.0'>" HEAD
	                     "<item><title>\x1b$B7Y;!\x1b(B</title></item>" TAIL) },
	{ GUESSED, STR("<?xml version='1.0' encoding='utf-8'?><rss version='2.0'>" HEAD
	               "<item><title>caf\xe9</title></item>" TAIL) },
	{ "no feed", STR("<html><body>x</body></html>") },
};

#define OUT_MAX (1u << 20)

/* uchardet is C++ and ends the process when it is refused memory; jansson frees what is not its own when that happens to a document that
 * stops short. A worker that dies hands over no wrong document either. */
static bool may_die(size_t document)
{
	return strcmp(documents[document].name, GUESSED) == 0 ||
	       strcmp(documents[document].name, CUT_JSON) == 0;
}

enum life { LIFE_UNDISTURBED, LIFE_REFUSED, LIFE_WRONG };

static char got_space[OUT_MAX];

/* With the allocation number `at` refused; undisturbed when nothing was left to refuse. */
static enum life live(size_t document, long at, struct str want, struct buf *out)
{
	struct feed_input in = { .body = documents[document].body, .base_url = STR("http://f.net/feed") };
	failed = false;
	countdown = at;
	feed_text(&in, out);
	countdown = -1;
	struct str got = buf_view(out);
	if (!str_eq(got, want) && !str_eq(got, STR("error nomem\n")))
		return LIFE_WRONG;
	return failed ? LIFE_REFUSED : LIFE_UNDISTURBED;
}

static enum life live_in_child(size_t document, long at, struct str want, struct buf *out)
{
	int status;
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
		signal(SIGSEGV, SIG_DFL); /* cmocka would go on with the next test, in the child */
		signal(SIGABRT, SIG_DFL);
		close(STDERR_FILENO);
		_exit((int)live(document, at, want, out));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFSIGNALED(status) && (WTERMSIG(status) == SIGABRT || WTERMSIG(status) == SIGSEGV))
		return LIFE_REFUSED;
	return WIFEXITED(status) ? (enum life)WEXITSTATUS(status) : LIFE_WRONG;
}

/* False when nothing was left to refuse. */
static bool parse_with(size_t document, long at, struct str want)
{
	struct buf out = { .p = got_space, .room = OUT_MAX, .limit = OUT_MAX };
	enum life life =
	    may_die(document) ? live_in_child(document, at, want, &out) : live(document, at, want, &out);
	if (life == LIFE_WRONG)
		fail_msg("%s, allocation %ld%s: got %.*s, want %.*s", documents[document].name, at,
		    forever ? " and all after it" : "", STR_ARG(buf_view(&out)), STR_ARG(want));
	return life == LIFE_REFUSED;
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
