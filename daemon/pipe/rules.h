/* rules: which alerts ask for which items and events. Pure: configuration and classification in, names out. */
#ifndef PIPE_RULES_H
#define PIPE_RULES_H

#include "daemon/conf/conf.h"
#include "daemon/pipe/job.h"

/* Names of the alerts that an item of this feed is owed, joined by '\n', appended. */
void rules_owed(const struct conf *conf, const struct classifier *c, const char *feed,
    const struct job_item *item, struct buf *out);

/* Likewise for an event of this kind. */
void rules_owed_event(const struct conf *conf, const char *kind, const char *feed, struct buf *out);

bool rules_want_items(const struct conf_alert *a); /* not events alone */
bool rules_want_feed(const struct conf_alert *a, const char *feed);
bool rules_want_topic(const struct conf_alert *a, const char *topic, double score, bool match);

const struct conf_alert *rules_find(const struct conf *conf, struct str name); /* NULL: none */

#endif
