/*
 * date_text: what publishers write as a date. The text becomes tokens (date_tokens.c); from these are taken, in this order,
 * numbers with a unit behind them (5月, 15時), the time of day, its zone, and then what is left must have one of the shapes of the
 * table below. Whatever remains unexplained makes it no date: none is better than a wrong one.
 */
#include "daemon/base/date_priv.h"

#define OFFSET_MAX 900 /* minutes; the farthest zone is 14 hours ahead */
#define UNSET (-1)

struct reading {
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

static bool is_mark(const struct reading *r, size_t i, char mark)
{
	return i < r->n && r->t[i].kind == DATE_MARK && !r->t[i].used && r->t[i].mark == mark;
}

static bool is_number(const struct reading *r, size_t i, unsigned digits_max)
{
	return i < r->n && r->t[i].kind == DATE_NUMBER && !r->t[i].used && r->t[i].digits <= digits_max;
}

static bool is_word(const struct reading *r, size_t i, enum date_meaning meaning)
{
	return i < r->n && r->t[i].kind == DATE_WORD && !r->t[i].used && r->t[i].word.meaning == meaning;
}

static bool glued(const struct reading *r, size_t i)
{
	return i < r->n && r->t[i].glued;
}

static void use(struct reading *r, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		r->t[i].used = true;
}

/* --- units: 2024年5月28日15時30分, 15h30, tháng 5 --- */

static bool take_unit(struct reading *r, size_t i)
{
	static const size_t offset[] = {
		[DATE_MEANS_YEAR] = offsetof(struct reading, year),
		[DATE_MEANS_MONTH] = offsetof(struct reading, month),
		[DATE_MEANS_DAY] = offsetof(struct reading, day),
		[DATE_MEANS_HOUR] = offsetof(struct reading, hour),
		[DATE_MEANS_MINUTE] = offsetof(struct reading, minute),
		[DATE_MEANS_SECOND] = offsetof(struct reading, second),
	};
	const struct date_token *number = &r->t[i];
	enum date_meaning unit = r->t[i + 1].word.meaning;
	int *field = (int *)((char *)r + offset[unit]);
	if (*field != UNSET || number->digits > 4)
		return false;
	*field = (int)number->value;
	if (unit == DATE_MEANS_YEAR)
		r->year_digits = r->era ? 4 : number->digits;
	if (unit >= DATE_MEANS_HOUR)
		r->after_time = i + 2;
	use(r, i, i + 2);
	return true;
}

static bool take_units(struct reading *r)
{
	for (size_t i = 0; i + 1 < r->n; i++) {
		if (is_word(r, i, DATE_MEANS_ERA)) {
			r->era = r->t[i].word.value;
			r->t[i].used = true;
		}
		if (!is_number(r, i, 4) || r->t[i + 1].kind != DATE_WORD)
			continue;
		enum date_meaning m = r->t[i + 1].word.meaning;
		if (m < DATE_MEANS_YEAR || m > DATE_MEANS_SECOND)
			continue;
		if (!take_unit(r, i))
			return false;
		/* "15h30": the minutes carry no unit of their own. */
		if (m == DATE_MEANS_HOUR && is_number(r, i + 2, 2) && glued(r, i + 2) &&
		    !is_word(r, i + 3, DATE_MEANS_MINUTE)) {
			r->minute = (int)r->t[i + 2].value;
			r->t[i + 2].used = true;
			r->after_time = i + 3;
		}
	}
	return true;
}

/* --- time of day --- */

static bool take_fraction(struct reading *r, size_t *i)
{
	if ((is_mark(r, *i, '.') || is_mark(r, *i, ',')) && glued(r, *i) && is_number(r, *i + 1, 15) &&
	    glued(r, *i + 1)) {
		r->ms = r->t[*i + 1].fraction_ms;
		*i += 2;
	}
	return true;
}

/* hour ':' minute [':' second ['.' fraction]] at i, with `mark` between. */
static bool take_clock(struct reading *r, size_t i, char mark)
{
	size_t at = i + 3;
	r->hour = (int)r->t[i].value;
	r->minute = (int)r->t[i + 2].value;
	if (is_mark(r, at, mark) && is_number(r, at + 1, 2)) {
		r->second = (int)r->t[at + 1].value;
		at += 2;
		take_fraction(r, &at);
	}
	use(r, i, at);
	r->after_time = at;
	return true;
}

/* "+08:00" is an offset, not ten past something; neither is "-05:00" that hangs on a date or time. */
static bool is_signed(const struct reading *r, size_t i)
{
	if (i == 0 || !glued(r, i) || r->t[i - 1].kind != DATE_MARK)
		return false;
	return r->t[i - 1].mark == '+' || (r->t[i - 1].mark == '-' && i >= 2 && r->t[i - 1].glued);
}

static bool take_colons(struct reading *r)
{
	for (size_t i = 0; i + 2 < r->n; i++)
		if (is_number(r, i, 2) && is_mark(r, i + 1, ':') && is_number(r, i + 2, 2) &&
		    !is_signed(r, i))
			return take_clock(r, i, ':');
	return false;
}

/* "14.30 Uhr", "kl. 14.30" */
static bool take_dots(struct reading *r)
{
	for (size_t i = 0; i + 2 < r->n; i++) {
		if (!is_number(r, i, 2) || !is_mark(r, i + 1, '.') || !is_number(r, i + 2, 2) ||
		    !glued(r, i + 2))
			continue;
		bool named = is_word(r, i + 3, DATE_MEANS_CLOCK) ||
		             (i > 0 && is_word(r, i - 1, DATE_MEANS_CLOCK)) ||
		             (i > 1 && is_mark(r, i - 1, '.') && is_word(r, i - 2, DATE_MEANS_CLOCK));
		if (named)
			return take_clock(r, i, '.');
	}
	return false;
}

/* "3 pm" */
static bool take_bare_hour(struct reading *r)
{
	for (size_t i = 0; i + 1 < r->n; i++) {
		if (!is_number(r, i, 2) ||
		    (!is_word(r, i + 1, DATE_MEANS_AM) && !is_word(r, i + 1, DATE_MEANS_PM)))
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
static bool take_compact(struct reading *r)
{
	for (size_t i = 1; i + 1 < r->n; i++) {
		if (!is_word(r, i, DATE_MEANS_T) || r->t[i - 1].kind != DATE_NUMBER ||
		    !is_number(r, i + 1, 6))
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
		use(r, i, at);
		r->after_time = at;
		return true;
	}
	return false;
}

static enum date_meaning half_of_day(struct reading *r)
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
static bool apply_half(struct reading *r, enum date_meaning half)
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

static bool take_time(struct reading *r)
{
	if (r->after_time == 0 && !take_compact(r) && !take_colons(r) && !take_dots(r))
		take_bare_hour(r);
	if (r->after_time == 0)
		return r->minute == UNSET && r->second == UNSET;
	if (r->hour == UNSET || !apply_half(r, half_of_day(r)))
		return false;
	if (r->minute == UNSET)
		r->minute = 0;
	if (r->second == UNSET)
		r->second = 0;
	if (r->hour == 24)
		return r->minute == 0 && r->second == 0 && r->ms == 0;
	return r->hour < 24 && r->minute < 60 && r->second <= 60;
}

/* --- zone --- */

/* "+8", "+0800", "-08:00" at the sign i; *end: behind it. */
static bool take_offset(struct reading *r, size_t i, size_t *end)
{
	const struct date_token *number = &r->t[i + 1];
	if (!is_number(r, i + 1, 4) || !glued(r, i + 1))
		return false;
	int64_t minutes =
	    number->digits <= 2 ? number->value * 60 : number->value / 100 * 60 + number->value % 100;
	size_t at = i + 2;
	if (number->digits > 2 && number->value % 100 > 59)
		return false;
	if (number->digits <= 2 && is_mark(r, at, ':') && is_number(r, at + 1, 2)) {
		if (r->t[at + 1].value > 59)
			return false;
		minutes += r->t[at + 1].value;
		at += 2;
	}
	/* A date that follows a dash is none. */
	if (is_mark(r, at, '/') || is_mark(r, at, '-') || minutes > OFFSET_MAX)
		return false;
	r->zone_minutes = (int)minutes * (r->t[i].mark == '-' ? -1 : 1);
	r->saving = DATE_SAVING_NONE;
	use(r, i, at);
	*end = at;
	return true;
}

static bool is_sign(const struct reading *r, size_t i)
{
	return is_mark(r, i, '+') || is_mark(r, i, '-');
}

/* Right behind the time, capitals are a zone first: "AT", "PT", the military letters (which say UTC). */
static bool is_zone(const struct reading *r, size_t i)
{
	const struct date_token *t = &r->t[i];
	if (t->kind != DATE_WORD || t->used)
		return false;
	return t->word.meaning == DATE_MEANS_ZONE ||
	       (i == r->after_time && i > 0 && t->upper && t->word.zone);
}

static bool may_be_offset(const struct reading *r, size_t i)
{
	if (!is_sign(r, i) || !is_number(r, i + 1, 4) || !glued(r, i + 1))
		return false;
	if (i == r->after_time && i > 0)
		return true;
	/* Behind a whole date without a time: "2024-05-28+08:00". */
	return r->after_time == 0 && is_mark(r, i, '+');
}

/* RFC 5322 section 4.3: any other abbreviation behind the time says nothing; the date stays, its zone is assumed. */
static bool is_unknown_zone(const struct reading *r, size_t i)
{
	const struct date_token *t = &r->t[i];
	return is_word(r, i, DATE_MEANS_NOTHING) && i == r->after_time && i > 0 && t->upper &&
	       t->digits >= 3 && t->digits <= 5;
}

static bool take_zone(struct reading *r)
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
			if (is_sign(r, end) && is_number(r, end + 1, 4) && !take_offset(r, end, &end))
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

/* --- the day --- */

/* What is left as one character a token: Y four digits, n one or two, o three, and so on; M a month's name. Marks count only
 * between two numbers. rows: in which order the numbers may be read; `sure`: the first that the calendar has is
 * taken, else all must agree (a weekday helps). Lower-case y: a year of two digits. */
static const struct shape {
	const char *form;
	const char *orders[3];
	bool sure;
} shapes[] = {
	{ "n M Y", { "DMY" }, true },
	{ "M n Y", { "MDY" }, true },
	{ "Y M n", { "YMD" }, true },
	{ "Y n M", { "YDM" }, true },
	{ "Y-n-n", { "YMD" }, true },
	{ "Y/n/n", { "YMD" }, true },
	{ "Y.n.n", { "YMD" }, true },
	{ "Y n n", { "YMD" }, true },
	{ "n.n.Y", { "DMY", "MDY" }, true },
	{ "n/n/Y", { "DMY", "MDY" }, false },
	{ "n-n-Y", { "DMY", "MDY" }, false },
	{ "n n Y", { "DMY", "MDY" }, false },
	{ "n M n", { "DMy", "yMD" }, true },
	{ "M n n", { "MDy" }, true },
	{ "n.n.n", { "DMy" }, true },
	{ "n/n/n", { "MDy", "DMy" }, false },
	{ "n-n-n", { "yMD", "DMy", "MDy" }, true },
	{ "Y-o-n", { "YMD" }, true },
	{ "Y-n", { "YM" }, true },
	{ "Y/n", { "YM" }, true },
	{ "-n-n", { "yM" }, true },
	{ "M Y", { "MY" }, true },
	{ "Y M", { "YM" }, true },
	{ "Y", { "Y" }, true },
	{ "n M", { NULL }, true },
};

struct part {
	char kind; /* letter of the form */
	const struct date_token *t;
};

#define PARTS_MAX 8

static char letter_of(const struct date_token *t)
{
	static const char by_digits[] = "?nnoYfsv8";
	if (t->kind == DATE_WORD)
		return 'M';
	return t->digits < sizeof(by_digits) - 1 ? by_digits[t->digits] : '?';
}

/* Writes the form of what is left and its parts; false when there is too much or something unexplained. */
static bool describe(const struct reading *r, char form[2 * PARTS_MAX + 2],
    const struct date_token *parts[PARTS_MAX], size_t *count)
{
	size_t length = 0;
	char between = ' ';
	*count = 0;
	for (size_t i = 0; i < r->n; i++) {
		const struct date_token *t = &r->t[i];
		if (t->used)
			continue;
		if (t->kind == DATE_MARK) {
			bool tight = t->glued && i + 1 < r->n && r->t[i + 1].glued;
			between = (t->mark == '-' || t->mark == '/' || t->mark == '.') && (tight || i == 0)
			              ? t->mark
			              : between;
			continue;
		}
		if (t->kind == DATE_WORD && t->word.meaning != DATE_MEANS_NAME)
			return false;
		if (*count == PARTS_MAX)
			return false;
		bool lead = *count == 0;
		bool word = t->kind == DATE_WORD || (!lead && parts[*count - 1]->kind == DATE_WORD);
		if (!lead)
			form[length++] = word ? ' ' : between;
		else if (between == '-')
			form[length++] = '-';
		form[length++] = letter_of(t);
		parts[(*count)++] = t;
		between = ' ';
	}
	form[length] = '\0';
	return true;
}

static int full_year(int64_t v, unsigned digits)
{
	if (digits == 2)
		return (int)v + (v < 50 ? 2000 : 1900); /* RFC 5322 section 4.3 */
	return digits == 4 ? (int)v : 0;
}

struct day {
	int year, month, day;
};

static bool read_order(const char *order, const struct date_token *const *parts, struct day *out)
{
	*out = (struct day){ 0, 1, 1 };
	for (size_t i = 0; order[i]; i++) {
		const struct date_token *t = parts[i];
		int v = (int)t->value;
		if (order[i] == 'Y' || order[i] == 'y')
			out->year = full_year(v, t->digits);
		else if (order[i] == 'M')
			out->month = t->kind == DATE_WORD ? t->word.month : v;
		else
			out->day = v;
	}
	return out->year > 0 && date_is_day(out->year, out->month, out->day);
}

static bool choose(const struct reading *r, const struct shape *shape, const struct date_token *const *parts,
    struct day *out)
{
	struct day found;
	size_t fits = 0;
	bool by_weekday = false;
	for (size_t i = 0; i < ARRAY_LEN(shape->orders) && shape->orders[i]; i++) {
		if (!read_order(shape->orders[i], parts, &found))
			continue;
		if (fits > 0 && found.year == out->year && found.month == out->month && found.day == out->day)
			continue;
		/* The weekday tells two readings apart; a wrong one is no reason to refuse the only reading. */
		bool right = r->weekday >= 0 &&
		             date_weekday(date_days(found.year, found.month, found.day)) == r->weekday;
		if (fits == 0 || (right && !by_weekday))
			*out = found;
		by_weekday = by_weekday || right;
		fits++;
		if (shape->sure)
			return true;
	}
	return fits == 1 || by_weekday;
}

static bool set_day(struct reading *r, int64_t days)
{
	r->day_number = days;
	r->has_day_number = true;
	return true;
}

static bool set_ordinal(struct reading *r, int year, int64_t day)
{
	int length = 365 + (date_month_length(year, 2) == 29);
	if (day < 1 || day > length)
		return false;
	return set_day(r, date_days(year, 1, 1) + day - 1);
}

static bool set_civil(struct reading *r, int64_t year, int64_t month, int64_t day)
{
	if (!date_is_day((int)year, (int)month, (int)day))
		return false;
	return set_day(r, date_days((int)year, (int)month, (int)day));
}

/* Forms of one run of digits, and ordinal dates. */
static bool read_digits(struct reading *r, const char *form, const struct date_token *const *parts)
{
	int64_t v = parts[0]->value;
	if (strcmp(form, "8") == 0)
		return set_civil(r, v / 10000, v / 100 % 100, v % 100);
	if (strcmp(form, "s") == 0)
		return set_civil(r, full_year(v / 10000, 2), v / 100 % 100, v % 100);
	if (strcmp(form, "-Y") == 0)
		return set_civil(r, full_year(v / 100, 2), v % 100, 1);
	if (strcmp(form, "v") == 0)
		return set_ordinal(r, (int)(v / 1000), v % 1000);
	/* Five digits are an ordinal date of the 2000s; any other number of five may be a spreadsheet's. */
	if (strcmp(form, "f") == 0)
		return v < 10000 && set_ordinal(r, (int)(2000 + v / 1000), v % 1000);
	if (strcmp(form, "Y-o") == 0)
		return v > 0 && set_ordinal(r, (int)v, parts[1]->value);
	if (strcmp(form, "n-o") == 0)
		return parts[0]->digits == 2 && set_ordinal(r, full_year(v, 2), parts[1]->value);
	return false;
}

/* Numbers that are instants by themselves: seconds or milliseconds since 1970, YYYYMMDDhhmm[ss]. */
static bool read_instant(struct reading *r)
{
	if (r->n != 1 || r->t[0].kind != DATE_NUMBER)
		return false;
	int64_t v = r->t[0].value;
	unsigned digits = r->t[0].digits;
	if (digits == 10 || digits == 13) {
		r->ms = digits == 10 ? v * 1000 : v;
		r->has_zone = true;
		r->after_time = 1;
		r->hour = r->minute = r->second = 0;
		return set_day(r, 0);
	}
	if (digits != 12 && digits != 14)
		return false;
	v = digits == 12 ? v * 100 : v;
	r->second = (int)(v % 100);
	r->minute = (int)(v / 100 % 100);
	r->hour = (int)(v / 10000 % 100);
	r->after_time = 1;
	if (r->hour > 23 || r->minute > 59 || r->second > 60)
		return false;
	v /= 1000000;
	return set_civil(r, v / 10000, v / 100 % 100, v % 100);
}

/* 2024-W22, 2024-W22-3, 2024W223 */
static bool read_week(struct reading *r)
{
	for (size_t i = 1; i + 1 < r->n; i++) {
		if (!is_word(r, i, DATE_MEANS_WEEK))
			continue;
		size_t year = is_mark(r, i - 1, '-') && i > 1 ? i - 2 : i - 1;
		if (!is_number(r, year, 4) || r->t[year].digits != 4 || !is_number(r, i + 1, 3) ||
		    !glued(r, i + 1))
			return false;
		int64_t week = r->t[i + 1].value;
		int64_t day = 1;
		size_t end = i + 2;
		if (r->t[i + 1].digits == 3) {
			day = week % 10;
			week /= 10;
		} else if (is_mark(r, end, '-') && is_number(r, end + 1, 1)) {
			day = r->t[end + 1].value;
			end += 2;
		}
		if (week < 1 || week > 53 || day < 1 || day > 7)
			return false;
		/* Week 1 holds January 4th; weeks begin on Monday. */
		int64_t fourth = date_days((int)r->t[year].value, 1, 4);
		use(r, year, end);
		return set_day(r, fourth - (date_weekday(fourth) + 6) % 7 + 7 * (week - 1) + day - 1);
	}
	return false;
}

/* "mar" and its like name a month and a weekday: the weekday when another month is named, or the first of two. */
static void settle_names(struct reading *r)
{
	size_t months = 0;
	size_t numbers = 0;
	for (size_t i = 0; i < r->n; i++) {
		const struct date_token *t = &r->t[i];
		months += t->kind == DATE_WORD && !t->used && t->word.month > 0;
		numbers += t->kind == DATE_NUMBER && !t->used;
	}
	if (numbers >= 3 || r->month != UNSET)
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

static void drop_noise(struct reading *r)
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
		if (m == DATE_MEANS_MONTH_NEXT && is_number(r, i + 1, 2)) {
			t->used = true;
			r->month = (int)r->t[i + 1].value;
			r->t[i + 1].used = true;
		}
	}
}

/* Every field came with its unit; a missing day or month is the first. */
static bool read_units(struct reading *r, const struct date_token *const *parts, size_t count)
{
	/* Vietnamese and its like: "5 tháng 6 2024". */
	if (count == 2 && r->year == UNSET && r->day == UNSET) {
		r->day = (int)parts[0]->value;
		r->year = (int)parts[1]->value;
		r->year_digits = parts[1]->digits;
		count = 0;
	}
	if (count != 0 || r->year == UNSET || (r->month == UNSET && r->day != UNSET))
		return false;
	int year = r->era ? r->year + r->era : full_year(r->year, r->year_digits);
	return year > 0 && set_civil(r, year, r->month == UNSET ? 1 : r->month, r->day == UNSET ? 1 : r->day);
}

static bool read_day(struct reading *r)
{
	char form[2 * PARTS_MAX + 2];
	const struct date_token *parts[PARTS_MAX];
	size_t count;
	struct day day = { 0 };
	if (read_week(r))
		return describe(r, form, parts, &count) && count == 0;
	if (!describe(r, form, parts, &count))
		return false;
	if (r->year != UNSET || r->month != UNSET || r->day != UNSET)
		return read_units(r, parts, count);
	if (count == 0)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(shapes); i++)
		if (strcmp(form, shapes[i].form) == 0)
			return choose(r, &shapes[i], parts, &day) &&
			       set_civil(r, day.year, day.month, day.day);
	return read_digits(r, form, parts);
}

static bool read_text(struct reading *r)
{
	if (read_instant(r))
		return true;
	if (!take_units(r) || !take_time(r) || !take_zone(r))
		return false;
	drop_noise(r);
	settle_names(r);
	return read_day(r);
}

static void finish(const struct reading *r, int assume_minutes, struct date *out)
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

bool date_parse(struct str text, int assume_minutes, struct date *out)
{
	struct date_token tokens[DATE_TOKENS];
	struct reading r = {
		.t = tokens,
		.year = UNSET,
		.month = UNSET,
		.day = UNSET,
		.weekday = UNSET,
		.hour = UNSET,
		.minute = UNSET,
		.second = UNSET,
	};
	text = str_trim(text);
	*out = (struct date){ DATE_NONE, DATE_ZONE_STATED, false };
	/* The two forms that most feeds use need no tokens. */
	if (date_parse_rfc3339(text, &out->ms) || date_parse_rfc822(text, &out->ms))
		return true;
	r.n = date_tokenise(text, tokens);
	if (r.n == 0 || !read_text(&r))
		return false;
	finish(&r, assume_minutes, out);
	return true;
}
