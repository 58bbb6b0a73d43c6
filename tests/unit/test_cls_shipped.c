/* The shipped topics, by their rules alone and with their learned weights: they load, pass their own tests, and give the five texts the
 * project was born from their topics. */
#include "classifiers/classify.h"
#include "daemon/base/map.h"

#include <glob.h>
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct str model; /* mapped for the whole run */

static struct classifier *shipped(bool learned)
{
	struct cls_builder *b = cls_builder_new();
	struct classifier *c;
	struct cls_error e;
	glob_t g;

	assert_int_equal(glob("classifiers/topics/*.yaml", 0, NULL, &g), 0);
	for (size_t i = 0; i < g.gl_pathc; i++)
		if (!cls_builder_add_file(b, g.gl_pathv[i], &e))
			fail_msg("%s:%d: %s", e.file, e.line, e.text);
	globfree(&g);
	if (learned && !cls_builder_model(b, "topics.model", model.p, model.n, &e))
		fail_msg("%s: %s", e.file, e.text);
	assert_true(cls_build(&b, &c, &e));
	return c;
}

static void they_are_there(void **state)
{
	(void)state;
	struct classifier *c = shipped(false);
	assert_true(cls_topic_index(c, "cybercrime") >= 0);
	assert_true(cls_topic_index(c, "illegal-employment") >= 0);
	assert_true(cls_topic_index(c, "child-online-safety") >= 0);
	cls_free(&c);
}

static void their_own_tests_pass(void **state)
{
	struct classifier *c = shipped(*(bool *)*state);
	struct cls_scratch *s = cls_scratch_new();
	struct cls_result r[CLS_TOPICS_MAX];
	struct cls_error e;
	size_t wrong = 0;
	for (size_t i = 0; i < cls_test_count(c); i++) {
		const struct cls_test *t = cls_test(c, i);
		struct cls_input in = { .title = t->title, .text = t->text, .language = t->language };
		assert_true(cls_classify(c, s, &in, r, &e));
		const struct cls_result *got = &r[cls_topic_index(c, t->topic)];
		if (got->decision != t->expect) {
			print_error("%s.yaml:%d: %s instead of %s, %.3f\n", t->topic, t->line,
			    cls_decision_name(got->decision), cls_decision_name(t->expect), got->score);
			wrong++;
		}
	}
	assert_int_equal(wrong, 0);
	cls_scratch_free(&s);
	cls_free(&c);
}

static bool is_labelled(const json_t *row, const char *topic)
{
	const json_t *labels = json_object_get(row, "labels");

	for (size_t i = 0; i < json_array_size(labels); i++)
		if (strcmp(json_string_value(json_array_get(labels, i)), topic) == 0)
			return true;
	return false;
}

static struct cls_text text_of(const json_t *row, const char *key)
{
	const json_t *v = json_object_get(row, key);

	return (struct cls_text){ json_string_value(v), json_string_length(v) };
}

static void the_seeds_get_exactly_their_topics(void **state)
{
	FILE *f = fopen("../shared/corpus/seeds.jsonl", "r");
	if (f == NULL) {
		print_message("# ../shared/corpus is not here\n");
		skip();
	}
	struct classifier *c = shipped(*(bool *)*state);
	struct cls_scratch *s = cls_scratch_new();
	struct cls_result r[CLS_TOPICS_MAX];
	struct cls_error e;
	json_t *row;
	size_t rows = 0;
	for (; (row = json_loadf(f, JSON_DISABLE_EOF_CHECK, NULL)) != NULL; rows++) {
		struct cls_input in = { .title = text_of(row, "title"), .text = text_of(row, "text") };
		assert_true(cls_classify(c, s, &in, r, &e));
		for (size_t i = 0; i < cls_topic_count(c); i++) {
			bool want = is_labelled(row, cls_topic(c, i)->name);
			if (want != (r[i].decision == CLS_MATCH))
				fail_msg("%s: %s has %.3f", json_string_value(json_object_get(row, "id")),
				    cls_topic(c, i)->name, r[i].score);
			assert_true(!want || r[i].evidence_count > 0);
		}
		json_decref(row);
	}
	assert_int_equal(rows, 5);
	fclose(f);
	cls_scratch_free(&s);
	cls_free(&c);
}

