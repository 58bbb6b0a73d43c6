/* draft: entries while they are read, or printed: with what a snapshot does not need, or has elsewhere. Their rows fit. */
#ifndef CONF_DRAFT_PRIV_H
#define CONF_DRAFT_PRIV_H

#include "daemon/conf/conf.h"
#include "daemon/conf/report_priv.h"

struct conf_alert_draft { /* `alert` is first */
	struct conf_alert alert;
	bool enabled;
	const char *folder; /* of its file */
	struct conf_place exec_at;
};

struct conf_feed_draft { /* `feed` is first */
	struct conf_feed feed; /* without its `fetch` */
	struct conf_fetch fetch;
};

#endif
