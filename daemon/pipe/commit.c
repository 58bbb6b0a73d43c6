/*
 * commit: finished polls become lines, lines become groups. One group is with the journal, the next one gathers; nothing counts, neither
 * numbers nor identities nor validators, before its group is durable.
 */
#include "daemon/pipe/engine_priv.h"

#include "daemon/pipe/ledger.h"
#include "daemon/pipe/rules.h"
#include "daemon/pipe/storage.h"

#define GROUP_BYTES_MAX                                                                                      \
	(4u << 20) /* bytes of a group before the next poll waits: a fraction of a journal segment */
#define QUEUED_POLLS_MAX                                                                                     \
	256u /* that share a sync: more would make it no cheaper, and each holds its memory */
#define PAUSE_MIN_MS 1000 /* ms; after a failed commit nothing is fetched for so long, doubled each time */
#define PAUSE_MAX_MS 60000 /* ms */
#define PAUSE_DOUBLINGS 6

bool commits_init(struct commits *c, struct err *e)
{
	chains_init(&c->chains);
	buf_init(&c->line, JOURNAL_LINE_MAX);
	buf_init(&c->meta, JOURNAL_META_MAX);
	buf_init(&c->blob, REMEMBERED_MAX);
	buf_init(&c->sources, CASES_SOURCES_MAX * CASES_ENTRY_MAX);
	c->group = journal_group_new();
	return c->group || err_nomem(e);
}

static void end_poll(struct engine *x, struct poll *p)
{
	struct feed *f = p->feed;

	poll_free(x, &p);
	if (!f->conf)
		feed_free(x, &f);
}

void commits_fini(struct engine *x)
{
	struct commits *c = &x->commits;

	while (c->queue) {
		struct poll *p = c->queue;

		c->queue = p->next;
		end_poll(x, p);
	}
	while (c->flying) {
		struct poll *p = c->flying;

		c->flying = p->next;
		end_poll(x, p);
	}
	journal_group_free(&c->group);
	buf_fini(&c->line);
	buf_fini(&c->meta);
	buf_fini(&c->blob);
	buf_fini(&c->sources);
}

void commit_enqueue(struct engine *x, struct poll *p)
{
	struct commits *c = &x->commits;

	p->phase = POLL_QUEUED;
	p->next = NULL;
	if (c->queue)
		c->queue_last->next = p;
	else
		c->queue = p;
	c->queue_last = p;
	if (c->queued_polls++ == 0)
		c->queued_since = mono(x);
	c->queued_bytes += p->frame.n;
	c->queued_findings += p->finding_count;
	c->queued_events += p->event_count;
	c->queued_wishes += p->has_wish;
}

static void dequeue(struct engine *x)
{
	struct commits *c = &x->commits;
	struct poll *p = c->queue;

	c->queue = p->next;
	c->queued_polls--;
	c->queued_bytes -= p->frame.n;
	c->queued_findings -= p->finding_count;
	c->queued_events -= p->event_count;
	c->queued_wishes -= p->has_wish;
	c->queued_since = mono(x);
	p->phase = POLL_COMMITTING;
	p->next = c->flying;
	c->flying = p;
}

static bool add_entry(struct commits *c, uint32_t type, struct str routes, struct err *e)
{
	struct journal_entry entry = {
		.type = type,
		.routes = routes,
		.meta = buf_view(&c->meta),
		.line = buf_view(&c->line),
	};

	if (c->line.failed || c->meta.failed)
		return err_nomem(e);
	return journal_group_add(c->group, &entry, e);
}

static bool add_item(struct engine *x, const struct poll *p, const struct finding *f, struct err *e)
{
	struct commits *c = &x->commits;

	buf_reset(&c->line);
	buf_reset(&c->meta);
	buf_reset(&c->blob);
	finding_write(x, p, f);
	return add_entry(c, ENTRY_ITEM, f->routes, e);
}

