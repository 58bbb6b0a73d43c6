/* Dates: the calendar, our own forms, HTTP's, and everything that publishers write. No date is better than a wrong one. */
#include "daemon/base/attr.h"
#include "daemon/base/date.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>

#define DAY_MS INT64_C(86400000)

enum { ASSUMED = 1, DAY = 2 };

/* Without a fraction unless there is one. */
static void format(int64_t ms, char *out)
{
	size_t n = ms % 1000 ? date_format_ms(ms, out) : date_format(ms, out);
	out[n] = '\0';
}

static void days_and_civil_agree(void **state)
{
	(void)state;
	int64_t expected = date_days(0, 1, 1);
	int y, m, d;
	assert_int_equal(date_days(1970, 1, 1), 0);
	assert_int_equal(date_days(2000, 3, 1), 11017);
	assert_int_equal(date_days(1, 1, 1), -719162);
	for (int64_t days = expected; days < date_days(3000, 1, 1); days++) {
		date_civil(days, &y, &m, &d);
		if (date_days(y, m, d) != days)
			fail_msg("%d-%d-%d", y, m, d);
	}
}

static void formats(void **state)
{
	(void)state;
	char out[DATE_TEXT_MAX + 1];
	static const struct {
		int64_t ms;
		const char *ms_text, *text, *compact;
	} cases[] = {
		{ 0, "1970-01-01T00:00:00.000Z", "1970-01-01T00:00:00Z", "19700101T000000Z" },
		{ INT64_C(1795256103412), "2026-11-21T10:15:03.412Z", "2026-11-21T10:15:03Z",
		    "20261121T101503Z" },
		{ -1, "1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59Z", "19691231T235959Z" },
		{ INT64_MAX, "9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59Z", "99991231T235959Z" },
		{ INT64_MIN, "0000-01-01T00:00:00.000Z", "0000-01-01T00:00:00Z", "00000101T000000Z" },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		out[date_format_ms(cases[i].ms, out)] = '\0';
		assert_string_equal(out, cases[i].ms_text);
		out[date_format(cases[i].ms, out)] = '\0';
		assert_string_equal(out, cases[i].text);
		out[date_format_compact(cases[i].ms, out)] = '\0';
		assert_string_equal(out, cases[i].compact);
	}
}

static void rfc3339_is_strict(void **state)
{
	(void)state;
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "2026-11-21T10:15:03.412Z", "2026-11-21T10:15:03.412Z" },
		{ "2026-11-21T10:15:03Z", "2026-11-21T10:15:03Z" },
		{ "2026-11-21T10:15:03+08:00", "2026-11-21T02:15:03Z" },
		{ "2026-11-21t10:15:03.5z", "2026-11-21T10:15:03.500Z" },
		{ "2026-11-21T10:15:60Z", "2026-11-21T10:16:00Z" },
		{ "2026-11-21T10:15:03", NULL },
		{ "2026-11-21T10:15Z", NULL },
		{ "2026-11-31T10:15:03Z", NULL },
		{ "2026-13-01T10:15:03Z", NULL },
		{ "2026-11-21T24:00:00Z", NULL },
		{ "2026-11-21T10:15:03.Z", NULL },
		{ "2026-11-21T10:15:03Zx", NULL },
		{ "2026-11-21T10:15:03+0800", NULL },
		{ "", NULL },
	};
	char out[DATE_TEXT_MAX + 1];
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int64_t ms;
		bool good = date_parse_rfc3339(str_from(cases[i].text), &ms);
		if (good != (cases[i].want != NULL))
			fail_msg("%s", cases[i].text);
		if (!good)
			continue;
		format(ms, out);
		assert_string_equal(out, cases[i].want);
	}
}

static void http_dates(void **state)
{
	(void)state;
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "Sun, 06 Nov 1994 08:49:37 GMT", "1994-11-06T08:49:37Z" },
		{ "Sunday, 06-Nov-94 08:49:37 GMT", "1994-11-06T08:49:37Z" },
		{ "Sun Nov  6 08:49:37 1994", "1994-11-06T08:49:37Z" },
		{ "Sunday, 06-Nov-76 08:49:37 GMT", "2076-11-06T08:49:37Z" },
		{ "Sunday, 06-Nov-77 08:49:37 GMT", "1977-11-06T08:49:37Z" },
		{ "Sun, 06 Nov 1994 08:49:37", NULL },
		{ "Sun, 31 Nov 1994 08:49:37 GMT", NULL },
		{ "Sun, 06 Nov 1994 24:49:37 GMT", NULL },
		{ "0", NULL },
		{ "-1", NULL },
	};
	char out[DATE_TEXT_MAX + 1];
	int64_t now = date_days(2026, 11, 21) * DAY_MS;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int64_t ms;
		bool good = date_parse_http(str_from(cases[i].text), now, &ms);
		if (good != (cases[i].want != NULL))
			fail_msg("%s", cases[i].text);
		if (!good)
			continue;
		format(ms, out);
		assert_string_equal(out, cases[i].want);
	}
}

