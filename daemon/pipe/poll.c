/* poll: one feed asked once: the request, the answer, a worker's reading of it, and what follows for the next time. */
#include "daemon/pipe/engine_priv.h"

#include "daemon/base/hash.h"
#include "daemon/base/retry_after.h"
#include "daemon/base/url.h"
#include "daemon/pipe/rhythm.h"
#include "daemon/pipe/window.h"

#include <stdlib.h>

#define RETRY_MEMORY_MS                                                                                      \
	30000 /* ms at most until a poll that could not even be begun; never later than its usual time */

/* While a connection that nobody uses would still be open. This poll and its feed hold a reference to the host each. */
static bool asked_again_soon(const struct poll *p)
{
	return host_references(p->host) > 2 || p->feed_conf->fetch->interval <= p->conf->hosts.idle_for;
}

static struct fetch_request request_of(struct engine *x, const struct poll *p)
{
	const struct conf_feed *c = p->feed_conf;
	const struct feedstate *s = &p->feed->state;
	const char *url = p->archive   ? s->walk->url
	                  : p->resumed ? feedtext(s->texts, FEEDTEXT_RESUME)
	                               : feed_address(p->feed);
	const char *giver = feedtext(s->texts, FEEDTEXT_VALIDATOR_URL);
	bool secrets = walk_same_site(str_from(url), str_from(c->url)); /* another site gets none of them */
	const char *file = !secrets ? NULL : c->username ? c->password_file : c->bearer_file;
	const char *word = secret_in(x, SECRET_FOR_SERVER, file);
	struct fetch_request req = {
		.url = url,
		.etag = p->whole ? NULL : feedtext(s->texts, FEEDTEXT_ETAG),
		.last_modified = p->whole ? NULL : feedtext(s->texts, FEEDTEXT_LAST_MODIFIED),
		.validator_url = p->whole                 ? NULL
		                 : giver || url == c->url ? giver
		                                          : c->url,
		.user_agent = p->conf->user_agent,
		.accept_language = c->language,
		.ca_file = c->fetch->ca_file,
		.pin = secrets || !p->archive ? c->fetch->pin : NULL,
		.client_certificate = secrets ? c->fetch->client_certificate : NULL,
		.client_key = secrets ? c->fetch->client_key : NULL,
		.username = secrets ? c->username : NULL,
		.password = c->username ? word : NULL,
		.bearer = c->username ? NULL : word,
		.secret_missing = word ? NULL : file,
		.timeout_ms = c->fetch->timeout,
		.connect_timeout_ms = c->fetch->connect_timeout,
		.low_speed_ms = c->fetch->low_speed_time,
		.low_speed_bytes = c->fetch->low_speed_bytes,
		.body_max = (size_t)c->fetch->body_max,
		.redirects_max = (unsigned)c->fetch->redirects_max,
		.keep_connection = asked_again_soon(p),
		.fresh_connection = p->archive ? s->walk->failures > 0 : s->failures > 0 && s->status == 0,
		.allow = c->fetch->allow_networks,
		.allow_count = c->fetch->allow_networks_count,
	};

	go_by_proxy(x, c->fetch, &req);
	return req;
}

static void share_and_take(struct engine *x, struct poll *p, const struct fetch_result *r);

void poll_start(struct engine *x, struct feed *f)
{
	struct err e = { .kind = ERR_NONE };
	struct poll *p = poll_new(x, f, &e);
	struct fetch_request req;

	if (!p) { /* not even memory for it: nothing was asked, nothing is told */
		int64_t delay =
		    f->conf->fetch->interval < RETRY_MEMORY_MS ? f->conf->fetch->interval : RETRY_MEMORY_MS;
		hosts_done(x->hosts, &f->turn, mono(x));
		if (f->state.walk)
			f->state.walk->due_at = wall(x) + delay;
		feed_schedule(x, f, delay);
		return;
	}
	req = request_of(x, p);
	p->sent_validators = req.etag || req.last_modified;
	x->fetching++;
	if (x->ports->fetcher.start(x->ports->fetcher.ctx, p->id, &req, &p->error))
		return;
	x->fetching--;
	hosts_done(x->hosts, &f->turn, mono(x));
	share_and_take(x, p, &(struct fetch_result){ .error = p->error });
}

