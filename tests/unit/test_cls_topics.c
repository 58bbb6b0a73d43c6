/* Topic files: every slip is named with its line and reason; words, groups and languages come together as written. */
#include "tests/fake/topics.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define HEAD "topic: t\nthresholds: {match: 0.8, review: 0.5}\n"
#define RULE "phrases:\n- {any: scam, weight: 4}\n"

struct error_case {
	const char *name, *yaml;
	int line;
	const char *says;
};

static const struct error_case error_cases[] = {
	{ "empty", "", 0, "empty" },
	{ "only a comment", "# nothing\n", 0, "empty" },
	{ "not a map", "- a\n", 1, "a map of keys" },
	{ "broken YAML", "topic: [a\nb: c", 2, "YAML" },
	{ "not UTF-8", "topic: \xff\n", 0, "UTF-8" },
	{ "two documents", HEAD RULE "---\ntopic: u\n", 5, "one topic per file" },
	{ "anchor", "topic: &a t\n", 1, "anchors" },
	{ "alias for a prefix star", "topic: t\nphrases: [{any: *scam}]\n", 2, "quotes" },
	{ "deep", "topic: [[[[[[[[[[[[[[a]]]]]]]]]]]]]]\n", 1, "deep" },
	{ "key twice", "topic: t\ntitle: a\ntopic: u\n", 3, "'topic' is given twice" },
	{ "unknown key", HEAD "phrase:\n- {any: scam, weight: 4}\n", 4, "did you mean 'phrases'?" },
	{ "unknown key, far from all", HEAD RULE "xyzzy: 1\n", 5, "unknown key 'xyzzy'" },
	{ "no topic", "thresholds: {match: 0.8, review: 0.5}\n" RULE, 0, "'topic'" },
	{ "name", "topic: Cyber Crime\n", 1, "a-z, 0-9 and '-'" },
	{ "name is a path", "topic: ../x\n", 1, "a-z, 0-9 and '-'" },
	{ "no thresholds", "topic: t\n" RULE, 0, "'thresholds'" },
	{ "half of the thresholds", "topic: t\nthresholds: {match: 0.8}\n" RULE, 2,
	    "0 < review <= match < 1" },
	{ "thresholds turned round", "topic: t\nthresholds: {match: 0.5, review: 0.8}\n", 2,
	    "review <= match" },
	{ "threshold of one", "topic: t\nthresholds: {match: 1, review: 0.8}\n", 2, "match < 1" },
	{ "threshold that is no number", "topic: t\nthresholds: {match: .nan, review: 0.8}\n", 2,
	    "finite number" },
	{ "no rules", HEAD, 0, "'phrases' is missing" },
	{ "empty rules", HEAD "phrases: []\n", 0, "'phrases' is missing" },
	{ "rules as a map", HEAD "phrases: {any: scam}\n", 3, "a list of rules" },
	{ "rule without words", HEAD "phrases:\n- {weight: 3}\n", 4, "'any'" },
	{ "rule without weight", HEAD "phrases:\n- any: scam\n", 4, "'weight'" },
	{ "weight 0", HEAD "phrases:\n- {any: scam, weight: 0}\n", 4, "'weight'" },
	{ "weight nan", HEAD "phrases:\n- {any: scam, weight: nan}\n", 4, "finite number" },
	{ "weight inf", HEAD "phrases:\n- {any: scam, weight: inf}\n", 4, "finite number" },
	{ "weight 1e9", HEAD "phrases:\n- {any: scam, weight: 1e9}\n", 4, "finite number" },
	{ "weight too large", HEAD "phrases:\n- any: scam\n  weight: 21\n", 5, "from -20 to 20" },
	{ "shadow is no word", HEAD "shadow: maybe\n" RULE, 3, "true or false" },
	{ "bias too small", HEAD "bias: -21\n" RULE, 3, "from -20 to 20" },
	{ "unknown key of a rule", HEAD "phrases:\n- any: scam\n  wieght: 2\n", 5, "did you mean 'weight'?" },
	{ "unknown place", HEAD "phrases:\n- {any: scam, weight: 2, in: titel}\n", 4,
	    "did you mean 'title'?" },
	{ "once maybe", HEAD "phrases:\n- {any: scam, weight: 2, once: maybe}\n", 4, "true or false" },
	{ "near without words", HEAD "phrases:\n- {any: a1, weight: 2, near: {within: 3}}\n", 4,
	    "need words" },
	{ "near as a word", HEAD "phrases:\n- {any: a1, weight: 2, near: b}\n", 4, "a map of keys" },
	{ "near of none", HEAD "phrases:\n- {any: a1, weight: 2, near: []}\n", 4, "1 to 8" },
	{ "within too far", HEAD "phrases:\n- {any: a1, weight: 2, near: {any: b, within: 1001}}\n", 4,
	    "0 to 1000" },
	{ "within half", HEAD "phrases:\n- {any: a1, weight: 2, near: {any: b, within: 1.5}}\n", 4,
	    "whole number" },
	{ "within below", HEAD "phrases:\n- {any: a1, weight: 2, near: {any: b, within: -1}}\n", 4,
	    "whole number" },
	{ "within sentense", HEAD "phrases:\n- {any: a1, weight: 2, near: {any: b, within: sentense}}\n", 4,
	    "did you mean 'sentence'?" },
	{ "empty phrase", HEAD "phrases:\n- {any: '', weight: 2}\n", 4, "no letters" },
	{ "phrase of marks", HEAD "phrases:\n- {any: ['--'], weight: 2}\n", 4, "no letters" },
	{ "empty list", HEAD "phrases:\n- {any: [], weight: 2}\n", 4, "empty list" },
	{ "list in a list", HEAD "phrases:\n- {any: [[a]], weight: 2}\n", 4, "a phrase must be a text" },
	{ "star alone", HEAD "phrases:\n- {any: 'illegal * work', weight: 2}\n", 4,
	    "directly behind a word" },
	{ "star before", HEAD "phrases:\n- {any: '*crime', weight: 2}\n", 4, "directly behind a word" },
	{ "star behind one letter", HEAD "phrases:\n- {any: 'a* b', weight: 2}\n", 4,
	    "at least two letters" },
	{ "star behind one Cyrillic letter", HEAD "phrases:\n- {any: 'я*', weight: 2}\n", 4,
	    "at least two letters" },
	{ "star behind Chinese", HEAD "phrases:\n- {any: 詐騙*, weight: 2}\n", 4, "not needed" },
	{ "phrase over a comma", HEAD "phrases:\n- any: 'a1, b2'\n  weight: 2\n", 4, "across a full stop" },
	{ "phrase too long",
	    HEAD "phrases:\n- {any: a b c d e f g h i j k l m n o p q r s t u v w x y, weight: 2}\n", 4,
	    "more than 24" },
	{ "twice in a list", HEAD "phrases:\n- any:\n  - fraud\n  - scam\n  - Fraud\n  weight: 2\n", 7,
	    "'Fraud' is already in this list as 'fraud'" },
	{ "the first of several twice in a list",
	    HEAD "phrases:\n- any:\n    en:\n    - zebra\n    - ant\n    - Zebra\n    - Ant\n    fr: "
	         "[abeille, Abeille]\n"
	         "  weight: 2\n",
	    8, "'Zebra' is already in this list as 'zebra' at line 6 " },
	{ "twice in a list, a group's between them",
	    HEAD "groups: {g: fraud}\nphrases:\n- any: [fraud, $g, Fraud]\n  weight: 2\n", 5,
	    "'Fraud' is already in this list as 'fraud'" },
	{ "twice in two scripts", HEAD "groups: {o: {zh: [诈骗, 詐騙]}}\n" RULE, 3, "'詐騙' is already" },
	{ "unknown group", HEAD "groups: {offence: a1}\nphrases:\n- {any: $offense, weight: 2}\n", 5,
	    "did you mean '$offence'?" },
	{ "group uses itself", HEAD "groups:\n  a: [b1, $c]\n  c: [$a]\n" RULE, 5,
	    "'a' uses itself, through '$a'" },
	{ "group name", HEAD "groups: {A b: x1}\n" RULE, 3, "group name" },
	{ "groups as a list", HEAD "groups: [a]\n" RULE, 3, "must be a map" },
	{ "rule twice", HEAD "phrases:\n- {any: [a1, b1], weight: 2}\n- {any: [B1, A1], weight: 3}\n", 5,
	    "the same rule as at line 4" },
	{ "contradiction", HEAD "phrases:\n- {any: [a1, b1], weight: 2}\n- {any: [b1, c1], weight: -3}\n", 5,
	    "contradicts the rule at line 4" },
	{ "contradiction under conditions",
	    HEAD "phrases:\n- {any: a1, weight: 2}\n- {any: a1, weight: 2, near: {any: [x1, y1]}}\n"
	         "- {any: [a1, b1], weight: -2, near: {any: [y1, x1], within: 12}}\n",
	    6, "contradicts the rule at line 5: the phrase 'a1' has 2 there and -2 here" },
	{ "the first of several contradictions",
	    HEAD "phrases:\n- {any: a1, weight: 2}\n- {any: b1, weight: -2}\n- {any: [b1, c1], weight: 1}\n"
	         "- {any: [a1, c1], weight: -1}\n",
	    6, "contradicts the rule at line 5: the phrase 'b1' has -2 there and 1 here" },
	{ "rule twice, far from each other",
	    HEAD "phrases:\n- {any: [a1, b1], weight: 2}\n- {any: b1, weight: 1}\n- {any: c1, weight: 1}\n"
	         "- {any: c1, weight: 1, in: title}\n- {any: [a1, b1], weight: -2}\n",
	    8, "the same rule as at line 4" },
	{ "rule that is its own exception",
	    HEAD RULE "- {any: [a1, b1], weight: 2, unless: {any: [B1, c1, a1], within: 0}}\n", 5,
	    "its 'unless' rules out all of its 'any'" },
	{ "rule whose partner is its exception",
	    HEAD RULE "- {any: a1, weight: 2, near: {any: b1}, unless: [{any: c1}, {any: [b1, d1]}]}\n", 5,
	    "its 'unless' rules out all of its 'near'" },
	{ "the same, and the exception reaches further",
	    HEAD RULE
	    "- {any: a1, weight: 2, near: {any: b1, within: 5}, unless: {any: b1, within: anywhere}}\n",
	    5, "its 'unless' rules out all of its 'near'" },
	{ "test without expectation", HEAD RULE "tests:\n- {title: a}\n", 6, "'expect'" },
	{ "test without words", HEAD RULE "tests:\n- {expect: none}\n", 6, "'title' or 'text'" },
	{ "test expects maybe", HEAD RULE "tests:\n- {title: a, expect: macth}\n", 6,
	    "did you mean 'match'?" },
	{ "lead of nothing", HEAD RULE "lead: 0\n", 5, "from 1 to 100000" },
	{ "title_weight too large", HEAD RULE "title_weight: 6\n", 5, "from 0 to 5" },
};

