/* date_http: the fixed forms of HTTP (RFC 9110 section 5.6.7) and of today's mail (RFC 5322), strictly: what needs no guessing. */
#include "daemon/base/date_priv.h"

#include <stdio.h>

static const char month_names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

/* One row per form: '0'..'9' are fields (see below), 'm' a month's name, 'w' a weekday's letters, '_' two columns padded
 * with a blank, 'd' a day of one or two digits, 'z' GMT or an offset, everything else is itself. */
enum field { YEAR_HIGH, YEAR_LOW, DAY, HOUR, MINUTE, SECOND, FIELDS };
static const char *const http_forms[] = {
	"w, 2 m 01 3:4:5 GMT", /* Sun, 06 Nov 1994 08:49:37 GMT */
	"w, 2-m-1 3:4:5 GMT", /* Sunday, 06-Nov-94 08:49:37 GMT */
	"w m _ 3:4:5 01", /* Sun Nov  6 08:49:37 1994 */
};
static const char *const mail_forms[] = {
	"w, d m 01 3:4:5 z", /* Sun, 6 Nov 1994 08:49:37 +0100 */
	"d m 01 3:4:5 z",
};

struct match {
	int value[FIELDS];
	int month;
	int offset; /* minutes */
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

static bool take_day(struct str *s, int *out)
{
	if (s->n >= 2 && s->p[1] >= '0' && s->p[1] <= '9')
		return take_two(s, false, out);
	if (s->n == 0 || s->p[0] < '0' || s->p[0] > '9')
		return false;
	*out = s->p[0] - '0';
	*s = str_skip(*s, 1);
	return true;
}

static bool take_zone(struct str *s, int *offset)
{
	int hours, minutes;
	if (str_eq(*s, STR("GMT")) || str_eq(*s, STR("UTC"))) {
		*s = str_skip(*s, 3);
		return true;
	}
	if (s->n != 5 || (s->p[0] != '+' && s->p[0] != '-'))
		return false;
	int sign = s->p[0] == '-' ? -1 : 1;
	*s = str_skip(*s, 1);
	if (!take_two(s, false, &hours) || !take_two(s, false, &minutes) || hours > 14 || minutes > 59)
		return false;
	*offset = sign * (hours * 60 + minutes);
	return true;
}

static bool take(struct str *s, char code, struct match *m)
{
	if (code >= '0' && code < '0' + FIELDS)
		return take_two(s, false, &m->value[code - '0']);
	if (code == '_')
		return take_two(s, true, &m->value[DAY]);
	if (code == 'd')
		return take_day(s, &m->value[DAY]);
	if (code == 'z')
		return take_zone(s, &m->offset);
	if (code == 'm')
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

static bool instant(const struct match *m, int year, int64_t *out_ms)
{
	const int *v = m->value;
	if (!date_is_day(year, m->month, v[DAY]) || v[HOUR] > 23 || v[MINUTE] > 59 || v[SECOND] > 60)
		return false;
	int64_t minutes = date_days(year, m->month, v[DAY]) * 1440 + v[HOUR] * 60 + v[MINUTE] - m->offset;
	*out_ms = (minutes * 60 + v[SECOND]) * 1000;
	return true;
}

bool date_parse_http(struct str text, int64_t now_ms, int64_t *out_ms)
{
	struct match m;
	text = str_trim(text);
	for (size_t i = 0; i < ARRAY_LEN(http_forms); i++)
		if (matches(text, http_forms[i], &m))
			return instant(&m, full_year(&m, now_ms), out_ms);
	return false;
}

void date_format_http(int64_t ms, char out[DATE_HTTP_MAX])
{
	static const char *const days[] = { "Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed" };
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep",
		"Oct", "Nov", "Dec" };
	int64_t day = ms / DATE_DAY_MS - (ms % DATE_DAY_MS < 0), rest = ms - day * DATE_DAY_MS;
	int year, month, mday;
	date_civil(day, &year, &month, &mday);
	if (year < 0 || year > 9999) {
		out[0] = '\0';
		return;
	}
	snprintf(out, DATE_HTTP_MAX, "%s, %02d %s %04d %02d:%02d:%02d GMT", days[((day % 7) + 7) % 7], mday,
	    months[month - 1], year, (int)(rest / 3600000), (int)(rest / 60000 % 60),
	    (int)(rest / 1000 % 60));
}

bool date_parse_rfc822(struct str text, int64_t *out_ms)
{
	struct match m;
	for (size_t i = 0; i < ARRAY_LEN(mail_forms); i++)
		if (matches(text, mail_forms[i], &m))
			return instant(&m, m.value[YEAR_HIGH] * 100 + m.value[YEAR_LOW], out_ms);
	return false;
}
