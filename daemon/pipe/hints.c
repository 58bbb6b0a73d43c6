/* hints: hours and days that are skipped. */
#include "daemon/pipe/hints.h"

#define HOUR_MS 3600000
#define DAY_HOURS 24
#define WEEK_HOURS (7 * DAY_HOURS)
#define THURSDAY 4 /* 1970-01-01 */
#define ALL_HOURS 0xffffffu
#define ALL_DAYS 0x7fu

struct hints hints_of(int64_t ttl_ms, uint32_t skip_hours, uint8_t skip_days)
{
	int64_t ttl = ttl_ms > 0 ? ttl_ms / 1000 : 0;

	skip_hours &= ALL_HOURS;
	skip_days &= ALL_DAYS;
	return (struct hints){
		.ttl = ttl < UINT32_MAX ? (uint32_t)ttl : UINT32_MAX,
		.skip_hours = skip_hours == ALL_HOURS ? 0 : skip_hours,
		.skip_days = skip_days == ALL_DAYS ? 0 : skip_days,
	};
}

static int64_t floor_hour(int64_t at)
{
	return at / HOUR_MS - (at % HOUR_MS < 0);
}

static bool skips_hour(const struct hints *h, int64_t hour)
{
	int64_t of_week = ((hour + THURSDAY * DAY_HOURS) % WEEK_HOURS + WEEK_HOURS) % WEEK_HOURS;

	return h->skip_hours >> (of_week % DAY_HOURS) & 1 || h->skip_days >> (of_week / DAY_HOURS) & 1;
}

bool hints_skip(const struct hints *h, int64_t at)
{
	return skips_hour(h, floor_hour(at));
}

int64_t hints_awake(const struct hints *h, int64_t at, int64_t spread, uint64_t random)
{
	int64_t hour = floor_hour(at);

	if (!skips_hour(h, hour))
		return at;
	for (int i = 0; i < WEEK_HOURS && skips_hour(h, hour); i++)
		hour++;
	if (spread > HOUR_MS)
		spread = HOUR_MS;
	return hour * HOUR_MS + (spread > 0 ? (int64_t)(random % (uint64_t)spread) : 0);
}

void hints_encode(const struct hints *h, struct buf *out)
{
	buf_le32(out, h->ttl);
	buf_le32(out, h->skip_hours);
	buf_byte(out, (char)h->skip_days);
}

void hints_decode(struct rd *r, struct hints *h)
{
	h->ttl = rd_le32(r);
	h->skip_hours = rd_le32(r) & ALL_HOURS;
	h->skip_days = rd_u8(r) & ALL_DAYS;
}
