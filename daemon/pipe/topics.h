/* topics: the topic files of a configuration -> one classifier. */
#ifndef PIPE_TOPICS_H
#define PIPE_TOPICS_H

#include "classifiers/classify.h"
#include "daemon/conf/conf.h"

/* Compiles all topics; every complaint goes to `report`, also an alert that names a topic that is not there. NULL after at least one. */
struct classifier *topics_compile(const struct conf *conf, conf_report_f *report, void *ctx) MUST_CHECK;

#endif
