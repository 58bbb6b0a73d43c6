/* item: the slots of one item -> struct feed_item -> the sink. Which slot wins is written here, in lists. */
#include "daemon/feed/build_priv.h"

#include "daemon/base/date.h"
#include "daemon/base/url.h"
#include "daemon/feed/finish_priv.h"
#include "daemon/feed/html.h"
#include "daemon/feed/text_priv.h"

static const uint8_t titles[] = { SLOT_TITLE, SLOT_TITLE_DC, SLOT_TITLE_ITUNES, SLOT_TITLE_MEDIA, SLOT_NONE };
static const uint8_t contents[] = { SLOT_ENCODED, SLOT_CONTENT, SLOT_BODY, SLOT_NONE };
static const uint8_t summaries[] = { SLOT_DESCRIPTION, SLOT_SUMMARY, SLOT_DESCRIPTION_DC, SLOT_SUMMARY_ITUNES,
	SLOT_SUBTITLE_ITUNES, SLOT_DESCRIPTION_MEDIA, SLOT_NONE };
static const uint8_t links_rss[] = { SLOT_LINK, SLOT_LINK_ALTERNATE_HTML, SLOT_LINK_ALTERNATE,
	SLOT_LINK_ALTERNATE_OTHER, SLOT_NONE };
static const uint8_t links_rest[] = { SLOT_LINK_ORIGINAL, SLOT_LINK_OTHER, SLOT_NONE };
static const uint8_t published[] = { SLOT_PUBLISHED, SLOT_ISSUED, SLOT_DATE_DC, SLOT_CREATED, SLOT_NONE };
static const uint8_t modified[] = { SLOT_UPDATED, SLOT_MODIFIED_DC, SLOT_NONE };
static const uint8_t languages[] = { SLOT_LANGUAGE, SLOT_LANGUAGE_DC, SLOT_NONE };
static const uint8_t rights[] = { SLOT_RIGHTS, SLOT_RIGHTS_DC, SLOT_NONE };
static const uint8_t ids[] = { SLOT_ID, SLOT_ABOUT, SLOT_ID_DC, SLOT_NONE };

struct str finish_text(struct str s)
{
	return s.n > 0 ? s : (struct str){ NULL, 0 };
}

struct str finish_plain(const struct fields *f, const uint8_t *slots, struct buf *out)
{
	const struct value *v = fields_first(f, slots);
	buf_clear(out);
	if (v)
		text_plain(v->text, (enum value_type)v->type, out);
	return finish_text(buf_view(out));
}

struct feed_date finish_date(const struct build *b, const struct fields *f, const uint8_t *slots)
{
	struct feed_date d = { .ms = DATE_NONE };
	for (; *slots != SLOT_NONE; slots++) {
		struct str raw = f->v[*slots].text;
		struct date parsed;
		if (!raw.p)
			continue;
		if (!d.raw.p)
			d.raw = raw;
		if (!date_parse(raw, b->in->assume_minutes, &parsed))
			continue;
		d.raw = raw;
		d.ms = parsed.ms;
		d.assumed_zone = parsed.zone == DATE_ZONE_ASSUMED;
		break;
	}
	return d;
}

struct str finish_first(const struct fields *f, const uint8_t *slots)
{
	const struct value *v = fields_first(f, slots);
	return v ? finish_text(v->text) : (struct str){ NULL, 0 };
}

static bool is_html(const struct value *v)
{
	return v->type == VALUE_HTML || v->type == VALUE_XHTML || v->type == VALUE_LOOSE;
}

static struct str content_html(struct build *b, const struct value *v)
{
	struct buf *out = &b->out[1];
	buf_clear(out);
	if (!is_html(v) || b->in->skip & FEED_SKIP_HTML)
		return (struct str){ NULL, 0 };
	if (!memchr(v->text.p, '<', v->text.n))
		return v->text;
	return finish_text(text_links(v->text, build_base(b, v->base), out));
}

