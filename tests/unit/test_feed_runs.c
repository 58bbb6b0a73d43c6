/*
 * Long texts do not go through libxml2, short ones do: both must be read alike. Each text is put into a document alone, and again with so much around
 * it that it takes the other way, at every place within a block of sixteen bytes; as text and in a section.
 */
#include "daemon/base/buf.h"
#include "daemon/feed/chardata_priv.h"
#include "daemon/feed/cut_priv.h"
#include "daemon/feed/feed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define AROUND                                                                                               \
	"The quick brown fox jumps over the lazy dog; pack my box with five dozen jugs of liquor; and so "   \
	"on, again: "
#define HEAD "<feed xmlns='http://www.w3.org/2005/Atom'><entry><id>1</id><content>"
#define TAIL "</content></entry><entry><id>2</id></entry></feed>"

_Static_assert(sizeof(AROUND) > CUT_RUN_MIN, "long enough for the short cut");

struct row {
	const char *name, *text;
	bool strict; /* well-formed as text */
	bool strict_section;
};

static const struct row rows[] = {
	{ "nothing", "", true, true },
	{ "the five names", "&lt;&gt;&amp;&quot;&apos;", true, true },
	{ "numbers", "&#65;&#x42;&#x1F600;&#x4e2d;&#10;", true, true },
	{ "escaped twice", "&amp;lt;", true, true },
	{ "a name of HTML", "a&nbsp;b", false, true },
	{ "an ampersand alone", "a & b", false, true },
	{ "an ampersand at the end", "a &", false, true },
	{ "a reference to nothing", "a&#0;b", false, true },
	{ "a reference to a surrogate", "a&#xD800;b", false, true },
	{ "a reference beyond Unicode", "a&#x110000;b", false, true },
	{ "a reference without digits", "a&#;b", false, true },
	{ "a capital X", "a&#X41;b", false, true },
	{ "the end of a section", "a ]]> b", false, false },
	{ "nearly the end of a section", "a ]] > ]] b ]", true, true },
	{ "a greater-than sign", "a > b", true, true },
	{ "line ends", "a\nb\tc", true, true },
	{ "letters of two bytes", "caf\xc3\xa9", true, true },
	{ "letters of three bytes", "\xe4\xb8\xad\xe6\x96\x87", true, true },
	{ "letters of four bytes", "\xf0\x9f\x98\x80", true, true },
	{ "C1 characters",
	    "a\xc2\x96"
	    "b",
	    true, true },
	{ "C1 characters as references", "a&#150;b&#x85;", true, true },
	{ "a control character",
	    "a\x01"
	    "b",
	    false, false },
	{ "an escape", "a\x1b[0mb", false, false },
	{ "half a letter",
	    "a\xe4\xb8"
	    "b",
	    false, false },
	{ "a byte of Latin-1",
	    "a\xe9"
	    "b",
	    false, false },
	{ "an overlong letter",
	    "a\xc0\x80"
	    "b",
	    false, false },
	{ "a surrogate",
	    "a\xed\xa0\x80"
	    "b",
	    false, false },
	{ "U+FFFE",
	    "a\xef\xbf\xbe"
	    "b",
	    false, false },
	{ "U+FFFD",
	    "a\xef\xbf\xbd"
	    "b",
	    true, true },
};

struct outcome {
	struct buf text;
	bool recovered; /* or read as something else than UTF-8 */
	bool foreign;
	unsigned items;
};

static bool on_item(void *ctx, const struct feed_item *item)
{
	struct outcome *o = ctx;
	if (o->items++ == 0)
		buf_str(&o->text, item->content_text);
	return true;
}

static void parse(struct str document, struct outcome *o)
{
	struct feed_input in = { .body = document };
	struct err e = { .kind = ERR_NONE };
	struct arena *a = arena_new(1 << 20);
	struct feed_meta m;
	*o = (struct outcome){ .items = 0 };
	buf_init(&o->text, 1 << 16);
	assert_true(feed_parse(&in, on_item, o, a, &m, &e));
	o->foreign = !str_eq(m.encoding, STR("UTF-8"));
	o->recovered = m.recovered || o->foreign;
	arena_free(&a);
}

static void build(struct buf *out, const char *text, size_t before, bool section)
{
	static const char around[] = AROUND AROUND;
	buf_clear(out);
	buf_str(out, STR(HEAD));
	if (section)
		buf_str(out, STR("<![CDATA["));
	buf_add(out, around, before);
	buf_str(out, STR("("));
	buf_str(out, str_from(text));
	buf_str(out, STR(")"));
	if (before > 0)
		buf_str(out, STR(AROUND));
	if (section)
		buf_str(out, STR("]]>"));
	buf_str(out, STR(TAIL));
}

/* What is between the parentheses. */
static struct str inside(const struct outcome *o)
{
	struct str s = buf_view(&o->text);
	size_t from = str_find_byte(s, '(', 0), end = s.n;
	while (end > 0 && s.p[end - 1] != ')')
		end--;
	assert_true(from != SIZE_MAX && end > from);
	return str_of(s.p + from + 1, end - from - 2);
}

