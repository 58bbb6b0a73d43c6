/* status: what is told of the engine: counts, and one JSON document that `gazettectl status` and the status page read. */
#include "daemon/pipe/status.h"
#include "daemon/pipe/engine_priv.h"

#include "daemon/base/date.h"
#include "daemon/pipe/rhythm.h"

#include <stdio.h>

#ifndef GAZETTED_VERSION
#define GAZETTED_VERSION "unknown"
#endif

#define SLOW_TURN_US 10000u
#define COUNTED_AT_ONCE 10000u /* feeds: a millisecond or two */

enum feed_health { HEALTH_WAITING, HEALTH_OK, HEALTH_FAILING, HEALTH_BLOCKED };
static const char *const health_names[] = { "waiting", "ok", "failing", "blocked" };

static enum feed_health health_of(const struct feed *f)
{
	if (f->state.polled_at == 0)
		return HEALTH_WAITING;
	if (f->state.failures == 0)
		return HEALTH_OK;
	return f->state.result == POLL_BLOCKED ? HEALTH_BLOCKED : HEALTH_FAILING;
}

static bool is_mistrusted(const struct feed *f, int64_t now)
{
	struct learned l;

	if (!f->state.mistrusted)
		return false;
	feedstate_learned(&f->state, &l);
	return trust_is_lost(&l.trust, f->conf->fetch, now);
}

/* From this one on, so many; returns where to go on. */
static size_t count_feeds(const struct engine *x, size_t from, size_t most, struct engine_status *out)
{
	uint64_t *counts[] = { &out->feeds_waiting, &out->feeds_ok, &out->feeds_failing,
		&out->feeds_failing };
	size_t end = x->roster.count - from > most ? from + most : x->roster.count;

	for (size_t i = from; i < end; i++) {
		const struct feed *f = x->roster.feeds[i];

		++*counts[health_of(f)];
		out->feeds_moved += feed_address(f) != f->conf->url;
		out->feeds_mistrusted += is_mistrusted(f, wall(x));
	}
	return end;
}

/* All but what is counted feed by feed. */
static void tell(const struct engine *x, struct engine_status *out)
{
	*out = (struct engine_status){
		.feeds = x->roster.count,
		.polls = x->polled,
		.polls_unchanged = x->unchanged,
		.polls_failed = x->failed,
		.items = x->items,
		.items_new = x->items_new,
		.revised = x->revised,
		.withdrawn = x->withdrawn,
		.held = x->held,
		.matches = x->matches,
		.delay_p50 = (uint64_t)delays_percentile(&x->delays, 50),
		.delay_p95 = (uint64_t)delays_percentile(&x->delays, 95),
		.fetching = x->fetching,
		.parsing = lanes_parsing(x),
		.next_lsn = journal_next_lsn(x->parts.journal),
		.record_seq = x->commits.chains.items.seq,
		.requests_done = x->requests.done,
		.requests_refused = x->requests.refused,
		.queued_polls = x->commits.queued_polls,
		.queued_bytes = x->commits.queued_bytes,
		.aliases = seen_count(x->seen),
		.case_items = cases_count(x->cases),
		.files_expired = x->house.expired,
		.files_sacrificed = x->house.sacrificed,
		.journal_lost = journal_lost(x->parts.journal),
		.loop = x->loop,
		.degraded = x->house.store_lags || x->house.state_lags || x->house.no_space ||
		            x->house.checkpoint_failed || x->house.commit_failed,
	};
	alerts_status(x, out);
	websub_status(x, out);
	if (out->degraded)
		snprintf(out->trouble, sizeof(out->trouble), "%s", house_trouble(x));
}

void engine_status(const struct engine *x, struct engine_status *out)
{
	tell(x, out);
	(void)count_feeds(x, 0, SIZE_MAX, out);
}

static void write_time(struct json *w, const char *key, int64_t ms)
{
	char text[DATE_TEXT_MAX];

	if (ms > 0)
		json_key_string(w, key, str_of(text, date_format_ms(ms, text)));
}

static void write_count(struct json *w, const char *key, uint64_t n)
{
	json_key(w, key);
	json_u64(w, n);
}

static void write_flag(struct json *w, const char *key, bool flag)
{
	if (!flag)
		return;
	json_key(w, key);
	json_bool(w, true);
}