static void people_dates(void **state)
{
	(void)state;
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "now", "2026-11-21T10:15:03Z" },
		{ "today", "2026-11-21T00:00:00Z" },
		{ " Yesterday ", "2026-11-20T00:00:00Z" },
		{ "2h", "2026-11-21T08:15:03Z" },
		{ "-2h", "2026-11-21T08:15:03Z" },
		{ "90 min", "2026-11-21T08:45:03Z" },
		{ "1h30m", "2026-11-21T08:45:03Z" },
		{ "3 days ago", "2026-11-18T10:15:03Z" },
		{ "1w", "2026-11-14T10:15:03Z" },
		{ "2 months", "2026-09-22T10:15:03Z" },
		{ "2026-11-01", "2026-11-01T00:00:00Z" },
		{ "2026-11-01 12:30", "2026-11-01T12:30:00Z" },
		{ "2026-11-01T12:30:00+08:00", "2026-11-01T04:30:00Z" },
		{ "1 Nov 2026", "2026-11-01T00:00:00Z" },
		{ "", NULL },
		{ "h", NULL },
		{ "2x", NULL },
		{ "ago", NULL },
		{ "2", NULL },
		{ "99999999999999999999h", NULL },
	};
	char out[DATE_TEXT_MAX + 1];
	int64_t now = date_days(2026, 11, 21) * DAY_MS + INT64_C(36903000);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int64_t ms;
		bool good = date_parse_human(str_from(cases[i].text), now, &ms);
		if (good != (cases[i].want != NULL))
			fail_msg("'%s'", cases[i].text);
		if (!good)
			continue;
		format(ms, out);
		assert_string_equal(out, cases[i].want);
	}
}

