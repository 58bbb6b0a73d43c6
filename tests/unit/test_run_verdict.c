/* What becomes of a reload is told as JSON, whatever a configuration says and however much of it is wrong. */
#include "daemon/base/attr.h"
#include "daemon/base/log.h"
#include "daemon/run/verdict.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#define NOW INT64_C(1795255200000)
#define MANY 10000u

static log_sink_f ignore;
static void ignore(void *ctx, enum log_level level, struct str line)
{
	(void)ctx, (void)level, (void)line;
}

static json_t *written(const struct verdict *v, bool reloaded, const char *request)
{
	struct buf out;
	buf_init(&out, 1u << 20);
	verdict_write(v, reloaded, request, NOW, &out);
	assert_false(out.failed);
	json_t *told = json_loadb(out.p, out.n, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(told);
	buf_fini(&out);
	return told;
}

static void test_says(void **state)
{
	const struct conf_error error = { "a\"b.yaml", 3, 7, "unknown key \"x\"\n" };
	struct verdict v;
	(void)state;
	verdict_init(&v);
	verdict_complain(&v, &error);
	verdict_complain(&v, &error);
	json_t *told = written(&v, false, "1.json");
	const json_t *list = json_object_get(told, "complaints");
	assert_int_equal(json_array_size(list), 2);
	assert_string_equal(
	    json_string_value(json_object_get(json_array_get(list, 1), "reason")), "unknown key \"x\"\n");
	assert_string_equal(json_string_value(json_object_get(told, "request")), "1.json");
	assert_true(json_is_false(json_object_get(told, "reloaded")));
	assert_null(json_object_get(told, "left_out"));
	json_decref(told);
	verdict_fini(&v);
}

/* The first of them whole, and how many are not there: a long one hides none before it. */
static void test_many(void **state)
{
	char text[200], huge[300000];
	const struct conf_error error = { "a.yaml", 1, 1, text }, too_long = { "a.yaml", 2, 1, huge };
	struct verdict v;
	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	memset(huge, 'y', sizeof(huge) - 1);
	huge[sizeof(huge) - 1] = '\0';
	verdict_init(&v);
	for (unsigned i = 0; i < MANY; i++)
		verdict_complain(&v, &error);
	json_t *told = written(&v, false, NULL);
	size_t there = json_array_size(json_object_get(told, "complaints"));
	assert_true(there > 900);
	assert_int_equal(there + (size_t)json_integer_value(json_object_get(told, "left_out")), MANY);
	json_decref(told);
	verdict_fini(&v);
	verdict_init(&v);
	verdict_complain(&v, &error);
	verdict_complain(&v, &too_long);
	verdict_complain(&v, &error);
	told = written(&v, false, NULL);
	assert_int_equal(json_array_size(json_object_get(told, "complaints")), 1);
	assert_int_equal(json_integer_value(json_object_get(told, "left_out")), 2);
	json_decref(told);
	verdict_fini(&v);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_says), cmocka_unit_test(test_many) };
	log_set_sink(ignore, NULL);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("run/verdict", tests, NULL, NULL);
}
