/* scores: counts, intervals, average precision and calibration, against numbers worked out by hand. */
#include "daemon/ctl/scores.h"
#include "tests/fake/topics.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define TOPIC "topic: a\nthresholds: {match: 0.8, review: 0.5}\nphrases: [{any: scam, weight: 6}]\n"
#define WHOLE ((struct scores_part){ SCORES_ANY, SCORES_ANY, false })

struct fixture {
	struct arena *arena;
	struct classifier *c;
	struct scores s;
};

static void add(struct fixture *f, double p, int truth, enum cls_decision decision, const char *language)
{
	struct err e = { 0 };
	struct text t = { .file = "f", .id = STR("x"), .title = STR("y"), .language = language };
	signed char label = (signed char)truth;
	assert_true(scores_add(&f->s, &t, &label, &e));
	struct score *cell = scores_cell(&f->s, f->s.n - 1, 0);
	cell->p = p;
	cell->decision = (signed char)decision;
}

/* By probability: right, wrong, right, wrong (for review), and one missed. */
static int set_up(void **state)
{
	static struct fixture f;
	f.arena = arena_new(1u << 20);
	f.c = topics_new(TOPIC, NULL);
	scores_init(&f.s, f.c, f.arena);
	add(&f, 0.95, 1, CLS_MATCH, "en");
	add(&f, 0.92, -1, CLS_MATCH, "en");
	add(&f, 0.85, 1, CLS_MATCH, "de");
	add(&f, 0.55, -1, CLS_REVIEW, "de");
	add(&f, 0.05, 1, CLS_NONE, NULL);
	*state = &f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	scores_fini(&f->s);
	cls_free(&f->c);
	arena_free(&f->arena);
	return 0;
}

struct label_case {
	const char *name, *json, *says; /* says: the error; NULL: none */
	int truth;
};

static const struct label_case label_cases[] = {
	{ "of the topic", "{\"labels\": [\"b\", \"a\"]}", NULL, 1 },
	{ "of another one", "{\"labels\": [\"b\"]}", NULL, -1 },
	{ "none", "{\"labels\": []}", NULL, -1 },
	{ "not told", "{\"title\": \"a\"}", "f:7: no \"labels\"", 0 },
	{ "no list", "{\"labels\": \"a\"}", "f:7: no \"labels\"", 0 },
	{ "a number among them", "{\"labels\": [\"a\", 1]}", "f:7: a label that is no text", 0 },
	{ "null", "{\"labels\": [null]}", "f:7: a label that is no text", 0 },
};

static void labels_are_read(void **state)
{
	struct fixture *f = *state;
	for (size_t i = 0; i < ARRAY_LEN(label_cases); i++) {
		const struct label_case *c = &label_cases[i];
		json_t *record = json_loads(c->json, 0, NULL);
		struct text t = { .file = "f", .line = 7, .record = record };
		struct err e = { 0 };
		signed char truth = 0;
		bool good = scores_labels(f->c, &t, &truth, &e);
		if (good != (c->says == NULL) || truth != c->truth ||
		    strcmp(e.text, c->says ? c->says : "") != 0)
			fail_msg("%s: %d '%s'", c->name, truth, e.text);
		json_decref(record);
	}
}

static void is_near(double got, double want)
{
	if (!(got > want - 5e-4 && got < want + 5e-4))
		fail_msg("%f instead of %f", got, want);
}

static void one_topic(void **state)
{
	struct fixture *f = *state;
	struct scores_topic t;
	assert_true(scores_measure(&f->s, 0, WHOLE, &t));
	assert_int_equal(t.texts, 5);
	assert_int_equal(t.positives, 3);
	assert_int_equal(t.hit, 2);
	assert_int_equal(t.wrong, 1);
	assert_int_equal(t.missed, 1);
	assert_int_equal(t.review_wrong, 1);
	is_near(t.precision, 0.6667);
	is_near(t.recall, 0.6667);
	is_near(t.f1, 0.6667);
	is_near(t.average_precision, (1 + 2.0 / 3 + 3.0 / 5) / 3);
	/* bins: 0.9 has 1.87 expected and 1 seen, 0.8: 0.85 and 1, 0.5: 0.55 and 0, 0.0: 0.05 and 1 */
	is_near(t.ece, (0.87 + 0.15 + 0.55 + 0.95) / 5);
	assert_int_equal(t.bin_texts[9], 2);
	is_near(t.bin_truth[9], 0.5);
}

static void equal_scores_gain_nothing(void **state)
{
	struct fixture *f = *state;
	struct scores_topic t;
	add(f, 0.95, -1, CLS_MATCH, "en");
	assert_true(scores_measure(&f->s, 0, WHOLE, &t));
	is_near(t.average_precision, (1.0 / 2 + 2.0 / 4 + 3.0 / 6) / 3);
}

static void parts(void **state)
{
	struct fixture *f = *state;
	struct scores_topic t;
	assert_int_equal(f->s.languages.n, 3);
	assert_true(str_eq(scores_name(&f->s.languages, 1), STR("de")));
	assert_true(scores_measure(&f->s, 0, (struct scores_part){ 1, SCORES_ANY, false }, &t));
	assert_int_equal(t.texts, 2);
	is_near(t.f1, 1);
	assert_int_equal(f->s.sources.n, 1);
}

static void intervals(void **state)
{
	(void)state;
	struct scores_interval none = scores_wilson(0, 0), all = scores_wilson(10, 10),
	                       half = scores_wilson(50, 100);
	is_near(none.low, 0);
	is_near(none.high, 1);
	is_near(all.low, 0.7225);
	is_near(all.high, 1);
	is_near(half.low, 0.4038);
	is_near(half.high, 0.5962);
}

static void labels(void **state)
{
	struct fixture *f = *state;
	static const struct {
		const char *labels;
		int want;
	} rows[] = { { "a", 1 }, { "b,a", 1 }, { "__label__a __label__b", 1 }, { "none", -1 }, { "ab", -1 } };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct err e = { 0 };
		struct text t = { .file = "f", .labels = str_from(rows[i].labels) };
		signed char truth = 0;
		assert_true(scores_labels(f->c, &t, &truth, &e));
		if (truth != rows[i].want)
			fail_msg("%s: %d", rows[i].labels, truth);
	}
	struct err e = { 0 };
	signed char truth;
	assert_false(scores_labels(f->c, &(struct text){ .file = "f" }, &truth, &e));
	assert_int_equal(e.kind, ERR_PARSE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(one_topic, set_up, tear_down),
		cmocka_unit_test_setup_teardown(equal_scores_gain_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(parts, set_up, tear_down),
		cmocka_unit_test_setup_teardown(labels, set_up, tear_down),
		cmocka_unit_test_setup_teardown(labels_are_read, set_up, tear_down),
		cmocka_unit_test(intervals),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("ctl/scores", tests, NULL, NULL);
}