static void check_row(const struct row *row, bool section)
{
	struct outcome shorter, longer;
	struct buf document;
	bool strict = section ? row->strict_section : row->strict;
	buf_init(&document, 1 << 16);
	build(&document, row->text, 0, section);
	parse(buf_view(&document), &shorter);
	if (shorter.recovered == strict)
		fail_msg("%s: the short text was %s", row->name, strict ? "repaired" : "accepted");
	for (size_t before = 100; before < 118; before++) {
		build(&document, row->text, before, section);
		parse(buf_view(&document), &longer);
		if (longer.recovered == strict)
			fail_msg("%s: the long text was %s", row->name, strict ? "repaired" : "accepted");
		/* What other encoding it is may depend on what stands around. */
		bool same = longer.foreign || shorter.foreign;
		if (!same && (longer.items != shorter.items || !str_eq(inside(&longer), inside(&shorter))))
			fail_msg("%s at %zu: got \"%.*s\", want \"%.*s\"", row->name, before,
			    STR_ARG(inside(&longer)), STR_ARG(inside(&shorter)));
		buf_fini(&longer.text);
	}
	buf_fini(&shorter.text);
	buf_fini(&document);
}

static void test_alike(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		check_row(&rows[i], false);
		check_row(&rows[i], true);
	}
}

static void test_look(void **state)
{
	static const char *const bad[] = { "\x01", "\x1f", "\xff", "\xc1\x80", "\xe0\x80\x80", "\xed\xa0\x80",
		"\xef\xbf\xbe", "\xf4\x90\x80\x80", "\xe4\xb8" };
	char text[80];
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		for (size_t at = 0; at < 40; at++) {
			size_t n =
			    (size_t)snprintf(text, sizeof(text), "%*s%s%*s", (int)at, "", bad[i], 20, "");
			if (!chardata_look(str_of(text, n), text + n).invalid)
				fail_msg("bad text %zu is not seen at %zu", i, at);
			assert_false(chardata_look(str_of(text, at), text + n).invalid);
		}
}

static void test_line_ends(void **state)
{
	static const char text[] = "a\r\nb\rc&#13;d\r";
	char out[sizeof(text) + CHARDATA_SLACK];
	(void)state;
	size_t n = chardata_decode(str_of(text, sizeof(text) - 1), out);
	assert_true(str_eq(str_of(out, n), STR("a\nb\nc\rd\n")));
}

static const struct {
	const char *name, *text, *pieces; /* pieces: markup|run with 't', 's' or 'n' for its kind */
} cuts[] = {
	{ "short texts stay", "<a>b</a>", "<a>b</a>|n" },
	{ "a long text", "<a>" AROUND "</a>", "<a>|t</a>|n" },
	{ "a long section", "<a><![CDATA[" AROUND "]]></a>", "<a>|s</a>|n" },
	{ "a blank before a long section", "<a>\n<![CDATA[" AROUND "]]></a>", "<a>|t|s</a>|n" },
	{ "a section in a comment", "<a><!-- <![CDATA[" AROUND " --></a>",
	    "<a><!-- <![CDATA[" AROUND " --></a>|n" },
	{ "a tag in an instruction", "<?x <a>?><a/>", "<?x <a>?><a/>|n" },
	{ "a quoted bracket", "<a b='>' c=\">\">" AROUND "</a>", "<a b='>' c=\">\">|t</a>|n" },
	{ "brackets in a section", "<![CDATA[" AROUND "]] ]>]]]>", "|s" },
	{ "no end of a tag", "<a><b", "refused" },
	{ "no end of a comment", "<a><!-- ", "refused" },
	{ "no end of a section", "<![CDATA[ ]]", "refused" },
};

static void test_cuts(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cuts); i++) {
		struct cutter c = { .text = str_from(cuts[i].text) };
		struct piece piece;
		struct buf got;
		buf_init(&got, 1 << 16);
		while (cut_next(&c, &piece)) {
			buf_str(&got, piece.markup);
			buf_byte(&got, '|');
			buf_byte(&got, "nts"[piece.kind]);
		}
		if (c.refused) {
			buf_clear(&got);
			buf_str(&got, STR("refused"));
		}
		if (!str_eq(buf_view(&got), str_from(cuts[i].pieces)))
			fail_msg("%s: got %.*s", cuts[i].name, STR_ARG(buf_view(&got)));
		buf_fini(&got);
	}
}

static void test_endless(void **state)
{
	struct buf text;
	struct piece piece;
	(void)state;
	buf_init(&text, FEED_ITEM_TEXT_MAX * 2);
	buf_str(&text, STR("<a b='"));
	while (text.n < FEED_TAG_MAX)
		buf_byte(&text, 'x');
	buf_str(&text, STR("'>"));
	struct cutter c = { .text = buf_view(&text) };
	assert_false(cut_next(&c, &piece));
	assert_true(c.refused);
	buf_fini(&text);
}

/* The text seems to stand between tags, but libxml2 knows better. */
static void test_disagreement(void **state)
{
	static const char *const documents[] = {
		HEAD "x" TAIL AROUND,
		HEAD "x" TAIL "<![CDATA[" AROUND "]]>",
		HEAD "x</a>" AROUND TAIL,
		HEAD "x<b c>" AROUND "</b>" TAIL,
		HEAD "x<b/ >" AROUND TAIL,
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(documents); i++) {
		struct outcome o;
		parse(str_from(documents[i]), &o);
		if (!o.recovered || o.items != 2)
			fail_msg(
			    "document %zu: %u items, %s", i, o.items, o.recovered ? "repaired" : "accepted");
		buf_fini(&o.text);
	}
}

static int set_up(void **state)
{
	(void)state;
	feed_init();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_alike),
		cmocka_unit_test(test_look),
		cmocka_unit_test(test_line_ends),
		cmocka_unit_test(test_cuts),
		cmocka_unit_test(test_endless),
		cmocka_unit_test(test_disagreement),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("feed/runs", tests, set_up, NULL);
}