static void slips_are_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof error_cases / sizeof *error_cases; i++) {
		const struct error_case *c = &error_cases[i];
		struct cls_error e = topics_error(c->yaml);
		if (e.line != c->line || strstr(e.text, c->says) == NULL)
			fail_msg("%s: line %d '%s' instead of line %d '%s'", c->name, e.line, e.text, c->line,
			    c->says);
		assert_string_equal(e.file, "test.yaml");
	}
}

static const struct error_case good_cases[] = {
	{ "least", HEAD RULE, 0, "" },
	{ "same phrase in two languages", HEAD "groups: {g: {en: [phishing], de: [Phishing]}}\n" RULE, 0,
	    "" },
	{ "same phrase through two groups",
	    HEAD "groups: {g: [a1, b1], h: [a1]}\nphrases: [{any: [$g, $h, b1], weight: 1}]\n", 0, "" },
	{ "rules before groups", HEAD "phrases: [{any: $g, weight: 1}]\ngroups: {g: a1}\n", 0, "" },
	{ "same words elsewhere, other sign",
	    HEAD "phrases:\n- {any: a1, weight: 2}\n- {any: a1, in: title, weight: -2}\n- {any: a1, near: "
	         "{any: b}, weight: "
	         "-1}\n",
	    0, "" },
	{ "words that YAML 1.1 takes for others",
	    HEAD "phrases:\n- {any: [no, yes, 1984, null, 3.5], weight: 1}\n", 0, "" },
};