static void write_ledger(struct engine *x, const struct poll *p)
{
	struct ledger_line l = {
		.pushed = p->pushed,
		.at = p->at,
		.elapsed = p->elapsed,
		.next = p->after.due_at,
		.feed = feed_name(p->feed_conf),
		.asked_by = str_from(p->asked_by ? p->asked_by->name : NULL),
		.url = str_from(p->url),
		.status = p->status,
		.result = p->result,
		.error = &p->error,
		.items = p->items,
		.fresh = p->kinds[RECORD_NEW],
		.revised = p->kinds[RECORD_REVISION],
		.withdrawn = p->kinds[RECORD_WITHDRAWN],
		.held = p->held_count,
		.overlap = p->overlap,
		.left = p->left,
		.bytes = p->bytes,
		.whole = p->whole && !p->archive,
		.recovered = p->recovered,
		.incomplete = p->incomplete,
		.tie = p->tie,
		.page = p->page,
		.walk_end = p->walk_end,
		.closes = p->closes,
	};

	ledger_write(&l, &x->commits.next.polls, &x->commits.line);
}

static bool add_poll(struct engine *x, struct poll *p, struct err *e)
{
	struct commits *c = &x->commits;
	struct poll_entry m = {
		.at = p->at,
		.feed = feed_name(p->feed_conf),
		.has_window = p->window.n != 0,
		.window = buf_view(&p->window),
	};

	buf_reset(&c->line);
	buf_reset(&c->meta);
	buf_reset(&c->blob);
	write_ledger(x, p);
	if (!feedstate_learn(&p->after, &p->learned, e))
		return false;
	feedstate_encode(&p->after, &c->blob);
	if (c->blob.failed)
		return err_nomem(e);
	m.seq = c->next.polls.seq;
	m.feedstate = buf_view(&c->blob);
	poll_entry_encode(&m, &c->meta);
	return add_entry(c, ENTRY_POLL, STR(STORE_POLLS), e);
}

static bool add_events(struct engine *x, const struct poll *p, struct err *e)
{
	struct commits *c = &x->commits;

	for (unsigned i = 0; i < p->event_count; i++) {
		struct event_place place = { .at = p->at, .feed = feed_name(p->feed_conf) };
		struct event_entry m = { .at = p->at, .feed = place.feed };

		buf_reset(&c->line);
		buf_reset(&c->meta);
		buf_reset(&x->scratch);
		event_key(&p->events[i], &place);
		rules_owed_event(
		    x->conf, event_kind_name(p->events[i].kind), p->feed_conf->name, &x->scratch);
		if (x->scratch.failed)
			return err_nomem(e);
		event_write(&p->events[i], &place, &c->next.events, &c->line);
		m.seq = c->next.events.seq;
		m.key = str_of(place.key, sizeof(place.key));
		m.alerts = buf_view(&x->scratch);
		event_entry_encode(&m, &c->meta);
		if (!add_entry(c, ENTRY_EVENT, STR(STORE_EVENTS), e))
			return false;
	}
	return true;
}

bool commit_is_full(const struct engine *x)
{
	return journal_group_bytes(x->commits.group) >= GROUP_BYTES_MAX;
}

/* Oldest first: feeds list the newest first. *whole: its own line is in the group too. */
static bool add_findings(struct engine *x, struct poll *p, bool *whole, struct err *e)
{
	while (p->written < p->finding_count) {
		if (commit_is_full(x))
			return true;
		if (!add_item(x, p, &p->findings[p->finding_count - 1 - p->written], e))
			return false;
		p->written++;
	}
	*whole = true;
	return add_poll(x, p, e) && add_events(x, p, e);
}

static bool add_polls(struct engine *x, struct err *e)
{
	struct commits *c = &x->commits;

	while (c->queue && !commit_is_full(x)) {
		struct poll *p = c->queue;
		size_t before = p->written;
		bool whole = false;

		if (!add_findings(x, p, &whole, e)) {
			c->partial = p;
			return false;
		}
		if (!whole) {
			c->partial = p->written > before ? p : NULL;
			return true;
		}
		dequeue(x);
	}
	return true;
}

