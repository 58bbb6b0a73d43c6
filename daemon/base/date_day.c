/* date_day: the day, out of the tokens that time and zone left over: a table of shapes, and the forms of ISO 8601 that are mere digits. */
#include "daemon/base/date_reading_priv.h"

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

#define PARTS_MAX 8

static char letter_of(const struct date_token *t)
{
	static const char by_digits[] = "?nnoYfsv8";
	if (t->kind == DATE_WORD)
		return 'M';
	return t->digits < sizeof(by_digits) - 1 ? by_digits[t->digits] : '?';
}

/* Writes the form of what is left and its parts; false when there is too much or something unexplained. */
static bool describe(const struct date_reading *r, char form[2 * PARTS_MAX + 2],
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
	for (size_t i = 0; order[i] && parts[i]; i++) {
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

static bool choose(const struct date_reading *r, const struct shape *shape,
    const struct date_token *const *parts, struct day *out)
{
	struct day found = { 0 };
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

static bool set_day(struct date_reading *r, int64_t days)
{
	r->day_number = days;
	r->has_day_number = true;
	return true;
}

static bool set_ordinal(struct date_reading *r, int year, int64_t day)
{
	int length = 365 + (date_month_length(year, 2) == 29);
	if (day < 1 || day > length)
		return false;
	return set_day(r, date_days(year, 1, 1) + day - 1);
}

static bool set_civil(struct date_reading *r, int64_t year, int64_t month, int64_t day)
{
	if (year < 1 || !date_is_day((int)year, (int)month, (int)day))
		return false;
	return set_day(r, date_days((int)year, (int)month, (int)day));
}

/* Forms of one run of digits, and ordinal dates. */
static bool read_digits(struct date_reading *r, const char *form, const struct date_token *const *parts)
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
bool date_take_instant(struct date_reading *r)
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
static bool read_week(struct date_reading *r)
{
	for (size_t i = 1; i + 1 < r->n; i++) {
		if (!date_at_word(r, i, DATE_MEANS_WEEK))
			continue;
		size_t year = date_at_mark(r, i - 1, '-') && i > 1 ? i - 2 : i - 1;
		if (!date_at_number(r, year, 4) || r->t[year].digits != 4 || !date_at_number(r, i + 1, 3) ||
		    !date_at_glued(r, i + 1))
			return false;
		int64_t week = r->t[i + 1].value;
		int64_t day = 1;
		size_t end = i + 2;
		if (r->t[i + 1].digits == 3) {
			day = week % 10;
			week /= 10;
		} else if (date_at_mark(r, end, '-') && date_at_number(r, end + 1, 1)) {
			day = r->t[end + 1].value;
			end += 2;
		}
		if (week < 1 || week > 53 || day < 1 || day > 7)
			return false;
		/* Week 1 holds January 4th; weeks begin on Monday. */
		int64_t fourth = date_days((int)r->t[year].value, 1, 4);
		date_use(r, year, end);
		return set_day(r, fourth - (date_weekday(fourth) + 6) % 7 + 7 * (week - 1) + day - 1);
	}
	return false;
}

/* Every field came with its unit; a missing day or month is the first. */
static bool read_units(struct date_reading *r, const struct date_token *const *parts, size_t count)
{
	/* Vietnamese and its like: "5 tháng 6 2024". */
	if (count == 2 && r->year == DATE_UNSET && r->day == DATE_UNSET) {
		r->day = (int)parts[0]->value;
		r->year = (int)parts[1]->value;
		r->year_digits = parts[1]->digits;
		count = 0;
	}
	if (count != 0 || r->year == DATE_UNSET || (r->month == DATE_UNSET && r->day != DATE_UNSET))
		return false;
	int year = r->era ? r->year + r->era : full_year(r->year, r->year_digits);
	return year > 0 &&
	       set_civil(r, year, r->month == DATE_UNSET ? 1 : r->month, r->day == DATE_UNSET ? 1 : r->day);
}

bool date_take_day(struct date_reading *r)
{
	char form[2 * PARTS_MAX + 2];
	const struct date_token *parts[PARTS_MAX] = { NULL };
	size_t count;
	struct day day = { 0 };
	if (read_week(r))
		return describe(r, form, parts, &count) && count == 0;
	if (!describe(r, form, parts, &count))
		return false;
	if (r->year != DATE_UNSET || r->month != DATE_UNSET || r->day != DATE_UNSET)
		return read_units(r, parts, count);
	if (count == 0)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(shapes); i++)
		if (strcmp(form, shapes[i].form) == 0)
			return choose(r, &shapes[i], parts, &day) &&
			       set_civil(r, day.year, day.month, day.day);
	return read_digits(r, form, parts);
}
