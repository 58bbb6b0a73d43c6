/* feed_text: a parsed feed as lines of text, so that tests are tables of documents and expected lines. */
#ifndef FAKE_FEED_TEXT_H
#define FAKE_FEED_TEXT_H

#include "daemon/base/buf.h"
#include "daemon/feed/feed.h"

/* Parses and appends one line for the feed and one for each item, only with what is set:
 *   feed rss20 title=… home=… language=… recovered cut
 *   item id=… url=… title=… html=… text=… summary=… published=… modified=… author=… tag=… file=…
 * or "error …" with the kind. */
void feed_text(const struct feed_input *in, struct buf *out);

struct feed_text_row {
	const char *name, *base, *document, *want;
};
/* The first row whose lines are not the wanted ones: "name: got … want …" in `out`; false then. */
bool feed_text_rows(const struct feed_text_row *rows, size_t n, struct buf *out);

#endif
