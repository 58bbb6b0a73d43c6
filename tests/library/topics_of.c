/* topics_of: the whole of a program that uses the library: topic files as arguments, a text on standard input, the topics that it matches out. */
#include <classifiers/classify.h>
#include <stdio.h>

static struct cls_result result[CLS_TOPICS_MAX];
static char text[CLS_TEXT_MAX];

int main(int argc, char **argv)
{
	struct cls_builder *b = cls_builder_new();
	struct cls_scratch *s = cls_scratch_new();
	struct classifier *c = NULL;
	struct cls_error e = { .text = "out of memory" };
	struct cls_input in = { .text = { text, fread(text, 1, sizeof text, stdin) } };
	bool ok = b && s;

	for (int i = 1; ok && i < argc; i++)
		ok = cls_builder_add_file(b, argv[i], &e);
	ok = ok && cls_build(&b, &c, &e) && cls_classify(c, s, &in, result, &e);
	for (size_t i = 0; ok && i < cls_topic_count(c); i++)
		if (result[i].decision == CLS_MATCH)
			printf("%s %.4f\n", cls_topic(c, i)->name, result[i].score);
	if (!ok)
		fprintf(stderr, "%s:%d: %s\n", e.file, e.line, e.text);
	cls_builder_free(&b);
	cls_scratch_free(&s);
	cls_free(&c);
	return !ok;
}
