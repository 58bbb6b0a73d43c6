/*
 * feed: bytes -> items. The only folder that includes libxml2. Knows no network, no store, no topics.
 *
 * feed_parse streams: each finished item is given to the sink and forgotten, so a feed of a million items runs in
 * constant memory. All strings are valid UTF-8 slices that live until the sink returns (items) or until the
 * arena is freed (meta). Everything is bounded by the named limits below.
 */
#ifndef FEED_FEED_H
#define FEED_FEED_H

#include "daemon/base/arena.h"
#include "daemon/base/err.h"
#include "daemon/base/str.h"
#include "daemon/feed/format.h"

#include <stdint.h>

#define FEED_DEPTH_MAX 64 /* nested elements; real feeds with inline XHTML stay under 40 */
#define FEED_TAG_MAX (64u << 10) /* bytes from '<' to '>' outside of text */
#define FEED_ATTRS_MAX 256 /* attributes of one element */
#define FEED_ITEM_TEXT_MAX (4u << 20) /* bytes of text in one item */
#define FEED_ITEMS_MAX 2000000u /* items of one document */
#define FEED_LIST_MAX 256 /* authors, tags, attachments of one item each */

struct feed_date {
	int64_t ms; /* DATE_NONE when absent or unreadable */
	struct str raw; /* as published */
	bool assumed_zone;
};

struct feed_author {
	struct str name, url, email;
};

struct feed_attachment {
	struct str url, mime_type, title;
	int64_t size; /* bytes, or -1 */
	int64_t duration_ms; /* or -1 */
};

struct feed_list { /* of struct str, feed_author or feed_attachment, as the field says */
	void *at;
	size_t n;
};

/* Names follow JSON Feed 1.1. Absent strings are {NULL, 0}. URLs are absolute where a base was known. */
struct feed_item {
	struct str id; /* as published (guid, atom:id, rdf:about); not resolved */
	bool id_is_permalink;
	struct str url;
	struct str external_url;
	struct str title; /* plain text, unescaped once */
	struct str content_html;
	struct str content_text; /* the content, or else the summary, as plain text with paragraphs kept */
	struct str summary; /* plain text */
	struct str summary_html; /* as published */
	struct str image, banner_image;
	struct feed_date published, modified;
	struct feed_list authors; /* struct feed_author */
	struct feed_list contributors; /* struct feed_author */
	struct feed_list tags; /* struct str */
	struct feed_list attachments; /* struct feed_attachment */
	struct str language;
	struct str source_title, source_url; /* rss:source, atom:source */
	struct str comments_url;
	struct str rights;
};

struct feed_meta {
	enum feed_format format;
	struct str title, description, home_page_url, feed_url, language, icon, favicon, rights, generator;
	struct str next_url; /* of a paged feed (RFC 5005 next, JSON Feed next_url), or else prev-archive */
	struct str archive_url; /* where older items are: RFC 5005 prev-archive, or else next_url */
	struct str hub_url, self_url; /* WebSub */
	struct feed_list authors; /* struct feed_author */
	struct feed_list tags; /* struct str */
	struct feed_date published, modified;
	int64_t ttl_ms; /* rss:ttl or sy:updatePeriod/updateFrequency; -1: none */
	uint32_t skip_hours; /* bit h: hour h UTC */
	uint8_t skip_days; /* bit d: 0 = Sunday */
	struct str encoding; /* what the bytes were read as: "UTF-8", "GB18030", … */
	bool recovered; /* something had to be repaired */
	bool complete; /* the end of the root was seen: nothing is missing behind the last item */
	uint64_t items;
	int error_line; /* of the first repair */
	char error[160]; /* what was repaired or why it stopped; "" when well-formed */
};

typedef bool feed_item_f(
    void *ctx, const struct feed_item *item); /* false: stop, feed_parse fails with ERR_NOMEM */

enum feed_skip { /* what the caller will not read, and need not be made */
	FEED_SKIP_HTML = 1, /* content_html */
	FEED_SKIP_TEXT = 2, /* content_text, where the content is HTML */
	FEED_SKIP_SUMMARY = 4, /* summary; summary_html is always there */
};

struct feed_input {
	struct str body; /* decompressed */
	struct str content_type; /* HTTP Content-Type, or absent */
	struct str content_location; /* HTTP Content-Location, or absent */
	struct str base_url; /* the URL that it was read from, after redirects; or absent */
	struct str content_language; /* HTTP, or absent */
	int assume_minutes; /* offset from UTC of dates without one */
	int64_t cpu_budget_ms; /* 0: none; looked at between chunks */
	unsigned skip; /* enum feed_skip, or 0: everything is made */
};

/* While items come, meta->language is what the document has said of itself so far: the sink may use it for items without their own.
 * True: it is a feed (perhaps repaired: meta->recovered, perhaps cut short: !meta->complete). False: ERR_PARSE (no feed; the text
 * says what it is instead), ERR_LIMIT (a named limit) or ERR_NOMEM. Items may have reached the sink before a
 * failure; the caller drops them. `arena` keeps meta's strings. Call feed_init once per process before. */
bool feed_parse(const struct feed_input *in, feed_item_f *sink, void *ctx, struct arena *arena,
    struct feed_meta *meta, struct err *e) MUST_CHECK;

void feed_init(void); /* once per process, before threads */
/* The same for a process that gives up the file system before it parses: everything that is loaded on demand is loaded now. */
void feed_init_for_sandbox(void);

#endif
