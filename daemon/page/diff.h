/* diff: what changed between two texts, word by word. */
#ifndef PAGE_DIFF_H
#define PAGE_DIFF_H

#include "daemon/base/buf.h"

/*
 * <del> what is gone, <ins> what came, what stayed between them in short. At most about `room` bytes of HTML; of texts with too many words that differ
 * one went and one came.
 */
void diff_write(struct buf *b, struct str before, struct str after, size_t room);

#endif
