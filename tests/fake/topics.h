/* topics: small classifiers for tests, made from a topic file's text; what they say about an item, in short. */
#ifndef FAKE_TOPICS_H
#define FAKE_TOPICS_H

#include "classifiers/classify.h"

/* A classifier of these topic files (NULL ends them); fails the test with the file's error. */
struct classifier *topics_new(const char *first, ...);

/* The same, of one file with `topic: t`, thresholds and bias -4, in which `phrases` (lines of YAML) stand. */
struct classifier *topics_of_rules(const char *phrases);

/* The error that a file gives; e is empty when there is none. */
struct cls_error topics_error(const char *yaml);

/* Log-odds of topic 0 without its bias of -4; 0 when nothing was found. */
double topics_odds(const struct classifier *c, const char *title, const char *text);

#endif
