/* topics: what each topic brought by day, and of one topic from whom, in which languages and how surely. */
#include "daemon/page/page_priv.h"

#include "daemon/base/attr.h"
#include "daemon/base/date.h"
#include "daemon/base/form.h"
#include "daemon/base/json.h"
#include "daemon/page/chart.h"
#include "daemon/page/markup.h"
#include "daemon/page/trend.h"

#include <stdlib.h>

#define ROWS_MAX 15u /* of a table of agencies or languages */
#define NAME_MAX_SHOWN 200u /* bytes of a name, as it is shown */

struct row {
	struct str name;
	long long n;
};

static int by_count(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	return x->n != y->n ? (x->n < y->n) - (x->n > y->n) : str_cmp(x->name, y->name);
}

/* The counts, the largest first; NULL: memory, or there are none. free() it; the names are views. */
static struct row *sort_counts(json_t *counts, size_t *count)
{
	struct row *rows = calloc(json_object_size(counts) + 1, sizeof(*rows));
	size_t n = 0;

	*count = 0;
	if (!rows)
		return NULL;
	for (void *at = json_object_iter(counts); at; at = json_object_iter_next(counts, at))
		rows[n++] = (struct row){ str_of(json_object_iter_key(at), json_object_iter_key_len(at)),
			json_integer_value(json_object_iter_value(at)) };
	qsort(rows, n, sizeof(*rows), by_count);
	*count = n;
	return rows;
}

static void add_to(json_t *counts, struct str name, long long n)
{
	(void)json_object_setn_new(counts, name.p, name.n,
	    json_integer(n + json_integer_value(json_object_getn(counts, name.p, name.n))));
}

/* Feeds are summed up by whose they are; one without an agency, or that is no longer configured, stands for itself. */
static json_t *count_agencies(const struct asking *a, const struct trends *t)
{
	const json_t *feeds = json_object_get(a->status, "feeds");
	json_t *agencies = json_object(), *left = json_copy(t->feeds);

	for (size_t i = 0; i < json_array_size(feeds); i++) {
		const json_t *feed = json_array_get(feeds, i);
		struct str name = member(feed, "name"), agency = member(feed, "agency");
		json_t *n = name.n ? json_object_getn(left, name.p, name.n) : NULL;

		if (!n || agency.n == 0)
			continue;
		add_to(agencies, agency, json_integer_value(n));
		(void)json_object_deln(left, name.p, name.n);
	}
	for (void *at = json_object_iter(left); at; at = json_object_iter_next(left, at))
		add_to(agencies, str_of(json_object_iter_key(at), json_object_iter_key_len(at)),
		    json_integer_value(json_object_iter_value(at)));
	json_decref(left);
	return agencies;
}

static void write_table(struct buf *b, const char *title, json_t *counts)
{
	size_t count;
	struct row *rows = sort_counts(counts, &count);

	if (count)
		buf_fmt(b,
		    "<h2>Matches by %s</h2><div class=\"wide\"><table><thead><tr><th scope=\"col\">%s"
		    "<th scope=\"col\" class=\"num\">Matches<tbody>\n",
		    title, title);
	for (size_t i = 0; i < count && i < ROWS_MAX; i++) {
		buf_str(b, STR("<tr><th scope=\"row\">"));
		if (rows[i].name.n)
			markup_bdi(b, markup_fit(rows[i].name, NAME_MAX_SHOWN));
		else
			buf_str(b, STR("(not stated)"));
		buf_fmt(b, "<td class=\"num\">%lld\n", rows[i].n);
	}
	if (count)
		buf_str(b, STR("</table></div>\n"));
	if (count > ROWS_MAX)
		buf_fmt(b, "<p class=\"soft\">And %zu more.</p>\n", count - ROWS_MAX);
	free(rows);
}

static void write_sums(struct buf *b, const struct trend *t)
{
	buf_fmt(b, "%u matches, %u to review, in %u days", trend_sum(t->matches), trend_sum(t->reviews),
	    TREND_DAYS);
	if (t->shadow)
		buf_str(b, STR("; it runs silently"));
}

static void write_short(struct buf *b, const struct trends *t)
{
	if (!t->whole)
		buf_fmt(b,
		    "<p class=\"soft\">The newest %u records were counted; they do not reach back so "
		    "far.</p>\n",
		    PAGE_LOOK_BACK);
}

static void write_topic(struct buf *b, const struct trend *t)
{
	buf_str(b, STR("<h2><a href=\"/topics/"));
	form_encode(t->name, b);
	buf_str(b, STR("\">"));
	markup_bdi(b, markup_fit(t->title.n ? t->title : t->name, NAME_MAX_SHOWN));
	buf_str(b, STR("</a></h2><p class=\"meta\">"));
	write_sums(b, t);
	buf_str(b, STR("</p>"));
	chart_days(b, t);
	buf_byte(b, '\n');
}

