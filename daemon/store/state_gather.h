/* state_gather: deliveries that wait for one that takes all of them together: digests and bursts. The other half of state_delivery. */
#ifndef STORE_STATE_GATHER_H
#define STORE_STATE_GATHER_H

#include "daemon/store/state_delivery.h"

/* Those raised then and not begun are gathered, each due so long after it was raised. */
bool state_delivery_gather(struct state *s, struct str alert, int64_t after_ms, int64_t until_ms,
    int64_t wait_ms, struct err *e) MUST_CHECK;

struct state_group { /* what is gathered for one alert */
	struct str alert;
	int64_t first_due_ms, last_due_ms, first_created_ms;
	uint64_t records;
};
typedef bool state_group_f(void *ctx, const struct state_group *g);
bool state_delivery_groups(struct state *s, state_group_f *each, void *ctx, struct err *e) MUST_CHECK;
/* The first `most` in order of their rows. */
bool state_delivery_gathered(struct state *s, struct str alert, int64_t due_ms, unsigned most,
    state_delivery_f *each, void *ctx, struct err *e) MUST_CHECK;
/* Those up to this row went into the delivery `into`. */
bool state_delivery_join(struct state *s, struct str alert, int64_t due_ms, int64_t last_id, struct str into,
    struct err *e) MUST_CHECK;
/* What was gathered for this alert waits one by one again. */
bool state_delivery_scatter(struct state *s, struct str alert, int64_t due_ms, struct err *e) MUST_CHECK;

#endif
