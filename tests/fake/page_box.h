/* page_box: a folder with a status file and stores as a daemon leaves them, and requests for its pages. */
#ifndef FAKE_PAGE_BOX_H
#define FAKE_PAGE_BOX_H

#include "daemon/page/page.h"

#define PAGE_BOX_NOW INT64_C(1795255200000) /* wall ms: 2026-11-21T10:00:00Z */

struct page_box {
	char folder[64];
	struct page_source source;
	struct page_answer answer; /* to the last request */
};

void page_box_init(struct page_box *b); /* on tmpfs where there is one; asserts by itself, as all of these */
void page_box_fini(struct page_box *b);
/* The whole of a file, or more of it. */
void page_box_write(struct page_box *b, const char *name, struct str text);
void page_box_append(struct page_box *b, const char *name, struct str text);

/* target: PATH[?QUERY], the path decoded. Returns the status. */
unsigned page_box_get(struct page_box *b, const char *target);
unsigned page_box_get_if(struct page_box *b, const char *target, const char *if_none_match);
/* Is it in the body of the last answer? */
bool page_box_says(const struct page_box *b, const char *text);

#endif
