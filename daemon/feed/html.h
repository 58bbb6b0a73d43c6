/* html: fragments of HTML as publishers put them into feeds -> plain text. Own scanner, no tree: one pass, bounded. */
#ifndef FEED_HTML_H
#define FEED_HTML_H

#include "daemon/base/buf.h"
#include "daemon/base/str.h"

/* Appends the text: tags dropped, entities decoded, script/style/template left out, white space folded, block elements and <br>
 * as line breaks, list items on lines of their own. */
void html_to_text(struct str html, struct buf *out);

/* Decodes HTML character references once (named, decimal, hex; windows-1252 for 128-159). Appends. */
void html_unescape(struct str s, struct buf *out);

/* True when s holds a tag or a character reference. */
bool html_has_markup(struct str s);

#endif