/* NULL: refused. */
static const struct {
	const char *text, *want;
	int flags;
} published[] = {
	{ "Fri, 05 Nov 94 13:15:30 (a (nested \\) remark) 1) GMT", "1994-11-05T13:15:30Z", 0 },
	{ "Mon, 09 Apr 2018, 16:04", "2018-04-09T16:04:00Z", ASSUMED },
	{ "Thu, 25 Feb 2016 00:00:00 Europe/Brussels", "2016-02-24T23:00:00Z", 0 },
	{ "Thu, 25 Aug 2016 00:00:00 Europe/Brussels", "2016-08-24T22:00:00Z", 0 },
	{ "Friday, December 22, 2017 - 3:09pm", "2017-12-22T15:09:00Z", ASSUMED },
	{ "9 Dec 2016 12:00 GMT", "2016-12-09T12:00:00Z", 0 },
	{ "Nov. 2020", "2020-11-01T00:00:00Z", ASSUMED | DAY },
	{ "Fri, 26/06/2020", "2020-06-26T00:00:00Z", ASSUMED | DAY },
	{ "jeu., 02 avril 2020 00:00:00 +0200", "2020-04-01T22:00:00Z", 0 },
	{ "mar., 01 déc. 2020 16:11:02 +0000", "2020-12-01T16:11:02Z", 0 },
	{ "mar., 01 mar. 2022 16:11:02 +0000", "2022-03-01T16:11:02Z", 0 },
	{ "Thurs, 15 Oct 2020 00:00:39 +0000", "2020-10-15T00:00:39Z", 0 },
	{ "26 Sep 2022 GMT", "2022-09-26T00:00:00Z", DAY },
	{ "Thu, June 22, 2023 at 01:11 PM EDT", "2023-06-22T17:11:00Z", 0 },
	{ "Mon, November 16, 2020, 11:12 PM EST", "2020-11-17T04:12:00Z", 0 },
	{ "2018-12-12T12:12", "2018-12-12T12:12:00Z", ASSUMED },
	{ "Tue 16 Feb 2016 23:16:00 EDT", "2016-02-17T03:16:00Z", 0 },
	{ "2004년 05월 28일 오후 03:31", "2004-05-28T15:31:00Z", ASSUMED },
	{ "2004-05-25 오후 11:23:17", "2004-05-25T23:23:17Z", ASSUMED },
	{ "2004년 05월 28일 (금) 12:31", "2004-05-28T12:31:00Z", ASSUMED },
	{ "2004-07-08 23:56:58.0", "2004-07-08T23:56:58Z", ASSUMED },
	{ "2004-július-13T9:15-05:00", "2004-07-13T14:15:00Z", 0 },
	{ "Κυρ, 11 Ιούλ 2004 12:00:00 EST", "2004-07-11T17:00:00Z", 0 },
	{ "Fri, 2006/09/15 08:19:53 EDT", "2006-09-15T12:19:53Z", 0 },
	{ "2024年5月28日", "2024-05-28T00:00:00Z", ASSUMED | DAY },
	{ "2024年5月28日 15:30", "2024-05-28T15:30:00Z", ASSUMED },
	{ "2024年5月28日(火) 15時30分", "2024-05-28T15:30:00Z", ASSUMED },
	{ "2024年5月28日星期二 下午3:30", "2024-05-28T15:30:00Z", ASSUMED },
	{ "2024年05月28日 下午 03:30:15", "2024-05-28T15:30:15Z", ASSUMED },
	{ "二〇二四年五月二十八日", "2024-05-28T00:00:00Z", ASSUMED | DAY },
	{ "民國113年5月28日", "2024-05-28T00:00:00Z", ASSUMED | DAY },
	{ "令和6年5月28日 午後3時30分", "2024-05-28T15:30:00Z", ASSUMED },
	{ "2024/05/28 15:30 (GMT+8)", "2024-05-28T07:30:00Z", 0 },
	{ "2024年5月", "2024-05-01T00:00:00Z", ASSUMED | DAY },
	{ "28 мая 2024 г.", "2024-05-28T00:00:00Z", ASSUMED | DAY },
	{ "28 мая 2024, 15:30", "2024-05-28T15:30:00Z", ASSUMED },
	{ "Вт, 28 май 2024 15:30:00 +0300", "2024-05-28T12:30:00Z", 0 },
	{ "28 de maio de 2024 às 15h30", "2024-05-28T15:30:00Z", ASSUMED },
	{ "28/05/2024 15h30", "2024-05-28T15:30:00Z", ASSUMED },
	{ "28 de mayo de 2024", "2024-05-28T00:00:00Z", ASSUMED | DAY },
	{ "martes, 28 de mayo de 2024 - 15:30", "2024-05-28T15:30:00Z", ASSUMED },
	{ "28. Mai 2024, 14.30 Uhr", "2024-05-28T14:30:00Z", ASSUMED },
	{ "Dienstag, am 28. Mai 2024 um 14:30", "2024-05-28T14:30:00Z", ASSUMED },
	{ "28 maggio 2024 ore 15:30", "2024-05-28T15:30:00Z", ASSUMED },
	{ "28 mei 2024", "2024-05-28T00:00:00Z", ASSUMED | DAY },
	{ "28 maja 2024 r. godz. 15:30", "2024-05-28T15:30:00Z", ASSUMED },
	{ "28 stycznia 2024", "2024-01-28T00:00:00Z", ASSUMED | DAY },
	{ "28 Mei 2024, 15:30 WIB", "2024-05-28T08:30:00Z", 0 },
	{ "Selasa, 28 Agt 2024 15:30", "2024-08-28T15:30:00Z", ASSUMED },
	{ "28 Mayıs 2024 Salı 15:30", "2024-05-28T15:30:00Z", ASSUMED },
	{ "2024. május 28.", "2024-05-28T00:00:00Z", ASSUMED | DAY },
	{ "2024. 05. 28. 15:30", "2024-05-28T15:30:00Z", ASSUMED },
	{ "28 Μαΐου 2024", "2024-05-28T00:00:00Z", ASSUMED | DAY },
	{ "Τρί, 28 Μαΐ 2024 15:30:00 EET", "2024-05-28T13:30:00Z", 0 },
	{ "28 травня 2024", "2024-05-28T00:00:00Z", ASSUMED | DAY },
	{ "ngày 28 tháng 5 năm 2024", "2024-05-28T00:00:00Z", ASSUMED | DAY },
	{ "28 tháng 5, 2024", "2024-05-28T00:00:00Z", ASSUMED | DAY },
	{ "31 June 2024", NULL, 0 },
	{ "2024-02-30", NULL, 0 },
	{ "29 Feb 2023", NULL, 0 },
	{ "2024-05-28T24:00:00Z", "2024-05-29T00:00:00Z", 0 },
	{ "2024-05-28T24:00:01Z", NULL, 0 },
	{ "2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z", 0 },
	{ "Tue, 28 May 2024 24:00:00 GMT", "2024-05-29T00:00:00Z", 0 },
	{ "20240528", "2024-05-28T00:00:00Z", ASSUMED | DAY },
	{ "20240528T153000Z", "2024-05-28T15:30:00Z", 0 },
	{ "20240528T1530", "2024-05-28T15:30:00Z", ASSUMED },
	{ "2024-149", "2024-05-28T00:00:00Z", ASSUMED | DAY },
	{ "2024149", "2024-05-28T00:00:00Z", ASSUMED | DAY },
	{ "2024-W22-2", "2024-05-28T00:00:00Z", ASSUMED | DAY },
	{ "2024W222", "2024-05-28T00:00:00Z", ASSUMED | DAY },
	{ "2024-W22", "2024-05-27T00:00:00Z", ASSUMED | DAY },
	{ "2024-W22-2T10:00:00Z", "2024-05-28T10:00:00Z", 0 },
	{ "202405281530", "2024-05-28T15:30:00Z", ASSUMED },
	{ "20240528153000", "2024-05-28T15:30:00Z", ASSUMED },
	{ "1716910200000", "2024-05-28T15:30:00Z", 0 },
	{ "03-12-31", "2003-12-31T00:00:00Z", ASSUMED | DAY },
	{ "03-335", "2003-12-01T00:00:00Z", ASSUMED | DAY },
	{ "05/06/2024", NULL, 0 },
	{ "Wed, 05/06/2024", "2024-06-05T00:00:00Z", ASSUMED | DAY },
	{ "05.06.2024", "2024-06-05T00:00:00Z", ASSUMED | DAY },
	{ "2024-05-28+08:00", "2024-05-27T16:00:00Z", DAY },
	{ "2024-05-28 15:30 UTC+8", "2024-05-28T07:30:00Z", 0 },
	{ "2024-05-28 15:30:00 +08", "2024-05-28T07:30:00Z", 0 },
	{ "2024-05-28T15:30:00.123456789Z", "2024-05-28T15:30:00.123Z", 0 },
	{ "2024-05-28T15:30:00,5Z", "2024-05-28T15:30:00.500Z", 0 },
	{ "5pm May 28, 2024", "2024-05-28T17:00:00Z", ASSUMED },
	{ "May 28, 2024 5:00 a.m. ET", "2024-05-28T09:00:00Z", 0 },
	{ "May 28th, 2024 at 5 PM PST", "2024-05-29T01:00:00Z", 0 },
	{ "12:30 AM 28 May 2024", "2024-05-28T00:30:00Z", ASSUMED },
	{ "12:30 PM 28 May 2024", "2024-05-28T12:30:00Z", ASSUMED },
	{ "28-May-2024 15:30:00", "2024-05-28T15:30:00Z", ASSUMED },
	{ "28-May-24", "2024-05-28T00:00:00Z", ASSUMED | DAY },
	{ "Wednesday, 28-May-24 15:30:00 GMT", "2024-05-28T15:30:00Z", 0 },
	{ "Tue May 28 15:30:00 CST 2024", "2024-05-28T21:30:00Z", 0 },
	{ "Tue May 28 2024 15:30:00 GMT+0800 (Hong Kong Standard Time)", "2024-05-28T07:30:00Z", 0 },
	{ "yesterday", NULL, 0 },
	{ "today", NULL, 0 },
	{ "tomorrow at 5", NULL, 0 },
	{ "May", NULL, 0 },
	{ "2024", "2024-01-01T00:00:00Z", ASSUMED | DAY },
	{ "28", NULL, 0 },
	{ "12:30", NULL, 0 },
	{ "20", NULL, 0 },
	{ "hello", NULL, 0 },
	{ "Lorem ipsum dolor sit amet 2024-05-28", NULL, 0 },
	{ "0000-00-00 00:00:00", NULL, 0 },
	{ "0000-00-00T00:00:00Z", NULL, 0 },
	{ "0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z", 0 },
	{ "1970-01-01", "1970-01-01T00:00:00Z", ASSUMED | DAY },
	{ "99 May 2024", NULL, 0 },
	{ "Tue, 28 May 2024 15:30:00 +9999", NULL, 0 },
	{ "Tue, 28 May 2024 15:30:00 XYZ", "2024-05-28T15:30:00Z", ASSUMED },
	{ "Tue, 28 May 2024 15:30:00 GMT GMT", "2024-05-28T15:30:00Z", 0 },
	{ "Tue, 28 May 2024 25:30:00 GMT", NULL, 0 },
	{ "28 May 2024 15:30 PM", "2024-05-28T15:30:00Z", ASSUMED },
	{ "2024-5-8", "2024-05-08T00:00:00Z", ASSUMED | DAY },
	{ "2024-5-8 5:3:2", "2024-05-08T05:03:02Z", ASSUMED },
	{ "٢٨ مايو ٢٠٢٤", "2024-05-28T00:00:00Z", ASSUMED | DAY },
	{ "2024年5月28日 晚上8點30分", "2024-05-28T20:30:00Z", ASSUMED },
	{ "28/5/24", "2024-05-28T00:00:00Z", ASSUMED | DAY },
	{ "13/5/24", "2024-05-13T00:00:00Z", ASSUMED | DAY },
	{ "5/13/2024", "2024-05-13T00:00:00Z", ASSUMED | DAY },
	{ "2024.05.28", "2024-05-28T00:00:00Z", ASSUMED | DAY },
	{ "2024.05.28 15:30", "2024-05-28T15:30:00Z", ASSUMED },
	{ "28.05.2024 15:30", "2024-05-28T15:30:00Z", ASSUMED },
	{ "Tue, 28 May 2024 15:30:00 +08:00", "2024-05-28T07:30:00Z", 0 },
	{ "Tue, 28 May 2024 15:30:00 +8", "2024-05-28T07:30:00Z", 0 },
	{ "Tue, 28 May 2024 15:30:00 -0000", "2024-05-28T15:30:00Z", 0 },
	{ "Tue, 28 May 2024 15:30:00+0800", "2024-05-28T07:30:00Z", 0 },
	{ "Tue,28May2024 15:30:00 +0800", "2024-05-28T07:30:00Z", 0 },
	{ "28 May 2024 | 15:30", "2024-05-28T15:30:00Z", ASSUMED },
	{ "2024-05-28T15:30:00 Europe/London", "2024-05-28T14:30:00Z", 0 },
	{ "2024-05-28T15:30:00[Europe/London]", "2024-05-28T14:30:00Z", 0 },
	{ "２０２４年５月２８日", "2024-05-28T00:00:00Z", ASSUMED | DAY },
	{ "May 2024 28", NULL, 0 },
	{ "24 May 28", "2028-05-24T00:00:00Z", ASSUMED | DAY },
};

