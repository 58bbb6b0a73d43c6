/*
 * websub: which subscriptions there are, and asking hubs for them: found in a document -> asked for -> verified (callback.c) -> renewed before its
 * lease ends. Every change is in the state before anything follows from it. Without a living subscription a feed is polled as ever.
 */
#include "daemon/pipe/delivery_priv.h"
#include "daemon/pipe/engine_priv.h"

#include "daemon/base/form.h"
#include "daemon/base/hash.h"
#include "daemon/base/url.h"

#include <stdio.h>
#include <stdlib.h>

#define SUBS_MAX 20000u /* subscriptions; a hub that had more of us would be a service of its own */
#define FLYING_MAX 4u /* requests to hubs at the same time */
#define LEAVE_TRIES 3u /* to end one at its hub; what is pushed then is answered with 404 */
#define FORM_MAX (64u << 10) /* bytes of a request: two addresses, each byte three */
#define ROW_MAX (32u << 10) /* bytes of one in the state */
#define RENEW_PERCENT 80 /* of a lease, when it is renewed; up to RENEW_SPREAD more by chance */
#define RENEW_SPREAD 10

static bool is_on(const struct conf *c)
{
	return c->http.listen && c->websub.public_url;
}

bool websub_is_wanted(const struct conf *c, const struct conf_feed *f)
{
	return is_on(c) && f && f->fetch->websub;
}

static uint64_t base_of(const struct conf *c)
{
	return hash64(str_from(c->websub.public_url), 0);
}

static alerts_change_f put_row;
static bool put_row(struct engine *x, void *ctx, struct err *e)
{
	const struct sub *s = ctx;
	struct buf row;
	bool ok;

	buf_init(&row, ROW_MAX);
	sub_encode(s, &row);
	ok = !row.failed || err_nomem(e);
	ok = ok && state_numbered_put(x->parts.state, STATE_SUBSCRIPTIONS, s->number, buf_view(&row), e);
	buf_fini(&row);
	return ok;
}

static alerts_change_f delete_row;
static bool delete_row(struct engine *x, void *ctx, struct err *e)
{
	const struct sub *s = ctx;

	return state_numbered_delete(x->parts.state, STATE_SUBSCRIPTIONS, s->number, s->number + 1, e);
}

/* What the state does not take is said there; a restart begins with what it has. */
static void keep(struct engine *x, struct sub *s)
{
	(void)alerts_change(x, put_row, s);
	x->websub.look_at = INT64_MIN;
}

static bool list_in(struct websub *w, struct sub *s)
{
	if (w->count == w->room) {
		size_t room = w->room ? w->room * 2 : 16;
		struct sub **at =
		    room <= 2 * SUBS_MAX ? reallocarray(w->at, room, sizeof(struct sub *)) : NULL;

		if (!at)
			return false;
		w->at = at;
		w->room = room;
	}
	w->at[w->count++] = s;
	w->last_number = s->number > w->last_number ? s->number : w->last_number;
	return true;
}

static state_numbered_f on_row;
static bool on_row(void *ctx, uint64_t number, struct str blob)
{
	struct engine *x = ctx;
	struct err why = { .kind = ERR_NONE };
	struct sub *s = sub_decode(number, blob, &why);

	if (s && !list_in(&x->websub, s))
		sub_free(&s);
	if (why.kind != ERR_NONE)
		log_warn("subscription-lost", LOG_CSTR("error", why.text));
	return true;
}

bool websub_load(struct engine *x, struct err *e)
{
	if (!state_numbered_each(x->parts.state, STATE_SUBSCRIPTIONS, 0, 2 * SUBS_MAX, on_row, x, e))
		return false;
	hubs_hold_again(x);
	websub_reload(x);
	websub_catch_up(x);
	return true;
}

static void cancel(struct engine *x, struct sub *s)
{
	if (s->flying)
		x->ports->fetcher.cancel(x->ports->fetcher.ctx, WEBSUB_REQUEST | s->number);
	x->websub.flying -= s->flying;
	s->flying = false;
}

static void unlink_owner(struct sub *s)
{
	if (s->owner && s->owner->sub == s)
		s->owner->sub = NULL;
	s->owner = NULL;
}

