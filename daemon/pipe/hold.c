/*
 * hold: publishers that ask to be left alone. A 429 is the word of a whole host, the one that said it, behind whatever redirect: feeds that were led
 * there last time wait too. Everything else is about one feed. What was asked for is in the feed's state, and that is durable before anything is asked again.
 */
#include "daemon/pipe/engine_priv.h"

#include "daemon/pipe/rhythm.h"

#include <stdlib.h>

static bool failed(const struct poll *p)
{
	return p->reaction != REACT_READ && p->reaction != REACT_KEEP;
}

static void say_bounded(const struct poll *p, int64_t delay)
{
	if (failed(p) && p->retry_after > p->feed_conf->fetch->retry_after_max)
		log_warn("retry-after-bounded", LOG_CSTR("feed", p->feed_conf->name),
		    LOG_MS("asked", p->retry_after), LOG_MS("obeyed", delay));
}

/* Memory: then the host of the feed itself is held, and that is all. */
static struct host *speaker(struct engine *x, const struct poll *p, struct feedstate *s)
{
	struct err why = { .kind = ERR_NONE };
	struct host *host = p->url ? roster_host_at(x, str_from(p->url), &why) : NULL;

	host = host ? host : host_share(p->host);
	if (!feedtext_set(&s->texts, FEEDTEXT_HELD_HOST, host_name(host), &why))
		log_debug("memory-short", LOG_CSTR("error", why.text));
	return host;
}

static void hold_host(struct engine *x, struct poll *p, int64_t delay)
{
	struct host *host = speaker(x, p, &p->after);

	host_hold(x->hosts, host, mono(x) + delay);
	roster_give_up_held(x, host);
	hosts_drop(x->hosts, &host);
}

/* Never less. */
static uint32_t whole_seconds(int64_t ms)
{
	int64_t seconds = ms / 1000 + (ms % 1000 > 0);

	return seconds < UINT32_MAX ? (uint32_t)seconds : UINT32_MAX;
}

/* Of the pause until the next poll, what the publisher asked for; 0: nothing. */
static int64_t held_for(const struct poll *p, int64_t delay)
{
	int64_t asked = p->retry_after, most = p->feed_conf->fetch->retry_after_max;

	if (p->reaction == REACT_HOLD_HOST)
		return delay;
	if (asked <= 0)
		return 0;
	if (failed(p))
		return delay;
	return asked < most ? asked : most;
}

void hold_note(struct engine *x, struct poll *p, int64_t delay)
{
	struct feedstate *s = &p->after;
	bool whole_host = p->reaction == REACT_HOLD_HOST;
	int64_t held = held_for(p, delay);

	p->has_wish = held || p->fresh_for > p->feed_conf->fetch->interval;
	say_bounded(p, delay);
	if (p->archive && !whole_host)
		return;
	if (!p->archive)
		s->fresh = whole_seconds(p->fresh_for);
	feedtext_drop(&s->texts, FEEDTEXT_HELD_HOST);
	s->holds_host = whole_host;
	s->hold_until = held ? p->at + held : 0;
	if (whole_host)
		hold_host(x, p, delay);
}

int64_t hold_wish(struct engine *x, const struct feed *f, int64_t delay)
{
	const struct feedstate *s = &f->state;
	const struct conf_fetch *c = f->conf->fetch;
	int64_t fresh, now = wall(x), until, left, held = roster_time_left(s, s->hold_until, now);
	struct learned l;

	feedstate_learned(s, &l);
	fresh = rhythm_fresh(c, &l.hints, (int64_t)s->fresh * 1000);
	until = s->why == RHYTHM_RETRY_AFTER ? s->due_at : s->polled_at + fresh;
	left = roster_time_left(s, until, now);
	left = left > held ? left : held;
	delay = left > delay ? left : delay;
	if (!c->obey_hints)
		return delay;
	return hints_awake(&l.hints, now + delay, c->interval, x->ports->random(x->ports->random_ctx)) - now;
}

int64_t hold_before(const struct poll *p)
{
	const struct feedstate *before = &p->feed->state;

	if (!p->resumed || before->result != POLL_WAITING || p->at < before->polled_at)
		return 0;
	return p->at - before->polled_at;
}

int64_t hold_ahead(struct engine *x, const struct feed *f)
{
	struct host *host = led_to(x, f);
	int64_t until = host ? host_held_until(host) : INT64_MIN, now = mono(x);

	hosts_drop(x->hosts, &host);
	return until > now ? until - now : 0;
}

void hold_restore(struct engine *x, const struct feedstate *s, struct host *own)
{
	int64_t left = roster_time_left(s, s->hold_until, wall(x));
	struct err why = { .kind = ERR_NONE };
	struct host *host = own ? host_share(own) : NULL;
	struct str held = feedtext_str(s->texts, FEEDTEXT_HELD_HOST);

	if (held.n) {
		hosts_drop(x->hosts, &host);
		if (!hosts_get(x->hosts, held, &host, &why))
			log_warn("hold-forgotten", LOG_CSTR("error", why.text));
	}
	if (host && s->holds_host && left > 0)
		host_hold(x->hosts, host, mono(x) + left);
	hosts_drop(x->hosts, &host);
}

int64_t hold_left(const struct feedstate *s, int64_t now_wall)
{
	return s->holds_host ? 0 : roster_time_left(s, s->hold_until, now_wall);
}

void hold_hand_on(struct engine *x, const struct feedstate *s)
{
	int64_t now = wall(x), left = hold_left(s, now);

	for (size_t i = 0; left > 0 && i < x->roster.count; i++) {
		struct feed *f = x->roster.feeds[i];

		if (f->state.url != s->url || f->state.due_at || f->state.hold_until >= now + left)
			continue;
		f->state.due_at = f->state.hold_until = now + left;
		if (f->is_new || f->poll)
			continue;
		host_leave(x->hosts, &f->turn);
		feed_schedule(x, f, left);
	}
}