static struct str content_text(struct build *b, const struct value *v)
{
	struct buf *out = &b->out[2];
	buf_clear(out);
	if (!is_html(v))
		return v->text;
	if (b->in->skip & FEED_SKIP_TEXT)
		return (struct str){ NULL, 0 };
	html_to_text(v->text, out);
	return finish_text(buf_view(out));
}

static void item_contents(struct build *b, struct feed_item *it)
{
	const struct value *summary = fields_first(&b->item, summaries);
	const struct value *content = fields_first(&b->item, contents);
	if (summary)
		it->summary_html = summary->text;
	bool wants_summary = !(b->in->skip & FEED_SKIP_SUMMARY);
	if (summary && content && wants_summary)
		it->summary = finish_plain(&b->item, summaries, &b->out[3]);
	if (!content && !summary)
		return;
	bool only = !content;
	if (only)
		content = summary;
	it->content_html = content_html(b, content);
	it->content_text = content_text(b, content);
	if (only && wants_summary && b->in->skip & FEED_SKIP_TEXT) {
		it->summary = finish_plain(&b->item, summaries, &b->out[3]);
	} else if (only && wants_summary) { /* the same text again, as one line */
		buf_clear(&b->out[3]);
		text_plain(it->content_text, VALUE_PLAIN, &b->out[3]);
		it->summary = finish_text(buf_view(&b->out[3]));
	}
	/* What HTTP says of the whole document is no word of this item. */
	if (!it->language.p && content->lang.p != b->in->content_language.p)
		it->language = content->lang;
}

static struct str item_url(struct build *b, struct feed_item *it)
{
	struct str url = finish_first(&b->item, links_rss);
	if (!url.p && it->id_is_permalink)
		url = build_url(b, it->id);
	if (!url.p)
		url = finish_first(&b->item, links_rest);
	return url;
}

static void item_pictures(struct build *b, struct feed_item *it)
{
	static const uint8_t pictures[] = { SLOT_IMAGE_ITUNES, SLOT_THUMBNAIL, SLOT_IMAGE, SLOT_NONE };
	it->image = finish_first(&b->item, pictures);
	it->attachments = b->item.attachments;
	struct feed_attachment *a = it->attachments.at;
	if (it->attachments.n > 0 && a[0].duration_ms < 0 && b->item.duration_ms > 0)
		a[0].duration_ms = b->item.duration_ms;
}

static void fill(struct build *b, struct feed_item *it)
{
	const struct fields *f = &b->item;
	it->id = finish_first(f, ids);
	it->id_is_permalink = f->v[SLOT_ID].text.p && !f->not_permalink && url_is_http(it->id);
	it->url = item_url(b, it);
	it->title = finish_plain(f, titles, &b->out[0]);
	it->language = finish_first(f, languages);
	if (!it->language.p)
		it->language = f->lang;
	item_contents(b, it);
	item_pictures(b, it);
	it->external_url = finish_text(f->v[SLOT_LINK_RELATED].text);
	it->published = finish_date(b, f, published);
	it->modified = finish_date(b, f, modified);
	it->authors = f->authors.n > 0 ? f->authors : b->source.authors;
	it->contributors = f->contributors;
	it->tags = f->tags;
	it->source_title = finish_text(f->v[SLOT_SOURCE_TITLE].text);
	it->source_url = finish_text(f->v[SLOT_SOURCE_URL].text);
	it->comments_url = finish_text(f->v[SLOT_COMMENTS].text);
	it->rights = finish_first(f, rights);
}

void build_item(struct build *b)
{
	uint64_t number = b->meta->items++;
	if (b->meta->items > FEED_ITEMS_MAX) {
		b->limit = b->stop = true;
	} else if (number >= b->suppress) {
		struct feed_item it = { .published = { .ms = DATE_NONE } };
		if (!b->meta->language.p)
			meta_language(b);
		fill(b, &it);
		if (build_failed(b) || !b->sink(b->ctx, &it))
			b->nomem = b->stop = true;
	}
	arena_reset(b->item.arena);
	b->source.authors = (struct feed_list){ NULL, 0 };
}
