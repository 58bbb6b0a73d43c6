/* log: what is said again and again is written once a minute and counted, in virtual time. */
#include "daemon/base/log.h"
#include "tests/fake/virtual_clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct heard {
	struct virtual_clock clock;
	size_t count; /* lines */
	char last[4096];
} heard;

static void hear(void *ctx, enum log_level level, struct str line)
{
	struct heard *h = ctx;

	(void)level;
	assert_true(line.n < sizeof(h->last));
	memcpy(h->last, line.p, line.n);
	h->last[line.n] = '\0';
	h->count++;
}

static int begin(void **state)
{
	(void)state;
	heard.count = 0;
	heard.last[0] = '\0';
	virtual_clock_init(&heard.clock);
	log_set_clock(&heard.clock.clock);
	log_set_sink(hear, &heard);
	return 0;
}

static int end(void **state)
{
	(void)state;
	log_end_repeated();
	log_set_sink(NULL, NULL);
	log_set_clock(NULL);
	return 0;
}

static void later(int64_t ms)
{
	virtual_clock_advance(&heard.clock, ms);
}

static void trouble(const char *feed, int status)
{
	log_warn("fetch", LOG_CSTR("feed", feed), LOG_INT("status", status));
}

static void a_repetition_is_counted(void **state)
{
	(void)state;
	trouble("a", 503);
	assert_string_equal(heard.last, "warn fetch feed=a status=503");
	for (int i = 0; i < 5; i++) {
		later(1000);
		trouble("a", 504 + i);
	}
	log_tell_repeated();
	assert_int_equal(heard.count, 1);
	later(54999);
	log_tell_repeated();
	assert_int_equal(heard.count, 1);
	later(1);
	log_tell_repeated();
	assert_int_equal(heard.count, 2);
	assert_string_equal(
	    heard.last, "warn fetch feed=a status=508 repeated=5 since=2025-11-24T16:00:00.000Z");
}

static void one_that_goes_on_is_a_line_a_minute(void **state)
{
	(void)state;
	for (int i = 0; i < 600; i++) {
		trouble("a", 503);
		later(1000);
	}
	assert_int_equal(heard.count, 10);
	assert_string_equal(
	    heard.last, "warn fetch feed=a status=503 repeated=60 since=2025-11-24T16:08:00.000Z");
	log_end_repeated();
	assert_int_equal(heard.count, 11);
	assert_string_equal(
	    heard.last, "warn fetch feed=a status=503 repeated=59 since=2025-11-24T16:09:00.000Z");
}

static void after_a_quiet_minute_it_is_said_again(void **state)
{
	(void)state;
	trouble("a", 503);
	later(60000);
	trouble("a", 503);
	assert_int_equal(heard.count, 2);
	assert_string_equal(heard.last, "warn fetch feed=a status=503");
	/* The count of a minute that is over, but was not asked for, is told by the next one. */
	trouble("a", 1);
	later(90000);
	trouble("a", 2);
	assert_int_equal(heard.count, 3);
	assert_string_equal(
	    heard.last, "warn fetch feed=a status=2 repeated=2 since=2025-11-24T16:01:00.000Z");
	log_tell_repeated();
	later(60000);
	log_tell_repeated();
	trouble("a", 3);
	assert_int_equal(heard.count, 4);
	assert_string_equal(heard.last, "warn fetch feed=a status=3");
}

static void other_words_are_another_line(void **state)
{
	(void)state;
	log_error("x", LOG_CSTR("feed", "a"), LOG_CSTR("error", "full"));
	log_error("x", LOG_CSTR("feed", "a"), LOG_CSTR("error", "broken"));
	log_error("x", LOG_CSTR("feed", "b"), LOG_CSTR("error", "full"));
	log_warn("x", LOG_CSTR("feed", "a"), LOG_CSTR("error", "full"));
	log_error("y", LOG_CSTR("feed", "a"), LOG_CSTR("error", "full"));
	assert_int_equal(heard.count, 5);
	log_error("x", LOG_CSTR("feed", "a"), LOG_CSTR("error", "full"));
	assert_int_equal(heard.count, 5);
	log_error("z", LOG_CSTR("feed", "a"), LOG_VARYING("key", STR("1")));
	log_error("z", LOG_CSTR("feed", "a"), LOG_VARYING("key", STR("2")));
	assert_int_equal(heard.count, 6);
	assert_string_equal(heard.last, "error z feed=a key=1");
}

static void facts_and_answers_are_not_counted(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++) {
		log_info("items", LOG_CSTR("feed", "a"), LOG_INT("new", 1));
		LOG_EACH(LOG_LEVEL_ERROR, "config", LOG_CSTR("file", "f"), LOG_INT("line", i));
	}
	assert_int_equal(heard.count, 6);
	log_end_repeated();
	assert_int_equal(heard.count, 6);
}

/* More troubles than the table holds: the oldest makes room, and its count is told before. */
static void none_is_lost_when_there_are_many(void **state)
{
	(void)state;
	char name[16];
	size_t said = 0;

	for (int round = 0; round < 2; round++)
		for (int i = 0; i < 500; i++) {
			snprintf(name, sizeof(name), "f%d", i);
			later(1);
			trouble(name, round);
			trouble(name, round);
			said += 2;
		}
	log_end_repeated();
	/* Each came twice in a row: a line, and one that tells of the other. */
	assert_int_equal(heard.count, said);
	assert_non_null(strstr(heard.last, " status=1 repeated=1 since="));
}

static void a_long_line_is_kept_by_whole_fields(void **state)
{
	(void)state;
	char wide[500];

	memset(wide, 'w', sizeof(wide));
	for (int i = 0; i < 2; i++)
		log_warn("x", LOG_CSTR("feed", "a"), LOG_STR("error", str_of(wide, sizeof(wide))),
		    LOG_INT("n", i));
	assert_int_equal(strlen(heard.last), strlen("warn x feed=a error= n=0") + sizeof(wide));
	log_end_repeated();
	assert_string_equal(heard.last, "warn x feed=a repeated=1 since=2025-11-24T16:00:00.000Z");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_repetition_is_counted, begin, end),
		cmocka_unit_test_setup_teardown(one_that_goes_on_is_a_line_a_minute, begin, end),
		cmocka_unit_test_setup_teardown(after_a_quiet_minute_it_is_said_again, begin, end),
		cmocka_unit_test_setup_teardown(other_words_are_another_line, begin, end),
		cmocka_unit_test_setup_teardown(facts_and_answers_are_not_counted, begin, end),
		cmocka_unit_test_setup_teardown(none_is_lost_when_there_are_many, begin, end),
		cmocka_unit_test_setup_teardown(a_long_line_is_kept_by_whole_fields, begin, end),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
