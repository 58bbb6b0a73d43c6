/* chardata: the text between tags by the rules of XML 1.0, checked and decoded. Pure functions. */
#ifndef FEED_CHARDATA_PRIV_H
#define FEED_CHARDATA_PRIV_H

#include "daemon/base/str.h"

#define CHARDATA_SLACK 18 /* bytes around a run that may be touched because it is taken in blocks */

struct chardata {
	bool invalid; /* no UTF-8, or characters that XML does not allow */
	bool section_end; /* "]]>" */
	bool returns; /* carriage returns */
	bool c1; /* U+0080 to U+009F */
};

/* `limit`: the end of what may be read. */
struct chardata chardata_look(struct str run, const char *limit);

/* Line ends made "\n"; references decoded: numbers and XML's own five names. `to` has room for s.n + CHARDATA_SLACK bytes. SIZE_MAX:
 * another reference, or none at all. */
size_t chardata_decode(struct str s, char *to);

#endif
