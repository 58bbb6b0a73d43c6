/* zone: the list of changes that a file holds, then the rule behind them, which goes on for ever. */
#include "daemon/base/zone.h"

#include "daemon/base/buf.h"
#include "daemon/base/date.h"

#define HEADER_LEN 44 /* bytes */
#define TYPE_LEN 6 /* bytes of one kind of local time: offset, is summer, name */
#define DAY_S 86400
#define HOURS_MAX 167 /* of a rule's time of day: RFC 8536, 3.3.1 */
#define OFFSET_MAX (26 * 3600) /* seconds east or west, as that RFC has it */

struct edge { /* when summer begins or ends, each year */
	enum { EDGE_MONTH, EDGE_JULIAN, EDGE_DAY } kind;
	int month, week, day; /* week 5: the last; day: of the week, or of the year */
	int32_t time; /* seconds of local time */
};

struct rule {
	int32_t standard, summer; /* seconds east */
	bool has_summer;
	struct edge begins, ends;
};

struct zone {
	size_t count;
	const int64_t *at; /* changes, ascending */
	const int32_t *offsets; /* from each change on */
	int32_t before; /* the first change */
	bool has_rule; /* for what is behind the last change */
	struct rule rule;
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool take(struct str *s, char c)
{
	if (s->n == 0 || s->p[0] != c)
		return false;
	*s = str_skip(*s, 1);
	return true;
}

static bool take_number(struct str *s, int max, int *out)
{
	int v = 0;

	if (s->n == 0 || !is_digit(s->p[0]))
		return false;
	for (; s->n && is_digit(s->p[0]); *s = str_skip(*s, 1))
		if ((v = 10 * v + (s->p[0] - '0')) > max)
			return false;
	*out = v;
	return true;
}

/* Letters, or anything in angle brackets. */
static bool take_name(struct str *s)
{
	size_t n = 0;

	if (take(s, '<')) {
		n = str_find_byte(*s, '>', 0);
		if (n == SIZE_MAX)
			return false;
		*s = str_skip(*s, n + 1);
		return n > 0;
	}
	while (n < s->n && ((s->p[n] >= 'A' && s->p[n] <= 'Z') || (s->p[n] >= 'a' && s->p[n] <= 'z')))
		n++;
	*s = str_skip(*s, n);
	return n >= 3;
}

static bool take_clock(struct str *s, int hours_max, int32_t *out)
{
	bool negative = take(s, '-');
	int h, m = 0, sec = 0;

	if (!negative)
		take(s, '+');
	if (!take_number(s, hours_max, &h) || (take(s, ':') && !take_number(s, 59, &m)) ||
	    (take(s, ':') && !take_number(s, 59, &sec)))
		return false;
	*out = (h * 60 + m) * 60 + sec;
	if (negative)
		*out = -*out;
	return true;
}

/* POSIX counts west of Greenwich. */
static bool take_offset(struct str *s, int32_t *east)
{
	if (!take_clock(s, 24, east))
		return false;
	*east = -*east;
	return true;
}

static bool take_edge(struct str *s, struct edge *x)
{
	*x = (struct edge){ .time = 2 * 3600 };
	if (!take(s, ','))
		return false;
	if (take(s, 'M')) {
		x->kind = EDGE_MONTH;
		if (!take_number(s, 12, &x->month) || x->month < 1 || !take(s, '.') ||
		    !take_number(s, 5, &x->week) || x->week < 1 || !take(s, '.') ||
		    !take_number(s, 6, &x->day))
			return false;
	} else {
		x->kind = take(s, 'J') ? EDGE_JULIAN : EDGE_DAY;
		if (!take_number(s, 365, &x->day) || (x->kind == EDGE_JULIAN && x->day < 1))
			return false;
	}
	return !take(s, '/') || take_clock(s, HOURS_MAX, &x->time);
}

static bool read_rule(struct str s, struct rule *r)
{
	*r = (struct rule){ .has_summer = false };
	if (!take_name(&s) || !take_offset(&s, &r->standard))
		return false;
	if (s.n == 0)
		return true;
	r->has_summer = true;
	r->summer = r->standard + 3600;
	return take_name(&s) && (s.n == 0 || s.p[0] == ',' || take_offset(&s, &r->summer)) &&
	       take_edge(&s, &r->begins) && take_edge(&s, &r->ends) && s.n == 0;
}

static bool is_leap(int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* Days since the epoch of this edge in a year. */
static int64_t edge_day(const struct edge *x, int year)
{
	int64_t first = date_days(year, 1, 1);
	int weekday;

	if (x->kind == EDGE_DAY)
		return first + x->day;
	if (x->kind == EDGE_JULIAN) /* 29 February is never counted */
		return first + x->day - 1 + (is_leap(year) && x->day >= 60);
	first = date_days(year, x->month, 1);
	weekday = (int)(((first + 4) % 7 + 7) % 7); /* 1970-01-01 was a Thursday */
	first += (x->day - weekday + 7) % 7 + 7 * (x->week - 1);
	/* The fifth is the last, which may be the fourth. */
	while (first >= (x->month == 12 ? date_days(year + 1, 1, 1) : date_days(year, x->month + 1, 1)))
		first -= 7;
	return first;
}

static int64_t floor_days(int64_t seconds)
{
	return seconds / DAY_S - (seconds % DAY_S < 0);
}

static int32_t rule_offset(const struct rule *r, int64_t at)
{
	int year, month, day;
	int64_t begins, ends;
	bool summer;

	if (!r->has_summer)
		return r->standard;
	date_civil(floor_days(at + r->standard), &year, &month, &day);
	begins = edge_day(&r->begins, year) * DAY_S + r->begins.time - r->standard;
	ends = edge_day(&r->ends, year) * DAY_S + r->ends.time - r->summer;
	/* South of the equator summer spans the turn of the year. */
	summer = begins < ends ? at >= begins && at < ends : at >= begins || at < ends;
	return summer ? r->summer : r->standard;
}

struct header {
	uint32_t is_utc, is_standard, leaps, times, types, chars;
};

static uint32_t be32(struct rd *r)
{
	struct str s = rd_bytes(r, 4);
	uint32_t v = 0;

	for (size_t i = 0; i < s.n; i++)
		v = v << 8 | (unsigned char)s.p[i];
	return v;
}

static int64_t be64(struct rd *r)
{
	uint64_t high = be32(r), v = high << 32 | be32(r);
	int64_t out;

	memcpy(&out, &v, sizeof(out));
	return out;
}

static bool read_header(struct rd *r, struct header *h)
{
	struct str head = rd_bytes(r, HEADER_LEN - 24);

	*h = (struct header){ .is_utc = be32(r) };
	h->is_standard = be32(r);
	h->leaps = be32(r);
	h->times = be32(r);
	h->types = be32(r);
	h->chars = be32(r);
	/* Larger counts than the whole file may have bytes are no counts. */
	return !r->failed && str_starts(head, STR("TZif")) && head.p[4] >= '2' && h->times < ZONE_FILE_MAX &&
	       h->types > 0 && h->types < 256 && h->chars < ZONE_FILE_MAX && h->leaps < ZONE_FILE_MAX &&
	       h->is_utc < ZONE_FILE_MAX && h->is_standard < ZONE_FILE_MAX;
}

static size_t block_length(const struct header *h, size_t time_length)
{
	return h->times * (time_length + 1) + h->types * (size_t)TYPE_LEN + h->chars +
	       h->leaps * (time_length + 4) + h->is_standard + h->is_utc;
}

static bool read_types(struct rd *r, const struct header *h, int32_t offsets[256])
{
	for (uint32_t i = 0; i < h->types; i++) {
		uint32_t bits = be32(r);

		memcpy(&offsets[i], &bits, sizeof(bits));
		(void)rd_bytes(r, TYPE_LEN - 4);
		if (offsets[i] > OFFSET_MAX || offsets[i] < -OFFSET_MAX)
			return false;
	}
	return !r->failed;
}

static bool read_changes(struct rd *r, const struct header *h, struct zone *z, struct arena *a)
{
	int64_t *at = arena_alloc(a, h->times * sizeof(*at));
	int32_t *offsets = arena_alloc(a, h->times * sizeof(*offsets)), types[256] = { 0 };
	struct str which;

	if (!at || !offsets)
		return false;
	for (uint32_t i = 0; i < h->times; i++) {
		at[i] = be64(r);
		if (i > 0 && at[i] <= at[i - 1])
			return false;
	}
	which = rd_bytes(r, h->times);
	if (r->failed || !read_types(r, h, types))
		return false;
	for (uint32_t i = 0; i < h->times; i++) {
		if ((unsigned char)which.p[i] >= h->types)
			return false;
		offsets[i] = types[(unsigned char)which.p[i]];
	}
	z->count = h->times;
	z->at = at;
	z->offsets = offsets;
	z->before = types[0];
	return true;
}

static bool read_footer(struct rd *r, struct zone *z)
{
	struct str rest = { r->p, r->n }, line;

	if (!take(&rest, '\n'))
		return false;
	line = str_cut(&rest, '\n');
	z->has_rule = line.n > 0;
	return rest.p && (!z->has_rule || read_rule(line, &z->rule));
}

static bool read_file(struct str file, struct zone *z, struct arena *a)
{
	struct rd r = { file.p, file.n, false };
	struct header h;

	/* The first block has times of 32 bits, for readers of another age. */
	if (!read_header(&r, &h))
		return false;
	(void)rd_bytes(&r, block_length(&h, 4));
	if (r.failed || !read_header(&r, &h) || !read_changes(&r, &h, z, a))
		return false;
	(void)rd_bytes(&r, h.chars + h.leaps * (size_t)12 + h.is_standard + h.is_utc);
	return !r.failed && read_footer(&r, z);
}

bool zone_from_file(struct str file, struct arena *a, const struct zone **out, struct err *e)
{
	struct zone *z = arena_zalloc(a, sizeof(*z));

	if (z && read_file(file, z, a)) {
		*out = z;
		return true;
	}
	return arena_failed(a) ? err_nomem(e)
	                       : err_set(e, ERR_PARSE, 0, "is no time zone file of version 2 or later");
}

bool zone_from_rule(struct str rule, struct arena *a, const struct zone **out, struct err *e)
{
	struct zone *z = arena_zalloc(a, sizeof(*z));

	if (!z)
		return err_nomem(e);
	z->has_rule = true;
	*out = z;
	return read_rule(rule, &z->rule) || err_set(e, ERR_PARSE, 0, "is no rule of a time zone");
}

bool zone_fixed(int32_t east, struct arena *a, const struct zone **out, struct err *e)
{
	struct zone *z = arena_zalloc(a, sizeof(*z));

	if (!z)
		return err_nomem(e);
	z->before = east;
	*out = z;
	return true;
}

int32_t zone_offset(const struct zone *z, int64_t at)
{
	size_t low = 0, high;

	if (!z)
		return 0;
	if (z->has_rule && (z->count == 0 || at >= z->at[z->count - 1]))
		return rule_offset(&z->rule, at);
	for (high = z->count; low < high;) {
		size_t middle = low + (high - low) / 2;

		if (z->at[middle] <= at)
			low = middle + 1;
		else
			high = middle;
	}
	return low ? z->offsets[low - 1] : z->before;
}
