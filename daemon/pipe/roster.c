/*
 * roster: which feeds there are and when each is due. Built from the configuration and what the state remembers; on a reload feeds are
 * compared by name, and those that stay keep everything.
 */
#include "daemon/pipe/engine_priv.h"

#include "daemon/base/hash.h"
#include "daemon/base/url.h"
#include "daemon/pipe/rhythm.h"

#include <stdlib.h>

static uint64_t url_hash(const struct conf_feed *c)
{
	return hash64(str_from(c->url), 0);
}

struct host *roster_host_at(struct engine *x, struct str url, struct err *e)
{
	struct host *host = NULL;

	buf_reset(&x->scratch);
	if (!url_host_key(url, &x->scratch))
		buf_reset(&x->scratch); /* the fetcher says what is wrong with it */
	return hosts_get(x->hosts, buf_view(&x->scratch), &host, e) ? host : NULL;
}

static struct feed *feed_new(struct engine *x, const struct conf_feed *c, struct err *e)
{
	struct feed *f = calloc(1, sizeof(*f));

	if (!f) {
		err_nomem(e);
		return NULL;
	}
	f->conf = c;
	f->is_new = true;
	f->state.url = url_hash(c);
	f->host = roster_host_at(x, str_from(c->url), e);
	if (f->host)
		return f;
	free(f);
	return NULL;
}

void feed_free(struct engine *x, struct feed **feed)
{
	struct feed *f = *feed;

	*feed = NULL;
	if (!f)
		return;
	heap_remove(&x->due, &f->due);
	host_leave(x->hosts, &f->turn);
	hosts_drop(x->hosts, &f->host);
	hosts_drop(x->hosts, &f->away);
	websub_feed_gone(f);
	feedstate_fini(&f->state);
	free(f);
}

/* Memory: its pages wait in the feed's own queue, which is only a matter of manners. */
static void find_away(struct engine *x, struct feed *f)
{
	struct err why = { .kind = ERR_NONE };

	hosts_drop(x->hosts, &f->away);
	f->turn_is_archive = f->leader ? f->state.walk != NULL : archive_is_next(x, f);
	if (!f->turn_is_archive)
		f->away = led_to(x, f);
	else if (!walk_same_site(str_from(f->state.walk->url), str_from(feed_address(f))))
		f->away = roster_host_at(x, str_from(f->state.walk->url), &why);
	if (f->away == f->host)
		hosts_drop(x->hosts, &f->away);
}

void feed_wait(struct engine *x, struct feed *f, int64_t now)
{
	find_away(x, f);
	f->turn.lane = (uint8_t)lane_of(f);
	host_wait(x->hosts, roster_turn_host(f), &f->turn, now);
}

struct host *roster_turn_host(const struct feed *f)
{
	return f->away ? f->away : f->host;
}

static uint32_t *name_place(const struct roster *r, struct str name)
{
	size_t i = hash64(name, 0) & r->mask;

	while (r->by_name[i] && !str_eq(feed_name(r->feeds[r->by_name[i] - 1]->conf), name))
		i = (i + 1) & r->mask;
	return &r->by_name[i];
}

struct feed *roster_find(const struct engine *x, struct str name)
{
	uint32_t place = x->roster.by_name ? *name_place(&x->roster, name) : 0;

	return place ? x->roster.feeds[place - 1] : NULL;
}

static bool index_names(struct roster *r, struct err *e)
{
	size_t slots = 16;

	while (slots < r->count * 2)
		slots *= 2;
	r->by_name = calloc(slots, sizeof(*r->by_name));
	if (!r->by_name)
		return err_nomem(e);
	r->mask = slots - 1;
	for (uint32_t i = 0; i < r->count; i++)
		*name_place(r, feed_name(r->feeds[i]->conf)) = i + 1;
	return true;
}

