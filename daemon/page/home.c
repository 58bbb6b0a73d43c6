/* home: one line that tells the state, then what is broken, then the latest matches. */
#include "daemon/page/page_priv.h"

#include "daemon/base/date.h"
#include "daemon/base/json.h"
#include "daemon/page/lines.h"
#include "daemon/page/listing.h"
#include "daemon/page/markup.h"
#include "daemon/page/status.h"
#include "daemon/pipe/storage.h"
#include "daemon/store/reader.h"

#include <stdlib.h>

#define MATCHES_MAX 20u
#define BROKEN_MAX 50u
#define HOUR_MS 3600000

struct latest {
	struct asking *asking;
	struct buf *out;
	unsigned matches; /* shown */
	uint64_t newest; /* number of the newest record */
	uint64_t looked_at;
	uint64_t in_hour; /* records of the last hour */
	bool hour_is_over;
};

static void show(struct latest *l, struct str line)
{
	json_t *record = json_loadb(line.p, line.n, 0, NULL);

	if (listing_matches(record, (struct str){ NULL, 0 })) {
		listing_entry(l->out, l->asking->json, record, line, l->asking->source->now);
		l->matches++;
	}
	json_decref(record);
}

static bool wants_more(const struct latest *l)
{
	return l->matches < MATCHES_MAX && l->out->n < (l->asking->json ? PAGE_DATA_BYTES : PAGE_LIST_BYTES);
}

static lines_f on_line;
static bool on_line(void *ctx, uint64_t seq, struct str line)
{
	struct latest *l = ctx;
	int64_t seen = reader_line_time(line);

	l->newest = l->newest ? l->newest : seq;
	l->hour_is_over |= seen != INT64_MIN && seen < l->asking->source->now - HOUR_MS;
	l->in_hour += !l->hour_is_over;
	if (wants_more(l) && str_find(line, STR("\"decision\":\"match\""), 0) != SIZE_MAX)
		show(l, line);
	return wants_more(l) || !l->hour_is_over;
}

static void look_back(struct asking *a, struct latest *l, struct buf *out)
{
	uint64_t ignored;

	*l = (struct latest){ .asking = a, .out = out };
	(void)lines_back(a->source, STORE_ITEMS, 0, PAGE_LOOK_BACK, on_line, l, &ignored);
}

static void write_state(struct asking *a, const struct latest *l)
{
	struct buf *b = &a->answer->body;
	const json_t *counts = json_object_get(a->status, "counts");
	long long failing = member_number(counts, "feeds_failing"),
	          waiting = member_number(counts, "feeds_waiting");

	buf_fmt(b, "<p class=\"state\"><strong>%lld feeds</strong>: <span class=\"good\">%lld ok</span>",
	    member_number(counts, "feeds"), member_number(counts, "feeds_ok"));
	buf_fmt(b, ", <span class=\"%s\">%lld broken</span>", failing ? "bad" : "soft", failing);
	if (waiting)
		buf_fmt(b, ", %lld not asked yet", waiting);
	buf_fmt(b, " · %s%llu items/h · delay p95 ", l->hour_is_over ? "" : "at least ",
	    (unsigned long long)l->in_hour);
	markup_span(b, member_number(counts, "delay_p95_ms"));
	buf_fmt(b, " · %lld alerts pending", member_number(counts, "deliveries_pending"));
	if (member_number(counts, "deliveries_dead"))
		buf_fmt(
		    b, ", <span class=\"bad\">%lld dead</span>", member_number(counts, "deliveries_dead"));
	buf_str(b, STR("</p>\n"));
}

static void write_trouble(struct asking *a)
{
	struct buf *b = &a->answer->body;

	if (!status_is_alive(a->status, a->source->now)) {
		buf_str(b, STR("<p class=\"trouble\" role=\"alert\">The daemon gives no sign of life; its "
		               "last was "));
		markup_age(b, page_time(a->status, "at"), a->source->now);
		buf_str(b, STR(".</p>\n"));
	}
	if (!json_is_true(json_object_get(a->status, "degraded")))
		return;
	buf_str(b, STR("<p class=\"trouble\" role=\"alert\">"));
	markup_text(b, member(a->status, "trouble"));
	buf_str(b, STR("</p>\n"));
}