static bool succeeded(enum reaction r)
{
	return r == REACT_READ || r == REACT_KEEP;
}

static void plan(struct engine *x, struct poll *p, enum reaction reaction)
{
	struct feedstate *s = &p->after;
	struct rhythm r = {
		.fetch = p->feed_conf->fetch,
		.jitter_percent = p->conf->hosts.jitter_percent,
		.reaction = reaction,
		.failures = s->failures,
		.retry_after = p->retry_after,
		.fresh_for = p->fresh_for,
		.spent = succeeded(reaction) ? p->answered - p->started + hold_before(p) : 0,
		.now = p->at,
		.hints = &p->learned.hints,
		.pace = &p->learned.pace,
		.window = s->items,
		.soon = p->in_pages,
		.hurry = succeeded(reaction) ? s->hurry : 0,
		.random = x->ports->random(x->ports->random_ctx),
	};
	enum rhythm_why why;

	p->delay = rhythm_delay(&r, &why);
	if (p->asked_by && p->feed->leader)
		p->delay = twins_delay(p);
	s->why = (uint8_t)why;
	if (succeeded(reaction) && !p->in_pages && websub_is_alive(x, p->feed)) {
		p->delay = websub_pause(x, p, p->delay);
		s->why = RHYTHM_PUSHED;
	}
	hold_note(x, p, p->delay);
	s->due_at = p->at + p->delay;
}

static void log_change(const struct poll *p, const struct feedstate *before, enum poll_result result)
{
	const struct feedstate *s = &p->after;
	enum log_level level = LOG_LEVEL_DEBUG;

	if (s->failures == 0) {
		if (before->failures)
			log_info("poll-recovered", LOG_CSTR("feed", p->feed_conf->name),
			    LOG_INT("failures", before->failures));
		return;
	}
	if (before->failures == 0 || before->result != (uint8_t)result)
		level = LOG_LEVEL_WARN;
	LOG_EVENT(level, result == POLL_BLOCKED ? "poll-blocked" : "poll-failed",
	    LOG_CSTR("feed", p->feed_conf->name), LOG_CSTR("kind", err_kind_name(p->error.kind)),
	    LOG_INT("status", s->status), LOG_INT("failures", s->failures), LOG_MS("next", p->delay),
	    LOG_CSTR("error", p->error.text));
}

/* The text is for people: without memory for it the poll is as good. */
static void note_error(struct feedstate *s, const char *text)
{
	struct err why = { .kind = ERR_NONE };

	if (!feedtext_set(&s->texts, FEEDTEXT_ERROR, str_from(text), &why))
		log_debug("memory-short", LOG_CSTR("error", why.text));
}

/* What an answer of the feed itself says for the next time. */
static void finish_feed(struct engine *x, struct poll *p, enum reaction reaction)
{
	struct feedstate *s = &p->after;

	s->status = p->status;
	s->result = (uint8_t)p->result;
	s->polled_at = p->at;
	if (reaction == REACT_LATER) { /* which says nothing of how it is */
		note_error(s, NULL);
		plan(x, p, reaction);
		return;
	}
	if (succeeded(reaction)) {
		s->success_at = p->at;
		s->failures = 0;
		s->failing_since = 0;
	} else {
		s->failures++;
		s->failing_since = s->failing_since ? s->failing_since : p->at;
	}
	note_error(s, succeeded(reaction) ? NULL : p->error.text);
	health_note(x, p, succeeded(reaction));
	plan(x, p, reaction);
	address_note(p);
	log_change(p, &p->feed->state, p->result);
}

void poll_finish(struct engine *x, struct poll *p, enum reaction reaction)
{
	p->reaction = reaction;
	p->result = reaction_result(reaction);
	p->learned.tally.requests += !p->pushed;
	lane_note(p);
	if (p->archive)
		archive_finish(x, p);
	else if (p->pushed)
		push_finish(x, p);
	else
		finish_feed(x, p, reaction);
	commit_enqueue(x, p);
}

