/* Rules: what is found, near, unless, where; how repeats and passages add up; what the evidence points to. */
#include "tests/fake/topics.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "classifiers/classify_priv.h"

struct rule_case {
	const char *name, *rules, *title, *text;
	double odds; /* what the rules add */
};

#define SCAM "phrases: [{any: scam, weight: 2}]\n"
#define WORDS "phrases: [{any: [illegal* work*, fraud, 詐騙, 불법취업], weight: 2}]\n"
#define NEAR "phrases: [{any: scam, weight: 2, near: {any: phone, within: 2}}]\n"
#define NEAR0 "phrases: [{any: scam, weight: 2, near: {any: phone, within: 0}}]\n"
#define SENTENCE "phrases: [{any: scam, weight: 2, near: {any: phone, within: sentence}}]\n"
#define PASSAGE "phrases: [{any: scam, weight: 2, near: {any: phone, within: passage}}]\n"
#define ANYWHERE "phrases: [{any: scam, weight: 2, near: {any: phone, within: anywhere}}]\n"
#define UNLESS "phrases: [{any: hack*, weight: 2, unless: {any: [life hack*, cleaver], within: 1}}]\n"
#define TWO "phrases: [{any: scam, weight: 2, near: [{any: phone}, {any: arrested, within: sentence}]}]\n"

