/* fields: the values of one feed, item or source while it is being read, by slot. Several slots may serve one purpose; which one wins is decided at the
 * end, by a list, and not by the order of the elements. */
#ifndef FEED_FIELDS_PRIV_H
#define FEED_FIELDS_PRIV_H

#include "daemon/base/arena.h"
#include "daemon/feed/feed.h"

enum slot {
	SLOT_NONE,
	SLOT_TITLE,
	SLOT_TITLE_DC,
	SLOT_TITLE_ITUNES,
	SLOT_TITLE_MEDIA,
	SLOT_ENCODED, /* content:encoded */
	SLOT_CONTENT, /* atom:content */
	SLOT_BODY, /* xhtml:body, fullitem */
	SLOT_DESCRIPTION,
	SLOT_SUMMARY, /* atom:summary */
	SLOT_DESCRIPTION_DC,
	SLOT_SUMMARY_ITUNES,
	SLOT_SUBTITLE_ITUNES,
	SLOT_DESCRIPTION_MEDIA,
	SLOT_ID,
	SLOT_ID_DC,
	SLOT_LINK, /* the text of link */
	SLOT_LINK_ALTERNATE,
	SLOT_LINK_ALTERNATE_HTML,
	SLOT_LINK_ALTERNATE_OTHER, /* another type than HTML */
	SLOT_LINK_ORIGINAL,
	SLOT_LINK_SELF,
	SLOT_LINK_HUB,
	SLOT_LINK_NEXT,
	SLOT_LINK_PREV_ARCHIVE,
	SLOT_LINK_RELATED,
	SLOT_LINK_OTHER,
	SLOT_ABOUT, /* rdf:about */
	SLOT_PUBLISHED,
	SLOT_ISSUED,
	SLOT_CREATED,
	SLOT_DATE_DC,
	SLOT_UPDATED,
	SLOT_MODIFIED_DC,
	SLOT_LANGUAGE,
	SLOT_LANGUAGE_DC,
	SLOT_RIGHTS,
	SLOT_RIGHTS_DC,
	SLOT_GENERATOR,
	SLOT_TTL,
	SLOT_PERIOD,
	SLOT_FREQUENCY,
	SLOT_ICON,
	SLOT_LOGO,
	SLOT_IMAGE,
	SLOT_IMAGE_ITUNES,
	SLOT_THUMBNAIL,
	SLOT_COMMENTS,
	SLOT_SOURCE_TITLE,
	SLOT_SOURCE_URL,
	SLOTS
};

enum value_type {
	VALUE_PLAIN,
	VALUE_LOOSE, /* RSS: plain or HTML, nobody knows */
	VALUE_HTML,
	VALUE_XHTML, /* inner markup from the start */
	VALUE_BASE64,
};

struct value {
	struct str text; /* absent: not set */
	struct str base, lang; /* of its element */
	uint8_t type; /* enum value_type */
};

struct fields {
	struct arena *arena;
	struct value v[SLOTS];
	struct feed_list authors, contributors, tags, attachments;
	struct str base, lang; /* of the element that they belong to */
	bool not_permalink;
	int64_t duration_ms; /* itunes:duration: of the first attachment; 0: not stated */
	uint32_t skip_hours;
	uint8_t skip_days;
};

/* The first of the slots (ending with SLOT_NONE) that is set, or NULL. */
const struct value *fields_first(const struct fields *f, const uint8_t *slots);

/* Lists grow in the arena up to FEED_LIST_MAX; beyond that, and without memory, the new one is dropped. NULL then. */
struct feed_author *fields_add_author(struct feed_list *list, struct arena *a);
struct feed_attachment *fields_add_attachment(struct fields *f);
void fields_add_tag(struct fields *f, struct str tag); /* trimmed; once */

#endif
