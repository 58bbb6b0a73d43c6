/* Where a redirect may lead. */
#include "daemon/net/fetch_priv.h"

#include <arpa/inet.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

struct move_case {
	const char *name;
	const char *from, *location;
	const char *to; /* NULL: refused */
	bool same_origin, downgrade;
};

static const struct move_case move_cases[] = {
	{ "absolute", "http://a.example/x", "http://b.example/y", "http://b.example/y", false, false },
	{ "absolute path", "http://a.example/x/y", "/z?q=1", "http://a.example/z?q=1", true, false },
	{ "relative path", "http://a.example/x/y", "z", "http://a.example/x/z", true, false },
	{ "dot segments", "http://a.example/x/y/z", "../w", "http://a.example/x/w", true, false },
	{ "query alone", "http://a.example/x?a", "?b", "http://a.example/x?b", true, false },
	{ "scheme-relative", "https://a.example/x", "//b.example/y", "https://b.example/y", false, false },
	{ "upgrade", "http://a.example/x", "https://a.example/x", "https://a.example/x", false, false },
	{ "downgrade", "https://a.example/x", "http://a.example/x", "http://a.example/x", false, true },
	{ "default port is no move", "http://a.example/x", "http://a.example:80/y", "http://a.example:80/y",
	    true, false },
	{ "another port is another origin", "http://a.example/x", "http://a.example:8080/y",
	    "http://a.example:8080/y", false, false },
	{ "host without case", "http://a.example/x", "http://A.Example/y", "http://A.Example/y", true,
	    false },
	{ "fragment alone is the same address", "http://a.example/x/y?q=1", "#z", "http://a.example/x/y?q=1",
	    true, false },
	{ "fragment is dropped", "http://a.example/x", "/y#z", "http://a.example/y", true, false },
	{ "spaces and UTF-8 are encoded", "http://a.example/x", "/a b/\xe6\x96\xb0",
	    "http://a.example/a%20b/%e6%96%b0", true, false },
	{ "file", "http://a.example/x", "file:///etc/passwd", NULL, false, false },
	{ "gopher", "http://a.example/x", "gopher://127.0.0.1:70/x", NULL, false, false },
	{ "unknown scheme", "http://a.example/x", "javascript://alert(1)", NULL, false, false },
	{ "mailto", "http://a.example/x", "mailto:a@b", NULL, false, false },
	{ "user name", "http://a.example/x", "http://press.example@b.example/", NULL, false, false },
	{ "control character", "http://a.example/x", "/a\x01", NULL, false, false },
	{ "bad port", "http://a.example/x", "http://b.example:99999/", NULL, false, false },
	{ "no host", "http://a.example/x", "http://", NULL, false, false },
};

static void test_moves(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(move_cases); i++) {
		const struct move_case *c = &move_cases[i];
		struct target_move move = { false, false };
		struct err e = { ERR_NONE };
		struct buf to;
		buf_init(&to, 1 << 20);
		bool ok = target_resolve(c->from, str_from(c->location), &to, &move, &e);
		if (ok != (c->to != NULL) || (!ok && e.kind != ERR_HTTP))
			fail_msg("%s: %s", c->name, ok ? to.p : e.text);
		if (ok && (strcmp(to.p, c->to) != 0 || move.same_origin != c->same_origin ||
		              move.downgrade != c->downgrade))
			fail_msg(
			    "%s: %s, same %d, downgrade %d", c->name, to.p, move.same_origin, move.downgrade);
		buf_fini(&to);
	}
}

static void test_a_nul_ends_nothing(void **state)
{
	struct target_move move;
	struct err e = { ERR_NONE };
	struct buf to;
	(void)state;
	buf_init(&to, 1 << 20);
	assert_false(target_resolve("http://a.example/", str_of("/x\0y", 4), &to, &move, &e));
	buf_fini(&to);
}

static void test_a_long_target_is_refused(void **state)
{
	static char location[8190];
	struct target_move move;
	struct err e = { ERR_NONE };
	struct buf to;
	(void)state;
	memset(location, 'a', sizeof(location));
	location[0] = '/';
	buf_init(&to, 1 << 20);
	assert_false(target_resolve("http://a.example/", str_of(location, sizeof(location)), &to, &move, &e));
	assert_int_equal(e.kind, ERR_LIMIT);
	buf_fini(&to);
}