void websub_free(struct engine *x)
{
	struct websub *w = &x->websub;

	for (size_t i = 0; i < w->count; i++) {
		cancel(x, w->at[i]);
		unlink_owner(w->at[i]);
		sub_free(&w->at[i]);
	}
	free(w->at);
	*w = (struct websub){ .at = NULL };
}

void websub_feed_gone(struct feed *f)
{
	if (f->sub)
		f->sub->owner = NULL;
	f->sub = NULL;
}

static void forget_waiting(struct engine *x, struct sub *s)
{
	if (s->waiting && x->ports->callbacks.answer)
		x->ports->callbacks.answer(x->ports->callbacks.ctx, s->waiting, 503);
	x->websub.waiting -= s->waiting != 0;
	s->waiting = 0;
	buf_fini(&s->body);
}

void websub_drop(struct engine *x, struct sub *s)
{
	struct websub *w = &x->websub;
	struct sub *heir = hub_heir(x, s);

	if (heir && heir->held_until < s->held_until) {
		heir->held_until = s->held_until;
		keep(x, heir);
	}
	(void)alerts_change(x, delete_row, s);
	cancel(x, s);
	forget_waiting(x, s);
	unlink_owner(s);
	for (size_t i = 0; i < w->count; i++)
		if (w->at[i] == s) {
			w->at[i] = w->at[--w->count];
			break;
		}
	sub_free(&s);
}

void websub_leave(struct engine *x, struct sub *s, const char *why)
{
	log_info(
	    "websub-leaving", LOG_CSTR("feed", s->feed), LOG_CSTR("hub", s->hub), LOG_CSTR("reason", why));
	websub_poll_soon(x, s->owner);
	forget_waiting(x, s);
	unlink_owner(s);
	cancel(x, s);
	/* What no hub knows of, or can be asked about any more, needs no farewell. */
	if (!is_on(x->conf) || (s->lease_until == 0 && !s->asked)) {
		websub_drop(x, s);
		return;
	}
	s->phase = SUB_LEAVING;
	s->asked = false;
	s->failures = 0;
	s->next_at = wall(x);
	keep(x, s);
}

static bool make_secrets(struct engine *x, struct sub *s)
{
	uint8_t bytes[(SUB_TOKEN_LEN + SUB_SECRET_LEN) / 2];

	if (!x->ports->entropy(x->ports->random_ctx, bytes, sizeof(bytes)))
		return false;
	hex_encode(bytes, SUB_TOKEN_LEN / 2, s->token);
	hex_encode(bytes + SUB_TOKEN_LEN / 2, SUB_SECRET_LEN / 2, s->secret);
	return true;
}

/* Without memory or chance the next document begins again. */
void websub_begin(struct engine *x, struct feed *f, struct str hub, struct str topic)
{
	struct sub *s = x->websub.count < SUBS_MAX ? sub_new(feed_name(f->conf), hub, topic) : NULL;

	if (!s)
		return;
	s->number = x->websub.last_number + 1;
	s->base = base_of(x->conf);
	s->next_at = wall(x);
	if (!make_secrets(x, s) || !list_in(&x->websub, s)) {
		sub_free(&s);
		return;
	}
	s->owner = f;
	f->sub = s;
	log_info(
	    "websub-found", LOG_CSTR("feed", s->feed), LOG_CSTR("hub", s->hub), LOG_CSTR("topic", s->topic));
	keep(x, s);
}

static void fail(struct engine *x, struct sub *s, const char *why, const struct fetch_result *r)
{
	int64_t pause;

	s->asked = false;
	s->failures++;
	pause = hub_pause(x, s, r);
	s->next_at = wall(x) + pause;
	if (r && r->status == 429)
		hub_holds(x, s, r->final_url, pause);
	log_warn("websub-failed", LOG_CSTR("feed", s->feed), LOG_CSTR("hub", s->hub),
	    LOG_INT("failures", s->failures), LOG_CSTR("error", why));
	if (s->phase == SUB_LEAVING && s->failures >= LEAVE_TRIES)
		websub_drop(x, s);
	else
		keep(x, s);
}

