/* Two thousand feeds for a week: no herd at the start, on the hour, or where the hours end that many of them skip. */
#include "tests/fake/week.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define FEEDS 2000
#define HERD 3 /* times the mean */

static void test_no_herd(void **state)
{
	(void)state;
	for (unsigned skipping = 0; skipping <= 20; skipping += 20) {
		struct week_result r;

		assert_true(week_run(FEEDS, 7, skipping, &r));
		assert_true(r.requests > FEEDS * 7 * 40); /* half an hour apart at least */
		assert_true(
		    r.requests < FEEDS * 7 * 200); /* fewer than with a fixed interval of five minutes */
		assert_true(r.most < HERD * r.mean);
		assert_true(r.most_at_start < HERD * r.mean);
		assert_true(r.most_on_the_hour < HERD * r.mean);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_herd),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