static void good_files_pass(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof good_cases / sizeof *good_cases; i++) {
		struct cls_error e = topics_error(good_cases[i].yaml);
		if (e.text[0] != '\0')
			fail_msg("%s: line %d %s", good_cases[i].name, e.line, e.text);
	}
}

static void what_is_in_it(void **state)
{
	(void)state;
	struct classifier *c =
	    topics_new("topic: b\ntitle: Bees\ndescription: About bees.\nthresholds: {match: 0.9, review: "
	               "0.4}\nphrases: [{any: bee, weight: 9}]\ntests:\n- {title: A bee, text: flies, "
	               "language: en, expect: match}\n- {text: nothing, expect: none}\n",
	        "topic: a\nshadow: true\nthresholds: {match: 0.8, review: 0.5}\nphrases: [{any: ant, weight: "
	        "9}]\ntests: "
	        "[{title: x, expect: "
	        "review}]\n",
	        NULL);
	assert_int_equal(cls_topic_count(c), 2);
	assert_string_equal(cls_topic(c, 0)->name, "a");
	assert_string_equal(cls_topic(c, 0)->title, "a");
	assert_string_equal(cls_topic(c, 0)->description, "");
	assert_string_equal(cls_topic(c, 1)->title, "Bees");
	assert_true(cls_topic(c, 1)->match == 0.9 && cls_topic(c, 1)->review == 0.4);
	assert_true(cls_topic(c, 0)->shadow && !cls_topic(c, 1)->shadow);
	assert_null(cls_topic(c, 2));
	assert_int_equal(cls_topic_index(c, "b"), 1);
	assert_int_equal(cls_topic_index(c, "c"), -1);
	assert_int_equal(strlen(cls_model_id(c)), 16);
	assert_int_equal(cls_test_count(c), 3);
	const struct cls_test *t = cls_test(c, 1);
	assert_string_equal(t->topic, "b");
	assert_int_equal(t->line, 7);
	assert_int_equal(t->title.n, 5);
	assert_memory_equal(t->text.p, "flies", 5);
	assert_string_equal(t->language, "en");
	assert_int_equal(t->expect, CLS_MATCH);
	assert_null(cls_test(c, 3));
	cls_free(&c);
	assert_null(c);
	cls_free(&c);
}

