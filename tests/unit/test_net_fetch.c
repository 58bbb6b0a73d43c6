/* The fetcher against a server that says exactly what each case wants. */
#include "daemon/net/fetch.h"
#include "daemon/net/head_priv.h"
#include "tests/fake/fetching.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

#include <cmocka.h>

#define FEED "<rss version=\"2.0\"><channel><title>t</title></channel></rss>"
#define OK_HEAD "HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\n"
#define LENGTH_OF_FEED "Content-Length: 60\r\n"
_Static_assert(sizeof(FEED) - 1 == 60, "LENGTH_OF_FEED says what FEED has");

struct world {
	struct fetching fetching;
	struct http_server *server;
	char url[4096];
};

static int set_up(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	assert_non_null(w);
	w->server = http_server_new();
	fetching_open(&w->fetching);
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;
	fetching_close(&w->fetching);
	http_server_free(&w->server);
	free(w);
	return 0;
}

static const char *url_of(struct world *w, const char *path)
{
	snprintf(w->url, sizeof(w->url), "http://127.0.0.1:%u%s", http_server_port(w->server), path);
	return w->url;
}

static void get(struct world *w, const char *path, struct outcome *o)
{
	struct fetch_request req = fetching_request(&w->fetching, url_of(w, path));
	fetching_get(&w->fetching, &req, o);
}

static bool request_has(struct world *w, size_t i, const char *text)
{
	char *head = http_server_request(w->server, i);
	bool has = head && strstr(head, text);
	free(head);
	return has;
}

static bool request_has_once(struct world *w, size_t i, const char *text)
{
	char *head = http_server_request(w->server, i);
	const char *first = head ? strstr(head, text) : NULL;
	bool once = first && !strstr(first + 1, text);
	free(head);
	return once;
}

static void test_a_plain_answer(void **state)
{
	struct world *w = *state;
	struct outcome o;
	http_server_answer(w->server, "/f", "200 OK",
	    "Content-Type: text/xml; charset=big5\r\nETag: W/\"a\"\r\nLast-Modified: yesterday\r\n"
	    "Cache-Control: max-age=60\r\nLink: <x>; rel=hub\r\nLink: <y>; rel=self\r\n",
	    STR(FEED));
	get(w, "/f", &o);
	assert_int_equal(o.error.kind, ERR_NONE);
	assert_int_equal(o.status, 200);
	assert_string_equal(o.body, FEED);
	assert_string_equal(o.etag, "W/\"a\"");
	assert_string_equal(o.last_modified, "yesterday");
	assert_string_equal(o.content_type, "text/xml; charset=big5");
	assert_string_equal(o.cache_control, "max-age=60");
	assert_string_equal(o.link, "<x>; rel=hub, <y>; rel=self");
	assert_string_equal(o.address, "127.0.0.1");
	assert_string_equal(o.final_url, w->url);
	assert_int_equal(o.wire_bytes, strlen(FEED));
	assert_true(request_has(w, 0, "GET /f HTTP/1.1\r\n"));
	assert_true(request_has(w, 0, "User-Agent: gazetted-test/1\r\n"));
	assert_true(request_has(w, 0, "Accept: application/rss+xml, "));
	assert_true(request_has_once(w, 0, "User-Agent:"));
	assert_true(request_has_once(w, 0, "Accept:"));
	assert_true(request_has_once(w, 0, "Accept-Encoding:"));
	assert_true(request_has(w, 0, "Accept-Encoding: gzip, br, zstd, deflate\r\n"));
	assert_false(request_has(w, 0, "If-"));
	assert_false(request_has(w, 0, "A-IM"));
	assert_false(request_has(w, 0, "Range"));
	outcome_fini(&o);
}

struct answer_case {
	const char *name;
	struct str head, body;
	size_t piece;
	enum http_end end;
	enum err_kind kind;
	int status;
	const char *got; /* the body; NULL: not looked at */
	const char *says; /* part of the error's text, or NULL */
};

#define ANSWER(name, head, body, end, kind, status, got, says)                                               \
	{                                                                                                    \
		name, { head, sizeof(head) - 1 }, { body, sizeof(body) - 1 }, 0, end, kind, status, got,     \
		    says                                                                                     \
	}

