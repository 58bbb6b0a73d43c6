/* date_priv: what the date_*.c files share: the calendar's helpers, and the words and zones of dates as people write them. */
#ifndef BASE_DATE_PRIV_H
#define BASE_DATE_PRIV_H

#include "daemon/base/attr.h"
#include "daemon/base/date.h"

#define DATE_DAY_MS INT64_C(86400000)
#define DATE_HOUR_MS INT64_C(3600000)
#define DATE_MINUTE_MS INT64_C(60000)

int date_month_length(int year, int month); /* month 1..12 */
bool date_is_day(int year, int month, int day); /* the calendar has it */
int date_weekday(int64_t days); /* 0 = Sunday */

/* The usual form of mail and RSS, four-digit year, GMT or an offset; false: look closer. */
bool date_parse_rfc822(struct str text, int64_t *out_ms);

enum date_meaning {
	DATE_MEANS_NOTHING, /* unknown: a text with such a word is no date */
	DATE_MEANS_NOISE, /* "of", "um", "de", … */
	DATE_MEANS_NAME, /* of a month, a weekday, or either */
	DATE_MEANS_AM,
	DATE_MEANS_PM,
	DATE_MEANS_NOON, /* around noon: 11:30 to 13:30 */
	DATE_MEANS_NIGHT, /* evening; 12 is not to be told from 24 */
	DATE_MEANS_YEAR, /* units behind a number */
	DATE_MEANS_MONTH,
	DATE_MEANS_DAY,
	DATE_MEANS_HOUR,
	DATE_MEANS_MINUTE,
	DATE_MEANS_SECOND,
	DATE_MEANS_ERA, /* before a year that counts from another beginning */
	DATE_MEANS_MONTH_NEXT, /* before the number of a month */
	DATE_MEANS_CLOCK, /* beside "14.30": it is a time */
	DATE_MEANS_T, /* between date and time */
	DATE_MEANS_WEEK, /* ISO 8601 week dates */
	DATE_MEANS_ZONE,
};

enum date_saving { DATE_SAVING_NONE, DATE_SAVING_US, DATE_SAVING_EU, DATE_SAVINGS };

struct date_word {
	enum date_meaning meaning;
	int month; /* 1..12, or 0 */
	int weekday; /* 0 = Sunday, or -1 */
	int value; /* ERA: years to add; ZONE: minutes east of UTC in winter */
	enum date_saving saving; /* ZONE: when an hour is added */
	bool zone; /* it names a zone too: "AT", "PT" and single letters right behind the time */
};

/* One word in lower case and without accents (date_fold). */
struct date_word date_word_of(struct str folded);
/* Its longest word of a script without blanks at the start of s; returns its bytes, or 0. */
size_t date_word_cjk(struct str s, struct date_word *out);
/* An abbreviation or a region/city name of a zone; folded. Fills value, saving and zone. */
bool date_zone_of(struct str folded, struct date_word *out);
/* Minutes that daylight saving adds at this local time. */
int date_saving_minutes(enum date_saving saving, int64_t local_ms);

enum { DATE_NUMBER, DATE_WORD, DATE_MARK };

#define DATE_TEXT_BYTES 160 /* longest text that is looked at: a date with zone names in parentheses has 70 */
#define DATE_TOKENS 48

struct date_token {
	int kind;
	bool glued; /* nothing stands between it and the token before */
	bool aside; /* in parentheses */
	bool used; /* its meaning was taken */
	bool upper; /* a word in capitals */
	char mark;
	unsigned digits;
	int64_t value;
	int64_t fraction_ms; /* a number read as the digits behind a point */
	struct date_word word;
};

/* Returns how many tokens there are, or 0 when the text cannot be a date. */
size_t date_tokenise(struct str text, struct date_token out[DATE_TOKENS]);

#endif
