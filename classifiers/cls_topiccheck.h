/* cls_topiccheck: what can be wrong in a topic file beyond its form: numbers, missing keys, contradictory rules. */
#ifndef CLS_TOPICCHECK_H
#define CLS_TOPICCHECK_H

#include "classifiers/cls_topicfile.h"

/* A decimal number, whatever the locale: sign, digits, full stop, digits. False: not one. */
bool cls_number(const char *text, double *v);

bool cls_check_range(
    const char *file, const struct cls_node *n, double v, double min, double max, struct cls_error *e);

/* Required keys are there; no two rules say the same or contradict each other. */
bool cls_check_topic(const struct cls_topic_def *t, struct cls_error *e);

#endif