static const struct answer_case answer_cases[] = {
	ANSWER(
	    "body until the connection closes", OK_HEAD "\r\n", FEED, HTTP_CLOSE, ERR_NONE, 200, FEED, NULL),
	ANSWER("HTTP/1.0", "HTTP/1.0 200 OK\r\n\r\n", FEED, HTTP_CLOSE, ERR_NONE, 200, FEED, NULL),
	ANSWER("chunked with trailers", OK_HEAD "Transfer-Encoding: chunked\r\n\r\n",
	    "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nETag: \"late\"\r\nContent-Length: 99\r\n\r\n", HTTP_KEEP,
	    ERR_NONE, 200, "abcde", NULL),
	ANSWER("chunked in both lengths", OK_HEAD "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
	    "5\r\nabcde\r\n0\r\n\r\n", HTTP_KEEP, ERR_NONE, 200, "abcde", NULL),
	ANSWER("chunked, cut", OK_HEAD "Transfer-Encoding: chunked\r\n\r\n", "ff\r\nabc", HTTP_CLOSE, ERR_NET,
	    200, NULL, "closed before the whole answer"),
	ANSWER("chunked, clean end missing", OK_HEAD "Transfer-Encoding: chunked\r\n\r\n", "3\r\nabc\r\n",
	    HTTP_CLOSE, ERR_NET, 200, NULL, "closed before the whole answer"),
	ANSWER("a chunk size that is none", OK_HEAD "Transfer-Encoding: chunked\r\n\r\n",
	    "ZZ\r\nabc\r\n0\r\n\r\n", HTTP_CLOSE, ERR_NET, 200, NULL, NULL),
	ANSWER("an endless chunk", OK_HEAD "Transfer-Encoding: chunked\r\n\r\n", "ffffffffffffffffff\r\nabc",
	    HTTP_CLOSE, ERR_NET, 200, NULL, NULL),
	ANSWER("length larger than the body", OK_HEAD "Content-Length: 1000\r\n\r\n", FEED, HTTP_CLOSE,
	    ERR_NET, 200, NULL, "closed before the whole answer"),
	ANSWER("length smaller than the body", OK_HEAD "Content-Length: 5\r\n\r\n", FEED, HTTP_CLOSE,
	    ERR_NONE, 200, "<rss ", NULL),
	ANSWER("two lengths", OK_HEAD "Content-Length: 60\r\nContent-Length: 10\r\n\r\n", FEED, HTTP_CLOSE,
	    ERR_HTTP, 0, NULL, "two different Content-Length"),
	ANSWER("one length twice", OK_HEAD LENGTH_OF_FEED LENGTH_OF_FEED "\r\n", FEED, HTTP_KEEP, ERR_NONE,
	    200, FEED, NULL),
	ANSWER("negative length", OK_HEAD "Content-Length: -1\r\n\r\n", FEED, HTTP_CLOSE, ERR_HTTP, 0, NULL,
	    NULL),
	ANSWER("length beyond 64 bits", OK_HEAD "Content-Length: 99999999999999999999\r\n\r\n", FEED,
	    HTTP_CLOSE, ERR_LIMIT, 0, NULL, NULL),
	ANSWER("length beyond the limit, refused early", OK_HEAD "Content-Length: 1048577\r\n\r\n", "",
	    HTTP_STALL, ERR_LIMIT, 200, NULL, "body_max"),
	ANSWER("endless body", OK_HEAD "\r\n", FEED FEED FEED FEED FEED FEED FEED FEED, HTTP_REPEAT,
	    ERR_LIMIT, 200, NULL, "body_max"),
	ANSWER("endless headers", OK_HEAD, "X-Pad: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n",
	    HTTP_REPEAT, ERR_LIMIT, 0, NULL, "header"),
	ANSWER("interim answers for ever", "",
	    "HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n",
	    HTTP_REPEAT, ERR_LIMIT, 0, NULL, "header"),
	ANSWER("an interim answer first",
	    "HTTP/1.1 103 Early Hints\r\nETag: early\r\nContent-Length: 4\r\n\r\n" OK_HEAD LENGTH_OF_FEED
	    "\r\n",
	    FEED, HTTP_KEEP, ERR_NONE, 200, FEED, NULL),
	ANSWER("an interim answer only", "HTTP/1.1 100 Continue\r\n\r\n", "", HTTP_CLOSE, ERR_NET, 0, NULL,
	    NULL),
	ANSWER("another protocol", "HTTP/1.1 101 Switching\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n",
	    "", HTTP_STALL, ERR_HTTP, 0, NULL, "status 101"),
	ANSWER("a folded header", OK_HEAD "Last-Modified: a\r\n b\r\n" LENGTH_OF_FEED "\r\n", FEED, HTTP_KEEP,
	    ERR_NONE, 200, FEED, NULL),
	ANSWER("closed at once", "", "", HTTP_CLOSE, ERR_NET, 0, NULL, "without an answer"),
	ANSWER(
	    "reset in the body", OK_HEAD LENGTH_OF_FEED "\r\n", "<rss", HTTP_RESET, ERR_NET, 200, NULL, NULL),
	ANSWER("no status line", "", FEED, HTTP_CLOSE, ERR_HTTP, 0, NULL, "does not speak HTTP"),
	ANSWER("garbage", "\x01\x02\xff\xfe garbage\r\n\r\n", "", HTTP_CLOSE, ERR_HTTP, 0, NULL, NULL),
	ANSWER("204", "HTTP/1.1 204 No Content\r\n\r\n", "", HTTP_KEEP, ERR_NONE, 204, "", NULL),
	ANSWER("206", "HTTP/1.1 206 Partial Content\r\nETag: \"p\"\r\n" LENGTH_OF_FEED "\r\n", FEED,
	    HTTP_KEEP, ERR_HTTP, 206, NULL, "206"),
	ANSWER("300", "HTTP/1.1 300 Multiple Choices\r\nLocation: /ok\r\nContent-Length: 0\r\n\r\n", "",
	    HTTP_KEEP, ERR_HTTP, 300, NULL, "300"),
	ANSWER("304 to a request without validators", "HTTP/1.1 304 Not Modified\r\n\r\n", "", HTTP_KEEP,
	    ERR_HTTP, 304, NULL, "304"),
	ANSWER("404 with a page", "HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\n\r\n", "not here.",
	    HTTP_KEEP, ERR_NONE, 404, "not here.", NULL),
	ANSWER("500 whose page never comes", "HTTP/1.1 500 Oops\r\nContent-Length: 1000000\r\n\r\n", "",
	    HTTP_STALL, ERR_NONE, 500, "", NULL),
	ANSWER("403 with an endless page", "HTTP/1.1 403 No\r\n\r\n", FEED FEED FEED FEED, HTTP_REPEAT,
	    ERR_NONE, 403, NULL, NULL),
	ANSWER(
	    "999", "HTTP/1.1 999 X\r\nContent-Length: 1\r\n\r\n", "x", HTTP_KEEP, ERR_NONE, 999, "x", NULL),
	ANSWER("a proxy's copy", "HTTP/1.1 203 Copy\r\n" LENGTH_OF_FEED "\r\n", FEED, HTTP_KEEP, ERR_NONE,
	    203, FEED, NULL),
	ANSWER("says gzip, is not", OK_HEAD "Content-Encoding: gzip\r\n" LENGTH_OF_FEED "\r\n", FEED,
	    HTTP_KEEP, ERR_HTTP, 200, NULL, NULL),
	ANSWER("an encoding nobody asked for", OK_HEAD "Content-Encoding: compress\r\n" LENGTH_OF_FEED "\r\n",
	    FEED, HTTP_KEEP, ERR_HTTP, 200, NULL, "Content-Encoding"),
	ANSWER("redirect without Location", "HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n", "", HTTP_KEEP,
	    ERR_HTTP, 302, NULL, "Location"),
	ANSWER("redirect to a file",
	    "HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n", "", HTTP_KEEP,
	    ERR_HTTP, 302, NULL, "file:///etc/passwd"),
	ANSWER("redirect to a private address",
	    "HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/latest\r\nContent-Length: 0\r\n\r\n", "",
	    HTTP_KEEP, ERR_NET, 0, NULL, "169.254.169.254 is a private address"),
	ANSWER("redirect to itself", "HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n", "",
	    HTTP_KEEP, ERR_HTTP, 302, NULL, "loop"),
};

