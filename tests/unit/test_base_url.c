/* References: RFC 3986's own examples, what publishers make of them, and which links are one. */
#include "daemon/base/attr.h"
#include "daemon/base/url.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void check(const char *name, struct buf *out, const char *want)
{
	if (out->failed || !str_eq(buf_view(out), str_from(want)))
		fail_msg("%s: '%.*s', not '%s'", name, STR_ARG(buf_view(out)), want);
	buf_clear(out);
}

static void resolves_as_the_standard_says(void **state)
{
	(void)state;
	/* RFC 3986 sections 5.4.1 and 5.4.2. */
	static const char *const cases[][2] = {
		{ "g:h", "g:h" },
		{ "g", "http://a/b/c/g" },
		{ "./g", "http://a/b/c/g" },
		{ "g/", "http://a/b/c/g/" },
		{ "/g", "http://a/g" },
		{ "//g", "http://g" },
		{ "?y", "http://a/b/c/d;p?y" },
		{ "g?y", "http://a/b/c/g?y" },
		{ "#s", "http://a/b/c/d;p?q#s" },
		{ "g#s", "http://a/b/c/g#s" },
		{ "g?y#s", "http://a/b/c/g?y#s" },
		{ ";x", "http://a/b/c/;x" },
		{ "g;x", "http://a/b/c/g;x" },
		{ "g;x?y#s", "http://a/b/c/g;x?y#s" },
		{ "", "http://a/b/c/d;p?q" },
		{ ".", "http://a/b/c/" },
		{ "./", "http://a/b/c/" },
		{ "..", "http://a/b/" },
		{ "../", "http://a/b/" },
		{ "../g", "http://a/b/g" },
		{ "../..", "http://a/" },
		{ "../../", "http://a/" },
		{ "../../g", "http://a/g" },
		{ "../../../g", "http://a/g" },
		{ "../../../../g", "http://a/g" },
		{ "/./g", "http://a/g" },
		{ "/../g", "http://a/g" },
		{ "g.", "http://a/b/c/g." },
		{ ".g", "http://a/b/c/.g" },
		{ "g..", "http://a/b/c/g.." },
		{ "..g", "http://a/b/c/..g" },
		{ "./../g", "http://a/b/g" },
		{ "./g/.", "http://a/b/c/g/" },
		{ "g/./h", "http://a/b/c/g/h" },
		{ "g/../h", "http://a/b/c/h" },
		{ "g;x=1/./y", "http://a/b/c/g;x=1/y" },
		{ "g;x=1/../y", "http://a/b/c/y" },
		{ "g?y/./x", "http://a/b/c/g?y/./x" },
		{ "g?y/../x", "http://a/b/c/g?y/../x" },
		{ "g#s/../x", "http://a/b/c/g#s/../x" },
		{ "http:g", "http://a/b/c/g" },
	};
	struct buf out;
	buf_init(&out, 1000);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		url_resolve(STR("http://a/b/c/d;p?q"), str_from(cases[i][0]), &out);
		check(cases[i][0], &out, cases[i][1]);
	}
	buf_fini(&out);
}

static void resolves_what_publishers_write(void **state)
{
	(void)state;
	static const struct {
		const char *base, *ref, *want;
	} cases[] = {
		{ "https://h", "a", "https://h/a" },
		{ "https://h?x", "a", "https://h/a" },
		{ "https://h/x", "  /p q\n", "https://h/p%20q" },
		{ "https://h/x", "/a\n\tb", "https://h/ab" },
		{ "https://h/x", "/caf\xc3\xa9?q=\xe4\xb8\xad", "https://h/caf%C3%A9?q=%E4%B8%AD" },
		{ "https://h/x", "/50%25%zz", "https://h/50%25%zz" },
		{ "https://h/x", "a\\\\b", "https://h/a\\\\b" },
		{ "", "page.html", "page.html" },
		{ "", "http://h/a/../b", "http://h/b" },
		{ "", "/a/../../b", "/a/../../b" },
		{ "notaurl", "page", "page" },
		{ "mailto:a@b", "page", "page" },
		{ "https://u:p@h:8443/a/", "b", "https://u:p@h:8443/a/b" },
		{ "https://[2001:db8::1]:8443/a/", "/b", "https://[2001:db8::1]:8443/b" },
		{ "https://h/a", "//x.org/y", "https://x.org/y" },
		{ "https://h/a", "javascript:alert(1)", "javascript:alert(1)" },
		{ "https://h/a", "https://x:bad/", "https://x:bad/" },
		{ "https://h/a", "https://\xe4\xb8\xad.example/", "https://\xe4\xb8\xad.example/" },
	};
	struct buf out;
	buf_init(&out, 1000);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		url_resolve(str_from(cases[i].base), str_from(cases[i].ref), &out);
		check(cases[i].ref, &out, cases[i].want);
	}
	buf_fini(&out);
}

