/*
 * How many labels a topic needs: a hundred, ten at a time, every other one of what the machine is least certain of and the others by chance, against all
 * of them. F1 of each topic on texts of the fold that was not learned from. With the shipped topics' rules, and then also what they are sure of among
 * the texts without labels; and without any phrase, from eight texts for and eight against, which count among the hundred. By uncertainty alone the
 * labels would be of hard texts only, and say little of how far rules and weights can be trusted on the others: that is shown too. The corpus beside the
 * repository and our own examples.
 */
#include "classifiers/cls_train.h"
#include "tests/fake/labelled.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LABELS 100u
#define AT_ONCE 10u
#define FIRST 8 /* of each kind, where there are no rules */
#define SEED 1u /* of what is taken by chance */

static const char *const shipped[] = { "child-online-safety", "cybercrime", "illegal-employment" };
#define SHIPPED (sizeof shipped / sizeof *shipped)

struct learner { /* one topic, one fold left out */
	const struct labelled *x;
	const unsigned char *fold;
	int out;
	size_t topic;
	bool rules;
	bool chance; /* every other label is of a text by chance */
	bool guess; /* texts without labels are learned from */
	uint64_t random;
	bool *has; /* [text]: its label is known */
	size_t labels;
	struct cls_trainer *trainer; /* owns the model */
	struct classifier *c; /* asks: with weights once there are any */
	struct cls_scratch *scratch;
};

static struct classifier *build(const struct learner *l, const unsigned char *model, size_t n)
{
	struct cls_builder *b = cls_builder_new();
	struct classifier *c = NULL;
	struct cls_error e = { 0 };
	char text[300];

	if (b == NULL)
		labelled_fail("out of memory");
	snprintf(text, sizeof text, "classifiers/topics/%s.yaml", shipped[l->topic]);
	bool good = !l->rules || cls_builder_add_file(b, text, &e);
	if (!l->rules) {
		int length = snprintf(text, sizeof text, LABELLED_BARE, shipped[l->topic]);
		good = cls_builder_add(b, "bare", text, (size_t)length, &e);
	}
	if (!good || (model != NULL && !cls_builder_model(b, "model", model, n, &e)) ||
	    !cls_build(&b, &c, &e))
		labelled_fail(e.text);
	return c;
}

static double ask(const struct learner *l, size_t text, enum cls_decision *decision)
{
	struct cls_result r;
	struct cls_error e;

	if (!cls_classify(l->c, l->scratch, &l->x->text[text].in, &r, &e))
		labelled_fail(e.text);
	*decision = r.decision;
	return r.score;
}

static double odds(double p)
{
	return log((p + 1e-9) / (1 - p + 1e-9));
}

static void take(struct learner *l, size_t text)
{
	l->has[text] = true;
	l->labels++;
}

/* From all whose labels are known, anew. */
static void learn(struct learner *l)
{
	struct classifier *alone = build(l, NULL, 0);
	struct cls_trainer *t = cls_trainer_new(alone, 1);
	const unsigned char *model;
	struct cls_error e;
	size_t n;

	if (t == NULL)
		labelled_fail("out of memory");
	for (size_t i = 0; i < l->x->n; i++) {
		struct cls_example example = { l->x->text[i].in,
			l->has[i] ? &l->x->text[i].truth[l->topic] : NULL, false };
		bool unseen = l->guess && l->fold[i] != l->out;
		if ((l->has[i] || unseen) && !cls_trainer_add(t, &example, &e))
			labelled_fail(e.text);
	}
	if (!cls_trainer_run(t, NULL, NULL, NULL, &model, &n, &e))
		labelled_fail(e.text);
	cls_free(&l->c);
	l->c = build(l, model, n);
	cls_trainer_free(&l->trainer);
	l->trainer = t;
	cls_free(&alone);
}

/* The text nearest to the threshold whose label is not known; x->n: there is none. */
static size_t nearest(const struct learner *l, const double *distance)
{
	size_t best = l->x->n;

	for (size_t i = 0; i < l->x->n; i++)
		if (l->fold[i] != l->out && !l->has[i] && (best == l->x->n || distance[i] < distance[best]))
			best = i;
	return best;
}

/* Any text whose label is not known; x->n: there is none. */
static size_t any(struct learner *l)
{
	size_t left = 0;

	for (size_t i = 0; i < l->x->n; i++)
		left += l->fold[i] != l->out && !l->has[i];
	l->random = l->random * 6364136223846793005u + 1442695040888963407u;
	left = left > 0 ? (size_t)(l->random >> 33) % left + 1 : 0;
	for (size_t i = 0; i < l->x->n; i++)
		if (l->fold[i] != l->out && !l->has[i] && --left == 0)
			return i;
	return l->x->n;
}

