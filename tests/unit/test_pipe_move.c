/* When an address that a feed is redirected to is believed: one row is the life of one feed. */
#include "daemon/base/attr.h"
#include "daemon/pipe/move.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#define HOUR INT64_C(3600000)
#define DAY (24 * HOUR)
#define START INT64_C(1795996800000) /* wall ms */
#define ANSWERS_MAX 8
#define OLD "http://old.example/feed"

static const char *const addresses[] = { "http://new.example/feed", "http://other.example/feed", OLD };
enum target { NEW, OTHER, BACK, NONE, PAGE }; /* PAGE: a page of HTML came, wherever it was */

static const struct {
	const char *name;
	struct answer {
		int64_t after; /* ms since the one before */
		enum target target;
		enum tie tie;
	} answers[ANSWERS_MAX];
	size_t count, saved_at; /* which answer it is saved with, from 1; 0: never */
} lives[] = {
	{ "three times in a week",
	    { { 0, NEW, TIE_OVERLAP }, { 3 * DAY, NEW, TIE_NOT_MODIFIED }, { 4 * DAY, NEW, TIE_SAME } }, 3,
	    3 },
	{ "often, but not for long",
	    { { 0, NEW, TIE_OVERLAP }, { DAY, NEW, TIE_OVERLAP }, { DAY, NEW, TIE_OVERLAP },
	        { DAY, NEW, TIE_OVERLAP } },
	    4, 0 },
	{ "a moment too early",
	    { { 0, NEW, TIE_KNOWN }, { DAY, NEW, TIE_KNOWN }, { 6 * DAY - 1, NEW, TIE_KNOWN },
	        { 1, NEW, TIE_KNOWN } },
	    4, 4 },
	{ "for long, but not often", { { 0, NEW, TIE_OVERLAP }, { 30 * DAY, NEW, TIE_OVERLAP } }, 2, 0 },
	{ "once without a redirect",
	    { { 0, NEW, TIE_OVERLAP }, { 4 * DAY, NEW, TIE_OVERLAP }, { HOUR, NONE, TIE_OVERLAP },
	        { 4 * DAY, NEW, TIE_OVERLAP }, { HOUR, NEW, TIE_OVERLAP } },
	    5, 0 },
	{ "a change of mind",
	    { { 0, NEW, TIE_OVERLAP }, { 4 * DAY, OTHER, TIE_OVERLAP }, { 4 * DAY, NEW, TIE_OVERLAP },
	        { HOUR, NEW, TIE_OVERLAP } },
	    4, 0 },
	{ "to a page once",
	    { { 0, NEW, TIE_OVERLAP }, { 4 * DAY, PAGE, TIE_NOTHING_READ }, { 4 * DAY, NEW, TIE_OVERLAP },
	        { HOUR, NEW, TIE_OVERLAP } },
	    4, 0 },
	{ "to a page, then well",
	    { { 0, PAGE, TIE_NOTHING_READ }, { 0, NEW, TIE_OVERLAP }, { 4 * DAY, NEW, TIE_OVERLAP },
	        { 4 * DAY, NEW, TIE_OVERLAP } },
	    4, 4 },
	{ "to other items",
	    { { 0, NEW, TIE_GAP }, { 4 * DAY, NEW, TIE_OVERLAP }, { 4 * DAY, NEW, TIE_OVERLAP },
	        { 4 * DAY, NEW, TIE_OVERLAP } },
	    4, 0 },
	{ "to what was cut",
	    { { 0, NEW, TIE_CUT }, { 4 * DAY, NEW, TIE_OVERLAP }, { 4 * DAY, NEW, TIE_OVERLAP } }, 3, 0 },
	{ "to items after none",
	    { { 0, NEW, TIE_AFTER_EMPTY }, { 4 * DAY, NEW, TIE_OVERLAP }, { 4 * DAY, NEW, TIE_OVERLAP } }, 3,
	    0 },
	{ "to other items, then elsewhere",
	    { { 0, NEW, TIE_GAP }, { DAY, OTHER, TIE_OVERLAP }, { 4 * DAY, OTHER, TIE_OVERLAP },
	        { 4 * DAY, OTHER, TIE_OVERLAP } },
	    4, 4 },
	{ "a gap in between is not counted",
	    { { 0, NEW, TIE_OVERLAP }, { 4 * DAY, NEW, TIE_GAP }, { 4 * DAY, NEW, TIE_OVERLAP },
	        { HOUR, NEW, TIE_OVERLAP } },
	    4, 4 },
	{ "to an empty document",
	    { { 0, NEW, TIE_EMPTY }, { 4 * DAY, NEW, TIE_EMPTY }, { 4 * DAY, NEW, TIE_EMPTY },
	        { 4 * DAY, NEW, TIE_EMPTY } },
	    4, 0 },
	{ "empty once on the way",
	    { { 0, NEW, TIE_OVERLAP }, { 4 * DAY, NEW, TIE_EMPTY }, { 4 * DAY, NEW, TIE_KNOWN },
	        { DAY, NEW, TIE_KNOWN } },
	    4, 0 },
	{ "a feed that nothing is known of",
	    { { 0, NEW, TIE_FIRST }, { 4 * DAY, NEW, TIE_OVERLAP }, { 4 * DAY, NEW, TIE_OVERLAP } }, 3, 3 },
	{ "a clock that was set back",
	    { { 0, NEW, TIE_OVERLAP }, { -30 * DAY, NEW, TIE_OVERLAP }, { DAY, NEW, TIE_OVERLAP },
	        { 6 * DAY, NEW, TIE_OVERLAP } },
	    4, 4 },
};

