/*
 * The classifier: time per item of 2.5 KB (mean, median, 99th percentile of items) by rules alone and with weights, with 5,000 phrases more, with 100 topics instead of three,
 * and loading: one run, as ratios. The items are made of our own examples, several of one language in each.
 */
#include "classifiers/classify.h"
#include "daemon/base/map.h"
#include "tests/fake/labelled.h"

#include <glob.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ITEM 2500 /* bytes */
#define ITEMS_MAX 4096
#define ROUNDS 15
#define PHRASES 5000
#define TOPICS 100

struct item {
	char *title, *text;
	size_t n;
};

static struct item items[ITEMS_MAX];
static size_t item_count;
static struct str model;
static volatile double sink;

static double cpu_now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void fail(const char *what)
{
	fprintf(stderr, "bench_classify: %s\n", what);
	exit(1);
}

/* A line of examples: it fills the item that is being made, or begins the next. */
static void take(json_t *row, bool fresh)
{
	const char *title = json_string_value(json_object_get(row, "title"));
	const char *text = json_string_value(json_object_get(row, "text"));
	struct item *last = item_count > 0 ? &items[item_count - 1] : NULL;
	if (fresh || last == NULL || last->n >= ITEM) {
		if (item_count == ITEMS_MAX)
			return;
		last = &items[item_count++];
		last->title = strdup(title);
		last->text = calloc(1, 65536);
	}
	if (last->text == NULL || last->title == NULL)
		fail("out of memory");
	last->n += (size_t)snprintf(last->text + last->n, 65536 - last->n, "%s. %s\n\n", title, text);
}

/* Items of texts that have a topic, or of those that have none. */
static void load_items(bool labelled)
{
	glob_t g;
	for (size_t i = 0; i < item_count; i++) {
		free(items[i].title);
		free(items[i].text);
	}
	memset(items, 0, sizeof(items));
	item_count = 0;
	if (glob("classifiers/training/*.jsonl", 0, NULL, &g) != 0)
		fail("classifiers/training is not here: start it in the root of the tree");
	for (size_t i = 0; i < g.gl_pathc; i++) {
		FILE *f = fopen(g.gl_pathv[i], "r");
		json_t *row;
		bool fresh = true;
		while (f != NULL && (row = json_loadf(f, JSON_DISABLE_EOF_CHECK, NULL)) != NULL) {
			if ((json_array_size(json_object_get(row, "labels")) > 0) == labelled) {
				take(row, fresh);
				fresh = false;
			}
			json_decref(row);
		}
		if (f != NULL)
			fclose(f);
	}
	globfree(&g);
}

/* Releases of the corpus beside the repository, as they are. False: it is not here. */
static bool load_releases(void)
{
	struct labelled x = { 0 };
	for (size_t i = 0; i < item_count; i++) {
		free(items[i].title);
		free(items[i].text);
	}
	item_count = 0;
	if (!labelled_read_shared(&x, "doj-dev.jsonl"))
		return false;
	for (size_t i = 0; i < x.n && item_count < ITEMS_MAX; i++) {
		struct cls_input in = x.text[i].in;
		items[item_count++] = (struct item){ strdup(in.title.p), strdup(in.text.p), in.text.n };
	}
	labelled_free(&x);
	return true;
}

static void add_shipped(struct cls_builder *b)
{
	struct cls_error e;
	glob_t g;
	if (glob("classifiers/topics/*.yaml", 0, NULL, &g) != 0)
		fail("classifiers/topics is not here");
	for (size_t i = 0; i < g.gl_pathc; i++)
		if (!cls_builder_add_file(b, g.gl_pathv[i], &e))
			fail(e.text);
	globfree(&g);
}

/* A topic with so many phrases of two words that no text has, which begin as words of texts do. */
static void add_topic(struct cls_builder *b, int number, int phrases)
{
	struct cls_error e;
	size_t room = 200 + (size_t)phrases * 40, n;
	char *yaml = malloc(room), name[32];
	if (yaml == NULL)
		fail("out of memory");
	snprintf(name, sizeof(name), "topic-%d", number);
	n = (size_t)snprintf(yaml, room,
	    "topic: %s\nthresholds: {match: 0.8, review: 0.5}\nphrases:\n  - weight: 3\n    any:\n", name);
	for (int i = 0; i < phrases; i++)
		n += (size_t)snprintf(yaml + n, room - n, "      - p%dq%dx police%d\n", number, i * 7, i);
	if (!cls_builder_add(b, name, yaml, n, &e))
		fail(e.text);
	free(yaml);
}

