/* candidates: a list without repetitions. Two addresses are one when they are equal byte for byte, as caches have it. */
#include "daemon/run/discover_priv.h"

#include "daemon/base/link_header.h"
#include "daemon/base/url.h"
#include "daemon/feed/page.h"

#define DEPTH_MAX 2u /* feeds of a page that the asked page's anchors lead to */

static const char *const ways[] = {
	[FOUND_ASKED] = "asked",
	[FOUND_HEADER] = "header",
	[FOUND_LINK] = "link",
	[FOUND_ANCHOR] = "anchor",
	[FOUND_PATH] = "path",
};
_Static_assert(ARRAY_LEN(ways) == FOUND_WAYS, "a word for each way");

struct str candidate_how(const struct candidate *x)
{
	return str_from(ways[x->found]);
}

static bool may_be_asked(struct str text)
{
	struct url url;
	return text.n <= URL_MAX && url_is_http(text) && url_parse(text, &url) && !url.user.p;
}

static bool is_listed(const struct candidates *c, struct str url)
{
	for (size_t i = 0; i < c->count; i++)
		if (str_eq(c->at[i].url, url) || str_eq(c->at[i].final_url, url))
			return true;
	return false;
}

static void put(struct candidates *c, struct candidate x)
{
	if (c->count == CANDIDATES_MAX)
		return;
	x.url = arena_str(c->arena, x.url);
	x.language = x.language.n > 0 ? arena_str(c->arena, x.language) : (struct str){ NULL, 0 };
	if (!arena_failed(c->arena))
		c->at[c->count++] = x;
}

bool candidates_begin(struct candidates *c, struct arena *a, struct str url)
{
	c->arena = a;
	if (!may_be_asked(url))
		return false;
	put(c, (struct candidate){ .found = FOUND_ASKED, .url = url });
	return c->count == 1;
}

static struct str page_of(const struct candidate *x)
{
	return x->final_url.n > 0 ? x->final_url : x->url;
}

static bool same_host(struct str a, struct str b)
{
	struct url x, y;
	return url_parse(a, &x) && url_parse(b, &y) && str_eq_nocase(x.host, y.host) && x.port == y.port;
}

void candidates_add(
    struct candidates *c, const struct candidate *from, enum found found, struct str ref, struct str language)
{
	struct buf url;
	buf_init(&url, URL_MAX * 8); /* a byte becomes three at most, and the base is no longer than a URL */
	url_resolve(page_of(from), ref, &url);
	struct str whole = buf_view(&url);
	/* Pages behind the page only name what is theirs. */
	bool near = from->depth == 0 || same_host(whole, page_of(from));
	if (!url.failed && near && may_be_asked(whole) && !is_listed(c, whole))
		put(c, (struct candidate){ found, from->depth + 1, whole, language, { NULL, 0 } });
	buf_fini(&url);
}

void candidates_add_header(struct candidates *c, const struct candidate *from, struct str header)
{
	struct link_value v;
	while (link_next(&header, &v))
		if (link_has_rel(v.rel, STR("alternate")) && !v.anchor.p && page_is_feed_type(v.type))
			candidates_add(c, from, FOUND_HEADER, v.target, v.language);
}

struct candidate *candidates_next(struct candidates *c)
{
	if (c->next == c->count || c->next == CANDIDATES_ASKED_MAX)
		return NULL;
	return &c->at[c->next++];
}

size_t candidates_left(const struct candidates *c)
{
	return c->count - c->next;
}

bool candidates_seen_before(const struct candidates *c, const struct candidate *x, struct str final_url)
{
	for (size_t i = 0; i < c->count && &c->at[i] != x; i++)
		if (str_eq(c->at[i].final_url, final_url))
			return true;
	return false;
}

bool candidates_may_lead_on(const struct candidate *x)
{
	return x->found == FOUND_ASKED || (x->found == FOUND_ANCHOR && x->depth < DEPTH_MAX);
}
