/* leap: which clocks are believed. */
#include "daemon/pipe/leap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define HOUR 3600000LL
#define DAY (24 * HOUR)
#define NOW (20000 * DAY)

static int64_t at(struct leap *l, int64_t wall, int64_t mono, bool says)
{
	bool leapt;
	int64_t now = leap_now(l, wall, mono, &leapt);

	assert_int_equal(leapt, says);
	return now;
}

static void the_usual_day(void **state)
{
	struct leap l;

	(void)state;
	leap_init(&l, NOW - 20 * HOUR, NOW, 5);
	assert_int_equal(at(&l, NOW, 5, false), NOW);
	assert_int_equal(at(&l, NOW + HOUR, HOUR, false), NOW + HOUR);
	leap_init(&l, 0, NOW, 5); /* nothing was written yet */
	assert_int_equal(at(&l, NOW, 5, false), NOW);
}

static void a_start_in_a_wrong_year(void **state)
{
	struct leap l;

	(void)state;
	leap_init(&l, NOW, NOW + 400 * DAY, 0);
	assert_int_equal(at(&l, NOW + 400 * DAY, 0, true), NOW);
	assert_int_equal(at(&l, NOW + 400 * DAY + HOUR, HOUR, false), NOW + HOUR);
	/* somebody sets it right */
	assert_int_equal(at(&l, NOW + 2 * HOUR, 2 * HOUR, false), NOW + 2 * HOUR);
	assert_int_equal(at(&l, NOW + 9 * DAY, 3 * HOUR, true), NOW + 3 * HOUR);
}

static void a_long_absence_is_believed_after_a_day(void **state)
{
	struct leap l;

	(void)state;
	leap_init(&l, NOW - 30 * DAY, NOW, 7);
	assert_int_equal(at(&l, NOW, 7, true), NOW - 30 * DAY);
	assert_int_equal(at(&l, NOW + 23 * HOUR, 7 + 23 * HOUR, false), NOW - 30 * DAY + 23 * HOUR);
	assert_int_equal(at(&l, NOW + DAY, 7 + DAY, false), NOW + DAY);
	assert_int_equal(at(&l, NOW + 2 * DAY, 7 + 2 * DAY, false), NOW + 2 * DAY);
}

static void back_is_believed_at_once(void **state)
{
	struct leap l;

	(void)state;
	leap_init(&l, NOW, NOW - 300 * DAY, 0);
	assert_int_equal(at(&l, NOW - 300 * DAY, 0, false), NOW - 300 * DAY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_usual_day),
		cmocka_unit_test(a_start_in_a_wrong_year),
		cmocka_unit_test(a_long_absence_is_believed_after_a_day),
		cmocka_unit_test(back_is_believed_at_once),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("pipe/leap", tests, NULL, NULL);
}
