/* wanted: the topics of a record, as its line tells them, for which an alert asks. */
#ifndef PIPE_WANTED_H
#define PIPE_WANTED_H

#include "daemon/conf/conf.h"

#include <jansson.h>

struct wanted {
	const char *name; /* of the record's */
	double score;
	bool match;
};

/* Each topic of the record that the alert asks for. When there is none the alert was raised under other rules, or by a score that the line rounds:
 * then those that the alert names, whatever their score, or else each that is no shadow. `alert` NULL: these. */
typedef void wanted_f(void *ctx, const struct wanted *w);
void wanted_each(const json_t *record, const struct conf_alert *alert, wanted_f *each, void *ctx);

#endif
