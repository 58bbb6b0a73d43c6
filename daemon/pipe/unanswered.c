/*
 * unanswered: what was asked, and the process ended before the answer was durable. The publisher saw a request like any other: a daemon that is started again
 * and again, by its operator or by a trouble of its own, asks none of them more often for it.
 */
#include "daemon/pipe/engine_priv.h"

#include "daemon/base/hash.h"

/* A page of its archive is another request than the feed. */
static uint64_t number_of(const struct feed *f, bool archive)
{
	return hash64(feed_name(f->conf), archive);
}

/* Only a matter of manners: a disk that does not take it hinders no poll. */
void unanswered_note(struct engine *x, const struct feed *f)
{
	struct err why = { .kind = ERR_NONE };
	uint64_t number = number_of(f, f->turn_is_archive && f->state.walk);

	if (x->parts.asked && !asked_note(x->parts.asked, number, wall(x), &why))
		log_debug("asked-not-noted", LOG_CSTR("feed", f->conf->name), LOG_CSTR("error", why.text));
}

/* The pause that it had before, at most the interval: what made that longer (a hub, failures, a quiet night) may be over. */
static int64_t pause_of(const struct feed *f)
{
	const struct feedstate *s = &f->state;
	const struct conf_fetch *c = f->conf->fetch;
	int64_t pause = s->polled_at ? s->due_at - s->polled_at : c->interval;

	pause = pause < c->interval ? pause : c->interval;
	return pause > c->interval_min ? pause : c->interval_min;
}

/* Wall ms of the last one; 0: there is none. An answered page made the next one due, or ended the walk. */
static int64_t unanswered_at(const struct engine *x, const struct feed *f)
{
	const struct walk *w = f->state.walk;
	int64_t at = asked_at(x->parts.asked, number_of(f, false));
	int64_t page = w ? asked_at(x->parts.asked, number_of(f, true)) : 0;

	at = at > f->state.polled_at ? at : 0;
	return w && page > w->due_at && page > at ? page : at;
}

int64_t unanswered_wait(const struct engine *x, const struct feed *f, int64_t now_wall)
{
	int64_t at = x->parts.asked ? unanswered_at(x, f) : 0;

	if (at <= 0)
		return 0;
	return pause_of(f) -
	       (now_wall > at ? now_wall - at : 0); /* a wall clock that jumped back does not prolong it */
}