/* False: no text is left. */
static bool choose(struct learner *l, double *distance)
{
	enum cls_decision decision;
	double match = odds(cls_topic(l->c, 0)->match);

	for (size_t i = 0; i < l->x->n; i++)
		if (l->fold[i] != l->out && !l->has[i])
			distance[i] = fabs(odds(ask(l, i, &decision)) - match);
	for (unsigned k = 0; k < AT_ONCE && l->labels < LABELS; k++) {
		size_t i = l->chance && k % 2 > 0 ? any(l) : nearest(l, distance);
		if (i == l->x->n)
			return false;
		take(l, i);
	}
	return true;
}

/* As somebody would begin who has no phrases: with the first texts of each kind that come along. */
static void begin(struct learner *l)
{
	for (int sign = -1; sign <= 1; sign += 2)
		for (size_t k = 0, n = 0; k < l->x->n && n < FIRST; k++) {
			size_t i = k * 7919 % l->x->n;
			if (l->fold[i] == l->out || l->has[i] || l->x->text[i].truth[l->topic] != sign)
				continue;
			take(l, i);
			n++;
		}
}

struct counts {
	double hit, said, is;
};

static void judge(const struct learner *l, struct counts *c)
{
	enum cls_decision decision;

	for (size_t i = 0; i < l->x->n; i++) {
		if (l->fold[i] != l->out)
			continue;
		bool is = l->x->text[i].truth[l->topic] > 0;
		ask(l, i, &decision);
		c->hit += is && decision == CLS_MATCH;
		c->said += decision == CLS_MATCH;
		c->is += is;
	}
}

/* What the folds say together: by rules alone, with a hundred labels, with all. */
static void run_fold(struct learner *l, double *distance, struct counts by[3])
{
	memset(l->has, 0, l->x->n * sizeof *l->has);
	l->labels = 0;
	l->c = build(l, NULL, 0);
	judge(l, &by[0]);
	if (!l->rules) {
		begin(l);
		learn(l);
	}
	for (bool more = true; more && l->labels < LABELS;) {
		more = choose(l, distance);
		learn(l);
	}
	judge(l, &by[1]);
	for (size_t i = 0; i < l->x->n; i++)
		l->has[i] = l->fold[i] != l->out;
	learn(l);
	judge(l, &by[2]);
	cls_free(&l->c);
	cls_trainer_free(&l->trainer);
}

struct way {
	const char *name;
	bool rules, chance, guess;
};

static const struct way ways[] = {
	{ "rules, the least certain alone", true, false, false },
	{ "rules, and by chance", true, true, false },
	{ "rules, by chance, and unlabelled", true, true, true },
	{ "no phrases, the least certain alone", false, false, false },
	{ "no phrases, and by chance", false, true, false },
};

static void measure(const struct labelled *x, const unsigned char *fold, const struct way *way)
{
	struct learner l = { .x = x,
		.fold = fold,
		.rules = way->rules,
		.chance = way->chance,
		.guess = way->guess,
		.random = SEED,
		.has = calloc(x->n, sizeof(bool)) };
	double *distance = calloc(x->n, sizeof *distance), sum[3] = { 0 };

	l.scratch = cls_scratch_new();
	if (l.has == NULL || distance == NULL || l.scratch == NULL)
		labelled_fail("out of memory");
	for (l.topic = 0; l.topic < SHIPPED; l.topic++) {
		struct counts by[3] = { { 0 } };
		for (l.out = 0; l.out < CLS_FOLDS; l.out++)
			run_fold(&l, distance, by);
		for (int k = 0; k < 3; k++)
			sum[k] += 2 * by[k].hit / (by[k].said + by[k].is) / SHIPPED;
	}
	printf("  %-36s without labels %.3f, %u labels %.3f, all labels %.3f: %.1f %% of it\n", way->name,
	    sum[0], LABELS, sum[1], sum[2], 100 * sum[1] / sum[2]);
	cls_scratch_free(&l.scratch);
	free(distance);
	free(l.has);
}

static void show(struct labelled *x, const char *name)
{
	struct cls_example_set set;
	unsigned char *fold = malloc(x->n + 1);

	labelled_terms(&set, x);
	if (fold == NULL || !cls_examples_fold(&set, 1, fold))
		labelled_fail("out of memory");
	printf("%s: %zu texts; macro F1\n", name, x->n);
	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
		measure(x, fold, &ways[i]);
	cls_examples_fini(&set);
	free(fold);
}

int main(void)
{
	for (int set = 0; set < 2; set++) {
		struct labelled x = { 0 };
		for (size_t i = 0; i < SHIPPED; i++)
			labelled_topic(&x, shipped[i]);
		if (set == 1)
			labelled_read_own(&x);
		if (set == 1 || labelled_read_shared(&x, "doj-dev.jsonl"))
			show(&x, set == 1 ? "our own examples" : "doj-dev.jsonl");
		else
			printf("# ../shared/corpus is not here: no federal releases\n");
		labelled_free(&x);
	}
	return 0;
}
