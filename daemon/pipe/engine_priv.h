/*
 * engine's inside, shared by its files only. Each file is one chapter of a poll's life:
 * roster.c (which feeds there are, when each is due), poll.c (fetch and answer), commit.c (groups), apply.c (what follows from a durable entry),
 * alerts.c (deliveries), housekeep.c (what is done by the clock), status.c (what is told). engine.c ties them together.
 */
#ifndef PIPE_ENGINE_PRIV_H
#define PIPE_ENGINE_PRIV_H

#include "daemon/base/log.h"
#include "daemon/pipe/chain.h"
#include "daemon/pipe/engine.h"
#include "daemon/pipe/entry.h"
#include "daemon/pipe/feedstate.h"
#include "daemon/pipe/heap.h"
#include "daemon/pipe/hosts.h"
#include "daemon/pipe/reaction.h"
#include "daemon/pipe/seen.h"
#include "daemon/pipe/slots.h"

struct feed { /* one per configured feed; idle ones cost this and their validators */
	struct heap_node due; /* monotonic ms; in no heap while it waits at its host or is polled */
	struct host_turn turn;
	struct host *host;
	const struct conf_feed *conf; /* in the snapshot in force; NULL: it left, and ends with its poll */
	struct poll *poll;
	struct feedstate state;
	bool in_round; /* `-1`: still to be polled */
	bool is_new; /* not loaded and scheduled yet */
};

struct roster {
	struct feed **feeds; /* in the order of the configuration */
	size_t count;
	uint32_t *by_name; /* places in feeds from 1, open addressing by the name's hash */
	size_t mask;
};

struct finding { /* a new item and what follows from it */
	const struct job_item *item;
	struct str routes; /* joined by '\n' */
	struct str alerts; /* joined by '\n' */
};

enum poll_phase { POLL_FETCHING, POLL_PARSING, POLL_QUEUED, POLL_COMMITTING };

struct poll { /* from the request until its line is durable */
	uint64_t id;
	enum poll_phase phase;
	struct feed *feed;
	struct conf *conf; /* held: its strings are the request's */
	const struct conf_feed *feed_conf;
	struct host *host; /* shared; in flight there while fetching */
	struct poll *next; /* in the queue or in the group */
	bool sent_validators, recovered, incomplete, first;
	int64_t started; /* monotonic ms */
	int64_t at; /* wall ms: when the answer came */
	int64_t elapsed;
	uint64_t bytes;
	int64_t retry_after, fresh_for; /* ms */
	char *url; /* after redirects, or NULL */
	char *etag, *last_modified; /* the answer's; kept when its document is complete and durable */
	uint64_t body; /* its hash */
	struct err error;
	enum reaction reaction;
	int64_t delay; /* ms until the next poll */
	struct feedstate after; /* what will be remembered */
	struct buf window; /* encoded, when it changed */
	struct arena *arena; /* the findings; NULL: none */
	struct buf frame; /* what they point into */
	struct finding *findings; /* newest first, as in the document */
	size_t finding_count, written; /* written: from the end, already in a group */
	uint64_t items, overlap, matches;
};

struct commits {
	struct journal_group *group;
	bool in_flight;
	struct poll *queue, *queue_last; /* finished, waiting */
	struct poll *flying; /* complete in the group */
	struct poll *partial; /* head of the queue, of which the group holds a part */
	size_t queued_polls, queued_bytes, queued_findings;
	int64_t queued_since; /* monotonic ms of the oldest in the queue */
	struct chain items, polls, letters; /* after the last durable line */
	struct chain next_items, next_polls, next_letters; /* after the group in flight */
	unsigned failures; /* in a row */
	int64_t pause_until; /* monotonic ms; after a failure nothing is fetched or committed before */
	struct buf line, meta, blob;
};

struct delivery;

struct alerts {
	struct slots slots; /* of struct delivery: running, settling, or waiting for their letter */
	unsigned running;
	bool letters_in_flight;
	int64_t next_due; /* wall ms of the earliest that is not running; INT64_MAX: none */
	uint64_t pending, dead, done;
};

