/* classify_priv: what a classifier and a scratch are made of; shared by building and asking. */
#ifndef CLASSIFY_PRIV_H
#define CLASSIFY_PRIV_H

#include "classifiers/classify.h"
#include "classifiers/cls_memo.h"
#include "classifiers/cls_rules.h"

struct cls_score_topic { /* beside struct cls_topic */
	double bias, late;
	int learned; /* its place in the model, or -1: rules alone */
};

struct classifier { /* const after cls_build */
	struct cls_arena arena; /* of the compiled parts */
	struct cls_topic_def *defs; /* own names, texts and tests */
	struct cls_topic *topic;
	struct cls_score_topic *score;
	struct cls_test *test;
	size_t topics, tests;
	struct cls_phrases phrases;
	struct cls_rules rules;
	struct cls_model model;
	bool has_model;
	uint64_t hash; /* over everything that can change an answer */
	char id[17]; /* the same for people */
};

struct cls_scratch {
	struct cls_tokens tokens;
	struct cls_seen seen[CLS_BLOCK]; /* of the tokens */
	struct cls_memo memo;
	struct cls_matcher matcher;
	struct cls_evaluation evaluation;
	struct cls_model_sums sums;
	double *x; /* [passage]: log-odds of one topic */
	struct cls_evidence *evidence; /* [topic][CLS_EVIDENCE_MAX] */
	size_t x_capacity, evidence_capacity;
};

#endif
