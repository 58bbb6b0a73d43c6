/* meta: the slots of the feed -> struct feed_meta. */
#include "daemon/base/url.h"
#include "daemon/feed/finish_priv.h"

static const uint8_t titles[] = { SLOT_TITLE, SLOT_TITLE_DC, SLOT_TITLE_ITUNES, SLOT_TITLE_MEDIA, SLOT_NONE };
static const uint8_t descriptions[] = { SLOT_DESCRIPTION, SLOT_SUMMARY, SLOT_DESCRIPTION_DC, SLOT_ENCODED,
	SLOT_SUMMARY_ITUNES, SLOT_SUBTITLE_ITUNES, SLOT_NONE };
static const uint8_t homes[] = { SLOT_LINK, SLOT_LINK_ALTERNATE_HTML, SLOT_LINK_ALTERNATE,
	SLOT_LINK_ALTERNATE_OTHER, SLOT_NONE };
static const uint8_t languages[] = { SLOT_LANGUAGE, SLOT_LANGUAGE_DC, SLOT_NONE };
static const uint8_t rights[] = { SLOT_RIGHTS, SLOT_RIGHTS_DC, SLOT_NONE };
static const uint8_t nexts[] = { SLOT_LINK_NEXT, SLOT_LINK_PREV_ARCHIVE, SLOT_NONE };
static const uint8_t archives[] = { SLOT_LINK_PREV_ARCHIVE, SLOT_LINK_NEXT, SLOT_NONE };
static const uint8_t published[] = { SLOT_PUBLISHED, SLOT_ISSUED, SLOT_DATE_DC, SLOT_CREATED, SLOT_NONE };
static const uint8_t modified[] = { SLOT_UPDATED, SLOT_MODIFIED_DC, SLOT_NONE };
static const uint8_t pictures[] = { SLOT_LOGO, SLOT_IMAGE, SLOT_IMAGE_ITUNES, SLOT_ICON, SLOT_THUMBNAIL,
	SLOT_NONE };

static struct str keep(struct build *b, struct str s)
{
	return s.n > 0 ? arena_str(b->arena, s) : (struct str){ NULL, 0 };
}

/* Minutes in rss:ttl, or a period of the syndication module divided by its frequency. */
static int64_t time_to_live(const struct fields *f)
{
	static const struct {
		struct str name;
		int64_t minutes;
	} periods[] = { { STR("hourly"), 60 }, { STR("daily"), 1440 }, { STR("weekly"), 10080 },
		{ STR("monthly"), 43200 }, { STR("yearly"), 525600 } };
	unsigned long long n;
	if (f->v[SLOT_TTL].text.p && str_to_u64(f->v[SLOT_TTL].text, &n) && n > 0 && n < 1000000)
		return (int64_t)n * 60000;
	if (!f->v[SLOT_FREQUENCY].text.p || !str_to_u64(f->v[SLOT_FREQUENCY].text, &n) || n == 0 ||
	    n > 100000)
		n = 1;
	for (size_t i = 0; i < ARRAY_LEN(periods); i++)
		if (str_eq_nocase(f->v[SLOT_PERIOD].text, periods[i].name))
			return periods[i].minutes * 60000 / (int64_t)n;
	return -1;
}

/* A relative home is meant from where the feed says that it lives. */
static struct str home_page(struct build *b)
{
	struct str home = finish_first(&b->feed, homes), self = b->feed.v[SLOT_LINK_SELF].text;
	if (home.n == 0 || url_is_http(home) || !url_is_http(self))
		return home;
	buf_clear(&b->scratch);
	url_resolve(self, home, &b->scratch);
	return keep(b, buf_view(&b->scratch));
}

void meta_language(struct build *b)
{
	struct feed_meta *m = b->meta;
	m->language = finish_first(&b->feed, languages);
	if (!m->language.p)
		m->language = keep(b, b->feed.lang);
}

void build_meta(struct build *b)
{
	const struct fields *f = &b->feed;
	struct feed_meta *m = b->meta;
	m->title = keep(b, finish_plain(f, titles, &b->out[0]));
	m->description = keep(b, finish_plain(f, descriptions, &b->out[0]));
	m->feed_url = m->self_url = finish_text(f->v[SLOT_LINK_SELF].text);
	m->home_page_url = home_page(b);
	meta_language(b);
	m->icon = finish_first(f, pictures);
	m->favicon = finish_text(f->v[SLOT_ICON].text);
	m->rights = keep(b, finish_plain(f, rights, &b->out[0]));
	m->generator = finish_text(f->v[SLOT_GENERATOR].text);
	m->next_url = finish_first(f, nexts);
	m->archive_url = finish_first(f, archives);
	m->hub_url = finish_text(f->v[SLOT_LINK_HUB].text);
	m->authors = f->authors;
	m->tags = f->tags;
	m->published = finish_date(b, f, published);
	m->modified = finish_date(b, f, modified);
	m->ttl_ms = time_to_live(f);
	m->skip_hours = f->skip_hours;
	m->skip_days = f->skip_days;
}
