/*
 * What the loop is told of sockets whose connection never comes about: libcurl closes those without a word. The reactor ends the test when it watches one that
 * is closed, or takes another one for it. The names and addresses are given by our own getaddrinfo.
 */
#include "daemon/net/fetch.h"
#include "tests/fake/fetching.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define FULL_MAX 8

struct world {
	struct fetching fetching;
	struct http_server *server;
	int full
	    [FULL_MAX +
	        1]; /* a server on 127.0.0.2 that takes nobody in any more, and those who wait there; -1: none */
	char url[256];
};

static int64_t later_s; /* how far the clock is ahead */

/* libcurl and the reactor call this one. */
int clock_gettime(clockid_t clock, struct timespec *now)
{
	int failed = (int)syscall(SYS_clock_gettime, clock, now);
	now->tv_sec += later_s;
	return failed;
}

static struct sockaddr_in address_of(const char *text, unsigned port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	if (inet_pton(AF_INET, text, &a.sin_addr) != 1)
		abort();
	return a;
}

struct found {
	struct addrinfo info;
	struct sockaddr_storage address;
};

static struct addrinfo *found_new(int family, const void *address, size_t size, struct addrinfo *next)
{
	struct found *a = calloc(1, sizeof(*a));
	if (!a)
		abort();
	memcpy(&a->address, address, size);
	a->info = (struct addrinfo){ .ai_family = family,
		.ai_socktype = SOCK_STREAM,
		.ai_addrlen = (socklen_t)size,
		.ai_addr = (struct sockaddr *)&a->address,
		.ai_next = next };
	return &a->info;
}

/* libcurl's resolver calls this one. A name of three letters: h for 127.0.0.2, where it hangs; g for 127.0.0.1, which is good; n for ::1, which may not be
 * asked. */
int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **found)
{
	unsigned port = service ? (unsigned)atoi(service) : 0;
	const struct sockaddr_in good = address_of("127.0.0.1", port), hangs = address_of("127.0.0.2", port);
	const struct sockaddr_in6 none = { .sin6_family = AF_INET6,
		.sin6_port = htons((uint16_t)port),
		.sin6_addr = IN6ADDR_LOOPBACK_INIT };
	(void)hints;
	*found = NULL;
	for (size_t i = strcspn(node, "."); i-- > 0;) {
		if (node[i] == 'n')
			*found = found_new(AF_INET6, &none, sizeof(none), *found);
		else if (node[i] == 'g' || node[i] == 'h')
			*found = found_new(AF_INET, node[i] == 'g' ? &good : &hangs, sizeof(good), *found);
	}
	if (!*found) {
		const struct sockaddr_in literal = address_of(node, port);
		*found = found_new(AF_INET, &literal, sizeof(literal), NULL);
	}
	return 0;
}

void freeaddrinfo(struct addrinfo *a)
{
	while (a) {
		struct addrinfo *next = a->ai_next;
		free(a);
		a = next;
	}
}

static int set_up(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	assert_non_null(w);
	w->server = http_server_new();
	http_server_answer(w->server, "/f", "200 OK", "", STR("feed"));
	fetching_open(&w->fetching);
	for (size_t i = 0; i < ARRAY_LEN(w->full); i++)
		w->full[i] = -1;
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;
	fetching_close(&w->fetching);
	http_server_free(&w->server);
	for (size_t i = 0; i < ARRAY_LEN(w->full); i++)
		if (w->full[i] >= 0)
			close(w->full[i]);
	free(w);
	return 0;
}