static void resolving_appends(void **state)
{
	(void)state;
	struct buf out;
	buf_init(&out, 1000);
	buf_str(&out, STR("a/b/"));
	url_resolve(STR("http://h/x/"), STR("../../../y"), &out);
	check("append", &out, "a/b/http://h/y");
	buf_fini(&out);
}

static void takes_apart(void **state)
{
	(void)state;
	struct url u;
	assert_true(url_parse(STR(" HTTPS://user:p@ss@Host.Example:8080/p/a?q=1#f "), &u));
	assert_true(str_eq(u.scheme, STR("HTTPS")));
	assert_true(str_eq(u.user, STR("user:p@ss")));
	assert_true(str_eq(u.host, STR("Host.Example")));
	assert_int_equal(u.port, 8080);
	assert_true(str_eq(u.path, STR("/p/a")));
	assert_true(str_eq(u.query, STR("q=1")));
	assert_true(str_eq(u.fragment, STR("f")));
	assert_true(url_parse(STR("//[::1]:80"), &u));
	assert_true(u.host_is_ipv6 && str_eq(u.host, STR("::1")) && u.port == 80);
	assert_true(url_parse(STR("http://h:/"), &u));
	assert_int_equal(u.port, 0);
	assert_true(url_parse(STR(""), &u));
	assert_false(url_parse(STR("http://h:99999/"), &u));
	assert_false(url_parse(STR("http://h:8o/"), &u));
	assert_false(url_parse(STR("http://[::1/"), &u));
	assert_false(url_parse(STR("http://[::1]x/"), &u));
}

static void tells_web_links_and_hosts(void **state)
{
	(void)state;
	struct buf out;
	buf_init(&out, 1000);
	assert_true(url_is_http(STR("HTTP://h")));
	assert_false(url_is_http(STR("http:///p")));
	assert_false(url_is_http(STR("ftp://h")));
	assert_false(url_is_http(STR("/p")));
	assert_true(url_host_key(STR("https://WWW.Example.org:443/x"), &out));
	check("default port", &out, "www.example.org");
	assert_true(url_host_key(STR("http://h:443/x"), &out));
	check("another's port", &out, "h:443");
	assert_true(url_host_key(STR("http://[2001:DB8::1]:81/x"), &out));
	check("IPv6", &out, "[2001:db8::1]:81");
	assert_true(url_host_key(STR("http://[2001:0DB8:0:0:0:0:0:01]:0081/x"), &out));
	check("IPv6 in another spelling", &out, "[2001:db8::1]:81");
	assert_true(url_host_key(STR("http://[V1.X]/"), &out));
	check("no address in brackets", &out, "[v1.x]");
	assert_false(url_host_key(STR("mailto:a@b"), &out));
	buf_fini(&out);
}