static void check_answer(struct world *w, const struct answer_case *c, size_t piece)
{
	struct http_rule rule = { "/x", c->head, c->body, piece, c->end };
	struct outcome o;
	if (c->end == HTTP_REPEAT)
		rule.piece = 0;
	http_server_rule(w->server, &rule);
	/* What a wrong server left in a connection is not the next case's. */
	fetching_close(&w->fetching);
	fetching_open(&w->fetching);
	get(w, "/x", &o);
	if (o.calls != 1 || o.error.kind != c->kind || o.status != c->status ||
	    (c->got && strcmp(o.body, c->got) != 0) || (c->says && !strstr(o.error.text, c->says)))
		fail_msg("%s (pieces of %zu): %u calls, %s, status %d, '%s', body '%.60s'", c->name, piece,
		    o.calls, err_kind_name(o.error.kind), o.status, o.error.text, o.body);
	if (strcmp(o.etag, "\"late\"") == 0 || strcmp(o.etag, "early") == 0)
		fail_msg("%s: a validator from outside of the final head", c->name);
	outcome_fini(&o);
}

static void test_answers(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(answer_cases); i++) {
		check_answer(*state, &answer_cases[i], 0);
		check_answer(*state, &answer_cases[i], 1);
	}
}

static struct str gzipped(struct str plain, char *out, size_t room)
{
	z_stream z = { .next_in = (Bytef *)(uintptr_t)plain.p,
		.avail_in = (uInt)plain.n,
		.next_out = (Bytef *)out,
		.avail_out = (uInt)room };
	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	struct str s = { out, z.total_out };
	deflateEnd(&z);
	return s;
}

static void test_gzip(void **state)
{
	struct world *w = *state;
	struct outcome o;
	char packed[1024];
	struct str body = gzipped(STR(FEED), packed, sizeof(packed));
	http_server_answer(w->server, "/z", "200 OK", "Content-Encoding: gzip\r\n", body);
	get(w, "/z", &o);
	assert_int_equal(o.error.kind, ERR_NONE);
	assert_string_equal(o.body, FEED);
	assert_int_equal(o.wire_bytes, body.n);
	outcome_fini(&o);
	/* libcurl does not see that the stream was cut; what came is handed over and the parser judges. */
	http_server_answer(
	    w->server, "/z", "200 OK", "Content-Encoding: gzip\r\n", str_of(body.p, body.n / 2));
	get(w, "/z", &o);
	assert_int_equal(o.status, 200);
	assert_true(o.body_n < strlen(FEED));
	outcome_fini(&o);
}

static void test_a_bomb_stops_at_the_limit(void **state)
{
	struct world *w = *state;
	struct outcome o;
	size_t n = 16u << 20;
	char *plain = malloc(n), *packed = malloc(1u << 20);
	assert_non_null(plain);
	assert_non_null(packed);
	memset(plain, 'a', n);
	struct str body = gzipped(str_of(plain, n), packed, 1u << 20);
	http_server_answer(w->server, "/bomb", "200 OK", "Content-Encoding: gzip\r\n", body);
	get(w, "/bomb", &o);
	assert_int_equal(o.error.kind, ERR_LIMIT);
	assert_true(o.body_n <= 1u << 20);
	outcome_fini(&o);
	free(plain);
	free(packed);
}

/* Compressed bytes that decode to nothing: empty stored blocks for ever. */
static void test_a_stream_of_nothing_stops_at_the_limit(void **state)
{
	struct world *w = *state;
	struct outcome o;
	static char blocks[10 + 5 * 4000] = "\x1f\x8b\x08\0\0\0\0\0\0\x03";
	for (size_t i = 10; i < sizeof(blocks); i += 5)
		memcpy(blocks + i, "\0\0\0\xff\xff", 5);
	struct http_rule rule = { "/nothing",
		STR(OK_HEAD "Content-Encoding: gzip\r\n\r\n\x1f\x8b\x08\0\0\0\0\0\0\x03"),
		str_of(blocks + 10, sizeof(blocks) - 10), 0, HTTP_REPEAT };
	http_server_rule(w->server, &rule);
	get(w, "/nothing", &o);
	assert_int_equal(o.error.kind, ERR_LIMIT);
	assert_int_equal(o.body_n, 0);
	outcome_fini(&o);
}

/* A chunk of one byte with 6,000 bytes of extension, for ever: of a document, of an error's page, and on a connection that has answered before. */
static void test_what_is_around_a_body_has_a_limit(void **state)
{
	static const char *const statuses[] = { "200 OK", "404 Not Found" };
	struct world *w = *state;
	char head[200], chunk[6000 + 8];
	memset(chunk, 'x', sizeof(chunk));
	memcpy(chunk, "1;", 2);
	memcpy(chunk + sizeof(chunk) - 5, "\r\nx\r\n", 5);
	for (size_t i = 0; i < 2 * ARRAY_LEN(statuses); i++) {
		struct outcome o;
		struct http_rule rule = { "/x", { 0 }, str_of(chunk, sizeof(chunk)), 0, HTTP_REPEAT };
		rule.head =
		    str_of(head, (size_t)snprintf(head, sizeof(head),
		                     "HTTP/1.1 %s\r\nTransfer-Encoding: chunked\r\n\r\n", statuses[i / 2]));
		http_server_rule(w->server, &rule);
		http_server_answer(w->server, "/ok", "200 OK", "", STR(FEED));
		if (i % 2 == 1) {
			get(w, "/ok", &o);
			outcome_fini(&o);
			http_server_forget(w->server);
		}
		get(w, "/x", &o);
		assert_int_equal(http_server_connections(w->server), 1 - i % 2);
		assert_int_equal(o.error.kind, ERR_LIMIT);
		assert_non_null(strstr(o.error.text, "body_max"));
		assert_true(o.body_n < 8000);
		outcome_fini(&o);
		http_server_forget(w->server);
	}
}

/* A chunk for each byte is foolish, not hostile; and what came over a connection before is no other answer's. */
static void test_small_chunks_have_no_limit(void **state)
{
	struct world *w = *state;
	struct buf body;
	buf_init(&body, SIZE_MAX);
	for (size_t i = 0; i < 1u << 20; i++)
		buf_str(&body, STR("1\r\nx\r\n"));
	buf_str(&body, STR("0\r\n\r\n"));
	assert_false(body.failed);
	struct http_rule rule = { "/x", STR(OK_HEAD "Transfer-Encoding: chunked\r\n\r\n"), buf_view(&body), 0,
		HTTP_KEEP };
	http_server_rule(w->server, &rule);
	for (unsigned i = 0; i < 5; i++) {
		struct outcome o;
		get(w, "/x", &o);
		assert_int_equal(o.error.kind, ERR_NONE);
		assert_int_equal(o.body_n, 1u << 20);
		outcome_fini(&o);
	}
	assert_int_equal(http_server_connections(w->server), 1);
	buf_fini(&body);
}

