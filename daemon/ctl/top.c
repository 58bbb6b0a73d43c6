/* top: a head of four lines, a line for each feed, a line of keys. Names and errors come from feeds: they are hostile, of any width and direction. */
#include "daemon/ctl/top.h"

#include "daemon/ctl/member.h"
#include "daemon/ctl/status_file.h"
#include "daemon/ctl/terminal.h"

#include <stdlib.h>

#define HEAD_LINES 5u /* with the names of the columns */
#define FOOT_LINES 1u
#define FIXED 43u /* columns of what is always as wide */
#define NAME_MIN 8u
#define NAME_MAX_COLUMNS 32u
#define NARROW (FIXED + NAME_MIN) /* below, health and name alone */
#define HEALTH_COLUMNS 9u
#define ORDER_MAX ((size_t)64 << 20) /* bytes of the order of feeds */
#define LEFT_TO_RIGHT "\xe2\x80\x8e" /* a mark: what follows a name in Arabic or Hebrew stays behind it */

static const struct {
	const char *health;
	int rank; /* what needs somebody comes first */
	enum print_style style;
} healths[] = {
	{ "blocked", 0, PRINT_RED },
	{ "failing", 0, PRINT_RED },
	{ "waiting", 1, PRINT_DIM },
	{ "ok", 2, PRINT_GREEN },
};

static const struct {
	int key;
	const char *name;
} sorts[TOP_SORTS] = {
	[TOP_HEALTH] = { 'h', "health" },
	[TOP_NAME] = { 'n', "name" },
	[TOP_POLLED] = { 'p', "polled" },
	[TOP_NEXT] = { 'd', "due" },
	[TOP_ITEMS] = { 'i', "items" },
	[TOP_FAILURES] = { 'f', "fails" },
};

static size_t list_rows(const struct top_view *v)
{
	return v->rows > HEAD_LINES + FOOT_LINES ? v->rows - HEAD_LINES - FOOT_LINES : 0;
}

static size_t less(size_t a, size_t b)
{
	return a > b ? a - b : 0;
}

bool top_key(struct top_view *v, int key)
{
	for (int i = 0; i < TOP_SORTS; i++)
		if (key == sorts[i].key)
			v->sort = (enum top_sort)i;
	if (key == 'r')
		v->reverse = !v->reverse;
	else if (key == 'j')
		v->first++;
	else if (key == 'k')
		v->first = less(v->first, 1);
	else if (key == ' ')
		v->first += list_rows(v);
	else if (key == 'b')
		v->first = less(v->first, list_rows(v));
	else if (key == 'g')
		v->first = 0;
	return key != 'q' && key != TERMINAL_END;
}

static size_t health_of(const json_t *feed)
{
	struct str health = member(feed, "health");
	for (size_t i = 0; i < ARRAY_LEN(healths); i++)
		if (str_eq(health, str_from(healths[i].health)))
			return i;
	return ARRAY_LEN(healths) - 1;
}

static int compare_numbers(long long a, long long b)
{
	return a < b ? -1 : a > b;
}

static int compare(const json_t *a, const json_t *b, enum top_sort sort)
{
	switch (sort) {
	case TOP_HEALTH:
		return healths[health_of(a)].rank - healths[health_of(b)].rank;
	case TOP_POLLED:
		return str_cmp(member(b, "last_poll"), member(a, "last_poll"));
	case TOP_NEXT:
		return str_cmp(member(a, "next_due"), member(b, "next_due"));
	case TOP_ITEMS:
		return compare_numbers(member_number(b, "items"), member_number(a, "items"));
	case TOP_FAILURES:
		return compare_numbers(member_number(b, "failures"), member_number(a, "failures"));
	case TOP_NAME:
	case TOP_SORTS:
		break;
	}
	return 0;
}

struct listed {
	const json_t *feed;
};

static int by_view(const void *a, const void *b, void *ctx)
{
	const struct listed *x = a, *y = b;
	const struct top_view *v = ctx;
	int order = compare(x->feed, y->feed, v->sort);
	if (order == 0)
		order = str_cmp(member(x->feed, "name"), member(y->feed, "name"));
	return v->reverse ? -order : order;
}

static void end_line(struct printer *p)
{
	buf_str(&p->out, STR("\x1b[K\r\n"));
}

/* A line of its own, cut to the terminal. */
static void line(struct printer *p, const struct top_view *v, enum print_style style, struct buf *text)
{
	print_column(p, style, buf_view(text), v->columns);
	end_line(p);
	buf_reset(text);
}

