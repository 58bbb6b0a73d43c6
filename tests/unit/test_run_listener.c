/* The daemon's server over real sockets: answers now and later, what is refused before its body, and clients that take their time. */
#include "daemon/base/attr.h"
#include "daemon/base/clock.h"
#include "daemon/run/listener.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define PATIENCE_MS 10000 /* until a condition counts as never met */
#define CONNECTIONS 3

struct world {
	uv_loop_t loop;
	struct listener *l;
	unsigned asked;
	uint64_t ticket; /* of the last that is not answered */
	char seen[1000];
};

static int64_t begins(void *ctx, struct str method, struct str path)
{
	(void)ctx;
	if (!str_starts(path, STR("/ours")))
		return -404;
	return str_eq(method, STR("GET")) || str_eq(method, STR("POST")) ? 100 : -405;
}

static void answer(struct world *w, uint64_t ticket, unsigned status, struct str body)
{
	static const struct listener_field fields[] = { { "X-Ours", "yes" },
		{ "Cache-Control", "no-cache" } };
	const struct listener_reply reply = { status, "text/plain", body, fields, ARRAY_LEN(fields) };
	listener_answer(w->l, ticket, &reply);
}

static void asked(void *ctx, const struct listener_request *r, uint64_t ticket)
{
	struct world *w = ctx;
	w->asked++;
	snprintf(w->seen, sizeof(w->seen), "%.*s %.*s ? %.*s [%.*s] %.*s", STR_ARG(listener_method(r)),
	    STR_ARG(listener_path(r)), STR_ARG(listener_query(r)),
	    STR_ARG(listener_header(r, "x-hub-signature")), STR_ARG(buf_view(listener_body(r))));
	if (str_ends(listener_path(r), STR("later")))
		w->ticket = ticket;
	else
		answer(w, ticket, 200, STR("now"));
}

static int open_world(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	struct err e = { .kind = ERR_NONE };
	const struct listener_options o = { "127.0.0.1:0", CONNECTIONS, 2000, "GET, POST" };
	const struct listener_events events = { w, begins, asked };
	assert_int_equal(uv_loop_init(&w->loop), 0);
	assert_true(listener_open(&w->loop, &o, &events, &w->l, &e));
	*state = w;
	return 0;
}

static int close_world(void **state)
{
	struct world *w = *state;
	listener_close(&w->l);
	uv_run(&w->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&w->loop), 0);
	free(w);
	return 0;
}

static void spin(struct world *w)
{
	uv_run(&w->loop, UV_RUN_NOWAIT);
	usleep(1000);
}

static int dial(struct world *w)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)listener_port(w->l)),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	return fd;
}

