/*
 * former: a publisher that moves to another host often takes the links of its items along, and ids that are links. Under those names nothing would be
 * known: so an item that is not, and that is linked to the host that the document came from, is looked for under the link that it would have had where
 * the feed was before.
 */
#include "daemon/pipe/engine_priv.h"

#include "daemon/base/url.h"
#include "daemon/pipe/identity.h"

#include <string.h>

#define FORMER_MAX 3 /* the configured address, the one that was saved, the one that gave the last document */

struct hosts_of { /* of a feed's addresses; host and port, views */
	struct str now;
	struct str former[FORMER_MAX];
	unsigned count;
};

static struct str authority(struct str url)
{
	struct url u;

	if (!url_parse(url, &u) || !u.has_authority || u.host.n == 0 || u.path.n == 0)
		return (struct str){ NULL, 0 };
	return (struct str){ u.host.p, (size_t)(u.path.p - u.host.p) };
}

static void add_former(struct hosts_of *h, const char *address)
{
	struct str host = authority(str_from(address));

	if (host.n && !str_eq_nocase(host, h->now))
		h->former[h->count++] = host;
}

static struct hosts_of hosts_of(const struct poll *p)
{
	const struct feedstate *s = &p->feed->state;
	struct hosts_of h = { .now = authority(str_from(p->url ? p->url : p->feed_conf->url)) };

	if (h.now.n == 0 || p->archive ||
	    (!p->url && !feedtext(s->texts, FEEDTEXT_VALIDATOR_URL) && !s->move))
		return h;
	add_former(&h, p->feed_conf->url);
	add_former(&h, feedtext(s->texts, FEEDTEXT_VALIDATOR_URL));
	add_former(&h, s->move ? s->move->address : NULL);
	return h;
}

static bool is_known(const struct engine *x, const struct job_item *item)
{
	for (unsigned k = 0; k < item->alias_count; k++)
		if (item->aliases[k].use != ALIAS_WEAK && seen_find(x->seen, item->aliases[k].hash))
			return true;
	return false;
}

/* The name by this link on another host, when an item is known by it; else 0. */
static uint64_t known_at(struct engine *x, const struct poll *p, struct str link, struct str host)
{
	struct str here = authority(link);
	uint64_t name;

	buf_reset(&x->scratch);
	buf_str(&x->scratch, STR("http://"));
	buf_str(&x->scratch, host);
	buf_str(&x->scratch, (struct str){ here.p + here.n, (size_t)(link.p + link.n - (here.p + here.n)) });
	name =
	    identity_link(identity_seed(feed_name(p->feed_conf)), buf_view(&x->scratch), &x->window_scratch);
	return name && seen_find(x->seen, name) ? name : 0;
}

/* In the place of the last name, which says no more than what the item says. */
static void name_as_before(
    struct engine *x, const struct poll *p, const struct hosts_of *h, struct job_item *item)
{
	if (item->stub || item->url.n == 0 || is_known(x, item) ||
	    !str_eq_nocase(authority(item->url), h->now))
		return;
	for (unsigned i = 0; i < h->count; i++) {
		uint64_t name = known_at(x, p, item->url, h->former[i]);

		if (!name)
			continue;
		item->aliases[item->alias_count - 1] = (struct job_alias){ name, ALIAS_STRONG };
		return;
	}
}

bool former_names(struct engine *x, struct poll *p, struct job_answer *a, struct err *e)
{
	struct hosts_of h = hosts_of(p);
	struct job_item *items;

	if (h.count == 0 || a->item_count == 0)
		return true;
	items = arena_alloc(p->arena, a->item_count * sizeof(*items));
	if (!items)
		return err_nomem(e);
	memcpy(items, a->items, a->item_count * sizeof(*items));
	for (size_t i = 0; i < a->item_count; i++)
		name_as_before(x, p, &h, &items[i]);
	a->items = items;
	return (!x->scratch.failed && !x->window_scratch.failed) || err_nomem(e);
}
