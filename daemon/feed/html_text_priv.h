/* html_text: the scanner behind html_to_text, with the choices that titles need. */
#ifndef FEED_HTML_TEXT_PRIV_H
#define FEED_HTML_TEXT_PRIV_H

#include "daemon/base/buf.h"
#include "daemon/base/str.h"

enum html_text_flags {
	HTML_ONE_LINE = 1, /* blanks instead of line breaks */
	HTML_KNOWN_TAGS = 2, /* only HTML's own elements are tags: "List<String>" stays */
};

void html_text(struct str html, unsigned flags, struct buf *out);

#endif
