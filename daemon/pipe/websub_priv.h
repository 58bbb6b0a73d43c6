/*
 * websub: feeds that are pushed (W3C WebSub). Private to the engine. websub.c has the subscriptions and when they are asked for, hub.c what feeds say of
 * their hubs, callback.c what hubs ask and send, push.c the way of a pushed document, which is that of a poll from its worker on.
 */
#ifndef PIPE_WEBSUB_PRIV_H
#define PIPE_WEBSUB_PRIV_H

#include "daemon/pipe/engine.h"
#include "daemon/pipe/sub.h"

#define WEBSUB_REQUEST (UINT64_C(1) << 63) /* in the id of a request to a hub; the rest is its number */

struct feed;
struct poll;

struct websub {
	struct sub **at;
	size_t count, room;
	uint64_t last_number;
	int64_t look_at; /* wall ms: the first of all next_at and lease_until; INT64_MAX: none */
	unsigned flying; /* requests to hubs */
	unsigned waiting; /* pushes that wait */
	uint64_t pushes, refused; /* since the start */
};

bool websub_load(struct engine *x, struct err *e) MUST_CHECK;
void websub_free(struct engine *x);
void websub_reload(struct engine *x); /* after the roster */
void websub_tick(struct engine *x);
int64_t websub_next(const struct engine *x, int64_t now);
void websub_on_fetched(struct engine *x, uint64_t id, const struct fetch_result *r);
void websub_status(const struct engine *x, struct engine_status *out);

/* What a document, or the header that it came with, says of itself. No hub: it is not pushed (any more). */
void websub_note(struct engine *x, struct poll *p, struct str hub, struct str self);
/* Keeps hub and self of a Link header with the poll: they count before those in the document. */
bool websub_note_header(struct poll *p, const struct fetch_result *r, struct err *e) MUST_CHECK;
/* Whether this feed's next answer must be whole, so that its hub is found. */
bool websub_seeks_hub(const struct engine *x, const struct feed *f);
bool websub_is_alive(const struct engine *x, const struct feed *f);
/* Polling is the slow fallback of a living subscription: never sooner than websub_interval. */
int64_t websub_pause(const struct engine *x, const struct poll *p, int64_t delay);
/* A feed without a living subscription is on its own again: no longer than its interval from now. */
void websub_poll_soon(struct engine *x, struct feed *f);
/* A life may have ended between the end of a subscription and the poll that was to follow it: then the state still counts on the hub. */
void websub_catch_up(struct engine *x);
void websub_feed_gone(struct feed *f);

/* The settings that requests to its hub follow: those of its feed. */
const struct conf_fetch *hub_manners(const struct engine *x, const struct sub *s);
/* ms until s may be asked for again, having failed; r: the hub's answer, NULL: none. */
int64_t hub_pause(const struct engine *x, const struct sub *s, const struct fetch_result *r);

/* The pause of a hub's host, which polls have in common with it. rests: ms; 0: it may be asked. */
int64_t hub_rests(struct engine *x, const struct sub *s);
void hub_asked(struct engine *x, const struct sub *s);
/* It said 429, itself or where it redirects to (speaker, a URL): to all its subscriptions. The caller keeps s. */
void hub_holds(struct engine *x, struct sub *s, struct str speaker, int64_t ms);
void hubs_hold_again(struct engine *x); /* at a start */
struct sub *hub_heir(
    struct engine *x, const struct sub *s); /* that may remember what s was told; or NULL: nothing, or none */

bool websub_is_wanted(const struct conf *c, const struct conf_feed *f);

/* Changes of one, for hub.c and callback.c. */
void websub_begin(struct engine *x, struct feed *f, struct str hub, struct str topic);
void websub_leave(struct engine *x, struct sub *s, const char *why);
void websub_alive(struct engine *x, struct sub *s, int64_t lease_ms);
void websub_denied(struct engine *x, struct sub *s);
void websub_drop(struct engine *x, struct sub *s);

/* push.c: takes the body. False: memory; nothing was begun. */
bool push_start(struct engine *x, struct feed *f, const struct fetch_result *r, uint64_t ticket) MUST_CHECK;
void push_finish(struct engine *x, struct poll *p);
int64_t push_delay(struct engine *x, const struct poll *p); /* until the feed's next poll */
void health_pushed(struct poll *p); /* health.c: news is news */
/* Answers the hub; nothing happens when it has its answer. */
void push_answer(struct engine *x, struct poll *p, int status);

#endif
