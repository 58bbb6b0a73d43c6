/*
 * move: feeds that say 301 or 308. The new address is saved only when it was named so often, for so long, without a break, and when what stands there
 * is what was known from the old one. The configuration keeps the last word: its address is the one that is gone back to.
 */
#ifndef PIPE_MOVE_H
#define PIPE_MOVE_H

#include "daemon/conf/conf.h"
#include "daemon/net/request.h"
#include "daemon/pipe/tie.h"

#include <stdint.h>

struct move { /* of one feed, when there is anything to say; strings are owned */
	char *address; /* that is asked instead of the configured one, or NULL */
	char *candidate; /* where permanent redirects lead now, or NULL */
	int64_t saved_at; /* wall ms, of address */
	int64_t since; /* wall ms: the candidate was first named */
	uint32_t count; /* times in a row */
	bool foreign; /* what stands there was not what was known: it is followed, and never saved */
};

void move_free(struct move **m);
bool move_copy(const struct move *m, struct move **out, struct err *e) MUST_CHECK; /* of NULL: NULL */

/* How far the answer's redirects were permanent, without a gap; or absent. */
struct str move_target(const struct fetch_result *r);

/* A document, or that it has not changed, came after redirects to `target` (absent: none, or a temporary one). One that lists nothing (TIE_EMPTY) has
 * nothing to be known again by. *saved: the address is another one now. */
bool move_note(struct move **m, struct str target, enum tie tie, const struct conf_feed *c, int64_t now,
    bool *saved, struct err *e) MUST_CHECK;
/* What came is no feed: nothing of it counts. */
void move_refuted(struct move **m);
/* Back to the configured address. */
void move_return(struct move **m);

void move_encode(const struct move *m, struct buf *out); /* NULL too */
bool move_decode(struct rd *r, struct move **out, struct err *e) MUST_CHECK;

#endif
