/*
 * tie: by what a document is tied to the one that was read before it, so that nothing can have been pushed out of the feed unseen between the two.
 * The names stand in the ledger; `gazettectl coverage` reads them.
 */
#ifndef PIPE_TIE_H
#define PIPE_TIE_H

#include "daemon/base/str.h"

enum tie {
	TIE_NOTHING_READ, /* a poll that failed */
	TIE_FIRST, /* there was none before, or what was known of it is lost */
	TIE_NOT_MODIFIED, /* 304 */
	TIE_SAME, /* the same bytes */
	TIE_OVERLAP, /* an item that the one before listed */
	TIE_KNOWN, /* no news: all that it lists is in the log from earlier */
	TIE_EMPTY, /* it lists nothing: nothing has pushed anything out */
	TIE_ARCHIVE, /* an archive document that reaches back to the window before a gap */
	TIE_AFTER_EMPTY, /* not tied: the one before listed nothing that could overlap */
	TIE_MOVED, /* not tied: the feed has another address since */
	TIE_CUT, /* not tied: it broke off before anything known */
	TIE_GAP, /* not tied: news, and nothing of the window before, or none of the newest items */
	TIES
};

const char *tie_name(enum tie t);
/* TIES: unknown. */
enum tie tie_from(struct str name);
/* Does it tell that nothing was pushed out unseen? */
bool tie_holds(enum tie t);

#endif
