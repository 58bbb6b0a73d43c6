/* The statistical model: learns what phrases do not know, deterministically; its file is refused when anything in it is wrong. */
#include "classifiers/cls_model.h"
#include "classifiers/cls_solve.h"
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

#define TOPIC_A "topic: a\nthresholds: {match: 0.8, review: 0.5}\nphrases: [{any: scam, weight: 6}]\n"
#define TOPIC_B "topic: b\nthresholds: {match: 0.8, review: 0.5}\nphrases: [{any: raid, weight: 6}]\n"

static struct cls_input item(const char *title, const char *text)
{
	return (struct cls_input){ .title = { title, strlen(title) }, .text = { text, strlen(text) } };
}

/* Examples of a: about pirates, which no rule knows, and a few by the rule's word; others about gardens. None of b. */
static void add_examples(struct cls_trainer *t, int n)
{
	static const char *const a[] = { "pirates boarded the vessel", "the pirates left with a vessel",
		"boarded by pirates near a port", "a scam by post" };
	static const char *const other[] = { "gardens open in spring", "the spring flowers",
		"a vessel for flowers", "port opens gardens" };
	struct cls_error e;
	char title[64];

	for (int i = 0; i < n; i++) {
		signed char labels[2] = { i % 2 == 0 ? 1 : -1, -1 };
		snprintf(title, sizeof title, "number%d report%d", i, i * 7);
		struct cls_example x = { item(title, (i % 2 == 0 ? a : other)[i / 2 % 4]), labels, false };
		assert_true(cls_trainer_add(t, &x, &e));
	}
}

struct trained {
	struct classifier *rules;
	struct cls_trainer *trainer;
	const unsigned char *model;
	size_t n;
	struct cls_train_topic report[2];
};

static struct trained train(uint64_t seed)
{
	struct trained t = { .rules = topics_new(TOPIC_A, TOPIC_B, NULL) };
	struct cls_error e;

	t.trainer = cls_trainer_new(t.rules, seed);
	assert_non_null(t.trainer);
	add_examples(t.trainer, 200);
	assert_true(cls_trainer_run(t.trainer, NULL, NULL, t.report, &t.model, &t.n, &e));
	return t;
}

static void trained_free(struct trained *t)
{
	cls_trainer_free(&t->trainer);
	cls_free(&t->rules);
}

static struct classifier *with_model(const struct trained *t)
{
	struct cls_builder *b = cls_builder_new();
	struct classifier *c;
	struct cls_error e;

	assert_true(cls_builder_add(b, "a", TOPIC_A, strlen(TOPIC_A), &e));
	assert_true(cls_builder_add(b, "b", TOPIC_B, strlen(TOPIC_B), &e));
	assert_true(cls_builder_model(b, "model", t->model, t->n, &e));
	assert_true(cls_build(&b, &c, &e));
	return c;
}

static void what_was_learned_decides(void **state)
{
	(void)state;
	struct trained t = train(1);
	struct classifier *c = with_model(&t);
	struct cls_scratch *s = cls_scratch_new();
	struct cls_result r[2];
	struct cls_error e;
	struct cls_input pirates = item("", "Pirates boarded it"), garden = item("", "Flowers in spring"),
	                 raid = item("", "a raid");
	assert_true(cls_classify(t.rules, s, &pirates, r, &e));
	assert_int_equal(r[0].decision, CLS_NONE);
	assert_true(cls_classify(c, s, &pirates, r, &e));
	assert_int_equal(r[0].decision, CLS_MATCH);
	assert_true(r[0].evidence_count >= 1);
	assert_int_equal(r[0].evidence[0].by, CLS_BY_TERM);
	assert_memory_equal(
	    pirates.text.p + r[0].evidence[0].start, "Pirates boarded", r[0].evidence[0].length);
	assert_true(cls_classify(c, s, &garden, r, &e));
	assert_int_equal(r[0].decision, CLS_NONE);
	assert_true(cls_classify(c, s, &raid, r, &e)); /* b had no examples: its rules stand alone */
	assert_int_equal(r[1].decision, CLS_MATCH);
	assert_true(cls_topic(c, 0)->match != 0.8);
	assert_true(cls_topic(c, 1)->match == 0.8);
	assert_string_not_equal(cls_model_id(c), cls_model_id(t.rules));
	cls_scratch_free(&s);
	cls_free(&c);
	trained_free(&t);
}

