/*
 * page: a page of HTML -> the feeds that it seems to link to. Own scanner, no tree: one pass for the base, one for the links, bounded.
 * It guesses from what links say of themselves; whether something is a feed only its document can tell.
 */
#ifndef FEED_PAGE_H
#define FEED_PAGE_H

#include "daemon/base/err.h"
#include "daemon/feed/feed.h"

#define PAGE_LINKS_MAX                                                                                       \
	500u /* links that are told of one page; pages that list all feeds of a state have 200 */

enum page_found {
	PAGE_ALTERNATE, /* <link rel=alternate> with a type of feeds, or <link rel=feed> */
	PAGE_ANCHOR /* <a> whose address or words are those of feeds */
};

struct page_link { /* valid until the sink returns */
	enum page_found found;
	struct str url; /* absolute, http or https, without fragment */
	struct str language; /* hreflang, or absent */
};

typedef bool page_link_f(void *ctx, const struct page_link *link); /* false: no more */

/* Of `in` only body, content_type and base_url count. False: memory. Links may repeat. */
bool page_scan(const struct feed_input *in, page_link_f *sink, void *ctx, struct err *e) MUST_CHECK;

/* Is this the media type of feeds (parameters are passed over)? application/json, which is that of much else, is none. */
bool page_is_feed_type(struct str type);
/* Has its path or query a word or an ending of feeds? */
bool page_is_feed_url(struct str url);

#endif
