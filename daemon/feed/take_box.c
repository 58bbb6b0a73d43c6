/* take_box: elements that hold others: channel, item, source, image, and the calendar of skipHours and skipDays. */
#include "daemon/feed/take_priv.h"

void take_channel_start(struct build *b, const struct element *el, const struct attrs *attrs)
{
	(void)el;
	const struct frame *f = build_top(b);
	b->feed.lang = f->lang;
	b->feed.base = f->base;
	struct str href = attr_get(attrs, STR("href"));
	if (href.n > 0)
		b->feed.v[SLOT_LINK_ALTERNATE].text = build_url(b, href);
	struct str modified = attr_get(attrs, STR("lastmod"));
	if (modified.n > 0)
		b->feed.v[SLOT_UPDATED].text = build_copy(b, modified);
}

static void fields_open(struct build *b, struct fields *f)
{
	struct arena *a = f->arena;
	memset(f, 0, sizeof(*f));
	f->arena = a;
	f->base = build_top(b)->base;
	f->lang = build_top(b)->lang;
	b->fields = f;
}

void take_item_start(struct build *b, const struct element *el, const struct attrs *attrs)
{
	(void)el;
	if (b->items_open++ > 0 && b->item_live)
		build_item(b); /* an item inside of an item: the outer one ends here */
	b->item_live = true;
	struct frame *f = build_top(b);
	struct str lang = f->lang, outer = b->frames[b->depth - 1].lang;
	fields_open(b, &b->item);
	b->item.lang = lang.p != outer.p ? lang : (struct str){ NULL, 0 };
	b->text_left = FEED_ITEM_TEXT_MAX;
	struct str about = attr_get_ns(attrs, NS_RDF, STR("about"));
	if (about.n > 0)
		b->item.v[SLOT_ABOUT].text = build_copy(b, str_trim(about));
	struct str href = attr_get(attrs, STR("href"));
	if (href.n > 0)
		b->item.v[SLOT_LINK_ALTERNATE].text = build_url(b, href);
	struct str modified = attr_get(attrs, STR("lastmod"));
	if (modified.n > 0)
		b->item.v[SLOT_UPDATED].text = build_copy(b, modified);
}

void take_item_end(struct build *b, const struct element *el, struct str text)
{
	(void)el;
	(void)text;
	b->items_open--;
	if (b->item_live)
		build_item(b);
	b->item_live = false;
	b->text_left = FEED_ITEM_TEXT_MAX;
}

void take_source_start(struct build *b, const struct element *el, const struct attrs *attrs)
{
	(void)el;
	(void)attrs;
	fields_open(b, &b->source);
}

void take_source_end(struct build *b, const struct element *el, struct str text)
{
	(void)el;
	(void)text;
	static const uint8_t links[] = { SLOT_LINK_ALTERNATE_HTML, SLOT_LINK_ALTERNATE, SLOT_LINK,
		SLOT_LINK_SELF, SLOT_ID, SLOT_NONE };
	const struct value *link = fields_first(&b->source, links);
	b->item.v[SLOT_SOURCE_TITLE] = b->source.v[SLOT_TITLE];
	if (link)
		b->item.v[SLOT_SOURCE_URL] = *link;
}

void take_image_start(struct build *b, const struct element *el, const struct attrs *attrs)
{
	(void)el;
	struct str resource = attr_get_ns(attrs, NS_RDF, STR("resource"));
	if (resource.n > 0 && !b->feed.v[SLOT_IMAGE].text.p)
		b->feed.v[SLOT_IMAGE].text = build_url(b, resource);
}

void take_hour(struct build *b, const struct element *el, struct str text)
{
	(void)el;
	unsigned long long hour;
	if (str_to_u64(str_trim(text), &hour) && hour <= 24)
		b->feed.skip_hours |= 1u << (hour % 24);
}

void take_day(struct build *b, const struct element *el, struct str text)
{
	(void)el;
	static const struct str days[] = { STR("sunday"), STR("monday"), STR("tuesday"), STR("wednesday"),
		STR("thursday"), STR("friday"), STR("saturday") };
	text = str_trim(text);
	for (unsigned i = 0; i < ARRAY_LEN(days); i++)
		if (str_eq_nocase(text, days[i]))
			b->feed.skip_days = (uint8_t)(b->feed.skip_days | 1u << i);
}
