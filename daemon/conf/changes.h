/* changes: what a configuration has that another had not, for whoever wants to know what a reload did. Pure. */
#ifndef CONF_CHANGES_H
#define CONF_CHANGES_H

#include "daemon/base/buf.h"
#include "daemon/conf/conf.h"

enum conf_changed { CONF_CHANGED_FEEDS, CONF_CHANGED_TOPICS, CONF_CHANGED_ALERTS, CONF_CHANGED_KINDS };
extern const char *const conf_changed_names[CONF_CHANGED_KINDS]; /* of one: "feed", ... */

struct conf_changes {
	struct conf_change {
		uint64_t added, removed, changed;
	} of[CONF_CHANGED_KINDS];
	bool settings; /* anything else */
};

/* Feeds that are switched off count as not being there. False: memory. */
bool conf_compare(const struct conf *old, const struct conf *new, struct conf_changes *out, struct err *e);

/* "+3 feeds, -1 alert, ~1 topic, other settings"; nothing changed: "nothing changed". */
void conf_changes_tell(const struct conf_changes *c, struct buf *out);

#endif
