/* date_reading_priv: a date while it is being read: its tokens and what was taken from them. date_text.c, date_time.c and date_day.c share it. */
#ifndef BASE_DATE_READING_PRIV_H
#define BASE_DATE_READING_PRIV_H

#include "daemon/base/date_priv.h"

#define DATE_UNSET (-1)

struct date_reading {
	struct date_token *t;
	size_t n;
	int year, month, day, weekday;
	unsigned year_digits;
	int era;
	int hour, minute, second;
	int64_t ms;
	size_t after_time; /* index behind the time; 0: none was found */
	bool has_zone;
	int zone_minutes;
	enum date_saving saving;
	int64_t day_number; /* set by shapes that name no month */
	bool has_day_number;
};

/* Of one token that is still unexplained. */
bool date_at_mark(const struct date_reading *r, size_t i, char mark);
bool date_at_number(const struct date_reading *r, size_t i, unsigned digits_max);
bool date_at_word(const struct date_reading *r, size_t i, enum date_meaning meaning);
bool date_at_glued(const struct date_reading *r, size_t i);
void date_use(struct date_reading *r, size_t from, size_t to);

/* Each takes its part. False: the text says something impossible. */
bool date_take_units(struct date_reading *r); /* 5月, 15時 */
bool date_take_time(struct date_reading *r);
bool date_take_zone(struct date_reading *r);
bool date_take_instant(struct date_reading *r); /* true: it was one, nothing is left */
bool date_take_day(struct date_reading *r); /* the rest; it must explain all */

#endif
