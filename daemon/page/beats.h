/* beats: how the last polls of some feeds ended, from the ledger, and the bar that shows them. */
#ifndef PAGE_BEATS_H
#define PAGE_BEATS_H

#include "daemon/page/page.h"

#define BEATS_CELLS 48u

enum beat { BEAT_NONE, BEAT_NEW, BEAT_OK, BEAT_UNCHANGED, BEAT_FAILED, BEAT_KINDS };

struct beats {
	struct str feed;
	enum beat cells[BEATS_CELLS]; /* the newest first */
	unsigned count, not_modified;
};

/* Fills in those of these feeds; reads PAGE_LOOK_BACK lines of the ledger at most. */
void beats_read(const struct page_source *source, struct beats *feeds, size_t count);
/* An <svg> with its own words for those who do not see it. The newest stands at the right. */
void beats_write(struct buf *b, const struct beats *feed);

/* How a poll ended, by its line of the ledger; none: with a redirect that is followed later, so the next one tells. */
enum beat beats_of(struct str result, uint64_t news);

#endif
