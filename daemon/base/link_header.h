/* link_header: the values of Link header fields (RFC 8288 section 3), one after the other. Pure functions; results are views. */
#ifndef BASE_LINK_HEADER_H
#define BASE_LINK_HEADER_H

#include "daemon/base/str.h"

struct link_value { /* absent parameters are {NULL, 0}; of one that is repeated the first counts */
	struct str target; /* as sent: perhaps relative */
	struct str rel; /* relations, blanks between them */
	struct str type, language;
	struct str anchor; /* present: the link is not about what it came with */
};

/* Takes the next value from *rest (several fields may be joined by commas). False: there is none left. What is malformed is passed over. */
bool link_next(struct str *rest, struct link_value *out);

/* Is `name` one of these relations? */
bool link_has_rel(struct str rel, struct str name);

#endif
