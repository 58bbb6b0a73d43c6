/*
 * trust: whether a server's 304s are believed. Now and then the whole document is asked for although validators are known; when it has what 304s were silent
 * about, and the validators that it should have outdated are still answered with a 304, the server lies, and for a time it is asked without any.
 * Pure; a few numbers per feed.
 */
#ifndef PIPE_TRUST_H
#define PIPE_TRUST_H

#include "daemon/base/buf.h"
#include "daemon/conf/conf.h"

#include <stdint.h>

struct trust {
	int64_t whole_at; /* wall ms of the last document; 0: none yet */
	int64_t mistrusted_until; /* wall ms; 0: it is trusted */
	uint32_t unmodified; /* answers 304 since */
	bool suspect; /* it had what 304s were silent about: the next answer to the old validators tells */
};

#define TRUST_LEN (8 + 8 + 4 + 1) /* bytes of one encoded */

/* Is the whole document to be asked for, now? */
bool trust_asks_whole(const struct trust *t, const struct conf_fetch *c, int64_t now);
bool trust_is_lost(const struct trust *t, const struct conf_fetch *c, int64_t now);

/* A 304 came. True: it is a lie, and now known as one. */
bool trust_not_modified(struct trust *t, const struct conf_fetch *c, int64_t now);
/* A document came. */
struct trust_document {
	bool probe; /* asked for without the validators that are known */
	bool changed; /* it has what was not known */
	bool same_validators; /* as those that are known: they would have hidden it */
};
enum trust_verdict {
	TRUST_KEPT,
	TRUST_LOST,
	TRUST_OPEN, /* the old validators are to be kept for the next request */
};
enum trust_verdict trust_document(
    struct trust *t, const struct trust_document *d, const struct conf_fetch *c, int64_t now);

void trust_encode(const struct trust *t, struct buf *out);
void trust_decode(struct rd *r, struct trust *t);

#endif