static const struct rule_case rule_cases[] = {
	{ "a word", SCAM, "", "a scam here", 2 },
	{ "not its plural", SCAM, "", "all scams here", 0 },
	{ "not within a word", SCAM, "", "scammer unscam", 0 },
	{ "in the title with its weight", SCAM, "A scam", "", 3 },
	{ "prefixes", WORDS, "", "Illegally working", 2 },
	{ "a word is its own prefix", WORDS, "", "illegal work", 2 },
	{ "not with a word between", WORDS, "", "illegal foreign workers", 0 },
	{ "not over a comma", WORDS, "", "illegal, working", 0 },
	{ "over a hyphen and a line", WORDS, "", "illegal-\nworker", 2 },
	{ "not over title and text", WORDS, "illegal", "worker", 0 },
	{ "other script", WORDS, "", "电信诈骗案", 2 },
	{ "Hangul with spaces", WORDS, "", "불법 취업을", 2 },
	{ "case and accents", WORDS, "", "FRÀUD", 2 },

	{ "near, after", NEAR, "", "scam by some phone", 2 },
	{ "near, before", NEAR, "", "phone has a scam", 2 },
	{ "near, too far", NEAR, "", "scam by some old phone", 0 },
	{ "near, before, too far", NEAR, "", "phone is what a scam", 0 },
	{ "near, over sentences", NEAR, "", "Scam. By phone.", 2 },
	{ "near, from title to text", NEAR, "A scam", "by phone", 3 },
	{ "near, from text to title", NEAR, "By phone", "a scam", 2 },
	{ "near, characters count half", NEAR, "", "scam 一二三四 phone", 2 },
	{ "near, characters, too far", NEAR, "", "scam 一二三四五 phone", 0 },
	{ "near, the second partner", NEAR, "", "phone one two three four scam phone", 2 },
	{ "near, none", NEAR, "", "scam scam scam", 0 },
	{ "next to", NEAR0, "", "phone scam", 2 },
	{ "next to, one between", NEAR0, "", "phone a scam", 0 },
	{ "partner must not overlap",
	    "phrases: [{any: phone scam, weight: 2, near: {any: phone, within: 9}}]\n", "", "a phone scam",
	    0 },
	{ "partner beside the overlapping one",
	    "phrases: [{any: phone scam, weight: 2, near: {any: phone, within: 9}}]\n", "",
	    "a phone scam by phone", 2 },

	{ "in the sentence", SENTENCE, "", "Scam one two three four five six seven by phone.", 2 },
	{ "in the sentence, before", SENTENCE, "", "No. By phone one two three, a scam.", 2 },
	{ "in another sentence", SENTENCE, "", "Scam. By phone. No.", 0 },
	{ "the title is a sentence", SENTENCE, "Scam! By phone", "", 3 },
	{ "title and text are two", SENTENCE, "Scam", "by phone", 0 },
	{ "anywhere", ANYWHERE, "", "scam. And. So. On. Phone.", 2 },
	{ "both conditions", TWO, "", "arrested for a scam by phone", 2 },
	{ "one of two conditions", TWO, "", "scam by phone. arrested", 0 },

	{ "unless, not there", UNLESS, "", "hackers came", 2 },
	{ "unless, over it", UNLESS, "", "the best life hacks", 0 },
	{ "unless, near", UNLESS, "", "hacked by cleaver", 0 },
	{ "unless, too far", UNLESS, "", "hacked by a cleaver", 2 },
	{ "unless is for the hit, not for the item", UNLESS, "", "life hacks one two hackers", 2 },
	{ "unless anywhere", "phrases: [{any: hack*, weight: 2, unless: {any: cleaver, within: anywhere}}]\n",
	    "Cleaver", "one. two. three. hacked", 0 },
	{ "unless, one of two", "phrases: [{any: aa, weight: 2, unless: [{any: bb}, {any: cc}]}]\n", "",
	    "aa cc", 0 },

	{ "only title", "phrases: [{any: aa, weight: 2, in: title}]\n", "x", "aa", 0 },
	{ "only title, there", "phrases: [{any: aa, weight: 2, in: title}]\n", "aa", "aa", 3 },
	{ "only text", "phrases: [{any: aa, weight: 2, in: text}]\n", "aa", "x", 0 },
	{ "lead, within", "lead: 5\nphrases: [{any: aa, weight: 2, in: lead}]\n", "", "bbbb aa", 0 },
	{ "lead, just", "lead: 6\nphrases: [{any: aa, weight: 2, in: lead}]\n", "", "bbbb aa", 2 },
	{ "lead counts characters", "lead: 6\nphrases: [{any: aa, weight: 2, in: lead}]\n", "", "жжжж aa",
	    2 },
	{ "lead is the title too", "lead: 1\nphrases: [{any: aa, weight: 2, in: lead}]\n", "x x x x aa", "",
	    3 },

	{ "repeats halve", SCAM, "", "scam scam scam", 3.5 },
	{ "the title's first", SCAM, "scam", "scam scam", 3 + 1 + 0.5 },
	{ "light title last", "title_weight: 0.5\n" SCAM, "scam", "scam scam", 2 + 1 + 0.25 },
	{ "once", "phrases: [{any: scam, weight: 2, once: true}]\n", "", "scam scam scam", 2 },
	{ "once, the heaviest", "phrases: [{any: scam, weight: 2, once: true}]\n", "scam", "scam", 3 },
	{ "negative", "phrases: [{any: aa, weight: -2}]\n", "", "aa", -2 },
	{ "rules add up on the same words", "phrases: [{any: aa, weight: 1}, {any: [aa, bb], weight: 2}]\n",
	    "", "aa", 3 },
	{ "overlapping hits are one", "phrases: [{any: [aa, aa bb, bb, bb cc], weight: 2}]\n", "", "aa bb",
	    2 },
	{ "the longest of overlapping", "phrases: [{any: [aa, bb, aa bb cc, cc], weight: 2}]\n", "",
	    "aa bb cc", 2 },
	{ "touching hits are two", "phrases: [{any: [aa, bb], weight: 2}]\n", "", "aa bb", 3 },
	{ "cap", "cap: 3\nphrases: [{any: aa, weight: 2}, {any: bb, weight: 2}, {any: cc, weight: -1}]\n", "",
	    "aa bb cc", 2 },
	{ "prefix and word",
	    "phrases: [{any: fraud*, weight: 1}, {any: fraud, weight: 2}, {any: fr*, weight: 4}]\n", "",
	    "fraud", 7 },
	{ "short prefix", "phrases: [{any: ai*, weight: 1}]\n", "", "aiming", 1 },
	{ "three letters", "phrases: [{any: fra*, weight: 1}, {any: fra, weight: 2}]\n", "", "frauds", 1 },
	{ "nested phrases from several beginnings",
	    "phrases: [{any: aa aa bb, weight: 1}, {any: aa bb, weight: 2}, {any: aa* bb, weight: 4}]\n", "",
	    "aa aa aa bb", 7 },
	{ "words whose hashes differ in the last bit alone",
	    "phrases: [{any: aaaabbbbccccddddyjqcnh9ueeeeffff, weight: 2}]\n", "",
	    "aaaabbbbccccdddd3be7rmooeeeeffff aaaabbbbccccddddyjqcnh9ueeeeffff "
	    "aaaabbbbccccdddd3be7rmooeeeeffff",
	    2 },
};

