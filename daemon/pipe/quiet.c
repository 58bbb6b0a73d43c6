/* quiet: pauses between news. */
#include "daemon/pipe/quiet.h"

#define PLANS_WATCHED 2 /* a poll that comes later than so many pauses does not know what was in between */

void quiet_watch(struct quiet *q, int64_t elapsed, int64_t planned)
{
	int64_t most = planned > 0 ? planned * PLANS_WATCHED : 0;

	if (elapsed > most)
		elapsed = most;
	if (elapsed <= 0)
		return;
	q->silence += elapsed;
	q->watched += elapsed;
}

static void learn(uint32_t longest[2], uint32_t seconds)
{
	if (seconds > longest[0]) {
		longest[1] = longest[0];
		longest[0] = seconds;
	} else if (seconds > longest[1]) {
		longest[1] = seconds;
	}
}

/* A period ends with news alone: a silence that outlasts it must not forget what is usual. */
static void turn_period(struct quiet *q)
{
	if (q->watched - q->period_from < QUIET_PERIOD_MS)
		return;
	q->period_from = q->watched;
	for (int i = 0; i < 2; i++) {
		q->longest[1][i] = q->longest[0][i];
		q->longest[0][i] = 0;
	}
}

void quiet_news(struct quiet *q, int64_t at)
{
	int64_t seconds = q->silence / 1000;

	if (q->arrivals > 0) { /* how long it had been quiet before the first is not known */
		turn_period(q);
		learn(q->longest[0], seconds < UINT32_MAX ? (uint32_t)seconds : UINT32_MAX);
	}
	q->arrivals += q->arrivals < UINT32_MAX;
	q->news_at = at;
	q->silence = 0;
}

int64_t quiet_usual(const struct quiet *q)
{
	uint32_t both[2] = { q->longest[0][0], q->longest[0][1] };

	if (q->arrivals < QUIET_ARRIVALS_MIN || q->watched < QUIET_WATCHED_MIN_MS)
		return 0;
	learn(both, q->longest[1][0]);
	learn(both, q->longest[1][1]);
	return both[q->watched >= QUIET_PERIOD_MS] * INT64_C(1000);
}

bool quiet_is_silent(const struct quiet *q, int64_t factor)
{
	int64_t usual = quiet_usual(q);

	return factor > 0 && usual > 0 && q->silence > QUIET_FLOOR_MS && q->silence / factor > usual;
}

void quiet_encode(const struct quiet *q, struct buf *out)
{
	buf_le64(out, (uint64_t)q->news_at);
	buf_le64(out, (uint64_t)q->silence);
	buf_le64(out, (uint64_t)q->watched);
	buf_le64(out, (uint64_t)q->period_from);
	buf_le32(out, q->arrivals);
	for (int i = 0; i < 4; i++)
		buf_le32(out, q->longest[i / 2][i % 2]);
}

void quiet_decode(struct rd *r, struct quiet *q)
{
	q->news_at = (int64_t)rd_le64(r);
	q->silence = (int64_t)rd_le64(r);
	q->watched = (int64_t)rd_le64(r);
	q->period_from = (int64_t)rd_le64(r);
	q->arrivals = rd_le32(r);
	for (int i = 0; i < 4; i++)
		q->longest[i / 2][i % 2] = rd_le32(r);
}
