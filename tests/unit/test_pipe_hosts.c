/* Turns: limits per host and over all, pauses, holds, order, and hosts that come and go. */
#include "daemon/pipe/hosts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#define ALL (1u << LANE_PROMPT | 1u << LANE_SLOW)

struct fixture {
	struct hosts *hosts;
	struct host *a, *b;
	struct host_turn turn[8];
};

static void open_hosts(struct fixture *f, int64_t concurrency, int64_t per_host, int64_t gap)
{
	struct host_limits limits = { .concurrency = { concurrency, concurrency },
		.per_host = per_host,
		.gap = gap,
		.slow_after = 5000 };
	struct err e = { .kind = ERR_NONE };

	*f = (struct fixture){ 0 };
	assert_true(hosts_new(&limits, &f->hosts, &e));
	assert_true(hosts_get(f->hosts, STR("a.example"), &f->a, &e));
	assert_true(hosts_get(f->hosts, STR("b.example"), &f->b, &e));
}

static void close_hosts(struct fixture *f)
{
	for (size_t i = 0; i < 8; i++)
		host_leave(f->hosts, &f->turn[i]);
	hosts_free(&f->hosts);
	assert_null(f->hosts);
}

static void test_per_host(void **state)
{
	struct fixture f;

	(void)state;
	open_hosts(&f, 10, 2, 0);
	for (size_t i = 0; i < 4; i++)
		host_wait(f.hosts, f.a, &f.turn[i], 0);
	assert_ptr_equal(hosts_next(f.hosts, ALL, 0), &f.turn[0]);
	assert_ptr_equal(hosts_next(f.hosts, ALL, 0), &f.turn[1]);
	assert_null(hosts_next(f.hosts, ALL, 0));
	assert_int_equal(hosts_wake(f.hosts, ALL, 0), INT64_MAX);
	hosts_done(f.hosts, &f.turn[0], 5);
	assert_int_equal(hosts_wake(f.hosts, ALL, 5), 5);
	assert_ptr_equal(hosts_next(f.hosts, ALL, 5), &f.turn[2]);
	assert_int_equal(hosts_in_flight(f.hosts), 2);
	close_hosts(&f);
}

static void test_gap(void **state)
{
	struct fixture f;

	(void)state;
	open_hosts(&f, 10, 5, 100);
	host_wait(f.hosts, f.a, &f.turn[0], 0);
	host_wait(f.hosts, f.a, &f.turn[1], 0);
	assert_non_null(hosts_next(f.hosts, ALL, 0));
	assert_null(hosts_next(f.hosts, ALL, 99));
	assert_int_equal(hosts_wake(f.hosts, ALL, 99), 100);
	assert_ptr_equal(hosts_next(f.hosts, ALL, 100), &f.turn[1]);
	close_hosts(&f);
}

static const struct conf_host_rule slower[] = { { "a.example", 1, 1000 }, { "*.example", 9, 300 } };

static struct host_limits limits_with(int64_t gap, const struct conf_host_rule *rules, size_t count)
{
	return (struct host_limits){ .concurrency = { 10, 10 },
		.per_host = 5,
		.gap = gap,
		.rules = rules,
		.rule_count = count,
		.slow_after = 5000 };
}

/* Each by its most exact rule; whoever came before the rules too. */
static void test_rules(void **state)
{
	struct host_limits limits = limits_with(100, slower, ARRAY_LEN(slower));
	struct fixture f;

	(void)state;
	open_hosts(&f, 10, 5, 100);
	hosts_limit(f.hosts, &limits);
	for (size_t i = 0; i < 4; i++)
		host_wait(f.hosts, i < 2 ? f.a : f.b, &f.turn[i], 0);
	assert_ptr_equal(hosts_next(f.hosts, ALL, 0), &f.turn[0]);
	assert_ptr_equal(hosts_next(f.hosts, ALL, 0), &f.turn[2]);
	assert_null(hosts_next(f.hosts, ALL, 299));
	assert_int_equal(hosts_wake(f.hosts, ALL, 299), 300);
	assert_ptr_equal(hosts_next(f.hosts, ALL, 300), &f.turn[3]);
	assert_null(hosts_next(f.hosts, ALL, 1000)); /* one at a time */
	hosts_done(f.hosts, &f.turn[0], 1500);
	assert_ptr_equal(hosts_next(f.hosts, ALL, 1500), &f.turn[1]);
	close_hosts(&f);
}

