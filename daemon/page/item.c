/* item: one record: what it says, why it has its topics, what else belongs to its case and what came before and after it. */
#include "daemon/page/page_priv.h"

#include "daemon/base/date.h"
#include "daemon/base/utf8.h"
#include "daemon/page/diff.h"
#include "daemon/page/lines.h"
#include "daemon/page/listing.h"
#include "daemon/page/marks.h"
#include "daemon/page/markup.h"
#include "daemon/pipe/storage.h"

#include <stdio.h>

#define TITLE_ROOM (2u << 10) /* bytes of HTML */
#define TEXT_ROOM (20u << 10)
#define DIFF_ROOM (4u << 10) /* of one field */
#define EVIDENCE_ROOM (37u << 10) /* bytes of the page behind which no more evidence is listed */
#define KIN_ROOM (4u << 10) /* of one list */
#define KIN_MAX 20u /* records of the same case or item that are listed */
#define KIN_AROUND 5000u /* records after this one, and before it, among which they are looked for */
#define EVIDENCE_MAX 40u /* of one topic */
#define WORDS_MAX 200u /* bytes of one piece of evidence, an address or a name that are shown */

static void write_pair(struct buf *b, const char *label, struct str value)
{
	if (value.n == 0)
		return;
	buf_fmt(b, "<dt>%s<dd>", label);
	markup_bdi(b, utf8_cut(value, WORDS_MAX));
}

static void write_time(struct buf *b, const char *label, int64_t at, int64_t now)
{
	if (at == DATE_NONE)
		return;
	buf_fmt(b, "<dt>%s<dd>", label);
	markup_moment(b, at, now);
}

static void write_facts(struct asking *a, const json_t *record)
{
	struct buf *b = &a->answer->body;
	struct str url = member(record, "url");

	buf_str(b, STR("<dl><dt>Feed<dd>"));
	markup_feed(b, member(record, "feed"));
	if (url.n) {
		buf_str(b, STR("<dt>Address<dd>"));
		markup_link(b, url, utf8_cut(url, WORDS_MAX));
	}
	write_time(b, "Seen", page_time(record, "seen_at"), a->source->now);
	write_time(b, "Published", page_time(record, "date_published"), a->source->now);
	write_time(b, "Modified", page_time(record, "date_modified"), a->source->now);
	write_pair(b, "Language", member(record, "language"));
	write_pair(b, "Kind", member(record, "kind"));
	write_pair(b, "Id", member(record, "id"));
	write_pair(b, "Model", member(record, "model"));
	buf_str(b, STR("</dl>\n"));
}

static void write_evidence(struct buf *b, const json_t *list)
{
	size_t n = json_array_size(list), i = 0;

	buf_str(b, STR("<div class=\"wide\"><table><thead><tr><th scope=\"col\">Words<th scope=\"col\" "
	               "class=\"num\">Weight"
	               "<th scope=\"col\">Where<th scope=\"col\">By<tbody>\n"));
	for (; i < n && i < EVIDENCE_MAX && b->n < EVIDENCE_ROOM; i++) {
		const json_t *x = json_array_get(list, i);

		buf_str(b, STR("<tr><th scope=\"row\">"));
		markup_bdi(b, utf8_cut(member(x, "text"), WORDS_MAX));
		buf_fmt(b, "<td class=\"num\">%+.2f<td>", json_number_value(json_object_get(x, "weight")));
		markup_text(b, member(x, "field"));
		buf_str(b, STR("<td>"));
		markup_text(b, member(x, "by"));
		buf_byte(b, '\n');
	}
	buf_str(b, STR("</table></div>\n"));
	if (n > i)
		buf_fmt(b, "<p class=\"soft\">and %zu more</p>\n", n - i);
}

static void write_topics(struct buf *b, const json_t *record)
{
	const json_t *topics = json_object_get(record, "topics");

	buf_str(b, STR("<h2>Topics</h2>\n"));
	if (json_array_size(topics) == 0)
		buf_str(b, STR("<p class=\"soft\">None: no topic reached its threshold. "
		               "<code>gazettectl explain</code> tells what each of them lacked.</p>\n"));
	for (size_t i = 0; i < json_array_size(topics) && b->n < EVIDENCE_ROOM; i++) {
		const json_t *topic = json_array_get(topics, i);

		buf_str(b, STR("<h3>"));
		markup_text(b, member(topic, "topic"));
		buf_fmt(b, ": %.4f, ", json_number_value(json_object_get(topic, "score")));
		markup_text(b, member(topic, "decision"));
		buf_str(b, STR("</h3>\n"));
		write_evidence(b, json_object_get(topic, "evidence"));
	}
}

static void write_text(struct buf *b, const json_t *record)
{
	const char *field = member(record, "content_text").n ? "content_text" : "summary";
	struct str language = member(record, "language"), text = member(record, field);
	size_t shown;

	if (text.n == 0)
		return;
	buf_str(b, STR("<h2>Text</h2>\n<div class=\"text\" dir=\"auto\""));
	markup_language(b, "lang", language);
	buf_byte(b, '>');
	shown = marks_write(b, record, field, TEXT_ROOM);
	buf_str(b, STR("</div>\n"));
	if (shown < text.n)
		buf_fmt(b, "<p class=\"soft\">Cut after %zu of %zu bytes.</p>\n", shown, text.n);
}

