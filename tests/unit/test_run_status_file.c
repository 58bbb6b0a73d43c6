/* The status file over a real loop and a real engine: parts between which the loop turns, and a reader who finds whole files alone. */
#include "daemon/run/status_file.h"
#include "tests/fake/world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define FEEDS 400u /* several parts */
#define MANY 20500u /* counted in several, too */

struct told {
	struct world w;
	uv_loop_t loop;
	struct status_file file;
};

static void configure(struct told *t, const char *name, unsigned feeds)
{
	struct buf yaml;
	buf_init(&yaml, 4u << 20);
	buf_str(&yaml, STR("shipped_topics: false\nfeeds:\n"));
	for (unsigned i = 0; i < feeds; i++)
		buf_fmt(&yaml, "  - {name: %s-%u, url: \"http://host-%u.example/\"}\n", name, i, i);
	buf_byte(&yaml, '\0');
	assert_false(yaml.failed);
	world_configure(&t->w, yaml.p);
	buf_fini(&yaml);
}

static int set_up(void **state)
{
	struct told *t = calloc(1, sizeof(*t));
	struct err e = { .kind = ERR_NONE };
	world_init(
	    &t->w, "topic: t\nthresholds: {match: 0.8, review: 0.4}\nphrases: [{any: [flood], weight: 8}]\n");
	configure(t, "a", FEEDS);
	assert_true(world_start(&t->w));
	assert_int_equal(uv_loop_init(&t->loop), 0);
	assert_true(status_file_init(&t->file, &t->loop, t->w.engine, t->w.folder.path, &e));
	*state = t;
	return 0;
}

static int tear_down(void **state)
{
	struct told *t = *state;
	status_file_fini(&t->file);
	uv_run(&t->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&t->loop), 0);
	world_fini(&t->w);
	free(t);
	return 0;
}

static json_int_t count_of(const json_t *doc, const char *name)
{
	return json_integer_value(json_object_get(json_object_get(doc, "counts"), name));
}

/* How many feeds the file tells of, all with this letter; SIZE_MAX: there is no file. */
static size_t feeds_told(const struct told *t, char letter)
{
	if (access(t->file.path, F_OK) != 0)
		return SIZE_MAX;
	json_t *doc = json_load_file(t->file.path, JSON_REJECT_DUPLICATES, NULL);
	const json_t *feeds = json_object_get(doc, "feeds");
	size_t n = json_array_size(feeds);
	assert_non_null(doc);
	assert_int_equal(count_of(doc, "feeds"), n);
	assert_int_equal(count_of(doc, "feeds_waiting"), n);
	for (size_t i = 0; i < n; i++) {
		char name[32];
		snprintf(name, sizeof(name), "%c-%zu", letter, i);
		assert_string_equal(
		    json_string_value(json_object_get(json_array_get(feeds, i), "name")), name);
	}
	json_decref(doc);
	return n;
}

/* Turns of the loop until it is written. */
static unsigned turns(struct told *t)
{
	unsigned n = 0;
	for (; t->file.busy; n++)
		uv_run(&t->loop, UV_RUN_ONCE);
	return n;
}

static void test_parts(void **state)
{
	struct told *t = *state;
	status_file_begin(&t->file, 0640);
	assert_int_equal(feeds_told(t, 'a'), SIZE_MAX);
	assert_true(turns(t) > 2);
	assert_int_equal(feeds_told(t, 'a'), FEEDS);
	assert_true(t->file.last_bytes > FEEDS * 100);
	assert_int_not_equal(access(t->file.temporary, F_OK), 0);
}

/* Other feeds while it is written: those before are in no file that a reader finds. */
static void test_reload_between_parts(void **state)
{
	struct told *t = *state;
	status_file_begin(&t->file, 0640);
	(void)turns(t);
	status_file_begin(&t->file, 0640);
	uv_run(&t->loop, UV_RUN_ONCE);
	assert_true(t->file.busy);
	configure(t, "b", FEEDS / 2);
	assert_true(world_reload(&t->w));
	assert_int_equal(feeds_told(t, 'a'), FEEDS);
	(void)turns(t);
	assert_int_equal(feeds_told(t, 'b'), FEEDS / 2);
}

/* More than are counted in one part. */
static void test_many(void **state)
{
	struct told *t = *state;
	configure(t, "c", MANY);
	assert_true(world_reload(&t->w));
	status_file_begin(&t->file, 0640);
	(void)turns(t);
	assert_int_equal(feeds_told(t, 'c'), MANY);
}

static void test_stopped(void **state)
{
	struct told *t = *state;
	status_file_begin(&t->file, 0640);
	status_file_stop(&t->file);
	assert_int_equal(turns(t), 1);
	assert_int_equal(feeds_told(t, 'a'), SIZE_MAX);
	status_file_begin(&t->file, 0640);
	assert_false(t->file.busy);
	status_file_write_last(&t->file, 0640);
	assert_int_equal(feeds_told(t, 'a'), FEEDS);
}

static void test_no_folder(void **state)
{
	struct told *t = *state;
	struct err e = { .kind = ERR_NONE };
	assert_true(status_file_init(&t->file, &t->loop, t->w.engine, "/nonexistent/folder", &e));
	status_file_begin(&t->file, 0640);
	assert_int_equal(turns(t), 1);
	assert_true(t->file.failed);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_parts),
		TEST(test_reload_between_parts),
		TEST(test_many),
		TEST(test_stopped),
		TEST(test_no_folder),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("run/status_file", tests, NULL, NULL);
}