static void rules_add_up(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rule_cases / sizeof *rule_cases; i++) {
		const struct rule_case *c = &rule_cases[i];
		struct classifier *t = topics_of_rules(c->rules);
		double odds = topics_odds(t, c->title, c->text);
		if (fabs(odds - c->odds) > 1e-6)
			fail_msg("%s: %g instead of %g", c->name, odds, c->odds);
		cls_free(&t);
	}
}

/* Words and beginnings of every length, alone and as the first of two words. */
static void every_length_is_found(void **state)
{
	(void)state;
	static const char word[] = "abcdefghijklmnopqrstuvwxyz";
	char rules[200], text[100];
	for (int n = 1; n <= 20; n++)
		for (int more = 0; more <= 3; more++) {
			snprintf(rules, sizeof rules,
			    "phrases: [{any: [%.*s, x %.*s], weight: 1}, {any: '%.*s* y', weight: 4}]\n", n,
			    word, n, word, n + 1, word);
			struct classifier *c = topics_of_rules(rules);
			snprintf(text, sizeof text, "%.*s", n + more, word);
			assert_true(fabs(topics_odds(c, "", text) - (more == 0 ? 1 : 0)) < 1e-6);
			snprintf(text, sizeof text, "%.*s y", n + more, word);
			assert_true(fabs(topics_odds(c, "", text) - (more == 0 ? 1 : 4)) < 1e-6);
			cls_free(&c);
		}
}

/* n words that no rule knows, with words at some places. */
static char *long_text(size_t n, const char *const *word, const size_t *at, size_t words)
{
	char *text = malloc(n * 8 + 1), *p = text;

	assert_non_null(text);
	for (size_t i = 0; i < n; i++) {
		const char *w = "word";
		for (size_t k = 0; k < words; k++)
			if (at[k] == i)
				w = word[k];
		p += snprintf(p, 8, "%s ", w);
	}
	return text;
}

struct passage_case {
	const char *name;
	size_t length;
	size_t at[3];
	const char *word[3];
	double odds;
};

#define PASSAGES "late: 0.5\nphrases: [{any: aa, weight: 2}, {any: bb, weight: 1}, {any: cc, weight: -3}]\n"

static const struct passage_case passage_cases[] = {
	{ "one passage holds all", 240, { 0, 239 }, { "aa", "bb" }, 3 },
	{ "too far for one passage", 600, { 0, 260 }, { "aa", "bb" }, 2 },
	{ "overlapping passages", 600, { 130, 350 }, { "aa", "bb" }, 3 },
	{ "late passages are dearer", 1000, { 600 }, { "aa" }, 1.5 },
	{ "the last words", 1000, { 999 }, { "aa" }, 1.5 },
	{ "the last words of one and a bit", 241, { 240 }, { "aa" }, 2 },
	{ "the best passage is free of what speaks against it", 1000, { 0, 5, 600 }, { "aa", "cc", "aa" },
	    1.5 },
	{ "nothing", 1000, { 5000 }, { "aa" }, 0 },
};