static void one_link_has_one_key(void **state)
{
	(void)state;
	static const char *const groups[][11] = {
		{ "https://h.example/a/b", "http://h.example/a/b", "HTTP://H.EXAMPLE:80/a/b/",
		    "https://h.example:443/a/./b#top",
		    "https://h.example/a/x/../b?utm_source=rss&utm_medium=feed", "https://h.example./%61/b?",
		    "https://h.example/a/b;jsessionid=12AB?fbclid=x",
		    "https://h.example/a/b;j%73essionid=12AB", "https://h.example/a/%2E/x/.%2e/b",
		    " http://h.example/a/b?PHPSESSID=1&amp;utm_x=2\n" },
		{ "https://h.example/?p=12", "http://h.example?p=12&gclid=1" },
		{ "https://h.example", "http://h.example/" },
		{ "https://h.example/a?x=1&y=2", "http://h.example/a/?x=1&utm_id=3&y=2" },
		{ "https://h.example/a?x=2&y=1" },
		{ "https://h.example/caf%C3%A9", "https://h.example/caf\xc3\xa9",
		    "https://h.example/caf%c3%a9" },
		{ "https://h.example/a%2Fb", "https://h.example/a%2fb" },
		{ "https://h.example/a#!/route" },
		{ "https://h.example:8080/a", "http://h.example:8080/a" },
		{ "mailto:A@b", "MAILTO:A@b" },
		{ "tag:h.example,2024:1" },
	};
	struct buf keys[ARRAY_LEN(groups)];
	struct buf out;
	buf_init(&out, 1000);
	for (size_t g = 0; g < ARRAY_LEN(groups); g++) {
		buf_init(&keys[g], 1000);
		url_canonical(str_from(groups[g][0]), &keys[g]);
		for (size_t i = 1; groups[g][i]; i++) {
			url_canonical(str_from(groups[g][i]), &out);
			if (!str_eq(buf_view(&out), buf_view(&keys[g])))
				fail_msg("%s: %.*s, not %.*s", groups[g][i], STR_ARG(buf_view(&out)),
				    STR_ARG(buf_view(&keys[g])));
			buf_clear(&out);
		}
		for (size_t k = 0; k < g; k++)
			assert_false(str_eq(buf_view(&keys[g]), buf_view(&keys[k])));
	}
	for (size_t g = 0; g < ARRAY_LEN(groups); g++)
		buf_fini(&keys[g]);
	buf_fini(&out);
}

/* Links without anything that has to be taken apart have a way of their own; a fragment, which is no part of the key, sends them the other. */
static void plain_links_have_the_same_key(void **state)
{
	(void)state;
	static const char marks[] = "aZ0-._~/./";
	uint64_t seed = 20261129;
	struct buf url, plain, other;
	buf_init(&url, 1000);
	buf_init(&plain, 1000);
	buf_init(&other, 1000);
	for (unsigned round = 0; round < 100000; round++) {
		buf_clear(&url);
		buf_clear(&plain);
		buf_clear(&other);
		buf_str(&url, round % 2 ? STR("http://") : STR("https://"));
		for (unsigned n = round / 2 % 12; n > 0; n--) {
			seed = seed * 6364136223846793005u + 1442695040888963407u;
			buf_byte(&url, marks[(seed >> 33) % (sizeof(marks) - 1)]);
		}
		url_canonical(buf_view(&url), &plain);
		buf_str(&url, STR("#x"));
		url_canonical(buf_view(&url), &other);
		if (!str_eq(buf_view(&plain), buf_view(&other)))
			fail_msg("%.*s: %.*s, not %.*s", STR_ARG(buf_view(&url)), STR_ARG(buf_view(&plain)),
			    STR_ARG(buf_view(&other)));
	}
	buf_fini(&url);
	buf_fini(&plain);
	buf_fini(&other);
}

static void knows_unsafe_links(void **state)
{
	(void)state;
	static const struct {
		const char *url;
		bool unsafe;
	} cases[] = {
		{ "javascript:alert(1)", true },
		{ " JaVaScRiPt:alert(1)", true },
		{ "java\nscript:alert(1)", true },
		{ "\x01javascript:x", true },
		{ "data:text/html,x", true },
		{ "vbscript:x", true },
		{ "feed:javascript:x", true },
		{ "view-source:feed:data:x", true },
		{ "file:///etc/passwd", true },
		{ "https://h/javascript:x", false },
		{ "mailto:a@b", false },
		{ "/path:x", false },
		{ "page", false },
		{ "", false },
		{ "feed:https://h/", false },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		if (url_is_unsafe(str_from(cases[i].url)) != cases[i].unsafe)
			fail_msg("%s", cases[i].url);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(resolves_as_the_standard_says),
		cmocka_unit_test(resolves_what_publishers_write),
		cmocka_unit_test(resolving_appends),
		cmocka_unit_test(takes_apart),
		cmocka_unit_test(tells_web_links_and_hosts),
		cmocka_unit_test(one_link_has_one_key),
		cmocka_unit_test(plain_links_have_the_same_key),
		cmocka_unit_test(knows_unsafe_links),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("base/url", tests, NULL, NULL);
}
