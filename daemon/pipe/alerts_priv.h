/* alerts: deliveries that are owed. Private to the engine. */
#ifndef PIPE_ALERTS_PRIV_H
#define PIPE_ALERTS_PRIV_H

#include "daemon/pipe/engine.h"
#include "daemon/pipe/slots.h"

#define SHUT_MAX 16u /* alerts; of more in one turn they are put off anew */
#define BURSTS_SAID_MAX 16 /* alerts; of more at once the log says it too often */

struct alerts {
	struct slots
	    slots; /* of struct delivery: running, settling, or waiting for their stream or their letter */
	unsigned running;
	unsigned behind; /* others of their stream */
	unsigned dying; /* given up, and not in the journal yet */
	int64_t next_due; /* wall ms of the earliest that is not running; INT64_MAX: none */
	int64_t gather_at; /* wall ms when gathered records may be due together; INT64_MAX: none */
	int64_t looked_at; /* wall ms of the last look at what is due */
	int64_t retry_at; /* monotonic ms before which nothing is begun: the state could not be changed */
	int64_t settle_at; /* monotonic ms before which no row is tried again that could not be settled */
	bool failing; /* the state could not be changed the last time */
	bool failing_said;
	int64_t failing_since; /* monotonic ms */
	struct burst_said { /* the last line about a burst of an alert */
		uint64_t alert; /* hash of its name */
		int64_t at; /* wall ms */
	} said[BURSTS_SAID_MAX];
	struct shut_gate { /* of the turn that is being made: what was put off, and need not be again */
		struct str alert; /* of the configuration */
		bool retries; /* also those */
	} shut[SHUT_MAX];
	unsigned shut_count;
	uint64_t bursts; /* alerts whose records are being gathered because there are too many */
	uint64_t done; /* since the start */
};

bool alerts_load(struct engine *x, struct err *e) MUST_CHECK;
void alerts_reload(struct engine *x); /* other rules are in force */
void alerts_drain(struct engine *x); /* nothing more begins */
void alerts_free(struct engine *x);
void alerts_tick(struct engine *x);
int64_t alerts_next(const struct engine *x, int64_t now);
void alerts_status(const struct engine *x, struct engine_status *out);
/* Somebody decided at the last moment: it needs no letter. One that is in the group in flight stands before the decision. */
void alerts_recover(struct engine *x, struct str key);
bool alerts_owe_letters(const struct engine *x);
bool alerts_add_letters(struct engine *x, struct err *e) MUST_CHECK; /* to the group that is being made */
void alerts_letters_done(struct engine *x, bool durable);
bool alerts_settled(const struct engine *x); /* nothing running, nothing due */

#endif
