/*
 * twins: several entries of the configuration with one address, asked as the same. One of them, the leader, is asked for all: one request in its
 * interval, which is the shortest, one set of validators; what comes is read for each under its own name. Its twins are in no queue, except for their
 * archives.
 */
#include "daemon/pipe/engine_priv.h"

#include "daemon/base/hash.h"

#include <stdlib.h>

struct finder { /* leaders by what they ask for; open addressing, at most half full */
	struct place {
		uint64_t request;
		struct feed *leader;
	} * at;
	size_t mask;
};

static bool finder_init(struct finder *t, size_t feeds)
{
	size_t room = 16;

	while (room < feeds * 2)
		room *= 2;
	t->at = calloc(room, sizeof(*t->at));
	t->mask = room - 1;
	return t->at != NULL;
}

static struct place *place_of(struct finder *t, uint64_t request)
{
	size_t i = request & t->mask;

	while (t->at[i].leader && t->at[i].request != request)
		i = (i + 1) & t->mask;
	return &t->at[i];
}

static uint64_t request_of(struct engine *x, const struct conf_feed *c)
{
	buf_reset(&x->scratch);
	conf_feed_request(c, &x->scratch);
	return hash64(buf_view(&x->scratch), 0);
}

static struct place *ask(struct engine *x, struct finder *t, const struct feed *f)
{
	uint64_t request = request_of(x, f->conf);
	struct place *p = place_of(t, request);

	p->request = request;
	return p;
}

static void follow(struct feed *f, struct feed *leader)
{
	f->leader = leader;
	f->twins = leader->twins;
	leader->twins = f;
}

/* One that was asked for others, or by others, until now. */
static void settle(struct engine *x, struct feed *f, bool led)
{
	if (f->is_new || f->poll || (!f->leader && !led))
		return;
	host_leave(x->hosts, &f->turn); /* one that was led may wait there too, for a page of its archive */
	feed_schedule(
	    x, f, f->leader ? 0 : archive_wait(x, f, sooner_than_planned(x, f, NULL, roster_due_in(x, f))));
}

int64_t twins_held(struct engine *x, const struct feed *f)
{
	int64_t held = 0, now = wall(x);

	for (const struct feed *t = f->leader ? NULL : f->twins; t; t = t->twins) {
		int64_t left = hold_left(&t->state, now);

		held = left > held ? left : held;
	}
	return held;
}

/* A feed that leads from now on, and has not heard what its publisher told another. */
static void obey(struct engine *x, struct feed *f)
{
	int64_t held = twins_held(x, f);

	if (f->is_new || f->poll || held <= roster_due_in(x, f))
		return;
	host_leave(x->hosts, &f->turn);
	feed_schedule(x, f, archive_wait(x, f, held));
}

static void find_leaders(struct engine *x, struct finder *t)
{
	for (size_t i = 0; i < x->roster.count; i++) {
		struct feed *f = x->roster.feeds[i];
		struct place *p = ask(x, t, f);

		if (!p->leader || f->conf->fetch->interval < p->leader->conf->fetch->interval)
			p->leader = f;
	}
}

void twins_find(struct engine *x)
{
	struct finder t = { .at = NULL };
	bool found = finder_init(&t, x->roster.count);

	if (found)
		find_leaders(x, &t);
	for (size_t i = 0; i < x->roster.count; i++)
		x->roster.feeds[i]->twins = NULL;
	for (size_t i = 0; i < x->roster.count; i++) {
		struct feed *f = x->roster.feeds[i];
		struct feed *leader = found ? ask(x, &t, f)->leader : f;
		bool led = f->leader != NULL;

		f->leader = NULL;
		if (leader != f)
			follow(f, leader);
		settle(x, f, led);
	}
	for (size_t i = 0; i < x->roster.count; i++)
		if (x->roster.feeds[i]->twins && !x->roster.feeds[i]->leader)
			obey(x, x->roster.feeds[i]);
	free(t.at);
}

static bool same_text(const struct feed *a, const struct feed *b, enum feedtext which)
{
	return str_eq(feedtext_str(a->state.texts, which), feedtext_str(b->state.texts, which));
}

/* The address that the validators belong to. */
static struct str owner(const struct feed *f)
{
	struct str giver = feedtext_str(f->state.texts, FEEDTEXT_VALIDATOR_URL);

	return giver.n ? giver : str_from(f->conf->url);
}

bool twins_agree(const struct feed *f)
{
	for (const struct feed *t = f->leader ? NULL : f->twins; t; t = t->twins)
		if (t->state.body != f->state.body || !same_text(t, f, FEEDTEXT_ETAG) ||
		    !same_text(t, f, FEEDTEXT_LAST_MODIFIED) || !str_eq(owner(t), owner(f)))
			return false;
	return true;
}

bool twins_are_busy(const struct feed *f)
{
	for (const struct feed *t = f->leader ? NULL : f->twins; t; t = t->twins)
		if (t->poll)
			return true;
	return false;
}

struct feed *twins_of(struct engine *x, const struct poll *p)
{
	const struct feed *f = p->feed;
	struct feed *leader = f->leader; /* a reload may have made another one it since it was asked */

	if (p->archive || !f->conf || (!leader && !f->twins))
		return NULL;
	if (p->feed_conf != f->conf && request_of(x, p->feed_conf) != request_of(x, f->conf))
		return NULL;
	if (p->sent_validators && !twins_agree(leader ? leader : f))
		return NULL;
	return leader ? leader : f->twins;
}

bool twins_may_take(struct engine *x, struct feed *f)
{
	if (!f->conf || f->poll)
		return false;
	heap_remove(&x->due, &f->due);
	host_leave(x->hosts, &f->turn);
	hosts_drop(x->hosts, &f->away);
	f->turn_is_archive = false;
	return true;
}

/* The leader's own poll has been planned already, unless a worker reads it still. */
int64_t twins_delay(const struct poll *p)
{
	const struct feed *leader = p->feed->leader;
	const struct feedstate *s = leader->poll ? &leader->poll->after : &leader->state;
	int64_t left = s->due_at - p->at;

	return left > 0 ? left : leader->conf->fetch->interval;
}
