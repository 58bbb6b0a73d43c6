/*
 * state_delivery: the outbox: one row per delivery that is owed, running, done or given up, and the history of tries. Part of the state: the same
 * transactions, the same thread. Which row becomes what is decided elsewhere.
 */
#ifndef STORE_STATE_DELIVERY_H
#define STORE_STATE_DELIVERY_H

#include "daemon/store/state.h"

enum state_delivery_status {
	DELIVERY_PENDING, /* waits until it is due */
	DELIVERY_DONE,
	DELIVERY_DEAD,
	DELIVERY_STARTED, /* runs; at the next start it was cut short */
	DELIVERY_GATHERED, /* waits for the delivery that takes all of them together; due: when */
	DELIVERY_JOINED, /* went into that one; its error names it */
	DELIVERY_HELD, /* waits for a person; due: until when */
	DELIVERY_REJECTED, /* by a person; due: when */
	DELIVERY_STATUSES
};
extern const char *const state_delivery_names[DELIVERY_STATUSES];

enum state_delivery_kind {
	DELIVERY_OF_RECORD,
	DELIVERY_OF_DIGEST, /* the records of a period */
	DELIVERY_OF_BURST, /* the records of a burst */
	DELIVERY_OF_TEST,
	DELIVERY_KINDS
};

struct state_delivery {
	int64_t id; /* the row; in order of making; given by put */
	struct str key; /* idempotency key; unique */
	struct str alert; /* name of the alert */
	struct str line; /* the record, or several lines */
	uint64_t seq;
	int64_t due_ms; /* wall */
	int64_t created_ms; /* wall */
	int64_t tried_ms; /* wall; when the first try began; 0: none yet */
	uint32_t attempts;
	uint32_t records; /* lines */
	enum state_delivery_status status;
	enum state_delivery_kind kind;
	struct str last_error;
};
typedef bool state_delivery_f(void *ctx, const struct state_delivery *d);

/* Inserting a key that exists changes nothing and is not an error. */
bool state_delivery_put(struct state *s, const struct state_delivery *d, struct err *e) MUST_CHECK;
/* Calls `each` for the row with this key, if there is one. */
bool state_delivery_find(
    struct state *s, struct str key, state_delivery_f *each, void *ctx, struct err *e) MUST_CHECK;
/* *known: there is one with this key, or one that goes on behind it with ':'. */
bool state_delivery_is_about(struct state *s, struct str key, bool *known, struct err *e) MUST_CHECK;
/* Status, attempts, due, last_error and tried (0: as it is) of the row with d's key. Of what is done the line is forgotten. */
bool state_delivery_update(struct state *s, const struct state_delivery *d, struct err *e) MUST_CHECK;
/* Those that an earlier life started and did not end wait again, due as they were before. */
bool state_delivery_restart(struct state *s, uint64_t *restarted, struct err *e) MUST_CHECK;
/* With this status and due at or before now, oldest due first, at most `limit`. */
bool state_delivery_due(struct state *s, enum state_delivery_status status, int64_t now_ms, unsigned limit,
    state_delivery_f *each, void *ctx, struct err *e) MUST_CHECK;
bool state_delivery_each(struct state *s, enum state_delivery_status status, state_delivery_f *each,
    void *ctx, struct err *e) MUST_CHECK;
bool state_delivery_count(
    struct state *s, enum state_delivery_status status, uint64_t *n, struct err *e) MUST_CHECK;
/* *due_ms = INT64_MAX: none has this status. */
bool state_delivery_next_due(
    struct state *s, enum state_delivery_status status, int64_t *due_ms, struct err *e) MUST_CHECK;
/* Rows that are done, joined or rejected (then: since that) and older than this are forgotten, dead ones that are older than the other. */
bool state_delivery_expire(
    struct state *s, int64_t before_ms, int64_t dead_before_ms, struct err *e) MUST_CHECK;

/* How many records raised this alert after that time until this one; counted up to `most`. */
bool state_delivery_raised(struct state *s, struct str alert, int64_t after_ms, int64_t until_ms,
    uint64_t most, uint64_t *n, struct err *e) MUST_CHECK;

/* When the nth delivery before now (1: the last) was begun, if that was after `after_ms`; else *tried_ms = 0. */
bool state_delivery_tried(struct state *s, struct str alert, int64_t after_ms, int64_t now_ms, uint64_t nth,
    int64_t *tried_ms, struct err *e) MUST_CHECK;
/* What waits for this alert is due at that time at the earliest, the first thousand of it; `retries`: also what was begun before. */
bool state_delivery_postpone(
    struct state *s, struct str alert, int64_t due_ms, bool retries, struct err *e) MUST_CHECK;
/* What was not begun and is due later is due now: rules may have changed. */
bool state_delivery_recall(struct state *s, int64_t now_ms, struct err *e) MUST_CHECK;
/* For a clock that went back: no pause of what waits ends later than if it began now. */
struct state_hastened {
	enum state_delivery_status status; /* PENDING, GATHERED or HELD */
	struct str alert;
	uint32_t attempts_from; /* of rows that were tried less often nothing is said */
	int64_t now_ms, pause_ms; /* doubled after each attempt but the first, */
	int64_t pause_max_ms; /* but never longer than this */
	uint32_t doublings_max;
};
/* The alerts that have rows with this status, each once. */
typedef bool state_alert_f(void *ctx, struct str alert);
bool state_delivery_alerts(struct state *s, enum state_delivery_status status, state_alert_f *each, void *ctx,
    struct err *e) MUST_CHECK;
bool state_delivery_hasten(struct state *s, const struct state_hastened *h, struct err *e) MUST_CHECK;
/* and what of this alert waits to be tried again was begun now at the latest. */
bool state_delivery_began_by(struct state *s, struct str alert, int64_t now_ms, struct err *e) MUST_CHECK;
/* Rows about this record for which nothing was tried: that wait, are gathered or held, were rejected, or ended as dead. */
bool state_delivery_reviewed(
    struct state *s, uint64_t seq, state_delivery_f *each, void *ctx, struct err *e) MUST_CHECK;
/* Dead ones of this alert that nothing was tried for wait for a person again, until then; with a key, that one alone. */
bool state_delivery_hold_again(
    struct state *s, struct str alert, struct str key, int64_t due_ms, uint64_t *n, struct err *e) MUST_CHECK;
/* Dead ones wait again: that with the key, else those of the alert, else all. *n: how many. */
bool state_delivery_retry(
    struct state *s, struct str key, struct str alert, int64_t now_ms, uint64_t *n, struct err *e) MUST_CHECK;

#endif
