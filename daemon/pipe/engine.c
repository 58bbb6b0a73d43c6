/*
 * engine: the life of a poll, top to bottom: due -> turn at its host -> fetch (poll.c) -> worker -> what is new (absorb.c) -> group (commit.c)
 * -> durable -> remembered (apply.c) -> stores -> deliveries (alerts.c). This file ties the chapters together and owns what they share.
 */
#include "daemon/pipe/engine_priv.h"

#include "daemon/pipe/window.h"

#include <stdlib.h>

#define TWINS_WAIT_MS 1000 /* ms; a worker reads the last answer for another feed still */
#define SCRATCH_MAX WINDOW_MAX /* bytes: the known names of one feed; those of alerts are fewer */

static struct host_limits limits_of(const struct conf *c)
{
	return (struct host_limits){
		.concurrency = { c->hosts.concurrency, c->hosts.slow_concurrency },
		.per_host = c->hosts.per_host,
		.gap = c->hosts.gap,
		.rules = c->hosts.rules,
		.rule_count = c->hosts.rule_count,
		.slow_after = c->hosts.slow_after,
	};
}

static bool roll_forward(struct engine *x, struct err *e)
{
	uint64_t entries;

	/* Somebody took the journal away: what comes now must not look as if it had been applied. */
	journal_skip_to(x->parts.journal, state_applied_lsn(x->parts.state) + 1);
	if (!apply_roll_forward(x, &entries, e))
		return false;
	if (entries)
		log_info("rolled-forward", LOG_INT("entries", entries));
	return apply_load_seen(x, e) && apply_load_cases(x, e) && reviews_load(x, e) && alerts_load(x, e);
}

static bool build(struct engine *x, struct err *e)
{
	struct host_limits limits = limits_of(x->conf);

	buf_init(&x->scratch, SCRATCH_MAX);
	buf_init(&x->window_scratch, 4 * WINDOW_MAX);
	x->window_text = malloc(WINDOW_MAX);
	if (!x->window_text)
		return err_nomem(e);
	return hosts_new(&limits, &x->hosts, e) && seen_new(&x->seen, e) &&
	       cases_new((uint32_t)x->conf->records.case_items, &x->cases, e) &&
	       commits_init(&x->commits, e) && roll_forward(x, e) && roster_load(x, e) && websub_load(x, e);
}

bool engine_new(const struct engine_parts *parts, struct engine **out, struct err *e)
{
	struct engine *x = calloc(1, sizeof(*x));

	if (!x)
		return err_nomem(e);
	x->parts = *parts;
	x->ports = parts->ports;
	x->conf = conf_hold(parts->conf);
	x->started_at = wall(x);
	house_init(x);
	if (!build(x, e)) {
		engine_free(&x);
		return false;
	}
	*out = x;
	return true;
}

void engine_free(struct engine **engine)
{
	struct engine *x = *engine;

	if (!x)
		return;
	*engine = NULL;
	polls_cancel(x);
	websub_free(x);
	commits_fini(x);
	roster_free(x);
	alerts_free(x);
	requests_free(x);
	slots_fini(&x->polls);
	polls_free_spares(x);
	heap_fini(&x->due);
	hosts_free(&x->hosts);
	seen_free(&x->seen);
	cases_free(&x->cases);
	buf_fini(&x->scratch);
	buf_fini(&x->window_scratch);
	free(x->window_text);
	conf_drop(&x->conf);
	free(x);
}

static void queue_due(struct engine *x, int64_t now)
{
	struct heap_node *n;

	while ((n = heap_first(&x->due)) && heap_due(&x->due, n) <= now) {
		struct feed *f = HEAP_OWNER(n, struct feed, due);
		int64_t held = f->leader ? 0 : hold_ahead(x, f);

		heap_remove(&x->due, n);
		if (held > 0)
			feed_schedule(x, f, held);
		else if (twins_are_busy(f))
			feed_schedule(x, f, TWINS_WAIT_MS);
		else
			feed_wait(x, f, now);
	}
}

