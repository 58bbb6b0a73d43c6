/* state_history: the tries of deliveries, the newest some thousands. Part of the state. */
#ifndef STORE_STATE_HISTORY_H
#define STORE_STATE_HISTORY_H

#include "daemon/store/state.h"

#define STATE_ATTEMPTS_KEPT 10000 /* tries; a day of a busy daemon */

struct state_attempt { /* how a try ended */
	int64_t at_ms; /* wall */
	struct str alert, key;
	uint32_t attempt;
	struct str result; /* "done", "again", "dead" */
	struct str error;
};
bool state_attempt_put(struct state *s, const struct state_attempt *a, struct err *e) MUST_CHECK;
typedef bool state_attempt_f(void *ctx, const struct state_attempt *a);
bool state_attempt_each(struct state *s, state_attempt_f *each, void *ctx, struct err *e) MUST_CHECK;

#endif