static void published_dates(void **state)
{
	(void)state;
	char out[DATE_TEXT_MAX + 1];
	for (size_t i = 0; i < ARRAY_LEN(published); i++) {
		struct date d;
		bool good = date_parse(str_from(published[i].text), 0, &d);
		if (good != (published[i].want != NULL))
			fail_msg("%s: %s", published[i].text, good ? "taken" : "refused");
		if (!good)
			continue;
		format(d.ms, out);
		int flags = (d.zone == DATE_ZONE_ASSUMED ? ASSUMED : 0) | (d.date_only ? DAY : 0);
		if (strcmp(out, published[i].want) != 0 || flags != published[i].flags)
			fail_msg("%s: %s %d, not %s %d", published[i].text, out, flags, published[i].want,
			    published[i].flags);
	}
}

static void an_assumed_zone_is_taken(void **state)
{
	(void)state;
	struct date d;
	assert_true(date_parse(STR("2024-05-28 15:30"), 480, &d));
	assert_int_equal(d.ms, (date_days(2024, 5, 28) * 1440 + 450) * 60000);
	assert_int_equal(d.zone, DATE_ZONE_ASSUMED);
	assert_true(date_parse(STR("2024-05-28 15:30 UTC"), 480, &d));
	assert_int_equal(d.ms, (date_days(2024, 5, 28) * 1440 + 930) * 60000);
}

