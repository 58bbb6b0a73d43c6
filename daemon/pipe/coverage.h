/*
 * coverage: what the ledger of polls proves about one feed in an interval, and what it leaves open. Fed with the feed's lines in order; knows
 * nothing of files.
 */
#ifndef PIPE_COVERAGE_H
#define PIPE_COVERAGE_H

#include "daemon/base/buf.h"
#include "daemon/base/date.h"
#include "daemon/base/err.h"

#include <jansson.h>

#define COVERAGE_GOES_ON INT64_MAX /* a hole that had not ended when the interval did */
#define COVERAGE_LATER_MS                                                                                    \
	(INT64_C(24) * 3600 * 1000) /* of lines after the interval: they still close holes */

enum hole_kind {
	HOLE_FAILED, /* polls without a document. It and the next: what was missed meanwhile the next tie tells */
	HOLE_UNASKED, /* the poll that was planned came by far too late */
	HOLE_BEGIN, /* the interval begins before what is known of the feed */
	HOLE_FIRST,
	HOLE_GAP,
	HOLE_MOVED,
	HOLE_AFTER_EMPTY,
	HOLE_UNTIED, /* the line does not say what its document is tied to */
	HOLE_CUT,
	HOLE_INCOMPLETE,
	HOLE_LEFT, /* news of a document that were left for the next polls */
	HOLE_END, /* nothing was read to its end since */
	HOLES
};

struct hole_name {
	const char *name, *text;
	const char *count; /* what `n` of the hole counts; NULL: nothing */
};
extern const struct hole_name hole_names[HOLES];

struct hole {
	enum hole_kind kind;
	bool open; /* items may have come and gone unseen in it */
	bool walked, walk_over; /* of a gap: archive pages are read to close it; the last one was */
	int64_t from, to; /* wall ms; DATE_NONE: before the ledger; COVERAGE_GOES_ON */
	uint64_t n; /* polls that failed, archive pages, items that were left */
	char why[128]; /* the last failure; how the way through the archive ended */
};

struct span {
	int64_t since, until; /* wall ms; since is DATE_NONE: from the feed's first document on */
	bool reaches; /* lines from before since are there */
};

struct covered { /* one feed */
	const char *name;
	uint64_t polls, answered, pages, recovered;
	int64_t proven_from; /* wall ms; DATE_NONE: no document was read to its end */
	int64_t whole_at; /* when the last one was that was read to its end; DATE_NONE */
	int64_t document_at; /* and when the last one was that came itself, and not as a 304 */
	int64_t longest, longest_from; /* ms, wall ms: time without one */
	int64_t first_at, poll_at; /* the first line, the last poll; DATE_NONE */
	int64_t next, pause; /* what the last line planned; DATE_NONE */
	size_t failing, torn, left; /* the hole that goes on, counted from 1; 0: none */
	bool listed; /* a document seen to its end was compared with the one before it */
	bool tied_after,
	    settled; /* a document after the interval is tied to its last one; no further one tells more */
	struct buf holes; /* struct hole, in order of their lines */
};

void covered_init(struct covered *c, const char *name);
void covered_fini(struct covered *c);
/* One line of this feed, in order; those from before and after the interval too. */
void covered_line(struct covered *c, const struct span *span, const json_t *line);
/* After the last one. False: memory. */
bool covered_end(struct covered *c, const struct span *span, struct err *e) MUST_CHECK;

static inline size_t covered_holes(const struct covered *c)
{
	return c->holes.n / sizeof(struct hole);
}

static inline struct hole *covered_hole(const struct covered *c, size_t i)
{
	return (struct hole *)(void *)c->holes.p + i;
}

uint64_t covered_open(const struct covered *c); /* how many holes stay open */
/* From when on, and until when, the holes tell everything; both lie in the interval. */
int64_t covered_to(const struct covered *c, const struct span *span);

#endif