static void the_id_follows_the_content(void **state)
{
	(void)state;
	const char *a = HEAD RULE, *b = HEAD "phrases:\n- {any: scam, weight: 5}\n",
	           *u = "topic: u\nthresholds: {match: 0.8, review: 0.5}\n" RULE;
	struct classifier *one = topics_new(a, u, NULL), *same = topics_new(u, a, NULL),
	                  *other = topics_new(b, u, NULL);
	assert_string_equal(cls_model_id(one), cls_model_id(same));
	assert_string_not_equal(cls_model_id(one), cls_model_id(other));
	cls_free(&one);
	cls_free(&same);
	cls_free(&other);
}

/* A file that is refused leaves the builder as it was, so that all errors can be collected. */
static void a_refused_file_changes_nothing(void **state)
{
	(void)state;
	struct cls_builder *b = cls_builder_new();
	struct classifier *c;
	struct cls_error e = { 0 };
	const char *good = HEAD RULE, *bad = "topic: u\n";
	assert_true(cls_builder_add(b, "good", good, strlen(good), &e));
	assert_false(cls_builder_add(b, "bad", bad, strlen(bad), &e));
	assert_string_equal(e.file, "bad");
	assert_false(cls_builder_add(b, "again", good, strlen(good), &e));
	assert_non_null(strstr(e.text, "already in good"));
	assert_false(cls_builder_add_file(b, "/nowhere/at/all.yaml", &e));
	assert_string_equal(e.file, "/nowhere/at/all.yaml");
	assert_true(cls_build(&b, &c, &e));
	assert_int_equal(cls_topic_count(c), 1);
	cls_free(&c);
}

