/* date_time: the time of day and its zone, out of a date's tokens. */
#include "daemon/base/date_reading_priv.h"

#define OFFSET_MAX 900 /* minutes; the farthest zone is 14 hours ahead */

static bool take_fraction(struct date_reading *r, size_t *i)
{
	if ((date_at_mark(r, *i, '.') || date_at_mark(r, *i, ',')) && date_at_glued(r, *i) &&
	    date_at_number(r, *i + 1, 15) && date_at_glued(r, *i + 1)) {
		r->ms = r->t[*i + 1].fraction_ms;
		*i += 2;
	}
	return true;
}

/* hour ':' minute [':' second ['.' fraction]] at i, with `mark` between. */
static bool take_clock(struct date_reading *r, size_t i, char mark)
{
	size_t at = i + 3;
	r->hour = (int)r->t[i].value;
	r->minute = (int)r->t[i + 2].value;
	if (date_at_mark(r, at, mark) && date_at_number(r, at + 1, 2)) {
		r->second = (int)r->t[at + 1].value;
		at += 2;
		take_fraction(r, &at);
	}
	date_use(r, i, at);
	r->after_time = at;
	return true;
}

/* "+08:00" is an offset, not ten past something; neither is "-05:00" that hangs on a date or time. */
static bool is_signed(const struct date_reading *r, size_t i)
{
	if (i == 0 || !date_at_glued(r, i) || r->t[i - 1].kind != DATE_MARK)
		return false;
	return r->t[i - 1].mark == '+' || (r->t[i - 1].mark == '-' && i >= 2 && r->t[i - 1].glued);
}

static bool take_colons(struct date_reading *r)
{
	for (size_t i = 0; i + 2 < r->n; i++)
		if (date_at_number(r, i, 2) && date_at_mark(r, i + 1, ':') && date_at_number(r, i + 2, 2) &&
		    !is_signed(r, i))
			return take_clock(r, i, ':');
	return false;
}

/* "14.30 Uhr", "kl. 14.30" */
static bool take_dots(struct date_reading *r)
{
	for (size_t i = 0; i + 2 < r->n; i++) {
		if (!date_at_number(r, i, 2) || !date_at_mark(r, i + 1, '.') ||
		    !date_at_number(r, i + 2, 2) || !date_at_glued(r, i + 2))
			continue;
		bool named =
		    date_at_word(r, i + 3, DATE_MEANS_CLOCK) ||
		    (i > 0 && date_at_word(r, i - 1, DATE_MEANS_CLOCK)) ||
		    (i > 1 && date_at_mark(r, i - 1, '.') && date_at_word(r, i - 2, DATE_MEANS_CLOCK));
		if (named)
			return take_clock(r, i, '.');
	}
	return false;
}

/* "3 pm" */
static bool take_bare_hour(struct date_reading *r)
{
	for (size_t i = 0; i + 1 < r->n; i++) {
		if (!date_at_number(r, i, 2) ||
		    (!date_at_word(r, i + 1, DATE_MEANS_AM) && !date_at_word(r, i + 1, DATE_MEANS_PM)))
			continue;
		/* German "5. am …" never is an hour; an hour stands right before its half of the day. */
		r->hour = (int)r->t[i].value;
		r->minute = 0;
		r->t[i].used = true;
		r->after_time = i + 1;
		return true;
	}
	return false;
}

/* "T192030", "T1920" */
static bool take_compact(struct date_reading *r)
{
	for (size_t i = 1; i + 1 < r->n; i++) {
		if (!date_at_word(r, i, DATE_MEANS_T) || r->t[i - 1].kind != DATE_NUMBER ||
		    !date_at_number(r, i + 1, 6))
			continue;
		int v = (int)r->t[i + 1].value;
		unsigned digits = r->t[i + 1].digits;
		if (digits != 4 && digits != 6)
			return false;
		r->second = digits == 6 ? v % 100 : 0;
		v = digits == 6 ? v / 100 : v;
		r->hour = v / 100;
		r->minute = v % 100;
		size_t at = i + 2;
		take_fraction(r, &at);
		date_use(r, i, at);
		r->after_time = at;
		return true;
	}
	return false;
}

static enum date_meaning half_of_day(struct date_reading *r)
{
	size_t behind = r->after_time;
	for (size_t i = 0; i < r->n; i++) {
		enum date_meaning m = r->t[i].word.meaning;
		if (r->t[i].kind != DATE_WORD || r->t[i].used || m < DATE_MEANS_AM || m > DATE_MEANS_NIGHT)
			continue;
		bool before = i + 1 < r->n && r->t[i + 1].kind == DATE_NUMBER && r->t[i + 1].used;
		if (i != behind && !before)
			continue;
		r->t[i].used = true;
		if (i == behind)
			r->after_time++;
		return m;
	}
	return DATE_MEANS_NOTHING;
}

