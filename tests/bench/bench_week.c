/* bench_week [FEEDS [DAYS]]: so many feeds (100,000) scheduled for a week of virtual time: what that costs of one core, and how evenly requests are spread. */
#include "tests/fake/week.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
	size_t feeds = argc > 1 ? strtoul(argv[1], NULL, 10) : 100000;
	int days = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 7;

	for (unsigned skipping = 0; skipping <= 20; skipping += 20) {
		struct week_result r;

		if (!week_run(feeds, days, skipping, &r))
			return 1;
		printf("%zu feeds, %d days, %u %% with skipHours: %llu requests, %.2f us CPU each, %.3f %% "
		       "of one core; a second "
		       "%.1f on average, at most %.1f times that (first hour %.1f, on the hour %.1f)\n",
		    feeds, days, skipping, (unsigned long long)r.requests,
		    r.cpu_ms * 1000 / (double)r.requests, r.cpu_ms / 10 / (days * 86400.0), r.mean,
		    r.most / r.mean, r.most_at_start / r.mean, r.most_on_the_hour / r.mean);
		fflush(stdout); /* each takes a while */
	}
	return 0;
}
