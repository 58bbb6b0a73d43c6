/* Any bytes as a topic file: refused with a reason, or a classifier that answers its own text. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "classifiers/classify.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cls_builder *b = cls_builder_new();
	struct cls_scratch *s = cls_scratch_new();
	struct classifier *c = NULL;
	struct cls_error e = { 0 };
	struct cls_result r;

	if (b == NULL || s == NULL)
		abort();
	if (!cls_builder_add(b, "fuzz.yaml", (const char *)data, size, &e)) {
		if (e.text[0] == '\0' || strcmp(e.file, "fuzz.yaml") != 0)
			abort();
	} else if (cls_build(&b, &c, &e)) {
		struct cls_input in = { .title = { (const char *)data, size / 2 },
			.text = { (const char *)data, size } };
		if (!cls_classify(c, s, &in, &r, &e) || !(r.score >= 0 && r.score <= 1))
			abort();
		for (size_t i = 0; i < cls_test_count(c); i++)
			if (cls_test(c, i)->title.n + cls_test(c, i)->text.n == 0)
				abort();
	}
	cls_free(&c);
	cls_builder_free(&b);
	cls_scratch_free(&s);
	return 0;
}
