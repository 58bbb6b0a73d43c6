/* What is learned of a feed's rhythm: synthetic publishers, polled as the pace says. */
#include "daemon/base/attr.h"
#include "daemon/base/str.h"
#include "daemon/pipe/pace.h"
#include "daemon/pipe/tally.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define MINUTE INT64_C(60000)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define MONDAY INT64_C(1795996800000) /* 2026-11-30T00:00:00Z */
#define NEWS_MAX 4000

static const struct pace_limits limits = { 5 * MINUTE, MINUTE, 30 * MINUTE, 20 };

struct life {
	struct pace pace;
	int64_t news[NEWS_MAX]; /* wall ms */
	size_t count, next;
	int64_t now, requests, delay;
	bool dated;
};

/* Eight releases a day, Monday to Friday, 9:00 to 17:00. */
static void publish_office(struct life *l, int weeks)
{
	for (int day = 0; day < weeks * 7; day++)
		for (int i = 0; i < 8 && day % 7 < 5; i++)
			l->news[l->count++] =
			    MONDAY + day * DAY + (9 + i) * HOUR + (day * 7 + i * 13) % 60 * MINUTE;
}

static void poll_until(struct life *l, int64_t end)
{
	while (l->now < end) {
		int64_t delay = pace_delay(&l->pace, &limits, l->now), before = l->now;
		int64_t dates[64];
		size_t n = 0;

		assert_in_range(delay, limits.least, limits.most);
		l->now += delay;
		l->requests++;
		for (; l->next < l->count && l->news[l->next] <= l->now && n < ARRAY_LEN(dates); l->next++) {
			dates[n++] = l->dated ? l->news[l->next] / 1000 : 0;
			l->delay += l->now - l->news[l->next];
		}
		pace_watch(&l->pace, delay, delay);
		if (n)
			pace_news(&l->pace, dates, n, before, l->now);
	}
}

static int64_t delay_at(const struct pace *p, int64_t at)
{
	return pace_delay(p, &limits, at);
}

/* With and without dates it learns the same: busy at noon of a working day, slow at night and on Sunday, awake when the office opens. */
static void test_office(void **state)
{
	(void)state;
	for (int dated = 0; dated < 2; dated++) {
		struct life l = { .now = MONDAY, .dated = dated };
		char hours[PACE_HOURS + 1], days[PACE_DAYS + 1];
		int64_t noon = MONDAY + 42 * DAY + 12 * HOUR, delay;

		publish_office(&l, 6);
		poll_until(&l, MONDAY + 42 * DAY);
		assert_int_equal(l.next, 6 * 40);
		assert_true(l.requests < 42 * 120); /* a fixed interval of five minutes takes 288 a day, */
		assert_true(l.delay / 240 < 5 * MINUTE); /* with half of it as mean delay */
		l.requests = l.delay = 0;
		delay = delay_at(&l.pace, noon);
		assert_in_range(delay, 2 * MINUTE, 7 * MINUTE);
		assert_int_equal(delay_at(&l.pace, noon - 10 * HOUR), 30 * MINUTE);
		assert_true(delay_at(&l.pace, noon + 6 * DAY) > 2 * delay);
		/* From the quiet hour before, no later than two of its usual pauses into the busy one. */
		assert_true(delay_at(&l.pace, noon - 4 * HOUR - 10 * MINUTE) < 25 * MINUTE);
		pace_shape(l.pace.hours, PACE_HOURS, hours);
		pace_shape(l.pace.days, PACE_DAYS, days);
		assert_int_equal(hours[3], '0');
		assert_true(hours[12] >= '6');
		assert_int_equal(days[0], '0');
		assert_true(days[3] >= '6');
		assert_in_range(pace_weekly(&l.pace), 30, 50);
	}
}

/* A feed that changes its habits is followed, and one that dies is left to the slowest pace. */
static void test_change(void **state)
{
	struct life l = { .now = MONDAY, .dated = true };

	(void)state;
	publish_office(&l, 8);
	for (size_t i = 0; i < l.count; i++) /* from the fifth week on it works at night */
		if (l.news[i] >= MONDAY + 28 * DAY)
			l.news[i] += 11 * HOUR;
	poll_until(&l, MONDAY + 56 * DAY);
	assert_true(delay_at(&l.pace, MONDAY + 57 * DAY + 22 * HOUR) <
	            delay_at(&l.pace, MONDAY + 57 * DAY + 9 * HOUR + 30 * MINUTE));
	poll_until(&l, MONDAY + 300 * DAY);
	assert_int_equal(delay_at(&l.pace, MONDAY + 301 * DAY + 12 * HOUR), 30 * MINUTE);
	assert_int_equal(pace_weekly(&l.pace), 0);
}

static void test_first_document(void **state)
{
	int64_t dates[40], midnights[40];
	struct pace p = { .news = 0 }, q = { .news = 0 }, none = { .news = 0 };
	int64_t noon = MONDAY + 12 * HOUR;

	(void)state;
	for (int i = 0; i < 40; i++) { /* newest first: one a day at noon; or its date alone */
		dates[i] = (noon - i * DAY) / 1000 + i % 7 * 60;
		midnights[i] = (MONDAY - 5 * HOUR - i * DAY) / 1000;
	}
	pace_history(&p, dates, 40, noon + HOUR);
	assert_in_range(pace_weekly(&p), 6, 9);
	assert_true(delay_at(&p, noon + DAY) < delay_at(&p, noon + 12 * HOUR));
	pace_history(&q, midnights, 40, noon + HOUR);
	assert_in_range(pace_weekly(&q), 6, 9);
	for (int h = 0; h < PACE_HOURS; h++)
		assert_int_equal(q.hours[h], 0);
	pace_history(&none, (int64_t[]){ 0, 0, INT64_MAX / 1000, -5 }, 4, noon);
	assert_true(none.watched == 0); /* nothing in it was a date of the past */
	assert_int_equal(delay_at(&none, noon),
	    5 * MINUTE); /* and nothing is slower than `interval` before a day was watched */
}

