/* SOCKS5: who resolves the name, what is refused before the proxy hears of it. The proxy is a thread here (RFC 1928, 1929). */
#include "daemon/net/fetch.h"
#include "tests/fake/fetching.h"
#include "tests/fake/http_proxy.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

enum { BY_PASSWORD = 2, BY_IPV4 = 1, BY_NAME = 3, REPLY_OK = 0, REPLY_REFUSED = 2 };

struct proxy {
	int listener;
	unsigned port;
	unsigned target_port; /* where everything is connected to, whatever was asked for */
	unsigned char reply;
	const char *user; /* "name:password"; NULL: everybody may pass */
	unsigned asked;
	unsigned char kind; /* of the last address asked for */
	char name[256]; /* when it was a name */
	pthread_t thread;
};

struct world {
	struct fetching fetching;
	struct http_server *server;
	struct proxy proxy;
	char url[64], socks[64];
};

static bool read_all(int fd, void *to, size_t n)
{
	for (size_t got = 0; got < n;) {
		ssize_t r = read(fd, (char *)to + got, n - got);
		if (r <= 0)
			return false;
		got += (size_t)r;
	}
	return true;
}

/* Who comes, when that is asked. */
static bool greet(const struct proxy *p, int fd, bool has_password)
{
	unsigned char head[2], name[256] = "", password[256] = "", n;
	char both[600];
	if (!p->user)
		return write(fd, "\5\0", 2) == 2;
	if (!has_password) {
		(void)!write(fd, "\5\377", 2);
		return false;
	}
	if (write(fd, "\5\2", 2) != 2 || !read_all(fd, head, 2) || head[0] != 1 ||
	    !read_all(fd, name, head[1]) || !read_all(fd, &n, 1) || !read_all(fd, password, n))
		return false;
	snprintf(both, sizeof(both), "%s:%s", (char *)name, (char *)password);
	bool known = strcmp(both, p->user) == 0;
	return write(fd, known ? "\1\0" : "\1\1", 2) == 2 && known;
}

/* The greeting and the request; false: not SOCKS5. */
static bool take_request(struct proxy *p, int fd)
{
	unsigned char head[4], methods[255], n, address[16], port[2];
	if (!read_all(fd, head, 2) || head[0] != 5 || !read_all(fd, methods, head[1]))
		return false;
	if (!greet(p, fd, memchr(methods, BY_PASSWORD, head[1]) != NULL))
		return false;
	if (!read_all(fd, head, 4) || head[1] != 1)
		return false;
	p->kind = head[3];
	p->asked++;
	if (head[3] == BY_IPV4)
		return read_all(fd, address, 4) && read_all(fd, port, 2);
	if (head[3] != BY_NAME || !read_all(fd, &n, 1) || !read_all(fd, p->name, n))
		return false;
	p->name[n] = '\0';
	return read_all(fd, port, 2);
}

static void *run_proxy(void *ctx)
{
	struct proxy *p = ctx;
	int fd;
	while ((fd = accept(p->listener, NULL, NULL)) >= 0) {
		unsigned char reply[10] = { 5, p->reply, 0, BY_IPV4, 0, 0, 0, 0, 0, 0 };
		int to = take_request(p, fd) ? http_proxy_connect(p->target_port) : -1;
		if (to >= 0 && write(fd, reply, sizeof(reply)) == (ssize_t)sizeof(reply) &&
		    p->reply == REPLY_OK)
			http_proxy_relay(fd, to);
		if (to >= 0)
			close(to);
		close(fd);
	}
	return NULL;
}

static int set_up(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(a);
	assert_non_null(w);
	w->server = http_server_new();
	http_server_answer(w->server, "/f", "200 OK", "", STR("in"));
	fetching_open(&w->fetching);
	w->proxy.target_port = http_server_port(w->server);
	w->proxy.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(w->proxy.listener, (struct sockaddr *)&a, n), 0);
	assert_int_equal(listen(w->proxy.listener, 8), 0);
	assert_int_equal(getsockname(w->proxy.listener, (struct sockaddr *)&a, &n), 0);
	w->proxy.port = ntohs(a.sin_port);
	assert_int_equal(pthread_create(&w->proxy.thread, NULL, run_proxy, &w->proxy), 0);
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;
	fetching_close(&w->fetching);
	shutdown(w->proxy.listener, SHUT_RDWR);
	http_server_free(&w->server);
	pthread_join(w->proxy.thread, NULL);
	close(w->proxy.listener);
	free(w);
	return 0;
}

