/* What follows from an answer, and how long until the next poll. */
#include "daemon/base/retry_after.h"
#include "daemon/pipe/reaction.h"
#include "daemon/pipe/rhythm.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define NOW INT64_C(1704164645000) /* Tue, 02 Jan 2024 03:04:05 GMT */

static void test_statuses(void **state)
{
	static const struct {
		int status;
		bool sent;
		enum reaction reaction;
	} rows[] = {
		{ 200, false, REACT_READ },
		{ 203, false, REACT_READ },
		{ 204, false, REACT_BACK_OFF },
		{ 206, false, REACT_BACK_OFF },
		{ 304, true, REACT_KEEP },
		{ 304, false, REACT_BACK_OFF },
		{ 301, true, REACT_BACK_OFF },
		{ 400, true, REACT_BACK_OFF },
		{ 401, true, REACT_BACK_OFF },
		{ 404, true, REACT_GONE },
		{ 410, true, REACT_GONE },
		{ 429, true, REACT_HOLD_HOST },
		{ 500, true, REACT_BACK_OFF },
		{ 503, true, REACT_HOLD_FEED },
		{ 100, true, REACT_BACK_OFF },
		{ 999, true, REACT_BACK_OFF },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct fetch_result r = { .status = rows[i].status };
		struct err e = { .kind = ERR_NONE };
		enum reaction got = reaction_to_answer(&r, rows[i].sent, &e);

		if (got != rows[i].reaction)
			fail_msg("status %d: %d", rows[i].status, (int)got);
		assert_int_equal(e.kind == ERR_NONE, got == REACT_READ || got == REACT_KEEP);
	}
}

static void test_redirects_that_wait(void **state)
{
	struct fetch_result r = { .status = 302, .waits = true };
	struct err e = { .kind = ERR_NONE };

	(void)state;
	assert_int_equal(reaction_to_answer(&r, true, &e), REACT_LATER);
	assert_non_null(strstr(e.text, "Retry-After"));
	assert_string_equal(poll_result_name(reaction_result(REACT_LATER)), "waiting");
}

static void test_walls(void **state)
{
	static const struct {
		int status;
		enum reaction reaction;
	} rows[] = { { 200, REACT_BLOCKED }, { 202, REACT_BLOCKED }, { 403, REACT_BLOCKED },
		{ 503, REACT_BLOCKED }, { 429, REACT_HOLD_HOST } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct fetch_result r = { .status = rows[i].status, .challenge = STR("challenge") };
		struct err e = { .kind = ERR_NONE };

		assert_int_equal(reaction_to_answer(&r, true, &e), rows[i].reaction);
		assert_int_equal(e.kind, ERR_HTTP);
	}
}

static void test_kinds(void **state)
{
	struct fetch_result r = { .status = 200, .error = { .kind = ERR_NET } };
	struct err e = { .kind = ERR_NONE };

	(void)state;
	assert_int_equal(
	    reaction_to_answer(&r, true, &e), REACT_BACK_OFF); /* the error decides, not the status */
	assert_int_equal(reaction_to_error(ERR_PARSE), REACT_BLOCKED);
	assert_int_equal(reaction_to_error(ERR_NOMEM), REACT_AGAIN);
	assert_int_equal(reaction_to_error(ERR_CONFIG), REACT_STOP);
	assert_string_equal(poll_result_name(reaction_result(REACT_BLOCKED)), "blocked");
	assert_string_equal(poll_result_name(reaction_result(REACT_GONE)), "failed");
}

