/* Posted forms: how they are sent, which redirects they follow, and that the next request on the same handle is a GET again. */
#include "tests/fake/fetching.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#define FORM "hub.mode=subscribe&hub.topic=http%3A%2F%2Fe.org%2F"

struct world {
	struct http_server *server;
	struct fetching f;
	char url[100];
};

static int open_world(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	w->server = http_server_new();
	fetching_open(&w->f);
	*state = w;
	return 0;
}

static int close_world(void **state)
{
	struct world *w = *state;
	fetching_close(&w->f);
	http_server_free(&w->server);
	free(w);
	return 0;
}

/* The server does not read bodies: each answer ends its connection. */
static void answer(struct world *w, const char *path, const char *head)
{
	const struct http_rule rule = { .path = path, .head = str_from(head), .end = HTTP_CLOSE };
	http_server_rule(w->server, &rule);
}

static void post(struct world *w, const char *path, const char *form, struct outcome *o)
{
	snprintf(w->url, sizeof(w->url), "http://127.0.0.1:%u%s", http_server_port(w->server), path);
	struct fetch_request req = fetching_request(&w->f, w->url);
	req.post = form;
	req.etag = NULL;
	fetching_get(&w->f, &req, o);
}

static bool asked(struct world *w, size_t i, const char *text)
{
	char *head = http_server_request(w->server, i);
	bool has = head && strstr(head, text);
	free(head);
	return has;
}

static void test_a_form_is_posted(void **state)
{
	struct world *w = *state;
	struct outcome o;
	char length[40];
	answer(w, "/hub", "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
	post(w, "/hub", FORM, &o);
	assert_int_equal(o.error.kind, ERR_NONE);
	assert_int_equal(o.status, 202);
	snprintf(length, sizeof(length), "Content-Length: %zu\r\n", strlen(FORM));
	assert_true(asked(w, 0, "POST /hub HTTP/1.1\r\n"));
	assert_true(asked(w, 0, "Content-Type: application/x-www-form-urlencoded\r\n"));
	assert_true(asked(w, 0, length));
	outcome_fini(&o);
}

static void test_the_next_request_is_a_get(void **state)
{
	struct world *w = *state;
	struct outcome o;
	answer(w, "/hub", "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
	answer(w, "/f", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
	post(w, "/hub", FORM, &o);
	outcome_fini(&o);
	http_server_forget(w->server);
	post(w, "/f", NULL, &o);
	assert_int_equal(o.status, 200);
	assert_true(asked(w, 0, "GET /f HTTP/1.1\r\n"));
	assert_false(asked(w, 0, "Content-Length"));
	outcome_fini(&o);
}

static void test_redirects(void **state)
{
	static const struct {
		const char *head;
		bool followed;
	} cases[] = {
		{ "HTTP/1.1 307 x\r\nLocation: /there\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
		    true },
		{ "HTTP/1.1 308 x\r\nLocation: /there\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
		    true },
		{ "HTTP/1.1 301 x\r\nLocation: /there\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
		    false },
		{ "HTTP/1.1 302 x\r\nLocation: /there\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
		    false },
		{ "HTTP/1.1 303 x\r\nLocation: /there\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
		    false },
	};
	struct world *w = *state;
	answer(w, "/there", "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct outcome o;
		http_server_forget(w->server);
		answer(w, "/hub", cases[i].head);
		post(w, "/hub", FORM, &o);
		assert_int_equal(o.error.kind, ERR_NONE);
		assert_int_equal(o.status == 204, cases[i].followed);
		assert_int_equal(asked(w, 1, "POST /there HTTP/1.1\r\n"), cases[i].followed);
		outcome_fini(&o);
	}
}

/* A kept connection may be dead, and a form that was sent over it may have been taken all the same: it is not sent twice (RFC 9110 section 9.2.2). */
static void test_a_form_is_posted_once(void **state)
{
	static const enum http_end ends[] = { HTTP_CLOSE, HTTP_RESET };
	struct world *w = *state;
	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		const struct http_rule cut = { .path = "/hub", .end = ends[i] };
		struct outcome o;
		http_server_forget(w->server);
		http_server_answer(w->server, "/f", "200 OK", "", STR("x"));
		http_server_rule(w->server, &cut);
		post(w, "/f", NULL, &o);
		assert_int_equal(o.status, 200);
		outcome_fini(&o);
		size_t kept = http_server_connections(w->server);
		post(w, "/hub", FORM, &o);
		assert_int_equal(o.error.kind, ERR_NET);
		assert_int_equal(o.status, 0);
		assert_int_equal(http_server_requests(w->server), 2);
		assert_true(asked(w, 1, "POST /hub HTTP/1.1\r\n"));
		assert_int_equal(http_server_connections(w->server), kept + 1);
		outcome_fini(&o);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_a_form_is_posted, open_world, close_world),
		cmocka_unit_test_setup_teardown(test_the_next_request_is_a_get, open_world, close_world),
		cmocka_unit_test_setup_teardown(test_redirects, open_world, close_world),
		cmocka_unit_test_setup_teardown(test_a_form_is_posted_once, open_world, close_world),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("net/post", tests, NULL, NULL);
}