void feed_schedule(struct engine *x, struct feed *f, int64_t delay)
{
	if (f->leader && !f->state.walk) {
		heap_remove(&x->due, &f->due);
		return;
	}
	if (f->leader)
		delay = f->state.walk->due_at - wall(x);
	heap_set(&x->due, &f->due, mono(x) + (delay > 0 ? delay : 0));
}

/* A wall clock that jumped must not silence a feed: what is left of a pause is never more than it was when it began. */
int64_t roster_time_left(const struct feedstate *s, int64_t until, int64_t now_wall)
{
	int64_t left = until - now_wall, whole = until - s->polled_at;

	return left < whole ? left : whole;
}

int64_t roster_due_in(struct engine *x, const struct feed *f)
{
	return roster_time_left(&f->state, f->state.due_at, wall(x));
}

/* Feeds that wait for nothing are spread: over their slowest interval, or less when they are few. */
static int64_t first_wait(struct engine *x, const struct feed *f, int64_t crowd, int64_t now_wall)
{
	int64_t wait = roster_time_left(&f->state, f->state.due_at, now_wall), held = twins_held(x, f);
	int64_t gap = x->conf->hosts.start_gap, spread = crowd * gap;
	int64_t slowest = rhythm_slowest(f->conf->fetch);

	wait = wait > held ? wait : held;
	if (wait > 0)
		return archive_wait(x, f, wait);
	if (spread > slowest)
		spread = slowest;
	if (spread <= gap || spread <= 0)
		return 0;
	return (int64_t)(x->ports->random(x->ports->random_ctx) % (uint64_t)spread);
}

static void schedule_new(struct engine *x)
{
	int64_t now_wall = wall(x);
	int64_t crowd = 0;

	for (size_t i = 0; i < x->roster.count; i++)
		crowd += x->roster.feeds[i]->is_new && x->roster.feeds[i]->state.due_at <= now_wall;
	for (size_t i = 0; i < x->roster.count; i++) {
		struct feed *f = x->roster.feeds[i];

		if (!f->is_new)
			continue;
		f->is_new = false;
		hold_restore(x, &f->state, f->host);
		feed_schedule(x, f, first_wait(x, f, crowd, now_wall));
	}
}

/* The validators of another address say nothing about this one; the one that it was found to have moved to is no other. */
static void check_url(struct feed *f)
{
	uint64_t url = url_hash(f->conf);
	bool followed;

	if (f->state.url == url)
		return;
	followed = f->state.move && str_eq(str_from(f->state.move->address), str_from(f->conf->url));
	move_free(&f->state.move);
	if (followed) {
		f->state.url = url;
		return;
	}
	feedstate_forget_validators(&f->state);
	feedstate_forget_resume(&f->state);
	walk_free(&f->state.walk);
	f->state.moved = f->state.window != 0;
	f->state.url = url;
	if (!f->state.holds_host)
		f->state.hold_until = 0;
	f->state.due_at = 0;
}

/* A host that asked to be left alone did not ask only the feed that met it. */
static void take_hold(struct engine *x, struct str blob)
{
	struct err why = { .kind = ERR_NONE };
	struct feedstate s = { .texts = NULL };

	if (feedstate_decode(blob, &s, &why)) {
		hold_restore(x, &s, NULL);
		hold_hand_on(x, &s);
	}
	feedstate_fini(&s);
}

static state_feed_f on_feed_row;
static bool on_feed_row(void *ctx, struct str name, struct str blob)
{
	struct feed *f = roster_find(ctx, name);
	struct err why = { .kind = ERR_NONE };

	if (!f)
		take_hold(ctx, blob);
	if (!f || !f->is_new)
		return true;
	feedstate_fini(&f->state);
	if (!feedstate_decode(blob, &f->state, &why))
		log_warn("feed-state-lost", LOG_STR("feed", name), LOG_CSTR("error", why.text));
	check_url(f);
	if (f->state.move)
		roster_move_host(ctx, f);
	return true;
}

