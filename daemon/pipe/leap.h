/*
 * leap: what time it is for throwing things away by their age. A clock that stands far beyond what was written last, at a start or all at once, is
 * not believed at first: a machine may begin with a wrong year, and an archive that was deleted for it does not come back when somebody sets the clock.
 * Main thread.
 */
#ifndef PIPE_LEAP_H
#define PIPE_LEAP_H

#include <stdbool.h>
#include <stdint.h>

#define LEAP_SLACK_MS (86400000LL) /* ms ahead that are no leap */
#define LEAP_PATIENCE_MS (86400000LL) /* ms of running after which a leap is believed */

struct leap {
	int64_t wall, mono; /* ms: the time that is believed, and when it was */
	int64_t since; /* monotonic ms: the clock has leapt since then; 0: it has not */
};

/* newest: wall ms of what was written last, or 0. */
void leap_init(struct leap *l, int64_t newest, int64_t wall, int64_t mono);

/* Wall ms; never beyond the clock. *leapt: the clock has just been found to have leapt, which may be said. */
int64_t leap_now(struct leap *l, int64_t wall, int64_t mono, bool *leapt);

#endif
