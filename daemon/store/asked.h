/*
 * asked: which feeds were asked last, and when, in a file that outlives the process: a request whose answer came to nobody was one for the publisher all
 * the same. Nothing is synced: after a power cut nobody has been asked for long enough anyway. Of many thousand requests the oldest are forgotten first.
 * Knows feeds by a number. Main thread.
 */
#ifndef STORE_ASKED_H
#define STORE_ASKED_H

#include "daemon/base/fs.h"

struct asked;

/* Makes the file when there is none. One that is cut or damaged is worth as much as what of it makes sense. */
bool asked_open(const struct fs *fs, const char *path, struct asked **out, struct err *e) MUST_CHECK;
void asked_close(struct asked **a); /* accepts NULL */

/* Once this returns, even the end of the process does not undo it. */
bool asked_note(struct asked *a, uint64_t feed, int64_t wall_ms, struct err *e) MUST_CHECK;
int64_t asked_at(const struct asked *a, uint64_t feed); /* wall ms, or 0 */

#endif
