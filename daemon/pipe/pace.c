/* pace: learning, and the interval that follows. */
#include "daemon/pipe/pace.h"

#include "daemon/pipe/tally.h"

#include <math.h>
#include <string.h>

#define HOUR_MS 3600000
#define DAY_MS (PACE_HOURS * HOUR_MS)
#define WEEK_HOURS (PACE_DAYS * PACE_HOURS)
#define THURSDAY 4 /* 1970-01-01 */

#define PLANS_WATCHED 2 /* a poll that comes later than so many pauses does not know what was in between */
#define MEMORY_HOURS 720.0 /* rates fade to 1/e in so long */
#define BURST_HOURS 1.0 /* and what counts as one burst in this */
#define UNIT 16.0 /* of a piece of news in the shapes */
#define SHAPE_KEPT (64 * UNIT) /* fewer pieces than this are too few to forget half of them */
#define PRIOR_NEWS 2.0 /* what is believed of a feed before it is known: so much news … */
#define PRIOR_HOURS 2.0 /* … in so many hours */
#define PRIOR_HOUR_SHAPE 4.0 /* pieces of news, spread evenly over the day */
#define PRIOR_DAY_SHAPE 3.0
#define SLACK_MS 60000 /* that clocks of publishers may be wrong */
#define TOGETHER_MS 300000 /* items this close in a document are one occasion */
#define LEARNT_HOURS 24 /* before that nothing is asked more slowly than `interval` */

static int hour_of_week(int64_t at)
{
	int64_t hour = at / HOUR_MS - (at % HOUR_MS < 0);

	return (int)(((hour + THURSDAY * PACE_HOURS) % WEEK_HOURS + WEEK_HOURS) % WEEK_HOURS);
}

static unsigned sum(const uint16_t *of, size_t count)
{
	unsigned all = 0;

	for (size_t i = 0; i < count; i++)
		all += of[i];
	return all;
}

static void halve(uint16_t *of, size_t count)
{
	for (size_t i = 0; i < count; i++)
		of[i] /= 2;
}

static void fade_shapes(struct pace *p)
{
	if (p->shaped < MEMORY_HOURS)
		return;
	p->shaped = 0;
	if (sum(p->hours, PACE_HOURS) > SHAPE_KEPT)
		halve(p->hours, PACE_HOURS);
	if (sum(p->days, PACE_DAYS) > SHAPE_KEPT)
		halve(p->days, PACE_DAYS);
}

void pace_watch(struct pace *p, int64_t elapsed, int64_t planned)
{
	int64_t most = planned > 0 ? planned * PLANS_WATCHED : 0;
	double hours, keep;

	if (elapsed > most)
		elapsed = most;
	if (elapsed <= 0)
		return;
	hours = (double)elapsed / HOUR_MS;
	keep = exp(-hours / MEMORY_HOURS);
	p->news = (float)(p->news * keep);
	p->watched = (float)(p->watched * keep + hours);
	p->most = (float)(p->most * keep);
	p->burst = (float)(p->burst * exp(-hours / BURST_HOURS));
	p->shaped = (float)(p->shaped + hours);
	fade_shapes(p);
}

static void add(uint16_t *of, size_t count, int place, double pieces)
{
	double units = pieces * UNIT + 0.5;

	if (of[place] + units > UINT16_MAX)
		halve(of, count);
	of[place] = (uint16_t)(of[place] + (units < UINT16_MAX / 2 ? units : UINT16_MAX / 2));
}

/* When exactly within this time is not known. Of more than a day nothing can be said. */
static void credit(struct pace *p, int64_t from, int64_t to, double pieces)
{
	int64_t span = to - from, parts = span / HOUR_MS + 1;

	if (span < 0 || span > DAY_MS)
		return;
	for (int64_t i = 0; i < parts; i++) {
		int cell = hour_of_week(from + span / parts * i + span / parts / 2);

		add(p->hours, PACE_HOURS, cell % PACE_HOURS, pieces / (double)parts);
		add(p->days, PACE_DAYS, cell / PACE_HOURS, pieces / (double)parts);
	}
}

