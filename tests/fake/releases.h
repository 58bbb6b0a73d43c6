/*
 * releases: the sample releases of tests/demo as feeds that grow. Which release is out at what time is a pure function of
 * one number, so that servers and tests need no clock of their own.
 */
#ifndef FAKE_RELEASES_H
#define FAKE_RELEASES_H

#include "daemon/base/buf.h"
#include "daemon/base/err.h"

#include <stdint.h>

struct releases;

/* One JSON object per line: feed, lang, title, summary, html, author, categories. NULL with the reason in e. */
struct releases *releases_load(const char *path, struct err *e);
void releases_free(struct releases **r);

size_t releases_feeds(const struct releases *r);
const char *releases_feed_name(const struct releases *r, size_t feed);
const char *releases_feed_language(const struct releases *r, size_t feed);
/* "rss", "atom" or "rdf": feeds take turns. */
const char *releases_feed_format(const struct releases *r, size_t feed);

struct releases_moment {
	uint64_t
	    published; /* releases 0 … published-1 are out, of all feeds in turn; after the last the first comes again as news */
	uint64_t window; /* newest releases that a feed shows */
	int64_t begin_ms, every_ms; /* release i came out at begin_ms + i * every_ms, wall time */
	const char *base; /* "http://127.0.0.1:1234", of links */
};

/* The number of a feed's newest release, for ETags; UINT64_MAX: it has none. */
uint64_t releases_newest(const struct releases *r, size_t feed, const struct releases_moment *m);
void releases_render(const struct releases *r, size_t feed, const struct releases_moment *m, struct buf *out);
/* The page that release i links to. */
void releases_page(const struct releases *r, uint64_t i, struct buf *out);
/* One line per release that is out: feed TAB link. */
void releases_ids(const struct releases *r, const struct releases_moment *m, struct buf *out);

/* "Sun, 06 Nov 1994 08:49:37 GMT", of HTTP and of RSS. */
#define RELEASES_DATE_MAX 40
void releases_http_date(int64_t ms, char out[RELEASES_DATE_MAX]);

#endif
