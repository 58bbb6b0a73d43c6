/* told: what a record of the past was matched by, and which an alert is told of when it is asked to be. Any thread. */
#ifndef PIPE_TOLD_H
#define PIPE_TOLD_H

#include "daemon/conf/conf.h"

#include <jansson.h>

/* Of the record's topics this one, when it matched and is no shadow; or NULL. */
const json_t *told_matched(const json_t *record, struct str topic);

/* Of this feed, and matched by the topic when it came, with a score that the alert asks for. */
bool told_is_wanted(const struct conf_alert *a, const json_t *record, struct str topic);

#endif
