/* repair_scope: the open elements of a document that may forget to close them, and the namespaces that they declare. */
#ifndef FEED_REPAIR_SCOPE_PRIV_H
#define FEED_REPAIR_SCOPE_PRIV_H

#include "daemon/feed/build_priv.h"

#define SCOPE_DEPTH_MAX 192 /* open elements; tags of deeper ones are passed over */
#define SCOPE_BINDINGS_MAX 128 /* namespace declarations in force */

struct scope_element {
	struct str name; /* with prefix, a view into the document */
	unsigned bindings; /* in force outside of it */
};

struct scope_binding {
	struct str prefix, uri; /* as they stand in the document: decoded ones do not live so long */
	enum ns ns;
};

struct scope {
	struct scope_element open[SCOPE_DEPTH_MAX];
	struct scope_binding bindings[SCOPE_BINDINGS_MAX];
	unsigned depth, bound;
	unsigned over; /* open elements beyond SCOPE_DEPTH_MAX */
};

/* False: too deep, pass over it. */
bool scope_open(struct scope *s, struct str name);
/* How many elements an end tag with this name closes; 0: none of that name is open. */
unsigned scope_closes(const struct scope *s, struct str name);
void scope_close(struct scope *s);
struct str scope_top(const struct scope *s); /* its name without prefix */
/* A namespace declaration of the element that was opened last. */
void scope_bind(struct scope *s, struct str prefix, struct str uri, enum ns ns);

/* Takes a name with or without prefix apart. *declared: false when the prefix is known only by custom. */
struct scope_binding scope_resolve(
    const struct scope *s, struct str name, bool is_attr, struct str *local, bool *declared);

#endif
