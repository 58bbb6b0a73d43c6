/* trend: how many records of the last weeks were decided for a topic: by day, by score, by feed and by language. */
#ifndef PAGE_TREND_H
#define PAGE_TREND_H

#include "daemon/page/page_priv.h"

#define TREND_DAYS 28u /* of UTC, the last one is today */
#define TREND_BINS 20u /* of scores, from 0 to 1 */

struct trend {
	struct str name, title; /* views into the status */
	double match, review; /* thresholds */
	bool shadow;
	unsigned matches[TREND_DAYS], reviews[TREND_DAYS]; /* the oldest day first */
	unsigned scores[TREND_BINS]; /* of both */
};

struct trends {
	struct trend *topics; /* in the order of the status */
	size_t count;
	int64_t first_day; /* wall ms */
	bool whole; /* the store was looked through back to the first day */
	struct str wanted; /* the topic whose feeds and languages are counted; absent: none */
	json_t *feeds, *languages; /* {name: count}, of matches */
};

/* Reads PAGE_LOOK_BACK records at most. False: memory. trends_fini in either case. */
bool trends_read(const struct asking *a, struct str wanted, struct trends *out);
void trends_fini(struct trends *t);
struct trend *trends_find(const struct trends *t, struct str name); /* NULL: there is no such topic */

unsigned trend_sum(const unsigned days[TREND_DAYS]);

#endif
