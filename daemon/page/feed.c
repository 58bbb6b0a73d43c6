/* feed: one feed: what is known of it, and its last polls. */
#include "daemon/page/page_priv.h"

#include "daemon/base/date.h"
#include "daemon/base/form.h"
#include "daemon/page/beats.h"
#include "daemon/page/lines.h"
#include "daemon/page/markup.h"
#include "daemon/page/proven.h"
#include "daemon/pipe/storage.h"

#include <stdio.h>
#include <stdlib.h>

#define POLLS_MAX 50u

static const json_t *find(const struct asking *a)
{
	const json_t *feeds = json_object_get(a->status, "feeds");

	for (size_t i = 0; i < json_array_size(feeds); i++)
		if (str_eq(member(json_array_get(feeds, i), "name"), a->name))
			return json_array_get(feeds, i);
	return NULL;
}

enum fact { FACT_TEXT, FACT_LINK, FACT_TIME, FACT_SPAN, FACT_NUMBER };

/* Every member of the status that says something about one feed. */
static const struct {
	const char *member, *label;
	enum fact kind;
} facts[] = {
	{ "title", "Title", FACT_TEXT },
	{ "url", "Address", FACT_LINK },
	{ "address", "Moved to", FACT_LINK },
	{ "moved_at", "Moved", FACT_TIME },
	{ "redirects_to", "Redirects to", FACT_LINK },
	{ "asked_by", "Asked together with", FACT_TEXT },
	{ "health", "State", FACT_TEXT },
	{ "error", "What is wrong", FACT_TEXT },
	{ "failures", "Failures in a row", FACT_NUMBER },
	{ "failing_since", "Failing since", FACT_TIME },
	{ "last_poll", "Last poll", FACT_TIME },
	{ "last_success", "Last success", FACT_TIME },
	{ "last_status", "Last status", FACT_NUMBER },
	{ "next_due", "Next poll", FACT_TIME },
	{ "held_until", "Held until", FACT_TIME },
	{ "mistrusted_until", "304s mistrusted until", FACT_TIME },
	{ "pause_ms", "Interval now", FACT_SPAN },
	{ "why", "Because", FACT_TEXT },
	{ "interval_ms", "Interval configured", FACT_SPAN },
	{ "requests", "Requests", FACT_NUMBER },
	{ "news", "Items of news", FACT_NUMBER },
	{ "delay_ms", "Mean delay of detection", FACT_SPAN },
	{ "last_news", "Last news", FACT_TIME },
	{ "news_per_week", "News a week", FACT_NUMBER },
	{ "items", "Items listed", FACT_NUMBER },
	{ "repair", "Mended in the last document", FACT_TEXT },
	{ "repaired", "Documents mended", FACT_NUMBER },
	{ "repaired_at", "Last mended", FACT_TIME },
};

static void write_value(struct asking *a, const json_t *feed, const char *name, enum fact kind)
{
	struct buf *b = &a->answer->body;
	struct str text = member(feed, name);

	switch (kind) {
	case FACT_TEXT:
		markup_bdi(b, text);
		break;
	case FACT_LINK:
		markup_link(b, text, text);
		break;
	case FACT_TIME:
		markup_moment(b, page_time(feed, name), a->source->now);
		break;
	case FACT_SPAN:
		markup_span(b, member_number(feed, name));
		break;
	case FACT_NUMBER:
		buf_fmt(b, "%lld", member_number(feed, name));
		break;
	}
}

static void write_facts(struct asking *a, const json_t *feed)
{
	struct buf *b = &a->answer->body;

	buf_str(b, STR("<dl>"));
	for (size_t i = 0; i < ARRAY_LEN(facts); i++) {
		const json_t *value = json_object_get(feed, facts[i].member);

		if (!value || (json_is_integer(value) && json_integer_value(value) == 0))
			continue;
		buf_fmt(b, "<dt>%s<dd>", facts[i].label);
		write_value(a, feed, facts[i].member, facts[i].kind);
	}
	buf_str(b, STR("</dl>\n"));
}

struct polls {
	struct asking *asking;
	struct buf out;
	unsigned count;
};

static void write_poll(struct polls *p, const json_t *poll)
{
	static const char *const classes[BEAT_KINDS] = { "", "good", "good", "soft", "bad" };
	struct str result = member(poll, "result"), error = member(poll, "error");
	enum beat beat = beats_of(result, (uint64_t)member_number(poll, "new"));
	struct buf *b = &p->out;

	buf_str(b, STR("<tr><td>"));
	markup_age(b, page_time(poll, "at"), p->asking->source->now);
	buf_fmt(b, "<td class=\"%s\">", classes[beat]);
	markup_text(b, result);
	buf_fmt(b, "<td class=\"num\">%lld<td class=\"num\">%lld<td class=\"num\">%lld<td>",
	    member_number(poll, "status"), member_number(poll, "items"), member_number(poll, "new"));
	markup_text(b, member(poll, "tie"));
	buf_fmt(b, "<td class=\"num hide\">%lld<td class=\"num hide\">%lld<td>", member_number(poll, "bytes"),
	    member_number(poll, "ms"));
	if (error.n == 0 && json_is_true(json_object_get(poll, "recovered")))
		buf_str(b, STR("<span class=\"soft\">mended</span>"));
	markup_bdi(b, error);
	buf_byte(b, '\n');
}

