/* date_http: the three forms of an HTTP-date (RFC 9110 section 5.6.7), strictly. */
#include "daemon/base/date_priv.h"

static const char month_names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

/* One row per form: '0'..'9' are fields (see below), 'M' a month's name, 'w' a weekday's letters, '_' two columns padded
 * with a blank, everything else is itself. */
enum field { YEAR_HIGH, YEAR_LOW, DAY, HOUR, MINUTE, SECOND, FIELDS };
static const char *const forms[] = {
	"w, 2 M 01 3:4:5 GMT", /* Sun, 06 Nov 1994 08:49:37 GMT */
	"w, 2-M-1 3:4:5 GMT", /* Sunday, 06-Nov-94 08:49:37 GMT */
	"w M _ 3:4:5 01", /* Sun Nov  6 08:49:37 1994 */
};

struct match {
	int value[FIELDS];
	int month;
};

static bool take_two(struct str *s, bool blank, int *out)
{
	if (s->n < 2)
		return false;
	char high = blank && s->p[0] == ' ' ? '0' : s->p[0];
	if (high < '0' || high > '9' || s->p[1] < '0' || s->p[1] > '9')
		return false;
	*out = (high - '0') * 10 + (s->p[1] - '0');
	*s = str_skip(*s, 2);
	return true;
}

static bool take_month(struct str *s, int *month)
{
	for (int m = 0; m < 12; m++) {
		if (!str_starts_nocase(*s, (struct str){ month_names + 3 * m, 3 }))
			continue;
		*month = m + 1;
		*s = str_skip(*s, 3);
		return true;
	}
	return false;
}

static bool take_weekday(struct str *s)
{
	size_t n = 0;
	while (n < s->n && ((s->p[n] >= 'A' && s->p[n] <= 'Z') || (s->p[n] >= 'a' && s->p[n] <= 'z')))
		n++;
	*s = str_skip(*s, n);
	return n >= 3 && n <= 9;
}

static bool take(struct str *s, char code, struct match *m)
{
	if (code >= '0' && code < '0' + FIELDS)
		return take_two(s, false, &m->value[code - '0']);
	if (code == '_')
		return take_two(s, true, &m->value[DAY]);
	if (code == 'M')
		return take_month(s, &m->month);
	if (code == 'w')
		return take_weekday(s);
	if (s->n == 0 || s->p[0] != code)
		return false;
	*s = str_skip(*s, 1);
	return true;
}

static bool matches(struct str s, const char *form, struct match *m)
{
	*m = (struct match){ .value = { [YEAR_HIGH] = -1 } };
	for (; *form; form++)
		if (!take(&s, *form, m))
			return false;
	return s.n == 0;
}

/* RFC 9110: a year that seems more than 50 years ahead is the past one with the same digits. */
static int full_year(const struct match *m, int64_t now_ms)
{
	if (m->value[YEAR_HIGH] >= 0)
		return m->value[YEAR_HIGH] * 100 + m->value[YEAR_LOW];
	int now, month, day;
	date_civil(now_ms / DATE_DAY_MS, &now, &month, &day);
	int year = now - now % 100 + m->value[YEAR_LOW];
	return year > now + 50 ? year - 100 : year;
}

bool date_parse_http(struct str text, int64_t now_ms, int64_t *out_ms)
{
	struct match m;
	text = str_trim(text);
	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		if (!matches(text, forms[i], &m))
			continue;
		int year = full_year(&m, now_ms);
		const int *v = m.value;
		if (!date_is_day(year, m.month, v[DAY]) || v[HOUR] > 23 || v[MINUTE] > 59 || v[SECOND] > 60)
			return false;
		int64_t seconds =
		    date_days(year, m.month, v[DAY]) * 86400 + v[HOUR] * 3600 + v[MINUTE] * 60 + v[SECOND];
		*out_ms = seconds * 1000;
		return true;
	}
	return false;
}
