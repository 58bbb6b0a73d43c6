/* topics: the topic files of a configuration -> one classifier, and the names of the stores that follow from it. */
#ifndef PIPE_TOPICS_H
#define PIPE_TOPICS_H

#include "classifiers/classify.h"
#include "daemon/conf/conf.h"

#define STORE_ITEMS "items"
#define STORE_POLLS "polls"
#define STORE_DEAD_LETTERS "dead-letters"

/* Compiles all topics; every complaint goes to `report`, also an alert that names a topic that is not there. NULL after at least one. */
struct classifier *topics_compile(const struct conf *conf, conf_report_f *report, void *ctx) MUST_CHECK;

/* Fills names with our own stores and one per topic (at most CLS_TOPICS_MAX + 3; strings live as long as the classifier). */
#define TOPICS_STORES_MAX (CLS_TOPICS_MAX + 3)
size_t topics_store_names(const struct classifier *c, const char *names[TOPICS_STORES_MAX]);

#endif
