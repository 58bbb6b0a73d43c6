/* Any bytes as title and text, against the shipped kind of rules: evidence stays in its field, the same twice. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "classifiers/classify.h"

static const char topic[] =
    "topic: t\nthresholds: {match: 0.8, review: 0.5}\n"
    "groups: {g: {en: [scam*, fraud, no], zh: [詐騙, 電話], ru: [мошенн*], ko: 불법취업}, h: [ph*, on line, "
    "й, が]}\n"
    "phrases:\n"
    "- {any: $g, weight: 3, near: {any: $h, within: 3}}\n"
    "- {any: $g, weight: -1, near: {any: $h, within: sentence}, unless: {any: no, within: passage}}\n"
    "- {any: [$h, $g], weight: 2, in: lead, unless: {any: no scam, within: anywhere}}\n"
    "- {any: [a a a, a b, ab* b c], weight: 1, near: [{any: a, within: passage}, {any: b, within: "
    "anywhere}]}\n";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct cls_input *in, const struct cls_result *r)
{
	if (!(r->score >= 0 && r->score <= 1) || r->evidence_count > CLS_EVIDENCE_MAX)
		abort();
	for (size_t i = 0; i < r->evidence_count; i++) {
		const struct cls_evidence *e = &r->evidence[i];
		size_t n = e->field == CLS_FIELD_TITLE ? in->title.n : in->text.n;
		if (e->length == 0 || e->start >= n || e->length > n - e->start || !isfinite(e->weight))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct classifier *c;
	static struct cls_scratch *s;
	struct cls_error e;
	struct cls_result r, again;

	if (c == NULL) {
		struct cls_builder *b = cls_builder_new();
		if (!cls_builder_add(b, "fuzz", topic, sizeof topic - 1, &e) || !cls_build(&b, &c, &e))
			abort();
		s = cls_scratch_new();
	}
	if (size == 0)
		return 0;
	size_t title = data[0] % size;
	char *copy = malloc(size); /* its end is the heap's: reads too far are seen */
	memcpy(copy, data + 1, size - 1);
	struct cls_input in = { .title = { copy, title }, .text = { copy + title, size - 1 - title } };
	if (!cls_classify(c, s, &in, &r, &e))
		abort();
	check(&in, &r);
	if (!cls_classify(c, s, &in, &again, &e) || again.score != r.score)
		abort();
	free(copy);
	return 0;
}
