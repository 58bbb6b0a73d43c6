/* measure: what falls on a bound, below all and beyond all; what is written of it. */
#include "daemon/pipe/measure.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>

static int64_t whole(const json_t *array, size_t i)
{
	return json_integer_value(json_array_get(array, i));
}

static json_t *written(const struct measure *all)
{
	struct buf b;
	struct json w;
	json_t *doc;

	buf_init(&b, 1u << 16);
	json_init(&w, &b);
	json_open_object(&w);
	measure_write(all, &w);
	json_close_object(&w);
	assert_false(b.failed);
	doc = json_loadb(b.p, b.n, JSON_REJECT_DUPLICATES, NULL);
	buf_fini(&b);
	assert_non_null(doc);
	return doc;
}

static void bounds_ascend(void **state)
{
	static const struct measure none[MEASURES];
	json_t *doc = written(none), *one;
	const char *name;

	(void)state;
	assert_int_equal(json_object_size(json_object_get(doc, "histograms")), MEASURES);
	json_object_foreach(json_object_get(doc, "histograms"), name, one)
	{
		const json_t *le = json_object_get(one, "le_ms");

		assert_int_equal(json_array_size(le), MEASURE_BOUNDS);
		assert_int_equal(json_array_size(json_object_get(one, "counts")), MEASURE_BOUNDS + 1);
		for (size_t i = 0; i < MEASURE_BOUNDS; i++)
			assert_true(whole(le, i) > (i ? whole(le, i - 1) : 0));
	}
	json_decref(doc);
}

static void each_falls_into_one(void **state)
{
	static const struct {
		int64_t ms;
		size_t step; /* of the fetch: 10, 25, 50 … 300000 ms */
	} rows[] = { { -5, 0 }, { 0, 0 }, { 10, 0 }, { 11, 1 }, { 25, 1 }, { 26, 2 }, { 300000, 12 },
		{ 300001, 13 }, { INT64_C(1) << 40, 13 } };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct measure all[MEASURES] = { { .sum = 0 } };
		json_t *doc, *one;

		measure_add(all, MEASURE_FETCH, rows[i].ms);
		doc = written(all);
		one = json_object_get(json_object_get(doc, "histograms"), "fetch");
		for (size_t k = 0; k <= MEASURE_BOUNDS; k++)
			assert_int_equal(whole(json_object_get(one, "counts"), k), k == rows[i].step);
		assert_int_equal(
		    json_integer_value(json_object_get(one, "sum_ms")), rows[i].ms > 0 ? rows[i].ms : 0);
		one = json_object_get(json_object_get(doc, "histograms"), "commit");
		assert_int_equal(whole(json_object_get(one, "counts"), 0), 0);
		json_decref(doc);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bounds_ascend),
		cmocka_unit_test(each_falls_into_one),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("pipe/measure", tests, NULL, NULL);
}
