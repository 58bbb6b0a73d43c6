/* date_human: what people type after --since: how long ago, a day by name, or a date. */
#include "daemon/base/date_priv.h"

/* Longest first where one begins with another. */
static const struct {
	const char *name;
	int64_t ms;
} units[] = {
	{ "ms", 1 },
	{ "seconds", 1000 },
	{ "second", 1000 },
	{ "sec", 1000 },
	{ "s", 1000 },
	{ "minutes", DATE_MINUTE_MS },
	{ "minute", DATE_MINUTE_MS },
	{ "min", DATE_MINUTE_MS },
	{ "months", 30 * DATE_DAY_MS },
	{ "month", 30 * DATE_DAY_MS },
	{ "m", DATE_MINUTE_MS },
	{ "hours", DATE_HOUR_MS },
	{ "hour", DATE_HOUR_MS },
	{ "h", DATE_HOUR_MS },
	{ "days", DATE_DAY_MS },
	{ "day", DATE_DAY_MS },
	{ "d", DATE_DAY_MS },
	{ "weeks", 7 * DATE_DAY_MS },
	{ "week", 7 * DATE_DAY_MS },
	{ "w", 7 * DATE_DAY_MS },
	{ "years", 365 * DATE_DAY_MS },
	{ "year", 365 * DATE_DAY_MS },
	{ "y", 365 * DATE_DAY_MS },
};

static int64_t day_start(int64_t ms)
{
	int64_t rest = ms % DATE_DAY_MS;
	return ms - (rest < 0 ? rest + DATE_DAY_MS : rest);
}

static bool take_unit(struct str *s, int64_t *ms)
{
	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		struct str name = str_from(units[i].name);
		if (!str_starts_nocase(*s, name))
			continue;
		*s = str_skip(*s, name.n);
		*ms = units[i].ms;
		return true;
	}
	return false;
}

/* "2h", "1h30m", "3 days ago": a sum of counts with units. */
static bool parse_span(struct str s, int64_t *span)
{
	*span = 0;
	if (s.n > 4 && str_eq_nocase(str_skip(s, s.n - 4), STR(" ago")))
		s = str_trim((struct str){ s.p, s.n - 4 });
	if (s.n == 0)
		return false;
	while (s.n > 0) {
		unsigned long long count = 0;
		int64_t unit, part;
		size_t digits = 0;
		while (digits < s.n && s.p[digits] >= '0' && s.p[digits] <= '9')
			digits++;
		if (!str_to_u64((struct str){ s.p, digits }, &count) || count > INT64_MAX)
			return false;
		s = str_trim(str_skip(s, digits));
		if (!take_unit(&s, &unit) || __builtin_mul_overflow((int64_t)count, unit, &part) ||
		    __builtin_add_overflow(*span, part, span))
			return false;
		s = str_trim(s);
	}
	return true;
}

bool date_parse_human(struct str text, int64_t now_ms, int64_t *out_ms)
{
	struct str s = str_trim(text);
	struct date date;
	int64_t span;
	if (str_eq_nocase(s, STR("now"))) {
		*out_ms = now_ms;
		return true;
	}
	if (str_eq_nocase(s, STR("today")) || str_eq_nocase(s, STR("yesterday"))) {
		*out_ms = day_start(now_ms) - (s.n > 5 ? DATE_DAY_MS : 0);
		return true;
	}
	if (parse_span(str_skip(s, s.n > 1 && s.p[0] == '-'), &span)) {
		/* Further back than time itself means from the beginning. */
		if (__builtin_sub_overflow(now_ms, span, out_ms))
			*out_ms = INT64_MIN + 1;
		return true;
	}
	if (!date_parse(s, 0, &date))
		return false;
	*out_ms = date.ms;
	return true;
}
