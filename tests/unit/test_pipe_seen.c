/* The table of names and the table of things in flight. */
#include "daemon/base/hash.h"
#include "daemon/pipe/seen.h"
#include "daemon/pipe/slots.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define NAMES 20000u
#define LAST_PLACES (UINT64_MAX << 54) /* names whose place is the last of the smallest table */

static uint64_t name_of(uint32_t i)
{
	return hash64(str_of(&i, sizeof(i)), 7);
}

static void test_add_find_expire(void **state)
{
	struct err e = { .kind = ERR_NONE };
	struct seen *s;

	(void)state;
	assert_true(seen_new(&s, &e));
	for (uint32_t i = 0; i < NAMES; i++) {
		assert_true(seen_reserve(s, 1, &e));
		seen_add(s, name_of(i), i, i % 3 ? SEEN_LISTED : i);
	}
	assert_int_equal(seen_count(s), NAMES);
	assert_null(seen_find(s, name_of(NAMES)));
	assert_int_equal(seen_expire(s, 0, UINT64_MAX, NAMES), (NAMES + 2) / 3);
	for (uint32_t i = 0; i < NAMES; i++) {
		struct seen_entry *x = seen_find(s, name_of(i));

		if (i % 3 == 0) {
			assert_null(x);
			continue;
		}
		assert_non_null(x);
		assert_int_equal(x->content, i);
	}
	seen_free(&s);
}

/* All in one probe chain that wraps around the end: what is deleted must not hide what stands behind it. */
static void test_chain_over_the_end(void **state)
{
	struct err e = { .kind = ERR_NONE };
	struct seen *s;

	(void)state;
	assert_true(seen_new(&s, &e));
	for (uint64_t i = 1; i <= 40; i++)
		seen_add(s, LAST_PLACES | i, (uint32_t)i, i % 2 ? 5 : 50);
	seen_add(s, 0, 99, 50); /* the hash 0 is a name too */
	assert_int_equal(seen_expire(s, 0, LAST_PLACES, 10), 0);
	assert_int_equal(seen_expire(s, LAST_PLACES | 1, UINT64_MAX, 10), 20);
	for (uint64_t i = 2; i <= 40; i += 2)
		assert_int_equal(seen_find(s, LAST_PLACES | i)->content, i);
	assert_null(seen_find(s, LAST_PLACES | 1));
	assert_int_equal(seen_find(s, 0)->content, 99);
	seen_free(&s);
}

/* Part by part the same go as at once, and after each part none beyond it. */
static void test_expire_in_parts(void **state)
{
	struct err e = { .kind = ERR_NONE };
	const uint64_t span = UINT64_MAX >> 4;
	size_t forgotten = 0, left = 0;
	uint64_t first = 0;
	struct seen *s;

	(void)state;
	assert_true(seen_new(&s, &e) && seen_reserve(s, NAMES, &e));
	for (uint32_t i = 0; i < NAMES; i++)
		seen_add(s, name_of(i), i, i % 2 ? 50 : 5);
	for (int part = 0; part < 16; part++, first += span + 1) {
		forgotten += seen_expire(s, first, first + span, 10);
		for (uint32_t i = 0; i < NAMES; i++)
			assert_true(
			    (seen_find(s, name_of(i)) == NULL) == (i % 2 == 0 && name_of(i) <= first + span));
	}
	for (uint32_t i = 0; i < NAMES; i++)
		left += seen_find(s, name_of(i)) != NULL;
	assert_int_equal(forgotten, NAMES / 2);
	assert_int_equal(left, seen_count(s));
	seen_free(&s);
}

static void test_replace(void **state)
{
	struct err e = { .kind = ERR_NONE };
	struct seen *s;

	(void)state;
	assert_true(seen_new(&s, &e));
	seen_add(s, 5, 1, 1);
	seen_add(s, 5, 2, 2);
	assert_int_equal(seen_count(s), 1);
	assert_int_equal(seen_find(s, 5)->content, 2);
	seen_free(&s);
}

static void test_slots(void **state)
{
	struct slots s = { 0 };
	uint64_t id[200];
	int things[200];
	uint32_t i = 0;
	size_t n = 0;

	(void)state;
	for (int k = 0; k < 200; k++) {
		id[k] = slots_take(&s, &things[k]);
		assert_true(id[k] != 0);
	}
	slots_release(&s, id[7]);
	assert_null(slots_find(&s, id[7]));
	slots_release(&s, id[7]); /* twice does nothing */
	assert_true(slots_take(&s, &things[7]) != id[7]);
	assert_null(slots_find(&s, id[7])); /* its place is taken by another */
	assert_ptr_equal(slots_find(&s, id[8]), &things[8]);
	assert_null(slots_find(&s, 0));
	while (slots_each(&s, &i))
		n++;
	assert_int_equal(n, 200);
	slots_fini(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_add_find_expire),
		cmocka_unit_test(test_chain_over_the_end),
		cmocka_unit_test(test_expire_in_parts),
		cmocka_unit_test(test_replace),
		cmocka_unit_test(test_slots),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("pipe/seen", tests, NULL, NULL);
}
