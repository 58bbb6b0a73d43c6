/* past: the records of `items` that a topic would match today and did not match then, and those that it did match and an alert is to be told of: found in
 * one pass, given in others. */
#ifndef CTL_PAST_H
#define CTL_PAST_H

#include "daemon/ctl/judge.h"
#include "daemon/ctl/progress.h"

struct past {
	const struct ctl_args *args; /* since, until, feeds, lines */
	const char *directory;
	struct judge judge;
	const struct cls_topic *topic;
	size_t topic_at; /* in the results */
	const struct conf_alert *alert; /* set after past_open; NULL: none is told of anything */
	struct buf marks; /* while looking */
	struct buf found; /* uint64_t: numbers of records, ascending */
	struct buf told; /* uint64_t: numbers of those for the alert, ascending */
	uint64_t read; /* lines */
	unsigned damages; /* lines and stretches that were passed over */
	struct progress progress;
};

/* False after complaints, with the exit code. */
bool past_open(struct past *p, const struct ctl_args *args, const char *topic, int *code) MUST_CHECK;
void past_close(struct past *p);

/* Of an item its newest text counts, and once: what stands in the topic's store, by itself or by a replay, is not found. */
bool past_find(struct past *p, struct err *e) MUST_CHECK;
size_t past_count(const struct past *p);

/* record: as it was, but "topics" (this one alone), "model" and "replays" are of today. */
typedef bool past_each_f(void *ctx, json_t *record, struct err *e);
bool past_each(struct past *p, past_each_f *each, void *ctx, struct err *e) MUST_CHECK;

/* Those that the alert is to be told of, as they stand in the store. */
size_t past_told_count(const struct past *p);
typedef bool past_told_f(void *ctx, struct str line, struct err *e);
bool past_each_told(struct past *p, past_told_f *each, void *ctx, struct err *e) MUST_CHECK;

#endif
