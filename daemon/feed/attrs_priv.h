/* attrs: the name and the attributes of a start tag, as both parsers give them. */
#ifndef FEED_ATTRS_PRIV_H
#define FEED_ATTRS_PRIV_H

#include "daemon/feed/names_priv.h"

struct tag { /* an element's name; made once per distinct name by the strict parser */
	struct str local, uri;
	const struct element_chain *chain;
	enum ns ns;
};

struct attr {
	enum ns ns;
	struct str name, value;
};

struct attrs {
	const struct attr *at;
	size_t n;
};

struct str attr_get(const struct attrs *attrs, struct str name); /* without namespace, any case; or absent */
struct str attr_get_ns(const struct attrs *attrs, enum ns ns, struct str name);

#endif