static void no_topics_are_a_classifier_too(void **state)
{
	(void)state;
	struct cls_builder *b = cls_builder_new();
	struct classifier *c;
	struct cls_error e;
	struct cls_scratch *s = cls_scratch_new();
	struct cls_input in = { .title = { "a scam", 6 } };
	assert_true(cls_build(&b, &c, &e));
	assert_int_equal(cls_topic_count(c), 0);
	assert_true(cls_classify(c, s, &in, NULL, &e));
	cls_scratch_free(&s);
	cls_free(&c);
	cls_builder_free(&b);
}

static void too_large_a_file(void **state)
{
	(void)state;
	size_t n = CLS_TOPIC_FILE_MAX + 1;
	char *yaml = malloc(n + 1);
	struct cls_builder *b = cls_builder_new();
	struct cls_error e;
	assert_non_null(yaml);
	memset(yaml, '#', n);
	assert_false(cls_builder_add(b, "large", yaml, n, &e));
	assert_non_null(strstr(e.text, "larger than 4 MB"));
	cls_builder_free(&b);
	free(yaml);
}

/* Groups within groups within groups: each is read once, the total is bounded. */
static void many_groups_end_soon(void **state)
{
	(void)state;
	static char yaml[200000];
	size_t n = (size_t)snprintf(yaml, sizeof yaml, "%sgroups:\n  g0: [a0, b0]\n", HEAD RULE);
	for (int i = 1; i < 1500; i++)
		n += (size_t)snprintf(
		    yaml + n, sizeof yaml - n, "  g%d: [$g%d, $g%d, a%d]\n", i, i - 1, i / 2, i);
	struct cls_error e = topics_error(yaml);
	assert_non_null(strstr(e.text, "more than 1048576 phrases"));
}

#define HUGE_RULES 2000
#define HUGE_WORDS 500 /* of each rule: a million together */
#define HUGE_SECONDS                                                                                         \
	2 /* of the processor: many times what it takes, and less than comparing all pairs of rules */

/* What can be in one topic is checked in little time: the daemon waits for it at a reload. */
static void many_rules_are_checked_soon(void **state)
{
	(void)state;
	static char yaml[400000];
	size_t n = (size_t)snprintf(yaml, sizeof yaml, "%sgroups:\n", HEAD);
	for (int g = 0; g < 2; g++) {
		n += (size_t)snprintf(yaml + n, sizeof yaml - n, "  g%d: [w0g%d", g, g);
		for (int i = 1; i < HUGE_WORDS; i++)
			n += (size_t)snprintf(yaml + n, sizeof yaml - n, ", w%dg%d", i, g);
		n += (size_t)snprintf(yaml + n, sizeof yaml - n, "]\n");
	}
	n += (size_t)snprintf(yaml + n, sizeof yaml - n, "phrases:\n");
	for (int i = 0; i < HUGE_RULES; i++)
		n += (size_t)snprintf(yaml + n, sizeof yaml - n, "- {any: [$g%d, x%d], weight: %d}\n", i % 2,
		    i, i % 2 == 0 ? 1 : -1);
	clock_t before = clock();
	struct cls_error e = topics_error(yaml);
	assert_string_equal(e.text, "");
	assert_true(clock() - before < HUGE_SECONDS * CLOCKS_PER_SEC);
	snprintf(yaml + n, sizeof yaml - n, "- {any: w7g0, weight: -1}\n");
	e = topics_error(yaml);
	assert_non_null(strstr(e.text, "contradicts the rule at line 7: the phrase 'w7g0'"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(slips_are_named),
		cmocka_unit_test(good_files_pass),
		cmocka_unit_test(what_is_in_it),
		cmocka_unit_test(the_id_follows_the_content),
		cmocka_unit_test(a_refused_file_changes_nothing),
		cmocka_unit_test(no_topics_are_a_classifier_too),
		cmocka_unit_test(too_large_a_file),
		cmocka_unit_test(many_groups_end_soon),
		cmocka_unit_test(many_rules_are_checked_soon),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("classifiers/topics", tests, NULL, NULL);
}
