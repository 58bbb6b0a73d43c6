/*
 * page: walks over the tags of a page. An anchor is judged when it ends, by all that stands between its tags, so that
 * <a href="/x"><img alt="RSS"></a> is found too. Owns two buffers for addresses.
 */
#include "daemon/feed/page.h"

#include "daemon/base/url.h"
#include "daemon/feed/html.h"
#include "daemon/feed/html_tags_priv.h"
#include "daemon/feed/source_priv.h"

#define ANCHOR_MAX 2048u /* bytes from <a to </a> that are looked at */
#define LANGUAGE_MAX 36u /* bytes; BCP 47 recommends to accept so many */

struct page {
	struct str s;
	size_t at;
	struct html_tag tag;
	size_t no_close; /* bit per element whose contents are no markup: no end tag of it follows */
	struct buf base, plain, url;
	bool says_feed; /* the address had the scheme of feeds */
	struct {
		size_t at, length; /* of the tag; length 0: none is open */
	} anchor;
	unsigned told;
	page_link_f *sink;
	void *ctx;
};

static const struct str feed_types[] = { STR("application/rss+xml"), STR("application/atom+xml"),
	STR("application/feed+json"), STR("application/rdf+xml"), STR("application/xml"), STR("text/xml"),
	STR("application/rss"), STR("application/atom"), STR("application/x-rss+xml"),
	STR("application/x.atom+xml"), STR("application/x-atom+xml"), STR("text/rss+xml"),
	STR("text/atom+xml"), STR("text/rss"), STR("text/atom"), STR("application/rdf"),
	STR("application/x-cdf") };

static const struct str url_words[] = { STR("rss"), STR("rss1"), STR("rss2"), STR("rss20"), STR("atom"),
	STR("atom10"), STR("rdf"), STR("feed"), STR("feeds"), STR("rssfeed"), STR("rssfeeds"),
	STR("newsfeed"), STR("jsonfeed"), STR("feedburner") };

static const struct str shown_words[] = { STR("rss"), STR("rss2"), STR("atom"), STR("rdf") };

static bool is_one_of(struct str s, const struct str *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq_nocase(s, list[i]))
			return true;
	return false;
}

static bool is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* Words are letters and digits of ASCII: what is beside them may be any script. */
static bool has_word(struct str s, const struct str *list, size_t n)
{
	for (size_t i = 0; i < s.n;) {
		size_t from = i;
		while (i < s.n && is_alnum(s.p[i]))
			i++;
		if (i > from && is_one_of(str_of(s.p + from, i - from), list, n))
			return true;
		i += i == from;
	}
	return false;
}

bool page_is_feed_type(struct str type)
{
	return is_one_of(str_trim(str_cut(&type, ';')), feed_types, ARRAY_LEN(feed_types));
}

static bool ends_nocase(struct str s, struct str ending)
{
	return s.n > ending.n && str_eq_nocase(str_skip(s, s.n - ending.n), ending);
}

bool page_is_feed_url(struct str text)
{
	struct url url;
	if (!url_parse(text, &url) || str_find_nocase(url.path, STR("sitemap"), 0) != SIZE_MAX)
		return false;
	return ends_nocase(url.path, STR(".xml")) || has_word(url.path, url_words, ARRAY_LEN(url_words)) ||
	       has_word(url.query, url_words, ARRAY_LEN(url_words)) ||
	       has_word(url.host, url_words, ARRAY_LEN(url_words));
}

/* The attribute's value, decoded, in p->plain; false: it has none. */
static bool read_attr(struct page *p, struct str tag, struct str name)
{
	struct html_attr a;
	size_t i = 1; /* the first is the element's own name */
	while (html_attr_next(tag, i, &a)) {
		i = a.end;
		if (!str_eq_nocase(a.name, name))
			continue;
		buf_reset(&p->plain);
		if (a.value.n <= URL_MAX)
			html_unescape(str_trim(a.value), &p->plain);
		return true;
	}
	return false;
}

/* "feed://host/path" and "feed:https://host/path" are how browsers were asked to open their reader. */
static struct str without_feed_scheme(struct page *p)
{
	struct str s = buf_view(&p->plain);
	p->says_feed = str_starts_nocase(s, STR("feed:"));
	if (str_starts_nocase(s, STR("feed:http")))
		return str_skip(s, 5);
	if (!str_starts_nocase(s, STR("feed://")))
		return s;
	memcpy(p->plain.p, "http", 4);
	return s;
}

/* The address of the tag in p->url; false: none that could be asked. */
static bool read_href(struct page *p, struct str tag)
{
	buf_reset(&p->url);
	if (!read_attr(p, tag, STR("href")) || p->plain.n == 0 || p->plain.p[0] == '#')
		return false;
	struct str ref = without_feed_scheme(p);
	ref.n = ref.n < str_find_byte(ref, '#', 0) ? ref.n : str_find_byte(ref, '#', 0);
	url_resolve(buf_view(&p->base), ref, &p->url);
	return !p->url.failed && p->url.n <= URL_MAX && url_is_http(buf_view(&p->url));
}