static bool make_group(struct engine *x, struct err *e)
{
	struct commits *c = &x->commits;
	/* Names enter the table only when they are durable; then there must be room for them. */
	size_t names = c->queued_findings * JOB_ALIASES_MAX;

	journal_group_start(c->group, journal_next_lsn(x->parts.journal));
	c->next = c->chains;
	c->partial = NULL;
	return seen_reserve(x->seen, names, e) && alerts_add_letters(x, e) && reviews_add(x, e) &&
	       replays_add(x, e) && add_polls(x, e);
}

static void start(struct engine *x)
{
	struct err e = { .kind = ERR_NONE };

	if (!make_group(x, &e)) {
		commit_done(x, &e);
		return;
	}
	if (journal_group_count(x->commits.group) == 0)
		return;
	x->commits.in_flight = true;
	x->ports->journal.commit(x->ports->journal.ctx, x->commits.group);
}

/* When the queue should go, or INT64_MAX. News and what publishers ask for go at once; the rest may wait for company. */
static int64_t queue_due(const struct engine *x)
{
	const struct commits *c = &x->commits;
	int64_t due = INT64_MAX;

	if (c->queued_findings || c->queued_events || c->queued_wishes || x->draining || x->round ||
	    c->queued_bytes >= GROUP_BYTES_MAX || c->queued_polls >= QUEUED_POLLS_MAX ||
	    alerts_owe_letters(x) || reviews_owe(x) || replays_owe(x))
		due = INT64_MIN;
	else if (c->queued_polls)
		due = c->queued_since + x->conf->storage.group_delay;
	return due < c->pause_until ? c->pause_until : due;
}

static bool has_work(const struct engine *x)
{
	return x->commits.queued_polls || alerts_owe_letters(x) || reviews_owe(x) || replays_owe(x);
}

void commit_when_due(struct engine *x, int64_t now)
{
	if (!x->commits.in_flight && has_work(x) && queue_due(x) <= now)
		start(x);
}

int64_t commit_next(const struct engine *x, int64_t now)
{
	int64_t due;

	if (x->commits.in_flight || !has_work(x))
		return INT64_MAX;
	due = queue_due(x);
	return due < now ? now : due;
}

static void count_poll(struct engine *x, const struct poll *p)
{
	x->polled++;
	x->unchanged += p->reaction == REACT_KEEP;
	x->failed += p->result == POLL_FAILED || p->result == POLL_BLOCKED;
	x->items += p->items;
	x->items_new += p->kinds[RECORD_NEW];
	x->revised += p->kinds[RECORD_REVISION];
	x->withdrawn += p->kinds[RECORD_WITHDRAWN];
	x->held += p->held_count;
	x->matches += p->matches;
	if (p->finding_count) {
		measure_add(x->measures, MEASURE_COMMIT, mono(x) - p->answered);
		log_info("items", LOG_CSTR("feed", p->feed_conf->name), LOG_INT("new", p->kinds[RECORD_NEW]),
		    LOG_INT("revised", p->kinds[RECORD_REVISION]),
		    LOG_INT("withdrawn", p->kinds[RECORD_WITHDRAWN]), LOG_INT("matches", p->matches),
		    LOG_INT("first", p->first));
	}
	if (p->held_count)
		log_warn(
		    "revisions-held", LOG_CSTR("feed", p->feed_conf->name), LOG_INT("items", p->held_count));
}

/* Of a round: the feed itself, then what is due of its archive. */
static bool has_more(struct engine *x, const struct feed *f)
{
	return f->in_round && f->conf && archive_is_next(x, f) && f->state.walk->due_at <= wall(x);
}

static void end_round(struct engine *x, struct feed *f, bool failed)
{
	if (!f->in_round)
		return;
	f->in_round = false;
	x->round_left--;
	x->round_failed += failed;
}

