/*
 * Every allocation of libcurl fails in a fetch, once and from then on: the fetch ends with the document or with an error, and when there is memory
 * again the next one over the same fetcher, and over the same connection where it was kept, gets the document.
 */
#include "tests/fake/fetching.h"
#include "tests/fault/refusal.h"

#include <curl/curl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define FEED "<rss version=\"2.0\"><channel><title>t</title></channel></rss>"
#define POINTS_MAX 4000 /* far more allocations than a few fetches make */
#define PATIENCE_MS 2000 /* of a request whose socket could not be watched */

static void *refusing_malloc(size_t n)
{
	return refuse() ? NULL : malloc(n);
}

static void *refusing_realloc(void *p, size_t n)
{
	return refuse() ? NULL : realloc(p, n);
}

static char *refusing_strdup(const char *s)
{
	return refuse() ? NULL : strdup(s);
}

static void *refusing_calloc(size_t n, size_t each)
{
	return refuse() ? NULL : calloc(n, each);
}

struct world {
	struct http_server *server;
	char url[128];
};

static int set_up(void **state)
{
	static struct world w;
	/* The first to start libcurl says whose memory it uses. */
	if (curl_global_init_mem(CURL_GLOBAL_DEFAULT, refusing_malloc, free, refusing_realloc,
	        refusing_strdup, refusing_calloc) != CURLE_OK)
		return -1;
	w.server = http_server_new();
	http_server_answer(w.server, "/f", "200 OK", "", STR(FEED));
	snprintf(w.url, sizeof(w.url), "http://127.0.0.1:%u/f", http_server_port(w.server));
	*state = &w;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;
	http_server_free(&w->server);
	curl_global_cleanup();
	return 0;
}

struct fetched {
	unsigned done;
	enum err_kind kind;
	bool whole;
};

static fetch_done_f on_done;
static void on_done(void *ctx, const struct fetch_result *r)
{
	struct fetched *out = ctx;
	out->done++;
	out->kind = r->error.kind;
	out->whole = r->error.kind == ERR_NONE && str_eq(buf_view(r->body), STR(FEED));
}

static void get(struct fetching *f, const struct world *w, struct fetched *out)
{
	struct fetch_request req = fetching_request(f, w->url);
	struct err e = { ERR_NONE };
	req.timeout_ms = PATIENCE_MS;
	*out = (struct fetched){ .kind = ERR_NONE };
	if (!fetch_start(f->fetcher, &req, on_done, out, NULL, &e)) {
		assert_int_equal(e.kind, ERR_NOMEM);
		out->kind = e.kind;
		return;
	}
	assert_true(reactor_run(&f->reactor, f->fetcher, &out->done, 1));
	assert_int_equal(out->done, 1);
	assert_true(out->whole || out->kind != ERR_NONE);
}

/* The first fetch has a new fetcher or, `kept`, a connection of the fetch before it. */
static bool fails_at(const struct world *w, long point, bool kept)
{
	struct fetching f;
	struct fetched first, second;
	fetching_open(&f);
	if (kept)
		get(&f, w, &first);
	failed = false;
	countdown = point;
	get(&f, w, &first);
	countdown = -1;
	assert_true(failed || first.whole);
	get(&f, w, &second);
	assert_true(second.whole);
	assert_int_equal(fetcher_active(f.fetcher), 0);
	fetching_close(&f);
	return failed;
}

static void sweep(const struct world *w, bool for_ever, bool kept)
{
	long point = 0;
	forever = for_ever;
	while (fails_at(w, point, kept))
		assert_true(++point < POINTS_MAX);
	assert_true(point > 10);
}

static void test_one_allocation_fails(void **state)
{
	sweep(*state, false, false);
}

static void test_one_allocation_fails_over_a_kept_connection(void **state)
{
	sweep(*state, false, true);
}

static void test_all_allocations_fail_from_one_on(void **state)
{
	sweep(*state, true, false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_allocation_fails),
		cmocka_unit_test(test_one_allocation_fails_over_a_kept_connection),
		cmocka_unit_test(test_all_allocations_fail_from_one_on),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