static bool keep_validator(char **field, struct str value, struct err *e)
{
	return feedstate_set(field, value.n <= NET_VALIDATOR_MAX ? value : (struct str){ NULL, 0 }, e);
}

/* A redirect that asks to wait is not asked again after that: it could only ask for the same. The next poll begins where it pointed. What it finds
 * there says nothing of where the feed lives. */
static bool note_redirects(struct poll *p, const struct fetch_result *r)
{
	struct str none = { NULL, 0 }, next = r->waits ? r->redirects[r->redirect_count - 1].url : none;

	if (p->archive)
		return true;
	return feedtext_set(
	           &p->after.texts, FEEDTEXT_RESUME, next.n <= FEEDSTATE_TEXT_MAX ? next : none, &p->error) &&
	       feedstate_set(&p->moved_to, p->resumed ? none : move_target(r), &p->error);
}

static bool note_answer(struct engine *x, struct poll *p, const struct fetch_result *r)
{
	p->at = wall(x);
	p->answered = mono(x);
	p->elapsed = r->elapsed_ms;
	p->bytes = r->wire_bytes;
	p->status = (uint16_t)r->status;
	p->fresh_for = fresh_for_ms(r, p->at);
	p->retry_after = r->retry_after.n ? retry_after_ms(r->retry_after, p->at) : -1;
	if ((p->archive || !str_eq(r->final_url, str_from(p->feed_conf->url))) &&
	    !feedstate_set(&p->url, r->final_url, &p->error))
		return false;
	return note_redirects(p, r) && websub_note_header(p, r, &p->error) &&
	       keep_validator(&p->etag, r->etag, &p->error) &&
	       keep_validator(&p->last_modified, r->last_modified, &p->error);
}

static void known_prints(struct engine *x, const struct poll *p, struct buf *out)
{
	struct err unread = { .kind = ERR_NONE }; /* then all is new to the worker, and known to us */
	struct str window;

	if (p->archive) {
		buf_str(out, buf_view(&p->after.walk->names));
		return;
	}
	if (p->feed->state.window == 0 || !window_load(x, feed_name(p->feed_conf), &window, &unread))
		return;
	if (p->feed->state.pages)
		window_names(window, out);
	else
		window_prints(window, out);
}

bool poll_submit(struct engine *x, struct poll *p, const struct fetch_result *r)
{
	struct job job = {
		.id = p->id,
		.feed = feed_name(p->feed_conf),
		.url = r->final_url.n ? r->final_url : str_from(p->feed_conf->url),
		.language = str_from(p->feed_conf->language),
		.content_type = r->content_type,
		.content_language = r->content_language,
		.content_location = r->content_location,
		.assume_minutes = p->feed_conf->assume_zone,
		.cpu_budget_ms = p->conf->workers.cpu_limit,
		.body = buf_view(r->body),
	};
	struct buf frame;
	bool ok;

	buf_clear(&x->scratch);
	known_prints(x, p, &x->scratch);
	job.known = buf_view(&x->scratch);
	buf_init(&frame, JOB_REQUEST_MAX);
	job_encode(&job, &frame);
	ok = !frame.failed || err_set(&p->error, ERR_LIMIT, 0, "the document does not fit into a job");
	ok = ok && x->ports->workers.submit(x->ports->workers.ctx, p->id, p->slow, &frame, &p->error);
	buf_fini(&frame);
	return ok;
}

static void read_document(struct engine *x, struct poll *p, const struct fetch_result *r)
{
	p->body = r->body ? hash64(buf_view(r->body), 0) : 0;
	p->body += p->body == 0;
	if (!p->archive && r->body && p->body == p->feed->state.body && !websub_seeks_hub(x, p->feed)) {
		p->tie = TIE_SAME;
		validators_note_document(p);
		poll_finish(x, p, REACT_KEEP);
		return;
	}
	if (!r->body || r->body->n == 0) {
		err_set(&p->error, ERR_PARSE, 0, "an empty document");
		poll_finish(x, p, REACT_BLOCKED);
		return;
	}
	if (!poll_submit(x, p, r)) {
		poll_finish(x, p, reaction_to_error(p->error.kind));
		return;
	}
	p->phase = POLL_PARSING;
	x->parsing[p->slow]++;
}

