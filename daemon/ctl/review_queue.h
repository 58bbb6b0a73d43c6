/*
 * review_queue: what people are asked: records and topics nobody has decided about, with all records of the same item. Of an item its newest text
 * counts, and no text that was withdrawn; but an alert that waits for a decision (`when: confirmed`) is asked about in any case.
 */
#ifndef CTL_REVIEW_QUEUE_H
#define CTL_REVIEW_QUEUE_H

#include "daemon/ctl/judge.h"
#include "daemon/ctl/verdicts.h"

#include <jansson.h>

enum review_pick {
	REVIEW_UNDECIDED, /* whose decision is `review`, the newest first */
	REVIEW_RANDOM, /* any record, about its likeliest topic: for figures that hold for all of them */
	REVIEW_UNCERTAIN, /* the nearest to the threshold first: what training learns most from */
	REVIEW_PICKS
};
extern const char *const review_pick_names[REVIEW_PICKS + 1];

struct held_topic {
	uint64_t seq; /* of the record */
	uint64_t topic; /* hash of its name */
};

struct question {
	uint64_t item; /* hash of its feed and key */
	uint64_t seq;
	uint32_t topic; /* index */
	bool held; /* an alert waits for it */
	double order; /* the lowest one is asked first, after those that are held */
	json_t *records; /* of the item, oldest first */
	const json_t *record; /* the one that is asked about */
};

struct review_queue {
	const struct ctl_args *args; /* since, until, feeds, languages, topics, seed, lines (how many) */
	const char *directory;
	struct judge judge; /* of the configuration */
	struct verdicts verdicts;
	struct buf held; /* struct held_topic, in order: what alerts wait for */
	struct buf list; /* struct question */
	size_t n;
};

/* False after complaints, with the exit code. */
bool review_queue_open(struct review_queue *q, const struct ctl_args *args, int *code) MUST_CHECK;
void review_queue_close(struct review_queue *q);

/* most: how many are asked. */
bool review_queue_fill(
    struct review_queue *q, enum review_pick pick, uint64_t most, struct err *e) MUST_CHECK;
struct question *review_queue_at(const struct review_queue *q, size_t i); /* i < n */

#endif
