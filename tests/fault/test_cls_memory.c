/*
 * Every allocation of loading a topic and of asking fails, once and from then on: the answer is "out of memory" or the right one, never a
 * crash and never a classifier with something missing. Under a sanitizer, which owns the allocator itself, nothing is swept.
 */
#include "classifiers/classify.h"
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

static const char topic[] = "topic: t\nthresholds: {match: 0.8, review: 0.5}\n"
                            "groups: {g: {en: [scam*, fraud], zh: 詐騙}, h: [$g, on line]}\n"
                            "phrases:\n"
                            "- {any: $h, weight: 4, near: {any: [phone, 電話], within: 3}}\n"
                            "- {any: [aa bb, bb], weight: 2, unless: {any: cc, within: anywhere}, in: lead}\n"
                            "tests: [{title: x, expect: none}]\n";

/* One whole life. Says "ok", "no memory", or what else went wrong. */
static const char *live(void)
{
	static const char text[] = "A phone scam on line. aa bb 電話詐騙";
	struct cls_builder *b = cls_builder_new();
	struct cls_scratch *s = cls_scratch_new();
	struct classifier *c = NULL;
	struct cls_error e = { 0 };
	struct cls_input in = { .text = { text, sizeof text - 1 } };
	struct cls_result r = { 0 };
	const char *said = "no memory";

	if (b != NULL && s != NULL && cls_builder_add(b, "t.yaml", topic, sizeof topic - 1, &e) &&
	    cls_build(&b, &c, &e) && cls_classify(c, s, &in, &r, &e))
		said = r.decision == CLS_MATCH && r.evidence_count == 3 && cls_test_count(c) == 1
		           ? "ok"
		           : "another answer";
	else if (e.text[0] != '\0' && strstr(e.text, "memory") == NULL)
		said = "another error";
	cls_free(&c);
	cls_builder_free(&b);
	cls_scratch_free(&s);
	return said;
}

static void every_allocation_fails(void **state)
{
	(void)state;
	if (!SWEPT)
		skip();
	for (int always = 0; always < 2; always++)
		for (long step = 0;; step++) {
			assert_true(step < 10000);
			forever = always;
			failed = false;
			countdown = step;
			const char *said = live();
			countdown = -1;
			if (strcmp(said, failed ? "no memory" : "ok") != 0)
				fail_msg("allocation %ld fails%s: %s", step,
				    always ? " and all after it" : "", said);
			if (!failed)
				break;
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(every_allocation_fails) };

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("classifiers/memory", tests, NULL, NULL);
}
