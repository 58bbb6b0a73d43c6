/* retry_after: seconds, or a date. */
#include "daemon/base/retry_after.h"

#include "daemon/base/date.h"

bool delay_seconds_ms(struct str s, int64_t *ms)
{
	unsigned long long v;

	if (s.n == 0)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	*ms = str_to_u64(s, &v) && v <= INT64_MAX / 1000 ? (int64_t)v * 1000 : INT64_MAX;
	return true;
}

int64_t retry_after_ms(struct str value, int64_t now_ms)
{
	int64_t ms, at;

	value = str_trim(value);
	if (delay_seconds_ms(value, &ms))
		return ms;
	if (!date_parse_http(value, now_ms, &at))
		return -1;
	return at > now_ms ? at - now_ms : 0;
}