static void write_change(
    struct buf *b, const json_t *before, const json_t *after, const char *field, const char *label)
{
	struct str old = member(before, field), new = member(after, field);

	if (str_eq(old, new))
		return;
	buf_fmt(b, "<h3>%s</h3>\n<div class=\"text\" dir=\"auto\">", label);
	diff_write(b, old, new, DIFF_ROOM);
	buf_str(b, STR("</div>\n"));
}

/* Against the record that it revises. One that was withdrawn has no text that could be compared. */
static void write_changes(struct asking *a, const json_t *record)
{
	struct buf *b = &a->answer->body, line;
	json_int_t seq = member_number(record, "revises");
	json_t *before = NULL;

	if (seq <= 0 || !str_eq(member(record, "kind"), STR("revision")))
		return;
	buf_init(&line, PAGE_MAX);
	if (lines_find(a->source, STORE_ITEMS, (uint64_t)seq, &line))
		before = json_loadb(line.p, line.n, 0, NULL);
	buf_fini(&line);
	buf_fmt(b, "<h2>Changed since <a href=\"/items/%lld\">record %lld</a></h2>\n", (long long)seq,
	    (long long)seq);
	if (before) {
		write_change(b, before, record, "title", "Title");
		write_change(b, before, record, "summary", "Summary");
		write_change(b, before, record, "content_text", "Text");
	} else {
		buf_str(b, STR("<p class=\"soft\">It is not kept any more.</p>\n"));
	}
	json_decref(before);
}

struct kin {
	struct asking *asking;
	struct str key, case_; /* of the record that is shown */
	uint64_t seq;
	struct buf others, revisions;
	unsigned other_count, revision_count;
};

static lines_f on_line;
static bool on_line(void *ctx, uint64_t seq, struct str line)
{
	struct kin *k = ctx;
	bool same_item, same_case;
	json_t *record;

	if (seq == k->seq || str_find(line, k->case_, 0) == SIZE_MAX)
		return true;
	record = json_loadb(line.p, line.n, 0, NULL);
	same_item = str_eq(member(record, "key"), k->key);
	same_case = str_eq(member(record, "case"), k->case_);
	if (same_item && k->revision_count < KIN_MAX && k->revisions.n < KIN_ROOM) {
		listing_item(&k->revisions, record, k->asking->source->now);
		k->revision_count++;
	} else if (!same_item && same_case && k->other_count < KIN_MAX && k->others.n < KIN_ROOM) {
		listing_item(&k->others, record, k->asking->source->now);
		k->other_count++;
	}
	json_decref(record);
	return true;
}

static void write_list(struct buf *b, const char *title, const struct buf *list)
{
	if (list->n == 0)
		return;
	buf_fmt(b, "<h2>%s</h2>\n<ol class=\"items\">\n", title);
	buf_str(b, buf_view(list));
	buf_str(b, STR("</ol>\n"));
}

static void write_kin(struct asking *a, const json_t *record)
{
	struct kin k = {
		.asking = a,
		.key = member(record, "key"),
		.case_ = member(record, "case"),
		.seq = (uint64_t)member_number(record, "seq"),
	};
	uint64_t ignored;

	if (k.case_.n == 0)
		return;
	buf_init(&k.others, PAGE_MAX);
	buf_init(&k.revisions, PAGE_MAX);
	(void)lines_back(a->source, STORE_ITEMS, k.seq + KIN_AROUND, 2 * KIN_AROUND, on_line, &k, &ignored);
	write_list(&a->answer->body, "Other records of this item", &k.revisions);
	write_list(&a->answer->body, "The same text elsewhere", &k.others);
	buf_fini(&k.others);
	buf_fini(&k.revisions);
}

static void write_html(struct asking *a, const json_t *record)
{
	struct buf *b = &a->answer->body;
	struct str title = member(record, "title");
	char data[40];

	snprintf(data, sizeof(data), "/items/%lld.json", member_number(record, "seq"));
	markup_open(
	    b, &(struct markup_head){ .title = "Item", .about = title, .here = "/items", .data = data });
	buf_str(b, STR("<article><h1 dir=\"auto\">"));
	if (title.n)
		(void)marks_write(b, record, "title", TITLE_ROOM);
	else
		buf_str(b, STR("(without a title)"));
	buf_str(b, STR("</h1>\n<p>"));
	listing_topics(b, record);
	buf_str(b, STR("</p>\n"));
	write_facts(a, record);
	write_text(b, record);
	write_changes(a, record);
	write_topics(b, record);
	buf_str(b, STR("</article>\n"));
	write_kin(a, record);
	markup_close(b);
}

void page_item(struct asking *a)
{
	unsigned long long seq = 0;
	struct buf line;
	json_t *record = NULL;

	buf_init(&line, PAGE_MAX);
	if (str_to_u64(a->name, &seq) && lines_find(a->source, STORE_ITEMS, seq, &line))
		record = json_loadb(line.p, line.n, 0, NULL);
	if (!record)
		page_refuse(a, 404, "There is no such record");
	else if (a->json) {
		buf_str(&a->answer->body, buf_view(&line));
		buf_byte(&a->answer->body, '\n');
	} else {
		write_html(a, record);
	}
	json_decref(record);
	buf_fini(&line);
}
