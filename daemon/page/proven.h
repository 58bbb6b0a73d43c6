/* proven: what the ledger of polls proves of one feed (pipe/coverage.h), as its page tells it. */
#ifndef PAGE_PROVEN_H
#define PAGE_PROVEN_H

#include "daemon/page/page.h"
#include "daemon/pipe/coverage.h"

struct proven {
	struct covered covered;
	struct span span;
};

/* Looks at the last PAGE_LOOK_BACK lines of the ledger. False: memory, or the ledger has nothing of this feed; nothing is to be freed then. */
bool proven_read(const struct page_source *source, const char *feed, struct proven *out);
void proven_fini(struct proven *p);

void proven_html(struct buf *b, const struct proven *p, int64_t now);
void proven_json(struct buf *b, const struct proven *p);

#endif
