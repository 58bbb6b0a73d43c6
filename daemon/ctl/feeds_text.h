/*
 * feeds_text: a file of feeds.d with one entry more, one less, or one switched. Everything else stays as its author wrote it, comments included. Pure;
 * that the result is what was meant is seen by reading it as a configuration.
 */
#ifndef CTL_FEEDS_TEXT_H
#define CTL_FEEDS_TEXT_H

#include "daemon/base/buf.h"
#include "daemon/base/err.h"

struct feeds_entry {
	struct str name, url, language, agency; /* the last two may be absent */
};

/* `text` empty: a new file. */
void feeds_text_add(struct str text, const struct feeds_entry *entry, struct buf *out);
/* The entry that begins in this line (from 1). `only`: it is the only one of the file. False: it is not written in a way that can be edited. */
bool feeds_text_remove(struct str text, int line, bool only, struct buf *out, struct err *e) MUST_CHECK;
bool feeds_text_enable(struct str text, int line, bool on, struct buf *out, struct err *e) MUST_CHECK;

#endif
