/* take_media: enclosures, media RSS, iTunes durations: the attachments of an item. */
#include "daemon/feed/take_priv.h"

#include "daemon/feed/text_priv.h"

static int64_t number(struct str s)
{
	unsigned long long n;
	s = str_trim(s);
	size_t digits = 0;
	while (digits < s.n && s.p[digits] >= '0' && s.p[digits] <= '9')
		digits++;
	return str_to_u64(str_of(s.p, digits), &n) && n <= INT64_MAX ? (int64_t)n : -1;
}

static struct feed_attachment *attachment_for(struct build *b, struct str url)
{
	struct feed_attachment *have = b->fields->attachments.at;
	for (size_t i = 0; i < b->fields->attachments.n; i++)
		if (str_eq(have[i].url, url))
			return &have[i];
	struct feed_attachment *a = fields_add_attachment(b->fields);
	if (a)
		a->url = url;
	return a;
}

static void attachment_attrs(struct build *b, struct feed_attachment *a, const struct attrs *attrs)
{
	struct str type = str_trim(attr_get(attrs, STR("type")));
	if (type.n > 0 && !a->mime_type.p)
		a->mime_type = build_copy(b, type);
	struct str size = attr_get(attrs, STR("length"));
	if (size.n == 0)
		size = attr_get(attrs, STR("filesize"));
	if (a->size < 0 && size.n > 0)
		a->size = number(size);
	struct str title = str_trim(attr_get(attrs, STR("title")));
	if (title.n > 0 && !a->title.p)
		a->title = build_copy(b, title);
	struct str duration = attr_get(attrs, STR("duration"));
	if (a->duration_ms < 0 && duration.n > 0)
		a->duration_ms = text_duration(duration);
}

void take_enclosure(struct build *b, const struct element *el, const struct attrs *attrs)
{
	(void)el;
	struct str url = attr_get(attrs, STR("url"));
	if (url.n == 0)
		url = attr_get(attrs, STR("href"));
	url = build_url(b, url);
	if (url.n == 0)
		return;
	struct feed_attachment *a = attachment_for(b, url);
	if (a)
		attachment_attrs(b, a, attrs);
}

void take_media_start(struct build *b, const struct element *el, const struct attrs *attrs)
{
	take_enclosure(b, el, attrs);
	struct feed_attachment *all = b->fields->attachments.at;
	struct str medium = str_trim(attr_get(attrs, STR("medium")));
	if (b->fields->attachments.n > 0 && !all[b->fields->attachments.n - 1].mime_type.p &&
	    str_eq_nocase(medium, STR("image")))
		all[b->fields->attachments.n - 1].mime_type = STR("image");
}

void take_media_thumbnail(struct build *b, const struct element *el, const struct attrs *attrs)
{
	take_href(b, el, attrs);
}

void take_media_player(struct build *b, const struct element *el, const struct attrs *attrs)
{
	take_enclosure(b, el, attrs);
}

void take_duration(struct build *b, const struct element *el, struct str text)
{
	(void)el;
	b->item.duration_ms = text_duration(text);
}