/* What no phrase knows; and the file says of itself how it was judged. */
static void weights_add_to_phrases(void **state)
{
	(void)state;
	static const char title[] = "Retired teacher handed over savings to a caller";
	static const char text[] =
	    "The voice said he was an inspector and told her to move the money to a safe account.";
	struct classifier *rules = shipped(false), *c = shipped(true);
	struct cls_scratch *s = cls_scratch_new();
	struct cls_result r[CLS_TOPICS_MAX];
	struct cls_input in = { { title, sizeof title - 1 }, { text, sizeof text - 1 }, "en" };
	struct cls_error e;
	int topic = cls_topic_index(c, "cybercrime");
	assert_true(cls_classify(rules, s, &in, r, &e));
	double alone = r[topic].score;
	assert_true(cls_classify(c, s, &in, r, &e));
	assert_true(r[topic].score > alone + 0.3);
	assert_true(r[topic].evidence_count > 0 && r[topic].evidence[0].by == CLS_BY_TERM);
	assert_true(model.n < 2u << 20);
	cls_scratch_free(&s);
	cls_free(&rules);
	cls_free(&c);
}

struct endless_case {
	const char *phrase;
	const char *topic; /* the only one that matches, or NULL: none */
};

static const struct endless_case endless_cases[] = {
	{ "phishing attack ", "cybercrime" },
	{ "scam online today. ", "cybercrime" },
	{ "電話詐騙 ", "cybercrime" },
	{ "online games for children ", "child-online-safety" },
	{ "flowers in the garden ", NULL },
	{ "花園 ", NULL },
};

/* A phrase without end is that phrase: no topic comes of its sheer number, in a title or a text. */
static void repeats_without_end_add_no_topic(void **state)
{
	(void)state;
	struct classifier *c = shipped(true);
	struct cls_scratch *s = cls_scratch_new();
	struct cls_result r[CLS_TOPICS_MAX];
	struct cls_error e;
	char *text = malloc(CLS_TEXT_MAX);
	assert_non_null(text);
	for (size_t i = 0; i < 2 * sizeof endless_cases / sizeof *endless_cases; i++) {
		const struct endless_case *x = &endless_cases[i / 2];
		size_t len = strlen(x->phrase), n = 0;
		for (; n + len <= CLS_TEXT_MAX; n += len)
			memcpy(text + n, x->phrase, len);
		struct cls_text all = { text, n }, none = { "", 0 };
		struct cls_input in = { i % 2 == 0 ? all : none, i % 2 == 0 ? none : all, NULL };
		assert_true(cls_classify(c, s, &in, r, &e));
		for (size_t k = 0; k < cls_topic_count(c); k++) {
			bool want = x->topic != NULL && strcmp(cls_topic(c, k)->name, x->topic) == 0;
			if (want != (r[k].decision == CLS_MATCH))
				fail_msg("%s: %s has %.3f", x->phrase, cls_topic(c, k)->name, r[k].score);
		}
	}
	free(text);
	cls_scratch_free(&s);
	cls_free(&c);
}

int main(void)
{
	static bool alone = false, learned = true;
	struct err e = { 0 };
	if (!map_file("classifiers/topics/topics.model", CLS_MODEL_FILE_MAX, &model, &e))
		fail_msg("%s", e.text);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(they_are_there),
		{ "by rules alone their own tests pass", their_own_tests_pass, NULL, NULL, &alone },
		{ "with weights their own tests pass", their_own_tests_pass, NULL, NULL, &learned },
		{ "by rules alone the seeds get exactly their topics", the_seeds_get_exactly_their_topics,
		    NULL, NULL, &alone },
		{ "with weights the seeds get exactly their topics", the_seeds_get_exactly_their_topics, NULL,
		    NULL, &learned },
		cmocka_unit_test(weights_add_to_phrases),
		cmocka_unit_test(repeats_without_end_add_no_topic),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("classifiers/shipped", tests, NULL, NULL);
}
