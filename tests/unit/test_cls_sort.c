/* Sorting by heads: the order of a plain comparison, whatever the heads have in common. */
#include "classifiers/cls_sort.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define THINGS 3000

static uint64_t thing[THINGS]; /* what is behind the heads: things of one head go by it */
static size_t asked; /* how often two of one head were compared */

static int by_thing(const void *a, const void *b)
{
	const struct cls_sorted *x = a, *y = b;
	const uint64_t *p = x->of, *q = y->of;

	assert_true(x->head == y->head);
	asked++;
	return (*p > *q) - (*p < *q);
}

static int by_all(const void *a, const void *b)
{
	const struct cls_sorted *x = a, *y = b;

	return x->head != y->head ? (x->head < y->head ? -1 : 1) : by_thing(a, b);
}

struct mask_case {
	const char *name;
	uint64_t mask; /* bits of a head that differ */
};

static const struct mask_case mask_cases[] = {
	{ "all bytes", UINT64_MAX },
	{ "the last byte", 0xff },
	{ "the first byte", 0xff00000000000000 },
	{ "two in the middle", 0x000000f0f0000000 },
	{ "one bit", 1u << 20 },
	{ "none", 0 },
};

/* n things whose heads differ in the bits of the mask, each thing another. */
static void fill(struct cls_sorted *x, size_t n, uint64_t mask)
{
	uint64_t random = 1;

	for (size_t i = 0; i < n; i++) {
		random = random * 6364136223846793005u + 1442695040888963407u;
		thing[i] = (random >> 16) << 12 | i;
		x[i] = (struct cls_sorted){ (random ^ random >> 32) & mask, &thing[i] };
	}
}

static void in_order_as_by_comparing(void **state)
{
	(void)state;
	static struct cls_sorted x[THINGS], y[THINGS];
	static const size_t sizes[] = { 0, 1, 2, 3, 31, 32, 33, 34, 100, 257, THINGS };
	for (size_t c = 0; c < sizeof mask_cases / sizeof *mask_cases; c++)
		for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
			size_t n = sizes[s];
			fill(x, n, mask_cases[c].mask);
			memcpy(y, x, sizeof y);
			assert_true(cls_sort(x, n, by_thing));
			if (n > 0)
				qsort(y, n, sizeof *y, by_all);
			for (size_t i = 0; i < n; i++)
				if (x[i].of != y[i].of)
					fail_msg("%s: thing %zu of %zu", mask_cases[c].name, i, n);
		}
}

static void heads_of_their_own_are_not_looked_behind(void **state)
{
	(void)state;
	static struct cls_sorted x[THINGS];
	for (size_t i = 0; i < THINGS; i++)
		x[i] = (struct cls_sorted){ (THINGS - i) << 30, &thing[i] };
	asked = 0;
	assert_true(cls_sort(x, THINGS, by_thing));
	assert_int_equal(asked, 0);
	for (size_t i = 0; i < THINGS; i++)
		assert_ptr_equal(x[i].of, &thing[THINGS - 1 - i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_order_as_by_comparing),
		cmocka_unit_test(heads_of_their_own_are_not_looked_behind),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("classifiers/sort", tests, NULL, NULL);
}