/* A buffer that cannot grow lets go of the URLs that it had: the result of the fetch shows none, rather than what is not there. */
static void test_a_chain_without_memory_is_empty(void **state)
{
	struct fetch x = { .url_at = { 0, 17 } };
	struct target_move move;
	struct err e = { ERR_NONE };
	(void)state;
	buf_init(&x.urls, 32);
	buf_add(&x.urls, "http://a.example", 17);
	assert_string_equal(fetch_url(&x, 0), "http://a.example");
	assert_false(target_resolve(fetch_url(&x, 0), STR("/which-does-not-fit"), &x.urls, &move, &e));
	assert_int_equal(e.kind, ERR_NOMEM);
	assert_string_equal(fetch_url(&x, 0), "");
	assert_string_equal(fetch_url(&x, 1), "");
	buf_fini(&x.urls);
}

static void test_credentials_leave_the_url(void **state)
{
	struct target_user user = { NULL, NULL };
	struct err e = { ERR_NONE };
	struct buf bare;
	(void)state;
	buf_init(&bare, 1 << 20);
	assert_true(target_strip("https://us%40er:p%3Aw@a.example/x?y#z", &bare, &user, &e));
	assert_string_equal(bare.p, "https://a.example/x?y");
	assert_string_equal(user.name, "us@er");
	assert_string_equal(user.password, "p:w");
	curl_free(user.name);
	curl_free(user.password);
	buf_fini(&bare);
}

struct literal_case {
	const char *url;
	const char *address; /* NULL: a name */
};

static const struct literal_case literal_cases[] = {
	{ "http://127.0.0.1/", "::ffff:127.0.0.1" },
	{ "http://2130706433/", "::ffff:127.0.0.1" },
	{ "http://0x7f000001/", "::ffff:127.0.0.1" },
	{ "http://0177.0.0.1/", "::ffff:127.0.0.1" },
	{ "http://127.1/", "::ffff:127.0.0.1" },
	{ "http://[::1]:8080/", "::1" },
	{ "http://[::ffff:10.0.0.1]/", "::ffff:10.0.0.1" },
	{ "http://a.example/", NULL },
	{ "http://127.0.0.1./", "::ffff:127.0.0.1" },
	{ "http://%31%32%37.0.0.1/", "::ffff:127.0.0.1" },
	{ "http://%30x7f.0.0.1/", "::ffff:127.0.0.1" },
	{ "http://\uff11\uff12\uff17\uff0e\uff10\u3002\uff10\uff0e\uff11/",
	    "::ffff:127.0.0.1" }, /* 127.0.0.1 in wide digits and dots: IDNA makes narrow ones of them */
	{ "http://\u2460\u2461\u2466.1/", "::ffff:127.0.0.1" }, /* and of ①②⑦ */
	{ "http://localhost/", "::ffff:127.0.0.1" }, /* RFC 6761: it is never anything else */
	{ "http://LocalHost.:80/", "::ffff:127.0.0.1" },
	{ "http://a.localhost/", "::ffff:127.0.0.1" },
	{ "http://localhost.example/", NULL },
	{ "http://mylocalhost/", NULL },
	{ "http://b\u00fccher.example/", NULL },
	{ "http://127.0.0.1.example/", NULL },
};

static void test_literals(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(literal_cases); i++) {
		const struct literal_case *c = &literal_cases[i];
		struct in6_addr want, got;
		bool found = target_literal(c->url, &got);
		if (found != (c->address != NULL))
			fail_msg("%s: %s", c->url, found ? "an address" : "no address");
		if (found &&
		    (inet_pton(AF_INET6, c->address, &want) != 1 || memcmp(&want, &got, sizeof(got)) != 0))
			fail_msg("%s: another address than %s", c->url, c->address);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_moves),
		cmocka_unit_test(test_a_nul_ends_nothing),
		cmocka_unit_test(test_a_long_target_is_refused),
		cmocka_unit_test(test_a_chain_without_memory_is_empty),
		cmocka_unit_test(test_credentials_leave_the_url),
		cmocka_unit_test(test_literals),
	};
	setlocale(LC_CTYPE, "C.UTF-8"); /* as the daemon does */
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("net/target", tests, NULL, NULL);
}
