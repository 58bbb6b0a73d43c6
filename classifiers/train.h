/*
 * train: labelled examples in, a model file out (to be given to cls_builder_model). The topics' rules are one of the model's inputs, so
 * training data adds to phrases and never replaces them. Deterministic: the same topics, examples, order and seed give the same bytes.
 * One thread; nothing is printed; memory grows with the examples (about 5 kB each).
 */
#ifndef TRAIN_H
#define TRAIN_H

#include "classifiers/classify.h"

#define CLS_EXAMPLES_MAX 1000000u
#define CLS_FOLDS 5 /* of the cross-validation that chooses the numbers below */
#define CLS_POSITIVES_MIN 8 /* a topic with fewer examples keeps to its rules */

struct cls_trainer;

struct cls_example {
	struct cls_input in; /* the texts may be freed when it is added */
	const signed char *
	    labels; /* [topic of the classifier]: 1 it belongs to it, -1 it does not, 0 nobody knows. NULL: nobody looked at it; what the
	              * rules are sure of is learned from as if it were known: with few labels the words that stand beside the phrases */
	bool
	    known; /* the topics' rules were written with it in view: it is learned from, but how far rules and weights can be trusted,
	             * and the thresholds, are decided by the others */
};

/* What cross-validation says, over the examples that are not `known`; every one was judged by a model that had not seen it or its
 * near-duplicates. */
struct cls_train_topic {
	const char *name;
	size_t positives;
	bool learned; /* false: too few examples, the topic keeps to its rules */
	double rules_f1; /* of the rules alone, at the topic file's threshold */
	double f1, precision, recall; /* at `match` */
	double average_precision;
	double ece; /* expected calibration error, ten bins */
	double match, review; /* thresholds chosen */
};

/* Called now and then: done of total. Returns false to stop. */
typedef bool cls_progress_f(void *ctx, size_t done, size_t total);

/* c: the topics, without a model; must outlive the trainer. NULL when memory is short. */
struct cls_trainer *cls_trainer_new(const struct classifier *c, uint64_t seed);
void cls_trainer_free(struct cls_trainer **t);

bool cls_trainer_add(struct cls_trainer *t, const struct cls_example *x, struct cls_error *e);

/* Trains, once. report: room for one entry per topic of the classifier, or NULL. The model (model[0..n)) belongs to the trainer. */
bool cls_trainer_run(struct cls_trainer *t, cls_progress_f *progress, void *ctx,
    struct cls_train_topic *report, const unsigned char **model, size_t *n, struct cls_error *e);

/* Probability of topic i for example k by the cross-validation, after cls_trainer_run; for tables by language and source. */
double cls_trainer_score(const struct cls_trainer *t, size_t k, size_t topic);

#endif