/* When it is due and why, what was learned of it, and what that costs and brings. */
static void write_rhythm(struct json *w, const struct feed *f, const struct learned *l)
{
	const struct feedstate *s = &f->state;
	char hours[PACE_HOURS + 1], days[PACE_DAYS + 1];

	if (s->polled_at) {
		json_key_int(w, "pause_ms", s->due_at - s->polled_at);
		json_key_string(w, "why", str_from(rhythm_why_name((enum rhythm_why)s->why)));
	}
	write_count(w, "requests", l->tally.requests);
	write_count(w, "news", l->tally.news);
	if (l->tally.news)
		json_key_int(w, "delay_ms", tally_mean(&l->tally));
	if (!f->conf->fetch->adaptive || l->pace.watched <= 0)
		return;
	pace_shape(l->pace.hours, PACE_HOURS, hours);
	pace_shape(l->pace.days, PACE_DAYS, days);
	json_key_int(w, "news_per_week", pace_weekly(&l->pace));
	json_key_string(w, "hours", str_from(hours));
	json_key_string(w, "days", str_from(days));
}

static void write_feed(struct json *w, const struct engine *x, const struct feed *f)
{
	const struct feedstate *s = &f->state;
	struct learned l;

	feedstate_learned(s, &l);
	json_open_object(w);
	json_key_string(w, "name", str_from(f->conf->name));
	json_key_string(w, "url", str_from(f->conf->url));
	json_key_string_opt(w, "title", str_from(f->conf->title));
	json_key_string_opt(w, "agency", str_from(f->conf->agency));
	json_key_string(w, "health", str_from(health_names[health_of(f)]));
	if (f->leader)
		json_key_string(w, "asked_by", str_from(f->leader->conf->name));
	if (s->move) {
		json_key_string_opt(w, "address", str_from(s->move->address));
		write_time(w, "moved_at", s->move->saved_at);
		json_key_string_opt(w, "redirects_to", str_from(s->move->candidate));
	}
	if (is_mistrusted(f, wall(x)))
		write_time(w, "mistrusted_until", l.trust.mistrusted_until);
	write_time(w, "last_poll", s->polled_at);
	write_time(w, "last_success", s->success_at);
	write_time(w, "failing_since", s->failing_since);
	write_count(w, "last_status", s->status);
	if (s->polled_at)
		json_key_string(w, "last_result", str_from(poll_result_name((enum poll_result)s->result)));
	json_key_string_opt(w, "error", feedtext_str(s->texts, FEEDTEXT_ERROR));
	write_flag(w, "down", s->down);
	write_flag(w, "silent", s->silent);
	write_time(w, "last_news", l.quiet.news_at);
	write_count(w, "failures", s->failures);
	write_count(w, "items", s->items);
	if (l.repairs) {
		write_count(w, "repaired", l.repairs);
		write_time(w, "repaired_at", l.repaired_at);
		json_key_string_opt(w, "repair", feedtext_str(s->texts, FEEDTEXT_REPAIR));
	}
	json_key_int(w, "interval_ms", f->conf->fetch->interval);
	write_rhythm(w, f, &l);
	if (f->due.ticket)
		write_time(w, "next_due", wall(x) + (heap_due(&x->due, &f->due) - mono(x)));
	write_time(w, "held_until", s->hold_until);
	json_key(w, "polling");
	json_bool(w, f->poll != NULL);
	json_close_object(w);
}

static void write_counts(struct json *w, const struct engine_status *s)
{
	const struct {
		const char *name;
		uint64_t n;
	} counts[] = {
		{ "feeds", s->feeds },
		{ "feeds_ok", s->feeds_ok },
		{ "feeds_failing", s->feeds_failing },
		{ "feeds_waiting", s->feeds_waiting },
		{ "feeds_moved", s->feeds_moved },
		{ "feeds_mistrusted", s->feeds_mistrusted },
		{ "polls", s->polls },
		{ "polls_unchanged", s->polls_unchanged },
		{ "polls_failed", s->polls_failed },
		{ "items", s->items },
		{ "items_new", s->items_new },
		{ "items_revised", s->revised },
		{ "items_withdrawn", s->withdrawn },
		{ "revisions_held", s->held },
		{ "matches", s->matches },
		{ "deliveries_pending", s->deliveries_pending },
		{ "deliveries_dead", s->deliveries_dead },
		{ "deliveries_done", s->deliveries_done },
		{ "deliveries_gathered", s->deliveries_gathered },
		{ "deliveries_held", s->deliveries_held },
		{ "deliveries_rejected", s->deliveries_rejected },
		{ "bursts", s->bursts },
		{ "requests_done", s->requests_done },
		{ "requests_refused", s->requests_refused },
		{ "subscriptions", s->subscriptions },
		{ "subscriptions_alive", s->subscriptions_alive },
		{ "pushes", s->pushes },
		{ "pushes_refused", s->pushes_refused },
		{ "delay_p50_ms", s->delay_p50 },
		{ "delay_p95_ms", s->delay_p95 },
		{ "fetching", s->fetching },
		{ "parsing", s->parsing },
		{ "hooks_running", s->hooks_running },
		{ "queued_polls", s->queued_polls },
		{ "queued_bytes", s->queued_bytes },
		{ "aliases", s->aliases },
		{ "case_items", s->case_items },
		{ "next_lsn", s->next_lsn },
		{ "record_seq", s->record_seq },
		{ "files_expired", s->files_expired },
		{ "files_sacrificed", s->files_sacrificed },
		{ "journal_lost", s->journal_lost },
		{ "loop_turns", s->loop.turns },
		{ "loop_busy_us", s->loop.busy_us },
		{ "loop_slow", s->loop.slow },
		{ "loop_max_us", s->loop.max_us },
	};

	json_key(w, "counts");
	json_open_object(w);
	for (size_t i = 0; i < ARRAY_LEN(counts); i++)
		write_count(w, counts[i].name, counts[i].n);
	json_close_object(w);
}