static struct conf_feed feed_with(int64_t confirm)
{
	static struct conf_fetch fetch;

	fetch = (struct conf_fetch){ .move_confirm = confirm, .move_span = 7 * DAY };
	return (struct conf_feed){ .url = OLD, .fetch = &fetch };
}

/* What is remembered lives through a restart after each answer. */
static void restart(struct move **m)
{
	struct err e = { .kind = ERR_NONE };
	struct move *copy = NULL;
	struct buf b;
	struct rd r;

	buf_init(&b, 1u << 16);
	move_encode(*m, &b);
	r = (struct rd){ b.p, b.n, false };
	assert_true(move_copy(*m, &copy, &e));
	assert_int_equal(copy == NULL, *m == NULL);
	move_free(m);
	move_free(&copy);
	assert_true(move_decode(&r, m, &e));
	assert_false(r.failed);
	assert_int_equal(r.n, 0);
	buf_fini(&b);
}

static bool answered(struct move **m, const struct answer *a, const struct conf_feed *c, int64_t now)
{
	struct str target = { NULL, 0 };
	struct err e = { .kind = ERR_NONE };
	bool saved = false;

	if (a->target == PAGE) {
		move_refuted(m);
		return false;
	}
	if (a->target != NONE)
		target = str_from(addresses[a->target]);
	assert_true(move_note(m, target, a->tie, c, now, &saved, &e));
	return saved;
}

static void test_lives(void **state)
{
	const struct conf_feed c = feed_with(3);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lives); i++) {
		struct move *m = NULL;
		int64_t now = START;

		for (size_t k = 0; k < lives[i].count; k++) {
			const struct answer *a = &lives[i].answers[k];
			bool saved;

			now += a->after;
			saved = answered(&m, a, &c, now);
			restart(&m);
			if (saved != (k + 1 == lives[i].saved_at) || saved != (m && m->address))
				fail_msg("%s: answer %zu", lives[i].name, k + 1);
			if (a->target == NONE || a->target == PAGE)
				assert_null(m); /* nothing is kept of it */
			if (saved) {
				assert_string_equal(m->address, addresses[a->target]);
				assert_int_equal(m->saved_at, now);
				assert_null(m->candidate);
			}
		}
		move_free(&m);
	}
}

