/* tally: counting. */
#include "daemon/pipe/tally.h"

#include <math.h>

#define FIRST_MS 1000.0
#define STEPS_PER_DOUBLING 4.0
#define SLACK_MS 60000 /* that clocks of publishers may be wrong */

int64_t tally_delay(int64_t published, int64_t from, int64_t to)
{
	int64_t at = published <= INT64_MAX / 1000 ? published * 1000 : 0;
	int64_t between = to > from ? to - from : 0;

	if (at < from - SLACK_MS || at > to + SLACK_MS)
		return between / 2;
	at = to > at ? to - at : 0;
	return at < between ? at : between;
}

void tally_news(struct tally *t, int64_t delay)
{
	t->news++;
	t->delay += (uint64_t)delay;
}

int64_t tally_mean(const struct tally *t)
{
	return t->news ? (int64_t)(t->delay / t->news) : 0;
}

void delays_add(struct delays *d, int64_t delay)
{
	double step = delay > FIRST_MS ? ceil(log2((double)delay / FIRST_MS) * STEPS_PER_DOUBLING) : 0;

	d->at[step < DELAYS_STEPS ? (int)step : DELAYS_STEPS - 1]++;
}

int64_t delays_percentile(const struct delays *d, unsigned percent)
{
	uint64_t all = 0, below = 0;

	for (int i = 0; i < DELAYS_STEPS; i++)
		all += d->at[i];
	if (all == 0)
		return 0;
	for (int i = 0; i < DELAYS_STEPS; i++) {
		below += d->at[i];
		if (below * 100 >= all * percent)
			return (int64_t)(FIRST_MS * exp2(i / STEPS_PER_DOUBLING));
	}
	return INT64_MAX;
}

void tally_encode(const struct tally *t, struct buf *out)
{
	buf_le32(out, t->requests);
	buf_le32(out, t->news);
	buf_le64(out, t->delay);
}

void tally_decode(struct rd *r, struct tally *t)
{
	t->requests = rd_le32(r);
	t->news = rd_le32(r);
	t->delay = rd_le64(r);
}
