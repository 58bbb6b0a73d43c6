/* poll: one feed asked once, from the request until its line is durable. Private to the engine. */
#ifndef PIPE_POLL_PRIV_H
#define PIPE_POLL_PRIV_H

#include "daemon/pipe/engine.h"
#include "daemon/pipe/feedstate.h"
#include "daemon/pipe/job.h"
#include "daemon/pipe/reaction.h"

struct feed;
struct host;

struct finding { /* a new item and what follows from it */
	const struct job_item *item;
	struct str routes; /* joined by '\n' */
	struct str alerts; /* joined by '\n' */
};

enum poll_phase { POLL_FETCHING, POLL_PARSING, POLL_QUEUED, POLL_COMMITTING };

struct poll { /* from the request until its line is durable */
	uint64_t id;
	enum poll_phase phase;
	struct feed *feed;
	struct conf *conf; /* held: its strings are the request's */
	const struct conf_feed *feed_conf;
	struct host *host; /* shared; in flight there while fetching */
	struct poll *next; /* in the queue or in the group */
	bool sent_validators, recovered, incomplete, first;
	bool in_pages; /* more news than one poll takes: the next ones take the rest */
	int64_t started; /* monotonic ms */
	int64_t at; /* wall ms: when the answer came */
	int64_t elapsed;
	uint64_t bytes;
	int64_t retry_after, fresh_for; /* ms */
	char *url; /* after redirects, or NULL */
	char *etag, *last_modified; /* the answer's; kept when its document is complete and durable */
	uint64_t body; /* its hash */
	struct err error;
	enum reaction reaction;
	int64_t delay; /* ms until the next poll */
	struct feedstate after; /* what will be remembered */
	struct buf window; /* encoded, when it changed */
	struct arena *arena; /* the findings; NULL: none */
	struct buf frame; /* what they point into */
	struct finding *findings; /* newest first, as in the document */
	size_t finding_count, written; /* written: from the end, already in a group */
	uint64_t items, overlap, left, matches;
};

bool poll_may_start(const struct engine *x);
void poll_start(struct engine *x, struct feed *f);
void poll_free(struct engine *x, struct poll **p);
void polls_cancel(struct engine *x); /* all that are in flight, at the end */

/* absorb.c: a decoded answer -> findings, window, what will be remembered. False: memory; the poll is as before. */
bool absorb(struct engine *x, struct poll *p, struct str frame, struct err *e) MUST_CHECK;

#endif
