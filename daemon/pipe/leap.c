/* leap: the believed time goes on with the monotonic clock, and follows the wall clock while that stays near. */
#include "daemon/pipe/leap.h"

void leap_init(struct leap *l, int64_t newest, int64_t wall, int64_t mono)
{
	*l = (struct leap){ .wall = newest > 0 && newest < wall ? newest : wall, .mono = mono };
}

int64_t leap_now(struct leap *l, int64_t wall, int64_t mono, bool *leapt)
{
	*leapt = false;
	l->wall += mono - l->mono;
	l->mono = mono;
	if (wall - l->wall > LEAP_SLACK_MS) {
		*leapt = l->since == 0;
		if (*leapt)
			l->since = mono ? mono : 1;
		if (mono - l->since < LEAP_PATIENCE_MS)
			return l->wall;
	}
	l->since = 0;
	l->wall = wall;
	return wall;
}