static void test_exactly_the_limit_is_allowed(void **state)
{
	struct world *w = *state;
	struct outcome o;
	struct http_rule rule = { "/x", STR(OK_HEAD "\r\n"), STR(FEED), 0, HTTP_CLOSE };
	struct fetch_request req = fetching_request(&w->fetching, url_of(w, "/x"));
	http_server_rule(w->server, &rule);
	req.body_max = strlen(FEED);
	fetching_get(&w->fetching, &req, &o);
	assert_int_equal(o.error.kind, ERR_NONE);
	assert_string_equal(o.body, FEED);
	outcome_fini(&o);
	req.body_max--;
	fetching_get(&w->fetching, &req, &o);
	assert_int_equal(o.error.kind, ERR_LIMIT);
	outcome_fini(&o);
}

static void test_validators_are_sent_verbatim(void **state)
{
	struct world *w = *state;
	struct outcome o;
	struct fetch_request req = fetching_request(&w->fetching, url_of(w, "/f"));
	http_server_answer(w->server, "/f", "304 Not Modified", "ETag: \"b\"\r\n", STR(""));
	req.etag = "W/\"\xc3\xa9 , x\"";
	req.last_modified = "Tue,  1 Jan 24 00:00 HKT";
	req.accept_language = "zh-HK";
	fetching_get(&w->fetching, &req, &o);
	assert_int_equal(o.error.kind, ERR_NONE);
	assert_int_equal(o.status, 304);
	assert_string_equal(o.etag, "\"b\"");
	assert_true(request_has(w, 0, "GET /f HTTP/1.1\r\n"));
	assert_true(request_has(w, 0, "If-None-Match: W/\"\xc3\xa9 , x\"\r\n"));
	assert_true(request_has(w, 0, "If-Modified-Since: Tue,  1 Jan 24 00:00 HKT\r\n"));
	assert_true(request_has(w, 0, "Accept-Language: zh-HK\r\n"));
	outcome_fini(&o);
	req.etag = "\"a\"\r\nX-Injected: 1";
	req.last_modified = NULL;
	fetching_get(&w->fetching, &req, &o);
	assert_false(request_has(w, 1, "If-"));
	assert_false(request_has(w, 1, "Injected"));
	outcome_fini(&o);
}

static void test_cookies_are_not_kept(void **state)
{
	struct world *w = *state;
	struct outcome o;
	http_server_answer(w->server, "/f", "200 OK", "Set-Cookie: a=b; Path=/; Max-Age=9999\r\n", STR(FEED));
	for (size_t i = 0; i < 3; i++) {
		get(w, "/f", &o);
		assert_false(request_has(w, i, "ookie:"));
		outcome_fini(&o);
	}
}

static void redirect(struct world *w, const char *path, const char *status, const char *location)
{
	char headers[4096];
	snprintf(headers, sizeof(headers), "Location: %s\r\nETag: \"moved\"\r\n", location);
	http_server_answer(w->server, path, status, headers, STR("moved"));
}

static void test_redirects_are_followed(void **state)
{
	static const struct {
		const char *line;
		int status;
	} kinds[] = { { "301 Moved", 301 }, { "302 Found", 302 }, { "303 See Other", 303 },
		{ "307 Again", 307 }, { "308 Moved", 308 } };
	struct world *w = *state;
	http_server_answer(w->server, "/d/ok?x", "200 OK", "", STR(FEED));
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		struct outcome o;
		redirect(w, "/d/a", kinds[i].line, "b");
		redirect(w, "/d/b", "302 Found", "/d/ok?x#fragment");
		http_server_forget(w->server);
		get(w, "/d/a", &o);
		assert_int_equal(o.error.kind, ERR_NONE);
		assert_int_equal(o.status, 200);
		assert_string_equal(o.body, FEED);
		assert_string_equal(o.etag, "");
		assert_int_equal(o.redirect_count, 2);
		assert_int_equal(o.redirect[0].status, kinds[i].status);
		assert_string_equal(o.redirect[0].url, url_of(w, "/d/b"));
		assert_int_equal(o.redirect[1].status, 302);
		assert_string_equal(o.redirect[1].url, url_of(w, "/d/ok?x"));
		assert_string_equal(o.final_url, url_of(w, "/d/ok?x"));
		assert_int_equal(http_server_requests(w->server), 3);
		outcome_fini(&o);
	}
	assert_int_equal(http_server_connections(w->server), 0); /* all on the first one */
}

/* One that says when to come is followed at once only when that is now, and when there is sense in what it says. */
static void test_redirects_that_wait(void **state)
{
	static const struct {
		const char *after, *location;
		bool waits, follows;
	} cases[] = {
		{ "1", "/there", true, false },
		{ "3600", "/there", true, false },
		{ "99999999999999999999", "/there", true, false },
		{ "Fri, 31 Dec 2060 23:59:59 GMT", "/there", true, false },
		{ "0", "/there", false, true },
		{ "Tue, 02 Jan 2024 03:04:05 GMT", "/there", false, true },
		{ "soon", "/there", false, true },
		{ "-5", "/there", false, true },
		{ "60", "/a", false, false }, /* a loop is none to wait for */
		{ "60", "ftp://127.0.0.1/there", false, false },
	};
	struct world *w = *state;
	http_server_answer(w->server, "/there", "200 OK", "", STR(FEED));
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char headers[200];
		struct outcome o;
		snprintf(headers, sizeof(headers), "Location: %s\r\nRetry-After: %s\r\n", cases[i].location,
		    cases[i].after);
		http_server_answer(w->server, "/a", "301 Moved", headers, STR("moved"));
		http_server_forget(w->server);
		get(w, "/a", &o);
		if (o.waits != cases[i].waits)
			fail_msg("%s", cases[i].after);
		assert_int_equal(o.error.kind != ERR_NONE, !cases[i].waits && !cases[i].follows);
		assert_int_equal(o.status, cases[i].follows ? 200 : 301);
		assert_int_equal(http_server_requests(w->server), cases[i].follows ? 2 : 1);
		assert_string_equal(o.retry_after, cases[i].follows ? "" : cases[i].after);
		assert_string_equal(o.final_url, url_of(w, cases[i].follows ? "/there" : "/a"));
		if (cases[i].waits) {
			assert_int_equal(o.redirect_count, 1);
			assert_string_equal(o.redirect[0].url, url_of(w, "/there"));
		}
		outcome_fini(&o);
	}
}

