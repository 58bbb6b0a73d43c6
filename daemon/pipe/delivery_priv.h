/*
 * delivery: one delivery that is here: running, or ended and not yet in the state. Shared by the chapters of the alerts: delivery.c (its life),
 * letters.c (given up), gather.c (several records in one), gate.c (when one may begin), hasten.c (when the clock went back), owe.c (what a durable
 * item or event leads to).
 */
#ifndef PIPE_DELIVERY_PRIV_H
#define PIPE_DELIVERY_PRIV_H

#include "daemon/base/arena.h"
#include "daemon/pipe/engine.h"
#include "daemon/pipe/entry.h"
#include "daemon/store/state_delivery.h"

#define DELIVERY_DOUBLINGS_MAX 20 /* of the pause before a retry */
#define STATE_RETRY_MS 5000 /* ms; the state could not be read or written */
#define DYING_MAX 64u /* letters that wait for the journal before no delivery is begun that may need one */

enum delivery_phase {
	DELIVERY_RUNNING,
	DELIVERY_BEHIND, /* its stream is busy; in the state it waits like all others */
	DELIVERY_SETTLING, /* ended; the state does not know yet */
	DELIVERY_DYING, /* given up; waits for its letter */
	DELIVERY_LETTER /* its letter is in the group in flight */
};

struct delivery {
	uint64_t id; /* of its slot */
	enum delivery_phase phase;
	struct arena *arena;
	struct state_delivery
	    row; /* strings are the arena's; status and due: for the state when it has ended */
	int64_t started; /* monotonic ms: this try */
	const char *result; /* of the try that ended, for the history */
	char error[232];
};

struct delivery *delivery_new(struct engine *x, const struct state_delivery *row); /* NULL: memory */
void delivery_free(struct engine *x, struct delivery **d);
void delivery_begin(struct engine *x, struct delivery *d); /* takes it */
void delivery_settle(struct engine *x, struct delivery *d); /* takes it */
extern const char delivery_gone[]; /* why: its alert left the configuration */
void delivery_give_up(struct engine *x, struct delivery *d, const char *why); /* why NULL: as d->error says */
struct delivery *delivery_in_phase(const struct engine *x, uint32_t *i, enum delivery_phase phase);

/* Those that are behind others of their stream (NULL: of all) are forgotten: whoever looks next finds in the state what is still to be done. */
void delivery_forget_behind(struct engine *x, const struct str *alert);

/* The longest pause after so many attempts. */
int64_t delivery_step(const struct conf_alert *a, uint32_t attempts);

/* The clock may have gone back since rows were written: none waits for longer than it would if it began to wait now. */
bool hasten_all(struct engine *x, struct err *e) MUST_CHECK;

/* May a delivery of this alert begin? When not, everything that waits for it was put off until then. */
void gate_begin_turn(struct engine *x);
bool gate_is_open(struct engine *x, const struct conf_alert *a, bool first_try);

struct owed { /* for a durable item or event */
	bool event;
	uint64_t seq; /* in its store */
	int64_t at; /* wall ms */
	struct str key; /* what the keys of its deliveries are made of */
	struct str line;
};

/* To this alert, inside the transaction that applies the entry. */
bool owe_alert(struct engine *x, const struct owed *o, struct str alert, struct err *e) MUST_CHECK;
/* Where a record that is free to go waits: for its turn, or for the others of its period. */
void owe_place(const struct conf_alert *a, int64_t at, struct state_delivery *d);

/* More records in a short time than one wants to be told one by one? Inside the same transaction, after the last of them. */
bool gather_burst(struct engine *x, struct str alert, int64_t at, struct err *e) MUST_CHECK;
void gather_tick(struct engine *x);

void alerts_note_due(struct engine *x, int64_t due);
/* One small transaction around `change`; a failure is logged once. */
typedef bool alerts_change_f(struct engine *x, void *ctx, struct err *e);
bool alerts_change(struct engine *x, alerts_change_f *change, void *ctx);
/* The same for what begins something: when it fails, nothing else is begun for a while. */
bool alerts_begin_by(struct engine *x, alerts_change_f *change, void *ctx);
/* A change was taken: unless ends still wait to be written down, the state is well again. */
void alerts_note_recovery(struct engine *x);

#endif
