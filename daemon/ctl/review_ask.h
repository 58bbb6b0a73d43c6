/* review_ask: one question after the other on a terminal, a key for each; and what people decided as requests to the daemon. */
#ifndef CTL_REVIEW_ASK_H
#define CTL_REVIEW_ASK_H

#include "daemon/ctl/review_queue.h"

#include "daemon/base/buf.h"

struct decision {
	uint64_t record;
	const char *key; /* of the record, or NULL */
	const json_t *records; /* of the same item, or NULL */
	const char *topic; /* or NULL: every topic that the record has */
	bool confirmed;
	const char *by, *why;
};

void review_write_request(const struct decision *d, struct buf *out);

/* Asks until the queue is at its end or somebody wants no more. The exit code. */
int review_ask(struct review_queue *q, struct ctl_args *args);

#endif