static void the_best_passage_counts(void **state)
{
	(void)state;
	struct classifier *c = topics_of_rules(PASSAGES);
	for (size_t i = 0; i < sizeof passage_cases / sizeof *passage_cases; i++) {
		const struct passage_case *p = &passage_cases[i];
		char *text = long_text(p->length, p->word, p->at, p->word[2] ? 3 : p->word[1] ? 2 : 1);
		double odds = topics_odds(c, "", text);
		if (fabs(odds - p->odds) > 1e-6)
			fail_msg("%s: %g instead of %g", p->name, odds, p->odds);
		free(text);
	}
	const size_t at[] = { 600 };
	const char *const word[] = { "aa" };
	char *text = long_text(1000, word, at, 1);
	assert_true(fabs(topics_odds(c, "bb", text) - 3) < 1e-6); /* 1.5 by title + 2 - 0.5 */
	free(text);
	cls_free(&c);
}

static void passage_distance(void **state)
{
	(void)state;
	struct classifier *c = topics_of_rules(PASSAGE);
	const char *const word[] = { "scam", "phone" };
	const size_t near[] = { 10, 200 }, far[] = { 10, 300 };
	char *text = long_text(400, word, near, 2);
	assert_true(fabs(topics_odds(c, "", text) - 2) < 1e-6);
	free(text);
	text = long_text(400, word, far, 2);
	assert_true(fabs(topics_odds(c, "", text)) < 1e-6);
	assert_true(fabs(topics_odds(c, "phone", text) - 2) < 1e-6);
	assert_true(fabs(topics_odds(c, "scam", text) - 3) < 1e-6);
	free(text);
	cls_free(&c);
}

static struct cls_result ask(
    const struct classifier *c, struct cls_scratch *s, const char *title, const char *text)
{
	static struct cls_result r[CLS_TOPICS_MAX];
	struct cls_input in = { .title = { title, strlen(title) }, .text = { text, strlen(text) } };
	struct cls_error e;
	assert_true(cls_classify(c, s, &in, r, &e));
	return r[0];
}

static void thresholds_decide(void **state)
{
	(void)state;
	struct classifier *c = topics_of_rules("phrases: [{any: aa, weight: 4}, {any: bb, weight: 5.38}, "
	                                       "{any: cc, weight: 5.39}, {any: dd, weight: 3.99}]\n");
	struct cls_scratch *s = cls_scratch_new();
	assert_int_equal(ask(c, s, "", "aa").decision, CLS_REVIEW);
	assert_int_equal(ask(c, s, "", "bb").decision, CLS_REVIEW);
	assert_int_equal(ask(c, s, "", "cc").decision, CLS_MATCH);
	assert_int_equal(ask(c, s, "", "dd").decision, CLS_NONE);
	assert_int_equal(ask(c, s, "", "").decision, CLS_NONE);
	assert_string_equal(cls_decision_name(CLS_REVIEW), "review");
	assert_string_equal(cls_by_name(CLS_BY_PAIR), "pair");
	cls_scratch_free(&s);
	cls_free(&c);
}

struct evidence_want {
	enum cls_field field;
	const char *text;
	double weight;
	enum cls_by by;
	int line;
};

struct evidence_case {
	const char *name, *rules, *title, *text;
	struct evidence_want want[4];
};

