/* labelled: reading texts with labels. */
#include "tests/fake/labelled.h"

#include <glob.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Noreturn void labelled_fail(const char *what)
{
	fprintf(stderr, "labelled texts: %s\n", what);
	exit(1);
}

static char *copy(const char *text)
{
	char *made = strdup(text != NULL ? text : "");

	if (made == NULL)
		labelled_fail("out of memory");
	return made;
}

void labelled_topic(struct labelled *x, const char *name)
{
	if (x->topics == LABELLED_TOPICS_MAX)
		labelled_fail("too many labels");
	x->topic[x->topics++] = copy(name);
}

static struct cls_text text_of(const json_t *row, const char *member)
{
	char *text = copy(json_string_value(json_object_get(row, member)));

	return (struct cls_text){ text, strlen(text) };
}

static void take(struct labelled *x, const json_t *row)
{
	struct labelled_text *t;
	const json_t *label;
	size_t i;

	if (x->n == x->capacity) {
		x->capacity = 2 * x->capacity + 1000;
		t = realloc(x->text, x->capacity * sizeof *t);
		if (t == NULL)
			labelled_fail("out of memory");
		x->text = t;
	}
	t = &x->text[x->n++];
	t->in = (struct cls_input){ text_of(row, "title"), text_of(row, "text"), NULL };
	memset(t->truth, -1, sizeof t->truth);
	json_array_foreach(json_object_get(row, "labels"), i,
	    label) for (size_t k = 0; k < x->topics;
	                k++) if (strcmp(x->topic[k], json_string_value(label)) == 0) t->truth[k] = 1;
}

bool labelled_read(struct labelled *x, const char *path)
{
	FILE *f = fopen(path, "r");
	json_t *row;

	while (f != NULL && (row = json_loadf(f, JSON_DISABLE_EOF_CHECK, NULL)) != NULL) {
		take(x, row);
		json_decref(row);
	}
	return f != NULL && fclose(f) == 0;
}

bool labelled_read_shared(struct labelled *x, const char *name)
{
	const char *folder = getenv("SHARED");
	char path[4096];

	snprintf(path, sizeof path, "%s/corpus/%s", folder != NULL ? folder : "../shared", name);
	return labelled_read(x, path);
}

void labelled_read_own(struct labelled *x)
{
	glob_t g;

	if (glob("classifiers/training/*.jsonl", 0, NULL, &g) != 0)
		labelled_fail("classifiers/training is not here: start it in the root of the tree");
	for (size_t i = 0; i < g.gl_pathc; i++)
		if (!labelled_read(x, g.gl_pathv[i]))
			labelled_fail(g.gl_pathv[i]);
	globfree(&g);
}

void labelled_free(struct labelled *x)
{
	for (size_t i = 0; i < x->n; i++) {
		free((void *)(uintptr_t)x->text[i].in.title.p);
		free((void *)(uintptr_t)x->text[i].in.text.p);
	}
	for (size_t i = 0; i < x->topics; i++)
		free(x->topic[i]);
	free(x->text);
	memset(x, 0, sizeof *x);
}

struct classifier *labelled_bare(const struct labelled *x)
{
	struct cls_builder *b = cls_builder_new();
	struct classifier *c = NULL;
	struct cls_error e;
	char yaml[400];

	if (b == NULL)
		labelled_fail("out of memory");
	for (size_t i = 0; i < x->topics; i++) {
		int n = snprintf(yaml, sizeof yaml, LABELLED_BARE, x->topic[i]);
		if (!cls_builder_add(b, x->topic[i], yaml, (size_t)n, &e))
			labelled_fail(e.text);
	}
	if (!cls_build(&b, &c, &e))
		labelled_fail(e.text);
	return c;
}

void labelled_learn(struct cls_trainer *t, const struct labelled *x, size_t i)
{
	struct cls_example example = { x->text[i].in, x->text[i].truth, false };
	struct cls_error e;

	if (!cls_trainer_add(t, &example, &e))
		labelled_fail(e.text);
}

static void take_tokens(struct cls_example_set *set, enum cls_field field, struct cls_text text)
{
	struct cls_tokenizer tokenizer;
	struct cls_tokens t;

	cls_tokenizer_init(&tokenizer, text.p, text.n, 0);
	while (cls_tokenizer_next(&tokenizer, &t))
		cls_examples_tokens(set, field, &t);
}

void labelled_terms(struct cls_example_set *set, const struct labelled *x)
{
	bool good = cls_examples_open(set);

	for (size_t i = 0; i < x->n; i++) {
		if (!good || !cls_examples_begin(set))
			labelled_fail("out of memory");
		take_tokens(set, CLS_FIELD_TITLE, x->text[i].in.title);
		take_tokens(set, CLS_FIELD_TEXT, x->text[i].in.text);
		cls_examples_end(set);
	}
}
