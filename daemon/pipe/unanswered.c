/*
 * unanswered: what was asked, and the process ended before the answer was durable. The publisher saw a request like any other: a daemon that is started again
 * and again, by its operator or by a trouble of its own, asks none of them more often for it.
 */
#include "daemon/pipe/engine_priv.h"

#include "daemon/base/hash.h"
#include "daemon/pipe/rhythm.h"

static uint64_t number_of(const struct feed *f)
{
	return hash64(feed_name(f->conf), 0);
}

/* Only a matter of manners: a disk that does not take it hinders no poll. */
void unanswered_note(struct engine *x, const struct feed *f)
{
	struct err why = { .kind = ERR_NONE };

	if (x->parts.asked && !asked_note(x->parts.asked, number_of(f), wall(x), &why))
		log_debug("asked-not-noted", LOG_CSTR("feed", f->conf->name), LOG_CSTR("error", why.text));
}

/* The pause that it had before, at most what a feed that is well has. */
static int64_t pause_of(const struct feed *f)
{
	const struct feedstate *s = &f->state;
	const struct conf_fetch *c = f->conf->fetch;
	int64_t pause = s->polled_at ? s->due_at - s->polled_at : c->interval, slowest = rhythm_slowest(c);

	pause = pause < slowest ? pause : slowest;
	return pause > c->interval_min ? pause : c->interval_min;
}

int64_t unanswered_wait(const struct engine *x, const struct feed *f, int64_t now_wall)
{
	int64_t at = x->parts.asked ? asked_at(x->parts.asked, number_of(f)) : 0;
	int64_t since = now_wall - at;

	if (at <= f->state.polled_at)
		return 0;
	return pause_of(f) - (since > 0 ? since : 0); /* a wall clock that jumped back does not prolong it */
}