static int64_t pause_of(struct engine *x, const struct poll *p)
{
	struct feed *f = p->feed;
	int64_t left;

	if (p->pushed)
		return push_delay(x, p);
	/* Counted from the answer: its way to the disk is not the publisher's. */
	left = p->archive || p->rerouted ? roster_due_in(x, f) : p->delay - (mono(x) - p->answered);
	return p->feed_conf == f->conf ? left : sooner_than_planned(x, f, p->feed_conf->fetch, left);
}

static void settle(struct engine *x, struct poll *p)
{
	struct feed *f = p->feed;

	count_poll(x, p);
	/* After a reload that changed the address these validators are another one's. */
	if (f->state.url != p->after.url) {
		move_free(&p->after.move);
		feedstate_forget_validators(&p->after);
		feedstate_forget_resume(&p->after);
		walk_free(&p->after.walk);
		p->after.url = f->state.url;
		p->after.moved = true;
		p->after.due_at = f->state.due_at; /* what the new one asked of another entry */
		if (!p->after.holds_host)
			p->after.hold_until = f->state.hold_until;
		p->rerouted = true;
	}
	feedstate_fini(&f->state);
	f->state = p->after;
	p->after = (struct feedstate){ .texts = NULL };
	if (p->elsewhere && f->conf)
		roster_move_host(x, f);
	push_answer(x, p, p->reaction == REACT_AGAIN ? 503 : 204); /* our own trouble: the hub tries again */
	if (!p->archive && !p->pushed) {
		f->asked = true;
		f->failed = p->reaction != REACT_KEEP && p->reaction != REACT_READ;
	}
	if (has_more(x, f))
		feed_schedule(x, f, 0);
	else
		end_round(x, f, f->failed);
	if (f->conf && !x->round)
		feed_schedule(x, f, archive_wait(x, f, pause_of(x, p)));
	end_poll(x, p);
}

/* Nothing is marked. The feed is asked again, for the whole document, after a pause. */
static void give_up(struct engine *x, struct poll *p)
{
	struct feed *f = p->feed;
	int64_t delay = x->commits.pause_until - mono(x);

	end_round(x, f, true);
	if (!p->archive && !p->pushed)
		feedstate_forget_validators(&f->state);
	if (delay < p->delay)
		delay = p->delay;
	if (f->conf && !x->round)
		feed_schedule(x, f, delay);
	end_poll(x, p);
}

static void each_flying(struct engine *x, void (*end)(struct engine *, struct poll *))
{
	struct poll *p = x->commits.flying;

	x->commits.flying = NULL;
	while (p) {
		struct poll *next = p->next;

		end(x, p);
		p = next;
	}
}

static void note_failure(struct engine *x, const struct err *failure)
{
	struct commits *c = &x->commits;
	unsigned doublings = c->failures < PAUSE_DOUBLINGS ? c->failures : PAUSE_DOUBLINGS;
	int64_t pause = (int64_t)PAUSE_MIN_MS << doublings;

	if (pause > PAUSE_MAX_MS)
		pause = PAUSE_MAX_MS;
	c->failures++;
	c->pause_until = mono(x) + pause;
	house_commit_failed(x, failure, mono(x));
}

static void fail_group(struct engine *x, const struct err *failure)
{
	struct commits *c = &x->commits;

	note_failure(x, failure);
	cases_rollback(x->cases, c->chains.items.seq);
	if (c->partial) { /* it is the head of the queue */
		dequeue(x);
		c->partial = NULL;
	}
	alerts_letters_done(x, false);
	reviews_done(x, false);
	replays_done(x, false);
	each_flying(x, give_up);
}

void commit_done(struct engine *x, const struct err *failure)
{
	struct commits *c = &x->commits;

	c->in_flight = false;
	if (failure) {
		fail_group(x, failure);
		return;
	}
	c->failures = 0;
	house_commit_worked(x);
	c->chains = c->next;
	apply_group(x);
	alerts_letters_done(x, true);
	reviews_done(x, true);
	replays_done(x, true);
	each_flying(x, settle);
	house_flush(x, mono(x));
}