static const struct evidence_case evidence_cases[] = {
	{ "heaviest first, both fields", "phrases:\n- {any: scam, weight: 2}\n- {any: arrest*, weight: -1}\n",
	    "Big scam", "Three arrested for a scam",
	    { { CLS_FIELD_TITLE, "scam", 3, CLS_BY_PHRASE, 5 },
	        { CLS_FIELD_TEXT, "scam", 1, CLS_BY_PHRASE, 5 },
	        { CLS_FIELD_TEXT, "arrested", -1, CLS_BY_PHRASE, 6 } } },
	{ "a pair shows both", "phrases:\n- {any: scam, weight: 2, near: {any: phone}}\n", "",
	    "by phone, a big scam!", { { CLS_FIELD_TEXT, "phone, a big scam", 2, CLS_BY_PAIR, 5 } } },
	{ "a pair over two fields shows its own", "phrases:\n- {any: scam, weight: 2, near: {any: phone}}\n",
	    "By phone", "a scam", { { CLS_FIELD_TEXT, "scam", 2, CLS_BY_PAIR, 5 } } },
	{ "spans that overlap are one",
	    "phrases:\n- {any: illegal worker, weight: 1}\n- {any: anti illegal, weight: 3}\n", "",
	    "Anti-Illegal Worker raid", { { CLS_FIELD_TEXT, "Anti-Illegal Worker", 4, CLS_BY_PHRASE, 6 } } },
	{ "but not of two signs", "phrases:\n- {any: aa bb, weight: 1}\n- {any: bb, weight: -3}\n", "",
	    "aa bb",
	    { { CLS_FIELD_TEXT, "bb", -3, CLS_BY_PHRASE, 6 },
	        { CLS_FIELD_TEXT, "aa bb", 1, CLS_BY_PHRASE, 5 } } },
	{ "original bytes", "phrases:\n- {any: 網絡詐騙, weight: 2}\n", "",
	    "\xef\xbb\xbf\xc3\xa9 网络「诈骗」案",
	    { { CLS_FIELD_TEXT, "网络「诈骗", 2, CLS_BY_PHRASE, 5 } } },
	{ "the cap scales", "cap: 3\nphrases:\n- {any: aa, weight: 4}\n- {any: bb, weight: 2}\n", "",
	    "aa x bb",
	    { { CLS_FIELD_TEXT, "aa", 2, CLS_BY_PHRASE, 6 },
	        { CLS_FIELD_TEXT, "bb", 1, CLS_BY_PHRASE, 7 } } },
	{ "spans that touch are two", "phrases:\n- {any: 詐騙, weight: 1}\n- {any: 電話, weight: 3}\n", "",
	    "電話詐騙",
	    { { CLS_FIELD_TEXT, "電話", 3, CLS_BY_PHRASE, 6 },
	        { CLS_FIELD_TEXT, "詐騙", 1, CLS_BY_PHRASE, 5 } } },
	{ "once is once", "phrases:\n- {any: aa, weight: 2, once: true}\n", "", "aa, aa",
	    { { CLS_FIELD_TEXT, "aa", 2, CLS_BY_PHRASE, 5 } } },
	{ "nothing", SCAM, "", "no", { { CLS_FIELD_TEXT, NULL, 0, 0, 0 } } },
};

static void evidence_points_to_the_original(void **state)
{
	(void)state;
	struct cls_scratch *s = cls_scratch_new();
	for (size_t i = 0; i < sizeof evidence_cases / sizeof *evidence_cases; i++) {
		const struct evidence_case *c = &evidence_cases[i];
		struct classifier *t = topics_of_rules(c->rules);
		struct cls_result r = ask(t, s, c->title, c->text);
		size_t n = 0;
		for (; n < 4 && c->want[n].text != NULL; n++) {
			const struct evidence_want *w = &c->want[n];
			const struct cls_evidence *e = &r.evidence[n];
			if (n >= r.evidence_count)
				fail_msg("%s: only %zu pieces", c->name, r.evidence_count);
			const char *field = e->field == CLS_FIELD_TITLE ? c->title : c->text;
			if (e->field != w->field || e->length != strlen(w->text) ||
			    memcmp(field + e->start, w->text, e->length) != 0 ||
			    fabs(e->weight - w->weight) > 1e-6 || e->by != w->by || e->line != w->line)
				fail_msg("%s: piece %zu is '%.*s' %g by %d of line %d", c->name, n,
				    (int)e->length, field + e->start, e->weight, (int)e->by, e->line);
		}
		if (n != r.evidence_count)
			fail_msg("%s: %zu pieces instead of %zu", c->name, r.evidence_count, n);
		cls_free(&t);
	}
	cls_scratch_free(&s);
}

