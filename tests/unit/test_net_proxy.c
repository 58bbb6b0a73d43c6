/* An HTTP proxy that asks who comes: what it is told, what a server behind it is not told, and what is said when it refuses. */
#include "daemon/net/fetch.h"
#include "tests/fake/fetching.h"
#include "tests/fake/http_proxy.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define WATCH_SECRET "d2F0Y2g6c2VjcmV0" /* watch:secret */

struct world {
	struct fetching fetching;
	struct http_server *server;
	struct http_proxy proxy;
	char address[64];
};

static int set_up(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	assert_non_null(w);
	w->server = http_server_new();
	http_server_answer(w->server, "/f", "200 OK", "", STR("in"));
	fetching_open(&w->fetching);
	w->proxy.user = WATCH_SECRET;
	w->proxy.target_port = http_server_port(w->server);
	http_proxy_open(&w->proxy);
	snprintf(w->address, sizeof(w->address), "http://127.0.0.1:%u", w->proxy.port);
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;
	fetching_close(&w->fetching);
	http_server_free(&w->server);
	http_proxy_close(&w->proxy);
	free(w);
	return 0;
}

static struct fetch_request through(struct world *w, const char *password, const char *url)
{
	struct fetch_request req = fetching_request(&w->fetching, url);
	req.proxy = w->address;
	req.proxy_username = password ? "watch" : NULL;
	req.proxy_password = password;
	req.keep_connection = false;
	req.allow_count = 0; /* a configured proxy may be anywhere */
	return req;
}

static void check_server_was_not_told(struct world *w, size_t i)
{
	char *head = http_server_request(w->server, i);
	assert_non_null(head);
	if (strstr(head, WATCH_SECRET) || strstr(head, "uthorization:") || strstr(head, "secret"))
		fail_msg("the server was told:\n%s", head);
	free(head);
}

static void test_who_is_known_passes(void **state)
{
	struct world *w = *state;
	struct outcome o;
	struct fetch_request req = through(w, "secret", "http://feeds.example/f");
	fetching_get(&w->fetching, &req, &o);
	if (o.error.kind != ERR_NONE)
		fail_msg("%s", o.error.text);
	assert_string_equal(o.body, "in");
	assert_string_equal(o.final_url, "http://feeds.example/f");
	outcome_fini(&o);
	assert_int_equal(w->proxy.asked, 1);
	assert_non_null(strstr(w->proxy.head, "GET http://feeds.example/f "));
	assert_null(strstr(w->proxy.head, "\r\nAuthorization:"));
	check_server_was_not_told(w, 0);
}

static void check_refused(struct world *w, const char *password, const char *url)
{
	struct outcome o;
	struct fetch_request req = through(w, password, url);
	fetching_get(&w->fetching, &req, &o);
	assert_int_equal(o.error.kind, ERR_HTTP); /* back-off, as for a server that refuses */
	if (!strstr(o.error.text, "the proxy refused: status 407") ||
	    !strstr(o.error.text, "proxy_password_file"))
		fail_msg("%s said '%s'", url, o.error.text);
	assert_null(strstr(o.error.text, "wrong"));
	outcome_fini(&o);
	if (!strstr(w->proxy.head, "\r\nUser-Agent: gazetted-test/1\r\n"))
		fail_msg("the proxy was not told who asks for %s:\n%s", url, w->proxy.head);
}

static void test_who_is_not_known_is_told_so(void **state)
{
	static const char *const urls[] = { "http://feeds.example/f", "https://feeds.example/f" };
	struct world *w = *state;
	for (size_t i = 0; i < ARRAY_LEN(urls); i++) {
		check_refused(w, "wrong", urls[i]);
		check_refused(w, NULL, urls[i]);
	}
	assert_int_equal(w->proxy.passed, 0);
	assert_int_equal(http_server_requests(w->server), 0);
}