/* So many items at once that the window could have been too short: half of it stays known at the next burst like that. */
static void test_window(void **state)
{
	struct pace p = { .news = 0 };
	struct pace_limits l = limits;
	int64_t dates[60] = { 0 };

	(void)state;
	for (int i = 0; i < 2000; i++)
		pace_watch(&p, 30 * MINUTE, 30 * MINUTE);
	assert_int_equal(pace_delay(&p, &l, MONDAY), 30 * MINUTE);
	assert_true(pace_safe(&p, &l) == INT64_MAX);
	pace_news(&p, dates, 60, MONDAY, MONDAY + 30 * MINUTE);
	assert_int_equal(pace_safe(&p, &l), 10 * MINUTE); /* 60 an hour: 10 in ten minutes */
	assert_true(pace_delay(&p, &l, MONDAY + HOUR) <= 10 * MINUTE);
	l.window = 2000;
	assert_true(pace_safe(&p, &l) > HOUR);
	l.window = 1;
	assert_int_equal(pace_delay(&p, &l, MONDAY), MINUTE); /* never below the floor */
}

/* Clocks that jump, dates without sense and pauses of weeks neither teach nor break anything. */
static void test_hostile(void **state)
{
	static const int64_t odd[] = { INT64_MAX, INT64_MIN, 0, -1, 1, INT64_MAX / 1000 };
	struct life l = { .now = MONDAY, .dated = true };
	struct pace before;

	(void)state;
	publish_office(&l, 4);
	poll_until(&l, MONDAY + 28 * DAY);
	before = l.pace;
	pace_watch(&l.pace, 300 * DAY, 10 * MINUTE);
	assert_true(l.pace.watched - before.watched < 0.4f); /* two of what was planned */
	pace_watch(&l.pace, -5 * DAY, 10 * MINUTE);
	pace_news(&l.pace, odd, ARRAY_LEN(odd), MONDAY + 90 * DAY, MONDAY);
	pace_news(&l.pace, odd, ARRAY_LEN(odd), MONDAY, MONDAY + 90 * DAY);
	assert_memory_equal(l.pace.hours, before.hours, sizeof(before.hours));
	for (int i = 0; i < 5000; i++)
		pace_news(&l.pace, (int64_t[]){ MONDAY / 1000 }, 1, MONDAY - MINUTE, MONDAY + MINUTE);
	for (int64_t at = -9 * DAY; at < 9 * DAY; at += 7 * MINUTE)
		assert_in_range(pace_delay(&l.pace, &limits, at), MINUTE, 30 * MINUTE);
}

static void test_form(void **state)
{
	struct life l = { .now = MONDAY, .dated = true };
	struct pace back = { .news = 7 };
	struct rd r;
	struct buf b;

	(void)state;
	publish_office(&l, 4);
	poll_until(&l, MONDAY + 28 * DAY);
	buf_init(&b, 4096);
	pace_encode(&l.pace, &b);
	assert_int_equal(b.n, PACE_ENCODED);
	r = (struct rd){ b.p, b.n, false };
	pace_decode(&r, &back);
	assert_memory_equal(&back, &l.pace, sizeof(back));
	assert_true(sizeof(struct pace) <= 84);
	for (size_t i = 0; i < b.n; i++) /* a NaN, or worse */
		b.p[i] = (char)0xff;
	r = (struct rd){ b.p, b.n, false };
	pace_decode(&r, &back);
	assert_in_range(pace_delay(&back, &limits, MONDAY), MINUTE, 30 * MINUTE);
	buf_fini(&b);
}

static void test_tally(void **state)
{
	struct tally t = { .news = 0 };
	struct delays d = { { 0 } };

	(void)state;
	assert_int_equal(tally_mean(&t), 0);
	assert_int_equal(delays_percentile(&d, 50), 0);
	assert_int_equal(tally_delay(MONDAY / 1000, MONDAY - HOUR, MONDAY + MINUTE), MINUTE);
	assert_int_equal(tally_delay(0, MONDAY - HOUR, MONDAY), 30 * MINUTE); /* no date */
	assert_int_equal(tally_delay((MONDAY - DAY) / 1000, MONDAY - HOUR, MONDAY),
	    30 * MINUTE); /* it was not there yet */
	assert_int_equal(tally_delay((MONDAY + 30000) / 1000, MONDAY - HOUR, MONDAY),
	    0); /* a clock that is a little fast */
	assert_int_equal(tally_delay(INT64_MAX, MONDAY, MONDAY - HOUR), 0);
	for (int i = 1; i <= 100; i++) {
		tally_news(&t, i * MINUTE);
		delays_add(&d, i * MINUTE);
	}
	assert_int_equal(tally_mean(&t), 50 * MINUTE + MINUTE / 2);
	assert_in_range(delays_percentile(&d, 50), 50 * MINUTE, 60 * MINUTE);
	assert_in_range(delays_percentile(&d, 95), 95 * MINUTE, 114 * MINUTE);
	delays_add(&d, 900 * DAY);
	delays_add(&d, 0);
	assert_int_equal(delays_percentile(&d, 0), 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_office),
		cmocka_unit_test(test_change),
		cmocka_unit_test(test_first_document),
		cmocka_unit_test(test_window),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_form),
		cmocka_unit_test(test_tally),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