/* A pause is as long as the gap that is in force, from the last start; a hold is none of its business. */
static void test_other_rules_in_a_pause(void **state)
{
	struct host_limits none = limits_with(100, NULL, 0);
	struct host_limits some = limits_with(100, slower, ARRAY_LEN(slower));
	struct fixture f;

	(void)state;
	open_hosts(&f, 10, 5, 100);
	for (size_t i = 0; i < 3; i++)
		host_wait(f.hosts, f.a, &f.turn[i], 0);
	assert_ptr_equal(hosts_next(f.hosts, ALL, 0), &f.turn[0]);
	hosts_done(f.hosts, &f.turn[0], 1);
	hosts_limit(f.hosts, &some);
	assert_null(hosts_next(f.hosts, ALL, 999));
	assert_int_equal(hosts_wake(f.hosts, ALL, 999), 1000);
	hosts_limit(f.hosts, &none);
	assert_ptr_equal(hosts_next(f.hosts, ALL, 999), &f.turn[1]);
	hosts_done(f.hosts, &f.turn[1], 999);
	host_hold(f.hosts, f.a, 5000);
	hosts_limit(f.hosts, &some);
	hosts_limit(f.hosts, &none);
	assert_null(hosts_next(f.hosts, ALL, 4999));
	assert_ptr_equal(hosts_next(f.hosts, ALL, 5000), &f.turn[2]);
	close_hosts(&f);
}

/* Behind a redirect: the pause begins again, whether anybody waits there or not. */
static void test_asked_without_a_turn(void **state)
{
	struct fixture f;

	(void)state;
	open_hosts(&f, 10, 5, 100);
	host_wait(f.hosts, f.a, &f.turn[0], 0);
	host_asked(f.hosts, f.a, 10);
	host_asked(f.hosts, f.a, 5);
	assert_null(hosts_next(f.hosts, ALL, 109));
	assert_int_equal(hosts_wake(f.hosts, ALL, 109), 110);
	assert_ptr_equal(hosts_next(f.hosts, ALL, 110), &f.turn[0]);
	host_asked(f.hosts, f.b, 10);
	host_wait(f.hosts, f.b, &f.turn[1], 50);
	assert_null(hosts_next(f.hosts, ALL, 50));
	close_hosts(&f);
}

/* Who is asked, forgotten and asked again has its pause in between. */
static void test_gap_outlives_references(void **state)
{
	struct fixture f;
	struct host *c;
	struct err e = { .kind = ERR_NONE };

	(void)state;
	open_hosts(&f, 10, 5, 100);
	for (size_t i = 0; i < 2; i++) {
		assert_true(hosts_get(f.hosts, STR("c.example"), &c, &e));
		host_wait(f.hosts, c, &f.turn[i], 10);
		assert_int_equal(hosts_next(f.hosts, ALL, 10) != NULL, i == 0);
		if (i == 0) {
			hosts_done(f.hosts, &f.turn[0], 11);
			hosts_drop(f.hosts, &c);
		}
	}
	assert_ptr_equal(hosts_next(f.hosts, ALL, 110), &f.turn[1]);
	close_hosts(&f);
}

static void test_hosts_take_turns(void **state)
{
	struct fixture f;

	(void)state;
	open_hosts(&f, 10, 5, 0);
	for (size_t i = 0; i < 3; i++)
		host_wait(f.hosts, f.a, &f.turn[i], 0);
	host_wait(f.hosts, f.b, &f.turn[3], 0);
	assert_ptr_equal(hosts_next(f.hosts, ALL, 0), &f.turn[0]);
	assert_ptr_equal(hosts_next(f.hosts, ALL, 0), &f.turn[3]);
	assert_ptr_equal(hosts_next(f.hosts, ALL, 0), &f.turn[1]);
	close_hosts(&f);
}

static void test_all_hosts(void **state)
{
	struct fixture f;

	(void)state;
	open_hosts(&f, 1, 5, 0);
	host_wait(f.hosts, f.a, &f.turn[0], 0);
	host_wait(f.hosts, f.b, &f.turn[1], 0);
	assert_non_null(hosts_next(f.hosts, ALL, 0));
	assert_null(hosts_next(f.hosts, ALL, 0));
	hosts_done(f.hosts, &f.turn[0], 1);
	assert_ptr_equal(hosts_next(f.hosts, ALL, 1), &f.turn[1]);
	close_hosts(&f);
}