/* Several at once are one occasion to be early for, and a little more. */
void pace_news(struct pace *p, const int64_t *published, size_t count, int64_t from, int64_t to)
{
	double weight = sqrt((double)count);

	p->news = (float)(p->news + weight);
	p->burst += (float)count;
	if (p->most < p->burst)
		p->most = p->burst;
	for (size_t i = 0; i < count; i++) {
		int64_t at = tally_ms(published[i]);
		bool dated = at > from - SLACK_MS && at <= to + SLACK_MS;

		credit(p, dated ? at : from, dated ? at : to, weight / (double)count);
	}
}

static bool is_past(int64_t published, int64_t now)
{
	return published > 0 && published <= now / 1000;
}

/* Do the dates only look like times, being midnights somewhere? */
static bool are_days(const int64_t *published, size_t count, int64_t now, size_t *dated, int64_t *oldest)
{
	int64_t time_of_day = -1;
	size_t same = 0;

	for (size_t i = 0; i < count; i++) {
		if (!is_past(published[i], now))
			continue;
		if (++*dated == 1)
			time_of_day = published[i] % (DAY_MS / 1000);
		same += published[i] % (DAY_MS / 1000) == time_of_day;
		*oldest = published[i] < *oldest ? published[i] : *oldest;
	}
	return *dated > 2 && same * 4 >= *dated * 3;
}

/* Documents list their items in the order of their dates, one way or the other. */
static float largest_burst(const int64_t *published, size_t count, int64_t now)
{
	size_t most = 0, first = 0;

	for (size_t i = 0; i < count; i++) {
		if (!is_past(published[i], now)) {
			first = i + 1;
			continue;
		}
		while (first < i && (published[first] - published[i] > HOUR_MS / 1000 ||
		                        published[i] - published[first] > HOUR_MS / 1000))
			first++;
		most = i - first + 1 > most ? i - first + 1 : most;
	}
	return (float)most;
}

void pace_history(struct pace *p, const int64_t *published, size_t count, int64_t now)
{
	size_t dated = 0, together = 0;
	int64_t oldest = now / 1000, before = INT64_MIN / 2;
	bool days = are_days(published, count, now, &dated, &oldest);
	double news = 0, hours = (double)(now - oldest * 1000) / HOUR_MS;

	if (dated < 2)
		return;
	for (size_t i = 0; i < count; i++) {
		int64_t at = tally_ms(published[i]);
		double weight;

		if (!is_past(published[i], now))
			continue;
		together = at - before < TOGETHER_MS && before - at < TOGETHER_MS ? together + 1 : 1;
		weight = sqrt((double)together) - sqrt((double)(together - 1));
		before = at;
		news += weight * exp(-(double)(now - at) / HOUR_MS / MEMORY_HOURS);
		if (days)
			add(p->days, PACE_DAYS, hour_of_week(at) / PACE_HOURS, weight);
		else
			credit(p, at, at, weight);
	}
	p->news = (float)news;
	p->watched = (float)(MEMORY_HOURS * (1 - exp(-hours / MEMORY_HOURS)));
	p->most = days ? 0 : largest_burst(published, count, now);
}

/* Times the mean. Neighbours share: nobody publishes at the stroke of the hour. */
static double hour_factor(const struct pace *p, int hour)
{
	double all = sum(p->hours, PACE_HOURS) / UNIT;
	double here = p->hours[(hour + PACE_HOURS - 1) % PACE_HOURS] / UNIT / 4 + p->hours[hour] / UNIT / 2 +
	              p->hours[(hour + 1) % PACE_HOURS] / UNIT / 4;

	return (here + PRIOR_HOUR_SHAPE / PACE_HOURS) / (all + PRIOR_HOUR_SHAPE) * PACE_HOURS;
}

static double day_factor(const struct pace *p, int day)
{
	double all = sum(p->days, PACE_DAYS) / UNIT;

	return (p->days[day] / UNIT + PRIOR_DAY_SHAPE / PACE_DAYS) / (all + PRIOR_DAY_SHAPE) * PACE_DAYS;
}

