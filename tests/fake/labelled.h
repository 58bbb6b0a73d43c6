/* labelled: texts with labels, for benches of the learner: read from files of the corpus' format, topics made of their labels. What fails ends the program. */
#ifndef FAKE_LABELLED_H
#define FAKE_LABELLED_H

#include "classifiers/cls_train.h"

#define LABELLED_TOPICS_MAX 32

struct labelled_text {
	struct cls_input in;
	signed char truth[LABELLED_TOPICS_MAX]; /* 1, -1 */
};

struct labelled {
	struct labelled_text *text;
	size_t n, capacity;
	char *topic[LABELLED_TOPICS_MAX];
	size_t topics;
};

_Noreturn void labelled_fail(const char *what);

/* A label that texts may have; before the texts are read. Other labels of theirs say nothing. */
void labelled_topic(struct labelled *x, const char *name);

/* Adds the texts of a file. False: there is no such file. */
bool labelled_read(struct labelled *x, const char *path);
/* Of the corpus beside the repository ($SHARED or ../shared). False: it is not here. */
bool labelled_read_shared(struct labelled *x, const char *name);
/* Our own examples; the program was started in the root of the tree. */
void labelled_read_own(struct labelled *x);
void labelled_free(struct labelled *x);

/* A topic file without any phrase that a text has; %s: its name. */
#define LABELLED_BARE                                                                                        \
	"topic: %s\nthresholds: {match: 0.8, review: 0.5}\nphrases: [{any: qqzzxqq, weight: 1}]\n"

/* Such topics. */
struct classifier *labelled_bare(const struct labelled *x);
void labelled_learn(struct cls_trainer *t, const struct labelled *x, size_t i);

/* The terms of all texts, as the trainer takes them. */
void labelled_terms(struct cls_example_set *set, const struct labelled *x);

#endif
