/* items: the records, the newest first, by topic, feed and words; older ones by `before`. */
#include "daemon/page/page_priv.h"

#include "daemon/base/attr.h"
#include "daemon/base/form.h"
#include "daemon/page/lines.h"
#include "daemon/page/listing.h"
#include "daemon/page/markup.h"
#include "daemon/pipe/storage.h"

#define ITEMS_MAX 30u /* of one page */

struct listing {
	struct asking *asking;
	struct str topic, feed, words; /* wanted; absent: any */
	bool words_plain;
	struct buf topic_text, feed_text, words_text;
	struct buf out;
	unsigned shown;
	uint64_t before; /* number of the last one that was shown */
};

static bool has_topic(const json_t *record, struct str topic)
{
	const json_t *topics = json_object_get(record, "topics");

	for (size_t i = 0; i < json_array_size(topics); i++)
		if (str_eq(member(json_array_get(topics, i), "topic"), topic))
			return true;
	return false;
}

/* ASCII in either case, else as it is written. */
static bool has_words(const json_t *record, struct str words)
{
	static const char *const members[] = { "title", "summary", "content_text" };

	for (size_t i = 0; i < ARRAY_LEN(members); i++)
		if (str_find_nocase(member(record, members[i]), words, 0) != SIZE_MAX)
			return true;
	return false;
}

static bool is_wanted(const struct listing *l, const json_t *record)
{
	return (!l->topic.p || has_topic(record, l->topic)) &&
	       (!l->feed.p || str_eq(member(record, "feed"), l->feed)) &&
	       (!l->words.p || has_words(record, l->words));
}

/* Do these stand in a line as they are, for our writer escapes nothing of them? C2 and E2 begin, among others, what it escapes beyond ASCII. */
static bool is_plain(struct str words)
{
	for (size_t i = 0; i < words.n; i++) {
		unsigned char c = (unsigned char)words.p[i];

		if (c < 0x20 || c == 0x7f || c == '"' || c == '\\' || c == 0xc2 || c == 0xe2)
			return false;
	}
	return true;
}

/* Without reading all of it: a name stands in a line as it is. */
static bool may_be_wanted(const struct listing *l, struct str line)
{
	return (!l->topic.p || str_find(line, l->topic, 0) != SIZE_MAX) &&
	       (!l->feed.p || str_find(line, l->feed, 0) != SIZE_MAX) &&
	       (!l->words_plain || str_find_nocase(line, l->words, 0) != SIZE_MAX);
}

static lines_f on_line;
static bool on_line(void *ctx, uint64_t seq, struct str line)
{
	struct listing *l = ctx;
	json_t *record = may_be_wanted(l, line) ? json_loadb(line.p, line.n, 0, NULL) : NULL;

	l->before = seq;
	if (record && is_wanted(l, record)) {
		listing_entry(&l->out, l->asking->json, record, line, l->asking->source->now);
		l->shown++;
	}
	json_decref(record);
	return l->shown < ITEMS_MAX && !l->out.failed &&
	       l->out.n < (l->asking->json ? PAGE_DATA_BYTES : 2 * PAGE_LIST_BYTES);
}

static void write_field(struct buf *b, const char *name, const char *label, struct str value)
{
	buf_fmt(b, "<label>%s <input name=\"%s\" dir=\"auto\" maxlength=\"100\" value=\"", label, name);
	markup_text(b, value);
	buf_str(b, STR("\"></label> "));
}

static void write_form(struct buf *b, const struct listing *l)
{
	buf_str(b, STR("<form method=\"get\" action=\"/items\" role=\"search\">"));
	write_field(b, "q", "Words", l->words);
	write_field(b, "topic", "Topic", l->topic);
	write_field(b, "feed", "Feed", l->feed);
	buf_str(b, STR("<button>Show</button></form>\n"));
}

static void write_part(struct buf *b, const char *name, struct str value)
{
	if (!value.p)
		return;
	buf_fmt(b, "%s=", name);
	form_encode(value, b);
	buf_str(b, STR("&amp;"));
}

static void write_pager(struct buf *b, const struct listing *l, uint64_t next)
{
	if (next == 0)
		return;
	buf_str(b, STR("<p class=\"pager\"><a rel=\"next\" href=\"/items?"));
	write_part(b, "q", l->words);
	write_part(b, "topic", l->topic);
	write_part(b, "feed", l->feed);
	buf_fmt(b, "before=%llu\">Older</a></p>", (unsigned long long)next);
}

static void write_html(struct asking *a, struct listing *l, uint64_t next)
{
	struct buf *b = &a->answer->body;

	markup_open(b, &(struct markup_head){
	                   .title = "Items", .here = "/items", .data = "/items.json", .topic = l->topic });
	buf_str(b, STR("<h1>Items</h1>\n"));
	write_form(b, l);
	if (l->shown) {
		buf_str(b, STR("<ol class=\"items\">\n"));
		buf_str(b, buf_view(&l->out));
		buf_str(b, STR("</ol>\n"));
	} else {
		buf_fmt(b, "<p class=\"soft\">Nothing among the %s%u records that were looked at.</p>\n",
		    next ? "newest " : "at most ", PAGE_LOOK_BACK);
	}
	write_pager(b, l, next);
	markup_close(b);
}

static void write_json(struct asking *a, const struct listing *l, uint64_t next)
{
	struct buf *b = &a->answer->body;

	buf_str(b, STR("{\"items\":["));
	buf_str(b, buf_view(&l->out));
	buf_fmt(b, "],\"before\":%llu}\n", (unsigned long long)next);
}

void page_items(struct asking *a)
{
	struct listing l = { .asking = a };
	uint64_t next;

	l.topic = page_parameter(a, "topic", &l.topic_text);
	l.feed = page_parameter(a, "feed", &l.feed_text);
	l.words = page_parameter(a, "q", &l.words_text);
	l.words_plain = l.words.p && is_plain(l.words);
	buf_init(&l.out, PAGE_MAX);
	(void)lines_back(
	    a->source, STORE_ITEMS, page_number(a, "before", 0), PAGE_LOOK_BACK, on_line, &l, &next);
	if (a->json)
		write_json(a, &l, next);
	else
		write_html(a, &l, next);
	buf_fini(&l.out);
	buf_fini(&l.topic_text);
	buf_fini(&l.feed_text);
	buf_fini(&l.words_text);
}