void websub_alive(struct engine *x, struct sub *s, int64_t lease)
{
	int64_t spread = lease / 100 * RENEW_SPREAD;
	int64_t by_chance =
	    spread > 0 ? (int64_t)(x->ports->random(x->ports->random_ctx) % (uint64_t)spread) : 0;
	int64_t renew_in = lease / 100 * RENEW_PERCENT + by_chance;
	int64_t soonest = x->conf->websub.retry_min; /* one that grants next to nothing is asked no sooner */

	s->asked = false;
	s->failures = 0;
	s->lease_until = wall(x) + lease;
	s->next_at = wall(x) + (renew_in > soonest ? renew_in : soonest);
	log_info("websub-alive", LOG_CSTR("feed", s->feed), LOG_CSTR("hub", s->hub), LOG_MS("lease", lease));
	keep(x, s);
}

void websub_denied(struct engine *x, struct sub *s)
{
	s->phase = SUB_DENIED;
	s->asked = false;
	s->lease_until = 0;
	s->failures++;
	s->next_at = wall(x) + x->conf->websub.retry_max;
	websub_poll_soon(x, s->owner);
	keep(x, s);
}

static void write_form(const struct engine *x, const struct sub *s, struct buf *form)
{
	const char *base = x->conf->websub.public_url;
	bool slash = str_ends(str_from(base), STR("/"));
	char lease[24];
	struct buf callback;

	buf_init(&callback, 2 * URL_MAX);
	buf_fmt(&callback, "%s%swebsub/%.*s", base, slash ? "" : "/", SUB_TOKEN_LEN, s->token);
	form_add(form, "hub.callback", buf_view(&callback));
	form_add(form, "hub.mode", s->phase == SUB_LEAVING ? STR("unsubscribe") : STR("subscribe"));
	form_add(form, "hub.topic", str_from(s->topic));
	if (s->phase != SUB_LEAVING) {
		snprintf(lease, sizeof(lease), "%lld", (long long)((x->conf->websub.lease + 999) / 1000));
		form_add(form, "hub.lease_seconds", str_from(lease));
		form_add(form, "hub.secret", str_of(s->secret, sizeof(s->secret)));
	}
	buf_byte(form, '\0');
	form->failed = form->failed || callback.failed;
	buf_fini(&callback);
}

static bool send_form(struct engine *x, const struct sub *s, const char *form, struct err *e)
{
	const struct conf_fetch *c = hub_manners(x, s);
	struct fetch_request req = {
		.url = s->hub,
		.post = form,
		.user_agent = x->conf->user_agent,
		.ca_file = c->ca_file,
		.timeout_ms = c->timeout,
		.connect_timeout_ms = c->connect_timeout,
		.body_max = FORM_MAX,
		.redirects_max = (unsigned)c->redirects_max,
		.allow = c->allow_networks,
		.allow_count = c->allow_networks_count,
	};

	go_by_proxy(x, c, &req);
	return x->ports->fetcher.start(x->ports->fetcher.ctx, WEBSUB_REQUEST | s->number, &req, e);
}

static void ask(struct engine *x, struct sub *s)
{
	struct err e = { .kind = ERR_NONE };
	struct buf form;
	bool ok;

	if (s->phase == SUB_DENIED)
		s->phase = SUB_WANTED;
	buf_init(&form, FORM_MAX);
	write_form(x, s, &form);
	ok = !form.failed || err_nomem(&e);
	ok = ok && send_form(x, s, form.p, &e);
	buf_fini(&form);
	if (!ok) {
		fail(x, s, e.text, NULL);
		return;
	}
	hub_asked(x, s);
	s->flying = s->asked = true;
	x->websub.flying++;
	s->next_at = wall(x) + x->conf->websub.verify_for;
	keep(x, s); /* the hub may ask back before it has answered, and after we have been killed */
}

static struct sub *find_number(const struct engine *x, uint64_t number)
{
	for (size_t i = 0; i < x->websub.count; i++)
		if (x->websub.at[i]->number == number)
			return x->websub.at[i];
	return NULL;
}

void websub_on_fetched(struct engine *x, uint64_t id, const struct fetch_result *r)
{
	struct sub *s = find_number(x, id & ~WEBSUB_REQUEST);
	char why[40];

	if (!s || !s->flying)
		return;
	s->flying = false;
	x->websub.flying--;
	x->websub.look_at = INT64_MIN;
	led_asked(x, r, NULL, mono(x) - r->elapsed_ms);
	if (!s->asked) { /* verified already: nothing else that it says now matters */
		if (r->error.kind == ERR_NONE && r->status == 429) {
			hub_holds(x, s, r->final_url, hub_pause(x, s, r));
			keep(x, s);
		}
		return;
	}
	snprintf(why, sizeof(why), "the hub answers with status %d", r->status);
	if (r->error.kind != ERR_NONE)
		fail(x, s, r->error.text, NULL);
	else if (r->status / 100 != 2)
		fail(x, s, why, r);
}