static void say(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

/* What is answered within `ms`; ends early with `until` in it, or with the connection: then *closed. */
static const char *hear(struct world *w, int fd, const char *until, int64_t ms, bool *closed)
{
	static char text[4096];
	size_t n = 0;
	int64_t end = clock_mono(&clock_system) + ms;
	text[0] = '\0';
	*closed = false;
	while (clock_mono(&clock_system) < end && !*closed && !(until && strstr(text, until))) {
		spin(w);
		ssize_t got = recv(fd, text + n, sizeof(text) - 1 - n, MSG_DONTWAIT);
		*closed = got == 0;
		n += got > 0 ? (size_t)got : 0;
		text[n] = '\0';
	}
	return text;
}

static const char *ask(struct world *w, const char *text, const char *until)
{
	bool closed;
	int fd = dial(w);
	say(fd, text);
	const char *answer = hear(w, fd, until, PATIENCE_MS, &closed);
	close(fd);
	return answer;
}

static void test_answers_at_once(void **state)
{
	struct world *w = *state;
	const char *got = ask(w, "GET /ours/x?a=1%26&b=+ HTTP/1.1\r\nHost: h\r\n\r\n", "now");
	assert_non_null(strstr(got, "HTTP/1.1 200 "));
	assert_non_null(strstr(got, "X-Ours: yes\r\n"));
	assert_non_null(strstr(got, "Content-Type: text/plain\r\n"));
	assert_string_equal(w->seen, "GET /ours/x ? a=1%26&b=+ [] ");
	got = ask(w,
	    "POST /ours HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nX-Hub-Signature: sha256=ab\r\n\r\nhello",
	    "now");
	assert_non_null(strstr(got, "HTTP/1.1 200 "));
	assert_string_equal(w->seen, "POST /ours ?  [sha256=ab] hello");
}

static void test_answers_later(void **state)
{
	struct world *w = *state;
	bool closed;
	int fd = dial(w);
	say(fd, "POST /ours/later HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi");
	assert_string_equal(hear(w, fd, NULL, 200, &closed), "");
	assert_int_equal(w->asked, 1);
	answer(w, w->ticket, 503, STR("wait"));
	answer(w, w->ticket, 200, STR("twice"));
	assert_non_null(strstr(hear(w, fd, "wait", PATIENCE_MS, &closed), "HTTP/1.1 503 "));
	close(fd);
	answer(w, 4711, 200, STR("to nobody"));
}

/* Its client has left; and one that is open when the server closes (close_world). */
static void test_a_client_that_leaves(void **state)
{
	struct world *w = *state;
	bool closed;
	int fd = dial(w);
	say(fd, "GET /ours/later HTTP/1.1\r\nHost: h\r\n\r\n");
	(void)hear(w, fd, NULL, 100, &closed);
	uint64_t left = w->ticket;
	close(fd);
	fd = dial(w);
	say(fd, "GET /ours/later HTTP/1.1\r\nHost: h\r\n\r\n");
	(void)hear(w, fd, NULL, 100, &closed);
	assert_int_equal(w->asked, 2);
	answer(w, left, 200, STR("x"));
	(void)hear(w, fd, NULL, 100, &closed);
	assert_false(closed);
	close(fd);
}

/* A second request stands behind the one that waits when the server closes: it is turned away, and nobody is asked. */
static void test_closes_before_the_next(void **state)
{
	struct world *w = *state;
	bool closed;
	int fd = dial(w);
	say(fd, "GET /ours/later HTTP/1.1\r\nHost: h\r\n\r\nGET /ours/later HTTP/1.1\r\nHost: h\r\n\r\n");
	(void)hear(w, fd, NULL, 100, &closed);
	assert_int_equal(w->asked, 1);
	listener_close(&w->l);
	assert_int_equal(w->asked, 1);
	close(fd);
}

static void test_refusals(void **state)
{
	static const struct {
		const char *request, *status;
	} rows[] = {
		{ "GET /other HTTP/1.1\r\nHost: h\r\n\r\n", "404" },
		{ "POST /other HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000000\r\n\r\n", "404" },
		{ "GET /ours%00/more HTTP/1.1\r\nHost: h\r\n\r\n", "400" },
		{ "PUT /ours HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n", "405" },
	};
	struct world *w = *state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *got = ask(w, rows[i].request, "\r\n\r\n");
		if (!strstr(got, rows[i].status))
			fail_msg("%s: '%s'", rows[i].request, got);
		assert_true(!!strstr(got, "Allow: GET, POST\r\n") == !strcmp(rows[i].status, "405"));
	}
	assert_int_equal(w->asked, 0);
}

static void test_bodies_are_bounded(void **state)
{
	struct world *w = *state;
	char request[400], body[102];
	memset(body, 'x', sizeof(body) - 1);
	body[101] = '\0';
	snprintf(request, sizeof(request), "POST /ours HTTP/1.1\r\nHost: h\r\nContent-Length: 101\r\n\r\n%s",
	    body);
	assert_non_null(strstr(ask(w, request, "\r\n\r\n"), "413"));
	snprintf(request, sizeof(request),
	    "POST /ours HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n%s\r\n0\r\n\r\n",
	    body);
	assert_non_null(strstr(ask(w, request, "\r\n\r\n"), "413"));
	assert_int_equal(w->asked, 0);
	body[100] = '\0';
	snprintf(request, sizeof(request), "POST /ours HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\n%s",
	    body);
	assert_non_null(strstr(ask(w, request, "now"), "200"));
}