static void twelve_months_in_each_language(void **state)
{
	(void)state;
	static const char *const rows[][12] = {
		{ "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" },
		{ "января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября",
		    "октября", "ноября", "декабря" },
		{ "янв", "фев", "мар", "апр", "май", "июн", "июл", "авг", "сен", "окт", "ноя", "дек" },
		{ "jan", "fev", "mar", "abr", "mai", "jun", "jul", "ago", "set", "out", "nov", "dez" },
		{ "janeiro", "fevereiro", "março", "abril", "maio", "junho", "julho", "agosto", "setembro",
		    "outubro", "novembro", "dezembro" },
		{ "ene.", "feb.", "mar.", "abr.", "may.", "jun.", "jul.", "ago.", "sept.", "oct.", "nov.",
		    "dic." },
		{ "janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.",
		    "déc." },
		{ "Jän", "Feb", "Mär", "Apr", "Mai", "Jun", "Jul", "Aug", "Sep", "Okt", "Nov", "Dez" },
		{ "gen", "feb", "mar", "apr", "mag", "giu", "lug", "ago", "set", "ott", "nov", "dic" },
		{ "jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec" },
		{ "sty", "lut", "mar", "kwi", "maj", "cze", "lip", "sie", "wrz", "paź", "lis", "gru" },
		{ "Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli", "Agustus", "September",
		    "Oktober", "November", "Desember" },
		{ "Ocak", "Şubat", "Mart", "Nisan", "Mayıs", "Haziran", "Temmuz", "Ağustos", "Eylül", "Ekim",
		    "Kasım", "Aralık" },
		{ "január", "februári", "március", "április", "május", "június", "július", "augusztus",
		    "szeptember", "október", "november", "december" },
		{ "Ιαν", "Φεβ", "Μαρ", "Απρ", "Μάι", "Ιούν", "Ιούλ", "Αύγ", "Σεπ", "Οκτ", "Νοέ", "Δεκ" },
		{ "січня", "лютого", "березня", "квітня", "травня", "червня", "липня", "серпня", "вересня",
		    "жовтня", "листопада", "грудня" },
		{ "ledna", "února", "března", "dubna", "května", "června", "července", "srpna", "září",
		    "října", "listopadu", "prosince" },
		{ "Enero", "Pebrero", "Marso", "Abril", "Mayo", "Hunyo", "Hulyo", "Agosto", "Setyembre",
		    "Oktubre", "Nobyembre", "Disyembre" },
	};
	char text[100];
	struct date d;
	for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
		for (int m = 0; m < 12; m++) {
			snprintf(text, sizeof(text), "15 %s 2024 10:00:00 GMT", rows[r][m]);
			if (!date_parse(str_from(text), 0, &d) ||
			    d.ms != date_days(2024, m + 1, 15) * DAY_MS + INT64_C(36000000))
				fail_msg("%s", text);
		}
	}
}

