/* The way back through archives: where it may go, where it ends, and its form. */
#include "daemon/pipe/feedstate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

static const struct {
	const char *name, *url, *feed;
	bool same;
} sites[] = {
	{ "the same host", "https://a.example/old", "https://a.example/feed", true },
	{ "case and default port", "HTTPS://A.example:443/old", "https://a.example/feed", true },
	{ "http became https", "https://a.example/old", "http://a.example/feed", true },
	{ "https became http", "http://a.example/old", "https://a.example/feed", false },
	{ "https on another port", "https://a.example:8443/old", "http://a.example/feed", false },
	{ "another port", "http://a.example:22/old", "http://a.example/feed", false },
	{ "another host", "http://b.example/old", "http://a.example/feed", false },
	{ "a host that begins alike", "http://a.example.evil.example/old", "http://a.example/feed", false },
	{ "a host behind a name", "http://a.example@evil.example/old", "http://a.example/feed", false },
	{ "a subdomain", "http://old.a.example/old", "http://a.example/feed", false },
};

static void test_same_site(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(sites); i++)
		if (walk_same_site(str_from(sites[i].url), str_from(sites[i].feed)) != sites[i].same)
			fail_msg("%s", sites[i].name);
}

static enum walk_end follow(struct walk *w, const char *link, const struct walk_site *site)
{
	struct err e = { .kind = ERR_NONE };
	enum walk_end end = WALK_FAILED;

	assert_true(walk_follow(w, str_from(link), site, &end, &e));
	return end;
}

static void test_ends(void **state)
{
	struct walk_site site = { "http://a.example/feed", "http://cdn.example/feed", false, 10 };
	struct walk *w = walk_new();
	char far[JOB_LINK_MAX + 64] = "http://a.example/";

	(void)state;
	assert_non_null(w);
	assert_int_equal(follow(w, "", &site), WALK_LAST);
	assert_int_equal(follow(w, "http://a.example/feed", &site), WALK_LOOP);
	assert_int_equal(follow(w, "http://cdn.example/feed#x", &site), WALK_LOOP);
	assert_int_equal(follow(w, "http://10.0.0.1/", &site), WALK_ELSEWHERE);
	assert_int_equal(follow(w, "gopher://a.example/1", &site), WALK_ELSEWHERE);
	memset(far + strlen(far), 'x', JOB_LINK_MAX);
	assert_int_equal(follow(w, far, &site), WALK_ELSEWHERE);
	assert_null(w->url);
	assert_int_equal(follow(w, "http://cdn.example/1", &site), WALK_GOES_ON);
	assert_string_equal(w->url, "http://cdn.example/1");
	assert_int_equal(follow(w, "http://a.example/2", &site), WALK_GOES_ON);
	assert_int_equal(follow(w, "http://cdn.example/1#again", &site), WALK_LOOP);
	assert_string_equal(w->url, "http://a.example/2");
	w->pages = 10;
	assert_int_equal(follow(w, "http://a.example/3", &site), WALK_LIMIT);
	site.anywhere = true;
	w->pages = 2;
	assert_int_equal(follow(w, "http://elsewhere.example/3", &site), WALK_GOES_ON);
	walk_free(&w);
	assert_null(w);
}

/* A thousand pages: no more are remembered, or asked for, than there is room. */
static void test_without_end(void **state)
{
	struct walk_site site = { "http://a.example/feed", NULL, false, WALK_PAGES_MAX };
	struct walk *w = walk_new();
	unsigned followed = 0;
	char url[64];

	(void)state;
	assert_non_null(w);
	for (unsigned i = 0; i < 1000; i++) {
		snprintf(url, sizeof(url), "http://a.example/%u", i);
		if (follow(w, url, &site) != WALK_GOES_ON)
			continue;
		followed++;
		w->pages++;
	}
	assert_int_equal(followed, WALK_PAGES_MAX);
	walk_free(&w);
}