static void test_redirects_end(void **state)
{
	struct world *w = *state;
	struct outcome o;
	char path[16], next[16];
	for (int i = 0; i < 20; i++) {
		snprintf(path, sizeof(path), "/%d", i);
		snprintf(next, sizeof(next), "/%d", i + 1);
		redirect(w, path, "301 Moved", next);
	}
	get(w, "/0", &o);
	assert_int_equal(o.error.kind, ERR_HTTP);
	assert_int_equal(o.status, 301);
	assert_int_equal(o.redirect_count, 6);
	assert_string_equal(o.redirect[5].url, url_of(w, "/6"));
	assert_string_equal(o.final_url, url_of(w, "/5"));
	assert_int_equal(http_server_requests(w->server), 6);
	outcome_fini(&o);
	redirect(w, "/3", "302 Found", "/1");
	get(w, "/0", &o);
	assert_non_null(strstr(o.error.text, "loop"));
	outcome_fini(&o);
}

/* What is wrong with it is the server's business, which may end any minute, and not the operator's. */
static void test_a_redirect_to_too_far(void **state)
{
	static char head[HEAD_VALUE_MAX + 200];
	struct world *w = *state;
	struct outcome o;
	int n = snprintf(head, sizeof(head),
	    "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: /%0*d\r\n\r\n", (int)HEAD_VALUE_MAX, 1);
	struct http_rule rule = { .path = "/0", .head = str_of(head, (size_t)n) };
	http_server_rule(w->server, &rule);
	get(w, "/0", &o);
	assert_int_equal(o.error.kind, ERR_LIMIT);
	assert_non_null(strstr(o.error.text, "a Location of more than 8192 bytes"));
	outcome_fini(&o);
}

static void test_a_redirect_to_no_host(void **state)
{
	static const char *const targets[] = { "http://\xff\xfe.example/", "http://xn--a.b..c/", "http://-/",
		"http://a..b/", "http://xn--\xc3\xbc/" };
	struct world *w = *state;
	for (size_t i = 0; i < ARRAY_LEN(targets); i++) {
		struct outcome o;
		redirect(w, "/0", "302 Found", targets[i]);
		get(w, "/0", &o);
		if (o.error.kind != ERR_HTTP && o.error.kind != ERR_NET)
			fail_msg("%s: %s: %s", targets[i], err_kind_name(o.error.kind), o.error.text);
		outcome_fini(&o);
	}
}

static void test_no_redirects_allowed(void **state)
{
	struct world *w = *state;
	struct outcome o;
	struct fetch_request req = fetching_request(&w->fetching, url_of(w, "/0"));
	redirect(w, "/0", "301 Moved", "/1");
	req.redirects_max = 0;
	fetching_get(&w->fetching, &req, &o);
	assert_int_equal(o.error.kind, ERR_HTTP);
	assert_int_equal(http_server_requests(w->server), 1);
	outcome_fini(&o);
}

static void test_secrets_stay_with_their_origin(void **state)
{
	struct world *w = *state;
	struct http_server *other = http_server_new();
	struct outcome o;
	char location[128];
	struct fetch_request req = fetching_request(&w->fetching, url_of(w, "/a"));
	snprintf(location, sizeof(location), "http://127.0.0.1:%u/c", http_server_port(other));
	redirect(w, "/a", "302 Found", "/b");
	redirect(w, "/b", "302 Found", location);
	snprintf(location, sizeof(location), "http://127.0.0.1:%u/d", http_server_port(w->server));
	http_server_answer(other, "/c", "302 Found", "", STR(""));
	char headers[160];
	snprintf(headers, sizeof(headers), "Location: %s\r\n", location);
	http_server_answer(other, "/c", "302 Found", headers, STR(""));
	http_server_answer(w->server, "/d", "200 OK", "", STR(FEED));
	for (int bearer = 0; bearer < 2; bearer++) {
		http_server_forget(w->server);
		http_server_forget(other);
		req.bearer = bearer ? "s3cret" : NULL;
		req.username = bearer ? NULL : "user";
		req.password = bearer ? NULL : "pass";
		req.etag = "\"v\"";
		fetching_get(&w->fetching, &req, &o);
		assert_string_equal(o.body, FEED);
		const char *secret =
		    bearer ? "Authorization: Bearer s3cret\r\n" : "Authorization: Basic dXNlcjpwYXNz\r\n";
		assert_true(request_has(w, 0, secret)); /* /a */
		assert_true(request_has(w, 1, secret)); /* /b: the same origin */
		assert_false(request_has(w, 2, "Authorization")); /* /d: we have been elsewhere */
		assert_true(request_has(w, 0, "If-None-Match: \"v\"\r\n"));
		assert_false(request_has(w, 1, "If-None-Match"));
		char *head = http_server_request(other, 0);
		assert_non_null(head);
		assert_null(strstr(head, "Authorization"));
		assert_null(strstr(head, "If-None-Match"));
		assert_null(strstr(head, "Referer"));
		free(head);
		outcome_fini(&o);
	}
	/* The next request on the same easy handle carries nothing of this one. */
	http_server_forget(w->server);
	get(w, "/d", &o);
	assert_false(request_has(w, 0, "Authorization"));
	assert_false(request_has(w, 0, "If-None-Match"));
	outcome_fini(&o);
	http_server_free(&other);
}

static void test_validators_belong_to_one_url(void **state)
{
	struct world *w = *state;
	struct outcome o;
	char validator_url[128];
	struct fetch_request req = fetching_request(&w->fetching, url_of(w, "/a"));
	snprintf(validator_url, sizeof(validator_url), "http://127.0.0.1:%u/b", http_server_port(w->server));
	redirect(w, "/a", "301 Moved", "/b");
	http_server_answer(w->server, "/b", "304 Not Modified", "", STR(""));
	req.etag = "\"of b\"";
	req.validator_url = validator_url;
	fetching_get(&w->fetching, &req, &o);
	assert_int_equal(o.error.kind, ERR_NONE);
	assert_int_equal(o.status, 304);
	assert_false(request_has(w, 0, "If-None-Match"));
	assert_true(request_has(w, 1, "If-None-Match: \"of b\"\r\n"));
	outcome_fini(&o);
}

static void test_credentials_in_the_url(void **state)
{
	struct world *w = *state;
	struct outcome o;
	char url[128], bare[128];
	snprintf(url, sizeof(url), "http://us%%40er:pa%%3Ass@127.0.0.1:%u/f", http_server_port(w->server));
	snprintf(bare, sizeof(bare), "http://127.0.0.1:%u/f", http_server_port(w->server));
	struct fetch_request req = fetching_request(&w->fetching, url);
	http_server_answer(w->server, "/f", "200 OK", "", STR(FEED));
	fetching_get(&w->fetching, &req, &o);
	assert_true(request_has(w, 0, "Authorization: Basic dXNAZXI6cGE6c3M=\r\n"));
	assert_string_equal(o.final_url, bare);
	outcome_fini(&o);
}