static bool tell(struct page *p, enum page_found found, struct str tag)
{
	struct page_link link = { .found = found, .url = buf_view(&p->url) };
	if (read_attr(p, tag, STR("hreflang")) && p->plain.n <= LANGUAGE_MAX)
		link.language = buf_view(&p->plain);
	return ++p->told <= PAGE_LINKS_MAX && p->sink(p->ctx, &link);
}

static bool is_feed_link(struct page *p, struct str tag)
{
	if (!read_attr(p, tag, STR("rel")))
		return false;
	struct str rel = buf_view(&p->plain);
	if (has_word(rel, &STR("feed"), 1))
		return true;
	if (!has_word(rel, &STR("alternate"), 1) || has_word(rel, &STR("stylesheet"), 1) ||
	    !read_attr(p, tag, STR("type")))
		return false;
	struct str type = buf_view(&p->plain);
	bool json = str_starts_nocase(type, STR("application/json"));
	return page_is_feed_type(type) ||
	       (json && read_attr(p, tag, STR("href")) && page_is_feed_url(buf_view(&p->plain)));
}

static bool end_anchor(struct page *p, size_t end)
{
	struct str whole = str_skip(p->s, p->anchor.at);
	struct str tag = str_of(whole.p, p->anchor.length);
	if (p->anchor.length == 0)
		return true;
	p->anchor.length = 0;
	whole.n = end - p->anchor.at < ANCHOR_MAX ? end - p->anchor.at : ANCHOR_MAX;
	if (!read_href(p, tag))
		return true;
	bool good = p->says_feed || page_is_feed_url(buf_view(&p->url)) ||
	            has_word(whole, shown_words, ARRAY_LEN(shown_words));
	return !good || tell(p, PAGE_ANCHOR, tag);
}

/* Moves behind the contents of an element that are no markup; when it is never closed, they count as markup. */
static void pass_contents(struct page *p)
{
	static const struct str raw[] = { STR("script"), STR("style"), STR("textarea"), STR("title"),
		STR("template"), STR("xmp") };
	size_t bit = 0;
	while (bit < ARRAY_LEN(raw) && !str_eq_nocase(p->tag.name, raw[bit]))
		bit++;
	if (bit == ARRAY_LEN(raw) || p->tag.closing || (p->no_close & (size_t)1 << bit))
		return;
	for (size_t i = p->at; (i = str_find(p->s, STR("</"), i)) != SIZE_MAX; i += 2)
		if (str_starts_nocase(str_skip(p->s, i + 2), raw[bit])) {
			p->at = i;
			return;
		}
	p->no_close |= (size_t)1 << bit;
}

/* The next tag that has a name; its text begins at *from. */
static bool next_tag(struct page *p, size_t *from)
{
	while ((p->at = str_find_byte(p->s, '<', p->at)) != SIZE_MAX) {
		*from = p->at;
		bool tag = html_tag_read(str_skip(p->s, p->at), &p->tag);
		p->at += tag ? p->tag.length : 1;
		if (!tag || p->tag.name.n == 0)
			continue;
		pass_contents(p);
		return true;
	}
	return false;
}

/* The first <base href>; it counts for all of the page. */
static void find_base(struct page *p, struct str address)
{
	size_t from;
	buf_str(&p->base, address);
	while (next_tag(p, &from)) {
		struct str tag = str_of(p->s.p + from, p->tag.length);
		if (str_eq_nocase(p->tag.name, STR("body")))
			return;
		if (!str_eq_nocase(p->tag.name, STR("base")) || p->tag.closing || !read_href(p, tag))
			continue;
		buf_clear(&p->base);
		buf_str(&p->base, buf_view(&p->url));
		return;
	}
}

static void find_links(struct page *p)
{
	size_t from;
	bool more = true;
	p->at = 0;
	while (more && next_tag(p, &from)) {
		struct str tag = str_of(p->s.p + from, p->tag.length);
		if (str_eq_nocase(p->tag.name, STR("a"))) {
			more = end_anchor(p, from);
			p->anchor.at = from;
			p->anchor.length = p->tag.closing ? 0 : tag.n;
		} else if (str_eq_nocase(p->tag.name, STR("link")) && !p->tag.closing) {
			more = !is_feed_link(p, tag) || !read_href(p, tag) || tell(p, PAGE_ALTERNATE, tag);
		}
	}
	if (more)
		(void)end_anchor(p, p->s.n);
}

bool page_scan(const struct feed_input *in, page_link_f *sink, void *ctx, struct err *e)
{
	struct buf space;
	struct decoded d;
	struct page p = { .sink = sink, .ctx = ctx };
	bool ok = charset_decode(in, &space, &d, e);
	buf_init(&p.base, URL_MAX);
	buf_init(&p.plain, URL_MAX * 2); /* two letters of a reference never make more than three bytes */
	buf_init(
	    &p.url, URL_MAX * 8); /* a byte becomes three at most, and the base is no longer than a URL */
	if (ok) {
		p.s = d.text;
		find_base(&p, in->base_url);
		p.tag = (struct html_tag){ .no_gt = false };
		p.no_close = 0;
		find_links(&p);
	}
	buf_fini(&p.base);
	buf_fini(&p.plain);
	buf_fini(&p.url);
	buf_fini(&space);
	return ok;
}
