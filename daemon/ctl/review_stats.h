/* review_stats: how right the topics were, by what people decided about their records: by topic, language and feed. */
#ifndef CTL_REVIEW_STATS_H
#define CTL_REVIEW_STATS_H

#include "daemon/ctl/command.h"

/* The exit code of the command. */
int review_stats(struct ctl_args *args);

#endif
