/*
 * hub: what a feed says of its hub: in the Link header of an answer, or else in the document (WebSub section 4); what follows for its polls; when the hub's
 * host may be asked.
 */
#include "daemon/pipe/engine_priv.h"

#include "daemon/base/link_header.h"
#include "daemon/base/retry_after.h"
#include "daemon/base/url.h"
#include "daemon/pipe/rhythm.h"

#define DOUBLINGS_MAX 20 /* beyond it every pause is retry_max */

static int64_t pause_after(const struct engine *x, uint32_t failures)
{
	const struct conf_websub *c = &x->conf->websub;
	uint32_t doublings = failures > 1 ? failures - 1 : 0;
	int64_t pause = doublings < DOUBLINGS_MAX ? c->retry_min << doublings : c->retry_max;

	pause = pause < c->retry_max ? pause : c->retry_max;
	return pause + (int64_t)(x->ports->random(x->ports->random_ctx) % (uint64_t)(pause / 10 + 1));
}

const struct conf_fetch *hub_manners(const struct engine *x, const struct sub *s)
{
	return s->owner && s->owner->conf ? s->owner->conf->fetch : &x->conf->fetch;
}

int64_t hub_pause(const struct engine *x, const struct sub *s, const struct fetch_result *r)
{
	int64_t pause = pause_after(x, s->failures), most = hub_manners(x, s)->retry_after_max;
	int64_t asked = r ? retry_after_ms(r->retry_after, wall(x)) : -1; /* -1: it does not say */

	asked = asked < most ? asked : most;
	return pause > asked ? pause : asked;
}

/* Memory: then it is only a matter of manners. */
static struct host *host_at(struct engine *x, struct str url)
{
	struct err why = { .kind = ERR_NONE };

	return roster_host_at(x, url, &why);
}

static struct host *host_of(struct engine *x, const struct sub *s)
{
	return host_at(x, str_from(s->hub));
}

int64_t hub_rests(struct engine *x, const struct sub *s)
{
	struct host *host = host_of(x, s);
	int64_t until = host ? host_rests_until(x->hosts, host) : INT64_MIN, now = mono(x);

	hosts_drop(x->hosts, &host);
	return until > now ? until - now : 0;
}

void hub_asked(struct engine *x, const struct sub *s)
{
	struct host *host = host_of(x, s);

	if (host)
		host_asked(x->hosts, host, mono(x));
	hosts_drop(x->hosts, &host);
}

static void hold(struct engine *x, struct str url, int64_t ms)
{
	struct host *host = host_at(x, url);

	if (host)
		host_hold(x->hosts, host, mono(x) + ms);
	hosts_drop(x->hosts, &host);
}

/* Who redirects to one that is held would only lead the next subscription there. */
void hub_holds(struct engine *x, struct sub *s, struct str speaker, int64_t ms)
{
	s->held_until = wall(x) + ms;
	hold(x, str_from(s->hub), ms);
	hold(x, speaker, ms);
}

void hubs_hold_again(struct engine *x)
{
	int64_t most = x->conf->fetch.retry_after_max;

	for (size_t i = 0; i < x->websub.count; i++) {
		const struct sub *s = x->websub.at[i];
		int64_t left = s->held_until - wall(x);

		if (left > 0)
			hold(x, str_from(s->hub), left < most ? left : most);
	}
}

struct sub *hub_heir(struct engine *x, const struct sub *s)
{
	struct host *host = s->held_until > wall(x) ? host_of(x, s) : NULL;
	struct sub *heir = NULL;

	for (size_t i = 0; host && !heir && i < x->websub.count; i++) {
		struct sub *other = x->websub.at[i];
		struct host *its = other != s ? host_of(x, other) : NULL;

		heir = its == host ? other : NULL;
		hosts_drop(x->hosts, &its);
	}
	hosts_drop(x->hosts, &host);
	return heir;
}

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
	int64_t held = roster_time_left(&f->state, f->state.hold_until, wall(x));

	wait = wait > held ? wait : held;
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