static void start_turns(struct engine *x, int64_t now)
{
	struct host_turn *turn;

	while ((turn = hosts_next(x->hosts, lanes_open(x), now))) {
		struct feed *f = HEAP_OWNER(turn, struct feed, turn);

		if (!led_goes_on(x, f, now))
			poll_start(x, f);
	}
}

void engine_tick(struct engine *x)
{
	int64_t now = mono(x);

	websub_tick(x);
	if (!x->draining) {
		queue_due(x, now);
		start_turns(x, now);
	}
	house_tick(x, now);
	commit_when_due(x, now);
	requests_tick(x, now);
	alerts_tick(x);
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t polls_next(const struct engine *x, int64_t now)
{
	struct heap_node *n = heap_first(&x->due);
	int64_t due = n ? heap_due(&x->due, n) : INT64_MAX;
	unsigned open = lanes_open(x);

	if (x->draining)
		return INT64_MAX;
	if (open)
		return earlier(due, hosts_wake(x->hosts, open, now));
	/* What else hinders it ends with an answer. */
	return x->commits.pause_until > now ? earlier(due, x->commits.pause_until) : due;
}

/* The next line of a grid that lies in time, so that whatever falls due between two lines waits for the same one. */
static int64_t on_grid(int64_t due, int64_t now, int64_t grid)
{
	int64_t behind = due % grid;

	return due <= now || due == INT64_MAX || behind == 0 ? due : due + (grid - behind);
}

int64_t engine_next(const struct engine *x, int64_t grid)
{
	int64_t now = mono(x);
	int64_t next = earlier(on_grid(polls_next(x, now), now, grid), house_next(x, now));

	next = earlier(next, commit_next(x, now));
	next = earlier(next, requests_next(x, now));
	next = earlier(next, websub_next(x, now));
	return earlier(next, alerts_next(x, now));
}

void engine_on_committed(struct engine *x, const struct err *failure)
{
	if (x->commits.in_flight)
		commit_done(x, failure);
}

bool engine_reload(struct engine *x, struct conf *conf, const struct classifier *classifier, struct err *e)
{
	struct host_limits limits = limits_of(conf);

	if (!roster_reload(x, conf, e))
		return false;
	hosts_limit(x->hosts, &limits); /* before its rules go with the old configuration */
	conf_hold(conf);
	conf_drop(&x->conf);
	x->conf = conf;
	x->parts.conf = conf;
	x->parts.classifier = classifier;
	alerts_reload(x);
	websub_reload(x);
	x->house.space_at = x->house.retain_at = mono(x);
	log_info("reloaded", LOG_INT("feeds", x->roster.count),
	    LOG_INT("topics", cls_topic_count(classifier)), LOG_INT("alerts", conf->alert_count));
	return true;
}

void engine_reopen(struct engine *x)
{
	x->house.reopen_at = mono(x);
}

/* Nothing is lost with a poll that is given up here: it is due again at the next start. */
void engine_drain(struct engine *x)
{
	x->draining = true;
	x->requests.look_at = mono(x);
	polls_cancel(x);
	alerts_drain(x);
	if (!x->commits.in_flight)
		house_settle(x, mono(x));
}

bool engine_idle(const struct engine *x)
{
	return !polls_under_way(x) && !x->commits.in_flight && x->alerts.running == 0;
}

void engine_poll_once(struct engine *x)
{
	roster_start_round(x);
}

bool engine_round_done(const struct engine *x, unsigned *failed)
{
	*failed =
	    x->round_failed +
	    (x->house.state_lags || x->alerts.failing); /* what the state could not take has not succeeded */
	return x->round && x->round_left == 0 && !x->commits.in_flight && x->commits.queued_polls == 0 &&
	       alerts_settled(x);
}