/* Those that are slow have places of their own; the lanes take turns, at one host too. */
static void test_lanes(void **state)
{
	struct fixture f;

	(void)state;
	open_hosts(&f, 2, 9, 0);
	for (size_t i = 0; i < 6; i++) {
		f.turn[i].lane = i < 3 ? LANE_SLOW : LANE_PROMPT;
		host_wait(f.hosts, f.a, &f.turn[i], 0);
	}
	assert_ptr_equal(hosts_next(f.hosts, ALL, 0), &f.turn[0]);
	assert_ptr_equal(hosts_next(f.hosts, ALL, 0), &f.turn[3]);
	assert_ptr_equal(hosts_next(f.hosts, 1u << LANE_PROMPT, 0), &f.turn[4]);
	assert_null(hosts_next(f.hosts, 1u << LANE_PROMPT, 0));
	assert_ptr_equal(hosts_next(f.hosts, ALL, 0), &f.turn[1]);
	assert_null(hosts_next(f.hosts, ALL, 0));
	assert_int_equal(hosts_in_flight(f.hosts), 4);
	hosts_done(f.hosts, &f.turn[0], 1);
	assert_int_equal(hosts_wake(f.hosts, 1u << LANE_PROMPT, 1), 5000); /* then one gives way */
	assert_ptr_equal(hosts_next(f.hosts, ALL, 1), &f.turn[2]);
	close_hosts(&f);
}

/* One that takes long gives its place to another, when that is wanted and there is one for it. */
static void test_slow_in_flight(void **state)
{
	struct fixture f;

	(void)state;
	open_hosts(&f, 1, 9, 0);
	for (size_t i = 0; i < 4; i++)
		host_wait(f.hosts, f.a, &f.turn[i], 0);
	assert_ptr_equal(hosts_next(f.hosts, ALL, 10), &f.turn[0]);
	assert_null(hosts_next(f.hosts, ALL, 1009));
	assert_int_equal(hosts_wake(f.hosts, ALL, 1009), 1010);
	assert_ptr_equal(hosts_next(f.hosts, ALL, 1010), &f.turn[1]);
	assert_int_equal(f.turn[0].lane, LANE_SLOW);
	assert_null(hosts_next(f.hosts, ALL, 99999));
	assert_int_equal(hosts_wake(f.hosts, ALL, 99999), INT64_MAX);
	hosts_done(f.hosts, &f.turn[0], 99999);
	assert_ptr_equal(hosts_next(f.hosts, ALL, 99999), &f.turn[2]);
	assert_int_equal(f.turn[1].lane, LANE_SLOW);
	hosts_done(f.hosts, &f.turn[2], 99999);
	assert_ptr_equal(hosts_next(f.hosts, ALL, 99999), &f.turn[3]);
	assert_int_equal(hosts_in_flight(f.hosts), 2);
	close_hosts(&f);
}

/* Where slow ones wait for theirs it keeps its place for longer. */
static void test_slow_in_flight_while_slow_ones_wait(void **state)
{
	struct fixture f;

	(void)state;
	open_hosts(&f, 1, 9, 0);
	for (size_t i = 0; i < 4; i++) {
		f.turn[i].lane = i < 2 ? LANE_PROMPT : LANE_SLOW;
		host_wait(f.hosts, i < 2 ? f.a : f.b, &f.turn[i], 0);
	}
	assert_ptr_equal(hosts_next(f.hosts, 1u << LANE_PROMPT, 10), &f.turn[0]);
	assert_null(hosts_next(f.hosts, 1u << LANE_PROMPT, 5009));
	assert_int_equal(hosts_wake(f.hosts, 1u << LANE_PROMPT, 5009), 5010);
	assert_ptr_equal(hosts_next(f.hosts, 1u << LANE_PROMPT, 5010), &f.turn[1]);
	assert_int_equal(f.turn[0].lane, LANE_SLOW);
	hosts_done(f.hosts, &f.turn[0], 5011);
	assert_ptr_equal(hosts_next(f.hosts, ALL, 5011), &f.turn[2]);
	close_hosts(&f);
}