static struct classifier *make(bool learned, int topics, int phrases)
{
	struct cls_builder *b = cls_builder_new();
	struct classifier *c;
	struct cls_error e;
	if (b == NULL)
		fail("out of memory");
	add_shipped(b);
	for (int i = 0; i < topics; i++)
		add_topic(b, i, phrases);
	if (learned && !cls_builder_model(b, "model", model.p, model.n, &e))
		fail(e.text);
	if (!cls_build(&b, &c, &e))
		fail(e.text);
	return c;
}

struct subject {
	const char *name;
	struct classifier *c;
	struct cls_scratch *s;
	double *best; /* [item]: seconds; what disturbs only adds */
};

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void ask(struct subject *x)
{
	struct cls_result r[CLS_TOPICS_MAX];
	struct cls_error e;
	for (size_t i = 0; i < item_count; i++) {
		struct cls_input in = { { items[i].title, strlen(items[i].title) },
			{ items[i].text, items[i].n }, NULL };
		double from = now(), took;
		if (!cls_classify(x->c, x->s, &in, r, &e))
			fail(e.text);
		took = now() - from;
		sink += r[0].score;
		x->best[i] = took < x->best[i] ? took : x->best[i];
	}
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

/* The items of different languages differ more than what a machine does to one of them: the percentiles are over items, each at its best. */
static void show(const struct subject *x, double first)
{
	double sum = 0;
	for (size_t i = 0; i < item_count; i++)
		sum += x->best[i];
	qsort(x->best, item_count, sizeof(*x->best), by_size);
	printf("  %-36s %6.1f us an item  %.2fx  p50 %.1f  p99 %.1f\n", x->name,
	    sum / (double)item_count * 1e6, first > 0 ? sum / first : 1, x->best[item_count / 2] * 1e6,
	    x->best[item_count * 99 / 100] * 1e6);
}

/* By turns, so that what disturbs disturbs all alike. */
static void compare(struct subject *x, size_t n, const char *what)
{
	size_t bytes = 0;
	double first = 0;
	for (size_t i = 0; i < item_count; i++)
		bytes += items[i].n;
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < item_count; k++)
			x[i].best[k] = 1e9;
	for (int round = 0; round < ROUNDS; round++)
		for (size_t i = 0; i < n; i++)
			ask(&x[i]);
	for (size_t k = 0; k < item_count; k++)
		first += x[0].best[k];
	printf("%zu items of %zu bytes %s\n", item_count, bytes / item_count, what);
	for (size_t i = 0; i < n; i++)
		show(&x[i], first);
}

/* Seconds to make a classifier from its files, the best of some. */
static double load(bool learned)
{
	double best = 1e9;
	for (int round = 0; round < ROUNDS; round++) {
		double from = cpu_now();
		struct classifier *c = make(learned, 0, 0);
		double took = cpu_now() - from;
		best = took < best ? took : best;
		cls_free(&c);
	}
	return best;
}

int main(void)
{
	struct err e = { 0 };
	if (!map_file("classifiers/topics/topics.model", CLS_MODEL_FILE_MAX, &model, &e))
		fail(e.text);
	struct subject x[] = {
		{ "three topics with weights", make(true, 0, 0), NULL, NULL },
		{ "the same by rules alone", make(false, 0, 0), NULL, NULL },
		{ "5,000 phrases more", make(true, 1, PHRASES), NULL, NULL },
		{ "100 topics", make(true, TOPICS - 3, 20), NULL, NULL },
	};
	size_t n = sizeof(x) / sizeof(*x);
	for (size_t i = 0; i < n; i++) {
		x[i].s = cls_scratch_new();
		x[i].best = calloc(ITEMS_MAX, sizeof(*x[i].best));
		if (x[i].s == NULL || x[i].best == NULL)
			fail("out of memory");
	}
	load_items(false);
	compare(x, n, "without a topic");
	load_items(true);
	compare(x, 2, "with one, and evidence for it");
	if (load_releases())
		compare(x, n, "(US federal releases)");
	else
		printf("# ../shared/corpus is not here: no releases\n");
	printf("loading: rules %.2f ms, rules and %zu bytes of weights %.2f ms\n", load(false) * 1e3, model.n,
	    load(true) * 1e3);
	for (size_t i = 0; i < n; i++) {
		cls_scratch_free(&x[i].s);
		free(x[i].best);
		cls_free(&x[i].c);
	}
	map_free(&model);
	return 0;
}
