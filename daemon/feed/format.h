/* format: what kinds of documents items come from. */
#ifndef FEED_FORMAT_H
#define FEED_FORMAT_H

enum feed_format {
	FEED_UNKNOWN,
	FEED_RSS_090,
	FEED_RSS_091,
	FEED_RSS_091N, /* Netscape's: with its DOCTYPE */
	FEED_RSS_092,
	FEED_RSS_093,
	FEED_RSS_094,
	FEED_RSS_10,
	FEED_RSS_20,
	FEED_ATOM_03,
	FEED_ATOM_10,
	FEED_JSON_10,
	FEED_JSON_11,
	FEED_CDF,
	FEED_SITEMAP,
	FEED_FORMATS
};
/* "rss20", "atom10", … as conformance and records name them. */
const char *feed_format_name(enum feed_format f);

#endif