static void write_topics(struct json *w, const struct classifier *c)
{
	json_key(w, "topics");
	json_open_array(w);
	for (size_t i = 0; i < cls_topic_count(c); i++) {
		const struct cls_topic *t = cls_topic(c, i);

		json_open_object(w);
		json_key_string(w, "name", str_from(t->name));
		json_key_string_opt(w, "title", str_from(t->title));
		json_key(w, "match");
		json_num(w, t->match, 4);
		json_key(w, "review");
		json_num(w, t->review, 4);
		write_flag(w, "shadow", t->shadow);
		json_close_object(w);
	}
	json_close_array(w);
}

void engine_note_turn(struct engine *x, int64_t microseconds)
{
	uint64_t us = microseconds > 0 ? (uint64_t)microseconds : 0;

	x->loop.turns++;
	x->loop.busy_us += us;
	x->loop.slow += us > SLOW_TURN_US;
	x->loop.max_us = us > x->loop.max_us ? us : x->loop.max_us;
}

static void write_head(struct json *w, const struct engine *x, const struct engine_status *counted)
{
	struct engine_status s;

	tell(x, &s);
	s.feeds_ok = counted->feeds_ok;
	s.feeds_failing = counted->feeds_failing;
	s.feeds_waiting = counted->feeds_waiting;
	s.feeds_moved = counted->feeds_moved;
	s.feeds_mistrusted = counted->feeds_mistrusted;
	json_open_object(w);
	json_key_int(w, "v", 1);
	json_key_string(w, "version", STR(GAZETTED_VERSION));
	write_time(w, "at", wall(x));
	write_time(w, "started_at", x->started_at);
	json_key_string_opt(w, "model", str_from(cls_model_id(x->parts.classifier)));
	if (x->parts.open_files > 0)
		json_key_int(w, "open_files_max", x->parts.open_files);
	json_key(w, "draining");
	json_bool(w, x->draining);
	json_key(w, "degraded");
	json_bool(w, s.degraded);
	json_key_string_opt(w, "trouble", str_from(s.trouble));
	write_counts(w, &s);
	measure_write(x->measures, w);
	write_topics(w, x->parts.classifier);
	json_key(w, "feeds");
	json_open_array(w);
}

enum engine_status_step engine_status_part(
    const struct engine *x, struct engine_status_walk *walk, size_t enough, struct buf *out)
{
	if (!walk->begun)
		walk->roster = x->roster.serial;
	walk->begun = true;
	if (walk->roster != x->roster.serial)
		return STATUS_STALE;
	if (walk->counted < x->roster.count) {
		walk->counted = count_feeds(x, walk->counted, COUNTED_AT_ONCE, &walk->counts);
		if (walk->counted < x->roster.count)
			return STATUS_MORE;
	}
	if (!walk->w.out) {
		json_init(&walk->w, out);
		write_head(&walk->w, x, &walk->counts);
	}
	while (walk->next < x->roster.count && out->n < enough && !out->failed)
		write_feed(&walk->w, x, x->roster.feeds[walk->next++]);
	if (walk->next < x->roster.count && !out->failed)
		return STATUS_MORE;
	json_close_array(&walk->w);
	json_close_object(&walk->w);
	buf_byte(out, '\n');
	return STATUS_WHOLE;
}

void engine_status_json(const struct engine *x, struct buf *out)
{
	struct engine_status_walk walk = { .begun = false };

	while (engine_status_part(x, &walk, SIZE_MAX, out) == STATUS_MORE)
		;
}
