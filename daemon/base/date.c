/* date: the calendar, our own forms, and HTTP's. What publishers write is date_text.c's. */
#include "daemon/base/date.h"

#include "daemon/base/date_priv.h"

#include <stdio.h>

#define DAYS_PER_ERA 146097 /* 400 years */
#define DAYS_TO_1970 719468 /* from 0000-03-01 */

/* Years begin in March here, so that the leap day is the last one. */
int64_t date_days(int year, int month, int day)
{
	int64_t y = (int64_t)year - (month <= 2);
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t of_era = y - era * 400;
	int64_t of_year = (153 * ((int64_t)month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	return era * DAYS_PER_ERA + of_era * 365 + of_era / 4 - of_era / 100 + of_year - DAYS_TO_1970;
}

void date_civil(int64_t days, int *year, int *month, int *day)
{
	days += DAYS_TO_1970;
	int64_t era = (days >= 0 ? days : days - (DAYS_PER_ERA - 1)) / DAYS_PER_ERA;
	int64_t of_era = days - era * DAYS_PER_ERA;
	int64_t y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * y + y / 4 - y / 100);
	int64_t m = (5 * of_year + 2) / 153;
	*day = (int)(of_year - (153 * m + 2) / 5 + 1);
	*month = (int)(m < 10 ? m + 3 : m - 9);
	*year = (int)(y + era * 400 + (*month <= 2));
}

int date_month_length(int year, int month)
{
	static const int length[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
	return month == 2 && leap ? 29 : length[month - 1];
}

bool date_is_day(int year, int month, int day)
{
	return month >= 1 && month <= 12 && day >= 1 && day <= date_month_length(year, month);
}

int date_weekday(int64_t days)
{
	int64_t w = (days + 4) % 7; /* 1970-01-01 was a Thursday */
	return (int)(w < 0 ? w + 7 : w);
}

#define MS_MIN (date_days(0, 1, 1) * DATE_DAY_MS)
#define MS_MAX (date_days(10000, 1, 1) * DATE_DAY_MS - 1)

static size_t format(int64_t ms, const char *pattern, bool fraction, char *out)
{
	int year, month, day;
	/* Years of four digits only: beyond them the text would not fit its form. */
	if (ms < MS_MIN)
		ms = MS_MIN;
	if (ms > MS_MAX)
		ms = MS_MAX;
	int64_t days = ms / DATE_DAY_MS - (ms % DATE_DAY_MS < 0);
	int rest = (int)(ms - days * DATE_DAY_MS);
	date_civil(days, &year, &month, &day);
	const int value[] = { year / 100, year % 100, month, day, rest / 3600000, rest / 60000 % 60,
		rest / 1000 % 60 };
	size_t n = 0;
	/* In the pattern a digit is the value of that index in two digits; everything else is itself. */
	for (; *pattern; pattern++) {
		if (*pattern < '0' || *pattern > '6') {
			out[n++] = *pattern;
			continue;
		}
		int v = value[*pattern - '0'];
		out[n++] = (char)('0' + v / 10);
		out[n++] = (char)('0' + v % 10);
	}
	if (fraction) {
		int v = rest % 1000;
		out[n++] = '.';
		out[n++] = (char)('0' + v / 100);
		out[n++] = (char)('0' + v / 10 % 10);
		out[n++] = (char)('0' + v % 10);
	}
	out[n++] = 'Z';
	return n;
}

size_t date_format_ms(int64_t ms, char *out)
{
	return format(ms, "01-2-3T4:5:6", true, out);
}

size_t date_format(int64_t ms, char *out)
{
	return format(ms, "01-2-3T4:5:6", false, out);
}

size_t date_format_compact(int64_t ms, char *out)
{
	return format(ms, "0123T456", false, out);
}

/* Exactly n digits at the start of *s. */
static bool take_digits(struct str *s, size_t n, int *out)
{
	int v = 0;
	if (s->n < n)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (s->p[i] < '0' || s->p[i] > '9')
			return false;
		v = v * 10 + (s->p[i] - '0');
	}
	*out = v;
	*s = str_skip(*s, n);
	return true;
}

static bool take_char(struct str *s, char c)
{
	if (s->n == 0 || s->p[0] != c)
		return false;
	*s = str_skip(*s, 1);
	return true;
}

/* Any number of digits; milliseconds are kept. */
static bool take_fraction(struct str *s, int *ms)
{
	int scale = 100;
	*ms = 0;
	if (!take_char(s, '.'))
		return true;
	size_t n = 0;
	for (; s->n > 0 && s->p[0] >= '0' && s->p[0] <= '9'; n++, scale /= 10) {
		*ms += (s->p[0] - '0') * scale;
		*s = str_skip(*s, 1);
	}
	return n > 0;
}

static bool take_offset(struct str *s, int *minutes)
{
	int h, m;
	*minutes = 0;
	if (take_char(s, 'Z') || take_char(s, 'z'))
		return true;
	bool west = s->n > 0 && s->p[0] == '-';
	if (!take_char(s, '+') && !take_char(s, '-'))
		return false;
	if (!take_digits(s, 2, &h) || !take_char(s, ':') || !take_digits(s, 2, &m) || h > 23 || m > 59)
		return false;
	*minutes = (h * 60 + m) * (west ? -1 : 1);
	return true;
}

bool date_parse_rfc3339(struct str s, int64_t *out_ms)
{
	int year, month, day, hour, minute, second, ms, offset;
	if (!take_digits(&s, 4, &year) || !take_char(&s, '-') || !take_digits(&s, 2, &month) ||
	    !take_char(&s, '-') || !take_digits(&s, 2, &day))
		return false;
	if (!take_char(&s, 'T') && !take_char(&s, 't') && !take_char(&s, ' '))
		return false;
	if (!take_digits(&s, 2, &hour) || !take_char(&s, ':') || !take_digits(&s, 2, &minute) ||
	    !take_char(&s, ':') || !take_digits(&s, 2, &second))
		return false;
	if (!take_fraction(&s, &ms) || !take_offset(&s, &offset) || s.n > 0)
		return false;
	if (!date_is_day(year, month, day) || hour > 23 || minute > 59 || second > 60)
		return false;
	int64_t seconds = date_days(year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
	*out_ms = (seconds - (int64_t)offset * 60) * 1000 + ms;
	return true;
}
