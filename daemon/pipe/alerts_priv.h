/* alerts: deliveries that are owed. Private to the engine. */
#ifndef PIPE_ALERTS_PRIV_H
#define PIPE_ALERTS_PRIV_H

#include "daemon/pipe/engine.h"
#include "daemon/pipe/slots.h"

struct alerts {
	struct slots slots; /* of struct delivery: running, settling, or waiting for their letter */
	unsigned running;
	int64_t next_due; /* wall ms of the earliest that is not running; INT64_MAX: none */
	uint64_t pending, dead, done;
};

bool alerts_load(struct engine *x, struct err *e) MUST_CHECK;
void alerts_free(struct engine *x);
void alerts_tick(struct engine *x);
int64_t alerts_next(const struct engine *x, int64_t now);
bool alerts_owe_letters(const struct engine *x);
bool alerts_add_letters(struct engine *x, struct err *e) MUST_CHECK; /* to the group that is being made */
void alerts_letters_done(struct engine *x, bool durable);
bool alerts_settled(const struct engine *x); /* nothing running, nothing due */

#endif
