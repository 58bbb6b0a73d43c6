/*
 * names: what an element is. Namespaces (by URI, or by prefix where a publisher forgot to declare it) and the table that says which element
 * means what in which place. Knows nothing of parsers: both the strict and the repairing one ask here.
 */
#ifndef FEED_NAMES_PRIV_H
#define FEED_NAMES_PRIV_H

#include "daemon/base/str.h"

#include <stdint.h>

enum ns {
	NS_NONE, /* no namespace, or one of the many that were used for plain RSS */
	NS_ATOM,
	NS_RDF,
	NS_DC, /* Dublin Core 1.0, 1.1 and terms */
	NS_CONTENT,
	NS_MEDIA,
	NS_ITUNES, /* and its copies: Google Play, Spotify */
	NS_XHTML,
	NS_SYNDICATION,
	NS_SITEMAP,
	NS_NEWS,
	NS_SITEMAP_IMAGE,
	NS_FEEDBURNER,
	NS_XML,
	NS_OTHER,
	NS_COUNT
};

#define NAME_MAX_LEN 24 /* bytes; no element that we know has a longer name */

/* Absent uri: NS_NONE. */
enum ns ns_of_uri(struct str uri);
/* For prefixes that are used without a declaration. */
enum ns ns_of_prefix(struct str prefix);

/* Where an element stands; the same element may mean different things in different places. */
enum place {
	IN_FEED = 1 << 0, /* channel, feed, and the root around it */
	IN_ITEM = 1 << 1,
	IN_SOURCE = 1 << 2, /* atom:source */
	IN_PERSON = 1 << 3, /* atom:author, atom:contributor, itunes:owner */
	IN_IMAGE = 1 << 4, /* the channel's image */
	IN_MEDIA = 1 << 5, /* media:content, media:group */
	IN_UNKNOWN = 1 << 6, /* below an element outside of items that we do not know */
	IN_NOTHING = 1 << 7, /* contents are passed over */
};

enum element_kind {
	KIND_TEXT, /* its text, or inner markup, is a value */
	KIND_CONSTRUCT, /* the same, with Atom's type and mode attributes */
	KIND_BOX, /* holds elements of its own place */
	KIND_EMPTY, /* only attributes matter */
};

struct build;
struct element;
struct attrs;
typedef void element_start_f(struct build *b, const struct element *el, const struct attrs *attrs);
typedef void element_end_f(struct build *b, const struct element *el, struct str text);

struct element {
	uint32_t ns_mask; /* bit per enum ns */
	uint8_t places; /* of its parent */
	uint8_t kind; /* enum element_kind */
	uint8_t inner; /* place of its children (KIND_BOX) */
	uint8_t slot; /* enum slot, where its value goes */
	const char *name; /* lower case */
	element_start_f *start; /* or NULL */
	element_end_f *end; /* or NULL */
};

void elements_init(void); /* once per process */

/* The chain of rows with this name, or NULL. Names are compared without case (CDF, upper-case RSS). */
struct element_chain;
const struct element_chain *elements_named(enum ns ns, struct str local);
/* The row of the chain that fits the place, or NULL. */
const struct element *element_in(const struct element_chain *chain, unsigned place);

#endif
