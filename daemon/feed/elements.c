/* elements: the table. One row says: this name, in these namespaces, below these places, is taken by these functions into this slot. */
#include "daemon/feed/elements_priv.h"

#include "daemon/base/attr.h"
#include "daemon/feed/take_priv.h"

#define N_NONE (1u << NS_NONE)
#define N_ATOM (1u << NS_ATOM)
#define N_CORE (N_NONE | N_ATOM)
#define N_RDF (1u << NS_RDF)
#define N_DC (1u << NS_DC)
#define N_CONTENT (1u << NS_CONTENT)
#define N_MEDIA (1u << NS_MEDIA)
#define N_ITUNES (1u << NS_ITUNES)
#define N_XHTML (1u << NS_XHTML)
#define N_SY (1u << NS_SYNDICATION)
#define N_SITEMAP (1u << NS_SITEMAP)
#define N_NEWS (1u << NS_NEWS)
#define N_SITEMAP_IMAGE (1u << NS_SITEMAP_IMAGE)
#define N_FEEDBURNER (1u << NS_FEEDBURNER)

#define ANY (IN_FEED | IN_ITEM | IN_SOURCE)
#define OUTER (IN_FEED | IN_UNKNOWN)
#define ITEMS (IN_ITEM | IN_MEDIA)