/* False: the clock has no such time. */
static bool apply_half(struct date_reading *r, enum date_meaning half)
{
	if (half == DATE_MEANS_NOTHING || r->hour > 12)
		return half != DATE_MEANS_AM || r->hour <= 12;
	if (half == DATE_MEANS_NIGHT && r->hour == 12)
		return false;
	if (half == DATE_MEANS_AM)
		r->hour %= 12;
	else if (half != DATE_MEANS_NOON || r->hour < 3)
		r->hour = r->hour % 12 + 12;
	return true;
}

bool date_take_time(struct date_reading *r)
{
	if (r->after_time == 0 && !take_compact(r) && !take_colons(r) && !take_dots(r))
		take_bare_hour(r);
	if (r->after_time == 0)
		return r->minute == DATE_UNSET && r->second == DATE_UNSET;
	if (r->hour == DATE_UNSET || !apply_half(r, half_of_day(r)))
		return false;
	if (r->minute == DATE_UNSET)
		r->minute = 0;
	if (r->second == DATE_UNSET)
		r->second = 0;
	if (r->hour == 24)
		return r->minute == 0 && r->second == 0 && r->ms == 0;
	return r->hour < 24 && r->minute < 60 && r->second <= 60;
}

/* "+8", "+0800", "-08:00" at the sign i; *end: behind it. */
static bool take_offset(struct date_reading *r, size_t i, size_t *end)
{
	const struct date_token *number = &r->t[i + 1];
	if (!date_at_number(r, i + 1, 4) || !date_at_glued(r, i + 1))
		return false;
	int64_t minutes =
	    number->digits <= 2 ? number->value * 60 : number->value / 100 * 60 + number->value % 100;
	size_t at = i + 2;
	if (number->digits > 2 && number->value % 100 > 59)
		return false;
	if (number->digits <= 2 && date_at_mark(r, at, ':') && date_at_number(r, at + 1, 2)) {
		if (r->t[at + 1].value > 59)
			return false;
		minutes += r->t[at + 1].value;
		at += 2;
	}
	/* A date that follows a dash is none. */
	if (date_at_mark(r, at, '/') || date_at_mark(r, at, '-') || minutes > OFFSET_MAX)
		return false;
	r->zone_minutes = (int)minutes * (r->t[i].mark == '-' ? -1 : 1);
	r->saving = DATE_SAVING_NONE;
	date_use(r, i, at);
	*end = at;
	return true;
}

static bool is_sign(const struct date_reading *r, size_t i)
{
	return date_at_mark(r, i, '+') || date_at_mark(r, i, '-');
}

/* Right behind the time, capitals are a zone first: "AT", "PT", the military letters (which say UTC). */
static bool is_zone(const struct date_reading *r, size_t i)
{
	const struct date_token *t = &r->t[i];
	if (t->kind != DATE_WORD || t->used)
		return false;
	return t->word.meaning == DATE_MEANS_ZONE ||
	       (i == r->after_time && i > 0 && t->upper && t->word.zone);
}

static bool may_be_offset(const struct date_reading *r, size_t i)
{
	if (!is_sign(r, i) || !date_at_number(r, i + 1, 4) || !date_at_glued(r, i + 1))
		return false;
	if (i == r->after_time && i > 0)
		return true;
	/* Behind a whole date without a time: "2024-05-28+08:00". */
	return r->after_time == 0 && date_at_mark(r, i, '+');
}

/* RFC 5322 section 4.3: any other abbreviation behind the time says nothing; the date stays, its zone is assumed. */
static bool is_unknown_zone(const struct date_reading *r, size_t i)
{
	const struct date_token *t = &r->t[i];
	return date_at_word(r, i, DATE_MEANS_NOTHING) && i == r->after_time && i > 0 && t->upper &&
	       t->digits >= 3 && t->digits <= 5;
}

bool date_take_zone(struct date_reading *r)
{
	for (size_t i = 0; i < r->n; i++) {
		size_t end = i + 1;
		bool named = is_zone(r, i);
		if (r->has_zone) {
			/* Said twice, as in "+0000 (GMT)": the first counts. */
			if (named)
				r->t[i].used = true;
			continue;
		}
		if (named) {
			r->zone_minutes = r->t[i].word.value;
			r->saving = r->t[i].word.saving;
			r->t[i].used = true;
			/* "GMT+8" is UTC+8 for everybody but POSIX; "EST -0500" is the number. */
			if (is_sign(r, end) && date_at_number(r, end + 1, 4) && !take_offset(r, end, &end))
				return false;
			r->has_zone = true;
		} else if (may_be_offset(r, i)) {
			if (!take_offset(r, i, &end))
				return false;
			r->has_zone = true;
		} else if (is_unknown_zone(r, i)) {
			r->t[i].used = true;
		}
	}
	return true;
}