static void what_comes_again_counts_less(void **state)
{
	(void)state;
	static struct cls_repeats r;
	const uint64_t step = CLS_REPEATS_COUNT + 1;
	for (uint64_t word = 1; word <= 600; word++) /* half of the table, in spite of one place for all */
		assert_int_equal(cls_repeats_before(&r, word * step + 1), word <= 512 ? 0 : CLS_REPEATS_MOST);
	assert_int_equal(cls_repeats_before(&r, 512 * step + 1), 1);
	for (unsigned i = 1; i < 2 * CLS_REPEATS_MOST; i++)
		assert_int_equal(
		    cls_repeats_before(&r, step + 1), i < CLS_REPEATS_MOST ? i : CLS_REPEATS_MOST);

	struct trained t = train(1);
	struct classifier *c = with_model(&t);
	struct cls_scratch *s = cls_scratch_new();
	struct cls_result x[2];
	struct cls_error e;
	struct cls_input twice = item("", "Pirates. Xqxq. Pirates.");
	assert_true(cls_classify(c, s, &twice, x, &e));
	const struct cls_evidence *v = x[0].evidence;
	assert_int_equal(x[0].evidence_count, 2);
	assert_int_equal(v[0].start, 0);
	assert_int_equal(v[1].start, strlen("Pirates. Xqxq. "));
	assert_true(v[0].weight > 0.5 && fabs(v[1].weight - v[0].weight / 4) < 1e-6);
	cls_scratch_free(&s);
	cls_free(&c);
	trained_free(&t);
}

static void the_report_says_so(void **state)
{
	(void)state;
	struct trained t = train(1);
	assert_string_equal(t.report[0].name, "a");
	assert_int_equal(t.report[0].positives, 100);
	assert_true(t.report[0].learned);
	assert_true(t.report[0].rules_f1 < 0.5);
	assert_true(t.report[0].f1 > 0.95 && t.report[0].average_precision > 0.95);
	assert_true(t.report[0].ece < 0.1);
	assert_true(t.report[0].review <= t.report[0].match);
	assert_false(t.report[1].learned);
	assert_int_equal(t.report[1].positives, 0);
	assert_true(cls_trainer_score(t.trainer, 0, 0) > 0.5);
	assert_true(cls_trainer_score(t.trainer, 1, 0) < 0.5);
	trained_free(&t);
}

static void the_same_again(void **state)
{
	(void)state;
	struct trained a = train(7), b = train(7);
	assert_int_equal(a.n, b.n);
	assert_memory_equal(a.model, b.model, a.n);
	trained_free(&a);
	trained_free(&b);
}

/* Long texts and no text at all through a classifier with a model. */
static void hostile_input_with_a_model(void **state)
{
	(void)state;
	struct trained t = train(1);
	struct classifier *c = with_model(&t);
	struct cls_scratch *s = cls_scratch_new();
	struct cls_result r[2];
	struct cls_error e;
	static const char *const bits[] = { "pirates boarded ", "x", "\xff\xfe", "海盜", "spring. ", "\n" };
	for (size_t i = 0; i < sizeof bits / sizeof *bits; i++) {
		size_t len = strlen(bits[i]), n = 0;
		char *text = malloc(CLS_TEXT_MAX + 100);
		assert_non_null(text);
		for (; n + len <= CLS_TEXT_MAX + 50; n += len)
			memcpy(text + n, bits[i], len);
		struct cls_input in = { .title = { text, n }, .text = { text, n } };
		assert_true(cls_classify(c, s, &in, r, &e));
		assert_true(r[0].score >= 0 && r[0].score <= 1);
		for (size_t k = 0; k < r[0].evidence_count; k++)
			assert_true(r[0].evidence[k].length > 0 &&
			            r[0].evidence[k].start + r[0].evidence[k].length <= n);
		free(text);
	}
	struct cls_input none = item("", "");
	assert_true(cls_classify(c, s, &none, r, &e));
	assert_int_equal(r[0].decision, CLS_NONE);
	cls_scratch_free(&s);
	cls_free(&c);
	trained_free(&t);
}

