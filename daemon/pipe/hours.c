/* hours: what the clock of a zone shows. */
#include "daemon/pipe/hours.h"

#include "daemon/base/zone.h"

#define MINUTE_MS 60000
#define DAY_MINUTES 1440
#define LOOK_MINUTES (3 * DAY_MINUTES) /* quiet hours are shorter than a day; no zone skips more than one */

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

static int64_t offset_ms(const struct conf_alert *a, int64_t at)
{
	return (int64_t)zone_offset(a->zone.zone, floor_div(at, 1000)) * 1000;
}

static bool is_quiet(const struct conf_alert *a, int64_t at)
{
	int64_t minutes = floor_div(at + offset_ms(a, at), MINUTE_MS);
	int64_t shown = minutes - floor_div(minutes, DAY_MINUTES) * DAY_MINUTES;
	const struct conf_quiet *q = &a->quiet;

	return q->from < q->to ? shown >= q->from && shown < q->to : shown >= q->from || shown < q->to;
}

int64_t quiet_ends(const struct conf_alert *a, int64_t now)
{
	int64_t at = (floor_div(now, MINUTE_MS) + 1) * MINUTE_MS;

	if (a->quiet.from == a->quiet.to || !is_quiet(a, now))
		return now;
	for (int i = 0; i < LOOK_MINUTES && is_quiet(a, at); i++)
		at += MINUTE_MS;
	return at;
}

int64_t period_ends(const struct conf_alert *a, int64_t at)
{
	int64_t offset = offset_ms(a, at);
	int64_t end = (floor_div(at + offset, a->every) + 1) * a->every;
	int64_t later = end - offset_ms(a, end - offset);

	/* A clock that is set forward at the very end: the period is shorter, but never over before it began. */
	return later > at ? later : end - offset;
}
