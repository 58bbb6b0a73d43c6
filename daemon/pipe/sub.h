/*
 * sub: one WebSub subscription: what is remembered of it, and its form in the state. Same rule of form as feedstate: fields are only ever added at
 * the end.
 */
#ifndef PIPE_SUB_H
#define PIPE_SUB_H

#include "daemon/base/buf.h"
#include "daemon/base/err.h"

#include <stdint.h>

#define SUB_TOKEN_LEN 32 /* hex digits of 128 random bits: the last part of its callback */
#define SUB_SECRET_LEN 64 /* hex digits of 256 random bits: the key of its signatures */

enum sub_phase {
	SUB_WANTED, /* asked for, or alive while lease_until is ahead */
	SUB_DENIED, /* the hub said no; asked for again after a while */
	SUB_LEAVING, /* to be ended at the hub, then forgotten */
	SUB_PHASES
};

struct feed;

struct sub {
	uint64_t number; /* of its row, from 1 */
	enum sub_phase phase;
	bool asked; /* the hub's verification is awaited until next_at */
	char *feed, *hub, *topic; /* owned */
	char token[SUB_TOKEN_LEN], secret[SUB_SECRET_LEN];
	uint64_t base; /* hash of the public URL that the hub was told */
	int64_t lease_until; /* wall ms; 0: it is not alive */
	int64_t next_at; /* wall ms: when there is something to do */
	uint32_t failures; /* in a row */
	int64_t
	    held_until; /* wall ms; the hub answered 429: it wants to hear of no subscription before. 0: it never did */

	/* Not kept. */
	struct feed *owner; /* NULL: none any more */
	bool flying; /* a request to the hub is under way */
	uint64_t waiting; /* ticket of a push that waits for the feed's poll to end; 0: none */
	struct buf body, content_type; /* of that */
};

struct sub *sub_new(struct str feed, struct str hub, struct str topic); /* NULL: no memory */
void sub_free(struct sub **s);

void sub_encode(const struct sub *s, struct buf *out);
struct sub *sub_decode(uint64_t number, struct str blob, struct err *e); /* NULL: damaged, or no memory */

#endif
