/* roster: which feeds there are and when each is due. Private to the engine. */
#ifndef PIPE_ROSTER_PRIV_H
#define PIPE_ROSTER_PRIV_H

#include "daemon/pipe/engine.h"
#include "daemon/pipe/feedstate.h"
#include "daemon/pipe/heap.h"
#include "daemon/pipe/hosts.h"

struct poll;
struct sub;

struct feed { /* one per configured feed; idle ones cost this and their validators */
	struct host_turn turn;
	struct host *host;
	struct host *away; /* where its turn is instead (an archive elsewhere) or first (led.c); or NULL */
	const struct conf_feed *conf; /* in the snapshot in force; NULL: it left, and ends with its poll */
	struct poll *poll;
	struct feed *leader; /* another entry that is asked for this one too; or NULL */
	struct feed *twins; /* of a leader: the first that it is asked for; of that: the next */
	struct feedstate state;
	struct sub *sub; /* its subscription, or NULL */
	struct heap_node due; /* monotonic ms; in no heap while it waits at its host or is polled */
	bool in_round; /* `-1`: still to be polled */
	bool asked, failed; /* in a round: it was polled itself, and how that went */
	bool turn_is_archive; /* what its turn is for */
	bool was_slow; /* its last answer */
	bool reads_slowly; /* its last document that was read; kept over answers without one */
	bool is_new; /* not loaded and scheduled yet */
};

struct roster {
	struct feed **feeds; /* in the order of the configuration */
	size_t count;
	uint32_t *by_name; /* places in feeds from 1, open addressing by the name's hash */
	size_t mask;
	uint64_t serial; /* another one for each list of feeds */
};

bool roster_load(struct engine *x, struct err *e) MUST_CHECK;
bool roster_reload(struct engine *x, const struct conf *conf, struct err *e) MUST_CHECK;
void roster_free(struct engine *x);
struct feed *roster_find(const struct engine *x, struct str name); /* NULL: none */
/* From now on, in ms. */
void feed_schedule(struct engine *x, struct feed *f, int64_t delay);
/* Where it is asked: the configured address, or the one that it has moved to. */
static inline const char *feed_address(const struct feed *f)
{
	return f->state.move && f->state.move->address ? f->state.move->address : f->conf->url;
}
/* Its address may be on another host now. Memory: it stays in the old host's queue, which is only a matter of manners. */
void roster_move_host(struct engine *x, struct feed *f);
void feed_free(struct engine *x, struct feed **f);
/* Joins the queue of the host that it is to ask. */
void feed_wait(struct engine *x, struct feed *f, int64_t now);
struct host *roster_turn_host(const struct feed *f); /* of its turn */
int64_t roster_due_in(struct engine *x, const struct feed *f); /* ms until the feed itself is due */
/* It is asked as soon as its host's turn comes. NULL, or why not. */
const char *roster_poll_soon(struct engine *x, struct str name);
void roster_start_round(struct engine *x);
void roster_give_up_round(struct engine *x); /* what is not being polled yet has failed */
/* A round does not wait for a host that asked to be left alone. */
void roster_give_up_held(struct engine *x, const struct host *host);
/* One more reference to the host of this address; NULL: memory. */
struct host *roster_host_at(struct engine *x, struct str url, struct err *e);
int64_t roster_time_left(const struct feedstate *s, int64_t until, int64_t now_wall);

#endif
