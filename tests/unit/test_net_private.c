/* Private addresses in every spelling: refused before a packet is sent, unless the request allows them. */
#include "daemon/net/fetch.h"
#include "tests/fake/fetching.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static const struct {
	const char *name;
	const char *host;
	bool here; /* 127.0.0.1 itself, which the redirecting feed is allowed */
} spellings[] = {
	{ "dotted", "127.0.0.1", true },
	{ "decimal", "2130706433", true },
	{ "octal", "0177.0.0.01", true },
	{ "hexadecimal", "0x7f000001", true },
	{ "hexadecimal parts", "0x7f.0.0.0x1", true },
	{ "two parts", "127.1", true },
	{ "three parts", "127.0.1", true },
	{ "ideographic full stops",
	    "127\xe3\x80\x82"
	    "0\xe3\x80\x82"
	    "0\xe3\x80\x82"
	    "1",
	    true },
	{ "full-width digits", "\xef\xbc\x91\xef\xbc\x92\xef\xbc\x97.0.0.1", true },
	{ "by name", "localhost", true },
	{ "by name with a dot", "localhost.", true },
	{ "below localhost", "feeds.localhost", true },
	{ "IPv6 loopback", "[::1]", false },
	{ "IPv4 mapped", "[::ffff:127.0.0.1]", true },
	{ "IPv4 mapped, hexadecimal", "[::ffff:7f00:1]", true },
	{ "IPv4 mapped, ten", "[::ffff:10.0.0.1]", false },
	{ "IPv4 mapped, metadata, hexadecimal", "[::ffff:a9fe:a9fe]", false },
	{ "IPv4 compatible", "[::127.0.0.1]", false },
	{ "NAT64", "[64:ff9b::7f00:1]", false },
	{ "NAT64, local use", "[64:ff9b:1::7f00:1]", false },
	{ "6to4", "[2002:7f00:1::1]", false },
	{ "Teredo", "[2001:0:7f00:1::80ff:fffe]", false },
	{ "IPv6 unspecified", "[::]", false },
	{ "unspecified", "0.0.0.0", false },
	{ "zero", "0", false },
	{ "this network", "0.1.2.3", false },
	{ "ten", "10.255.255.1", false },
	{ "172.16/12", "172.31.0.1", false },
	{ "192.168/16", "192.168.1.1", false },
	{ "shared", "100.64.0.1", false },
	{ "metadata", "169.254.169.254", false },
	{ "metadata, decimal", "2852039166", false },
	{ "benchmarking", "198.18.0.1", false },
	{ "documentation", "192.0.2.1", false },
	{ "multicast", "224.0.0.1", false },
	{ "reserved", "240.0.0.1", false },
	{ "broadcast", "255.255.255.255", false },
	{ "IPv6 link-local", "[fe80::1]", false },
	{ "IPv6 unique-local", "[fd00::1]", false },
	{ "IPv6 site-local", "[fec0::1]", false },
	{ "IPv6 multicast", "[ff02::1]", false },
};

static void check_refused(const char *name, const struct outcome *o)
{
	/* A spelling that this resolver does not take for an address is no way in either. */
	bool no_address =
	    strstr(o->error.text, "not found in DNS") || strstr(o->error.text, "cannot be read");
	if (o->error.kind == ERR_NET && strstr(o->error.text, "private address"))
		return;
	if (o->status != 0 || !no_address)
		fail_msg(
		    "%s: %s, status %d, '%s'", name, err_kind_name(o->error.kind), o->status, o->error.text);
}

static void test_spellings_are_refused(void **state)
{
	struct http_server *server = http_server_new();
	struct fetching f;
	char url[128];
	(void)state;
	fetching_open(&f);
	http_server_answer(server, "*", "200 OK", "", STR("in"));
	for (size_t i = 0; i < ARRAY_LEN(spellings); i++) {
		struct outcome o;
		struct fetch_request req = fetching_request(&f, url);
		snprintf(url, sizeof(url), "http://%s:%u/", spellings[i].host, http_server_port(server));
		req.allow_count = 0;
		fetching_get(&f, &req, &o);
		check_refused(spellings[i].name, &o);
		outcome_fini(&o);
	}
	assert_int_equal(http_server_connections(server), 0);
	fetching_close(&f);
	http_server_free(&server);
}

/* The feed itself may be on 127.0.0.1; where it redirects to may not. */
static void test_redirects_are_checked_too(void **state)
{
	struct http_server *server = http_server_new(), *canary = http_server_new();
	struct fetching f;
	char url[128], headers[256];
	struct network one;
	struct err e = { ERR_NONE };
	(void)state;
	fetching_open(&f);
	assert_true(network_parse(STR("127.0.0.1/32"), &one, &e));
	http_server_answer(canary, "*", "200 OK", "", STR("in"));
	for (size_t i = 0; i < ARRAY_LEN(spellings); i++) {
		struct outcome o;
		struct fetch_request req = fetching_request(&f, url);
		if (spellings[i].here)
			continue;
		snprintf(url, sizeof(url), "http://127.0.0.1:%u/", http_server_port(server));
		snprintf(headers, sizeof(headers), "Location: http://%s:%u/\r\n", spellings[i].host,
		    http_server_port(canary));
		http_server_answer(server, "/", "302 Found", headers, STR(""));
		req.allow = &one;
		fetching_get(&f, &req, &o);
		check_refused(spellings[i].name, &o);
		outcome_fini(&o);
	}
	assert_int_equal(http_server_connections(canary), 0);
	fetching_close(&f);
	http_server_free(&server);
	http_server_free(&canary);
}

/* localhost has two addresses here; the refused one does not keep us from the allowed one. */
static void test_an_allowed_address_among_others(void **state)
{
	struct http_server *server = http_server_new();
	struct fetching f;
	struct outcome o;
	char url[128];
	(void)state;
	fetching_open(&f);
	http_server_answer(server, "/", "200 OK", "", STR("in"));
	snprintf(url, sizeof(url), "http://localhost:%u/", http_server_port(server));
	struct fetch_request req = fetching_request(&f, url);
	fetching_get(&f, &req, &o);
	assert_int_equal(o.error.kind, ERR_NONE);
	assert_string_equal(o.body, "in");
	outcome_fini(&o);
	fetching_close(&f);
	http_server_free(&server);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_spellings_are_refused),
		cmocka_unit_test(test_redirects_are_checked_too),
		cmocka_unit_test(test_an_allowed_address_among_others),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("net/private", tests, NULL, NULL);
}
