/* take_value: text into slots; tags; links. */
#include "daemon/feed/take_priv.h"

#include "daemon/base/url.h"
#include "daemon/feed/text_priv.h"

static void set_value(struct build *b, enum slot slot, struct str text)
{
	const struct frame *f = build_top(b);
	struct value *v = &b->fields->v[slot];
	*v = (struct value){ .base = f->base, .lang = f->lang, .type = f->markup ? VALUE_HTML : f->type };
	if (f->type == VALUE_BASE64) {
		v->type = VALUE_HTML;
		buf_clear(&b->scratch);
		if (text_base64(text, &b->scratch))
			text = buf_view(&b->scratch);
	}
	v->text = build_copy(b, text);
}

void take_value(struct build *b, const struct element *el, struct str text)
{
	text = str_trim(text);
	if (text.n > 0 && !b->fields->v[el->slot].text.p)
		set_value(b, el->slot, text);
}

void take_last(struct build *b, const struct element *el, struct str text)
{
	text = str_trim(text);
	if (text.n > 0)
		set_value(b, el->slot, text);
}

void take_url(struct build *b, const struct element *el, struct str text)
{
	struct fields *f = build_top(b)->outer;
	text = str_trim(text);
	if (text.n > 0 && !f->v[el->slot].text.p)
		f->v[el->slot].text = build_url(b, text);
}

void take_href(struct build *b, const struct element *el, const struct attrs *attrs)
{
	struct str href = attr_get(attrs, STR("href"));
	if (href.n == 0)
		href = attr_get(attrs, STR("url"));
	if (href.n > 0 && !b->fields->v[el->slot].text.p)
		b->fields->v[el->slot].text = build_url(b, href);
}

void take_guid_start(struct build *b, const struct element *el, const struct attrs *attrs)
{
	(void)el;
	struct str permalink = str_trim(attr_get(attrs, STR("ispermalink")));
	if (permalink.p && !b->item.v[SLOT_ID].text.p)
		b->item.not_permalink = !str_eq_nocase(permalink, STR("true"));
}

void take_tag_start(struct build *b, const struct element *el, const struct attrs *attrs)
{
	(void)el;
	static const struct str names[] = { STR("label"), STR("term"), STR("text"), STR("value") };
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct str value = str_trim(attr_get(attrs, names[i]));
		if (value.n == 0)
			continue;
		fields_add_tag(b->fields, value);
		if (i > 0)
			return;
	}
}

void take_tag(struct build *b, const struct element *el, struct str text)
{
	(void)el;
	fields_add_tag(b->fields, text);
}

void take_keywords(struct build *b, const struct element *el, struct str text)
{
	(void)el;
	while (text.n > 0)
		fields_add_tag(b->fields, str_cut(&text, ','));
}

static enum slot relation_slot(struct str rel, struct str type)
{
	static const struct {
		struct str rel;
		enum slot slot;
	} relations[] = {
		{ STR("self"), SLOT_LINK_SELF },
		{ STR("hub"), SLOT_LINK_HUB },
		{ STR("next"), SLOT_LINK_NEXT },
		{ STR("prev-archive"), SLOT_LINK_PREV_ARCHIVE },
		{ STR("related"), SLOT_LINK_RELATED },
		{ STR("replies"), SLOT_COMMENTS },
		{ STR("icon"), SLOT_ICON },
	};
	if (str_starts(rel, STR("http://www.iana.org/assignments/relation/")))
		rel = str_skip(rel, sizeof("http://www.iana.org/assignments/relation/") - 1);
	if (rel.n == 0 || str_eq_nocase(rel, STR("alternate"))) {
		if (str_starts_nocase(type, STR("text/html")) ||
		    str_find_nocase(type, STR("xhtml"), 0) != SIZE_MAX)
			return SLOT_LINK_ALTERNATE_HTML;
		return type.n == 0 ? SLOT_LINK_ALTERNATE : SLOT_LINK_ALTERNATE_OTHER;
	}
	for (size_t i = 0; i < ARRAY_LEN(relations); i++)
		if (str_eq_nocase(rel, relations[i].rel))
			return relations[i].slot;
	return SLOT_LINK_OTHER;
}

/* Absolute links of the feed itself are the base of relative references, where no better one is stated. */
static void note_site(struct build *b, enum slot slot, struct str url)
{
	static const uint8_t sites[] = { SLOT_LINK, SLOT_LINK_ALTERNATE_HTML, SLOT_LINK_ALTERNATE,
		SLOT_LINK_SELF, SLOT_NONE };
	if (b->fields != &b->feed || !url_is_http(url))
		return;
	for (size_t i = 0; sites[i] != SLOT_NONE; i++)
		if (sites[i] == slot && (b->site.n == 0 || slot != SLOT_LINK_SELF))
			b->site = url;
}

static void set_link(struct build *b, enum slot slot, struct str href)
{
	struct value *v = &b->fields->v[slot];
	if (v->text.p)
		return;
	/* An empty reference is the base itself, but only a stated base is worth that. */
	struct str base = build_top(b)->base;
	v->text = href.n > 0                      ? build_url(b, href)
	          : base.p != b->frames[0].base.p ? base
	                                          : (struct str){ NULL, 0 };
	note_site(b, slot, v->text);
}

void take_link_start(struct build *b, const struct element *el, const struct attrs *attrs)
{
	struct str href = attr_get(attrs, STR("href"));
	struct str rel = str_trim(attr_get(attrs, STR("rel")));
	bool enclosure = str_eq_nocase(rel, STR("enclosure")) || str_ends(rel, STR("relation/enclosure"));
	enum slot slot = relation_slot(rel, str_trim(attr_get(attrs, STR("type"))));
	if (rel.n > 0)
		build_top(b)->slot = (uint8_t)slot; /* for those who write the link as text */
	if (!href.p)
		return;
	if (enclosure)
		take_enclosure(b, el, attrs);
	else
		set_link(b, slot, str_trim(href));
}

void take_link_end(struct build *b, const struct element *el, struct str text)
{
	struct fields *fields = b->fields;
	text = str_trim(text);
	if (text.n > 0) {
		b->fields = build_top(b)->outer;
		set_link(b, (enum slot)build_top(b)->slot, text);
		b->fields = fields;
	}
	(void)el;
}

void take_source_link(struct build *b, const struct element *el, const struct attrs *attrs)
{
	(void)el;
	struct str url = attr_get(attrs, STR("url"));
	if (url.n > 0 && !b->fields->v[SLOT_SOURCE_URL].text.p)
		b->fields->v[SLOT_SOURCE_URL].text = build_url(b, url);
}
