/* repair_entities: the simple entities of an internal subset: short text, no references to others. All the rest is refused. */
#ifndef FEED_REPAIR_ENTITIES_PRIV_H
#define FEED_REPAIR_ENTITIES_PRIV_H

#include "daemon/base/str.h"

#define ENTITIES_MAX 64
#define ENTITY_VALUE_MAX 512 /* bytes; a bound for what a document can be blown up by */

struct entities {
	struct {
		struct str name, value; /* views into the document */
	} list[ENTITIES_MAX];
	size_t n;
};

void entities_read(struct entities *e, struct str subset);
/* At s.p[0] == '&': the bytes taken and the text, or 0. */
size_t entities_find(const struct entities *e, struct str s, struct str *text);

#endif
