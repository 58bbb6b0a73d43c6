/* jsonfeed: items as a JSON Feed 1.1 document with the extension object `_gazetted`; the output of `gazettectl parse`. */
#ifndef FEED_JSONFEED_H
#define FEED_JSONFEED_H

#include "daemon/base/buf.h"
#include "daemon/feed/feed.h"

/* Parses `in` and appends one document (no newline). On failure `out` is as it was. */
bool jsonfeed_convert(const struct feed_input *in, struct buf *out, struct err *e) MUST_CHECK;

#endif