static void fill(struct feedstate *f, const struct learned *l)
{
	struct err e = { .kind = ERR_NONE };
	struct walk_site site = { "http://a.example/feed", NULL, false, 10 };
	struct buf names;

	*f = (struct feedstate){ .hurry = 7, .down = true, .moved = true, .pages = 3 };
	assert_true(feedstate_learn(f, l, &e));
	f->walk = walk_new();
	assert_non_null(f->walk);
	buf_init(&names, 4096);
	for (uint64_t i = 0; i < WALK_ANCHORS_MAX + 20; i++)
		buf_le64(&names, i);
	walk_anchor(f->walk, buf_view(&names));
	buf_fini(&names);
	assert_int_equal(follow(f->walk, "http://a.example/1", &site), WALK_GOES_ON);
	assert_true(feedstate_set_newest(f, (const uint64_t[]){ 11, 12 }, 2, &e));
	assert_true(feedtext_set(&f->texts, FEEDTEXT_ETAG, STR("\"x\""), &e));
}

#define PACE_LEN (PACE_ENCODED + 4 + 4 + 8 + 1) /* with the tally and the reason */
#define HINTS_LEN (4 + 4 + 1)
#define HELD_LEN 4 /* bytes: no held host */
#define REPAIR_LEN (4 + 8 + 4 + 4) /* no text; with the freshness behind it */
#define RESUME_LEN 4 /* none */
#define TRUST_AND_MOVE_LEN (TRUST_LEN + 1 + RESUME_LEN + REPAIR_LEN)
#define MANNERS_LEN (HELD_LEN + TRUST_AND_MOVE_LEN) /* bytes beside the pace, when there is nothing to say */

/* What is remembered comes back; cut anywhere it is refused or is the older form, and never half of it. */
static void test_form(void **state)
{
	struct err e = { .kind = ERR_NONE };
	struct feedstate f, back, copy;
	struct learned l = { .hints = { .ttl = 60 },
		.quiet = { .arrivals = 9, .longest = { { 4, 3 }, { 2, 1 } } } };
	struct learned read;
	uint64_t names[NEWEST_MAX];
	struct buf b;

	(void)state;
	fill(&f, &l);
	buf_init(&b, FEEDSTATE_MAX);
	feedstate_encode(&f, &b);
	assert_false(b.failed);
	assert_true(feedstate_copy(&f, &copy, &e));
	assert_ptr_not_equal(copy.walk, f.walk);
	assert_string_equal(copy.walk->url, "http://a.example/1");
	feedstate_fini(&copy);
	assert_true(feedstate_decode(buf_view(&b), &back, &e));
	assert_true(back.down && back.moved && !back.silent);
	assert_int_equal(back.hurry, 7);
	assert_int_equal(feedstate_newest(&back, names), 2);
	assert_int_equal(names[0], 11);
	assert_int_equal(names[1], 12);
	feedstate_learned(&back, &read);
	assert_memory_equal(&read.quiet, &l.quiet, sizeof(l.quiet));
	assert_int_equal(back.walk->anchor_count, WALK_ANCHORS_MAX);
	assert_memory_equal(back.walk->anchors, f.walk->anchors, sizeof(f.walk->anchors));
	assert_int_equal(back.walk->visited_count, 2);
	assert_string_equal(back.walk->url, "http://a.example/1");
	assert_int_equal(read.hints.ttl, 60);
	feedstate_fini(&back);
	for (size_t n = 0; n < b.n; n++) {
		struct err why = { .kind = ERR_NONE };

		if (!feedstate_decode(str_of(b.p, n), &back, &why)) {
			assert_null(back.walk);
			assert_null(back.texts);
			continue;
		}
		/* Without the newest parts, or without anything behind `pages`. */
		assert_int_equal(back.walk != NULL, n >= b.n - PACE_LEN - MANNERS_LEN - HINTS_LEN);
		assert_int_equal(back.hurry, back.walk ? 7 : 0);
		feedstate_learned(&back, &read);
		assert_int_equal(read.hints.ttl, n >= b.n - PACE_LEN - MANNERS_LEN ? 60 : 0);
		feedstate_fini(&back);
	}
	buf_fini(&b);
	feedstate_fini(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same_site),
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_without_end),
		cmocka_unit_test(test_form),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
