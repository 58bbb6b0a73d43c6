/* Files cut at any place and with any byte changed: a model is refused, or its answers are answers; what is wrong in a topic file is said with its place. */
#include "classifiers/cls_model.h"
#include "classifiers/train.h"
#include "tests/fake/topics.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include <cmocka.h>

#define TOPIC "topic: a\nthresholds: {match: 0.8, review: 0.5}\nphrases: [{any: scam, weight: 6}]\n"
#define EXAMPLES 40
#define FLIPS_APART 1009u /* bytes of the weights: each one is read through a checksum of all */

static unsigned char *model; /* whole */
static size_t model_size;

static struct cls_text slice(const char *text)
{
	return (struct cls_text){ text, strlen(text) };
}

static int make_model(void **state)
{
	(void)state;
	struct classifier *c = topics_new(TOPIC, NULL);
	struct cls_trainer *t = cls_trainer_new(c, 1);
	const unsigned char *bytes;
	struct cls_error e;

	for (int i = 0; i < EXAMPLES; i++) {
		signed char label = i % 2 == 0 ? 1 : -1;
		char title[64];
		snprintf(title, sizeof title, "number%d report%d", i, i * 7);
		struct cls_example x = {
			{ slice(title), slice(label > 0 ? "pirates boarded it" : "gardens in spring"), NULL },
			&label, false
		};
		assert_true(cls_trainer_add(t, &x, &e));
	}
	assert_true(cls_trainer_run(t, NULL, NULL, NULL, &bytes, &model_size, &e));
	model = malloc(model_size);
	assert_non_null(model);
	memcpy(model, bytes, model_size);
	cls_trainer_free(&t);
	cls_free(&c);
	return 0;
}

static int drop_model(void **state)
{
	(void)state;
	free(model);
	return 0;
}

static bool opens(const void *bytes, size_t n)
{
	struct cls_error e = { 0 };
	struct cls_model m;
	bool ok = cls_model_open(&m, "a.model", bytes, n, &e);

	if (!ok) {
		assert_string_equal(e.file, "a.model");
		assert_int_not_equal(e.text[0], '\0');
	}
	return ok;
}

static void a_model_cut_anywhere_is_refused(void **state)
{
	(void)state;
	for (size_t n = 0; n < sizeof(struct cls_model_head) + sizeof(struct cls_model_topic) + 64; n++) {
		unsigned char *copy = malloc(n + 1); /* so that a read too far is seen */
		assert_non_null(copy);
		memcpy(copy, model, n);
		assert_false(opens(copy, n));
		free(copy);
	}
	for (size_t n = 0; n < model_size; n++)
		assert_false(opens(model, n));
	assert_true(opens(model, model_size));
}

/* Whether a model with this byte changed so is taken. */
static bool takes(size_t at, unsigned char change)
{
	model[at] ^= change;
	bool ok = opens(model, model_size);
	model[at] ^= change;
	return ok;
}

static void any_changed_byte_is_noticed(void **state)
{
	(void)state;
	size_t head = sizeof(struct cls_model_head) + sizeof(struct cls_model_topic);
	for (size_t at = 0; at < model_size; at += at < head ? 1 : FLIPS_APART)
		assert_false(takes(at, (unsigned char)(1u << at % 8)));
	assert_false(takes(model_size - 1, 0x80));
	assert_true(opens(model, model_size));
}

static void sign_anew(void)
{
	uint64_t sum = XXH3_64bits(model + 16, model_size - 16);

	memcpy(model + 8, &sum, sizeof sum);
}

/* A classifier with the model as it is now; NULL when it is refused. */
static struct classifier *with_model(void)
{
	struct cls_builder *b = cls_builder_new();
	struct classifier *c = NULL;
	struct cls_error e = { 0 };

	assert_true(cls_builder_add(b, "a", TOPIC, strlen(TOPIC), &e));
	if (cls_builder_model(b, "a.model", model, model_size, &e))
		assert_true(cls_build(&b, &c, &e));
	cls_builder_free(&b);
	return c;
}

/* Whatever the numbers of a file that was made so: a probability, and weights that are numbers. */
static void ask(const struct classifier *c)
{
	static const char *const texts[] = { "Pirates boarded it. A scam", "gardens", "", "pirates pirates" };
	struct cls_scratch *s = cls_scratch_new();
	struct cls_error e;

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct cls_input in = { slice(texts[i]), slice(texts[i]), NULL };
		struct cls_result r;
		assert_true(cls_classify(c, s, &in, &r, &e));
		assert_true(r.score >= 0 && r.score <= 1);
		for (size_t k = 0; k < r.evidence_count; k++)
			assert_true(isfinite(r.evidence[k].weight));
	}
	cls_scratch_free(&s);
}

