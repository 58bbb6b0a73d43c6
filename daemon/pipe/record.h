/* record: the members of one line that a worker can write: everything between "feed" and "case". Names of JSON Feed 1.1, fixed order, absent ones left out. */
#ifndef PIPE_RECORD_H
#define PIPE_RECORD_H

#include "classifiers/classify.h"
#include "daemon/base/buf.h"
#include "daemon/feed/feed.h"

#define RECORD_KEY_PLACE "00000000000000000000000000000000" /* the key is known at the end of the document */

struct record {
	const struct feed_item *item;
	struct str title, text, language; /* as they are written; the classifier saw exactly these */
	size_t
	    text_end; /* bytes of the text that it saw: what stands behind recurs at the end of the feed's items */
	const struct cls_result *results; /* of every topic */
	size_t result_count;
	const struct classifier *classifier;
};

/* Appends one object `{"key":"000…",…,"model":"…"}`. Returns how many bytes of it are its head: `{"key":"000…","id":…,"url":…,"title":…`. */
size_t record_write(const struct record *r, struct buf *out);
/* One of its topics: title, text and classifier must be there. */
struct json;
void record_write_topic(struct json *w, const struct record *r, const struct cls_result *t);

/* Members as they are written; absent or empty: they are not. */
struct str record_id(const struct feed_item *item);
struct str record_url(const struct feed_item *item);
struct str record_summary(const struct feed_item *item);

#endif
