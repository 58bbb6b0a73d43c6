/* feeds: all feeds, the broken ones first, a bar of their last polls each. */
#include "daemon/page/page_priv.h"

#include "daemon/base/date.h"
#include "daemon/base/utf8.h"
#include "daemon/page/beats.h"
#include "daemon/page/markup.h"

#include <stdlib.h>

#define FEEDS_MAX 40u /* of one page */
#define ERROR_MAX 160u /* bytes shown; the feed's own page has all of it */

static const struct {
	const char *health, *class;
	int rank; /* the lowest first */
} healths[] = {
	{ "failing", "bad", 0 },
	{ "blocked", "bad", 0 },
	{ "waiting", "wait", 1 },
	{ "ok", "good", 2 },
};

static size_t health_of(const json_t *feed)
{
	struct str health = member(feed, "health");
	size_t i = 0;

	while (i + 1 < ARRAY_LEN(healths) && !str_eq(health, str_from(healths[i].health)))
		i++;
	return i;
}

static int by_rank(const void *a, const void *b)
{
	const json_t *x = *(json_t *const *)a, *y = *(json_t *const *)b;
	int rank = healths[health_of(x)].rank - healths[health_of(y)].rank;

	return rank ? rank : str_cmp(member(x, "name"), member(y, "name"));
}

/* An array of all feeds of the status file; free() it. NULL: memory, or none. */
static json_t **sorted(const json_t *feeds, size_t *count)
{
	size_t n = json_array_size(feeds);
	json_t **all = n ? calloc(n, sizeof(json_t *)) : NULL;

	*count = all ? n : 0;
	for (size_t i = 0; i < *count; i++)
		all[i] = json_array_get(feeds, i);
	if (all)
		qsort(all, n, sizeof(json_t *), by_rank);
	return all;
}

/* Kept requests that brought nothing, in words; and what is wrong, with what may help. */
static void write_note(struct buf *b, const json_t *feed)
{
	struct str error = member(feed, "error");

	if (error.n) {
		buf_fmt(b, "%lld times: ", member_number(feed, "failures"));
		markup_bdi(b, utf8_cut(error, ERROR_MAX));
		buf_str(b, STR("<br><span class=\"soft\">"));
		buf_str(b, page_hint(feed));
		buf_str(b, STR("</span>"));
	} else if (json_is_true(json_object_get(feed, "silent"))) {
		buf_str(b, STR("silent far beyond its rhythm"));
	} else if (member(feed, "mistrusted_until").n) {
		buf_str(b, STR("its 304s are mistrusted"));
	} else if (member(feed, "repair").n) {
		buf_fmt(b, "<span class=\"soft\">mended, %lld times: ", member_number(feed, "repaired"));
		markup_bdi(b, utf8_cut(member(feed, "repair"), ERROR_MAX));
		buf_str(b, STR("</span>"));
	}
}

/* The status is some seconds old: what was due since then is due now. */
static void write_due(struct buf *b, const json_t *feed, int64_t now)
{
	int64_t at = page_time(feed, "next_due");

	if (json_is_true(json_object_get(feed, "polling")))
		buf_str(b, STR("under way"));
	else if (at != DATE_NONE)
		markup_age(b, at > now ? at : now, now);
}

static void write_feed(struct asking *a, const json_t *feed, const struct beats *beats)
{
	struct buf *b = &a->answer->body;
	size_t health = health_of(feed);

	buf_str(b, STR("<tr><th scope=\"row\" class=\"name\">"));
	markup_feed(b, member(feed, "name"));
	buf_fmt(b, "<td class=\"%s\">", healths[health].class);
	markup_text(b, member(feed, "health"));
	buf_str(b, STR("<td>"));
	beats_write(b, beats);
	buf_str(b, STR("<td>"));
	markup_age(b, page_time(feed, "last_success"), a->source->now);
	buf_str(b, STR("<td class=\"hide\">"));
	write_due(b, feed, a->source->now);
	buf_str(b, STR("<td class=\"num hide\">"));
	markup_span(b, member_number(feed, "pause_ms"));
	buf_str(b, STR("<td class=\"num hide\">"));
	if (beats->count)
		buf_fmt(b, "%u %%", beats->not_modified * 100 / beats->count);
	buf_str(b, STR("<td>"));
	write_note(b, feed);
	buf_byte(b, '\n');
}

static void write_table(struct asking *a, json_t **feeds, size_t count)
{
	struct buf *b = &a->answer->body;
	struct beats beats[FEEDS_MAX] = { 0 };

	for (size_t i = 0; feeds && i < count; i++)
		beats[i].feed = member(feeds[i], "name");
	beats_read(a->source, beats, count);
	buf_str(b, STR("<div class=\"wide\"><table class=\"cards\"><thead><tr><th scope=\"col\">Feed<th "
	               "scope=\"col\">State"
	               "<th scope=\"col\">Last 48 polls<th scope=\"col\">Last success<th scope=\"col\" "
	               "class=\"hide\">"
	               "Next<th scope=\"col\" class=\"num hide\">Interval<th scope=\"col\" class=\"num "
	               "hide\">Saved by 304"
	               "<th scope=\"col\">What is wrong<tbody>\n"));
	for (size_t i = 0; feeds && i < count; i++)
		write_feed(a, feeds[i], &beats[i]);
	buf_str(b, STR("</table></div>\n"));
}

static void write_turn(struct buf *b, const char *rel, uint64_t number, const char *text)
{
	buf_fmt(b, "<a rel=\"%s\" href=\"/feeds?page=", rel);
	buf_u64(b, number);
	buf_fmt(b, "\">%s</a>", text);
}

static void write_pager(struct buf *b, uint64_t number, size_t total)
{
	buf_str(b, STR("<p class=\"pager\">"));
	if (number > 1)
		write_turn(b, "prev", number - 1, "Before");
	if (number * FEEDS_MAX < total)
		write_turn(b, "next", number + 1, "More");
	buf_str(b, STR("</p>"));
}

static void write_json(struct buf *b, json_t **feeds, size_t count, size_t total)
{
	buf_fmt(b, "{\"total\":%zu,\"feeds\":[", total);
	for (size_t i = 0; feeds && i < count; i++) {
		char *text = json_dumps(feeds[i], JSON_COMPACT);

		buf_str(b, i ? STR(",") : STR(""));
		buf_str(b, text ? str_from(text) : STR("null"));
		free(text);
	}
	buf_str(b, STR("]}\n"));
}

void page_feeds(struct asking *a)
{
	struct buf *b = &a->answer->body;
	uint64_t number = page_number(a, "page", 1);
	size_t total, from, count;
	json_t **feeds = sorted(json_object_get(a->status, "feeds"), &total);

	number = number == 0 || number > (total + FEEDS_MAX - 1) / FEEDS_MAX ? 1 : number;
	from = (size_t)(number - 1) * FEEDS_MAX;
	count = total - from < FEEDS_MAX ? total - from : FEEDS_MAX;
	if (a->json) {
		write_json(b, feeds ? feeds + from : NULL, count, total);
	} else {
		markup_open(
		    b, &(struct markup_head){ .title = "Feeds", .here = "/feeds", .data = "/feeds.json" });
		buf_fmt(b, "<h1>%zu feeds</h1>\n", total);
		write_table(a, feeds ? feeds + from : NULL, count);
		write_pager(b, number, total);
		markup_close(b);
	}
	free(feeds);
}