void websub_reload(struct engine *x)
{
	struct websub *w = &x->websub;

	for (size_t i = w->count; i-- > 0;) {
		struct sub *s = w->at[i];
		struct feed *f = roster_find(x, str_from(s->feed));

		if (s->phase == SUB_LEAVING)
			continue;
		unlink_owner(s);
		s->owner = f;
		if (!f || !websub_is_wanted(x->conf, f->conf)) {
			if (f) /* switched on again, it is looked for again */
				f->state.hub_sought = false;
			websub_leave(x, s, f ? "it is switched off" : "the feed is gone");
			continue;
		}
		f->sub = s;
		if (s->base == base_of(x->conf))
			continue;
		s->base = base_of(x->conf); /* the hub does not know where we are now */
		s->lease_until = 0;
		s->asked = false;
		s->next_at = wall(x);
		websub_poll_soon(x, f);
		keep(x, s);
	}
	w->look_at = INT64_MIN;
}

static void tick_one(struct engine *x, struct sub *s, int64_t now)
{
	int64_t rests;

	if (s->lease_until && s->lease_until <= now) {
		log_warn("websub-expired", LOG_CSTR("feed", s->feed), LOG_CSTR("hub", s->hub));
		s->lease_until = 0;
		websub_poll_soon(x, s->owner);
		keep(x, s);
	}
	if (s->next_at > now || s->flying)
		return;
	if (s->asked)
		fail(x, s, "the hub has not asked back in time", NULL);
	else if (x->websub.flying < FLYING_MAX && (rests = hub_rests(x, s)) > 0)
		s->next_at = now + rests;
	else if (x->websub.flying < FLYING_MAX)
		ask(x, s);
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static void begin_waiting(struct engine *x, struct sub *s)
{
	struct fetch_result r = { .body = &s->body, .final_url = str_from(s->topic) };
	uint64_t ticket = s->waiting;

	if (!ticket || !s->owner || s->owner->poll || !(lanes_open(x) & 1u << lane_of_push(s->owner)))
		return;
	r.content_type = buf_view(&s->content_type);
	if (!push_start(x, s->owner, &r, ticket)) {
		forget_waiting(x, s);
		return;
	}
	s->waiting = 0;
	x->websub.waiting--;
	buf_fini(&s->body);
}

void websub_tick(struct engine *x)
{
	struct websub *w = &x->websub;
	int64_t now = wall(x);

	for (size_t i = w->waiting ? w->count : 0; i-- > 0;)
		begin_waiting(x, w->at[i]);
	if (w->look_at > now || x->draining || x->round)
		return;
	for (size_t i = w->count; i-- > 0;)
		tick_one(x, w->at[i], now);
	w->look_at = INT64_MAX;
	for (size_t i = 0; i < w->count; i++) {
		const struct sub *s = w->at[i];

		if (!s->flying && (s->next_at > now || w->flying < FLYING_MAX))
			w->look_at = earlier(w->look_at, s->next_at);
		if (s->lease_until)
			w->look_at = earlier(w->look_at, s->lease_until);
	}
}

int64_t websub_next(const struct engine *x, int64_t now)
{
	const struct websub *w = &x->websub;
	int64_t wait = w->look_at == INT64_MIN ? 0 : w->look_at - wall(x);

	if (w->look_at == INT64_MAX || x->draining || x->round)
		return INT64_MAX;
	return now + (wait > 0 ? wait : 0);
}

void websub_status(const struct engine *x, struct engine_status *out)
{
	out->subscriptions = x->websub.count;
	for (size_t i = 0; i < x->websub.count; i++)
		out->subscriptions_alive +=
		    x->websub.at[i]->phase == SUB_WANTED && x->websub.at[i]->lease_until > wall(x);
	out->pushes = x->websub.pushes;
	out->pushes_refused = x->websub.refused;
}