static void test_heads_are_bounded(void **state)
{
	struct world *w = *state;
	size_t n = 100000;
	char *request = malloc(n + 1);
	bool closed;
	int fd = dial(w);
	memset(request, 'a', n);
	memcpy(request, "GET /ours?", 10);
	request[n] = '\0';
	for (size_t i = 0; i < n; i += 4096) {
		(void)send(fd, request + i, n - i < 4096 ? n - i : 4096, MSG_NOSIGNAL | MSG_DONTWAIT);
		spin(w);
	}
	(void)hear(w, fd, NULL, PATIENCE_MS, &closed);
	assert_int_equal(w->asked, 0);
	close(fd);
	free(request);
}

/* A byte now and then keeps no connection for ever, and a crowd of such clients keeps nobody out for longer. */
static void test_slow_clients(void **state)
{
	struct world *w = *state;
	int fds[3 * CONNECTIONS];
	bool closed = false;
	int64_t begun = clock_mono(&clock_system);
	for (size_t i = 0; i < ARRAY_LEN(fds); i++)
		fds[i] = dial(w);
	int fd = dial(w);
	say(fd, "GET /ours HTTP/1.1\r\nHost: h\r\n\r\n");
	const char *got = "";
	while (!strstr(got, "now") && clock_mono(&clock_system) < begun + 5 * PATIENCE_MS) {
		for (size_t i = 0; i < ARRAY_LEN(fds); i++)
			(void)send(fds[i], "G", 1, MSG_NOSIGNAL | MSG_DONTWAIT);
		got = hear(w, fd, "now", 100, &closed);
	}
	assert_non_null(strstr(got, "200"));
	for (size_t i = 0; i < ARRAY_LEN(fds); i++)
		close(fds[i]);
	close(fd);
}

/* Nobody there: nothing wakes the loop. Somebody there: their time is looked at, and the looking ends with them. */
static void test_no_timer_without_clients(void **state)
{
	struct world *w = *state;
	int64_t end = clock_mono(&clock_system) + PATIENCE_MS;
	spin(w);
	assert_int_equal(uv_backend_timeout(&w->loop), -1);
	int fd = dial(w);
	while (uv_backend_timeout(&w->loop) == -1 && clock_mono(&clock_system) < end)
		spin(w);
	assert_int_not_equal(uv_backend_timeout(&w->loop), -1);
	close(fd);
	while (uv_backend_timeout(&w->loop) != -1 && clock_mono(&clock_system) < end)
		spin(w);
	assert_int_equal(uv_backend_timeout(&w->loop), -1);
	assert_non_null(strstr(ask(w, "GET /ours HTTP/1.1\r\nHost: h\r\n\r\n", "now"), "HTTP/1.1 200 "));
}

static void test_addresses(void **state)
{
	uv_loop_t loop;
	struct listener *l = NULL;
	struct err e = { .kind = ERR_NONE };
	const struct listener_events events = { NULL, begins, asked };
	(void)state;
	assert_int_equal(uv_loop_init(&loop), 0);
	assert_false(listener_open(
	    &loop, &(struct listener_options){ "localhost:1", 1, 1000, "GET" }, &events, &l, &e));
	err_clear(&e);
	assert_false(listener_open(&loop, &(struct listener_options){ "192.0.2.1:0", 1, 1000, "GET" },
	    &events, &l, &e)); /* not ours */
	assert_int_equal(e.kind, ERR_IO);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&loop), 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, open_world, close_world)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_answers_at_once),
		TEST(test_answers_later),
		TEST(test_a_client_that_leaves),
		TEST(test_closes_before_the_next),
		TEST(test_refusals),
		TEST(test_bodies_are_bounded),
		TEST(test_heads_are_bounded),
		TEST(test_slow_clients),
		TEST(test_no_timer_without_clients),
		cmocka_unit_test(test_addresses),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("run/listener", tests, NULL, NULL);
}
