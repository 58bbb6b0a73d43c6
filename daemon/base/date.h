/* date: instants as milliseconds since the Unix epoch, UTC; reading and writing them. Pure functions. */
#ifndef BASE_DATE_H
#define BASE_DATE_H

#include "daemon/base/str.h"

#include <stdint.h>

#define DATE_NONE INT64_MIN

enum date_zone {
	DATE_ZONE_STATED, /* the text named its zone or offset */
	DATE_ZONE_ASSUMED, /* it named none: `assume_minutes` was taken */
};

struct date {
	int64_t ms;
	enum date_zone zone;
	bool date_only; /* no time of day was given */
};

/* Reads what publishers write (RFC 822/5322, RFC 3339/W3CDTF, and the odd forms: see date.c's table).
 * assume_minutes: offset from UTC that is taken when none is stated. False: no date is better than a wrong one. */
bool date_parse(struct str text, int assume_minutes, struct date *out);

/* HTTP-date, RFC 9110 section 5.6.7: all three forms. `now_ms` resolves two-digit years. */
bool date_parse_http(struct str text, int64_t now_ms, int64_t *out_ms);
/* Its preferred form: "Sun, 06 Nov 1994 08:49:37 GMT", terminated; a year of four digits. */
#define DATE_HTTP_MAX 32
void date_format_http(int64_t ms, char out[DATE_HTTP_MAX]);

/* RFC 3339 in UTC with milliseconds: "2026-11-21T10:15:03.412Z". Needs DATE_TEXT_MAX bytes; returns the length. */
#define DATE_TEXT_MAX 32
size_t date_format_ms(int64_t ms, char *out);
/* Without fraction: "2026-11-21T10:15:03Z". */
size_t date_format(int64_t ms, char *out);
/* For names of rotated files: "20261121T101503Z". */
size_t date_format_compact(int64_t ms, char *out);

/* Strict reader of the two RFC 3339 forms above (any offset): for our own records. */
bool date_parse_rfc3339(struct str text, int64_t *out_ms);

/* Civil calendar (proleptic Gregorian). date_days: days since 1970-01-01. */
int64_t date_days(int year, int month, int day);
void date_civil(int64_t days, int *year, int *month, int *day);

/* What people type for --since: "2h", "3d", "yesterday", "today", "now", a date, a date and time (UTC). */
bool date_parse_human(struct str text, int64_t now_ms, int64_t *out_ms);

#endif
