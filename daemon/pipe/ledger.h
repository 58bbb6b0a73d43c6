/* ledger: the lines of `polls`: what was asked and what was answered, so that the absence of an item can be defended too. */
#ifndef PIPE_LEDGER_H
#define PIPE_LEDGER_H

#include "daemon/pipe/chain.h"
#include "daemon/pipe/feedstate.h"
#include "daemon/pipe/tie.h"

struct ledger_line {
	int64_t at, elapsed, next; /* wall ms, ms, wall ms */
	struct str feed;
	struct str asked_by; /* another feed, whose answer this was; or absent */
	struct str url; /* where the answer came from, when it was another address; or absent */
	unsigned status;
	enum poll_result result;
	const struct err *error; /* ERR_NONE: none */
	uint64_t items, fresh, overlap, left, bytes;
	uint64_t revised, withdrawn,
	    held; /* records of items that are known; and changes beyond those of a day */
	enum tie tie;
	bool recovered, incomplete, whole; /* whole: asked for without the validators that were known */
	bool pushed; /* by a hub */
	uint32_t page; /* of the feed's archive, from 1; 0: the feed itself */
	enum walk_end walk_end;
	int64_t closes; /* wall ms; of an archive's page: gaps up to here */
};

/* Appends one sealed line. */
void ledger_write(const struct ledger_line *l, struct chain *chain, struct buf *out);

#endif
