/* HTML fragments as plain text; character references; links inside of content. */
#include "daemon/base/attr.h"
#include "daemon/feed/html.h"
#include "daemon/feed/text_priv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct row {
	const char *name, *html, *want;
};

static const struct row texts[] = {
	{ "plain", "just text", "just text" },
	{ "tags", "a <b>bold</b> word", "a bold word" },
	{ "white space is folded", "  a \n\t b&nbsp; c\xc2\xa0 d  ", "a b c d" },
	{ "one blank at the end of sixteen bytes", "123456789012345 <b>x</b>", "123456789012345 x" },
	{ "two blanks across sixteen bytes", "123456789012345  xyz 1234567890123456",
	    "123456789012345 xyz 1234567890123456" },
	{ "paragraphs", "<p>a</p><p>b</p>c", "a\n\nb\n\nc" },
	{ "breaks and blocks", "a<br>b<div>c</div>d", "a\nb\nc\nd" },
	{ "lists", "<ul><li>a</li><li>b</li></ul>", "a\nb" },
	{ "cells", "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc" },
	{ "scripts and styles are no text", "a<script>if (x<y) z</script>b<STYLE>p{}</style>c", "a b c" },
	{ "a script that is never closed hides nothing", "a<script>b", "a b" },
	{ "comments", "a<!-- <b>x</b> -->b<!-->c", "abc" },
	{ "a comment that never ends", "a<!-- b > c", "a c" },
	{ "'>' inside of a quoted attribute", "<a title=\"x>y\">z</a>", "z" },
	{ "a quote inside of a word is no quote", "<a title=it's>z</a> it's", "z it's" },
	{ "a bare '<'", "1 < 2 <3 a<", "1 < 2 <3 a<" },
	{ "a tag that never ends", "a <b c", "a <b c" },
	{ "references", "&lt;b&gt; &amp;amp; &#8364; &#x20AC; &euro;",
	    "<b> &amp; \xe2\x82\xac \xe2\x82\xac \xe2\x82\xac" },
	{ "windows-1252 by number", "&#146;", "\xe2\x80\x99" },
	{ "no reference", "a&b &; &# &unknown; AT&T", "a&b &; &# &unknown; AT&T" },
	{ "pre keeps its lines", "<pre>a\nb</pre>", "a\nb" },
	{ "Latin letters behind 0xc2",
	    "\xc2\xa1"
	    "a\xc2\xbf",
	    "\xc2\xa1"
	    "a\xc2\xbf" },
};

static const struct row references[] = {
	{ "without semicolon, the old ones only", "&copy2 &hearts2",
	    "\xc2\xa9"
	    "2 &hearts2" },
	{ "the longest name wins", "&notin; &not1",
	    "\xe2\x88\x89 \xc2\xac"
	    "1" },
	{ "two characters", "&NotEqualTilde;", "\xe2\x89\x82\xcc\xb8" },
	{ "surrogates, zero, beyond Unicode", "&#xD800;&#0;&#x110000;&#99999999999;",
	    "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
	{ "controls are nothing", "a&#27;b&#x1F;c", "abc" },
	{ "nothing to do", "a & b", "a & b" },
};

static const struct row links[] = {
	{ "relative", "<a href='x/y'>z</a>", "<a href=\"http://e.org/d/x/y\">z</a>" },
	{ "absolute ones and other attributes stay", "<a href=\"https://x.org/\" title='a'>z</a>",
	    "<a href=\"https://x.org/\" title='a'>z</a>" },
	{ "without quotes", "<img src=/p.png alt=p>", "<img src=\"http://e.org/p.png\" alt=p>" },
	{ "unsafe", "<a href=\"javascript:x()\">z</a>", "<a href=\"\">z</a>" },
	{ "several", "<p><img src='a'><img src='b'/>",
	    "<p><img src=\"http://e.org/d/a\"><img src=\"http://e.org/d/b\"/>" },
	{ "ampersands stay escaped", "<a href='?a=1&amp;b=2'>", "<a href=\"http://e.org/d/c?a=1&amp;b=2\">" },
	{ "text is left alone", "a < b & c", "a < b & c" },
};

typedef void convert_f(struct str s, struct buf *out);

static void resolve_all(struct str s, struct buf *out)
{
	struct str whole = text_links(s, STR("http://e.org/d/c"), out);
	if (whole.p == s.p) /* nothing to change, nothing written */
		buf_str(out, s);
}

static void check(const struct row *rows, size_t n, convert_f *convert)
{
	for (size_t i = 0; i < n; i++) {
		struct buf out;
		buf_init(&out, 1 << 20);
		convert(str_from(rows[i].html), &out);
		if (!str_eq(buf_view(&out), str_from(rows[i].want)))
			fail_msg("%s: '%.*s', not '%s'", rows[i].name, STR_ARG(buf_view(&out)), rows[i].want);
		buf_fini(&out);
	}
}

static void gives_text(void **state)
{
	(void)state;
	check(texts, ARRAY_LEN(texts), html_to_text);
}

static void decodes_references(void **state)
{
	(void)state;
	check(references, ARRAY_LEN(references), html_unescape);
}

static void resolves_links(void **state)
{
	(void)state;
	check(links, ARRAY_LEN(links), resolve_all);
}

static void knows_markup(void **state)
{
	(void)state;
	assert_true(html_has_markup(STR("a<b>c")));
	assert_true(html_has_markup(STR("a &amp; b")));
	assert_false(html_has_markup(STR("a & b < c")));
}

/* Text that looks like the beginning of many things must not be searched again and again. */
static void stays_linear(void **state)
{
	(void)state;
	static const char *const pieces[] = { "<a ", "<!--", "<script>", "&", "<a href='", "</" };
	for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
		struct buf in, out;
		buf_init(&in, 4u << 20);
		buf_init(&out, 16u << 20);
		while (in.n < (1u << 20))
			buf_str(&in, str_from(pieces[i]));
		html_to_text(buf_view(&in), &out);
		assert_false(out.failed);
		buf_fini(&in);
		buf_fini(&out);
	}
}

static void reads_durations(void **state)
{
	(void)state;
	assert_int_equal(text_duration(STR("3661")), 3661000);
	assert_int_equal(text_duration(STR("1:01:01")), 3661000);
	assert_int_equal(text_duration(STR("61:01")), 3661000);
	assert_int_equal(text_duration(STR("90.5")), 90000);
	assert_int_equal(text_duration(STR("soon")), -1);
	assert_int_equal(text_duration(STR("")), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_text),
		cmocka_unit_test(decodes_references),
		cmocka_unit_test(resolves_links),
		cmocka_unit_test(knows_markup),
		cmocka_unit_test(stays_linear),
		cmocka_unit_test(reads_durations),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("feed/html", tests, NULL, NULL);
}
