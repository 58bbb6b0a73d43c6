/* walk: the way, and where it ends. */
#include "daemon/pipe/walk.h"

#include "daemon/base/hash.h"
#include "daemon/base/url.h"

#include <stdlib.h>
#include <string.h>

static const char *const end_names[] = {
	[WALK_GOES_ON] = "",
	[WALK_CLOSED] = "closed",
	[WALK_LAST] = "last",
	[WALK_LIMIT] = "limit",
	[WALK_LOOP] = "loop",
	[WALK_ELSEWHERE] = "elsewhere",
	[WALK_FAILED] = "failed",
};
_Static_assert(ARRAY_LEN(end_names) == WALK_ENDS, "a name for every end");

const char *walk_end_name(enum walk_end e)
{
	return end_names[e];
}

struct walk *walk_new(void)
{
	struct walk *w = calloc(1, sizeof(*w));

	if (w)
		buf_init(&w->names, WALK_NAMES_MAX);
	return w;
}

void walk_free(struct walk **w)
{
	if (!*w)
		return;
	free((*w)->url);
	buf_fini(&(*w)->names);
	free(*w);
	*w = NULL;
}

struct walk *walk_copy(const struct walk *w)
{
	struct walk *copy = walk_new();

	if (!copy)
		return NULL;
	*copy = *w;
	copy->url = strdup(w->url);
	buf_init(&copy->names, WALK_NAMES_MAX);
	buf_str(&copy->names, buf_view(&w->names));
	if (!copy->url || copy->names.failed)
		walk_free(&copy);
	return copy;
}

void walk_anchor(struct walk *w, struct str names)
{
	struct rd r = { names.p, names.n, false };

	w->anchor_count = 0;
	while (r.n && w->anchor_count < WALK_ANCHORS_MAX)
		w->anchors[w->anchor_count++] = rd_le64(&r);
}

bool walk_is_anchor(const struct walk *w, const struct job_item *item)
{
	for (uint32_t i = 0; i < w->anchor_count; i++)
		for (unsigned k = 0; k < item->alias_count; k++)
			if (item->aliases[k].use != ALIAS_WEAK && item->aliases[k].hash == w->anchors[i])
				return true;
	return false;
}

bool walk_note_part(struct walk *w, const struct job_answer *a, struct err *e)
{
	buf_clear(&w->names);
	for (size_t i = 0; i < a->item_count; i++) {
		const struct job_item *item = &a->items[i];

		buf_le64(&w->names, item->print);
		for (unsigned k = 0; k < item->alias_count; k++)
			buf_le64(&w->names, item->aliases[k].hash);
	}
	return !w->names.failed || err_nomem(e);
}

static uint16_t port_of(const struct url *u)
{
	if (u->port)
		return u->port;
	return str_eq_nocase(u->scheme, STR("https")) ? 443 : 80;
}

bool walk_same_site(struct str url, struct str other)
{
	struct url a, b;

	if (!url_parse(url, &a) || !url_parse(other, &b) || !str_eq_nocase(a.host, b.host))
		return false;
	if (str_eq_nocase(a.scheme, b.scheme))
		return port_of(&a) == port_of(&b);
	return str_eq_nocase(a.scheme, STR("https")) && str_eq_nocase(b.scheme, STR("http")) &&
	       port_of(&a) == 443 && port_of(&b) == 80;
}

/* A fragment does not make another document. */
static uint64_t address_hash(struct str url)
{
	size_t fragment = str_find_byte(url, '#', 0);

	return hash64(fragment == SIZE_MAX ? url : str_of(url.p, fragment), 0);
}

static bool was_visited(const struct walk *w, uint64_t address)
{
	for (uint32_t i = 0; i < w->visited_count; i++)
		if (w->visited[i] == address)
			return true;
	return false;
}

static void visit(struct walk *w, uint64_t address)
{
	if (!was_visited(w, address) && w->visited_count < ARRAY_LEN(w->visited))
		w->visited[w->visited_count++] = address;
}

static enum walk_end judge(struct walk *w, struct str link, const struct walk_site *site)
{
	if (link.n == 0)
		return WALK_LAST;
	if (w->pages >= site->pages_max || w->pages >= WALK_PAGES_MAX)
		return WALK_LIMIT;
	if (link.n > JOB_LINK_MAX || !url_is_http(link))
		return WALK_ELSEWHERE;
	if (!site->anywhere && !walk_same_site(link, str_from(site->feed)) &&
	    !(site->document && walk_same_site(link, str_from(site->document))))
		return WALK_ELSEWHERE;
	visit(w, address_hash(str_from(site->feed)));
	if (site->document)
		visit(w, address_hash(str_from(site->document)));
	return was_visited(w, address_hash(link)) ? WALK_LOOP : WALK_GOES_ON;
}

bool walk_follow(
    struct walk *w, struct str link, const struct walk_site *site, enum walk_end *end, struct err *e)
{
	char *url;

	*end = judge(w, link, site);
	if (*end != WALK_GOES_ON)
		return true;
	url = strndup(link.p, link.n);
	if (!url)
		return err_nomem(e);
	free(w->url);
	w->url = url;
	w->failures = 0;
	buf_fini(&w->names);
	visit(w, address_hash(link));
	return true;
}

static void put_all(const uint64_t *at, uint32_t count, struct buf *out)
{
	buf_le32(out, count);
	for (uint32_t i = 0; i < count; i++)
		buf_le64(out, at[i]);
}

static uint32_t get_all(struct rd *r, uint64_t *at, uint32_t room)
{
	uint32_t count = rd_le32(r);

	if (count > room)
		r->failed = true;
	for (uint32_t i = 0; !r->failed && i < count; i++)
		at[i] = rd_le64(r);
	return r->failed ? 0 : count;
}

void walk_encode(const struct walk *w, struct buf *out)
{
	buf_le64(out, (uint64_t)w->due_at);
	buf_le64(out, (uint64_t)w->gap_at);
	buf_le32(out, w->pages);
	buf_le32(out, w->failures);
	put_all(w->anchors, w->anchor_count, out);
	put_all(w->visited, w->visited_count, out);
	buf_str32(out, str_from(w->url));
}

bool walk_decode(struct rd *r, struct walk **out, struct err *e)
{
	struct walk *w = walk_new();
	struct str url;

	*out = NULL;
	if (!w)
		return err_nomem(e);
	w->due_at = (int64_t)rd_le64(r);
	w->gap_at = (int64_t)rd_le64(r);
	w->pages = rd_le32(r);
	w->failures = rd_le32(r);
	w->anchor_count = get_all(r, w->anchors, WALK_ANCHORS_MAX);
	w->visited_count = get_all(r, w->visited, ARRAY_LEN(w->visited));
	url = rd_str32(r);
	w->url = r->failed ? NULL : strndup(url.p, url.n);
	if (!w->url) {
		bool damaged = r->failed;

		walk_free(&w);
		return damaged ? err_set(e, ERR_PARSE, 0,
		                     "what was remembered of a way through archives is damaged")
		               : err_nomem(e);
	}
	*out = w;
	return true;
}