static bool load_states(struct engine *x, struct err *e)
{
	return state_feed_each(x->parts.state, on_feed_row, x, e);
}

static size_t count_enabled(const struct conf *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->feed_count; i++)
		n += c->feeds[i].enabled;
	return n;
}

/* One that left, whose last poll has not ended: it comes back as it is, or two polls of one feed would find the same items new. */
static struct feed *find_leaving(const struct engine *x, const struct conf_feed *c)
{
	struct poll *p;

	for (uint32_t i = 0; (p = slots_each(&x->polls, &i));) {
		if (p->feed->conf || !str_eq(feed_name(p->feed_conf), feed_name(c)))
			continue;
		p->feed->conf = c;
		p->feed->state.hub_sought = p->after.hub_sought = false;
		return p->feed;
	}
	return NULL;
}

/* A roster of the enabled feeds of c; those that are in force already are taken over as they are. On failure there is none. */
static bool gather(struct engine *x, const struct conf *c, struct roster *r, struct err *e)
{
	*r = (struct roster){ .feeds = calloc(count_enabled(c) + 1, sizeof(struct feed *)) };
	if (!r->feeds)
		return err_nomem(e);
	for (size_t i = 0; i < c->feed_count; i++) {
		const struct conf_feed *fc = &c->feeds[i];
		struct feed *f;

		if (!fc->enabled)
			continue;
		f = roster_find(x, feed_name(fc));
		if (!f)
			f = find_leaving(x, fc);
		if (!f)
			f = feed_new(x, fc, e);
		if (!f)
			return false;
		r->feeds[r->count++] = f;
	}
	/* Feeds that leave may be in the heap until they end. */
	return heap_reserve(&x->due, (uint32_t)(r->count + x->roster.count), e) && index_names(r, e);
}

static bool is_in_force(const struct engine *x, const struct feed *f)
{
	return roster_find(x, feed_name(f->conf)) == f;
}

static void leave(struct engine *x, struct feed *f)
{
	f->conf = NULL;
	f->leader = f->twins = NULL;
	if (!f->poll)
		feed_free(x, &f);
}

static void forget_gathered(struct engine *x, struct roster *r)
{
	for (size_t i = 0; i < r->count; i++)
		if (!is_in_force(x, r->feeds[i]))
			leave(x, r->feeds[i]);
	free(r->feeds);
	free(r->by_name);
}

bool roster_load(struct engine *x, struct err *e)
{
	struct roster r;

	if (!gather(x, x->conf, &r, e)) {
		forget_gathered(x, &r);
		return false;
	}
	x->roster = r;
	if (!load_states(x, e))
		return false;
	twins_find(x);
	schedule_new(x);
	return true;
}

void roster_free(struct engine *x)
{
	for (size_t i = 0; i < x->roster.count; i++)
		feed_free(x, &x->roster.feeds[i]);
	free(x->roster.feeds);
	free(x->roster.by_name);
	x->roster = (struct roster){ .feeds = NULL };
}

void roster_move_host(struct engine *x, struct feed *f)
{
	struct err why = { .kind = ERR_NONE };
	struct host *host = roster_host_at(x, str_from(feed_address(f)), &why);
	bool waits = host_turn_waits(&f->turn);

	if (!host)
		return;
	host_leave(x->hosts, &f->turn);
	hosts_drop(x->hosts, &f->host);
	f->host = host;
	if (waits)
		feed_wait(x, f, mono(x));
}

static void adopt(struct engine *x, struct feed *f, const struct conf_feed *c)
{
	const struct conf_fetch *old = f->conf->fetch;

	f->conf = c;
	if (f->state.url != url_hash(c)) {
		check_url(f);
		roster_move_host(x, f);
		if (f->due.ticket)
			feed_schedule(x, f, 0);
	} else if (f->due.ticket) {
		int64_t planned = roster_due_in(x, f), set = heap_due(&x->due, &f->due) - mono(x);
		int64_t left = planned > set ? planned : set; /* what is set may be a page of its archive */
		int64_t then = sooner_than_planned(x, f, old, left);

		if (then < left)
			feed_schedule(x, f, archive_wait(x, f, then));
	}
}