static const struct element table[] = {
	/* the shell */
	{ N_CORE | N_RDF, OUTER, KIND_BOX, IN_FEED, 0, "channel", take_channel_start, NULL },
	{ N_CORE | N_RDF, OUTER, KIND_BOX, IN_ITEM, 0, "item", take_item_start, take_item_end },
	{ N_CORE, OUTER, KIND_BOX, IN_ITEM, 0, "entry", take_item_start, take_item_end },
	{ N_NONE, IN_FEED, KIND_BOX, IN_IMAGE, 0, "image", take_image_start, NULL },
	{ N_NONE, IN_FEED, KIND_EMPTY, 0, 0, "textinput", NULL, NULL },
	{ N_NONE, IN_FEED, KIND_EMPTY, 0, 0, "cloud", NULL, NULL },
	{ N_NONE, IN_FEED, KIND_BOX, IN_FEED, 0, "skiphours", NULL, NULL },
	{ N_NONE, IN_FEED, KIND_BOX, IN_FEED, 0, "skipdays", NULL, NULL },
	{ N_NONE, IN_FEED, KIND_TEXT, 0, 0, "hour", NULL, take_hour },
	{ N_NONE, IN_FEED, KIND_TEXT, 0, 0, "day", NULL, take_day },

	/* titles */
	{ N_CORE, ANY, KIND_CONSTRUCT, 0, SLOT_TITLE, "title", NULL, take_value },
	{ N_DC, ANY, KIND_TEXT, 0, SLOT_TITLE_DC, "title", NULL, take_value },
	{ N_ITUNES, ANY, KIND_TEXT, 0, SLOT_TITLE_ITUNES, "title", NULL, take_value },
	{ N_MEDIA, ANY | IN_MEDIA, KIND_CONSTRUCT, 0, SLOT_TITLE_MEDIA, "title", NULL, take_value },
	{ N_NEWS, IN_ITEM, KIND_TEXT, 0, SLOT_TITLE, "title", NULL, take_value },

	/* contents */
	{ N_CONTENT, ANY, KIND_TEXT, 0, SLOT_ENCODED, "encoded", NULL, take_value },
	{ N_CORE, IN_ITEM, KIND_CONSTRUCT, 0, SLOT_CONTENT, "content", NULL, take_value },
	{ N_XHTML | N_NONE, IN_ITEM, KIND_CONSTRUCT, 0, SLOT_BODY, "body", NULL, take_value },
	{ N_XHTML, IN_ITEM, KIND_CONSTRUCT, 0, SLOT_BODY, "div", NULL, take_value },
	{ N_NONE, IN_ITEM, KIND_TEXT, 0, SLOT_BODY, "fullitem", NULL, take_value },
	{ N_NONE, ANY, KIND_CONSTRUCT, 0, SLOT_DESCRIPTION, "description", NULL, take_value },
	{ N_NONE, ANY, KIND_CONSTRUCT, 0, SLOT_DESCRIPTION, "abstract", NULL, take_value },
	{ N_CORE, ANY, KIND_CONSTRUCT, 0, SLOT_SUMMARY, "summary", NULL, take_value },
	{ N_CORE, ANY, KIND_CONSTRUCT, 0, SLOT_SUMMARY, "subtitle", NULL, take_value },
	{ N_CORE, ANY, KIND_CONSTRUCT, 0, SLOT_SUMMARY, "tagline", NULL, take_value },
	{ N_DC, ANY, KIND_TEXT, 0, SLOT_DESCRIPTION_DC, "description", NULL, take_value },
	{ N_DC, ANY, KIND_TEXT, 0, SLOT_DESCRIPTION_DC, "abstract", NULL, take_value },
	{ N_ITUNES, ANY, KIND_TEXT, 0, SLOT_SUMMARY_ITUNES, "summary", NULL, take_value },
	{ N_ITUNES, ANY, KIND_TEXT, 0, SLOT_SUMMARY_ITUNES, "description", NULL, take_value },
	{ N_ITUNES, ANY, KIND_TEXT, 0, SLOT_SUBTITLE_ITUNES, "subtitle", NULL, take_value },
	{ N_MEDIA, ITEMS, KIND_CONSTRUCT, 0, SLOT_DESCRIPTION_MEDIA, "description", NULL, take_value },

	/* identity and links */
	{ N_CORE, ANY, KIND_TEXT, 0, SLOT_ID, "id", NULL, take_value },
	{ N_NONE, IN_ITEM, KIND_TEXT, 0, SLOT_ID, "guid", take_guid_start, take_value },
	{ N_DC, ANY, KIND_TEXT, 0, SLOT_ID_DC, "identifier", NULL, take_value },
	{ N_CORE, ANY, KIND_TEXT, 0, SLOT_LINK, "link", take_link_start, take_link_end },
	{ N_NONE, ANY, KIND_EMPTY, 0, SLOT_LINK_ALTERNATE, "a", take_href, NULL },
	{ N_FEEDBURNER, IN_ITEM, KIND_TEXT, 0, SLOT_LINK_ORIGINAL, "origlink", NULL, take_url },
	{ N_NONE, ANY, KIND_TEXT, 0, SLOT_COMMENTS, "comments", NULL, take_url },
	{ N_SITEMAP, IN_ITEM, KIND_TEXT, 0, SLOT_LINK, "loc", NULL, take_url },

	/* dates */
	{ N_NONE, ANY, KIND_TEXT, 0, SLOT_PUBLISHED, "pubdate", NULL, take_value },
	{ N_CORE, ANY, KIND_TEXT, 0, SLOT_PUBLISHED, "published", NULL, take_last },
	{ N_CORE, ANY, KIND_TEXT, 0, SLOT_ISSUED, "issued", NULL, take_last },
	{ N_CORE, ANY, KIND_TEXT, 0, SLOT_CREATED, "created", NULL, take_last },
	{ N_CORE, ANY, KIND_TEXT, 0, SLOT_UPDATED, "updated", NULL, take_last },
	{ N_CORE, ANY, KIND_TEXT, 0, SLOT_UPDATED, "modified", NULL, take_last },
	{ N_NONE, IN_FEED, KIND_TEXT, 0, SLOT_UPDATED, "lastbuilddate", NULL, take_value },
	{ N_DC, ANY, KIND_TEXT, 0, SLOT_DATE_DC, "date", NULL, take_value },
	{ N_DC, ANY, KIND_TEXT, 0, SLOT_ISSUED, "issued", NULL, take_last },
	{ N_DC, ANY, KIND_TEXT, 0, SLOT_CREATED, "created", NULL, take_last },
	{ N_DC, ANY, KIND_TEXT, 0, SLOT_MODIFIED_DC, "modified", NULL, take_last },
	{ N_SITEMAP, IN_ITEM, KIND_TEXT, 0, SLOT_UPDATED, "lastmod", NULL, take_value },
	{ N_NEWS, IN_ITEM, KIND_TEXT, 0, SLOT_PUBLISHED, "publication_date", NULL, take_value },

	/* people */
	{ N_CORE, ANY, KIND_BOX, IN_PERSON, 0, "author", take_person_start, take_author_end },
	{ N_CORE, ANY, KIND_BOX, IN_PERSON, 0, "contributor", take_person_start, take_contributor_end },
	{ N_NONE, IN_FEED, KIND_BOX, IN_PERSON, 0, "managingeditor", take_person_start, take_author_end },
	{ N_DC, ANY, KIND_TEXT, 0, 0, "creator", NULL, take_creator },
	{ N_DC, ANY, KIND_TEXT, 0, 0, "author", NULL, take_creator },
	{ N_ITUNES, ANY, KIND_TEXT, 0, 0, "author", NULL, take_creator },
	{ N_ITUNES, IN_FEED, KIND_BOX, IN_PERSON, 0, "owner", take_person_start, take_author_end },
	{ N_CORE | N_ITUNES, IN_PERSON, KIND_TEXT, 0, 0, "name", NULL, take_person_name },
	{ N_CORE | N_ITUNES, IN_PERSON, KIND_TEXT, 0, 0, "uri", NULL, take_person_url },
	{ N_CORE | N_ITUNES, IN_PERSON, KIND_TEXT, 0, 0, "url", NULL, take_person_url },
	{ N_CORE | N_ITUNES, IN_PERSON, KIND_TEXT, 0, 0, "homepage", NULL, take_person_url },
	{ N_CORE | N_ITUNES, IN_PERSON, KIND_TEXT, 0, 0, "email", NULL, take_person_email },

	/* subjects */
	{ N_CORE, ANY, KIND_TEXT, 0, 0, "category", take_tag_start, take_tag },
	{ N_DC, ANY, KIND_TEXT, 0, 0, "subject", NULL, take_tag },
	{ N_ITUNES, ANY, KIND_BOX, IN_FEED, 0, "category", take_tag_start, NULL },
	{ N_ITUNES, ANY, KIND_TEXT, 0, 0, "keywords", NULL, take_keywords },
	{ N_MEDIA, ITEMS, KIND_TEXT, 0, 0, "category", NULL, take_tag },
	{ N_MEDIA, ITEMS, KIND_TEXT, 0, 0, "keywords", NULL, take_keywords },
	{ N_NEWS, IN_ITEM, KIND_TEXT, 0, 0, "keywords", NULL, take_keywords },

	/* pictures and files */
	{ N_NONE, IN_ITEM, KIND_EMPTY, 0, 0, "enclosure", take_enclosure, NULL },
	{ N_NONE, IN_IMAGE, KIND_TEXT, 0, SLOT_IMAGE, "url", NULL, take_url },
	{ N_CORE, IN_FEED, KIND_TEXT, 0, SLOT_ICON, "icon", NULL, take_url },
	{ N_CORE, IN_FEED, KIND_TEXT, 0, SLOT_LOGO, "logo", NULL, take_url },
	{ N_ITUNES, ANY, KIND_EMPTY, 0, SLOT_IMAGE_ITUNES, "image", take_href, NULL },
	{ N_ITUNES, IN_FEED, KIND_EMPTY, 0, SLOT_IMAGE_ITUNES, "link", take_href, NULL },
	{ N_ITUNES, IN_ITEM, KIND_TEXT, 0, 0, "duration", NULL, take_duration },
	{ N_MEDIA, ITEMS, KIND_BOX, IN_MEDIA, 0, "group", NULL, NULL },
	{ N_MEDIA, ITEMS, KIND_BOX, IN_MEDIA, 0, "content", take_media_start, NULL },
	{ N_MEDIA, ANY | IN_MEDIA, KIND_EMPTY, 0, SLOT_THUMBNAIL, "thumbnail", take_media_thumbnail, NULL },
	{ N_MEDIA, ITEMS, KIND_EMPTY, 0, 0, "player", take_media_player, NULL },
	{ N_SITEMAP_IMAGE, IN_ITEM, KIND_BOX, IN_ITEM, 0, "image", NULL, NULL },
	{ N_SITEMAP_IMAGE, IN_ITEM, KIND_TEXT, 0, SLOT_THUMBNAIL, "loc", NULL, take_url },

	/* the rest */
	{ N_NONE, ANY, KIND_TEXT, 0, SLOT_LANGUAGE, "language", NULL, take_value },
	{ N_CORE, ANY, KIND_TEXT, 0, SLOT_LANGUAGE, "lang", NULL, take_value },
	{ N_DC, ANY, KIND_TEXT, 0, SLOT_LANGUAGE_DC, "language", NULL, take_value },
	{ N_NONE, ANY, KIND_TEXT, 0, SLOT_RIGHTS, "copyright", NULL, take_value },
	{ N_CORE, ANY, KIND_CONSTRUCT, 0, SLOT_RIGHTS, "rights", NULL, take_value },
	{ N_DC, ANY, KIND_TEXT, 0, SLOT_RIGHTS_DC, "rights", NULL, take_value },
	{ N_CORE, IN_FEED, KIND_TEXT, 0, SLOT_GENERATOR, "generator", NULL, take_value },
	{ N_NONE, IN_FEED, KIND_TEXT, 0, SLOT_TTL, "ttl", NULL, take_value },
	{ N_SY, IN_FEED, KIND_TEXT, 0, SLOT_PERIOD, "updateperiod", NULL, take_value },
	{ N_SY, IN_FEED, KIND_TEXT, 0, SLOT_FREQUENCY, "updatefrequency", NULL, take_value },
	{ N_NONE, IN_ITEM, KIND_TEXT, 0, SLOT_SOURCE_TITLE, "source", take_source_link, take_value },
	{ N_ATOM, IN_ITEM, KIND_BOX, IN_SOURCE, 0, "source", take_source_start, take_source_end },
	{ N_SITEMAP, OUTER, KIND_BOX, IN_ITEM, 0, "url", take_item_start, take_item_end },
	{ N_SITEMAP, OUTER, KIND_BOX, IN_ITEM, 0, "sitemap", take_item_start, take_item_end },
	{ N_NEWS, IN_ITEM, KIND_BOX, IN_ITEM, 0, "news", NULL, NULL },
	{ N_NEWS, IN_ITEM, KIND_BOX, IN_ITEM, 0, "publication", NULL, NULL },
	{ N_NEWS, IN_ITEM, KIND_TEXT, 0, SLOT_SOURCE_TITLE, "name", NULL, take_value },
	{ N_NEWS, IN_ITEM, KIND_TEXT, 0, SLOT_LANGUAGE, "language", NULL, take_value },
};

const struct element *elements_table(size_t *n)
{
	*n = ARRAY_LEN(table);
	return table;
}
