/* housekeep: what is done by the clock. Private to the engine. */
#ifndef PIPE_HOUSE_PRIV_H
#define PIPE_HOUSE_PRIV_H

#include "daemon/pipe/engine.h"
#include "daemon/pipe/leap.h"

#define HOUSE_TROUBLES 5

struct house {
	int64_t flush_at, sync_at, checkpoint_at, retain_at, job_at, space_at, catch_up_at, expire_at,
	    forget_at, reopen_at, jobs_again_at, settle_at; /* monotonic ms */
	uint64_t bytes_since_checkpoint;
	uint64_t applied; /* lsn that the state had when the checkpoint began */
	uint64_t pruned; /* number of the oldest record whose text is remembered in the state */
	struct forgetting_names { /* that left before that time (wall seconds) */
		bool going;
		uint32_t before;
		uint64_t from, span; /* alias that the next turn begins with; how many it goes on */
		uint64_t count; /* forgotten so far */
	} names;
	uint64_t expire_from; /* number of an item: how far its last turn got */
	bool commit_failed, store_lags, state_lags, no_space, checkpoint_failed, working;
	bool synced; /* the last turn of sync_at was taken; it passes one when other work is due */
	struct leap leap;
	uint64_t lost; /* entries of the journal; said so far */
	uint64_t expired, sacrificed; /* closed files deleted: as they were to be, and before their time */
	struct stores_job job; /* while working */
	char troubles[HOUSE_TROUBLES][200]; /* what to say of each of the five flags that is set */
};

const char *house_trouble(const struct engine *x); /* the worst there is, in words; "": none */
void house_init(struct engine *x);
void house_tick(struct engine *x, int64_t now);
int64_t house_next(const struct engine *x, int64_t now);
void house_flush(struct engine *x, int64_t now); /* stores, after a group */
/* Who is told of a record shall find it in the stores even when the power goes then and the daemon never starts again: they are synced while the script
 * starts, and a checkpoint comes soon, for what becomes of it. */
void house_alert_is_out(struct engine *x);
void house_commit_failed(struct engine *x, const struct err *why, int64_t now);
void house_commit_worked(struct engine *x);
/* Names that left before that time (wall seconds) go, a part of them at a time, while names.going. */
void house_begin_names(struct engine *x, uint32_t before);
void house_forget_names(struct engine *x);
/* Items without any name left are forgotten, a part of them at a time (forget.c). False: there are more. */
bool house_forget_items(struct engine *x);
/* Feeds that are not in force and were polled before that wall time: their names begin to grow old now. */
void house_forget_feeds(struct engine *x, int64_t before, int64_t now);
/* Texts that the memory has left behind go from the state too. */
void house_prune_cases(struct engine *x);
void house_state_failed(struct engine *x, const struct err *why);
void house_will_settle(struct engine *x); /* what lingers in the state, soon */
void house_settle(struct engine *x, int64_t now);

#endif
