/* manners: what an answer says beside its document: leave me alone, I have moved, it has not changed. Private to the engine. */
#ifndef PIPE_MANNERS_PRIV_H
#define PIPE_MANNERS_PRIV_H

#include "daemon/pipe/poll_priv.h"

/* address.c: what the answer says of where the feed is; p->delay is known. */
void address_note(struct poll *p);

/* hold.c: what the publisher asked for, when the next poll is `delay` ms away. */
void hold_note(struct engine *x, struct poll *p, int64_t delay);
/* `delay`, or longer: what the publisher said with the last answer goes before what an operator wants from now on. */
int64_t hold_wish(struct engine *x, const struct feed *f, int64_t delay);
/* ms since a redirect that asked to be followed by this poll; 0: there was none. */
int64_t hold_before(const struct poll *p);
/* At start: what is left of a hold of a host. own: the feed's; NULL: `state` is of one that is configured no more. */
void hold_restore(struct engine *x, const struct feedstate *state, struct host *own);
/* ms: what is left of one that is of the feed's address alone; 0 or less: nothing. */
int64_t hold_left(const struct feedstate *state, int64_t now_wall);
/* What is left of the hold of a feed that is configured no more, for those that have come to its address and not asked it yet. */
void hold_hand_on(struct engine *x, const struct feedstate *state);
/* ms for which the host that a redirect would lead this feed to is to be left alone; 0: it is not, as far as is known. */
int64_t hold_ahead(struct engine *x, const struct feed *f);

/* sooner.c. Of a pause that was planned with `old` settings (NULL: another entry's), `left` is to come: or less, where the operator asked for more since and
 * the publisher lets us; that is planned then. */
int64_t sooner_than_planned(struct engine *x, struct feed *f, const struct conf_fetch *old, int64_t left);

/* led.c: the host that a redirect would lead this feed to, as far as is known, one more reference; or NULL. */
struct host *led_to(struct engine *x, const struct feed *f);
/* Its turn had come at that host: it waits at its own now. False: it was its own turn. */
bool led_goes_on(struct engine *x, struct feed *f, int64_t now);
/* The turn is over; the hosts that redirects led to were asked too. */
void led_answered(struct engine *x, struct poll *p, const struct fetch_result *r);
/* They were, by a request that went to own (or NULL: any) first. */
void led_asked(struct engine *x, const struct fetch_result *r, const struct host *own, int64_t at);

/* lanes.c: those that polls may start in now: bits, 1 << lane. */
unsigned lanes_open(const struct engine *x);
unsigned lanes_parsing(const struct engine *x); /* polls whose documents are at the workers */
enum host_lane lane_of(const struct feed *f); /* for its next poll */
enum host_lane lane_of_push(const struct feed *f); /* which waits for no server */
void lane_note(struct poll *p); /* what this one was like */

/* validators.c: a document was read to its end; it has not changed (304). */
void validators_note_document(struct poll *p);
void validators_keep_document(struct poll *p);

/* twins.c: feeds that would ask for the same; the one with the shortest interval asks for all. Memory: each asks for itself. */
void twins_find(struct engine *x);
/* ms: what is left of a Retry-After that another one met. */
int64_t twins_held(struct engine *x, const struct feed *f);
bool twins_agree(const struct feed *f); /* one validator holds for all of them */
bool twins_are_busy(const struct feed *f); /* the last answer is still being read for one */
/* For whom p's answer is too. A reload since it was asked may have made others its feed's twins: none of them when the question was not theirs. */
struct feed *twins_of(struct engine *x, const struct poll *p);
bool twins_may_take(struct engine *x, struct feed *f); /* an answer that came for another */
int64_t twins_delay(const struct poll *p); /* until its next answer */

/* health.c: a 304 to validators of a document that has changed */
void health_tell_lie(struct poll *p, int64_t since);

#endif