static bool is_broken(const json_t *feed)
{
	struct str health = member(feed, "health");

	return str_eq(health, STR("failing")) || str_eq(health, STR("blocked")) ||
	       json_is_true(json_object_get(feed, "silent"));
}

static void write_broken(struct asking *a)
{
	struct buf *b = &a->answer->body;
	const json_t *feeds = json_object_get(a->status, "feeds");
	unsigned shown = 0;

	for (size_t i = 0; i < json_array_size(feeds) && shown < BROKEN_MAX && b->n < PAGE_LIST_BYTES; i++) {
		const json_t *feed = json_array_get(feeds, i);

		if (!is_broken(feed))
			continue;
		if (shown++ == 0)
			buf_str(b, STR("<h2>Broken feeds</h2><div class=\"wide\"><table><thead><tr><th "
			               "scope=\"col\">Feed"
			               "<th scope=\"col\">Since<th scope=\"col\">What is wrong<tbody>\n"));
		buf_str(b, STR("<tr><th scope=\"row\">"));
		markup_feed(b, member(feed, "name"));
		buf_str(b, STR("<td>"));
		markup_age(b, page_time(feed, "failing_since"), a->source->now);
		buf_str(b, STR("<td>"));
		if (member(feed, "error").n)
			markup_bdi(b, member(feed, "error"));
		else
			buf_str(b, STR("silent far beyond its rhythm"));
		buf_byte(b, '\n');
	}
	if (shown)
		buf_str(b, STR("</table></div>\n"));
}

static void write_html(struct asking *a)
{
	struct buf *b = &a->answer->body, list;
	struct latest l;

	buf_init(&list, PAGE_MAX);
	look_back(a, &l, &list);
	markup_open(b, &(struct markup_head){ .title = "Overview", .here = "/", .data = "/index.json" });
	buf_str(b, STR("<h1>Overview</h1>\n"));
	write_trouble(a);
	write_state(a, &l);
	write_broken(a);
	buf_str(b, STR("<h2>Latest matches</h2>\n"));
	if (l.matches == 0)
		buf_str(b, STR("<p class=\"soft\">Nothing has matched yet.</p>\n"));
	/* With scripts, what comes from now on is put before them (events.c). */
	buf_fmt(b, "<ol class=\"items\" data-live=\"%llu\">\n", (unsigned long long)l.newest);
	buf_str(b, buf_view(&list));
	buf_str(b, STR("</ol>\n<script src=\"/live.js\" defer></script>"));
	markup_close(b);
	buf_fini(&list);
}

/* {"status":…, "records_in_hour":N, "matches":[…]}: of the status what is no list of feeds. */
static void write_json(struct asking *a)
{
	struct buf *b = &a->answer->body, list;
	struct latest l;
	struct json w;
	char *counts = json_dumps(json_object_get(a->status, "counts"), JSON_COMPACT);

	buf_init(&list, PAGE_MAX);
	look_back(a, &l, &list);
	json_init(&w, b);
	json_open_object(&w);
	json_key_string_opt(&w, "at", member(a->status, "at"));
	json_key_string_opt(&w, "version", member(a->status, "version"));
	json_key_string_opt(&w, "trouble", member(a->status, "trouble"));
	json_key(&w, "counts");
	json_raw(&w, counts ? str_from(counts) : STR("{}"));
	json_key_int(&w, "records_in_hour", (int64_t)l.in_hour);
	json_key(&w, "matches");
	json_open_array(&w);
	json_raw(&w, buf_view(&list));
	json_close_array(&w);
	json_close_object(&w);
	buf_byte(b, '\n');
	buf_fini(&list);
	free(counts);
}

void page_home(struct asking *a)
{
	if (a->json)
		write_json(a);
	else
		write_html(a);
}
