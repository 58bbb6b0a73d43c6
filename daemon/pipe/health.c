/*
 * health: feeds that fail, fall silent and come back, each told once: what was told is remembered with the poll that told it. The error of one poll is the
 * log's business; an event is what somebody should look at.
 */
#include "daemon/pipe/engine_priv.h"

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

static void note_well(struct poll *p, const struct feedstate *before)
{
	struct feedstate *s = &p->after;

	if (s->down)
		poll_tell(p, &(struct feed_event){ .kind = EVENT_FEED_UP,
		                 .reason = "it answers",
		                 .since = before->failing_since,
		                 .lasted = since(before->failing_since, p->at) });
	s->down = false;
	if (before->success_at)
		quiet_watch(&s->quiet, p->at - before->success_at, before->due_at - before->polled_at);
	if (s->hurry && p->tie != TIE_GAP)
		s->hurry--;
}

static void note_news(struct poll *p)
{
	struct feedstate *s = &p->after;
	int64_t silence = s->quiet.silence, from = s->quiet.news_at;

	if (p->first || p->feed->state.pages) /* the rest of what came before */
		return;
	quiet_news(&s->quiet, p->at);
	if (s->silent)
		poll_tell(p, &(struct feed_event){
		                 .kind = EVENT_FEED_UP, .reason = "news", .since = from, .lasted = silence });
	s->silent = false;
}

static void note_silence(struct poll *p)
{
	struct feedstate *s = &p->after;

	if (s->silent || !quiet_is_silent(&s->quiet, p->feed_conf->fetch.silent_factor))
		return;
	s->silent = true;
	poll_tell(p, &(struct feed_event){ .kind = EVENT_FEED_SILENT,
	                 .reason = "no news for far longer than is usual",
	                 .since = s->quiet.news_at,
	                 .lasted = s->quiet.silence,
	                 .usual = quiet_usual(&s->quiet) });
}

static void note_failing(struct poll *p)
{
	struct feedstate *s = &p->after;
	const struct conf_fetch *c = &p->feed_conf->fetch;

	if (s->failing_since > p->at) /* the clock was set back */
		s->failing_since = p->at;
	if (s->down || c->down_failures == 0 || s->failures < (uint32_t)c->down_failures ||
	    p->at - s->failing_since < c->down_after)
		return;
	s->down = true;
	poll_tell(p, &(struct feed_event){ .kind = EVENT_FEED_DOWN,
	                 .reason = err_kind_name(p->error.kind),
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

void health_note(struct poll *p, bool well)
{
	if (!well) {
		note_failing(p);
		return;
	}
	note_well(p, &p->feed->state);
	if (p->news)
		note_news(p);
	else
		note_silence(p);
}
