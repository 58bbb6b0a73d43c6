/*
 * archive: what follows from a gap: a note, shorter pauses for a while, and the way back through the feed's archive documents. Each of these is a poll of the
 * feed like any other, in the queue of its host and under the same limits, except that it knows no validators, moves no window and says
 * nothing about the feed's health.
 */
#include "daemon/pipe/engine_priv.h"

#include "daemon/pipe/rhythm.h"
#include "daemon/pipe/window.h"

#include <string.h>

static struct walk_site site_of(const struct poll *p)
{
	return (struct walk_site){
		.feed = p->feed_conf->url,
		.document = p->archive ? NULL : p->url,
		.anywhere = p->feed_conf->fetch->archive_other_hosts,
		.pages_max = (uint32_t)p->feed_conf->fetch->archive_pages,
	};
}

/* One that is under way goes on, from this document, until it reaches the older window: that closes both gaps. */
static bool start_walk(
    struct engine *x, struct poll *p, const struct job_answer *a, struct walk *w, struct err *e)
{
	struct walk_site site = site_of(p);
	const struct walk *before = p->after.walk;
	enum walk_end end;
	struct str window;

	if (before) {
		w->anchor_count = before->anchor_count;
		memcpy(w->anchors, before->anchors, sizeof(w->anchors));
	} else {
		buf_reset(&x->scratch);
		if (!window_load(x, feed_name(p->feed_conf), &window, e))
			return false;
		window_names(window, &x->scratch);
		walk_anchor(w, buf_view(&x->scratch));
	}
	if (!walk_follow(w, a->archive, &site, &end, e))
		return false;
	if (end != WALK_GOES_ON) {
		log_info("archive-not-followed", LOG_CSTR("feed", p->feed_conf->name),
		    LOG_CSTR("why", walk_end_name(end)));
		return true;
	}
	w->gap_at = w->due_at = p->at;
	return true;
}

bool gap_begin(struct engine *x, struct poll *p, const struct job_answer *a, bool overlaps, struct err *e)
{
	struct feed_event v = {
		.kind = EVENT_GAP,
		.reason = overlaps ? "the newest known items are not listed" : "no known item is listed",
		.since = p->whole && p->learned.trust.whole_at ? p->learned.trust.whole_at
		                                               : p->feed->state.success_at,
	};
	struct walk *w = a->archive.n && p->feed_conf->fetch->archive_pages ? walk_new() : NULL;

	if (a->archive.n && p->feed_conf->fetch->archive_pages) {
		if (!w)
			return err_nomem(e);
		if (!start_walk(x, p, a, w, e)) {
			walk_free(&w);
			return false;
		}
	}
	if (w && w->url) {
		walk_free(&p->after.walk);
		p->after.walk = w;
		v.archive = true;
	} else {
		walk_free(&w);
	}
	p->after.hurry = RHYTHM_HURRY;
	poll_tell(p, &v);
	return true;
}

/* The page has been read; more of it, the next one, or the end. */
bool archive_read(struct engine *x, struct poll *p, const struct job_answer *a, bool anchor, struct err *e)
{
	struct walk_site site = site_of(p);
	struct walk *w = p->after.walk;

	(void)x;
	p->closes = w->gap_at;
	p->page = ++w->pages;
	w->due_at = p->at;
	w->failures = 0;
	p->walk_end = WALK_GOES_ON;
	if (a->left && a->complete) {
		p->walk_end = w->pages < site.pages_max ? WALK_GOES_ON : WALK_LIMIT;
		return walk_note_part(w, a, e);
	}
	if (anchor)
		p->walk_end = WALK_CLOSED;
	else if (!walk_follow(w, a->archive, &site, &p->walk_end, e))
		return false;
	return true;
}

static bool is_final(enum reaction r)
{
	return r == REACT_GONE || r == REACT_BLOCKED || r == REACT_STOP;
}

static void note_failure(struct engine *x, struct poll *p)
{
	struct walk *w = p->after.walk;
	struct rhythm r = {
		.fetch = p->feed_conf->fetch,
		.jitter_percent = p->conf->hosts.jitter_percent,
		.reaction = p->reaction,
		.failures = ++w->failures,
		.retry_after = p->retry_after,
		.random = x->ports->random(x->ports->random_ctx),
	};
	enum rhythm_why why;
	int64_t delay = rhythm_delay(&r, &why);

	p->closes = w->gap_at;
	p->page = w->pages + 1;
	w->due_at = p->at + delay;
	hold_note(x, p, delay);
	if (is_final(p->reaction) || w->failures >= WALK_TRIES)
		p->walk_end = WALK_FAILED;
	log_info("archive-failed", LOG_CSTR("feed", p->feed_conf->name), LOG_INT("page", p->page),
	    LOG_CSTR("url", w->url), LOG_CSTR("error", p->error.text));
}

void archive_finish(struct engine *x, struct poll *p)
{
	if (p->result != POLL_OK)
		note_failure(x, p);
	if (p->walk_end == WALK_GOES_ON)
		return;
	log_info("archive-end", LOG_CSTR("feed", p->feed_conf->name), LOG_INT("pages", p->page),
	    LOG_CSTR("end", walk_end_name(p->walk_end)));
	p->tie = p->walk_end == WALK_CLOSED ? TIE_ARCHIVE : TIE_NOTHING_READ;
	walk_free(&p->after.walk);
}

bool archive_is_next(const struct engine *x, const struct feed *f)
{
	const struct walk *w = f->state.walk;

	return w && (x->round ? f->asked : w->due_at <= f->state.due_at);
}

int64_t archive_wait(const struct engine *x, const struct feed *f, int64_t delay)
{
	const struct walk *w = f->state.walk;
	int64_t wait = w ? w->due_at - wall(x) : delay;

	return wait < delay ? wait : delay;
}