struct house {
	int64_t flush_at, checkpoint_at, retain_at, compress_at, space_at, catch_up_at, expire_at,
	    reopen_at; /* monotonic ms */
	uint64_t bytes_since_checkpoint;
	bool store_lags, state_lags, no_space, checkpoint_failed, compressing;
	char trouble[200];
};

struct engine {
	struct engine_parts parts; /* conf and classifier as in force */
	const struct ports *ports;
	struct conf *conf; /* held */
	struct roster roster;
	struct heap due;
	struct hosts *hosts;
	struct seen *seen;
	struct slots polls;
	unsigned fetching, parsing;
	struct commits commits;
	struct alerts alerts;
	struct house house;
	struct buf scratch, window_scratch;
	char *window_text; /* WINDOW_MAX bytes, for state_get */
	int64_t started_at; /* wall ms */
	uint64_t polled, unchanged, failed, items, items_new, matches;
	bool draining, round;
	size_t round_left;
	unsigned round_failed;
};

static inline int64_t mono(const struct engine *x)
{
	return clock_mono(x->ports->clock);
}

static inline int64_t wall(const struct engine *x)
{
	return clock_wall(x->ports->clock);
}

static inline struct str feed_name(const struct conf_feed *c)
{
	return str_from(c->name);
}

/* roster.c */
bool roster_load(struct engine *x, struct err *e) MUST_CHECK;
bool roster_reload(struct engine *x, const struct conf *conf, struct err *e) MUST_CHECK;
void roster_free(struct engine *x);
struct feed *roster_find(const struct engine *x, struct str name); /* NULL: none */
/* From now on, in ms. */
void feed_schedule(struct engine *x, struct feed *f, int64_t delay);
void feed_free(struct engine *x, struct feed **f);
void roster_start_round(struct engine *x);

/* poll.c */
bool poll_may_start(const struct engine *x);
void poll_start(struct engine *x, struct feed *f);
void poll_free(struct engine *x, struct poll **p);
void polls_cancel(struct engine *x); /* all that are in flight, at the end */

/* apply.c. window_load: the window in the state, in a buffer of the engine; false: none. */
bool window_load(struct engine *x, struct str feed, struct str *window);

/* absorb.c: a decoded answer -> findings, window, what will be remembered. False: memory; the poll is as before. */
bool absorb(struct engine *x, struct poll *p, struct str frame, struct err *e) MUST_CHECK;

/* commit.c */
bool commits_init(struct commits *c, struct err *e) MUST_CHECK;
void commits_fini(struct engine *x);
void commit_enqueue(struct engine *x, struct poll *p); /* takes it */
void commit_when_due(struct engine *x, int64_t now);
int64_t commit_next(const struct engine *x, int64_t now);
void commit_done(struct engine *x, const struct err *failure);

/* apply.c */
/* State only: everything that the journal has beyond it. Not while a group is in flight. */
bool apply_roll_forward(struct engine *x, uint64_t *entries, struct err *e) MUST_CHECK;
void apply_group(struct engine *x); /* the group that is durable now */
bool apply_load_seen(struct engine *x, struct err *e) MUST_CHECK;

/* alerts.c */
bool alerts_load(struct engine *x, struct err *e) MUST_CHECK;
void alerts_free(struct engine *x);
void alerts_tick(struct engine *x);
int64_t alerts_next(const struct engine *x, int64_t now);
bool alerts_owe_letters(const struct engine *x);
bool alerts_add_letters(struct engine *x, struct err *e) MUST_CHECK; /* to the group that is being made */
void alerts_letters_done(struct engine *x, bool durable);
bool alerts_settled(const struct engine *x); /* nothing running, nothing due */

/* housekeep.c */
void house_init(struct engine *x);
void house_tick(struct engine *x, int64_t now);
int64_t house_next(const struct engine *x, int64_t now);
void house_flush(struct engine *x, int64_t now); /* stores, after a group */
void house_state_failed(struct engine *x, const struct err *why);

#endif