static void test_connections_are_reused(void **state)
{
	struct world *w = *state;
	struct outcome o;
	http_server_answer(w->server, "/f", "200 OK", "", STR(FEED));
	for (int i = 0; i < 5; i++) {
		get(w, "/f", &o);
		assert_string_equal(o.body, FEED);
		outcome_fini(&o);
	}
	assert_int_equal(http_server_connections(w->server), 1);
	assert_int_equal(http_server_requests(w->server), 5);
}

/* libcurl would try six kept ones. The second attempt opens a connection of its own, and is the last. */
static void test_dead_connections_end_in_a_fresh_one(void **state)
{
	enum { KEPT = 8 };
	struct world *w = *state;
	struct outcome o[KEPT];
	struct http_rule cut = { "/cut", STR(""), STR(""), 0, HTTP_CLOSE };
	struct fetch_request req = fetching_request(&w->fetching, url_of(w, "/f"));
	http_server_answer(w->server, "/f", "200 OK", "", STR(FEED));
	http_server_rule(w->server, &cut);
	for (size_t i = 0; i < KEPT; i++)
		(void)fetching_start(&w->fetching, &req, &o[i]);
	fetching_wait(&w->fetching);
	for (size_t i = 0; i < KEPT; i++)
		outcome_fini(&o[i]);
	size_t kept = http_server_connections(w->server), asked = http_server_requests(w->server);
	assert_true(kept >= 7);
	get(w, "/cut", &o[0]);
	assert_int_equal(o[0].error.kind, ERR_NET);
	assert_int_equal(http_server_connections(w->server), kept + 1);
	assert_int_equal(http_server_requests(w->server), asked + 2);
	outcome_fini(&o[0]);
}

/* The one that libcurl itself opens for its second attempt: not another one beside it. */
static void test_a_dead_connection_is_replaced_by_one(void **state)
{
	struct world *w = *state;
	struct outcome o;
	struct http_rule cut = { "/cut", STR(""), STR(""), 0, HTTP_CLOSE };
	http_server_answer(w->server, "/f", "200 OK", "", STR(FEED));
	http_server_rule(w->server, &cut);
	get(w, "/f", &o);
	outcome_fini(&o);
	get(w, "/cut", &o);
	assert_int_equal(o.error.kind, ERR_NET);
	outcome_fini(&o);
	get(w, "/f", &o);
	assert_string_equal(o.body, FEED);
	assert_int_equal(http_server_connections(w->server), 3);
	assert_int_equal(http_server_requests(w->server), 4);
	outcome_fini(&o);
}

/* Nobody can say that such a one was dead before it was asked. */
static void test_a_fresh_connection_is_asked_once(void **state)
{
	static const enum http_end ends[] = { HTTP_CLOSE, HTTP_RESET };
	struct world *w = *state;
	struct outcome o;
	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		struct http_rule cut = { "/cut", STR(""), STR(""), 0, ends[i] };
		http_server_rule(w->server, &cut);
		http_server_forget(w->server);
		get(w, "/cut", &o);
		assert_int_equal(o.error.kind, ERR_NET);
		assert_int_equal(http_server_requests(w->server), 1);
		assert_int_equal(http_server_connections(w->server), 1);
		outcome_fini(&o);
	}
}

/* Idle ones or not. */
static void test_a_connection_that_shall_be_fresh_is_asked_once(void **state)
{
	struct world *w = *state;
	struct http_rule cut = { "/cut", STR(""), STR(""), 0, HTTP_CLOSE };
	struct fetch_request req;
	struct outcome o;
	http_server_answer(w->server, "/f", "200 OK", "", STR(FEED));
	http_server_rule(w->server, &cut);
	get(w, "/f", &o);
	outcome_fini(&o);
	req = fetching_request(&w->fetching, url_of(w, "/cut"));
	req.fresh_connection = true;
	fetching_get(&w->fetching, &req, &o);
	assert_int_equal(o.error.kind, ERR_NET);
	assert_int_equal(http_server_connections(w->server), 2);
	assert_int_equal(http_server_requests(w->server), 2);
	outcome_fini(&o);
}

static void test_a_connection_that_nobody_wants_is_closed(void **state)
{
	struct world *w = *state;
	struct fetch_request req = fetching_request(&w->fetching, url_of(w, "/f"));
	struct outcome o;
	http_server_answer(w->server, "/f", "200 OK", "", STR(FEED));
	req.keep_connection = false;
	for (unsigned i = 1; i <= 3; i++) {
		fetching_get(&w->fetching, &req, &o);
		assert_string_equal(o.body, FEED);
		assert_int_equal(http_server_connections(w->server), i);
		outcome_fini(&o);
	}
}

static void test_none_is_kept_when_nobody_wants_it(void **state)
{
	struct world *w = *state;
	const struct fetch_keep none = { .requests = 1, .connections = 4, .idle_ms = 0 };
	struct outcome o;
	http_server_answer(w->server, "/f", "200 OK", "", STR(FEED));
	fetcher_keep(w->fetching.fetcher, &none);
	for (unsigned i = 1; i <= 3; i++) {
		get(w, "/f", &o);
		assert_int_equal(http_server_connections(w->server), i);
		outcome_fini(&o);
	}
}

/* However many hosts want theirs kept. */
static void test_idle_connections_have_a_bound(void **state)
{
	struct world *w = *state;
	struct http_server *other = http_server_new();
	const struct fetch_keep one = { .requests = 1, .connections = 1, .idle_ms = 60000 };
	struct outcome o;
	char elsewhere[64];
	fetcher_keep(w->fetching.fetcher, &one);
	http_server_answer(w->server, "/f", "200 OK", "", STR(FEED));
	http_server_answer(other, "/f", "200 OK", "", STR(FEED));
	snprintf(elsewhere, sizeof(elsewhere), "http://127.0.0.1:%u/f", http_server_port(other));
	struct fetch_request there = fetching_request(&w->fetching, elsewhere);
	for (int i = 0; i < 3; i++) {
		get(w, "/f", &o);
		outcome_fini(&o);
		fetching_get(&w->fetching, &there, &o);
		outcome_fini(&o);
	}
	assert_int_equal(http_server_connections(w->server), 1);
	assert_int_equal(http_server_connections(other), 3);
	http_server_free(&other);
}

