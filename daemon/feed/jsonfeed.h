/* jsonfeed: items as a JSON Feed 1.1 document with the extension object `_gazetted`; the output of `gazettectl parse`. */
#ifndef FEED_JSONFEED_H
#define FEED_JSONFEED_H

#include "daemon/base/buf.h"
#include "daemon/feed/feed.h"

/* Parses `in` and appends one document (no newline). On failure `out` is as it was. */
bool jsonfeed_convert(const struct feed_input *in, struct buf *out, struct err *e) MUST_CHECK;

#define JSONFEED_PART_MIN (1u << 20) /* bytes of items that are gathered before a part goes out */

typedef bool jsonfeed_part_f(void *ctx, struct str part); /* false: no more */

/* The same in parts, so that a document of any number of items takes no more memory than one of few. What fits into one part is as from
 * jsonfeed_convert; in all others the members of the feed stand behind its items. Parts may have gone out before a failure. */
bool jsonfeed_stream(const struct feed_input *in, jsonfeed_part_f *part, void *ctx, struct err *e) MUST_CHECK;

#endif
