/* What is due first, whatever was moved or taken out before. */
#include "daemon/pipe/heap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define NODES 500

static uint32_t next(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

static void check_order(struct heap *h)
{
	int64_t last = INT64_MIN;
	struct heap_node *n;

	while ((n = heap_first(h))) {
		assert_true(heap_due(h, n) >= last);
		last = heap_due(h, n);
		heap_remove(h, n);
		assert_int_equal(n->ticket, 0);
	}
}

static void test_order(void **state)
{
	static struct heap_node nodes[NODES];
	struct err e = { .kind = ERR_NONE };
	struct heap h = { 0 };
	uint32_t seed = 1;

	(void)state;
	assert_true(heap_reserve(&h, NODES, &e));
	for (int round = 0; round < 20; round++) {
		for (size_t i = 0; i < NODES; i++)
			heap_set(&h, &nodes[i], next(&seed) % 1000);
		for (size_t i = 0; i < NODES; i += 3)
			heap_set(&h, &nodes[i], next(&seed) % 1000);
		for (size_t i = 0; i < NODES; i += 7)
			heap_remove(&h, &nodes[i]);
		heap_remove(&h, &nodes[0]); /* twice does nothing */
		check_order(&h);
	}
	heap_fini(&h);
}

static void test_empty(void **state)
{
	struct heap h = { 0 };
	struct heap_node n = { 0 };

	(void)state;
	assert_null(heap_first(&h));
	heap_remove(&h, &n);
	heap_fini(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_order), cmocka_unit_test(test_empty) };

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("pipe/heap", tests, NULL, NULL);
}
