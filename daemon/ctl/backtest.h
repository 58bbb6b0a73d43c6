/*
 * backtest: what the records of `items` would be by topics of today, beside what they were. Two passes: the first by one thread a core, each of which reads
 * all and judges its own part of the numbers; the second over the few records that are shown. Prints nothing.
 */
#ifndef CTL_BACKTEST_H
#define CTL_BACKTEST_H

#include "daemon/ctl/judge.h"
#include "daemon/ctl/verdicts.h"

#include <jansson.h>

enum backtest_change {
	BACKTEST_GAINED, /* is a match, was none */
	BACKTEST_LOST, /* was a match, is none */
	BACKTEST_CHANGED, /* came to `review`, or went from it, without being a match */
	BACKTEST_CLASH, /* is what people decided that it is not */
	BACKTEST_CHANGES
};
extern const char *const backtest_change_names[BACKTEST_CHANGES];

struct backtest_sum { /* of one topic */
	uint64_t was[CLS_MATCH + 1], is[CLS_MATCH + 1]; /* records, by decision; CLS_NONE is not counted */
	uint64_t changes[BACKTEST_CHANGES];
	uint64_t cases_was, cases_is; /* that would have raised an alert: their first match */
	uint64_t busiest_was, busiest_is; /* cases of the day (UTC) that had most */
	uint64_t decided, clashes_was; /* by people */
	bool shadow; /* it ran silently when some of these records were written */
};

struct backtest_shown { /* a record that is shown, or labelled by hand */
	uint64_t seq;
	uint32_t topic; /* index */
	enum backtest_change change;
	enum cls_decision was, is;
	double score; /* this and what follows: after backtest_look */
	struct str feed, title,
	    why; /* why: the words that carried the decision, now or, of one that is lost, then */
};

struct backtest {
	const struct ctl_args *args; /* since, until, feeds, languages, topics (to be judged), seed */
	struct ctl_args asked_of, asked_of_replays; /* the same, as questions to a record */
	const char *directory;
	struct judge judge;
	struct verdicts verdicts;
	bool *asked; /* [topic]: is it to be judged? */
	struct buf marks; /* struct backtest_mark; by topic, case and number after backtest_run */
	struct backtest_sum *sums; /* [topic] */
	struct backtest_shown *shown;
	size_t shown_count;
	uint64_t records;
	uint64_t first, last; /* numbers of the records that were judged */
	int64_t first_at, last_at; /* wall ms of the records that were judged */
};

/* False after complaints, with the exit code. */
bool backtest_open(struct backtest *b, const struct ctl_args *args, int *code) MUST_CHECK;
void backtest_close(struct backtest *b);

bool backtest_run(struct backtest *b, struct err *e) MUST_CHECK;
double backtest_days(const struct backtest *b); /* at least one */

/* Chooses at most `most` records of each topic and change, at random by args->seed; clashes are shown whether or not something changed. */
bool backtest_choose(struct backtest *b, uint64_t most, struct err *e) MUST_CHECK;
/* Reads those again, in order of their numbers, and fills in what is shown of them. */
typedef bool backtest_look_f(
    void *ctx, const struct backtest_shown *shown, const json_t *record, struct err *e);
bool backtest_look(struct backtest *b, backtest_look_f *each, void *ctx, struct err *e) MUST_CHECK;

#endif