static struct fetch_request through(struct world *w, const char *scheme, const char *url)
{
	snprintf(w->socks, sizeof(w->socks), "%s://127.0.0.1:%u", scheme, w->proxy.port);
	struct fetch_request req = fetching_request(&w->fetching, url);
	req.proxy = w->socks;
	req.keep_connection = false;
	req.allow_count = 0; /* a configured proxy may be anywhere */
	return req;
}

static void test_the_proxy_resolves_the_name(void **state)
{
	struct world *w = *state;
	struct outcome o;
	struct fetch_request req = through(w, "socks5h", "http://feeds.example/f");
	fetching_get(&w->fetching, &req, &o);
	assert_int_equal(o.error.kind, ERR_NONE);
	assert_string_equal(o.body, "in");
	assert_string_equal(o.final_url, "http://feeds.example/f");
	assert_int_equal(w->proxy.kind, BY_NAME);
	assert_string_equal(w->proxy.name, "feeds.example");
	outcome_fini(&o);
}

static void test_an_address_is_handed_over(void **state)
{
	struct world *w = *state;
	struct outcome o;
	/* Nobody else hears of it: this proxy connects to the test's server, whatever it is asked for. */
	struct fetch_request req = through(w, "socks5", "http://8.8.8.8/f");
	fetching_get(&w->fetching, &req, &o);
	assert_int_equal(o.error.kind, ERR_NONE);
	assert_int_equal(w->proxy.kind, BY_IPV4);
	outcome_fini(&o);
}

static void test_private_addresses_are_refused_unasked(void **state)
{
	static const char *const urls[] = { "http://127.0.0.1/f", "http://198.51.100.7/f",
		"http://169.254.169.254/", "http://0x7f000001/f", "http://[::1]/f" };
	struct world *w = *state;
	for (size_t i = 0; i < ARRAY_LEN(urls); i++) {
		struct fetch_request req = through(w, "socks5h", urls[i]);
		struct err e = { ERR_NONE };
		assert_false(fetch_start(w->fetching.fetcher, &req, NULL, NULL, NULL, &e));
		assert_non_null(strstr(e.text, "private address"));
	}
	assert_int_equal(w->proxy.asked, 0);
}

static void test_a_proxy_that_refuses(void **state)
{
	struct world *w = *state;
	struct outcome o;
	w->proxy.reply = REPLY_REFUSED;
	struct fetch_request req = through(w, "socks5h", "http://feeds.example/f");
	fetching_get(&w->fetching, &req, &o);
	assert_int_equal(o.error.kind, ERR_NET);
	assert_non_null(strstr(o.error.text, "the proxy refused"));
	assert_int_equal(http_server_requests(w->server), 0);
	outcome_fini(&o);
}

static void test_a_proxy_that_asks_who_comes(void **state)
{
	static const struct {
		const char *name, *password, *said;
	} rows[] = {
		{ "watch", "wrong", "the proxy refused" },
		{ NULL, NULL, "the proxy refused" },
		{ "watch", "secret", NULL },
	};
	struct world *w = *state;
	w->proxy.user = "watch:secret";
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct outcome o;
		struct fetch_request req = through(w, "socks5h", "http://feeds.example/f");
		req.proxy_username = rows[i].name;
		req.proxy_password = rows[i].password;
		fetching_get(&w->fetching, &req, &o);
		if (rows[i].said ? !strstr(o.error.text, rows[i].said) : o.error.kind != ERR_NONE)
			fail_msg("row %zu: %s", i, o.error.text);
		assert_int_equal(o.error.kind, rows[i].said ? ERR_NET : ERR_NONE);
		assert_null(strstr(o.error.text, "wrong"));
		outcome_fini(&o);
	}
	assert_int_equal(w->proxy.asked, 1);
	assert_int_equal(http_server_requests(w->server), 1);
	http_server_answer(w->server, "/f", "407 Who?", "", STR(""));
	struct outcome o;
	struct fetch_request req = through(w, "socks5h", "http://feeds.example/f");
	req.proxy_username = "watch";
	req.proxy_password = "secret";
	fetching_get(&w->fetching, &req, &o);
	assert_int_equal(o.error.kind, ERR_NONE); /* this one is the server's */
	assert_int_equal(o.status, 407);
	outcome_fini(&o);
	char *head = http_server_request(w->server, 0);
	assert_null(strstr(head, "uthorization:"));
	free(head);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		CASE(test_the_proxy_resolves_the_name),
		CASE(test_an_address_is_handed_over),
		CASE(test_private_addresses_are_refused_unasked),
		CASE(test_a_proxy_that_refuses),
		CASE(test_a_proxy_that_asks_who_comes),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("net/socks", tests, NULL, NULL);
}