/* Bytes of the topic's numbers changed, and the checksum made right again. Returns how many files were refused. */
static size_t forge(unsigned char change)
{
	size_t from = sizeof(struct cls_model_head), refused = 0;

	for (size_t at = from; at < from + sizeof(struct cls_model_topic); at++) {
		model[at] ^= change;
		sign_anew();
		struct classifier *c = with_model();
		if (c != NULL)
			ask(c);
		refused += c == NULL;
		cls_free(&c);
		model[at] ^= change;
	}
	sign_anew();
	return refused;
}

static void forged_numbers_are_refused_or_give_answers(void **state)
{
	(void)state;
	static const unsigned char changes[] = { 0x01, 0x40, 0x7f, 0x80, 0xff };
	for (size_t i = 0; i < sizeof changes; i++)
		assert_int_not_equal(forge(changes[i]), 0);
	assert_true(opens(model, model_size));
}

static void numbers_that_are_none_are_refused(void **state)
{
	(void)state;
	struct cls_model_topic *t = (void *)(model + sizeof(struct cls_model_head));
	double *const number[] = { &t->rules, &t->margin, &t->constant, &t->match, &t->review, &t->scale,
		&t->f1, &t->average_precision, &t->ece };
	const double bad[] = { NAN, INFINITY, -INFINITY, 1e300 };
	for (size_t i = 0; i < sizeof number / sizeof *number; i++)
		for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
			double was = *number[i];
			*number[i] = bad[k];
			sign_anew();
			assert_false(opens(model, model_size));
			*number[i] = was;
		}
	sign_anew();
	assert_true(opens(model, model_size));
}

/* The weights themselves, as large as they can be. */
static void the_largest_weights_give_answers(void **state)
{
	(void)state;
	size_t from = sizeof(struct cls_model_head) + sizeof(struct cls_model_topic);
	int16_t *row = (void *)(model + from);
	size_t cells = (model_size - from) / sizeof *row;
	static const int16_t most[] = { INT16_MAX, INT16_MIN };
	int16_t *was = malloc(cells * sizeof *row);
	assert_non_null(was);
	memcpy(was, row, cells * sizeof *row);
	for (size_t i = 0; i < sizeof most / sizeof *most; i++) {
		for (size_t k = 0; k < cells; k++)
			row[k] = most[i];
		sign_anew();
		struct classifier *c = with_model();
		assert_non_null(c);
		ask(c);
		cls_free(&c);
	}
	memcpy(row, was, cells * sizeof *row);
	sign_anew();
	free(was);
}

static const char yaml[] = "topic: t\n"
                           "thresholds: {match: 0.8, review: 0.5}\n"
                           "groups: {g: [scam*, 詐騙], h: {en: [phone, $g]}}\n"
                           "phrases:\n"
                           "- {any: $g, weight: 3, near: {any: $h, within: 12}}\n"
                           "- any: [raid, \"no scam\"]\n"
                           "  weight: -1.5\n"
                           "  unless: {any: drill, within: sentence}\n"
                           "tests:\n"
                           "- {title: A scam, expect: match}\n";

/* A topic file either is one, or a thing that is wrong in it is told with its place. Returns whether it is. */
static bool told(const char *text, size_t n)
{
	struct cls_builder *b = cls_builder_new();
	struct cls_error e = { 0 };
	bool ok = cls_builder_add(b, "t.yaml", text, n, &e);
	int lines = 1;

	for (size_t i = 0; i < n; i++)
		lines += text[i] == '\n' || text[i] == '\r';
	if (!ok) {
		assert_string_equal(e.file, "t.yaml");
		assert_int_not_equal(e.text[0], '\0');
		assert_true(e.line >= 0 && e.line <= lines + 1);
	}
	cls_builder_free(&b);
	return ok;
}

static void a_topic_file_cut_or_changed_anywhere(void **state)
{
	(void)state;
	size_t n = sizeof yaml - 1, good = 0;
	assert_true(told(yaml, n));
	for (size_t cut = 0; cut < n; cut++) {
		char *copy = malloc(cut + 1); /* so that a read too far is seen */
		assert_non_null(copy);
		memcpy(copy, yaml, cut);
		good += told(copy, cut);
		free(copy);
	}
	assert_true(good > 0 && good < n / 2); /* without the tests, or a part of the last lines */
	for (size_t at = 0; at < n; at++)
		for (int byte = 0; byte < 256; byte += byte < 128 ? 3 : 17) {
			char copy[sizeof yaml];
			memcpy(copy, yaml, sizeof yaml);
			copy[at] = (char)byte;
			told(copy, n);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_model_cut_anywhere_is_refused),
		cmocka_unit_test(any_changed_byte_is_noticed),
		cmocka_unit_test(forged_numbers_are_refused_or_give_answers),
		cmocka_unit_test(numbers_that_are_none_are_refused),
		cmocka_unit_test(the_largest_weights_give_answers),
		cmocka_unit_test(a_topic_file_cut_or_changed_anywhere),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("classifiers/damage", tests, make_model, drop_model);
}
