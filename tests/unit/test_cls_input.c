/* Hostile and endless input, many threads: no crash, bounded time and memory, the same answers. */
#include "tests/fake/topics.h"

#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TOPIC                                                                                                \
	"groups: {offence: [scam*, fraud, 詐騙, мошенн*], means: [phone, online, 電話]}\n"         \
	"phrases:\n"                                                                                         \
	"- {any: $offence, weight: 3, near: {any: $means, within: 12}}\n"                                    \
	"- {any: $offence, weight: 1, unless: {any: [no scam, drill], within: sentence}}\n"                  \
	"- {any: $means, weight: 0.5, near: {any: $offence, within: passage}}\n"                             \
	"- {any: [aa aa aa, aa bb], weight: 1, near: {any: aa, within: 1000}, unless: {any: cc, within: "    \
	"anywhere}}\n"                                                                                       \
	"- {any: phishing, in: lead, weight: 2}\n"

static char *repeat(const char *what, size_t total, size_t *n)
{
	size_t len = strlen(what);
	char *text = malloc(total + 1);

	assert_non_null(text);
	for (*n = 0; *n + len <= total; *n += len)
		memcpy(text + *n, what, len);
	text[*n] = '\0';
	return text;
}

/* Every answer is a probability, every piece of evidence lies in its field. */
static struct cls_result ask(const struct classifier *c, struct cls_scratch *s, const char *title,
    size_t title_n, const char *text, size_t n)
{
	struct cls_input in = { .title = { title, title_n }, .text = { text, n } };
	struct cls_result r;
	struct cls_error e;

	assert_true(cls_classify(c, s, &in, &r, &e));
	assert_true(r.score >= 0 && r.score <= 1);
	assert_true(r.evidence_count <= CLS_EVIDENCE_MAX);
	for (size_t i = 0; i < r.evidence_count; i++) {
		size_t field = r.evidence[i].field == CLS_FIELD_TITLE ? title_n : n;
		assert_true(r.evidence[i].length > 0);
		assert_true(
		    r.evidence[i].start < field && r.evidence[i].length <= field - r.evidence[i].start);
		assert_true(isfinite(r.evidence[i].weight) && r.evidence[i].weight != 0);
	}
	return r;
}

struct endless_case {
	const char *name, *what;
	size_t bytes;
	double least, most; /* score */
};

#define MB (1u << 20)

static const struct endless_case endless_cases[] = {
	{ "one endless word", "x", 10 * MB, 0, 0.1 },
	{ "one endless accent", "\xcc\x81", 10 * MB, 0, 0.1 },
	{ "a million repeats", "scam ", 5 * MB, 0.1, 0.2 },
	{ "a million pairs", "scam online ", 10 * MB, 0.9, 1 },
	{ "a million Chinese pairs", "電話詐騙", 10 * MB, 0.9, 1 },
	{ "a million overlapping phrases", "aa ", 3 * MB, 0.1, 0.2 },
	{ "a million sentences", "Scam. ", 6 * MB, 0.1, 0.2 },
	{ "a million sentences with an exception", "Scam drill. ", 6 * MB, 0, 0.1 },
	{ "blank lines", "\n", 10 * MB, 0, 0.1 },
	{ "NULs", "a", 1, 0, 0.1 },
	{ "bytes that are no text", "\xff\xc3\x28\xed\xa0\x80", 10 * MB, 0, 0.1 },
	{ "direction marks", "\xe2\x80\xae", 3 * MB, 0, 0.1 },
	{ "half characters", "\xe4\xb8", 3 * MB, 0, 0.1 },
	{ "nothing", "a", 0, 0, 0.1 },
};

static void endless_input_ends(void **state)
{
	(void)state;
	struct classifier *c = topics_of_rules(TOPIC);
	struct cls_scratch *s = cls_scratch_new();
	for (size_t i = 0; i < sizeof endless_cases / sizeof *endless_cases; i++) {
		const struct endless_case *e = &endless_cases[i];
		size_t n;
		char *text = repeat(e->what, e->bytes, &n);
		double as_text = ask(c, s, "", 0, text, n).score;
		double as_title = ask(c, s, text, n, "", 0).score;
		if (as_text < e->least || as_text > e->most)
			fail_msg("%s: %g", e->name, as_text);
		assert_true(as_title >= as_text - 1e-9 || as_text < 0.1);
		free(text);
	}
	cls_scratch_free(&s);
	cls_free(&c);
}

/* Phrases behind the limit are not looked at; the cut is between characters. */
static void the_limit_is_the_limit(void **state)
{
	(void)state;
	struct classifier *c = topics_of_rules("late: 0\nphrases: [{any: [scam, жж], weight: 4}]\n");
	struct cls_scratch *s = cls_scratch_new();
	size_t n;
	char *text = repeat("x ", CLS_TEXT_MAX + 64, &n);
	memcpy(text + CLS_TEXT_MAX - 5, " scam", 5);
	assert_true(ask(c, s, "", 0, text, n).score > 0.49);
	memcpy(text + CLS_TEXT_MAX - 5, "xxxxx", 5);
	memcpy(text + CLS_TEXT_MAX + 1, " scam ", 6);
	assert_true(ask(c, s, "", 0, text, n).score < 0.1);
	memcpy(text + CLS_TEXT_MAX - 4, " \xd0\xb6\xd0\xb6 ", 6);
	assert_true(ask(c, s, "", 0, text, n).score < 0.1);
	cls_scratch_free(&s);
	free(text);
	cls_free(&c);
}

