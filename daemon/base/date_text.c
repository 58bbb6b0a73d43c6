/*
 * date_text: what publishers write as a date. The text becomes tokens (date_tokens.c); from these are taken, in this order,
 * numbers with a unit behind them (5月, 15時), the time of day, its zone, and then what is left must have one of the shapes of
 * date_day.c's table. Whatever remains unexplained makes it no date: none is better than a wrong one.
 */
#include "daemon/base/date_reading_priv.h"

bool date_at_mark(const struct date_reading *r, size_t i, char mark)
{
	return i < r->n && r->t[i].kind == DATE_MARK && !r->t[i].used && r->t[i].mark == mark;
}

bool date_at_number(const struct date_reading *r, size_t i, unsigned digits_max)
{
	return i < r->n && r->t[i].kind == DATE_NUMBER && !r->t[i].used && r->t[i].digits <= digits_max;
}

bool date_at_word(const struct date_reading *r, size_t i, enum date_meaning meaning)
{
	return i < r->n && r->t[i].kind == DATE_WORD && !r->t[i].used && r->t[i].word.meaning == meaning;
}

bool date_at_glued(const struct date_reading *r, size_t i)
{
	return i < r->n && r->t[i].glued;
}

void date_use(struct date_reading *r, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		r->t[i].used = true;
}

static bool take_unit(struct date_reading *r, size_t i)
{
	static const size_t offset[] = {
		[DATE_MEANS_YEAR] = offsetof(struct date_reading, year),
		[DATE_MEANS_MONTH] = offsetof(struct date_reading, month),
		[DATE_MEANS_DAY] = offsetof(struct date_reading, day),
		[DATE_MEANS_HOUR] = offsetof(struct date_reading, hour),
		[DATE_MEANS_MINUTE] = offsetof(struct date_reading, minute),
		[DATE_MEANS_SECOND] = offsetof(struct date_reading, second),
	};
	const struct date_token *number = &r->t[i];
	enum date_meaning unit = r->t[i + 1].word.meaning;
	int *field = (int *)((char *)r + offset[unit]);
	if (*field != DATE_UNSET || number->digits > 4)
		return false;
	*field = (int)number->value;
	if (unit == DATE_MEANS_YEAR)
		r->year_digits = r->era ? 4 : number->digits;
	if (unit >= DATE_MEANS_HOUR)
		r->after_time = i + 2;
	date_use(r, i, i + 2);
	return true;
}

bool date_take_units(struct date_reading *r)
{
	for (size_t i = 0; i + 1 < r->n; i++) {
		if (date_at_word(r, i, DATE_MEANS_ERA)) {
			r->era = r->t[i].word.value;
			r->t[i].used = true;
		}
		if (!date_at_number(r, i, 4) || r->t[i + 1].kind != DATE_WORD)
			continue;
		enum date_meaning m = r->t[i + 1].word.meaning;
		if (m < DATE_MEANS_YEAR || m > DATE_MEANS_SECOND)
			continue;
		if (!take_unit(r, i))
			return false;
		/* "15h30": the minutes carry no unit of their own. */
		if (m == DATE_MEANS_HOUR && date_at_number(r, i + 2, 2) && date_at_glued(r, i + 2) &&
		    !date_at_word(r, i + 3, DATE_MEANS_MINUTE)) {
			r->minute = (int)r->t[i + 2].value;
			r->t[i + 2].used = true;
			r->after_time = i + 3;
		}
	}
	return true;
}

/* "mar" and its like name a month and a weekday: the weekday when another month is named, or the first of two. */
static void settle_names(struct date_reading *r)
{
	size_t months = 0;
	size_t numbers = 0;
	for (size_t i = 0; i < r->n; i++) {
		const struct date_token *t = &r->t[i];
		months += t->kind == DATE_WORD && !t->used && t->word.month > 0;
		numbers += t->kind == DATE_NUMBER && !t->used;
	}
	if (numbers >= 3 || r->month != DATE_UNSET)
		months++;
	for (size_t i = 0; i < r->n; i++) {
		struct date_token *t = &r->t[i];
		if (t->kind != DATE_WORD || t->used || t->word.meaning != DATE_MEANS_NAME ||
		    t->word.weekday < 0)
			continue;
		if (t->word.month > 0 && months < 2)
			continue;
		months -= t->word.month > 0;
		r->weekday = t->word.weekday;
		t->used = true;
	}
}

static void drop_noise(struct date_reading *r)
{
	for (size_t i = 0; i < r->n; i++) {
		struct date_token *t = &r->t[i];
		enum date_meaning m = t->word.meaning;
		if (t->aside && (t->kind != DATE_WORD || m != DATE_MEANS_NAME))
			t->used = true;
		if (t->kind != DATE_WORD || t->used)
			continue;
		/* German "am" is the only half of the day that may stand alone. */
		if (m == DATE_MEANS_NOISE || m == DATE_MEANS_CLOCK || m == DATE_MEANS_T || m == DATE_MEANS_AM)
			t->used = true;
		if (m == DATE_MEANS_MONTH_NEXT && date_at_number(r, i + 1, 2)) {
			t->used = true;
			r->month = (int)r->t[i + 1].value;
			r->t[i + 1].used = true;
		}
	}
}

static bool read_text(struct date_reading *r)
{
	if (date_take_instant(r))
		return true;
	if (!date_take_units(r) || !date_take_time(r) || !date_take_zone(r))
		return false;
	drop_noise(r);
	settle_names(r);
	return date_take_day(r);
}

static void finish(const struct date_reading *r, int assume_minutes, struct date *out)
{
	int64_t local = r->day_number * DATE_DAY_MS;
	out->date_only = r->after_time == 0;
	if (!out->date_only)
		local +=
		    r->hour * DATE_HOUR_MS + r->minute * DATE_MINUTE_MS + r->second * INT64_C(1000) + r->ms;
	int minutes = r->has_zone ? r->zone_minutes + date_saving_minutes(r->saving, local) : assume_minutes;
	out->zone = r->has_zone ? DATE_ZONE_STATED : DATE_ZONE_ASSUMED;
	out->ms = local - minutes * DATE_MINUTE_MS;
}

static bool parse_tokens(struct str text, int assume_minutes, struct date *out)
{
	struct date_token tokens[DATE_TOKENS] = { 0 };
	struct date_reading r = {
		.t = tokens,
		.n = date_tokenise(text, tokens),
		.year = DATE_UNSET,
		.month = DATE_UNSET,
		.day = DATE_UNSET,
		.weekday = DATE_UNSET,
		.hour = DATE_UNSET,
		.minute = DATE_UNSET,
		.second = DATE_UNSET,
	};
	if (r.n == 0 || !read_text(&r))
		return false;
	finish(&r, assume_minutes, out);
	return true;
}

bool date_parse(struct str text, int assume_minutes, struct date *out)
{
	text = str_trim(text);
	*out = (struct date){ DATE_NONE, DATE_ZONE_STATED, false };
	/* The two forms that most feeds use need no tokens. */
	if (date_parse_rfc3339(text, &out->ms) || date_parse_rfc822(text, &out->ms))
		return true;
	return parse_tokens(text, assume_minutes, out);
}
