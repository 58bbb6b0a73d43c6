/* The head of an answer, line by line. */
#include "daemon/net/head_priv.h"

#include "daemon/net/request.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

struct value_case {
	const char *name;
	const char *lines[8];
	enum head_name header;
	const char *value; /* NULL: absent */
};

static const struct value_case value_cases[] = {
	{ "white space around is not part of it", { "ETag:  \"a b\" \t\r\n" }, HEAD_ETAG, "\"a b\"" },
	{ "names have no case", { "eTAG: W/\"x\"\r\n" }, HEAD_ETAG, "W/\"x\"" },
	{ "no space at all", { "etag:x\n" }, HEAD_ETAG, "x" },
	{ "an empty value is absent", { "ETag: \r\n" }, HEAD_ETAG, NULL },
	{ "a repeated validator: the first", { "ETag: 1\r\n", "ETag: 2\r\n" }, HEAD_ETAG, "1" },
	{ "an empty first one still is the first", { "ETag:\r\n", "ETag: 2\r\n" }, HEAD_ETAG, NULL },
	{ "a wall", { "CF-Mitigated: challenge\r\n", "X-Amzn-Waf-Action: captcha\r\n" }, HEAD_CF_MITIGATED,
	    "challenge" },
	{ "another wall", { "CF-Mitigated: challenge\r\n", "X-Amzn-Waf-Action: captcha\r\n" },
	    HEAD_WAF_ACTION, "captcha" },
	{ "lists are joined", { "Link: <a>\r\n", "X: y\r\n", "Link: <b>\r\n" }, HEAD_LINK, "<a>, <b>" },
	{ "three of a list", { "Cache-Control: a\r\n", "Cache-Control: b\r\n", "Cache-Control: c\r\n" },
	    HEAD_CACHE_CONTROL, "a, b, c" },
	{ "a fold continues", { "Last-Modified: Mon,\r\n", "\t 1 Jan\r\n" }, HEAD_LAST_MODIFIED,
	    "Mon, 1 Jan" },
	{ "a value that begins in the second line", { "Location:\r\n", " /a\r\n" }, HEAD_LOCATION, "/a" },
	{ "one that ends in the first", { "Location: /a\r\n", " \r\n" }, HEAD_LOCATION, "/a" },
	{ "a fold of an unknown header is nobody's", { "ETag: e\r\n", "X: 1\r\n", " 2\r\n" }, HEAD_ETAG,
	    "e" },
	{ "a fold of a second, ignored line", { "ETag: e\r\n", "ETag: f\r\n", " g\r\n" }, HEAD_ETAG, "e" },
	{ "a name with a space is another", { "ETag : x\r\n" }, HEAD_ETAG, NULL },
	{ "no colon", { "ETag\r\n" }, HEAD_ETAG, NULL },
	{ "a longer name", { "ETags: x\r\n" }, HEAD_ETAG, NULL },
};

static void feed(struct head *h, const char *line)
{
	struct err e = { ERR_NONE };
	assert_true(head_line(h, str_from(line), &e));
}

static void test_values(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(value_cases); i++) {
		const struct value_case *c = &value_cases[i];
		struct head h;
		head_init(&h);
		for (size_t k = 0; k < ARRAY_LEN(c->lines) && c->lines[k]; k++)
			feed(&h, c->lines[k]);
		struct str got = head_get(&h, c->header);
		if (!str_eq(got, str_from(c->value)) || (got.p == NULL) != (c->value == NULL))
			fail_msg("%s: got '%.*s'", c->name, STR_ARG(got));
		head_fini(&h);
	}
}

static void test_interim_answers_are_forgotten(void **state)
{
	struct head h;
	(void)state;
	head_init(&h);
	feed(&h, "HTTP/1.1 103 Early Hints\r\n");
	feed(&h, "ETag: early\r\n");
	feed(&h, "Content-Length: 7\r\n");
	feed(&h, "\r\n");
	head_end(&h, 103);
	assert_false(h.complete);
	assert_false(h.has_length);
	feed(&h, "ETag: final\r\n");
	head_end(&h, 200);
	assert_true(h.complete);
	assert_true(str_eq(head_get(&h, HEAD_ETAG), STR("final")));
	head_fini(&h);
}

static void test_trailers_change_nothing(void **state)
{
	struct head h;
	(void)state;
	head_init(&h);
	head_end(&h, 200);
	feed(&h, "ETag: late\r\n");
	feed(&h, "Content-Length: 9\r\n");
	assert_null(head_get(&h, HEAD_ETAG).p);
	assert_false(h.has_length);
	head_reset(&h);
	feed(&h, "ETag: next\r\n");
	assert_true(str_eq(head_get(&h, HEAD_ETAG), STR("next")));
	head_fini(&h);
}

struct length_case {
	const char *name;
	const char *lines[2];
	enum err_kind kind;
	uint64_t length;
};

