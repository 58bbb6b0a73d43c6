/* poll: one feed asked once, from the request until its line is durable. Private to the engine. */
#ifndef PIPE_POLL_PRIV_H
#define PIPE_POLL_PRIV_H

#include "daemon/pipe/engine.h"
#include "daemon/pipe/entry.h"
#include "daemon/pipe/events.h"
#include "daemon/pipe/feedstate.h"
#include "daemon/pipe/finding_priv.h"
#include "daemon/pipe/job.h"
#include "daemon/pipe/reaction.h"
#include "daemon/pipe/tie.h"

struct feed;
struct host;

enum poll_phase { POLL_FETCHING, POLL_PARSING, POLL_QUEUED, POLL_COMMITTING };

struct poll { /* from the request until its line is durable */
	uint64_t id;
	enum poll_phase phase;
	struct feed *feed;
	struct conf *conf; /* held: its strings are the request's */
	const struct conf_feed *feed_conf;
	const struct conf_feed *asked_by; /* of the same conf: this feed's answer is another's; or NULL */
	struct host *host; /* shared; in flight there while fetching */
	struct poll *next; /* in the queue or in the group */
	bool sent_validators, recovered, incomplete, first;
	bool in_pages; /* more news than one poll takes: the next ones take the rest */
	bool whole; /* without the known validators: 304s are not believed for now, or put to the test */
	bool resumed; /* where a redirect pointed, after the time that it asked for */
	bool slow; /* it failed or was slow the last time, or is so now: it takes no worker from others */
	bool elsewhere, rerouted; /* asked at another address from now on: by redirects; by a reload */
	bool has_wish; /* its publisher asked to be left alone for longer than usual */
	bool look_again; /* an item is missed: the whole document is asked for once more */
	int64_t started, answered; /* monotonic ms; until there is an answer both are the same */
	int64_t at; /* wall ms: when the answer came */
	int64_t elapsed;
	int64_t reading; /* ms of a worker */
	uint64_t bytes;
	int64_t retry_after, fresh_for; /* ms */
	char *url; /* after redirects, or NULL */
	char *moved_to; /* where permanent redirects led, or NULL */
	char *moved_from; /* when another address was saved: the one before */
	char *etag, *last_modified; /* the answer's; kept when its document is complete and durable */
	uint64_t body; /* its hash */
	struct err error;
	enum reaction reaction;
	enum poll_result result;
	uint16_t status; /* of HTTP; 0: no answer */
	enum tie tie;
	size_t news; /* items that were not known */
	struct feed_event events[EVENTS_PER_POLL];
	unsigned event_count;
	bool pushed; /* by a hub, and not asked for */
	uint64_t ticket; /* of the hub that waits for an answer; 0: none */
	char *hub, *self; /* of the Link header, owned, or NULL */
	bool archive; /* a page of the feed's archive, and not the feed */
	uint32_t page; /* which, from 1 */
	enum walk_end walk_end;
	int64_t closes; /* wall ms: gaps up to here, when the walk ends well */
	int64_t delay; /* ms until the next poll */
	struct feedstate after; /* what will be remembered */
	struct learned learned; /* of it, until it is written */
	struct buf window; /* encoded, when it changed */
	struct arena *arena; /* the findings; NULL: none */
	struct buf frame; /* what they point into */
	struct finding *findings; /* newest first, as in the document */
	size_t finding_count, written; /* written: from the end, already in a group */
	bool *held; /* of the answer's items: changed, but not recorded now */
	uint64_t items, overlap, left, matches, kinds[RECORD_KINDS], held_count;
};

/* polls.c */
bool polls_under_way(const struct engine *x); /* asked, at a worker, or waiting for the journal */
struct poll *poll_new(struct engine *x, struct feed *f, struct err *e);
void poll_free(struct engine *x, struct poll **p);
void polls_cancel(struct engine *x); /* all that are in flight, at the end */
void polls_free_spares(struct engine *x);
void poll_start(struct engine *x, struct feed *f);
bool poll_submit(struct engine *x, struct poll *p, const struct fetch_result *r) MUST_CHECK;
void poll_finish(struct engine *x, struct poll *p, enum reaction reaction);

/* secret.c. What stands in this file, NULL: no file, or unreadable; valid until the next call for the same use. */
const char *secret_in(const struct engine *x, enum secret_use use, const char *path);
/* The proxy of `c`, if any, and who we are to it. */
void go_by_proxy(const struct engine *x, const struct conf_fetch *c, struct fetch_request *req);

/* absorb.c: a decoded answer -> findings, window, what will be remembered. False: memory; the poll is as before. */
bool absorb(struct engine *x, struct poll *p, struct str frame, struct err *e) MUST_CHECK;
/* The next one, with its routes and, for `alerting`, what they owe; NULL: memory, and the arena says so. */
struct finding *absorb_add(
    struct engine *x, struct poll *p, const struct finding *f, const struct job_item *alerting);

/* former.c: items of a document that came from another host than before get the names that they had there too. False: memory. */
bool former_names(struct engine *x, struct poll *p, struct job_answer *a, struct err *e) MUST_CHECK;

/* revise.c: what a known item, by its alias `k`, leads to. False: memory. */
bool revise_item(struct engine *x, struct poll *p, const struct job_item *item, unsigned k, bool *another,
    bool *held, struct err *e) MUST_CHECK;
/* Items that were taken out of the document; the window moves on. False: memory. */
bool revise_window(struct engine *x, struct poll *p, const struct job_answer *a, struct err *e) MUST_CHECK;
/* tie.c: what the document is tied by; before its names are remembered. */
bool tie_document(struct engine *x, struct poll *p, const struct job_answer *a, struct err *e) MUST_CHECK;

/* archive.c */
bool gap_begin(
    struct engine *x, struct poll *p, const struct job_answer *a, bool overlaps, struct err *e) MUST_CHECK;
bool archive_read(
    struct engine *x, struct poll *p, const struct job_answer *a, bool anchor, struct err *e) MUST_CHECK;
void archive_finish(struct engine *x, struct poll *p);
bool archive_is_next(const struct engine *x, const struct feed *f); /* before the feed itself */
/* The pause before the feed itself or a page of its archive. */
int64_t archive_wait(const struct engine *x, const struct feed *f, int64_t delay);

/* health.c */
void poll_tell(struct poll *p, const struct feed_event *v);
void health_note(struct engine *x, struct poll *p, bool well);

#endif