static void test_retry_after(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
	} rows[] = {
		{ "120", 120000 },
		{ " 0 ", 0 },
		{ "Tue, 02 Jan 2024 03:05:05 GMT", 60000 },
		{ "Tue, 02 Jan 2024 03:03:05 GMT", 0 },
		{ "99999999999999999999999", INT64_MAX },
		{ "9223372036854775807", INT64_MAX },
		{ "-5", -1 },
		{ "1.5", -1 },
		{ "soon", -1 },
		{ "", -1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (retry_after_ms(str_from(rows[i].text), NOW) != rows[i].ms)
			fail_msg("%s", rows[i].text);
}

static void test_fresh_for(void **state)
{
	static const struct {
		const char *cache, *expires, *date, *age;
		int64_t ms;
	} rows[] = {
		{ "max-age=60", "", "", "", 60000 },
		{ "public, max-age=60, must-revalidate", "", "", "", 60000 },
		{ "Max-Age=\"60\"", "", "", "", 60000 },
		{ "max-age=60", "", "", "20", 40000 },
		{ "max-age=60", "", "", "90", 0 },
		{ "max-age=60, no-cache", "", "", "", 0 },
		{ "no-cache=\"Set-Cookie\", max-age=60", "", "", "", 60000 },
		{ "no-cache=\"Set-Cookie, Vary\", max-age=60", "", "", "", 60000 },
		{ "no-cache=\"Set-Cookie\", no-cache, max-age=60", "", "", "", 0 },
		{ "no-cache=\"Set-Cookie\", no-cache=Vary, max-age=60", "", "", "", 60000 },
		{ "no-cache=\"a, no-store, no-cache, max-age=9, b\", max-age=60", "", "", "", 60000 },
		{ "x=\"not closed, max-age=60", "", "", "", 60000 },
		{ "no-store", "Tue, 02 Jan 2024 04:04:05 GMT", "", "", 0 },
		{ "s-maxage=60", "", "", "", 0 },
		{ "max-age=0", "Tue, 02 Jan 2024 04:04:05 GMT", "", "", 0 },
		{ "max-age=soon", "", "", "", 0 },
		{ "", "Tue, 02 Jan 2024 03:05:05 GMT", "", "", 60000 },
		{ "", "Tue, 02 Jan 2024 03:05:05 GMT", "Tue, 02 Jan 2024 03:05:00 GMT", "", 5000 },
		{ "", "0", "", "", 0 },
		{ "", "", "", "", 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct fetch_result r = { .cache_control = str_from(rows[i].cache),
			.expires = str_from(rows[i].expires),
			.date = str_from(rows[i].date),
			.age = str_from(rows[i].age) };

		if (fresh_for_ms(&r, NOW) != rows[i].ms)
			fail_msg("row %zu: %lld", i, (long long)fresh_for_ms(&r, NOW));
	}
}

#define MIN INT64_C(60000)
#define HOUR (60 * MIN)

static const struct conf_fetch conf = {
	.obey_hints = true,
	.interval = 5 * MIN,
	.interval_min = MIN,
	.interval_max = 12 * HOUR,
	.backoff_max = 6 * HOUR,
	.gone_max = 24 * HOUR,
	.retry_after_max = 48 * HOUR,
};

static void test_delays(void **state)
{
	static const struct {
		const char *name;
		enum reaction reaction;
		uint32_t failures;
		int64_t retry_after, fresh_for, delay;
	} rows[] = {
		{ "as configured", REACT_READ, 0, -1, 0, 5 * MIN },
		{ "unchanged", REACT_KEEP, 0, -1, 0, 5 * MIN },
		{ "fresh for longer", REACT_READ, 0, -1, HOUR, HOUR },
		{ "fresh for too long", REACT_READ, 0, -1, 900 * HOUR, 12 * HOUR },
		{ "fresh for less", REACT_READ, 0, -1, MIN, 5 * MIN },
		{ "first failure", REACT_BACK_OFF, 1, -1, 0, 5 * MIN },
		{ "second failure", REACT_BACK_OFF, 2, -1, 0, 10 * MIN },
		{ "fifth failure", REACT_BACK_OFF, 5, -1, 0, 80 * MIN },
		{ "many failures", REACT_BACK_OFF, 4000000000u, -1, 0, 6 * HOUR },
		{ "asked to wait", REACT_HOLD_HOST, 1, HOUR, 0, HOUR },
		{ "asked to wait less than we do anyway", REACT_HOLD_FEED, 4, MIN, 0, 40 * MIN },
		{ "asked to wait absurdly", REACT_HOLD_FEED, 1, INT64_MAX, 0, 48 * HOUR },
		{ "a redirect that waits", REACT_LATER, 0, 90000, 0, 90000 },
		{ "for less than we do anyway", REACT_LATER, 0, 5000, 0, MIN },
		{ "absurdly", REACT_LATER, 0, INT64_MAX, 0, 48 * HOUR },
		{ "and stays one for long", REACT_LATER, 0, 5000, HOUR, MIN },
		{ "gone", REACT_GONE, 1, -1, 0, 20 * MIN },
		{ "gone for long", REACT_GONE, 9, -1, 0, 24 * HOUR },
		{ "our own trouble", REACT_AGAIN, 1, -1, 0, MIN },
		{ "our own trouble again", REACT_AGAIN, 3, -1, 0, 2 * MIN },
		{ "a page", REACT_BLOCKED, 2, -1, 0, 10 * MIN },
		{ "only the operator", REACT_STOP, 1, -1, 0, 6 * HOUR },
	};
	enum rhythm_why why;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct rhythm r = { .fetch = &conf,
			.reaction = rows[i].reaction,
			.failures = rows[i].failures,
			.retry_after = rows[i].retry_after,
			.fresh_for = rows[i].fresh_for,
			.random = 12345 };

		if (rhythm_delay(&r, &why) != rows[i].delay)
			fail_msg("%s: %lld", rows[i].name, (long long)rhythm_delay(&r, &why));
	}
}

static void test_jitter(void **state)
{
	int64_t least = INT64_MAX, most = 0;
	enum rhythm_why why;

	(void)state;
	for (uint64_t k = 0; k < 10000; k++) {
		struct rhythm r = {
			.fetch = &conf, .jitter_percent = 20, .retry_after = -1, .random = k * 7919
		};
		int64_t d = rhythm_delay(&r, &why);

		least = d < least ? d : least;
		most = d > most ? d : most;
		r.fresh_for = HOUR;
		assert_true(rhythm_delay(&r, &why) >= HOUR); /* never before it is stale */
	}
	assert_in_range(least, 4 * MIN + 29000, 4 * MIN + 31000);
	assert_in_range(most, 5 * MIN + 29000, 5 * MIN + 31000);
}

/* However it is made shorter: by jitter, by the time that the answer took, by a gap, by our own trouble. */
static void test_never_sooner(void **state)
{
	static const int64_t intervals[] = { 1000, MIN, MIN + 1000, 2 * MIN, 5 * MIN };
	static const enum reaction reactions[] = { REACT_READ, REACT_AGAIN, REACT_BACK_OFF };
	struct conf_fetch c = conf;
	int64_t most = 0;
	enum rhythm_why why;

	(void)state;
	for (uint64_t k = 0; k < 30000; k++) {
		struct rhythm r = { .fetch = &c,
			.jitter_percent = 50,
			.reaction = reactions[k % ARRAY_LEN(reactions)],
			.retry_after = -1,
			.spent = (int64_t)(k % 7) * MIN / 2,
			.hurry = (uint8_t)(k % RHYTHM_HURRY),
			.soon = k % 11 == 0,
			.random = k * 7919 };
		int64_t d;

		c.interval = intervals[k % ARRAY_LEN(intervals)];
		d = rhythm_delay(&r, &why);
		assert_true(d >= MIN);
		most = c.interval == MIN && d > most ? d : most;
	}
	assert_true(most > MIN + 1000); /* those that are held back do not fall into step */
}

static void test_bounds(void **state)
{
	struct conf_fetch c = conf;
	struct rhythm r = { .fetch = &c, .retry_after = -1 };
	enum rhythm_why why;

	(void)state;
	c.interval = 1000;
	assert_int_equal(rhythm_delay(&r, &why), MIN);
	c.interval = 900 * HOUR;
	assert_int_equal(rhythm_delay(&r, &why), 12 * HOUR);
}

/* 0:00 GMT of a Thursday is 0. */
static void test_hints(void **state)
{
	static const struct hints hour = { .ttl = 3600 }, night = { .skip_hours = 0x3f },
	                          thursdays = { .skip_days = 1 << 4 };
	static const struct {
		const char *name;
		struct rhythm rhythm;
		int64_t delay;
	} rows[] = {
		{ "a ttl", { .hints = &hour }, HOUR },
		{ "a ttl counts from the answer", { .hints = &hour, .spent = MIN }, HOUR },
		{ "an interval from the request", { .spent = MIN }, 4 * MIN },
		{ "but half of it after the answer", { .spent = 20 * MIN }, 5 * MIN / 2 },
		{ "and never less than interval_min", { .spent = 20 * MIN, .hurry = 1 }, 5 * MIN / 4 },
		{ "also soon after a gap", { .spent = 20 * MIN, .hurry = RHYTHM_HURRY }, MIN },
		{ "failures have their own pauses", { .hints = &hour, .failures = 1 }, 5 * MIN },
		{ "the night", { .hints = &night, .now = HOUR }, 5 * HOUR },
		{ "the end of the night", { .hints = &night, .now = 6 * HOUR - 2 * MIN }, 5 * MIN },
		{ "before the night", { .hints = &night, .now = 23 * HOUR }, 5 * MIN },
		{ "into the night", { .hints = &night, .now = 24 * HOUR - MIN }, 6 * HOUR + MIN },
		{ "also when it fails", { .hints = &night, .failures = 1 }, 6 * HOUR },
		{ "no longer than interval_max", { .hints = &thursdays }, 12 * HOUR },
		{ "the rest of a document", { .hints = &night, .soon = true }, MIN },
	};
	struct conf_fetch deaf = conf;
	enum rhythm_why why;

	(void)state;
	deaf.obey_hints = false;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct rhythm r = rows[i].rhythm;

		r.fetch = &conf;
		r.retry_after = -1;
		if (rhythm_delay(&r, &why) != rows[i].delay)
			fail_msg("%s: %lld", rows[i].name, (long long)rhythm_delay(&r, &why));
		r.fetch = &deaf;
		assert_true(rhythm_delay(&r, &why) <= 5 * MIN);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_statuses),
		cmocka_unit_test(test_redirects_that_wait),
		cmocka_unit_test(test_walls),
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_retry_after),
		cmocka_unit_test(test_fresh_for),
		cmocka_unit_test(test_delays),
		cmocka_unit_test(test_jitter),
		cmocka_unit_test(test_never_sooner),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_hints),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("pipe/reaction", tests, NULL, NULL);
}
