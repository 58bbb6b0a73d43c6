/*
 * reaction: what follows from an answer: ONE table from error kind and HTTP status. Pure functions, also of the headers that say
 * when to come again.
 */
#ifndef PIPE_REACTION_H
#define PIPE_REACTION_H

#include "daemon/net/request.h"
#include "daemon/pipe/feedstate.h"

#include <stdint.h>

enum reaction {
	REACT_READ, /* a document: look at it */
	REACT_KEEP, /* nothing changed: as before */
	REACT_LATER, /* a redirect that asks to be followed later: half of a poll, and no failure */
	REACT_AGAIN, /* our own trouble (memory, a lost worker): soon again, the publisher did nothing wrong */
	REACT_BACK_OFF, /* growing pauses */
	REACT_HOLD_FEED, /* the publisher says for how long; else growing pauses */
	REACT_HOLD_HOST, /* the same, for everything on that host */
	REACT_GONE, /* much slower, but never given up */
	REACT_BLOCKED, /* an answer, but no feed: a page for people */
	REACT_STOP, /* only the operator can help: as slow as can be */
	REACTIONS
};

/* Why, for the ledger and the log: fills *e when it is no success. */
enum reaction reaction_to_answer(const struct fetch_result *r, bool sent_validators, struct err *e);
enum reaction reaction_to_error(enum err_kind kind); /* of a worker's answer or of our own calls */
enum poll_result reaction_result(enum reaction r);

/* How long the answer stays fresh (RFC 9111 section 4.2.1), 0: it does not say. */
int64_t fresh_for_ms(const struct fetch_result *r, int64_t now_ms);

#endif
