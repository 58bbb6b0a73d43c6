/* listing: one record of a store as an entry of a list, as pages show it. */
#ifndef PAGE_LISTING_H
#define PAGE_LISTING_H

#include "daemon/base/buf.h"

#include <jansson.h>

/* <li>…</li>: title, feed, age, topics. */
void listing_item(struct buf *b, const json_t *record, int64_t now);
/* The same where a list is also data: there its line as it is, behind a comma when it is not the first. */
void listing_entry(struct buf *b, bool data, const json_t *record, struct str line, int64_t now);
/* It matches this topic; absent: any. */
bool listing_matches(const json_t *record, struct str topic);
/* The topics of a record with their scores; of those that a person should look at, dashed. */
void listing_topics(struct buf *b, const json_t *record);

#endif
