/* commit: finished polls on their way into the journal, and what follows from a durable entry (apply.c). Private to the engine. */
#ifndef PIPE_COMMIT_PRIV_H
#define PIPE_COMMIT_PRIV_H

#include "daemon/pipe/chain.h"
#include "daemon/pipe/engine.h"

struct poll;

struct commits {
	struct journal_group *group;
	bool in_flight;
	struct poll *queue, *queue_last; /* finished, waiting */
	struct poll *flying; /* complete in the group */
	struct poll *partial; /* head of the queue, of which the group holds a part */
	size_t queued_polls, queued_bytes, queued_findings, queued_events;
	size_t
	    queued_wishes; /* polls whose publisher asked for something: it must not be forgotten in a crash */
	int64_t queued_since; /* monotonic ms of the oldest in the queue */
	struct chains chains; /* after the last durable lines */
	struct chains next; /* after the group in flight */
	unsigned failures; /* in a row */
	int64_t pause_until; /* monotonic ms; after a failure nothing is fetched or committed before */
	struct buf line, meta, blob;
	struct buf sources; /* of a record's case, then what is remembered of its text */
};

bool commits_init(struct commits *c, struct err *e) MUST_CHECK;
void commits_fini(struct engine *x);
void commit_enqueue(struct engine *x, struct poll *p); /* takes it */
void commit_when_due(struct engine *x, int64_t now);
int64_t commit_next(const struct engine *x, int64_t now);
void commit_done(struct engine *x, const struct err *failure);

/* One record: its line and its meta into the buffers of `commits` (finding.c). */
struct finding;
void finding_write(struct engine *x, const struct poll *p, const struct finding *f);

/* What follows from a durable entry (apply.c). */
/* State only: everything that the journal has beyond it. Not while a group is in flight. */
bool apply_roll_forward(struct engine *x, uint64_t *entries, struct err *e) MUST_CHECK;
void apply_group(struct engine *x); /* the group that is durable now */
/* Inside a transaction of the state: a feed is forgotten, and its names are as if they had left its window in that second. */
bool apply_departed(struct engine *x, struct str feed, uint32_t last, struct err *e) MUST_CHECK;
bool apply_load_seen(struct engine *x, struct err *e) MUST_CHECK;
bool apply_load_cases(struct engine *x, struct err *e) MUST_CHECK;

/* What the records still tell of a state that is gone or old (rebuild.c): inside a transaction of the state. */
bool rebuild_chains(struct engine *x, struct chains *chains, struct err *e) MUST_CHECK;
/* The chain after the last line of one ledger, when it is further than *chain. */
bool rebuild_last_of(struct engine *x, const char *store, struct chain *chain, struct err *e) MUST_CHECK;
/* From the records behind `known`, the number of the last one that the state has taken in. */
bool rebuild_seen(struct engine *x, uint64_t known, struct err *e) MUST_CHECK;

/* The window in the state, in a buffer of the engine; empty: none. */
bool window_load(struct engine *x, struct str feed, struct str *window, struct err *e) MUST_CHECK;

#endif