/* Feeds that left lost their subscriptions: those that come back are asked once more whether they name a hub, however long they have not changed. */
static void seek_hubs(struct roster *r)
{
	for (size_t i = 0; i < r->count; i++)
		r->feeds[i]->state.hub_sought = r->feeds[i]->state.hub_sought && !r->feeds[i]->is_new;
}

static void replace_roster(struct engine *x, struct roster *next)
{
	struct roster old = x->roster;

	x->roster = *next;
	x->roster.serial = old.serial + 1;
	for (size_t i = 0; i < old.count; i++)
		if (!is_in_force(x, old.feeds[i]))
			leave(x, old.feeds[i]);
	free(old.feeds);
	free(old.by_name);
}

bool roster_reload(struct engine *x, const struct conf *conf, struct err *e)
{
	struct err why = { .kind = ERR_NONE };
	struct roster next;
	size_t place = 0;

	if (!gather(x, conf, &next, e)) {
		forget_gathered(x, &next);
		return false;
	}
	replace_roster(x, &next);
	for (size_t i = 0; i < conf->feed_count; i++)
		if (conf->feeds[i].enabled)
			adopt(x, next.feeds[place++], &conf->feeds[i]);
	if (!load_states(x, &why)) /* they begin anew; known items stay known */
		log_error("state-read-failed", LOG_CSTR("error", why.text));
	seek_hubs(&x->roster);
	twins_find(x);
	schedule_new(x);
	return true;
}

/* Its publisher asked us to stay away. */
static bool is_held(struct engine *x, const struct feed *f)
{
	return f->state.hold_until > wall(x) || twins_held(x, f) > 0 || host_held_until(f->host) > mono(x) ||
	       hold_ahead(x, f) > 0;
}

const char *roster_poll_soon(struct engine *x, struct str name)
{
	struct feed *f = roster_find(x, name);

	if (!f)
		return "there is no such feed, or it is switched off";
	if (f->leader)
		f = f->leader;
	if (is_held(x, f))
		return "its publisher asked us to wait";
	if (!f->poll && !f->turn.host)
		feed_schedule(x, f, 0);
	return NULL;
}

static void give_up(struct engine *x, struct feed *f)
{
	if (!f->in_round || f->poll)
		return;
	heap_remove(&x->due, &f->due);
	host_leave(x->hosts, &f->turn);
	f->in_round = false;
	x->round_left--;
	x->round_failed++;
}

void roster_start_round(struct engine *x)
{
	x->round = true;
	for (size_t i = 0; i < x->roster.count; i++) {
		struct feed *f = x->roster.feeds[i];

		if (is_held(x, f)) {
			x->round_failed++;
			heap_remove(&x->due, &f->due);
			continue;
		}
		f->in_round = true;
		f->asked = f->failed = false;
		x->round_left++;
		if (!f->poll && !f->turn.host)
			feed_schedule(x, f, 0);
	}
	for (size_t i = 0; i < x->roster.count; i++)
		if (x->roster.feeds[i]->leader && !x->roster.feeds[i]->leader->in_round)
			give_up(x, x->roster.feeds[i]);
}

void roster_give_up_round(struct engine *x)
{
	for (size_t i = 0; x->round && i < x->roster.count; i++)
		give_up(x, x->roster.feeds[i]);
}

void roster_give_up_held(struct engine *x, const struct host *host)
{
	for (size_t i = 0; x->round && i < x->roster.count; i++)
		if (roster_turn_host(x->roster.feeds[i]) == host || hold_ahead(x, x->roster.feeds[i]) > 0)
			give_up(x, x->roster.feeds[i]);
}
