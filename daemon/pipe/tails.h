/*
 * tails: what recurs at the end of the texts of one document ("Source: …", a hotline, other news) and says nothing of the item. It is learned
 * from the document itself, so that there is nothing to keep: the same document gives the same answer. Knows no item; titles are none of its
 * business.
 *
 * A piece is a sentence or a line. Read from its end, a text loses every piece that stands at the end of TAILS_ITEMS texts at least, until one does not;
 * but never more than a third.
 */
#ifndef PIPE_TAILS_H
#define PIPE_TAILS_H

#include "daemon/base/buf.h"

#include <stdint.h>

#define TAILS_ITEMS 4u /* texts that must share a piece: two or three may be about the same matter */
#define TAILS_PIECES 8u /* of each text's end that are looked at */
#define TAILS_SHARE 3u /* one part in so many of a text is lost at most */

struct tails {
	struct buf prints; /* uint64_t: of the pieces, of each text once; ascending after tails_settle */
};

void tails_init(struct tails *t, size_t texts); /* at most so many */
void tails_fini(struct tails *t);

/* The print of its last piece, 0: it has none that could be lost. Memory: t->prints.failed. */
uint64_t tails_add(struct tails *t, struct str text);
/* Behind the last text, before what follows. */
void tails_settle(struct tails *t);

bool tails_recurs(const struct tails *t, uint64_t print);
/* Bytes of the text that count; text.n: all of them. */
size_t tails_end(const struct tails *t, struct str text);

#endif