static void test_hold(void **state)
{
	struct fixture f;

	(void)state;
	open_hosts(&f, 10, 5, 0);
	host_wait(f.hosts, f.a, &f.turn[0], 0);
	host_hold(f.hosts, f.a, 1000);
	host_hold(f.hosts, f.a, 500); /* never shorter */
	assert_int_equal(host_held_until(f.a), 1000);
	assert_null(hosts_next(f.hosts, ALL, 999));
	assert_non_null(hosts_next(f.hosts, ALL, 1000));
	close_hosts(&f);
}

/* Those that are held are known until then, whether anybody knows them or not. */
static void test_hold_outlives_references(void **state)
{
	struct fixture f;
	struct host *c;
	struct err e = { .kind = ERR_NONE };

	(void)state;
	open_hosts(&f, 10, 1, 0);
	for (int again = 0; again < 2; again++) {
		assert_true(hosts_get(f.hosts, STR("c.example"), &c, &e));
		host_hold(f.hosts, c, 1000);
		hosts_drop(f.hosts, &c);
		assert_null(c);
	}
	assert_int_equal(hosts_wake(f.hosts, ALL, 999), 1000);
	assert_null(hosts_next(f.hosts, ALL, 999));
	assert_true(hosts_get(f.hosts, STR("c.example"), &c, &e));
	assert_int_equal(host_held_until(c), 1000);
	host_wait(f.hosts, c, &f.turn[0], 999);
	assert_null(hosts_next(f.hosts, ALL, 999));
	host_leave(f.hosts, &f.turn[0]);
	hosts_drop(f.hosts, &c);
	assert_null(hosts_next(f.hosts, ALL, 1000));
	assert_int_equal(hosts_wake(f.hosts, ALL, 1000), INT64_MAX);
	assert_true(hosts_get(f.hosts, STR("c.example"), &c, &e));
	assert_int_equal(host_held_until(c), INT64_MIN);
	hosts_drop(f.hosts, &c);
	close_hosts(&f);
}

static void test_leave(void **state)
{
	struct fixture f;

	(void)state;
	open_hosts(&f, 10, 1, 0);
	for (size_t i = 0; i < 3; i++)
		host_wait(f.hosts, f.a, &f.turn[i], 0);
	host_leave(f.hosts, &f.turn[1]);
	host_leave(f.hosts, &f.turn[1]);
	assert_ptr_equal(hosts_next(f.hosts, ALL, 0), &f.turn[0]);
	hosts_done(f.hosts, &f.turn[0], 0);
	host_leave(f.hosts, &f.turn[2]);
	assert_null(hosts_next(f.hosts, ALL, 0));
	assert_int_equal(hosts_wake(f.hosts, ALL, 0), INT64_MAX);
	close_hosts(&f);
}

static void test_names(void **state)
{
	struct host *many[1000], *again;
	struct err e = { .kind = ERR_NONE };
	struct fixture f;
	char name[32];

	(void)state;
	open_hosts(&f, 10, 1, 0);
	for (int i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "h%d.example", i);
		assert_true(hosts_get(f.hosts, str_from(name), &many[i], &e));
	}
	assert_true(hosts_get(f.hosts, STR("h77.example"), &again, &e));
	assert_ptr_equal(again, many[77]);
	hosts_drop(f.hosts, &again);
	for (int i = 0; i < 1000; i++)
		hosts_drop(f.hosts, &many[i]);
	hosts_drop(f.hosts, &f.a);
	hosts_drop(f.hosts, &f.b);
	assert_null(f.b);
	hosts_free(&f.hosts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_per_host),
		cmocka_unit_test(test_gap),
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_other_rules_in_a_pause),
		cmocka_unit_test(test_asked_without_a_turn),
		cmocka_unit_test(test_gap_outlives_references),
		cmocka_unit_test(test_hosts_take_turns),
		cmocka_unit_test(test_all_hosts),
		cmocka_unit_test(test_lanes),
		cmocka_unit_test(test_slow_in_flight),
		cmocka_unit_test(test_slow_in_flight_while_slow_ones_wait),
		cmocka_unit_test(test_hold),
		cmocka_unit_test(test_hold_outlives_references),
		cmocka_unit_test(test_leave),
		cmocka_unit_test(test_names),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("pipe/hosts", tests, NULL, NULL);
}