static double hourly(const struct pace *p)
{
	return (p->news + PRIOR_NEWS) / (p->watched + PRIOR_HOURS);
}

int64_t pace_weekly(const struct pace *p)
{
	return (int64_t)(hourly(p) * WEEK_HOURS + 0.5);
}

double pace_expected(const struct pace *p, int64_t at)
{
	int cell = hour_of_week(at);

	return hourly(p) * hour_factor(p, cell % PACE_HOURS) * day_factor(p, cell / PACE_HOURS);
}

int64_t pace_safe(const struct pace *p, const struct pace_limits *l)
{
	double safe;

	if (l->window == 0 || p->most <= 0)
		return INT64_MAX;
	safe = HOUR_MS * (l->window / 2.0) / p->most;
	return safe < (double)DAY_MS * 366 ? (int64_t)safe : INT64_MAX;
}

static double bounded(double ms, const struct pace_limits *l)
{
	if (ms > (double)l->most)
		return (double)l->most;
	return ms < (double)l->least ? (double)l->least : ms;
}

static int64_t slowest(const struct pace *p, const struct pace_limits *l)
{
	int64_t most = l->most, safe = pace_safe(p, l);

	if (p->watched < LEARNT_HOURS && most > l->interval)
		most = l->interval;
	most = safe < most ? safe : most;
	return most > l->least ? most : l->least;
}

/* Hour by hour, each at its own pace, until a whole interval is spent: a quiet hour does not sleep through the beginning of a busy one. */
int64_t pace_delay(const struct pace *p, const struct pace_limits *l, int64_t now)
{
	int64_t at = now, end = now + slowest(p, l);
	double left = 1;

	while (at < end) {
		int64_t hour_end = (at / HOUR_MS + 1) * HOUR_MS;
		double interval = bounded((double)l->interval / sqrt(pace_expected(p, at)), l);

		if (left * interval <= (double)(hour_end - at)) {
			at += (int64_t)(left * interval);
			break;
		}
		left -= (double)(hour_end - at) / interval;
		at = hour_end;
	}
	return at < end ? at - now : end - now;
}

void pace_shape(const uint16_t *of, size_t count, char *text)
{
	unsigned most = 1;

	for (size_t i = 0; i < count; i++)
		most = of[i] > most ? of[i] : most;
	for (size_t i = 0; i < count; i++)
		text[i] = (char)('0' + of[i] * 9u / most);
	text[count] = 0;
}

static void put_shape(const uint16_t *of, size_t count, struct buf *out)
{
	for (size_t i = 0; i < count; i++) {
		buf_byte(out, (char)(of[i] & 0xff));
		buf_byte(out, (char)(of[i] >> 8));
	}
}

static void get_shape(struct rd *r, uint16_t *of, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		unsigned low = rd_u8(r);

		of[i] = (uint16_t)(low | (unsigned)rd_u8(r) << 8);
	}
}

static void put_float(float f, struct buf *out)
{
	uint32_t bits;

	memcpy(&bits, &f, sizeof(bits));
	buf_le32(out, bits);
}

/* What is no number, or none that can be, is as if nothing were known. */
static float get_float(struct rd *r)
{
	uint32_t bits = rd_le32(r);
	float f;

	memcpy(&f, &bits, sizeof(f));
	return f >= 0 && f < 1e9f ? f : 0;
}

void pace_encode(const struct pace *p, struct buf *out)
{
	put_float(p->news, out);
	put_float(p->watched, out);
	put_float(p->burst, out);
	put_float(p->most, out);
	put_float(p->shaped, out);
	put_shape(p->hours, PACE_HOURS, out);
	put_shape(p->days, PACE_DAYS, out);
}

void pace_decode(struct rd *r, struct pace *p)
{
	p->news = get_float(r);
	p->watched = get_float(r);
	p->burst = get_float(r);
	p->most = get_float(r);
	p->shaped = get_float(r);
	get_shape(r, p->hours, PACE_HOURS);
	get_shape(r, p->days, PACE_DAYS);
}