/* The same handles serve feeds without a proxy, and a refusal is not remembered. */
static void test_credentials_stay_with_the_proxy(void **state)
{
	struct world *w = *state;
	struct outcome o;
	char url[64];
	snprintf(url, sizeof(url), "http://127.0.0.1:%u/f", http_server_port(w->server));
	check_refused(w, "wrong", "https://feeds.example/f");
	struct fetch_request req = fetching_request(&w->fetching, url);
	req.proxy_username = "watch";
	req.proxy_password = "secret";
	fetching_get(&w->fetching, &req, &o);
	if (o.error.kind != ERR_NONE)
		fail_msg("%s", o.error.text);
	outcome_fini(&o);
	check_server_was_not_told(w, 0);
	check_refused(w, "wrong", "https://feeds.example/f");
	req = fetching_request(&w->fetching, "http://127.0.0.1:1/");
	fetching_get(&w->fetching, &req, &o); /* another failure, of the same handle */
	if (o.error.kind != ERR_NET || strstr(o.error.text, "proxy"))
		fail_msg("%s", o.error.text);
	outcome_fini(&o);
	req = through(w, "secret", "http://feeds.example/f");
	req.username = "reader";
	req.password = "other";
	fetching_get(&w->fetching, &req, &o);
	assert_int_equal(o.error.kind, ERR_NONE);
	outcome_fini(&o);
	char *head = http_server_request(w->server, 1);
	assert_non_null(strstr(head, "\r\nAuthorization: Basic cmVhZGVyOm90aGVy\r\n"));
	assert_null(strstr(head, WATCH_SECRET));
	free(head);
}

/* A 407 of a server that no proxy stands before is a status like others. */
static void test_a_server_is_no_proxy(void **state)
{
	struct world *w = *state;
	struct outcome o;
	char url[64];
	http_server_answer(w->server, "/407", "407 Who?", "", STR(""));
	snprintf(url, sizeof(url), "http://127.0.0.1:%u/407", http_server_port(w->server));
	struct fetch_request req = fetching_request(&w->fetching, url);
	fetching_get(&w->fetching, &req, &o);
	assert_int_equal(o.error.kind, ERR_NONE);
	assert_int_equal(o.status, 407);
	outcome_fini(&o);
}

static void test_redirects_to_private_addresses_behind_it(void **state)
{
	static const char *const targets[] = { "http://127.0.0.1/", "http://[::1]/",
		"http://[::ffff:10.0.0.1]/", "http://169.254.169.254/latest/",
		"http://\uff11\uff12\uff17\uff0e\uff10\uff0e\uff10\uff0e\uff11/", "http://%30x7f.1/",
		"http://a.localhost/" };
	struct world *w = *state;
	for (size_t i = 0; i < ARRAY_LEN(targets); i++) {
		struct outcome o;
		char headers[128];
		unsigned asked = w->proxy.asked;
		snprintf(headers, sizeof(headers), "Location: %s\r\n", targets[i]);
		http_server_answer(w->server, "/away", "302 Found", headers, STR(""));
		struct fetch_request req = through(w, "secret", "http://feeds.example/away");
		fetching_get(&w->fetching, &req, &o);
		if (o.error.kind != ERR_NET || !strstr(o.error.text, "private address"))
			fail_msg("%s: %s", targets[i], o.error.text);
		outcome_fini(&o);
		assert_int_equal(w->proxy.asked, asked + 1);
	}
}

static void test_names_beyond_ascii(void **state)
{
	struct world *w = *state;
	struct outcome o;
	struct fetch_request req = through(w, "secret", "http://b\u00fccher.example/feed");
	fetching_get(&w->fetching, &req, &o);
	if (o.error.kind != ERR_NONE)
		fail_msg("%s", o.error.text);
	assert_non_null(strstr(w->proxy.head, "http://xn--bcher-kva.example/feed "));
	outcome_fini(&o);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		CASE(test_who_is_known_passes),
		CASE(test_who_is_not_known_is_told_so),
		CASE(test_credentials_stay_with_the_proxy),
		CASE(test_a_server_is_no_proxy),
		CASE(test_redirects_to_private_addresses_behind_it),
		CASE(test_names_beyond_ascii),
	};
	setlocale(LC_CTYPE, "C.UTF-8"); /* as the daemon does */
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("net/proxy", tests, NULL, NULL);
}
