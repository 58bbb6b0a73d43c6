/*
 * requests: what people ask of the running daemon, one file each in its state folder. Private to the engine.
 * Taken one at a time, in order of their names; done through state or journal; then the file goes. The name of the last one is remembered in the
 * same transaction that does it, so that one which is met again after a crash is not done twice. What cannot be read is moved aside.
 */
#ifndef PIPE_REQUESTS_PRIV_H
#define PIPE_REQUESTS_PRIV_H

#include "daemon/pipe/chain.h"
#include "daemon/pipe/engine.h"
#include "daemon/pipe/review.h"

#include <jansson.h>

#define REQUEST_NAME_MAX 100 /* bytes of a file's name */
#define REQUEST_PATH_MAX 4096 /* bytes */
#define LEFTOVERS_MAX 32u /* files that cannot be taken away before no more is taken */

struct leftover {
	char name[REQUEST_NAME_MAX + 1];
	bool refused; /* else it was done */
};

struct requests {
	struct chain reviews,
	    next_reviews; /* of the ledger, after its last durable line and after the group in flight */
	int64_t look_at; /* monotonic ms */
	char name[REQUEST_NAME_MAX + 1]; /* of the one that waits for the journal; "": none */
	struct review *review; /* what it says */
	json_t *replay; /* or what it asks for, without what is there already; its strings are its own */
	bool in_group; /* its lines are in the group in flight */
	char away[REQUEST_NAME_MAX + 1]; /* the last one looked at since the daemon ends; names only grow */
	bool unsafe; /* the folder is open to everybody; it was said */
	struct leftover left[LEFTOVERS_MAX];
	unsigned left_count;
	int64_t left_at; /* monotonic ms; when to try to take them away again */
	uint64_t done, refused;
};

void requests_free(struct engine *x);
void requests_tick(struct engine *x, int64_t now);
int64_t requests_next(const struct engine *x, int64_t now);

/* Reviews are lines of a ledger, and go through the journal (reviews.c). */
bool reviews_load(struct engine *x, struct err *e) MUST_CHECK;
bool reviews_rebuild(struct engine *x, struct err *e) MUST_CHECK; /* in a transaction of the state */
/* Inside the transaction that applies it. */
bool reviews_apply(struct engine *x, const struct journal_entry *entry, struct err *e) MUST_CHECK;
bool reviews_owe(const struct engine *x);
bool reviews_add(struct engine *x, struct err *e) MUST_CHECK; /* to the group that is being made */
void reviews_done(struct engine *x, bool durable);

/* Replays are lines of `items` (replays.c). NULL: taken, done or put off; else why it is refused. */
const char *replays_take(struct engine *x, const char *name, json_t *request);
/* Inside the transaction that applies it, or that makes a state again. */
bool replays_remember(struct engine *x, uint64_t seq, struct str topic, struct err *e) MUST_CHECK;
/* After retention: that of records which are not kept any more is forgotten. */
void replays_prune(struct engine *x);
bool replays_owe(const struct engine *x);
bool replays_add(struct engine *x, struct err *e) MUST_CHECK;
void replays_done(struct engine *x, bool durable);
void replays_free(struct engine *x);

/* An alert is told of what its topic matched then (told.c). Why it is not; NULL: it may be. */
const char *told_refusal(const struct engine *x, const json_t *request);
bool told_owe(
    struct engine *x, const json_t *request, struct err *e) MUST_CHECK; /* in a transaction of the state */

/* A request that was done: inside the transaction that does it. */
bool requests_remember(struct engine *x, struct str name, struct err *e) MUST_CHECK;
void requests_finish(struct engine *x, const char *name); /* the file goes */
/* *request NULL: it is no JSON. False: it cannot be read; when that is the want of a moment, and nobody's fault, it is looked at again. */
bool request_read(struct engine *x, const char *name, json_t **request, struct err *e) MUST_CHECK;
bool request_waits(const struct err *e);
bool requests_path(const struct engine *x, const char *name, const char *suffix, char path[REQUEST_PATH_MAX]);

/* Files that stay (leftover.c). */
void leftover_take(struct engine *x, const char *name, bool refused); /* away or aside, or it is left over */
bool leftover_has(const struct engine *x, const char *name);
bool leftover_tick(struct engine *x, int64_t now); /* false: there are too many, nothing more is taken */
/* Before a crash, and the file still there? */
bool leftover_was_done(struct engine *x, const char *name, bool *done, struct err *e) MUST_CHECK;
void leftover_prune(struct engine *x, int64_t today); /* of the refused ones those that are old */

#endif