/* A scratch that has seen a giant answers the next item as a new one does. */
static void a_scratch_remembers_nothing(void **state)
{
	(void)state;
	struct classifier *c = topics_of_rules(TOPIC);
	struct cls_scratch *used = cls_scratch_new(), *fresh = cls_scratch_new();
	const char *text = "A phone scam; then nothing.";
	size_t n;
	char *giant = repeat("scam online aa bb ", MB, &n);
	ask(c, used, giant, n, giant, n);
	struct cls_result a = ask(c, used, "", 0, text, strlen(text)),
	                  b = ask(c, fresh, "", 0, text, strlen(text));
	assert_true(a.score == b.score);
	assert_int_equal(a.evidence_count, b.evidence_count);
	for (size_t i = 0; i < a.evidence_count; i++) {
		assert_int_equal(a.evidence[i].start, b.evidence[i].start);
		assert_int_equal(a.evidence[i].length, b.evidence[i].length);
	}
	free(giant);
	cls_scratch_free(&used);
	cls_scratch_free(&fresh);
	cls_scratch_free(&fresh);
	cls_free(&c);
}

/* Wherever a text is cut, and whatever byte is broken, the answer is an answer. */
static void any_cut_and_any_byte(void **state)
{
	(void)state;
	static const char whole[] = "Scam by phone: 電話詐騙，ｶﾞ e\xcc\x81 мошенники\xcc\x86 online "
	                            "\xf0\x9d\x90\x80 scam. aa aa aa bb";
	struct classifier *c = topics_of_rules(TOPIC);
	struct cls_scratch *s = cls_scratch_new();
	size_t n = sizeof whole - 1;
	for (size_t from = 0; from <= n; from++)
		for (size_t to = from; to <= n; to++) {
			char *copy = malloc(to - from + 1); /* so that a read too far is seen */
			assert_non_null(copy);
			memcpy(copy, whole + from, to - from);
			ask(c, s, copy, to - from, copy, to - from);
			free(copy);
		}
	for (size_t at = 0; at < n; at++)
		for (int byte = 0; byte < 256; byte += 5) {
			char copy[sizeof whole];
			memcpy(copy, whole, n);
			copy[at] = (char)byte;
			ask(c, s, "", 0, copy, n);
		}
	cls_scratch_free(&s);
	cls_free(&c);
}

#define THREADS 4
#define ROUNDS 200

static const char *const texts[] = { "A phone scam.", "詐騙電話 詐騙電話", "nothing here",
	"aa bb aa aa aa phishing online", "мошенники online. A drill: no scam" };
#define TEXTS (sizeof texts / sizeof *texts)

struct job {
	const struct classifier *c;
	double score[TEXTS];
	bool same;
};

static void *work(void *arg)
{
	struct job *j = arg;
	struct cls_scratch *s = cls_scratch_new();

	j->same = s != NULL;
	for (size_t i = 0; j->same && i < ROUNDS * TEXTS; i++) {
		const char *text = texts[i % TEXTS];
		struct cls_input in = { .text = { text, strlen(text) } };
		struct cls_result r;
		struct cls_error e;
		j->same = cls_classify(j->c, s, &in, &r, &e) && r.score == j->score[i % TEXTS];
	}
	cls_scratch_free(&s);
	return NULL;
}

static void threads_share_a_classifier(void **state)
{
	(void)state;
	struct classifier *c = topics_of_rules(TOPIC);
	struct cls_scratch *s = cls_scratch_new();
	pthread_t thread[THREADS];
	struct job job[THREADS];
	for (size_t t = 0; t < THREADS; t++) {
		job[t].c = c;
		for (size_t i = 0; i < TEXTS; i++)
			job[t].score[i] = ask(c, s, "", 0, texts[i], strlen(texts[i])).score;
	}
	for (size_t t = 0; t < THREADS; t++)
		assert_int_equal(pthread_create(&thread[t], NULL, work, &job[t]), 0);
	for (size_t t = 0; t < THREADS; t++)
		assert_int_equal(pthread_join(thread[t], NULL), 0);
	for (size_t t = 0; t < THREADS; t++)
		assert_true(job[t].same);
	cls_scratch_free(&s);
	cls_free(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(endless_input_ends),
		cmocka_unit_test(the_limit_is_the_limit),
		cmocka_unit_test(a_scratch_remembers_nothing),
		cmocka_unit_test(any_cut_and_any_byte),
		cmocka_unit_test(threads_share_a_classifier),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("classifiers/input", tests, NULL, NULL);
}
