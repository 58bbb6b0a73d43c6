/*
 * identity: under which names an item may have been seen before. Never by date. Pure functions of what the publisher wrote.
 *
 * Three names: its id, its canonical link, and either of them together with what it says. An id or a link that several items of one document share
 * names none of them; only the whole document can tell, so the uses are decided at its end.
 */
#ifndef PIPE_IDENTITY_H
#define PIPE_IDENTITY_H

#include "daemon/base/hash.h"
#include "daemon/pipe/job.h"
#include "daemon/pipe/members.h"

#include <stdint.h>

struct identity {
	struct job_alias aliases[JOB_ALIASES_MAX]; /* the last one is always the one with the content */
	struct hash128
	    keys[JOB_ALIASES_MAX]; /* what a record's key would be, made from that alias's source */
	unsigned count;
	uint32_t content;
	uint32_t members[MEMBERS];
	int64_t published; /* wall seconds; 0: not known */
	uint64_t print; /* hash of all names and of what it says */
	uint64_t sameness; /* the same, but for what tells no item from another: http and https */
	bool repeated; /* exactly like an earlier one of the document */
	/* The caller's: */
	size_t at; /* where the item stands in his frame */
	bool known, fresh, chosen;
};

/* Per feed: the same guid in two feeds is two items. */
uint64_t identity_seed(struct str feed);

/* The names of one item, and what it says. `title` and `text`: as they stand in the record. `scratch` is cleared and used. */
void identity_of(uint64_t seed, const struct feed_item *item, struct str title, struct str text,
    struct buf *scratch, struct identity *out);

/* The hash of the name that an item has by this link; 0: it names none. `scratch` is cleared and used. */
uint64_t identity_link(uint64_t seed, struct str link, struct buf *scratch);

/* Marks exact repetitions and decides the uses. `scratch` holds a table meanwhile. False: memory. */
bool identity_settle(struct identity *items, size_t count, struct buf *scratch, struct err *e) MUST_CHECK;

/* Index of the alias that the record's key is made of. */
unsigned identity_primary(const struct identity *i);

#endif