/* With the healthy server's port, so that both.test has both. Its queue is full when a connection is not made at once. */
static void make_full(struct world *w)
{
	struct sockaddr_in a = address_of("127.0.0.2", http_server_port(w->server));
	w->full[0] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(w->full[0], (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(listen(w->full[0], 0), 0);
	for (size_t i = 1; i < ARRAY_LEN(w->full); i++) {
		w->full[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		(void)connect(w->full[i], (struct sockaddr *)&a, sizeof(a));
	}
}

static struct fetch_request request(struct world *w, const char *host, unsigned port)
{
	snprintf(w->url, sizeof(w->url), "http://%s:%u/f", host, port);
	return fetching_request(&w->fetching, w->url);
}

static void expect_healthy(struct world *w)
{
	struct fetch_request req = request(w, "127.0.0.1", http_server_port(w->server));
	struct outcome o;
	fetching_get(&w->fetching, &req, &o);
	assert_int_equal(o.status, 200);
	outcome_fini(&o);
}

/* As far as its first connection, which is not made yet. */
static struct fetch *start_connecting(struct world *w, const struct fetch_request *req, struct outcome *out)
{
	struct reactor *r = &w->fetching.reactor;
	struct fetch *x = fetching_start(&w->fetching, req, out);
	assert_true(reactor_run(r, w->fetching.fetcher, &r->connects, 1));
	return x;
}

static void test_cancelled_before_it_is_connected(void **state)
{
	struct world *w = *state;
	struct fetch_request req = request(w, "127.0.0.1", http_server_port(w->server));
	struct outcome never;
	struct fetch *x = start_connecting(w, &req, &never);
	fetch_cancel(&x);
	fetching_forget(&w->fetching, &never);
	reactor_check(&w->fetching.reactor);
	assert_int_equal(w->fetching.reactor.count, 0);
	expect_healthy(w);
}

static void test_a_connection_that_comes_too_late(void **state)
{
	struct world *w = *state;
	make_full(w);
	for (int i = 0; i < 2; i++) {
		struct fetch_request req = request(w, "127.0.0.2", http_server_port(w->server));
		struct outcome o;
		req.connect_timeout_ms = 60;
		fetching_get(&w->fetching, &req, &o);
		assert_int_equal(o.error.kind, ERR_NET);
		assert_int_equal(o.phase, FETCH_CONNECT);
		reactor_check(&w->fetching.reactor);
		outcome_fini(&o);
		expect_healthy(w);
	}
	assert_int_equal(http_server_connections(w->server), 1);
}

/* Its first address hangs; the second one is asked when half of the time is over. */
static void expect_second_address(struct world *w, const char *host)
{
	struct outcome o;
	make_full(w);
	struct fetch_request req = request(w, host, http_server_port(w->server));
	(void)start_connecting(w, &req, &o);
	later_s += req.connect_timeout_ms / 1000 / 2;
	fetching_wait(&w->fetching);
	assert_int_equal(o.status, 200);
	assert_string_equal(o.address, "127.0.0.1");
	outcome_fini(&o);
}

/* libcurl looks so late that it gives the first address up and the other family a start at once: then the second address' socket gets the number of the
 * first one's, and libcurl takes it for watched. */
static void test_the_next_address_is_watched(void **state)
{
	expect_second_address(*state, "hgn.test");
}

/* libcurl would open its socket only when its time is over, too. */
static void test_the_next_address_has_its_time(void **state)
{
	expect_second_address(*state, "hg.test");
}

/* The time of the second address is over before libcurl looks: it opens its socket and closes it in the same call, each with the same number. */
static void let_both_pass(struct world *w)
{
	struct outcome o[2];
	struct reactor *r = &w->fetching.reactor;
	struct fetch_request req = request(w, "hgg.test", http_server_port(w->server));
	unsigned before = r->connects;
	req.fresh_connection = true;
	for (size_t i = 0; i < ARRAY_LEN(o); i++) {
		(void)fetching_start(&w->fetching, &req, &o[i]);
		assert_true(reactor_run(r, w->fetching.fetcher, &r->connects, before + (unsigned)i + 1));
	}
	static const int64_t more_s[] = { 15,
		8 }; /* of 30: the first one has half, the second half of the rest */
	for (size_t i = 0; i < ARRAY_LEN(more_s); i++) {
		later_s += more_s[i];
		fetcher_on_timer(w->fetching.fetcher);
		reactor_check(r);
	}
	fetching_wait(&w->fetching);
	for (size_t i = 0; i < ARRAY_LEN(o); i++) {
		assert_string_equal(o[i].error.text, "");
		assert_int_equal(o[i].status, 200);
		outcome_fini(&o[i]);
	}
}

/* Whether libcurl meets it in one of them depends on milliseconds. */
static void test_closed_before_anyone_asked_for_it(void **state)
{
	struct world *w = *state;
	make_full(w);
	for (int i = 0; i < 40; i++)
		let_both_pass(w);
	expect_healthy(w);
}

/* If they counted as open ones for ever, there would be no room left for any that is kept. */
static void test_those_that_never_came_take_no_room(void **state)
{
	struct world *w = *state;
	for (int i = 0; i < 2 * FETCHING_CONNECTIONS; i++) {
		struct fetch_request req = request(w, "127.0.0.1", http_server_port(w->server));
		struct outcome never;
		struct fetch *x = start_connecting(w, &req, &never);
		fetch_cancel(&x);
		fetching_forget(&w->fetching, &never);
	}
	expect_healthy(w);
	size_t accepted = http_server_connections(w->server);
	expect_healthy(w);
	assert_int_equal(http_server_connections(w->server), accepted);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		CASE(test_cancelled_before_it_is_connected),
		CASE(test_a_connection_that_comes_too_late),
		CASE(test_the_next_address_is_watched),
		CASE(test_the_next_address_has_its_time),
		CASE(test_closed_before_anyone_asked_for_it),
		CASE(test_those_that_never_came_take_no_room),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("net/sockets", tests, NULL, NULL);
}
