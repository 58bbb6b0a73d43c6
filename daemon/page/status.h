/* status: the status file as far as a page needs it. With 10,000 feeds it is eight megabytes: to make a tree of all of it takes half a second. */
#ifndef PAGE_STATUS_H
#define PAGE_STATUS_H

#include "daemon/page/page.h"

#include <jansson.h>

enum status_need {
	STATUS_WHOLE,
	STATUS_NONE, /* nothing */
	STATUS_COUNTS, /* no feeds */
	STATUS_BROKEN, /* of the feeds those that are not well */
	STATUS_NAMED, /* of the feeds the one of this name */
	STATUS_LABELLED /* all of them, when they are not too many to be told one by one */
};

/* It tells of a sign of life that is not stale; NULL: none. */
bool status_is_alive(const json_t *status, int64_t now);
/* NULL: there is none, it is damaged, or it is not needed. */
json_t *status_read(const struct page_source *source, enum status_need need, struct str name);

#endif
