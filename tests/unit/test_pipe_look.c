/* A look there and back: feeds, pages, frames that are cut or forged. */
#include "daemon/base/date.h"
#include "daemon/pipe/look.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct fixture {
	struct buf request, answer;
	struct arena *arena;
	struct look_answer a;
};

static void run(struct fixture *f, struct str body)
{
	struct err e = { .kind = ERR_NONE };
	const struct look look = { 7, STR("https://gov.example/en/"), STR("text/html"), 0, body };
	struct look back;
	feed_init();
	buf_init(&f->request, 1u << 20);
	buf_init(&f->answer, LOOK_ANSWER_MAX);
	f->arena = arena_new(16u << 20);
	look_encode(&look, &f->request);
	assert_true(look_is_frame(buf_view(&f->request)));
	assert_true(look_decode(buf_view(&f->request), &back, &e));
	assert_true(look_run(&back, &f->answer, &e));
	assert_true(look_answer_decode(buf_view(&f->answer), f->arena, &f->a, &e));
	assert_int_equal(f->a.id, 7);
}

static void end(struct fixture *f)
{
	buf_fini(&f->request);
	buf_fini(&f->answer);
	arena_free(&f->arena);
}

static void tells_of_a_feed(void **state)
{
	struct fixture f;
	(void)state;
	run(&f, STR("<rss version='2.0'><channel><title>News</title><language>en</language>"
	            "<item><title>a</title><pubDate>Fri, 20 Nov 2026 08:00:00 GMT</pubDate></item>"
	            "<item><title>b</title></item>"
	            "<item><title>c</title><pubDate>Thu, 19 Nov 2026 08:00:00 "
	            "GMT</pubDate></item></channel></rss>"));
	assert_int_equal(f.a.error.kind, ERR_NONE);
	assert_int_equal(f.a.format, FEED_RSS_20);
	assert_true(str_eq(f.a.title, STR("News")) && str_eq(f.a.language, STR("en")));
	assert_int_equal(f.a.items, 3);
	assert_int_equal(f.a.newest, INT64_C(1795161600000));
	assert_int_equal(f.a.link_count, 0);
	end(&f);
}

static void tells_of_a_page(void **state)
{
	struct fixture f;
	(void)state;
	run(&f, STR("<html><link rel=feed hreflang=fr href=f><a href=/rss>x</a>"));
	assert_int_equal(f.a.error.kind, ERR_PARSE);
	assert_int_equal(f.a.link_count, 2);
	assert_int_equal(f.a.links[0].found, PAGE_ALTERNATE);
	assert_true(str_eq(f.a.links[0].url, STR("https://gov.example/en/f")));
	assert_true(str_eq(f.a.links[0].language, STR("fr")));
	assert_int_equal(f.a.links[1].found, PAGE_ANCHOR);
	end(&f);
}

static void tells_of_nothing(void **state)
{
	struct fixture f;
	(void)state;
	run(&f, STR("\x89PNG"));
	assert_int_equal(f.a.error.kind, ERR_PARSE);
	assert_int_equal(f.a.link_count, 0);
	assert_int_equal(f.a.newest, DATE_NONE);
	end(&f);
}

/* What comes back from a worker is checked as if a stranger had sent it. */
static void refuses_bad_frames(void **state)
{
	struct fixture f;
	struct err e = { .kind = ERR_NONE };
	struct look look;
	struct look_answer a;
	(void)state;
	run(&f, STR("<html><link rel=feed href=f>"));
	for (size_t n = 0; n < f.answer.n; n++)
		assert_false(look_answer_decode(str_of(f.answer.p, n), f.arena, &a, &e));
	for (size_t n = 0; n < f.request.n; n++)
		assert_false(look_decode(str_of(f.request.p, n), &look, &e));
	buf_byte(&f.answer, 0);
	assert_false(look_answer_decode(buf_view(&f.answer), f.arena, &a, &e));
	f.answer.n--;
	size_t at = str_find(buf_view(&f.answer), STR("https://gov"), 0);
	memcpy(f.answer.p + at, "file", 4);
	assert_false(look_answer_decode(buf_view(&f.answer), f.arena, &a, &e));
	memcpy(f.answer.p + at, "http", 4);
	f.answer.p[12] = ERR_KINDS;
	assert_false(look_answer_decode(buf_view(&f.answer), f.arena, &a, &e));
	end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_of_a_feed),
		cmocka_unit_test(tells_of_a_page),
		cmocka_unit_test(tells_of_nothing),
		cmocka_unit_test(refuses_bad_frames),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("pipe/look", tests, NULL, NULL);
}