/* A server that calls its HTTP/1 another version: libcurl would send all that is asked of the host over one connection, before the answers are there. */
static void test_each_has_a_connection_while_it_runs(void **state)
{
	struct world *w = *state;
	struct outcome stalled, other;
	struct http_rule odd = { .path = "/odd",
		.head = STR("HTTP/2 302 Found\r\nLocation: /f\r\nContent-Length: 0\r\n\r\n") };
	struct http_rule stall = { .path = "/stall", .head = STR(OK_HEAD "\r\n"), .end = HTTP_STALL };
	http_server_rule(w->server, &odd);
	http_server_rule(w->server, &stall);
	http_server_answer(w->server, "/f", "200 OK", "", STR(FEED));
	struct fetch_request req = fetching_request(&w->fetching, url_of(w, "/stall"));
	req.timeout_ms = 1000;
	(void)fetching_start(&w->fetching, &req, &stalled);
	req.url = url_of(w, "/odd");
	(void)fetching_start(&w->fetching, &req, &other);
	fetching_wait(&w->fetching);
	assert_int_equal(other.error.kind, ERR_NONE);
	assert_string_equal(other.body, FEED);
	assert_int_equal(stalled.error.kind, ERR_NET);
	outcome_fini(&other);
	outcome_fini(&stalled);
}

/* What a server sends beyond its Content-Length stays in the connection; the next request must not fail of it. */
static void test_leftovers_do_not_hurt_the_next(void **state)
{
	struct world *w = *state;
	struct http_rule rule = { "/long", STR(OK_HEAD "Content-Length: 5\r\n\r\nabcdefghij"), STR(""), 0,
		HTTP_KEEP };
	http_server_rule(w->server, &rule);
	for (int i = 0; i < 40; i++) {
		struct outcome o;
		get(w, "/long", &o);
		assert_int_equal(o.error.kind, ERR_NONE);
		assert_string_equal(o.body, "abcde");
		outcome_fini(&o);
	}
}

/* A connection that one request may use is not another's. */
static void test_a_kept_connection_is_no_way_around_the_check(void **state)
{
	struct world *w = *state;
	struct outcome o;
	struct fetch_request req = fetching_request(&w->fetching, url_of(w, "/f"));
	http_server_answer(w->server, "/f", "200 OK", "", STR(FEED));
	fetching_get(&w->fetching, &req, &o);
	assert_int_equal(o.status, 200);
	outcome_fini(&o);
	req.allow_count = 0;
	fetching_get(&w->fetching, &req, &o);
	assert_int_equal(o.error.kind, ERR_NET);
	assert_non_null(strstr(o.error.text, "127.0.0.1 is a private address"));
	assert_int_equal(http_server_requests(w->server), 1);
	outcome_fini(&o);
}

struct late_case {
	const char *name;
	struct str head;
	enum fetch_phase phase;
	const char *says;
};

static const struct late_case late_cases[] = {
	{ "no answer", { NULL, 0 }, FETCH_TRANSFER, "sent no answer" },
	{ "half a head", { "HTTP/1.1 200 OK\r\nX: ", 20 }, FETCH_TRANSFER, "sent no answer" },
	{ "half a body", { "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", 41 }, FETCH_BODY,
	    "too slowly" },
};

static void test_time_outs(void **state)
{
	struct world *w = *state;
	for (size_t i = 0; i < ARRAY_LEN(late_cases); i++) {
		const struct late_case *c = &late_cases[i];
		struct http_rule rule = { "/late", c->head, STR(""), 0, HTTP_STALL };
		struct outcome o;
		struct fetch_request req = fetching_request(&w->fetching, url_of(w, "/late"));
		http_server_rule(w->server, &rule);
		req.timeout_ms = 60;
		fetching_get(&w->fetching, &req, &o);
		if (o.error.kind != ERR_NET || o.phase != c->phase || !strstr(o.error.text, c->says))
			fail_msg("%s: %s, phase %d, '%s'", c->name, err_kind_name(o.error.kind), (int)o.phase,
			    o.error.text);
		outcome_fini(&o);
	}
}

static void test_nobody_listens(void **state)
{
	struct world *w = *state;
	struct outcome o;
	struct http_server *gone = http_server_new();
	char url[64];
	snprintf(url, sizeof(url), "http://127.0.0.1:%u/", http_server_port(gone));
	http_server_free(&gone);
	struct fetch_request req = fetching_request(&w->fetching, url);
	fetching_get(&w->fetching, &req, &o);
	assert_int_equal(o.error.kind, ERR_NET);
	assert_int_equal(o.phase, FETCH_CONNECT);
	assert_non_null(strstr(o.error.text, "cannot be reached"));
	outcome_fini(&o);
}

static void test_many_at_once_and_some_cancelled(void **state)
{
	enum { COUNT = 60 };
	struct world *w = *state;
	static struct outcome o[COUNT];
	struct http_rule stall = { "/stall", STR(""), STR(""), 0, HTTP_STALL };
	struct fetch *stalled[4];
	struct outcome never[4];
	struct fetch_request req = fetching_request(&w->fetching, url_of(w, "/stall"));
	http_server_answer(w->server, "/f", "200 OK", "", STR(FEED));
	http_server_rule(w->server, &stall);
	for (size_t i = 0; i < ARRAY_LEN(stalled); i++)
		stalled[i] = fetching_start(&w->fetching, &req, &never[i]);
	req.url = url_of(w, "/f");
	for (size_t i = 0; i < COUNT; i++)
		(void)fetching_start(&w->fetching, &req, &o[i]);
	assert_int_equal(fetcher_active(w->fetching.fetcher), COUNT + ARRAY_LEN(stalled));
	for (size_t i = 0; i < 2; i++) {
		fetch_cancel(&stalled[i]);
		assert_null(stalled[i]);
		fetching_forget(&w->fetching, &never[i]);
	}
	assert_true(reactor_run(&w->fetching.reactor, w->fetching.fetcher, &w->fetching.done, COUNT));
	for (size_t i = 0; i < COUNT; i++) {
		assert_int_equal(o[i].calls, 1);
		assert_string_equal(o[i].body, FEED);
		outcome_fini(&o[i]);
	}
	assert_int_equal(fetcher_active(w->fetching.fetcher), 2);
	for (size_t i = 2; i < 4; i++) {
		fetch_cancel(&stalled[i]);
		fetching_forget(&w->fetching, &never[i]);
	}
	assert_int_equal(fetcher_active(w->fetching.fetcher), 0);
}