static lines_f on_line;
static bool on_line(void *ctx, uint64_t seq, struct str line)
{
	struct polls *p = ctx;
	json_t *poll;

	(void)seq;
	if (str_find(line, p->asking->name, 0) == SIZE_MAX)
		return true;
	poll = json_loadb(line.p, line.n, 0, NULL);
	if (str_eq(member(poll, "feed"), p->asking->name)) {
		if (!p->asking->json)
			write_poll(p, poll);
		else {
			buf_str(&p->out, p->count ? STR(",") : STR(""));
			buf_str(&p->out, line);
		}
		p->count++;
	}
	json_decref(poll);
	return p->count < POLLS_MAX && !p->out.failed;
}

static void write_json(
    struct buf *b, const json_t *feed, const struct buf *polls, const struct proven *proven)
{
	char *text = json_dumps(feed, JSON_COMPACT);

	buf_str(b, STR("{\"feed\":"));
	buf_str(b, text ? str_from(text) : STR("null"));
	buf_str(b, STR(",\"polls\":["));
	buf_str(b, buf_view(polls));
	buf_byte(b, ']');
	if (proven) {
		buf_str(b, STR(",\"coverage\":"));
		proven_json(b, proven);
	}
	buf_str(b, STR("}\n"));
	free(text);
}

static void write_html(
    struct asking *a, const json_t *feed, const struct polls *polls, const struct proven *proven)
{
	struct beats beats = { .feed = a->name };
	struct buf *b = &a->answer->body, data;

	buf_init(&data, PAGE_PATH_MAX * 4);
	buf_str(&data, STR("/feeds/"));
	form_encode(a->name, &data);
	buf_str(&data, STR(".json"));
	buf_byte(&data, '\0');
	markup_open(b,
	    &(struct markup_head){
	        .title = "Feed", .about = a->name, .here = "/feeds", .data = data.failed ? NULL : data.p });
	buf_fini(&data);
	buf_str(b, STR("<h1>"));
	markup_text(b, a->name);
	buf_str(b, STR("</h1>\n<p>"));
	beats_read(a->source, &beats, 1);
	beats_write(b, &beats);
	if (beats.count)
		buf_fmt(b, " <span class=\"soft\">%u of %u polls were answered by 304</span> ·",
		    beats.not_modified, beats.count);
	buf_str(b, STR(" <a href=\"/items?feed="));
	form_encode(a->name, b);
	buf_str(b, STR("\">Its items</a></p>\n"));
	write_facts(a, feed);
	if (proven)
		proven_html(b, proven, a->source->now);
	buf_fmt(b,
	    "<h2>Last %u polls</h2><div class=\"wide\"><table><thead><tr><th scope=\"col\">When<th "
	    "scope=\"col\">Result"
	    "<th scope=\"col\" class=\"num\">Status<th scope=\"col\" class=\"num\">Items<th scope=\"col\" "
	    "class=\"num\">New"
	    "<th scope=\"col\">Tied by<th scope=\"col\" class=\"num hide\">Bytes<th scope=\"col\" "
	    "class=\"num hide\">ms"
	    "<th scope=\"col\">What was wrong<tbody>\n",
	    polls->count);
	buf_str(b, buf_view(&polls->out));
	buf_str(b, STR("</table></div>\n"));
	markup_close(b);
}

void page_feed(struct asking *a)
{
	const json_t *feed = find(a);
	struct polls polls = { .asking = a };
	struct proven proven;
	uint64_t ignored;
	bool known;

	if (!feed) {
		page_refuse(a, 404, "There is no such feed");
		return;
	}
	buf_init(&polls.out, PAGE_MAX);
	(void)lines_back(a->source, STORE_POLLS, 0, PAGE_LOOK_BACK, on_line, &polls, &ignored);
	known = proven_read(a->source, json_string_value(json_object_get(feed, "name")), &proven);
	if (a->json)
		write_json(&a->answer->body, feed, &polls.out, known ? &proven : NULL);
	else
		write_html(a, feed, &polls, known ? &proven : NULL);
	if (known)
		proven_fini(&proven);
	buf_fini(&polls.out);
}
