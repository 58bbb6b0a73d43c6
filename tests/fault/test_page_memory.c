/*
 * Every allocation of answering with a topic's feed fails, once and from then on: the answer is all of the feed or an error, never a feed with an item
 * less, which its readers would take for gone. Under a sanitizer, which owns the allocator itself, nothing is swept.
 */
#include "tests/fake/page_box.h"
#include "tests/fault/refusing_malloc.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define RECORDS 3u

static struct page_box box;
static struct buf whole; /* the feed when nothing fails */

static int set_up(void **state)
{
	char line[512];

	(void)state;
	page_box_init(&box);
	buf_init(&whole, 1u << 20);
	for (unsigned i = 1; i <= RECORDS; i++) {
		int n = snprintf(line, sizeof(line),
		    "{\"v\":1,\"seq\":%u,\"seen_at\":\"2026-11-21T09:00:00.000Z\",\"feed\":\"a\",\"key\":\"%"
		    "032u\","
		    "\"title\":\"Title %u\",\"content_text\":\"Text\",\"topics\":[{\"topic\":\"t\"}]}\n",
		    i, i, i);

		page_box_append(&box, "t.jsonl", str_of(line, (size_t)n));
	}
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	buf_fini(&whole);
	page_box_fini(&box);
	return 0;
}

/* NULL: as it must be. */
static const char *wrong(void)
{
	if (box.answer.status == 503)
		return box.answer.last_modified[0] ? "an error with a date" : NULL;
	if (box.answer.status != 200)
		return failed ? NULL : "another status";
	return str_eq(buf_view(&box.answer.body), buf_view(&whole)) ? NULL : "another feed";
}

static void sweep(const char *path)
{
	assert_int_equal(page_box_get(&box, path), 200);
	buf_reset(&whole);
	buf_str(&whole, buf_view(&box.answer.body));
	for (int always = 0; always < 2; always++)
		for (long step = 0;; step++) {
			const char *what;

			assert_true(step < 10000);
			forever = always;
			failed = false;
			countdown = step;
			(void)page_box_get(&box, path);
			countdown = -1;
			what = wrong();
			if (what)
				fail_msg("%s: allocation %ld fails%s: %s, %u", path, step,
				    always ? " and all after it" : "", what, box.answer.status);
			if (!failed)
				break;
		}
}

static void every_allocation_fails(void **state)
{
	(void)state;
	if (!SWEPT)
		skip();
	sweep("/topics/t/atom.xml");
	sweep("/topics/t/feed.json");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_allocation_fails, set_up, tear_down),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("page/memory", tests, NULL, NULL);
}
