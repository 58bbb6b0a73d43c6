/* cls_build: topic files are collected, then compiled into one const classifier. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "classifiers/classify_priv.h"
#include "classifiers/cls_fold.h"

#define ENGINE_VERSION 2u /* changes whenever the code, with the same topics, would answer otherwise */

struct cls_builder {
	struct cls_topic_def *defs; /* in order of name */
	size_t count;
	struct cls_model model;
	bool has_model;
};

struct cls_builder *cls_builder_new(void)
{
	return calloc(1, sizeof(struct cls_builder));
}

static void free_defs(struct cls_topic_def **defs)
{
	while (*defs != NULL) {
		struct cls_topic_def *t = *defs;
		*defs = t->next;
		cls_topic_def_free(&t);
	}
}

void cls_builder_free(struct cls_builder **b)
{
	if (*b == NULL)
		return;
	free_defs(&(*b)->defs);
	free(*b);
	*b = NULL;
}

bool cls_builder_add(struct cls_builder *b, const char *name, const char *yaml, size_t n, struct cls_error *e)
{
	struct cls_topic_def *t, **at = &b->defs;

	if (b->count == CLS_TOPICS_MAX)
		return cls_fail(e, name, 0, "more than %d topics", CLS_TOPICS_MAX);
	t = cls_topic_parse(name, yaml, n, e);
	if (t == NULL)
		return false;
	while (*at != NULL && strcmp((*at)->head.name, t->head.name) < 0)
		at = &(*at)->next;
	if (*at != NULL && strcmp((*at)->head.name, t->head.name) == 0) {
		cls_fail(e, name, 0, "the topic '%s' is already in %s", t->head.name, (*at)->file);
		cls_topic_def_free(&t);
		return false;
	}
	t->next = *at;
	*at = t;
	b->count++;
	return true;
}

bool cls_builder_add_file(struct cls_builder *b, const char *path, struct cls_error *e)
{
	size_t capacity = 0, n = 0, got;
	char *text = NULL;
	FILE *f = fopen(path, "rb");
	bool ok = false;

	if (f == NULL)
		return cls_fail(e, path, 0, "cannot be opened");
	do {
		if (!cls_grow((void **)&text, &capacity, n + 65536, 1)) {
			cls_fail_memory(e);
			goto out;
		}
		got = fread(text + n, 1, capacity - n, f);
		n += got;
	} while (got > 0 && n <= CLS_TOPIC_FILE_MAX);
	if (ferror(f))
		cls_fail(e, path, 0, "cannot be read");
	else
		ok = cls_builder_add(b, path, text, n, e);
out:
	fclose(f);
	free(text);
	return ok;
}

bool cls_builder_model(
    struct cls_builder *b, const char *name, const void *bytes, size_t n, struct cls_error *e)
{
	struct cls_model m;

	if (!cls_model_open(&m, name, bytes, n, e))
		return false;
	b->model = m;
	b->has_model = true;
	return true;
}

struct keys { /* of all topics, each once; on the heap while they are collected */
	struct cls_key **key;
	size_t n, capacity;
};

/* A group's keys come with each rule that uses it: those that were taken have a number. */
static bool add_words(struct keys *k, const struct cls_words *w)
{
	if (!cls_grow((void **)&k->key, &k->capacity, k->n + w->n, sizeof(struct cls_key *)))
		return false;
	for (size_t i = 0; i < w->n; i++) {
		if (w->key[i]->phrase != CLS_PHRASE_NONE)
			continue;
		w->key[i]->phrase = 0;
		k->key[k->n++] = w->key[i];
	}
	return true;
}

static bool add_rule(struct keys *k, const struct cls_rule_def *d)
{
	bool ok = add_words(k, &d->any);

	for (size_t i = 0; ok && i < d->near_count; i++)
		ok = add_words(k, &d->near[i].any);
	for (size_t i = 0; ok && i < d->unless_count; i++)
		ok = add_words(k, &d->unless[i].any);
	return ok;
}

static bool make_phrases(struct classifier *c)
{
	struct keys k = { 0 };
	bool ok = true;

	for (const struct cls_topic_def *t = c->defs; ok && t != NULL; t = t->next)
		for (const struct cls_rule_def *d = t->rules; ok && d != NULL; d = d->next)
			ok = add_rule(&k, d);
	ok = ok && cls_phrases_build(&c->phrases, &c->arena, k.key, k.n);
	free(k.key);
	return ok;
}

static bool make_tests(struct classifier *c)
{
	size_t total = 0;

	for (const struct cls_topic_def *t = c->defs; t != NULL; t = t->next)
		total += t->test_count;
	c->test = cls_arena_new(&c->arena, total + 1, sizeof *c->test);
	if (c->test == NULL)
		return false;
	for (const struct cls_topic_def *t = c->defs; t != NULL; t = t->next)
		for (const struct cls_test_def *d = t->tests; d != NULL; d = d->next) {
			c->test[c->tests] = d->test;
			c->test[c->tests++].topic = t->head.name;
		}
	return true;
}

static void make_id(struct classifier *c)
{
	uint64_t h = ENGINE_VERSION << 16 | CLS_FOLD_VERSION;

	for (const struct cls_topic_def *t = c->defs; t != NULL; t = t->next)
		h = XXH3_64bits_withSeed(&t->hash, sizeof t->hash, h);
	if (c->has_model)
		h = XXH3_64bits_withSeed(&c->model.head->checksum, sizeof c->model.head->checksum, h);
	c->hash = h;
	snprintf(c->id, sizeof c->id, "%016" PRIx64, h);
}

static void apply_model(struct classifier *c, size_t topic)
{
	for (uint32_t i = 0; i < c->model.head->topics; i++) {
		const struct cls_model_topic *t = &c->model.topic[i];
		if (t->learned == 0 || strcmp(t->name, c->topic[topic].name) != 0)
			continue;
		c->score[topic].learned = (int)i;
		c->topic[topic].match = t->match;
		c->topic[topic].review = t->review;
	}
}

static bool make(struct classifier *c, size_t topics)
{
	c->topic = cls_arena_new(&c->arena, topics + 1, sizeof *c->topic);
	c->score = cls_arena_new(&c->arena, topics + 1, sizeof *c->score);
	if (c->topic == NULL || c->score == NULL)
		return false;
	for (const struct cls_topic_def *t = c->defs; t != NULL; t = t->next) {
		c->topic[c->topics] = t->head;
		c->score[c->topics] = (struct cls_score_topic){ t->bias, t->late, -1 };
		if (c->has_model)
			apply_model(c, c->topics);
		c->topics++;
	}
	make_id(c);
	return make_tests(c) && make_phrases(c) &&
	       cls_rules_build(&c->rules, &c->arena, &c->phrases, c->defs);
}

bool cls_build(struct cls_builder **b, struct classifier **out, struct cls_error *e)
{
	struct classifier *c = calloc(1, sizeof *c);
	bool ok = c != NULL;

	*out = NULL;
	if (ok) {
		c->defs = (*b)->defs;
		(*b)->defs = NULL;
		c->model = (*b)->model;
		c->has_model = (*b)->has_model;
		ok = make(c, (*b)->count);
	}
	cls_builder_free(b);
	if (!ok) {
		cls_free(&c);
		return cls_fail_memory(e);
	}
	*out = c;
	return true;
}

void cls_free(struct classifier **c)
{
	if (*c == NULL)
		return;
	cls_arena_fini(&(*c)->arena);
	free_defs(&(*c)->defs);
	free(*c);
	*c = NULL;
}
