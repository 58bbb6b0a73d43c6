/* Answers stay what they are, bit for bit: however fast they are found, whatever was read before, whichever words were met by chance. */
#include "classifiers/cls_fold.h"
#include "classifiers/cls_model.h"
#include "tests/fake/topics.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include <cmocka.h>

#define ITEMS 400
#define ITEM_BYTES 6000u /* some passages */

/* A change of folding, terms or scoring changes these on purpose: the test prints the new number, and the commit says why it may. */
#define DIGEST_RULES 0x66e3d20f19c66e74u
#define DIGEST_MODEL 0x624a1d10e1ed05c7u

#define TOPIC_A                                                                                                    \
	"topic: a\nthresholds: {match: 0.8, review: 0.5}\nbias: -3\nphrases:\n"                                    \
	"  - {any: [scam, \"fra*\", \"fraud*\", \"frauds*\", fraudster, cyber crime, 詐騙], weight: 2}\n"        \
	"  - {any: [police, \"arrest*\", полиция], near: {any: [\"hack*\", 黑客, bank account], within: " \
	"8}, weight: 3}\n"                                                                                         \
	"  - {any: [in the bank, bank account, account], unless: {any: opens, within: sentence}, weight: "         \
	"1}\n"
#define TOPIC_B                                                                                                     \
	"topic: b\nthresholds: {match: 0.7, review: 0.4}\nbias: -2\nphrases:\n"                                     \
	"  - {any: [\"illegal work*\", 非法勞工, \"нелегал*\", trabalho ilegal], weight: 3, in: lead}\n" \
	"  - {any: [site, \"the site*\", antidisestablishmentarianistically1], weight: 1.5, once: true}\n"          \
	"  - {any: [garden, 花園], weight: -2}\n"
#define TOPIC_C                                                                                              \
	"topic: c\nthresholds: {match: 0.9, review: 0.6}\nphrases: [{any: [ab, \"ab*\"], weight: 1}]\n"

/* Words of phrases, their beginnings and neighbours, and what stands between words. */
static const char *const parts[] = { "scam", "Fraud", "frauds", "fraudsters", "FRA", "cyber", "crime", "詐騙",
	"诈", "police", "arrested", "Полиция", "hackers", "黑客", "bank", "account", "in", "the", "opens",
	"illegal", "working", "非法", "勞工", "нелегальный", "trabalho", "ilegal", "site", "sites",
	"antidisestablishmentarianistically1", "antidisestablishmentarianistically2",
	"antidisestablXXXmentarianistically1", "garden", "花園", "a", "ab", "naïve", "Ærø", "ﬁne", "ｶﾞｽ",
	"한국", "3,500", "U.S.", "x86", "don't", "e\xcc\x81t", "ไทย", "\xff", "\xe7\xbb" };
static const char *const gaps[] = { " ", " ", " ", " ", " ", ", ", ". ", "\n\n", "-", " - ", "", "  ", ": ",
	"。", "、", "\t", "—" };

static uint64_t random_next(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return *seed >> 33;
}

/* A text of at least n bytes; returns its length. Some words are no known ones: letters by chance. */
static size_t make_text(uint64_t *seed, char *out, size_t n)
{
	size_t len = 0;

	while (len < n) {
		if (random_next(seed) % 3 == 0) {
			for (size_t letters = 1 + random_next(seed) % 14 * (random_next(seed) % 4);
			     letters > 0; letters--)
				out[len++] = (char)('a' + random_next(seed) % 26);
		} else {
			const char *part = parts[random_next(seed) % (sizeof parts / sizeof *parts)];
			memcpy(out + len, part, strlen(part));
			len += strlen(part);
		}
		const char *gap = gaps[random_next(seed) % (sizeof gaps / sizeof *gaps)];
		memcpy(out + len, gap, strlen(gap));
		len += strlen(gap);
	}
	return len;
}

struct item {
	char title[256], text[ITEM_BYTES + 256];
	struct cls_input in;
};

static void make_item(struct item *x, uint64_t number)
{
	uint64_t seed = number * 977 + 5;
	size_t n = random_next(&seed) % 8 == 0 ? ITEM_BYTES : random_next(&seed) % 600;
	size_t title = make_text(&seed, x->title, random_next(&seed) % 120);

	n = make_text(&seed, x->text, n);
	x->in = (struct cls_input){ { x->title, title }, { x->text, n }, NULL };
}

/* Weights by chance for topics a and c; the rules of b stand alone. 8-byte aligned by malloc. */
static unsigned char *make_model(size_t *n)
{
	uint32_t topics = 2;
	struct cls_model_head head = { .order = CLS_MODEL_ORDER,
		.version = CLS_MODEL_VERSION,
		.terms_version = CLS_TERMS_VERSION,
		.fold_version = CLS_FOLD_VERSION,
		.bits = CLS_TERM_BITS,
		.topics = topics };
	struct cls_model_topic topic = { .name = "a",
		.rules = 0.5,
		.margin = 2,
		.constant = -0.25,
		.match = 0.6,
		.review = 0.3,
		.scale = 1e-3,
		.learned = 100 };
	unsigned char *bytes = calloc(1, *n = cls_model_size(CLS_TERM_BITS, topics));
	int16_t *row;
	uint64_t seed = 3;

	assert_non_null(bytes);
	memcpy(head.magic, CLS_MODEL_MAGIC, sizeof head.magic);
	memcpy(bytes + sizeof head, &topic, sizeof topic);
	topic.name[0] = 'c';
	memcpy(bytes + sizeof head + sizeof topic, &topic, sizeof topic);
	row = (int16_t *)(void *)(bytes + sizeof head + topics * sizeof topic);
	for (size_t i = 0; i < (size_t)3 << CLS_TERM_BITS; i += 3) {
		if (random_next(&seed) % 4 == 0) /* a row that was not learned */
			continue;
		row[i] = (int16_t)(4096 + random_next(&seed) % 20000);
		row[i + 1] = (int16_t)(random_next(&seed) % 8000) - 4000;
		row[i + 2] = (int16_t)(random_next(&seed) % 8000) - 4000;
	}
	memcpy(bytes, &head, sizeof head);
	head.checksum = XXH3_64bits(bytes + 16, *n - 16);
	memcpy(bytes, &head, sizeof head);
	return bytes;
}