/* The pieces of evidence add up to the score, as long as there are not too many. */
static void evidence_adds_up(void **state)
{
	(void)state;
	struct classifier *c = topics_of_rules(
	    "phrases:\n- {any: [aa, bb], weight: 2}\n- {any: aa, weight: 1, near: {any: bb}}\n"
	    "- {any: cc, weight: -0.5}\n");
	struct cls_scratch *s = cls_scratch_new();
	struct cls_result r = ask(c, s, "aa cc", "bb x aa y cc z bb aa");
	double sum = -4;
	for (size_t i = 0; i < r.evidence_count; i++)
		sum += r.evidence[i].weight;
	assert_true(fabs(sum - log(r.score / (1 - r.score))) < 1e-6);
	cls_scratch_free(&s);
	cls_free(&c);
}

static void evidence_is_bounded(void **state)
{
	(void)state;
	char rules[4000], text[2000];
	size_t n = (size_t)snprintf(rules, sizeof rules, "phrases:\n"), m = 0;
	for (int i = 0; i < 40; i++) {
		n += (size_t)snprintf(rules + n, sizeof rules - n, "- {any: w%d, weight: %d.5}\n", i, i % 20);
		m += (size_t)snprintf(text + m, sizeof text - m, "w%d, ", i);
	}
	struct classifier *c = topics_of_rules(rules);
	struct cls_scratch *s = cls_scratch_new();
	struct cls_result r = ask(c, s, "", text);
	assert_int_equal(r.evidence_count, CLS_EVIDENCE_MAX);
	for (size_t i = 1; i < r.evidence_count; i++)
		assert_true(r.evidence[i - 1].weight >= r.evidence[i].weight);
	cls_scratch_free(&s);
	cls_free(&c);
}

static void topics_do_not_mix(void **state)
{
	(void)state;
	struct classifier *c = topics_new("topic: a\nthresholds: {match: 0.8, review: 0.5}\ngroups: {g: [xx, "
	                                  "yy]}\nphrases: [{any: $g, weight: 6}]\n",
	    "topic: b\nthresholds: {match: 0.8, review: 0.5}\ngroups: {g: [yy, zz]}\nphrases: [{any: $g, "
	    "weight: 6}]\n",
	    NULL);
	struct cls_scratch *s = cls_scratch_new();
	struct cls_result r[2];
	struct cls_error e;
	const struct {
		const char *text;
		enum cls_decision a, b;
	} cases[] = { { "xx", CLS_MATCH, CLS_NONE }, { "yy", CLS_MATCH, CLS_MATCH },
		{ "zz", CLS_NONE, CLS_MATCH } };
	for (size_t i = 0; i < 3; i++) {
		struct cls_input in = { .text = { cases[i].text, 2 } };
		assert_true(cls_classify(c, s, &in, r, &e));
		assert_int_equal(r[0].decision, cases[i].a);
		assert_int_equal(r[1].decision, cases[i].b);
	}
	cls_scratch_free(&s);
	cls_free(&c);
}

#define SHARED_RULES CLS_RULES_MAX
#define SHARED_LISTS (1 + CLS_CONDITIONS_MAX) /* of each rule */

