/*
 * listing: a feed's window after a document, and which items the publisher took out of it before they aged out. Pure: two lists in, two out.
 *
 * An item is missed when the last window had it, the document has not, and something that is older is still there: by its date in a document that
 * is in the order of its dates, or, without dates, by its place between two others that stayed. Missed in two documents one after
 * the other, it was withdrawn. A document that lacks more than it kept is another document.
 */
#ifndef PIPE_LISTING_H
#define PIPE_LISTING_H

#include "daemon/pipe/window.h"

struct listing {
	const struct window_entry *before; /* the window of the document before */
	size_t before_count;
	const struct job_item *now; /* what the document lists, in its order */
	size_t now_count;
	const bool *held; /* of now: it is not in the log as it is listed */
	bool trusted; /* it was read to its end, as it was written: what it lacks was left out */
	/* Of the caller, empty before: */
	struct buf
	    window; /* struct window_entry: of now, with the former names, and those that are missed for the first time */
	struct buf withdrawn; /* struct window_entry */
	size_t missed; /* for the first time */
};

void listing_init(struct listing *l);
void listing_fini(struct listing *l);
bool listing_compare(struct listing *l, struct err *e) MUST_CHECK;

#endif
