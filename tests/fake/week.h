/*
 * week: many feeds scheduled for a week of virtual time, as the daemon schedules them (pace, rhythm, heap), without network, state or ledger: what that
 * costs, and how evenly requests are spread. Offices in the zones of the world, busy desks, and feeds that hardly ever bring anything.
 */
#ifndef FAKE_WEEK_H
#define FAKE_WEEK_H

#include <stddef.h>
#include <stdint.h>

struct week_result {
	uint64_t requests;
	double mean,
	    most; /* requests a second, over all and in the worst second; with fewer than 100,000 feeds in so much longer a time */
	double most_at_start,
	    most_on_the_hour; /* in the worst second of the first hour, and of those that begin an hour */
	double cpu_ms;
};

/* False: memory. `skipping`: so many of a hundred feeds have skipHours that end at the same hour. */
_Bool week_run(size_t feeds, int days, unsigned skipping, struct week_result *out);

#endif