/* What a scratch was used for before, another model too, changes no answer. */
static void a_used_scratch_answers_the_same(void **state)
{
	(void)state;
	struct trained one = train(1), two = train(2);
	struct classifier *a = with_model(&one), *b = with_model(&two);
	struct cls_scratch *used = cls_scratch_new();
	struct cls_error e;
	for (int i = 0; i < 300; i++) {
		struct cls_scratch *fresh = cls_scratch_new();
		struct cls_result first[2], again[2];
		char text[200];
		snprintf(
		    text, sizeof text, "pirates w%d boarded x%d the vessel y%d gardens", i, i * 31, i * 1009);
		struct cls_input in = item("a scam", text);
		assert_true(cls_classify(i % 3 == 0 ? b : a, fresh, &in, first, &e));
		assert_true(cls_classify(i % 3 == 0 ? b : a, used, &in, again, &e));
		assert_true(first[0].score == again[0].score);
		assert_int_equal(first[0].evidence_count, again[0].evidence_count);
		cls_scratch_free(&fresh);
	}
	cls_scratch_free(&used);
	cls_free(&a);
	cls_free(&b);
	trained_free(&one);
	trained_free(&two);
}

/* Examples that the rules have seen are learned from; they do not say how good the rules are. Unknown labels count for nothing. */
static void known_and_unknown(void **state)
{
	(void)state;
	struct classifier *c = topics_new(TOPIC_A, TOPIC_B, NULL);
	struct cls_trainer *t = cls_trainer_new(c, 1);
	struct cls_train_topic report[2];
	const unsigned char *model;
	struct cls_error e;
	size_t n;
	add_examples(t, 200);
	for (int i = 0; i < 40; i++) {
		signed char labels[2] = { 1, 0 };
		char title[64];
		snprintf(title, sizeof title, "a scam named n%d m%d", i, i * 13);
		struct cls_example x = { item(title, "by post"), labels, true };
		assert_true(cls_trainer_add(t, &x, &e));
	}
	signed char neither[2] = { 0, 0 };
	struct cls_example nothing = { item("", ""), neither, true };
	assert_true(cls_trainer_add(t, &nothing, &e)); /* the last one says nothing */
	assert_true(cls_trainer_run(t, NULL, NULL, report, &model, &n, &e));
	assert_int_equal(report[0].positives, 100);
	assert_true(report[0].learned);
	assert_false(report[1].learned);
	cls_trainer_free(&t);
	cls_free(&c);
}

/* What the model from 40 labelled examples, and 60 that nobody looked at when `more`, says of buccaneers, a word of those alone. */
static double buccaneers(bool more)
{
	struct trained t = { .rules = topics_new(TOPIC_A, TOPIC_B, NULL) };
	struct cls_input asked = item("", "Buccaneers ran");
	struct cls_scratch *s = cls_scratch_new();
	struct cls_result r[2];
	struct cls_error e;

	t.trainer = cls_trainer_new(t.rules, 1);
	add_examples(t.trainer, 40);
	for (int i = 0; more && i < 60; i++) {
		char title[64];
		snprintf(title, sizeof title, "unseen%d told%d", i, i * 11);
		struct cls_example x = {
			item(title, i % 2 == 0 ? "buccaneers ran a scam" : "gardens and gales"), NULL, false
		};
		assert_true(cls_trainer_add(t.trainer, &x, &e));
	}
	assert_true(cls_trainer_run(t.trainer, NULL, NULL, t.report, &t.model, &t.n, &e));
	assert_int_equal(t.report[0].positives, 20); /* the guessed ones decide about nothing */
	assert_false(t.report[1].learned);
	struct classifier *c = with_model(&t);
	assert_true(cls_classify(c, s, &asked, r, &e));
	cls_scratch_free(&s);
	cls_free(&c);
	trained_free(&t);
	return r[0].score;
}

static void words_beside_sure_phrases_are_learned(void **state)
{
	(void)state;
	assert_true(buccaneers(true) > 2 * buccaneers(false));
}

static void refuse(const unsigned char *model, size_t n, const char *says, const char *name)
{
	struct cls_builder *b = cls_builder_new();
	struct cls_error e = { 0 };

	if (cls_builder_model(b, "m", model, n, &e) || strstr(e.text, says) == NULL)
		fail_msg("%s: '%s' instead of '%s'", name, e.text, says);
	cls_builder_free(&b);
}

static void sign_anew(unsigned char *model, size_t n)
{
	uint64_t sum = XXH3_64bits(model + 16, n - 16);

	memcpy(model + 8, &sum, sizeof sum);
}

