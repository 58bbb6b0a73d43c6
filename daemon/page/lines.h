/* lines: the newest lines of a store first, in bounded windows: what the pages list. */
#ifndef PAGE_LINES_H
#define PAGE_LINES_H

#include "daemon/page/page.h"

/* False: enough. `line` is a view until it returns. */
typedef bool lines_f(void *ctx, uint64_t seq, struct str line);

/*
 * The lines of a store whose number is below `before` (0: all), the newest first, at most `most` of them. *next: where an older page begins
 * (its `before`); 0: there is nothing older. A store that is not there has no lines, and damaged files are passed over. False: memory or the system
 * failed, and what was told may not be all.
 */
bool lines_back(const struct page_source *source, const char *store, uint64_t before, unsigned most,
    lines_f *each, void *ctx, uint64_t *next);

/*
 * The lines behind number `after`, the oldest first, at most `most` of them; *last: the number of the last that was told; `after` when there is none
 * behind it; the store's last one when that comes before it. False: as above.
 */
bool lines_after(const struct page_source *source, const char *store, uint64_t after, unsigned most,
    lines_f *each, void *ctx, uint64_t *last);

/* The line with that number. False: there is none. */
bool lines_find(const struct page_source *source, const char *store, uint64_t seq, struct buf *out);

#endif