static void write_list(struct asking *a, const struct trends *t)
{
	struct buf *b = &a->answer->body;
	size_t i = 0;

	markup_open(b, &(struct markup_head){ .title = "Topics", .here = "/topics", .data = "/topics.json" });
	buf_str(b, STR("<h1>Topics</h1>\n"));
	write_short(b, t);
	for (; i < t->count && b->n < 2 * PAGE_LIST_BYTES; i++)
		write_topic(b, &t->topics[i]);
	if (i < t->count)
		buf_fmt(b, "<p class=\"soft\">And %zu more, which are in the data.</p>", t->count - i);
	if (t->count == 0)
		buf_str(b, STR("<p class=\"soft\">The daemon has told of none yet.</p>"));
	markup_close(b);
}

static void write_one(struct asking *a, const struct trends *t, const struct trend *topic)
{
	struct buf *b = &a->answer->body;
	json_t *agencies = count_agencies(a, t);

	markup_open(b, &(struct markup_head){ .title = "Topic", .about = topic->name, .here = "/topics" });
	buf_str(b, STR("<h1>"));
	markup_bdi(b, markup_fit(topic->title.n ? topic->title : topic->name, NAME_MAX_SHOWN));
	buf_str(b, STR("</h1><p>"));
	write_sums(b, topic);
	buf_str(b, STR(". <a href=\"/items?topic="));
	form_encode(topic->name, b);
	buf_str(b, STR("\">The items</a></p>\n"));
	write_short(b, t);
	buf_str(b, STR("<h2>By day</h2>"));
	chart_days(b, topic);
	buf_fmt(b, "<h2>By score</h2><p class=\"meta\">Review from %.2f, match from %.2f on.</p>",
	    topic->review, topic->match);
	chart_scores(b, topic);
	write_table(b, "agency", agencies);
	write_table(b, "language", t->languages);
	markup_close(b);
	json_decref(agencies);
}

static void write_numbers(struct json *w, const char *key, const unsigned *numbers, size_t count)
{
	json_key(w, key);
	json_open_array(w);
	for (size_t i = 0; i < count; i++)
		json_int(w, numbers[i]);
	json_close_array(w);
}

static void write_counts(struct json *w, const char *key, json_t *counts)
{
	size_t count;
	struct row *rows = sort_counts(counts, &count);

	json_key(w, key);
	json_open_object(w);
	for (size_t i = 0; i < count; i++) {
		json_key_str(w, rows[i].name);
		json_int(w, rows[i].n);
	}
	json_close_object(w);
	free(rows);
}

static void open_data(struct json *w, const struct trends *t, struct buf *b)
{
	char day[DATE_TEXT_MAX];

	json_init(w, b);
	json_open_object(w);
	json_key_string(w, "from", str_of(day, date_format(t->first_day, day)));
	json_key(w, "whole");
	json_bool(w, t->whole);
}

static void write_members(struct json *w, const struct trend *t)
{
	json_key_string(w, "topic", t->name);
	json_key_string_opt(w, "title", t->title);
	json_key(w, "match");
	json_num(w, t->match, 4);
	json_key(w, "review");
	json_num(w, t->review, 4);
	json_key(w, "shadow");
	json_bool(w, t->shadow);
	write_numbers(w, "matches", t->matches, TREND_DAYS);
	write_numbers(w, "reviews", t->reviews, TREND_DAYS);
	write_numbers(w, "scores", t->scores, TREND_BINS);
}

static void write_list_data(struct asking *a, const struct trends *t)
{
	struct json w;

	open_data(&w, t, &a->answer->body);
	json_key(&w, "topics");
	json_open_array(&w);
	for (size_t i = 0; i < t->count; i++) {
		json_open_object(&w);
		write_members(&w, &t->topics[i]);
		json_close_object(&w);
	}
	json_close_array(&w);
	json_close_object(&w);
	buf_byte(&a->answer->body, '\n');
}

static void write_one_data(struct asking *a, const struct trends *t, const struct trend *topic)
{
	json_t *agencies = count_agencies(a, t);
	struct json w;

	open_data(&w, t, &a->answer->body);
	write_members(&w, topic);
	write_counts(&w, "agencies", agencies);
	write_counts(&w, "feeds", t->feeds);
	write_counts(&w, "languages", t->languages);
	json_close_object(&w);
	buf_byte(&a->answer->body, '\n');
	json_decref(agencies);
}

void page_topics(struct asking *a)
{
	struct trends t;

	if (!trends_read(a, (struct str){ NULL, 0 }, &t))
		page_refuse(a, 503, "There is not enough memory");
	else if (a->json)
		write_list_data(a, &t);
	else
		write_list(a, &t);
	trends_fini(&t);
}

void page_topic(struct asking *a)
{
	struct trends t;
	bool read = trends_read(a, a->name, &t);
	const struct trend *topic = read ? trends_find(&t, a->name) : NULL;

	if (!read)
		page_refuse(a, 503, "There is not enough memory");
	else if (!topic)
		page_refuse(a, 404, "There is no such topic");
	else if (a->json)
		write_one_data(a, &t, topic);
	else
		write_one(a, &t, topic);
	trends_fini(&t);
}
