/* finish: what item.c and meta.c share: slots -> finished values. */
#ifndef FEED_FINISH_PRIV_H
#define FEED_FINISH_PRIV_H

#include "daemon/feed/build_priv.h"

struct str finish_text(struct str s); /* empty becomes absent */
struct str finish_first(const struct fields *f, const uint8_t *slots);
struct str finish_plain(
    const struct fields *f, const uint8_t *slots, struct buf *out); /* one line of plain text in `out` */
/* The first slot that holds a date; the raw text of the first one when none does. */
struct feed_date finish_date(const struct build *b, const struct fields *f, const uint8_t *slots);

/* meta's language, of what has been read so far. */
void meta_language(struct build *b);

#endif