static void a_wrong_file_is_refused(void **state)
{
	(void)state;
	struct trained t = train(1);
	unsigned char *copy = malloc(t.n + 8);
	struct cls_model_head *head = (void *)copy;
	struct cls_model_topic *topic = (void *)(head + 1);
	assert_non_null(copy);
	memcpy(copy, t.model, t.n);
	refuse(copy, 0, "not a model", "empty");
	refuse(copy, 20, "not a model", "cut in the head");
	refuse(copy, t.n - 1, "cut short", "cut");
	refuse(copy, t.n + 1, "too long", "longer");
	copy[t.n / 2] ^= 1;
	refuse(copy, t.n, "checksum", "one bit");
	copy[t.n / 2] ^= 1;
	copy[0] = 'X';
	refuse(copy, t.n, "not a model", "magic");
	copy[0] = 'C';
	head->version++;
	sign_anew(copy, t.n);
	refuse(copy, t.n, "another version", "version");
	head->version--;
	head->order = 0x04030201;
	refuse(copy, t.n, "order of bytes", "order");
	head->order = CLS_MODEL_ORDER;
	head->topics = 0xffffffff;
	refuse(copy, t.n, "impossible size", "topics");
	head->topics = 2;
	topic->margin = NAN;
	sign_anew(copy, t.n);
	refuse(copy, t.n, "senseless", "NaN");
	topic->margin = 1e300; /* times a weight it would be infinite, and less infinity no number */
	sign_anew(copy, t.n);
	refuse(copy, t.n, "senseless", "huge");
	topic->margin = 1;
	topic->learned = 1;
	topic->review = 0.9;
	topic->match = 0.5;
	sign_anew(copy, t.n);
	refuse(copy, t.n, "senseless", "thresholds");
	free(copy);
	trained_free(&t);
}

static void trainers_say_no(void **state)
{
	(void)state;
	struct classifier *c = topics_new(TOPIC_A, NULL);
	struct cls_trainer *t = cls_trainer_new(c, 1);
	const unsigned char *model;
	struct cls_error e;
	size_t n;
	signed char label = 1;
	struct cls_example x = { item("x", "y"), &label, false };
	assert_false(cls_trainer_run(t, NULL, NULL, NULL, &model, &n, &e));
	assert_non_null(strstr(e.text, "no examples"));
	assert_true(cls_trainer_add(t, &x, &e));
	assert_true(cls_trainer_run(t, NULL, NULL, NULL, &model, &n, &e));
	assert_false(cls_trainer_run(t, NULL, NULL, NULL, &model, &n, &e));
	assert_false(cls_trainer_add(t, &x, &e));
	cls_trainer_free(&t);
	cls_trainer_free(&t);
	cls_free(&c);
}

static void the_machine_separates(void **state)
{
	(void)state;
	static const struct cls_cell cell[] = { { 0, 1 }, { 2, 0.5f }, { 1, 1 }, { 2, 0.5f }, { 0, 0.9f },
		{ 1, 0.9f } };
	static const size_t first[] = { 0, 2, 4, 5, 6 };
	static const signed char y[] = { 1, -1, 1, -1 };
	static const unsigned char hidden[] = { 0, 2, 0,
		2 }; /* machine 1 sees one side only: all goes there */
	struct cls_rows m = { cell, first, 4, 3 };
	struct cls_question q = { y, hidden, 1 };
	cls_lanes w[4], alpha[4];
	float norm[4];
	uint32_t order[4];
	struct cls_solution s = { w, alpha, norm, order };
	cls_solve_norms(&m, s.norm);
	cls_solve_svm(&m, &q, 1, &s);
	for (size_t i = 0; i < 4; i++) {
		assert_true(cls_solve_margin(&m, i, &s, 0) * y[i] > 0.3);
		assert_true(cls_solve_margin(&m, i, &s, 1) > 0);
	}
	assert_true(fabsf(w[0][0] + w[1][0]) < 0.1f);
	assert_true(w[1][1] == 0);
}

#define RANDOM_ROWS 300
#define RANDOM_COLUMNS 60
#define RANDOM_CELLS 12 /* of a row */

