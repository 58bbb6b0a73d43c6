/* html_tags: what the scanner must know of HTML's elements, and where a tag ends. */
#ifndef FEED_HTML_TAGS_PRIV_H
#define FEED_HTML_TAGS_PRIV_H

#include "daemon/base/str.h"

#include <stdint.h>

#define HTML_NAME_MAX 16 /* bytes; longer names are no element of HTML */

enum html_tag_kind {
	HTML_UNKNOWN,
	HTML_INLINE,
	HTML_BREAK, /* begins and ends lines: div, br, h1, … */
	HTML_PARAGRAPH, /* with an empty line: p */
	HTML_ITEM, /* li */
	HTML_CELL, /* td, th: a blank between */
	HTML_DROP, /* its contents are not text */
	HTML_PRE, /* white space counts */
};

struct html_tag {
	struct str name; /* as written */
	bool closing;
	size_t length; /* bytes from '<' to behind '>' */
	bool no_gt,
	    no_comment_end; /* hints kept from call to call, so that hostile text is not searched again and again */
};

/* Of an element of HTML, in any case; HTML_UNKNOWN for all other names. No two names share their first eight bytes. */
enum html_tag_kind html_tag_kind(struct str name);

/* At s.p[0] == '<', with *out zeroed before the first call on a text. False: it is only a character (or its tag never ends). Comments, declarations
 * and processing instructions have no name. */
bool html_tag_read(struct str s, struct html_tag *out);

/* Behind the '>' that ends a tag which is read up to i; 0 when there is none. */
size_t html_tag_end(struct str s, size_t i, struct html_tag *hints);

struct html_attr {
	struct str name, value; /* views, not decoded; no value: {NULL, 0} */
	size_t end; /* behind it in the tag */
};

/* The next attribute of the tag ("<a …>") at or after i; begin behind the name. */
bool html_attr_next(struct str tag, size_t i, struct html_attr *a);

static inline bool html_is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

#endif
