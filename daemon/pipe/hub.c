/* hub: what a feed says of its hub: in the Link header of an answer, or else in the document (WebSub section 4); what follows for its polls. */
#include "daemon/pipe/engine_priv.h"

#include "daemon/base/link_header.h"
#include "daemon/base/url.h"
#include "daemon/pipe/rhythm.h"

bool websub_seeks_hub(const struct engine *x, const struct feed *f)
{
	return websub_is_wanted(x->conf, f->conf) && !f->state.hub_sought;
}

bool websub_is_alive(const struct engine *x, const struct feed *f)
{
	return f->sub && f->sub->phase == SUB_WANTED && f->sub->lease_until > wall(x);
}

int64_t websub_pause(const struct engine *x, const struct poll *p, int64_t delay)
{
	int64_t pause = p->feed_conf->fetch->websub_interval;
	int64_t spread = pause / 100 * p->conf->hosts.jitter_percent;

	if (delay >= pause || !websub_is_alive(x, p->feed))
		return delay;
	pause += spread > 0 ? (int64_t)(x->ports->random(x->ports->random_ctx) % (uint64_t)spread) : 0;
	pause -= spread / 2;
	return pause > delay ? pause : delay;
}

static void poll_within(struct engine *x, struct feed *f, int64_t wait)
{
	if (f->due.ticket && heap_due(&x->due, &f->due) > mono(x) + wait)
		feed_schedule(x, f, wait);
}

void websub_poll_soon(struct engine *x, struct feed *f)
{
	if (f && f->conf)
		poll_within(x, f, f->conf->fetch->interval);
}

/* Spread, as those are that wait for nothing at a start. */
static int64_t part_of(struct engine *x, int64_t interval)
{
	return interval > 0 ? (int64_t)(x->ports->random(x->ports->random_ctx) % (uint64_t)interval) : 0;
}

void websub_catch_up(struct engine *x)
{
	for (size_t i = 0; i < x->websub.count; i++) {
		struct feed *f = roster_find(x, str_from(x->websub.at[i]->feed));

		if (f && !f->sub)
			f->state.hub_sought = false;
	}
	for (size_t i = 0; i < x->roster.count; i++) {
		struct feed *f = x->roster.feeds[i];

		if (f->state.why != RHYTHM_PUSHED || websub_is_alive(x, f))
			continue;
		f->state.hub_sought = f->state.hub_sought && f->sub;
		poll_within(x, f, part_of(x, f->conf->fetch->interval));
	}
}

static bool keep_link(char **field, struct str target, struct str base, struct err *e)
{
	struct buf url;
	bool ok;

	if (*field) /* the first one counts */
		return true;
	buf_init(&url, URL_MAX * 8);
	url_resolve(base, target, &url);
	ok = !url.failed || err_nomem(e);
	ok = ok && feedstate_set(field, url.n <= URL_MAX ? buf_view(&url) : (struct str){ NULL, 0 }, e);
	buf_fini(&url);
	return ok;
}

bool websub_note_header(struct poll *p, const struct fetch_result *r, struct err *e)
{
	struct str rest = r->link;
	struct link_value v;

	while (p->feed_conf->fetch->websub && !p->archive && link_next(&rest, &v)) {
		if (v.anchor.p)
			continue;
		if (link_has_rel(v.rel, STR("hub")) && !keep_link(&p->hub, v.target, r->final_url, e))
			return false;
		if (link_has_rel(v.rel, STR("self")) && !keep_link(&p->self, v.target, r->final_url, e))
			return false;
	}
	return true;
}

static bool may_be_asked(struct str text)
{
	struct url url;

	return text.n <= URL_MAX && url_is_http(text) && url_parse(text, &url) && !url.user.p;
}

static bool is_https(struct str text)
{
	struct url url;

	return url_parse(text, &url) && str_eq_nocase(url.scheme, STR("https"));
}

/* Whoever reads the secret can sign what he likes: a feed that nobody could change under way is not entrusted to a hub that is asked in the open. */
static bool would_weaken(const struct feed *f, struct str address, struct str hub)
{
	if (is_https(hub) || !is_https(address))
		return false;
	log_info("websub-insecure", LOG_CSTR("feed", f->conf->name), LOG_STR("hub", hub));
	return true;
}

void websub_note(struct engine *x, struct poll *p, struct str hub, struct str self)
{
	struct feed *f = p->feed;
	struct sub *s = f->sub;
	struct str address; /* that answered */

	if (!f->conf || !websub_is_wanted(x->conf, f->conf))
		return;
	address = str_from(p->url ? p->url : f->conf->url);
	p->after.hub_sought = true;
	if (p->hub) { /* what the header says goes before the document, as a pair */
		hub = str_from(p->hub);
		self = str_from(p->self);
	}
	if (!may_be_asked(self))
		self = address;
	if (!may_be_asked(hub) || would_weaken(f, address, hub))
		hub = (struct str){ NULL, 0 };
	if (s && str_eq(str_from(s->hub), hub) && str_eq(str_from(s->topic), self))
		return;
	if (s)
		websub_leave(x, s,
		    hub.n > 0 ? "the feed names another hub or topic"
		              : "the feed names no hub that may be asked");
	if (hub.n > 0)
		websub_begin(x, f, hub, self);
}