/* The optimum's conditions of one machine: of the rows it sees by how much they are violated at most; of the others nothing comes. */
static double violation(
    const struct cls_rows *m, const struct cls_question *q, const struct cls_solution *s, unsigned k)
{
	double worst = 0;
	for (size_t i = 0; i < m->rows; i++) {
		double alpha = (double)s->alpha[i][k];
		double gradient = cls_solve_margin(m, i, s, k) * q->y[i] - 1 + alpha * 0.5 / (double)q->cost;
		if (q->y[i] == 0 || q->hidden[i] >> k & 1)
			assert_true(s->alpha[i][k] == 0);
		else if (alpha > 0 || gradient < 0)
			worst = fmax(worst, fabs(gradient));
	}
	return worst;
}

static void every_machine_ends_at_its_optimum(void **state)
{
	(void)state;
	static struct cls_cell cell[RANDOM_ROWS * RANDOM_CELLS];
	static size_t first[RANDOM_ROWS + 1];
	static signed char y[RANDOM_ROWS];
	static unsigned char hidden[RANDOM_ROWS];
	static cls_lanes w[RANDOM_COLUMNS + 1], alpha[RANDOM_ROWS];
	static float norm[RANDOM_ROWS];
	static uint32_t order[RANDOM_ROWS];
	struct cls_solution s = { w, alpha, norm, order };
	struct cls_rows m = { cell, first, RANDOM_ROWS, RANDOM_COLUMNS };
	struct cls_question q = { y, hidden, 2 };
	for (uint32_t i = 0, x = 1; i < RANDOM_ROWS; i++) {
		for (uint32_t k = 0; k < RANDOM_CELLS; k++) {
			x = x * 1664525 + 1013904223;
			cell[i * RANDOM_CELLS + k] = (struct cls_cell){ k * 5 + (x >> 24) % 5, 0.3f };
		}
		first[i + 1] = (size_t)(i + 1) * RANDOM_CELLS;
		y[i] = i % 11 == 0 ? 0 : cell[i * RANDOM_CELLS].column < 2 || x >> 28 == 0 ? 1 : -1;
		hidden[i] = (unsigned char)(1u << i % 7);
	}
	cls_solve_norms(&m, s.norm);
	cls_solve_svm(&m, &q, 3, &s);
	for (unsigned k = 0; k < CLS_LANES; k++) {
		double sum = 0, common = 0;
		assert_true(violation(&m, &q, &s, k) < 0.4);
		for (size_t i = 0; i < RANDOM_ROWS; i++) { /* weights are what the rows left behind */
			common += (double)(alpha[i][k] * (float)y[i]);
			for (size_t c = first[i]; c < first[i + 1]; c++)
				sum += cell[c].column == 7
				           ? (double)(alpha[i][k] * (float)y[i] * cell[c].value)
				           : 0;
		}
		assert_true(fabs(sum - (double)w[7][k]) < 1e-3);
		assert_true(fabs(common * 0.09 - cls_solve_common(&s, RANDOM_COLUMNS, k)) < 1e-3);
	}
	assert_true(
	    w[7][0] != w[7][1] && w[7][6] != w[7][7]); /* not all the same: each has rows of its own */
}

static void probabilities_are_calibrated(void **state)
{
	(void)state;
	double x[1000][2], abc[3], wrong = 0;
	signed char y[1000];
	for (int i = 0; i < 1000; i++) { /* of each ten in a row, as many positives as the tens digit says */
		x[i][0] = i / 100;
		x[i][1] = 0;
		y[i] = i % 10 < i / 100 ? 1 : -1;
	}
	cls_solve_logistic((const double(*)[2])x, y, 1000, 1, 1, abc);
	for (int i = 0; i < 1000; i += 100)
		wrong += fabs(1 / (1 + exp(-(abc[0] * x[i][0] + abc[2]))) - i / 1000.0);
	assert_true(wrong / 10 < 0.05);
	assert_true(abc[0] > 0 && isfinite(abc[2]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_learned_decides),
		cmocka_unit_test(what_comes_again_counts_less),
		cmocka_unit_test(the_report_says_so),
		cmocka_unit_test(the_same_again),
		cmocka_unit_test(hostile_input_with_a_model),
		cmocka_unit_test(a_used_scratch_answers_the_same),
		cmocka_unit_test(known_and_unknown),
		cmocka_unit_test(words_beside_sure_phrases_are_learned),
		cmocka_unit_test(a_wrong_file_is_refused),
		cmocka_unit_test(trainers_say_no),
		cmocka_unit_test(the_machine_separates),
		cmocka_unit_test(every_machine_ends_at_its_optimum),
		cmocka_unit_test(probabilities_are_calibrated),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("classifiers/model", tests, NULL, NULL);
}