/* A saved address is asked alone, and may move on, and back to the configured one. */
static void test_moves_on(void **state)
{
	static const struct answer answers[] = { { 0, OTHER, TIE_OVERLAP }, { 7 * DAY, OTHER, TIE_OVERLAP },
		{ 0, BACK, TIE_OVERLAP }, { 7 * DAY, BACK, TIE_OVERLAP } };
	const struct conf_feed c = feed_with(2);
	struct move *m = NULL;
	int64_t now = START;

	(void)state;
	assert_false(answered(&m, &answers[0], &c, now));
	assert_true(answered(&m, &answers[1], &c, now + 7 * DAY));
	assert_false(answered(&m, &(struct answer){ 0, NONE, TIE_OVERLAP }, &c, now)); /* it answers itself */
	assert_string_equal(m->address, addresses[OTHER]);
	assert_false(answered(&m, &answers[2], &c, now));
	assert_string_equal(m->candidate, OLD);
	move_refuted(&m);
	assert_string_equal(m->address, addresses[OTHER]); /* one page takes nothing back */
	assert_null(m->candidate);
	assert_false(answered(&m, &answers[2], &c, now));
	assert_true(answered(&m, &answers[3], &c, now + 7 * DAY));
	assert_null(m); /* where the configuration says */
	assert_false(answered(&m, &answers[0], &c, now));
	assert_true(answered(&m, &answers[1], &c, now + 7 * DAY));
	move_return(&m);
	assert_null(m);
}

static void test_switched_off(void **state)
{
	const struct conf_feed c = feed_with(0);
	struct move *m = NULL;

	(void)state;
	for (int i = 0; i < 9; i++)
		assert_false(answered(&m, &(struct answer){ 0, NEW, TIE_OVERLAP }, &c, START + i * 7 * DAY));
	assert_null(m);
}

#define A "http://a.example/"
#define B "http://b.example/"

static void test_targets(void **state)
{
	static char long_address[5000];
	static const struct {
		const char *name;
		struct fetch_redirect hops[3];
		size_t count;
		const char *target;
	} rows[] = {
		{ "none", { { 0, { NULL, 0 } } }, 0, "" },
		{ "301", { { 301, { A, sizeof(A) - 1 } } }, 1, A },
		{ "308", { { 308, { A, sizeof(A) - 1 } } }, 1, A },
		{ "302", { { 302, { A, sizeof(A) - 1 } } }, 1, "" },
		{ "303", { { 303, { A, sizeof(A) - 1 } } }, 1, "" },
		{ "307", { { 307, { A, sizeof(A) - 1 } } }, 1, "" },
		{ "two", { { 301, { A, sizeof(A) - 1 } }, { 308, { B, sizeof(B) - 1 } } }, 2, B },
		{ "the permanent part", { { 301, { A, sizeof(A) - 1 } }, { 302, { B, sizeof(B) - 1 } } }, 2,
		    A },
		{ "not behind a temporary one",
		    { { 302, { A, sizeof(A) - 1 } }, { 301, { B, sizeof(B) - 1 } } }, 2, "" },
		{ "absurdly long", { { 301, { long_address, sizeof(long_address) } } }, 1, "" },
	};

	(void)state;
	memset(long_address, 'a', sizeof(long_address));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct fetch_result r = { .redirects = rows[i].hops, .redirect_count = rows[i].count };

		if (!str_eq(move_target(&r), str_from(rows[i].target)))
			fail_msg("%s", rows[i].name);
	}
}

static void test_cut(void **state)
{
	const struct conf_feed c = feed_with(2);
	struct move *m = NULL, *out = NULL;
	struct err e = { .kind = ERR_NONE };
	struct buf b;

	(void)state;
	assert_false(answered(&m, &(struct answer){ 0, NEW, TIE_OVERLAP }, &c, START));
	assert_true(answered(&m, &(struct answer){ 0, NEW, TIE_OVERLAP }, &c, START + 7 * DAY));
	assert_false(answered(&m, &(struct answer){ 0, OTHER, TIE_GAP }, &c, START + 8 * DAY));
	buf_init(&b, 1u << 16);
	move_encode(m, &b);
	for (size_t n = 0; n < b.n; n++) { /* anywhere: nothing is made of it, nothing leaks */
		struct rd r = { b.p, n, false };

		assert_true(move_decode(&r, &out, &e));
		assert_true(r.failed);
		assert_null(out);
	}
	buf_fini(&b);
	move_free(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lives),
		cmocka_unit_test(test_moves_on),
		cmocka_unit_test(test_switched_off),
		cmocka_unit_test(test_targets),
		cmocka_unit_test(test_cut),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("pipe/move", tests, NULL, NULL);
}