static void draw_head(struct printer *p, const struct top_view *v, const json_t *status, int64_t now)
{
	const json_t *counts = json_object_get(status, "counts");
	bool stale = status_file_is_stale(status, now), bad = stale || status_file_is_degraded(status);
	struct str version = member(status, "version"), at = member(status, "at");
	struct str trouble = member(status, "trouble");
	struct buf text;
	buf_init(&text, 64u << 10);
	buf_fmt(&text, "gazetted %.*s %s  %.*s  %.*s", STR_ARG(version),
	    status_file_is_ended(status) ? "is not running"
	    : stale                      ? "is not running, or hangs"
	    : bad                        ? "in trouble"
	                                 : "is well",
	    STR_ARG(at), STR_ARG(trouble));
	line(p, v, bad ? PRINT_RED : PRINT_BOLD, &text);
	buf_fmt(&text, "feeds %lld: %lld ok, %lld failing, %lld not polled yet; %lld asked now",
	    member_number(counts, "feeds"), member_number(counts, "feeds_ok"),
	    member_number(counts, "feeds_failing"), member_number(counts, "feeds_waiting"),
	    member_number(counts, "fetching"));
	line(p, v, PRINT_PLAIN, &text);
	buf_fmt(&text, "records %lld; new %lld, matching %lld; seen after %llds (p50), %llds (p95)",
	    member_number(counts, "record_seq"), member_number(counts, "items_new"),
	    member_number(counts, "matches"), member_number(counts, "delay_p50_ms") / 1000,
	    member_number(counts, "delay_p95_ms") / 1000);
	line(p, v, PRINT_PLAIN, &text);
	buf_fmt(&text, "alerts %lld done, %lld pending, %lld dead", member_number(counts, "deliveries_done"),
	    member_number(counts, "deliveries_pending"), member_number(counts, "deliveries_dead"));
	line(p, v, PRINT_PLAIN, &text);
	buf_fini(&text);
}

static unsigned name_columns(const struct top_view *v)
{
	unsigned half = (v->columns - FIXED) / 2;
	return half < NAME_MIN ? NAME_MIN : half > NAME_MAX_COLUMNS ? NAME_MAX_COLUMNS : half;
}

/* The terminal has the row of names as wide as those of feeds. */
static void draw_names(struct printer *p, const struct top_view *v)
{
	struct buf text;
	buf_init(&text, 1024);
	if (v->columns < NARROW)
		buf_str(&text, STR("HEALTH   NAME"));
	else
		buf_fmt(&text, "HEALTH   %-*s HTTP   ITEMS POLLED    DUE FAILS WHAT", (int)name_columns(v),
		    "NAME");
	line(p, v, PRINT_MARK, &text);
	buf_fini(&text);
}

static void draw_feed(struct printer *p, const struct top_view *v, const json_t *feed, int64_t now)
{
	bool narrow = v->columns < NARROW;
	unsigned room = v->columns > HEALTH_COLUMNS ? v->columns - HEALTH_COLUMNS : 0;
	unsigned width = narrow ? room : name_columns(v);
	struct str error = member(feed, "error"), title = member(feed, "title");
	print_column(p, healths[health_of(feed)].style, member(feed, "health"),
	    v->columns < HEALTH_COLUMNS ? v->columns : HEALTH_COLUMNS);
	if (width > 0)
		print_column(p, PRINT_CYAN, member(feed, "name"), width);
	if (!narrow) {
		print_fmt(p, " %4lld %7lld ", member_number(feed, "last_status") % 10000,
		    member_number(feed, "items") % 10000000);
		print_age(p, now, member(feed, "last_poll"));
		print_fmt(p, " ");
		print_age(p, now, member(feed, "next_due"));
		print_fmt(p, " %5lld ", member_number(feed, "failures") % 100000);
		if (v->columns > FIXED + width)
			print_column(p, error.n > 0 ? PRINT_RED : PRINT_DIM, error.n > 0 ? error : title,
			    v->columns - FIXED - width);
		buf_str(&p->out, STR(LEFT_TO_RIGHT));
	}
	end_line(p);
}

static void draw_feeds(struct printer *p, struct top_view *v, const json_t *feeds, int64_t now)
{
	size_t count = json_array_size(feeds), rows = list_rows(v);
	struct buf order;
	buf_init(&order, ORDER_MAX);
	for (size_t i = 0; i < count; i++) {
		struct listed one = { json_array_get(feeds, i) };
		buf_add(&order, &one, sizeof(one));
	}
	if (order.failed || count == 0)
		goto out;
	v->first = v->first < less(count, rows) ? v->first : less(count, rows);
	qsort_r(order.p, count, sizeof(struct listed), by_view, v);
	for (size_t i = v->first; i < count && i < v->first + rows; i++) {
		struct listed one;
		memcpy(&one, order.p + i * sizeof(one), sizeof(one));
		draw_feed(p, v, one.feed, now);
	}
out:
	buf_fini(&order);
}

static void draw_foot(struct printer *p, const struct top_view *v)
{
	struct buf text;
	buf_init(&text, 1024);
	buf_fmt(&text, "by %s%s | ", sorts[v->sort].name, v->reverse ? ", reversed" : "");
	for (int i = 0; i < TOP_SORTS; i++)
		buf_fmt(&text, "%c %s, ", sorts[i].key, sorts[i].name);
	buf_str(&text, STR("r reverse | j k space b g move | q quit"));
	print_column(p, PRINT_DIM, buf_view(&text), v->columns);
	buf_str(&p->out, STR("\x1b[K"));
	buf_fini(&text);
}

void top_draw(struct printer *p, struct top_view *v, const json_t *status, const char *why, int64_t now)
{
	struct buf text;
	if (v->rows > HEAD_LINES + FOOT_LINES && status) {
		draw_head(p, v, status, now);
		draw_names(p, v);
		draw_feeds(p, v, json_object_get(status, "feeds"), now);
	} else if (v->rows > FOOT_LINES) {
		buf_init(&text, 64u << 10);
		buf_str(&text, status ? STR("the terminal is too small") : str_from(why));
		line(p, v, PRINT_RED, &text);
		buf_fini(&text);
	}
	draw_foot(p, v);
}
