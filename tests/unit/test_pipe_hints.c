/* Hours and days that a document asks to skip. */
#include "daemon/base/attr.h"
#include "daemon/base/str.h"
#include "daemon/pipe/hints.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define MINUTE INT64_C(60000)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define MONDAY INT64_C(1795996800000) /* 2026-11-30T00:00:00Z */
#define WEEKEND (1 << 6 | 1)

static void test_awake(void **state)
{
	static const struct {
		const char *name;
		struct hints hints;
		int64_t at, awake;
	} rows[] = {
		{ "nothing is skipped", { .ttl = 60 }, MONDAY + 5, MONDAY + 5 },
		{ "an hour that is not", { .skip_hours = 1 << 3 }, MONDAY + 4 * HOUR, MONDAY + 4 * HOUR },
		{ "its first moment", { .skip_hours = 1 << 3 }, MONDAY + 3 * HOUR, MONDAY + 4 * HOUR },
		{ "its last moment", { .skip_hours = 1 << 3 }, MONDAY + 4 * HOUR - 1, MONDAY + 4 * HOUR },
		{ "over midnight", { .skip_hours = 1 << 23 | 1 }, MONDAY + 23 * HOUR, MONDAY + DAY + HOUR },
		{ "a weekend", { .skip_days = WEEKEND }, MONDAY + 5 * DAY + MINUTE, MONDAY + 7 * DAY },
		{ "a weekend and the morning after", { .skip_hours = 0xff, .skip_days = WEEKEND },
		    MONDAY + 6 * DAY + 9 * HOUR, MONDAY + 7 * DAY + 8 * HOUR },
		{ "all days but one", { .skip_days = 0x7f & ~(1 << 1) }, MONDAY + DAY, MONDAY + 7 * DAY },
		{ "before 1970", { .skip_hours = 1 << 23 }, -MINUTE, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (hints_awake(&rows[i].hints, rows[i].at, 0, 7) != rows[i].awake)
			fail_msg("%s: %lld", rows[i].name,
			    (long long)(hints_awake(&rows[i].hints, rows[i].at, 0, 7) - MONDAY));
		assert_int_equal(hints_skip(&rows[i].hints, rows[i].at), rows[i].at != rows[i].awake);
		assert_false(hints_skip(&rows[i].hints, rows[i].awake));
	}
}

/* A thousand feeds that sleep until one hour: all within the spread behind it, none before, and never into the next hour. */
static void test_spread(void **state)
{
	const struct hints h = { .skip_hours = 0xfe & 0xff };
	int64_t least = INT64_MAX, most = 0;

	(void)state;
	for (uint64_t k = 0; k < 1000; k++) {
		int64_t at = hints_awake(&h, MONDAY + 2 * HOUR, 5 * MINUTE, k * 7919);

		least = at < least ? at : least;
		most = at > most ? at : most;
		assert_true(hints_awake(&h, MONDAY + 2 * HOUR, 9 * HOUR, k * 104729) < MONDAY + 9 * HOUR);
	}
	assert_in_range(least - (MONDAY + 8 * HOUR), 0, MINUTE);
	assert_in_range(most - (MONDAY + 8 * HOUR), 4 * MINUTE, 5 * MINUTE - 1);
}

static void test_of(void **state)
{
	struct hints h = hints_of(-1, 0xffffff, 0x7f);

	(void)state;
	assert_int_equal(h.ttl, 0); /* none */
	assert_int_equal(h.skip_hours, 0); /* nobody means never */
	assert_int_equal(h.skip_days, 0);
	h = hints_of(INT64_MAX, 0x7, WEEKEND);
	assert_int_equal(h.ttl, UINT32_MAX);
	assert_int_equal(h.skip_hours, 7);
	assert_int_equal(h.skip_days, WEEKEND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_awake),
		cmocka_unit_test(test_spread),
		cmocka_unit_test(test_of),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
