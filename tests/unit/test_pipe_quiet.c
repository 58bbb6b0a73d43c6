/* What is usual for a feed, and when it is silent: synthetic histories, polled every half hour. */
#include "daemon/base/attr.h"
#include "daemon/base/str.h"
#include "daemon/pipe/quiet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define MINUTE 60000LL
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define STEP (30 * MINUTE)
#define FACTOR 5

struct history {
	struct quiet q;
	int64_t now; /* ms since a Monday, 0:00 */
	int64_t alarms; /* polls at which it was silent */
	int64_t first_alarm;
};

static void poll(struct history *h, bool news)
{
	h->now += STEP;
	quiet_watch(&h->q, STEP, STEP);
	if (news)
		quiet_news(&h->q, h->now);
	if (!quiet_is_silent(&h->q, FACTOR))
		return;
	if (h->alarms++ == 0)
		h->first_alarm = h->now;
}

static bool never(int64_t now)
{
	(void)now;
	return false;
}

/* Eight releases a day, Monday to Friday, 9:00 to 17:00. */
static bool office(int64_t now)
{
	int64_t hour = now % DAY / HOUR;

	return now / DAY % 7 < 5 && hour >= 9 && hour < 17 && now % HOUR == 0;
}

/* The same with a week off between the years and two days at Easter. */
static bool office_with_holidays(int64_t now)
{
	int64_t day = now / DAY % 364;

	return !(day >= 356 || day < 3 || (day >= 95 && day < 99)) && office(now);
}

static bool weekly(int64_t now)
{
	return now % (7 * DAY) == 2 * DAY + 10 * HOUR;
}

/* Twenty items in a day, then nothing for ten days. */
static bool bursty(int64_t now)
{
	return now / DAY % 11 == 0 && now % HOUR == 0 && now % DAY / HOUR < 20;
}

static bool hourly(int64_t now)
{
	return now % HOUR == 0;
}

/* Each pause a tenth longer than the one before. */
static bool slowing(int64_t now)
{
	double pause = 6.0 * HOUR, at = 0;

	while (at < (double)now) {
		at += pause;
		pause *= 1.1;
	}
	return (int64_t)at / STEP == now / STEP;
}

struct histories {
	const char *name;
	bool (*has_news)(int64_t now);
	int64_t lives; /* days */
	int64_t dead; /* days that follow without news */
	int64_t alarm_from, alarm_to; /* days after its end; 0: never */
};

static const struct histories histories[] = {
	{ "an office sleeps at weekends", office, 700, 0, 0, 0 },
	{ "holidays are longer than weekends, and no alarm", office_with_holidays, 1092, 0, 0, 0 },
	{ "an office dies: after about two weeks", office, 200, 30, 11, 16 },
	{ "once a week", weekly, 700, 0, 0, 0 },
	{ "once a week, dies", weekly, 200, 60, 28, 42 },
	{ "bursts with ten days between", bursty, 700, 0, 0, 0 },
	{ "bursts, dies", bursty, 200, 80, 42, 58 },
	{ "every hour", hourly, 100, 0, 0, 0 },
	{ "every hour, dies: a day is the least", hourly, 100, 5, 0, 2 },
	{ "it only slows down", slowing, 300, 0, 0, 0 },
	{ "a month of history with too few arrivals", weekly, 28, 300, 0, 0 },
	{ "two weeks of history: known when three were watched", office, 14, 30, 9, 13 },
};

static void test_histories(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(histories); i++) {
		const struct histories *c = &histories[i];
		struct history h = { .now = 0 };
		int64_t after;

		while (h.now < c->lives * DAY)
			poll(&h, c->has_news(h.now + STEP));
		if (h.alarms)
			fail_msg("%s: silent on day %lld, though it lived", c->name,
			    (long long)(h.first_alarm / DAY));
		while (h.now < (c->lives + c->dead) * DAY)
			poll(&h, never(h.now));
		after = h.first_alarm / DAY - c->lives;
		if (c->alarm_to == 0 && h.alarms)
			fail_msg("%s: an alarm after %lld days", c->name, (long long)after);
		if (c->alarm_to && (!h.alarms || after < c->alarm_from || after > c->alarm_to))
			fail_msg("%s: %lld alarms, the first after %lld days", c->name, (long long)h.alarms,
			    (long long)after);
	}
}

/* One freak of two months does not make the feed's death go unnoticed for eight. */
static void test_one_freak(void **state)
{
	struct history h = { .now = 0 };

	(void)state;
	while (h.now < 60 * DAY)
		poll(&h, office(h.now + STEP));
	while (h.now < 120 * DAY)
		poll(&h, false);
	assert_true(h.alarms > 0);
	while (h.now < 122 * DAY)
		poll(&h, office(h.now + STEP));
	h.alarms = 0;
	while (h.now < 150 * DAY)
		poll(&h, office(h.now + STEP));
	assert_int_equal(h.alarms, 0);
	while (h.now < 172 * DAY)
		poll(&h, false);
	assert_true(h.alarms > 0);
}

/* What nobody watched is no silence: a daemon that stood for a month, a clock that jumped, either way. */
static void test_unwatched(void **state)
{
	struct history h = { .now = 0 };
	int64_t before;

	(void)state;
	while (h.now < 60 * DAY)
		poll(&h, office(h.now + STEP));
	before = h.q.silence;
	quiet_watch(&h.q, 30 * DAY, STEP);
	quiet_watch(&h.q, -30 * DAY, STEP);
	quiet_watch(&h.q, 30 * DAY, -5);
	assert_int_equal(h.q.silence - before, 2 * STEP);
	assert_false(quiet_is_silent(&h.q, FACTOR));
	while (h.now < 90 * DAY)
		poll(&h, false);
	assert_false(quiet_is_silent(&h.q, 0));
}

static void test_form(void **state)
{
	struct history h = { .now = 0 };
	struct quiet back = { .news_at = -1 };
	struct buf b;
	struct rd r;

	(void)state;
	while (h.now < 200 * DAY)
		poll(&h, office(h.now + STEP));
	buf_init(&b, 1024);
	quiet_encode(&h.q, &b);
	r = (struct rd){ b.p, b.n, false };
	quiet_decode(&r, &back);
	assert_false(r.failed);
	assert_int_equal(r.n, 0);
	assert_memory_equal(&back, &h.q, sizeof(back));
	buf_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_histories),
		cmocka_unit_test(test_one_freak),
		cmocka_unit_test(test_unwatched),
		cmocka_unit_test(test_form),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
