/* text: small conversions of values. Pure functions. */
#ifndef FEED_TEXT_PRIV_H
#define FEED_TEXT_PRIV_H

#include "daemon/base/buf.h"
#include "daemon/feed/fields_priv.h"

/* Appends the value's text as one line of plain text: for titles and names. */
void text_plain(struct str s, enum value_type type, struct buf *out);
/* Appends the decoded bytes when they are base64 and UTF-8; false: they are not, `out` is as it was. */
bool text_base64(struct str s, struct buf *out);
/* "3661", "1:01:01", "61:01": milliseconds, or -1. */
int64_t text_duration(struct str s);
/* html with the relative references of its attributes resolved and unsafe ones taken out: appended to `out`, or html itself when nothing changes. */
struct str text_links(struct str html, struct str base, struct buf *out);
/* Appends plain text as HTML. */
void text_to_html(struct str plain, struct buf *out);

#endif