/* Rules whose lists all hold the word "x" and one of their own. */
static struct classifier *topic_of_shared_word(void)
{
	size_t size = SHARED_RULES * (size_t)(64 + 48 * SHARED_LISTS), n;
	char *rules = malloc(size);
	assert_non_null(rules);
	n = (size_t)snprintf(rules, size, "topic: t\nthresholds: {match: 0.8, review: 0.5}\nphrases:\n");
	for (int i = 0; i < SHARED_RULES; i++) {
		n += (size_t)snprintf(rules + n, size - n, "- {any: [x, y%d], weight: 1, near: [", i);
		for (int k = 0; k < CLS_CONDITIONS_MAX; k++)
			n += (size_t)snprintf(
			    rules + n, size - n, "{any: [x, n%dn%d], within: anywhere},", i, k);
		n += (size_t)snprintf(rules + n, size - n, "]}\n");
	}
	struct classifier *c = topics_new(rules, NULL);
	free(rules);
	return c;
}

/* More pairs of hit and list than 32 bits can count; the words that come first still decide. */
static void a_word_of_all_lists_is_bounded(void **state)
{
	(void)state;
	struct classifier *c = topic_of_shared_word();
	struct cls_scratch *s = cls_scratch_new();
	size_t n = 2 * (size_t)CLS_HITS_MAX;
	char *text = malloc(n + 1);
	assert_non_null(text);
	assert_true((uint64_t)CLS_HITS_MAX * SHARED_RULES * SHARED_LISTS > UINT32_MAX);
	for (size_t i = 0; i < n; i++)
		text[i] = i % 2 == 0 ? 'x' : ' ';
	text[n] = '\0';
	assert_int_equal(ask(c, s, "x x", text).decision, CLS_MATCH);
	assert_true(s->evaluation.set_hit_capacity <= CLS_PAIRS_MAX);
	assert_true(s->evaluation.found_capacity <= CLS_PAIRS_MAX);
	assert_int_equal(ask(c, s, "", "x and x").decision, CLS_MATCH);
	assert_int_equal(ask(c, s, "", "x").decision, CLS_NONE);
	free(text);
	cls_scratch_free(&s);
	cls_free(&c);
}

/* Five hundred lists with a common word in one topic: a long text that is full of it, and another topic. */
static void a_common_word_hides_no_other(void **state)
{
	(void)state;
	char rules[40000], text[20000];
	size_t n = (size_t)snprintf(
	    rules, sizeof rules, "topic: a\nthresholds: {match: 0.8, review: 0.5}\nphrases:\n");
	for (int i = 0; i < 500; i++)
		n += (size_t)snprintf(rules + n, sizeof rules - n, "- {any: [the, y%d], weight: 0.001}\n", i);
	struct classifier *c = topics_new(rules,
	    "topic: b\nthresholds: {match: 0.8, review: 0.5}\nphrases: [{any: wolf, weight: 8}]\n", NULL);
	struct cls_scratch *s = cls_scratch_new();
	struct cls_result r[2];
	struct cls_error e;
	n = 0;
	for (int i = 0; i < 4000; i++)
		n += (size_t)snprintf(text + n, sizeof text - n, "the ");
	n += (size_t)snprintf(text + n, sizeof text - n, "wolf");
	struct cls_input in = { .text = { text, n } };
	assert_true(cls_classify(c, s, &in, r, &e));
	assert_true(s->evaluation.thinned);
	assert_true(s->evaluation.set_hit_capacity <= CLS_PAIRS_MAX);
	assert_int_equal(r[1].decision, CLS_MATCH);
	cls_scratch_free(&s);
	cls_free(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_add_up),
		cmocka_unit_test(a_common_word_hides_no_other),
		cmocka_unit_test(every_length_is_found),
		cmocka_unit_test(the_best_passage_counts),
		cmocka_unit_test(passage_distance),
		cmocka_unit_test(thresholds_decide),
		cmocka_unit_test(evidence_points_to_the_original),
		cmocka_unit_test(evidence_adds_up),
		cmocka_unit_test(evidence_is_bounded),
		cmocka_unit_test(topics_do_not_mix),
		cmocka_unit_test(a_word_of_all_lists_is_bounded),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("classifiers/rules", tests, NULL, NULL);
}