static struct classifier *make(const unsigned char *model, size_t n)
{
	static const char *const topic[] = { TOPIC_A, TOPIC_B, TOPIC_C };
	struct cls_builder *b = cls_builder_new();
	struct classifier *c;
	struct cls_error e;

	assert_non_null(b);
	for (size_t i = 0; i < 3; i++)
		if (!cls_builder_add(b, "topic", topic[i], strlen(topic[i]), &e))
			fail_msg("line %d: %s", e.line, e.text);
	if (model != NULL && !cls_builder_model(b, "model", model, n, &e))
		fail_msg("%s", e.text);
	assert_true(cls_build(&b, &c, &e));
	return c;
}

/* All that is said of an item, as a number. Scores by nine digits: exp is the mathematics library's. */
static uint64_t answer(
    const struct classifier *c, struct cls_scratch *s, const struct cls_input *in, uint64_t h)
{
	struct cls_result r[3];
	struct cls_error e;
	char line[256];

	assert_true(cls_classify(c, s, in, r, &e));
	for (size_t i = 0; i < 3; i++) {
		int n = snprintf(
		    line, sizeof line, "%.9f %d %zu", r[i].score, (int)r[i].decision, r[i].evidence_count);
		h = XXH3_64bits_withSeed(line, (size_t)n, h);
		for (size_t k = 0; k < r[i].evidence_count; k++) {
			const struct cls_evidence *v = &r[i].evidence[k];
			n = snprintf(line, sizeof line, "%d %zu %zu %.9f %d %d", (int)v->field, v->start,
			    v->length, v->weight, (int)v->by, v->line);
			h = XXH3_64bits_withSeed(line, (size_t)n, h);
		}
	}
	return h;
}

static void they_are_what_they_were(void **state)
{
	(void)state;
	static struct item x;
	const uint64_t want[2] = { DIGEST_RULES, DIGEST_MODEL };
	size_t n;
	unsigned char *model = make_model(&n);

	for (size_t learned = 0; learned < 2; learned++) {
		struct classifier *c = make(learned ? model : NULL, n);
		struct cls_scratch *s = cls_scratch_new();
		uint64_t h = 0;
		for (uint64_t i = 0; i < ITEMS; i++) {
			make_item(&x, i);
			h = answer(c, s, &x.in, h);
		}
		if (h != want[learned])
			fail_msg("other answers %s: 0x%llxu", learned ? "with weights" : "by rules alone",
			    (unsigned long long)h);
		cls_scratch_free(&s);
		cls_free(&c);
	}
	free(model);
}

/* A scratch keeps what is known of words, for one classifier: it must not show. */
static void what_was_read_before_does_not_matter(void **state)
{
	(void)state;
	static struct item x;
	size_t n;
	unsigned char *model = make_model(&n);
	struct classifier *c[2] = { make(model, n), make(NULL, 0) };
	struct cls_scratch *used = cls_scratch_new();

	for (uint64_t i = 0; i < ITEMS; i++) {
		struct cls_scratch *fresh = cls_scratch_new();
		make_item(&x, i);
		assert_true(answer(c[i / 50 % 2], used, &x.in, 0) == answer(c[i / 50 % 2], fresh, &x.in, 0));
		cls_scratch_free(&fresh);
	}
	cls_scratch_free(&used);
	cls_free(&c[0]);
	cls_free(&c[1]);
	free(model);
}

/* Two words of one hash, as whoever wants to hide a word would look for: neither is taken for the other. */
static void a_word_cannot_be_mistaken(void **state)
{
	(void)state;
	static const unsigned char a[32] = "ransomwarecrimes", b[32] = "trncwfwklp26a5oy";
	struct classifier *c = topics_of_rules("phrases: [{any: ransomwarecrimes, weight: 4}]\n");
	struct cls_scratch *s = cls_scratch_new();
	struct cls_result r;
	struct cls_error e;

	assert_true(cls_term_hash(a, 16) == cls_term_hash(b, 16));
	for (int turn = 0; turn < 4; turn++) {
		const char *word = (const char *)(turn % 2 ? a : b);
		struct cls_input in = { { word, 16 }, { word, 16 }, NULL };
		assert_true(cls_classify(c, s, &in, &r, &e));
		assert_int_equal(r.evidence_count, turn % 2 ? 2 : 0);
	}
	cls_scratch_free(&s);
	cls_free(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(they_are_what_they_were),
		cmocka_unit_test(what_was_read_before_does_not_matter),
		cmocka_unit_test(a_word_cannot_be_mistaken),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("classifiers/answers", tests, NULL, NULL);
}