/* One such pause is the publisher's good right. Where it leads to another, or while the feed fails, it is a way that may have no end. */
static bool may_be_led_on(const struct poll *p)
{
	return !p->archive && !p->resumed && p->after.failures == 0;
}

static void take_answer(struct engine *x, struct poll *p, const struct fetch_result *r)
{
	enum reaction reaction;

	if (!note_answer(x, p, r)) {
		poll_finish(x, p, REACT_AGAIN);
		return;
	}
	reaction = reaction_to_answer(r, p->sent_validators, &p->error);
	if (reaction == REACT_READ) {
		read_document(x, p, r);
	} else if (reaction == REACT_KEEP) {
		validators_keep_document(p);
		p->tie = TIE_NOT_MODIFIED;
		poll_finish(x, p, REACT_KEEP);
	} else {
		poll_finish(x, p, reaction == REACT_LATER && !may_be_led_on(p) ? REACT_HOLD_FEED : reaction);
	}
}

/* One answer for all feeds that would have asked for the same. Memory: one of them gets the next; until then they do not agree, and all is asked for. */
static void share_and_take(struct engine *x, struct poll *p, const struct fetch_result *r)
{
	const struct feed *f = p->feed;
	struct feed *twin = twins_of(x, p);
	bool sent_validators = p->sent_validators, whole = p->whole, resumed = p->resumed, slow = p->slow;
	int64_t started = p->started;

	take_answer(x, p, r);
	for (; twin; twin = twin->twins) {
		struct err e = { .kind = ERR_NONE };
		struct poll *q = twin != f && twins_may_take(x, twin) ? poll_new(x, twin, &e) : NULL;

		if (!q)
			continue;
		q->asked_by = f->conf;
		q->sent_validators = sent_validators;
		q->whole = whole;
		q->resumed = resumed;
		q->slow = slow;
		q->started = started;
		take_answer(x, q, r);
	}
}

void engine_on_fetched(struct engine *x, uint64_t id, const struct fetch_result *r)
{
	struct poll *p = slots_find(&x->polls, id);

	if (id & WEBSUB_REQUEST) {
		websub_on_fetched(x, id, r);
		return;
	}
	if (!p || p->phase != POLL_FETCHING)
		return;
	x->fetching--;
	p->slow = p->feed->turn.lane == LANE_SLOW;
	led_answered(x, p, r);
	measure_add(x->measures, MEASURE_FETCH, r->elapsed_ms);
	share_and_take(x, p, r);
}

static struct poll *parsed(struct engine *x, uint64_t id)
{
	struct poll *p = slots_find(&x->polls, id);

	if (!p || p->phase != POLL_PARSING)
		return NULL;
	x->parsing[p->slow]--;
	return p;
}

void engine_on_answer(struct engine *x, uint64_t id, struct str frame, int64_t took)
{
	struct poll *p = parsed(x, id);

	if (!p)
		return;
	p->reading = took > 0 ? took : 1; /* 0: nothing was read */
	if (!absorb(x, p, frame, &p->error)) {
		poll_finish(x, p, reaction_to_error(p->error.kind));
		return;
	}
	if (p->look_again) { /* also a document that is as it was before: it lists again what is missed */
		feedstate_forget_validators(&p->after);
	} else if (!p->archive && !p->pushed && !p->incomplete &&
	           !p->in_pages) { /* only then: the rest of the document would never be asked for */
		validators_note_document(p);
	} else if (p->incomplete) { /* it has been tried */
		p->learned.trust.unmodified = 0;
	}
	poll_finish(x, p, REACT_READ);
}

void engine_on_worker_lost(struct engine *x, uint64_t id, const char *why)
{
	struct poll *p = parsed(x, id);

	if (!p)
		return;
	err_set(&p->error, ERR_LIMIT, 0, "its reader was lost: %s", why);
	poll_finish(x, p, REACT_AGAIN);
}