static const struct length_case length_cases[] = {
	{ "a number", { "Content-Length: 12\r\n" }, ERR_NONE, 12 },
	{ "the same twice", { "Content-Length: 12\r\n", "Content-Length: 12\r\n" }, ERR_NONE, 12 },
	{ "two different ones", { "Content-Length: 12\r\n", "Content-Length: 13\r\n" }, ERR_HTTP, 0 },
	{ "negative", { "Content-Length: -1\r\n" }, ERR_HTTP, 0 },
	{ "a list", { "Content-Length: 5, 5\r\n" }, ERR_HTTP, 0 },
	{ "nothing", { "Content-Length:\r\n" }, ERR_HTTP, 0 },
	{ "hexadecimal", { "Content-Length: 0x10\r\n" }, ERR_HTTP, 0 },
	{ "beyond 64 bits", { "Content-Length: 99999999999999999999\r\n" }, ERR_LIMIT, 0 },
};

static void test_lengths(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(length_cases); i++) {
		const struct length_case *c = &length_cases[i];
		struct err e = { ERR_NONE };
		struct head h;
		head_init(&h);
		bool ok = head_line(&h, str_from(c->lines[0]), &e);
		if (ok && c->lines[1])
			ok = head_line(&h, str_from(c->lines[1]), &e);
		if (ok != (c->kind == ERR_NONE) || e.kind != c->kind || (ok && h.length != c->length))
			fail_msg("%s: kind %s, length %llu", c->name, err_kind_name(e.kind),
			    (unsigned long long)h.length);
		head_fini(&h);
	}
}

static void test_limits(void **state)
{
	static char line[8000];
	struct head h;
	(void)state;
	memset(line, 'a', sizeof(line));
	memcpy(line, "Link: ", 6);
	head_init(&h);
	struct err e = { ERR_NONE };
	unsigned lines = 0;
	while (head_line(&h, str_of(line, sizeof(line)), &e))
		lines++;
	assert_int_equal(e.kind, ERR_LIMIT);
	assert_int_equal(lines, HEAD_BYTES_MAX / sizeof(line));
	assert_null(head_get(&h, HEAD_LINK).p); /* too long when joined: absent, not cut */
	head_reset(&h);
	err_clear(&e);
	for (lines = 0; head_line(&h, STR("a: b\r\n"), &e); lines++)
		continue;
	assert_int_equal(e.kind, ERR_LIMIT);
	assert_int_equal(lines, HEAD_LINES_MAX);
	head_fini(&h);
}

/* What comes behind it is no value of its own. */
static void test_one_that_is_too_long_is_none(void **state)
{
	static char line[HEAD_VALUE_MAX + 100];
	struct head h;
	(void)state;
	head_init(&h);
	snprintf(line, sizeof(line), "Location: /%0*d\r\n", (int)HEAD_VALUE_MAX, 1);
	feed(&h, line);
	assert_true(head_is_too_long(&h, HEAD_LOCATION));
	feed(&h, " /evil\r\n");
	feed(&h, "Location: /evil\r\n");
	assert_null(head_get(&h, HEAD_LOCATION).p);
	head_reset(&h);
	feed(&h, "Location: \r\n");
	assert_false(head_is_too_long(&h, HEAD_LOCATION));
	head_fini(&h);
}

/* Two lists in turn are the worst case for joining: memory stays bounded and nothing fails. */
static void test_joining_is_bounded(void **state)
{
	struct err e = { ERR_NONE };
	struct head h;
	(void)state;
	head_init(&h);
	for (unsigned i = 0; i < HEAD_LINES_MAX; i++)
		assert_true(
		    head_line(&h, i % 2 ? STR("Link: <abcdefgh>\r\n") : STR("Cache-Control: abc\r\n"), &e));
	assert_true(h.text.n <= HEAD_TEXT_MAX);
	assert_false(h.text.failed);
	head_fini(&h);
}

static void test_validators_can_be_sent_back(void **state)
{
	static char line[NET_VALIDATOR_MAX + 100];
	struct head h;
	(void)state;
	head_init(&h);
	feed(&h, "ETag: \"a\x1b[31m\"\r\n");
	assert_non_null(head_get(&h, HEAD_ETAG).p);
	assert_null(head_get_validator(&h, HEAD_ETAG).p);
	head_reset(&h);
	feed(&h, "ETag: \"\xc3\xa9\xff\"\r\n");
	assert_true(str_eq(head_get_validator(&h, HEAD_ETAG), STR("\"\xc3\xa9\xff\"")));
	head_reset(&h);
	snprintf(line, sizeof(line), "ETag: %0*d\r\n", NET_VALIDATOR_MAX, 1);
	feed(&h, line);
	assert_int_equal(head_get_validator(&h, HEAD_ETAG).n, NET_VALIDATOR_MAX);
	head_reset(&h);
	snprintf(line, sizeof(line), "ETag: %0*d\r\n", NET_VALIDATOR_MAX + 1, 1);
	feed(&h, line);
	assert_null(head_get_validator(&h, HEAD_ETAG).p);
	head_fini(&h);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_interim_answers_are_forgotten),
		cmocka_unit_test(test_trailers_change_nothing),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_one_that_is_too_long_is_none),
		cmocka_unit_test(test_joining_is_bounded),
		cmocka_unit_test(test_validators_can_be_sent_back),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("net/head", tests, NULL, NULL);
}
