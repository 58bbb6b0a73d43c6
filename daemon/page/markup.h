/*
 * markup: HTML onto a buf. Text from outside gets there by markup_text alone, which escapes it; everything else is written by us. Sticky like buf.
 */
#ifndef PAGE_MARKUP_H
#define PAGE_MARKUP_H

#include "daemon/base/buf.h"

#include <stdint.h>

/* For contents and for attributes in double quotes. What is no UTF-8, no character of XML or would turn a text around becomes U+FFFD. */
void markup_text(struct buf *b, struct str text);
/* The start of a text that markup_text makes at most `room` bytes of. */
struct str markup_fit(struct str text, size_t room);
/* <bdi>TEXT</bdi>: its direction is its own. */
void markup_bdi(struct buf *b, struct str text);
/* Of http or https: what may be linked to. */
bool markup_is_web(struct str url);
/* The name of a feed, as a link to its page. */
void markup_feed(struct buf *b, struct str name);
/* ` lang="…"`, or `xml:lang`; nothing without a language. */
void markup_language(struct buf *b, const char *attribute, struct str language);
/* An address from a feed: a link when it is http or https, else text. `rel` keeps the page's address to itself. */
void markup_link(struct buf *b, struct str url, struct str text);
/* <time> with the whole in its attribute, "3 min ago" or "in 3 min" as its text; DATE_NONE: "never". */
void markup_age(struct buf *b, int64_t at, int64_t now);
/* The same in full, for a page about one thing: "2026-11-21 10:15:03 UTC 3 min ago". */
void markup_moment(struct buf *b, int64_t at, int64_t now);
/* "300 ms", "3 s", "12 min", "4 h", "5 d". */
void markup_span(struct buf *b, int64_t ms);

struct markup_head {
	const char *title;
	struct str about; /* from outside, before the title; or absent */
	const char *here; /* path of the entry of the navigation that this page belongs to */
	const char *data; /* path of the same as JSON; NULL: none */
	struct str topic; /* whose feeds a reader may subscribe to here; or absent */
};
/* Everything before and behind the contents of <main>. */
void markup_open(struct buf *b, const struct markup_head *head);
void markup_close(struct buf *b);

#endif
