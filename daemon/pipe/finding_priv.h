/* finding: what a poll found that is to be recorded. Private to the engine. */
#ifndef PIPE_FINDING_PRIV_H
#define PIPE_FINDING_PRIV_H

#include "daemon/pipe/entry.h"
#include "daemon/pipe/job.h"
#include "daemon/pipe/remembered.h"

struct finding { /* a record that is due and what follows from it */
	enum record_kind kind;
	const struct job_item *item; /* NULL: it is not listed any more */
	struct str routes; /* joined by '\n' */
	struct str alerts; /* joined by '\n' */
	/* Of a new item: what is remembered with this record, but its case. Made with the classifier that gave it its topics: before its line is
	 * written a reload may have brought another. */
	const struct remembered *first;
	/* Of an item that is known: */
	uint64_t number;
	const struct remembered
	    *known; /* what is remembered with this record; its seq is still that of the record before */
	uint32_t changed; /* bits of its members */
	bool changed_known;
	uint64_t grown; /* hash of the topics that came with it; 0: it has its item's key for alerts */
};

#endif