/* Cut and bent dates: never a crash, and what is taken lies in the calendar. */
static void broken_dates_do_no_harm(void **state)
{
	(void)state;
	static const char bend[] = "0:-+.,/ T9\xe5\xff(";
	char text[200];
	struct date d;
	for (size_t i = 0; i < ARRAY_LEN(published); i++) {
		size_t n = strlen(published[i].text);
		for (size_t at = 0; at < n; at++) {
			date_parse(str_of(published[i].text, at), 0, &d);
			memcpy(text, published[i].text, n);
			text[at] = bend[(at + i) % (sizeof(bend) - 1)];
			if (date_parse(str_of(text, n), 0, &d))
				assert_true(d.ms > date_days(0, 1, 1) * DAY_MS &&
				            d.ms < date_days(10001, 1, 1) * DAY_MS);
			else
				assert_true(d.ms == DATE_NONE);
		}
	}
}

static void endless_texts_are_refused(void **state)
{
	(void)state;
	char text[4000];
	struct date d;
	memset(text, '1', sizeof(text));
	assert_false(date_parse(str_of(text, sizeof(text)), 0, &d));
	memset(text, 'a', sizeof(text));
	assert_false(date_parse(str_of(text, 150), 0, &d));
	for (size_t i = 0; i < 150; i += 2)
		text[i] = '-';
	assert_false(date_parse(str_of(text, 150), 0, &d));
	assert_false(date_parse((struct str){ NULL, 0 }, 0, &d));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(days_and_civil_agree),
		cmocka_unit_test(formats),
		cmocka_unit_test(rfc3339_is_strict),
		cmocka_unit_test(http_dates),
		cmocka_unit_test(people_dates),
		cmocka_unit_test(published_dates),
		cmocka_unit_test(an_assumed_zone_is_taken),
		cmocka_unit_test(twelve_months_in_each_language),
		cmocka_unit_test(broken_dates_do_no_harm),
		cmocka_unit_test(endless_texts_are_refused),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("base/date", tests, NULL, NULL);
}
