/* backtest_priv: what the passes share. */
#ifndef CTL_BACKTEST_PRIV_H
#define CTL_BACKTEST_PRIV_H

#include "daemon/ctl/backtest.h"

enum backtest_verdict { VERDICT_NONE, VERDICT_CONFIRMED, VERDICT_REJECTED };

struct
    backtest_mark { /* of a record that has, or had, a decision for a topic, or about which people decided */
	uint64_t of_case; /* hash of its key */
	uint64_t seq;
	uint64_t verdict_seq; /* in the ledger; the last one holds */
	int64_t at; /* wall ms */
	uint32_t topic;
	unsigned char was, is; /* enum cls_decision */
	unsigned char verdict; /* enum backtest_verdict */
	bool judged; /* false: what a replay said of it */
	bool shadow;
};

/* Sorts the marks, makes one of those of one record and topic, and counts. */
bool backtest_sum_up(struct backtest *b, struct err *e) MUST_CHECK;

static inline bool backtest_clashes(enum backtest_verdict verdict, enum cls_decision decision)
{
	return (verdict == VERDICT_CONFIRMED && decision == CLS_NONE) ||
	       (verdict == VERDICT_REJECTED && decision == CLS_MATCH);
}

#endif
