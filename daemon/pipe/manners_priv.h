/* manners: what an answer says beside its document: leave me alone, I have moved, it has not changed. Private to the engine. */
#ifndef PIPE_MANNERS_PRIV_H
#define PIPE_MANNERS_PRIV_H

#include "daemon/pipe/poll_priv.h"

/* address.c: what the answer says of where the feed is; p->delay is known. */
void address_note(struct poll *p);

/* hold.c: what the publisher asked for, when the next poll is `delay` ms away. */
void hold_note(struct engine *x, struct poll *p, int64_t delay);
/* At start: what is left of a hold of a host. `state` may be of a feed that is configured no more. */
void hold_restore(struct engine *x, const struct feedstate *state, struct host *own);

/* health.c: a 304 to validators of a document that has changed */
void health_tell_lie(struct poll *p, int64_t since);

#endif
