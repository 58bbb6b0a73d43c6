/*
 * opml: reads the outlines of an OPML list with a scanner of its own: tags, attributes, entities, nothing else of XML. Strict: what is not
 * well-formed, declares a document type or is not UTF-8 is refused with its line.
 */
#ifndef CONF_OPML_PRIV_H
#define CONF_OPML_PRIV_H

#include "daemon/base/arena.h"
#include "daemon/base/err.h"
#include "daemon/base/str.h"

#define OPML_DEPTH_MAX 32 /* open elements; folders in folders in folders */
#define OPML_TEXT_MAX (8u << 10) /* bytes of one attribute: a long URL */

struct opml_outline { /* one feed; absent attributes are {NULL, 0} */
	struct str title, url, language, description, category, name;
	struct str folder; /* title of the nearest outline around it */
	int line;
};

/* False: stop. The strings live in the arena that opml_read was given. */
typedef bool opml_outline_f(void *ctx, const struct opml_outline *outline);

bool opml_read(struct str text, struct arena *a, opml_outline_f *each, void *ctx, struct err *e) MUST_CHECK;

#endif