struct bad_request {
	const char *name;
	const char *url, *user_agent, *language, *bearer;
};

static const struct bad_request bad_requests[] = {
	{ "file", "file:///etc/passwd", "a", NULL, NULL },
	{ "ftp", "ftp://a.example/x", "a", NULL, NULL },
	{ "relative", "/x", "a", NULL, NULL },
	{ "nothing", "", "a", NULL, NULL },
	{ "line break in the User-Agent", "http://a.example/", "a\r\nX: y", NULL, NULL },
	{ "line break in the language", "http://a.example/", "a", "en\nX: y", NULL },
	{ "line break in the token", "http://a.example/", "a", NULL, "t\r\nX: y" },
};

static void never_called(void *ctx, const struct fetch_result *r)
{
	(void)ctx, (void)r;
	abort();
}

static void test_refused_at_once(void **state)
{
	struct world *w = *state;
	for (size_t i = 0; i < ARRAY_LEN(bad_requests); i++) {
		const struct bad_request *c = &bad_requests[i];
		struct fetch_request req = fetching_request(&w->fetching, c->url);
		struct err e = { ERR_NONE };
		req.user_agent = c->user_agent;
		req.accept_language = c->language;
		req.bearer = c->bearer;
		if (fetch_start(w->fetching.fetcher, &req, never_called, NULL, NULL, &e) ||
		    e.kind != ERR_CONFIG)
			fail_msg("%s: %s", c->name, err_kind_name(e.kind));
	}
	assert_int_equal(fetcher_active(w->fetching.fetcher), 0);
}

/* Without it the server would see a stranger, and answer as to one. */
static void test_nothing_is_asked_without_its_secret(void **state)
{
	struct world *w = *state;
	struct fetch_request req = fetching_request(&w->fetching, url_of(w, "/f"));
	struct err e = { ERR_NONE };
	req.username = "u";
	req.secret_missing = "/etc/gazetted/password";
	assert_false(fetch_start(w->fetching.fetcher, &req, never_called, NULL, NULL, &e));
	assert_int_equal(e.kind, ERR_IO);
	assert_non_null(strstr(e.text, "/etc/gazetted/password"));
	assert_int_equal(http_server_requests(w->server), 0);
}

static void test_the_environments_proxy_is_not_asked(void **state)
{
	struct world *w = *state;
	struct outcome o;
	http_server_answer(w->server, "/f", "200 OK", "", STR(FEED));
	setenv("http_proxy", "http://127.0.0.1:1", 1);
	setenv("all_proxy", "http://127.0.0.1:1", 1);
	get(w, "/f", &o);
	unsetenv("http_proxy");
	unsetenv("all_proxy");
	assert_int_equal(o.error.kind, ERR_NONE);
	assert_string_equal(o.body, FEED);
	outcome_fini(&o);
}

static void test_a_proxy_is_used_but_not_for_private_addresses(void **state)
{
	struct world *w = *state;
	struct outcome o;
	char proxy[64];
	struct fetch_request req = fetching_request(&w->fetching, "http://feeds.example/f");
	http_server_answer(w->server, "http://feeds.example/f", "200 OK", "", STR(FEED));
	snprintf(proxy, sizeof(proxy), "http://127.0.0.1:%u", http_server_port(w->server));
	req.proxy = proxy;
	req.allow_count = 0; /* a configured proxy may be anywhere */
	fetching_get(&w->fetching, &req, &o);
	assert_int_equal(o.error.kind, ERR_NONE);
	assert_string_equal(o.body, FEED);
	outcome_fini(&o);
	req.url = "http://0x7f000001/f";
	struct err e = { ERR_NONE };
	assert_false(fetch_start(w->fetching.fetcher, &req, never_called, NULL, NULL, &e));
	assert_non_null(strstr(e.text, "private address"));
	assert_int_equal(http_server_requests(w->server), 1);
}

static void test_close_with_fetches_in_flight(void **state)
{
	struct world *w = *state;
	struct outcome never;
	struct http_rule stall = { "/stall", STR(""), STR(""), 0, HTTP_STALL };
	struct fetch_request req = fetching_request(&w->fetching, url_of(w, "/stall"));
	http_server_rule(w->server, &stall);
	(void)fetching_start(&w->fetching, &req, &never);
	fetcher_close(&w->fetching.fetcher);
	assert_null(w->fetching.fetcher);
	fetching_forget(&w->fetching, &never);
	assert_int_equal(never.calls, 0);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		CASE(test_a_plain_answer),
		CASE(test_answers),
		CASE(test_gzip),
		CASE(test_a_bomb_stops_at_the_limit),
		CASE(test_a_stream_of_nothing_stops_at_the_limit),
		CASE(test_what_is_around_a_body_has_a_limit),
		CASE(test_small_chunks_have_no_limit),
		CASE(test_exactly_the_limit_is_allowed),
		CASE(test_validators_are_sent_verbatim),
		CASE(test_cookies_are_not_kept),
		CASE(test_redirects_are_followed),
		CASE(test_redirects_that_wait),
		CASE(test_redirects_end),
		CASE(test_a_redirect_to_too_far),
		CASE(test_a_redirect_to_no_host),
		CASE(test_no_redirects_allowed),
		CASE(test_secrets_stay_with_their_origin),
		CASE(test_validators_belong_to_one_url),
		CASE(test_credentials_in_the_url),
		CASE(test_connections_are_reused),
		CASE(test_dead_connections_end_in_a_fresh_one),
		CASE(test_a_dead_connection_is_replaced_by_one),
		CASE(test_a_fresh_connection_is_asked_once),
		CASE(test_a_connection_that_shall_be_fresh_is_asked_once),
		CASE(test_a_connection_that_nobody_wants_is_closed),
		CASE(test_none_is_kept_when_nobody_wants_it),
		CASE(test_idle_connections_have_a_bound),
		CASE(test_each_has_a_connection_while_it_runs),
		CASE(test_leftovers_do_not_hurt_the_next),
		CASE(test_a_kept_connection_is_no_way_around_the_check),
		CASE(test_time_outs),
		CASE(test_nobody_listens),
		CASE(test_many_at_once_and_some_cancelled),
		CASE(test_refused_at_once),
		CASE(test_nothing_is_asked_without_its_secret),
		CASE(test_the_environments_proxy_is_not_asked),
		CASE(test_a_proxy_is_used_but_not_for_private_addresses),
		CASE(test_close_with_fetches_in_flight),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("net/fetch", tests, NULL, NULL);
}
