/* progress: one line that is drawn over and over, and only when it would look different. */
#include "daemon/ctl/progress.h"

#include <stdio.h>
#include <unistd.h>

#define BAR 30u /* letters */
#define EVERY 2048u /* units between two lines when there is no bar */

void progress_begin(struct progress *p, const char *doing, const char *unit)
{
	*p = (struct progress){ .doing = doing, .unit = unit, .step = UINT64_MAX };
	p->tells = isatty(STDERR_FILENO);
}

static void draw_bar(const struct progress *p, uint64_t percent)
{
	char bar[BAR + 1];
	for (unsigned i = 0; i < BAR; i++)
		bar[i] = i * 100 < percent * BAR ? '#' : '.';
	bar[BAR] = '\0';
	fprintf(stderr, "\r%s [%s] %3u %%", p->doing, bar, (unsigned)percent);
}

void progress_tell(struct progress *p, uint64_t done, uint64_t total)
{
	if (!p->tells)
		return;
	double part = total > 0 && done < total ? (double)done / (double)total : 1;
	uint64_t step = total > 0 ? (uint64_t)(part * 100) : done / EVERY;
	if (step == p->step)
		return;
	p->step = step;
	p->drawn = true;
	if (total > 0)
		draw_bar(p, step);
	else
		fprintf(stderr, "\r%s: %llu %s", p->doing, (unsigned long long)done, p->unit);
}

void progress_end(struct progress *p)
{
	if (p->drawn)
		fputc('\n', stderr);
	p->drawn = false;
}
