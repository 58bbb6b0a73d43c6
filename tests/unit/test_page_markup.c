/* markup: what comes from outside stays text, in every place where it is written. */
#include "daemon/base/form.h"
#include "daemon/page/markup.h"

#include "daemon/base/attr.h"
#include "daemon/base/date.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct buf out;

static int set_up(void **state)
{
	(void)state;
	buf_init(&out, 1 << 20);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	buf_fini(&out);
	return 0;
}

static void is(const char *wanted)
{
	assert_false(out.failed);
	buf_byte(&out, '\0');
	assert_string_equal(out.p, wanted);
	buf_clear(&out);
}

static void texts(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{ "plain", "plain" },
		{ "<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;" },
		{ "\" onload=\"x", "&#34; onload=&#34;x" },
		{ "' & '", "&#39; &amp; &#39;" },
		{ "&lt;", "&amp;lt;" },
		{ "two\nlines\tand", "two\nlines\tand" },
		{ "\x1b[31m\x07", "\xef\xbf\xbd[31m\xef\xbf\xbd" },
		{ "a\xe2\x80\xaemoc.live\xe2\x81\xa6z", "a\xef\xbf\xbdmoc.live\xef\xbf\xbdz" },
		{ "\xc2\x85\x7f", "\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xff<\xc3", "\xef\xbf\xbd&lt;\xef\xbf\xbd" },
		{ "\xe6\x9d\x8e \xd7\xa9\xd7\x9c \xf0\x9f\x90\xba",
		    "\xe6\x9d\x8e \xd7\xa9\xd7\x9c \xf0\x9f\x90\xba" },
		{ "\xef\xbf\xbd", "\xef\xbf\xbd" },
		{ "\xef\xbf\xbe", "\xef\xbf\xbd" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		markup_text(&out, str_from(cases[i].in));
		is(cases[i].out);
	}
	markup_text(&out, str_of("a\0b", 3));
	is("a\xef\xbf\xbd"
	   "b");
	markup_bdi(&out, STR("<b>"));
	is("<bdi>&lt;b&gt;</bdi>");
}

static void addresses(void **state)
{
	(void)state;
	markup_link(&out, STR("https://a.example/?a=1&b=\"2\""), STR("<x>"));
	is("<a rel=\"noopener noreferrer nofollow\" "
	   "href=\"https://a.example/?a=1&amp;b=&#34;2&#34;\"><bdi>&lt;x&gt;</bdi></a>");
	static const char *const no_links[] = { "javascript:alert(1)", " https://a.example/",
		"data:text/html,x", "//a.example/", "/feeds", "JavaScript:x", "ftp://a.example/", "https:a",
		"" };
	for (size_t i = 0; i < ARRAY_LEN(no_links); i++) {
		markup_link(&out, str_from(no_links[i]), STR("text"));
		is("<bdi>text</bdi>");
	}
	form_encode(STR("a/b?c&d=\"e\" \xc3\xa9.-_~%"), &out);
	is("a%2Fb%3Fc%26d%3D%22e%22%20%C3%A9.-_~%25");
}

static void times(void **state)
{
	static const struct {
		int64_t ms;
		const char *text;
	} spans[] = {
		{ 0, "0 s" },
		{ 999, "999 ms" },
		{ 1000, "1 s" },
		{ 119999, "119 s" },
		{ 120000, "2 min" },
		{ 7199999, "119 min" },
		{ 7200000, "2 h" },
		{ 172799999, "47 h" },
		{ 172800000, "2 d" },
		{ INT64_C(86400000) * 4000, "4000 d" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(spans); i++) {
		markup_span(&out, spans[i].ms);
		is(spans[i].text);
	}
	markup_age(&out, DATE_NONE, 0);
	is("never");
	markup_age(&out, 1795255200000, 1795255380000);
	is("<time datetime=\"2026-11-21T10:00:00Z\" title=\"2026-11-21T10:00:00Z\">3 min ago</time>");
	markup_age(&out, 1795255200000, 1795255195000);
	is("<time datetime=\"2026-11-21T10:00:00Z\" title=\"2026-11-21T10:00:00Z\">in 5 s</time>");
	markup_age(&out, 1795255200000, 1795255200999);
	is("<time datetime=\"2026-11-21T10:00:00Z\" title=\"2026-11-21T10:00:00Z\">now</time>");
	markup_moment(&out, DATE_NONE, 0);
	is("never");
	markup_moment(&out, 1795255200000, 1795255380000);
	is("<time datetime=\"2026-11-21T10:00:00Z\">2026-11-21 10:00:00 UTC</time> <span class=\"soft\">3 "
	   "min ago</span>");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(texts, set_up, tear_down),
		cmocka_unit_test_setup_teardown(addresses, set_up, tear_down),
		cmocka_unit_test_setup_teardown(times, set_up, tear_down),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("page: markup", tests, NULL, NULL);
}
