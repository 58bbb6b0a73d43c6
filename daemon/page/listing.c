/* listing: what is said of a record in one or two lines. */
#include "daemon/page/listing.h"

#include "daemon/base/form.h"
#include "daemon/base/utf8.h"
#include "daemon/page/markup.h"
#include "daemon/page/page_priv.h"

#define TITLE_MAX 300u /* bytes shown in a list */

/* Nothing is certain: what would be rounded to it is "above .99". */
static void write_score(struct buf *b, double score)
{
	if (score >= 0.995)
		buf_str(b, STR(" &gt;.99"));
	else
		buf_fmt(b, " .%02d", (int)(score * 100 + 0.5));
}

static void write_topic(struct buf *b, const json_t *topic)
{
	bool review = str_eq(member(topic, "decision"), STR("review"));

	buf_fmt(b, " <a class=\"topic%s\" href=\"/items?topic=", review ? " review" : "");
	form_encode(member(topic, "topic"), b);
	buf_str(b, STR("\">"));
	markup_text(b, member(topic, "topic"));
	write_score(b, json_number_value(json_object_get(topic, "score")));
	buf_str(b, review ? STR("?</a>") : STR("</a>"));
}

bool listing_matches(const json_t *record, struct str topic)
{
	const json_t *topics = json_object_get(record, "topics");

	for (size_t i = 0; i < json_array_size(topics); i++) {
		const json_t *one = json_array_get(topics, i);

		if (str_eq(member(one, "decision"), STR("match")) &&
		    (!topic.p || str_eq(member(one, "topic"), topic)))
			return true;
	}
	return false;
}

void listing_topics(struct buf *b, const json_t *record)
{
	const json_t *topics = json_object_get(record, "topics");

	for (size_t i = 0; i < json_array_size(topics); i++)
		write_topic(b, json_array_get(topics, i));
}

static void write_title(struct buf *b, const json_t *record)
{
	struct str title = str_trim(member(record, "title"));

	if (title.n == 0)
		title = str_trim(member(record, "content_text"));
	buf_fmt(b, "<a class=\"title\" href=\"/items/%lld\">", member_number(record, "seq"));
	if (title.n)
		markup_bdi(b, utf8_cut(title, TITLE_MAX));
	else
		buf_str(b, STR("(without a title)"));
	buf_str(b, title.n > TITLE_MAX ? STR("…</a>") : STR("</a>"));
}

void listing_item(struct buf *b, const json_t *record, int64_t now)
{
	struct str kind = member(record, "kind"), language = member(record, "language");

	buf_str(b, STR("<li"));
	markup_language(b, "lang", language);
	buf_byte(b, '>');
	write_title(b, record);
	buf_str(b, STR("<p class=\"meta\" lang=\"en\">"));
	markup_feed(b, member(record, "feed"));
	buf_str(b, STR(" · "));
	markup_age(b, page_time(record, "seen_at"), now);
	if (!str_eq(kind, STR("new"))) {
		buf_str(b, STR(" · "));
		markup_text(b, kind);
	}
	listing_topics(b, record);
	buf_str(b, STR("</p></li>\n"));
}

void listing_entry(struct buf *b, bool data, const json_t *record, struct str line, int64_t now)
{
	if (!data) {
		listing_item(b, record, now);
		return;
	}
	if (b->n > 0)
		buf_byte(b, ',');
	buf_str(b, line);
}
