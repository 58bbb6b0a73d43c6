/*
 * health: feeds that fail, fall silent and come back, each told once: what was told is remembered with the poll that told it. The error of one poll is the
 * log's business; an event is what somebody should look at.
 */
#include "daemon/pipe/engine_priv.h"

#include "daemon/pipe/rhythm.h"

#define GONE_FAILURES 2 /* answers 404 or 410 in a row that are enough, when down_after is over too */

void poll_tell(struct poll *p, const struct feed_event *v)
{
	p->events[p->event_count++] = *v;
	LOG_EVENT(v->kind == EVENT_FEED_UP ? LOG_LEVEL_INFO : LOG_LEVEL_WARN, event_kind_name(v->kind),
	    LOG_CSTR("feed", p->feed_conf->name), LOG_CSTR("reason", v->reason), LOG_MS("lasted", v->lasted));
}

static int64_t since(int64_t from, int64_t at)
{
	return from && at > from ? at - from : 0;
}

void health_tell_lie(struct poll *p, int64_t from)
{
	poll_tell(p, &(struct feed_event){ .kind = EVENT_FALSE_304,
	                 .reason = "it said 304 although the feed had changed",
	                 .since = from,
	                 .lasted = since(from, p->at) });
}

static size_t dates_of_news(const struct poll *p, int64_t *published)
{
	size_t n = 0;

	for (size_t i = 0; i < p->finding_count; i++)
		if (p->findings[i].kind == RECORD_NEW)
			published[n++] = p->findings[i].item->published;
	return n;
}

/* The pause that lies behind this poll. That of a redirect which was followed later is only the end of it. */
static int64_t planned(const struct poll *p, const struct feedstate *before)
{
	int64_t slowest = rhythm_slowest(p->feed_conf->fetch), pause = before->due_at - before->success_at;

	if (before->result != POLL_WAITING)
		return before->due_at - before->polled_at;
	return pause < slowest ? pause : slowest;
}

/* What this poll teaches of when the next ones are worth it. Without memory for the dates it teaches nothing of its news. */
static void learn(struct engine *x, struct poll *p, const struct feedstate *before)
{
	int64_t *published =
	    p->finding_count ? arena_alloc(p->arena, p->finding_count * sizeof(*published)) : NULL;
	size_t count = published ? dates_of_news(p, published) : 0;

	if (before->success_at)
		pace_watch(&p->learned.pace, p->at - before->success_at, planned(p, before));
	if (p->first && !before->success_at)
		pace_history(&p->learned.pace, published, count, p->at);
	if (p->first || before->pages || count == 0) /* the rest of what came before */
		return;
	pace_news(&p->learned.pace, published, count, before->success_at, p->at);
	for (size_t i = 0; i < count; i++) {
		int64_t delay = tally_delay(published[i], before->success_at, p->at);

		tally_news(&p->learned.tally, delay);
		delays_add(&x->delays, delay);
		measure_add(x->measures, MEASURE_DETECTION, delay);
	}
}

static void note_well(struct engine *x, struct poll *p, const struct feedstate *before)
{
	struct feedstate *s = &p->after;

	if (s->down)
		poll_tell(p, &(struct feed_event){ .kind = EVENT_FEED_UP,
		                 .reason = "it answers",
		                 .since = before->failing_since,
		                 .lasted = since(before->failing_since, p->at) });
	s->down = false;
	if (before->success_at)
		quiet_watch(&p->learned.quiet, p->at - before->success_at, planned(p, before));
	learn(x, p, before);
	if (s->hurry && p->tie != TIE_GAP)
		s->hurry--;
}

static void note_news(struct poll *p)
{
	struct feedstate *s = &p->after;
	int64_t silence = p->learned.quiet.silence, from = p->learned.quiet.news_at;

	if (p->first || p->feed->state.pages) /* the rest of what came before */
		return;
	quiet_news(&p->learned.quiet, p->at);
	if (s->silent)
		poll_tell(p, &(struct feed_event){
		                 .kind = EVENT_FEED_UP, .reason = "news", .since = from, .lasted = silence });
	s->silent = false;
}

static void note_silence(struct poll *p)
{
	struct feedstate *s = &p->after;

	if (s->silent || !quiet_is_silent(&p->learned.quiet, p->feed_conf->fetch->silent_factor))
		return;
	s->silent = true;
	poll_tell(p, &(struct feed_event){ .kind = EVENT_FEED_SILENT,
	                 .reason = "no news for far longer than is usual",
	                 .since = p->learned.quiet.news_at,
	                 .lasted = p->learned.quiet.silence,
	                 .usual = quiet_usual(&p->learned.quiet) });
}

/* An address that is gone is asked far less often: it need not be told as many times. */
static bool failed_enough(const struct poll *p)
{
	int64_t wanted = p->feed_conf->fetch->down_failures;

	if (p->reaction == REACT_GONE && wanted > GONE_FAILURES)
		wanted = GONE_FAILURES;
	return wanted != 0 && p->after.failures >= (uint32_t)wanted;
}

static void note_failing(struct poll *p)
{
	struct feedstate *s = &p->after;

	if (s->failing_since > p->at) /* the clock was set back */
		s->failing_since = p->at;
	if (s->down || !failed_enough(p) || p->at - s->failing_since < p->feed_conf->fetch->down_after)
		return;
	s->down = true;
	poll_tell(p, &(struct feed_event){ .kind = EVENT_FEED_DOWN,
	                 .reason = p->result == POLL_BLOCKED ? poll_result_name(p->result)
	                                                     : err_kind_name(p->error.kind),
	                 .since = s->failing_since,
	                 .lasted = since(s->failing_since, p->at),
	                 .failures = s->failures,
	                 .status = p->status,
	                 .error = p->error.text });
}

void health_pushed(struct poll *p)
{
	if (p->news)
		note_news(p);
}

void health_note(struct engine *x, struct poll *p, bool well)
{
	if (!well) {
		note_failing(p);
		return;
	}
	note_well(x, p, &p->feed->state);
	if (p->news)
		note_news(p);
	else
		note_silence(p);
}
