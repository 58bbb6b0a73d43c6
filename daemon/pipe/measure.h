/*
 * measure: how long things took since the start, each kind a histogram with bounds of its own. They only grow, so that whoever asks twice can tell what
 * was between. What is written of them is what Prometheus' histograms are made of (daemon/page/metrics.c).
 */
#ifndef PIPE_MEASURE_H
#define PIPE_MEASURE_H

#include "daemon/base/json.h"

#include <stdint.h>

enum measure_kind {
	MEASURE_FETCH, /* a request, until its answer is whole or it has failed */
	MEASURE_DETECTION, /* an item: from its publication until it was seen (tally_delay) */
	MEASURE_COMMIT, /* an answer with news: from its coming until its records are durable */
	MEASURE_DELIVERY, /* a try of an alert: from its start until the script has ended or answered */
	MEASURES
};

#define MEASURE_BOUNDS 13

struct measure {
	uint64_t at[MEASURE_BOUNDS + 1]; /* up to each bound and above the one before; the last: beyond all */
	uint64_t sum; /* ms */
};

void measure_add(struct measure all[MEASURES], enum measure_kind k, int64_t ms);
/* "histograms":{NAME:{"le_ms":[…],"counts":[…],"sum_ms":N},…}: one count more than bounds. */
void measure_write(const struct measure all[MEASURES], struct json *w);

#endif
