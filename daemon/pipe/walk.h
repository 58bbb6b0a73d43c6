/*
 * walk: after a gap, the way back through a feed's archive documents (RFC 5005: prev-archive, or next of a paged feed) until one lists an item
 * of the window before the gap. What is remembered of it between two pages; it is bounded, and never leaves the publisher's site unasked.
 */
#ifndef PIPE_WALK_H
#define PIPE_WALK_H

#include "daemon/base/buf.h"
#include "daemon/base/err.h"
#include "daemon/pipe/job.h"

#include <stdint.h>

#define WALK_PAGES_MAX 100 /* the most that can be configured */
#define WALK_ANCHORS_MAX 128 /* names of the window before the gap that are looked for */
#define WALK_TRIES 3 /* failures in a row of one page */
#define WALK_NAMES_MAX (JOB_LISTED_MAX * (1u + JOB_ALIASES_MAX) * 8u) /* bytes */

enum walk_end {
	WALK_GOES_ON,
	WALK_CLOSED,
	WALK_LAST,
	WALK_LIMIT,
	WALK_LOOP,
	WALK_ELSEWHERE,
	WALK_FAILED,
	WALK_ENDS
};
const char *walk_end_name(enum walk_end e); /* "closed", "last", "limit", … */

struct walk {
	char *url; /* of the next page; owned */
	int64_t due_at; /* wall ms */
	int64_t gap_at; /* wall ms of the poll that found the newest gap which it closes */
	uint32_t pages; /* read, or given up */
	uint32_t failures; /* of this page */
	uint32_t anchor_count, visited_count;
	uint64_t anchors[WALK_ANCHORS_MAX]; /* names in the window before the gap */
	uint64_t visited[WALK_PAGES_MAX + 2]; /* hashes of addresses: the feed's and those of pages */
	/* Of the items that this page gave already, as `known` of a job: the next part of it goes on behind them. Memory alone: after a restart
	 * the first part is read once more. */
	struct buf names;
};

void walk_free(struct walk **w);
/* NULL: memory. */
struct walk *walk_new(void);
struct walk *walk_copy(const struct walk *w);

/* The names of the last window, as window_names gives them. */
void walk_anchor(struct walk *w, struct str names);
bool walk_is_anchor(const struct walk *w, const struct job_item *item);

/* There are more news in this page than this answer holds. False: memory. */
bool walk_note_part(struct walk *w, const struct job_answer *a, struct err *e) MUST_CHECK;

struct walk_site { /* where pages may be */
	const char *feed, *document; /* its address as configured; where the document came from, or NULL */
	bool anywhere; /* other sites too */
	uint32_t pages_max;
};

/* Goes on to `link`, or tells why not. False: memory. */
bool walk_follow(struct walk *w, struct str link, const struct walk_site *site, enum walk_end *end,
    struct err *e) MUST_CHECK;
/* Same scheme, host and port; or the same host by https where it was http, both on their default ports. */
bool walk_same_site(struct str url, struct str other);

void walk_encode(const struct walk *w, struct buf *out);
bool walk_decode(struct rd *r, struct walk **out, struct err *e) MUST_CHECK;

#endif
