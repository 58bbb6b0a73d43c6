/* topics: small classifiers for tests. */
#include "tests/fake/topics.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void add(struct cls_builder *b, const char *yaml)
{
	struct cls_error e = { 0 };

	if (!cls_builder_add(b, "test.yaml", yaml, strlen(yaml), &e))
		fail_msg("%s:%d: %s", e.file, e.line, e.text);
}

struct classifier *topics_new(const char *first, ...)
{
	struct cls_builder *b = cls_builder_new();
	struct classifier *c = NULL;
	struct cls_error e;
	va_list ap;

	assert_non_null(b);
	va_start(ap, first);
	for (const char *yaml = first; yaml != NULL; yaml = va_arg(ap, const char *))
		add(b, yaml);
	va_end(ap);
	assert_true(cls_build(&b, &c, &e));
	assert_null(b);
	return c;
}

struct classifier *topics_of_rules(const char *phrases)
{
	char yaml[4096];

	snprintf(yaml, sizeof yaml, "topic: t\nthresholds: {match: 0.8, review: 0.5}\nbias: -4\n%s", phrases);
	return topics_new(yaml, NULL);
}

struct cls_error topics_error(const char *yaml)
{
	struct cls_builder *b = cls_builder_new();
	struct cls_error e = { 0 };

	assert_non_null(b);
	if (cls_builder_add(b, "test.yaml", yaml, strlen(yaml), &e))
		assert_string_equal(e.text, "");
	cls_builder_free(&b);
	return e;
}

double topics_odds(const struct classifier *c, const char *title, const char *text)
{
	struct cls_scratch *s = cls_scratch_new();
	struct cls_input in = { .title = { title, strlen(title) }, .text = { text, strlen(text) } };
	struct cls_result r[CLS_TOPICS_MAX];
	struct cls_error e;

	assert_non_null(s);
	assert_true(cls_classify(c, s, &in, r, &e));
	cls_scratch_free(&s);
	return log(r[0].score / (1 - r[0].score)) + 4;
}
