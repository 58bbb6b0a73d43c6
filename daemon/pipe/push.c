/*
 * push: a document that a hub sent goes the way of a poll from its worker on. It is not the feed: it may hold the news alone, so that nothing is missing
 * from it, nothing is pushed out by it, and the feed's rhythm and validators stay as they were. The hub has its answer when all is durable.
 */
#include "daemon/pipe/engine_priv.h"

bool push_start(struct engine *x, struct feed *f, const struct fetch_result *r, uint64_t ticket)
{
	struct err e = { .kind = ERR_NONE };
	struct poll *p = poll_new(x, f, &e);

	if (!p)
		return false;
	heap_remove(&x->due, &f->due);
	host_leave(x->hosts, &f->turn);
	p->archive = false;
	p->pushed = true;
	p->slow = lane_of_push(f) == LANE_SLOW;
	p->ticket = ticket;
	p->bytes = r->body->n;
	x->websub.pushes++;
	if (!feedstate_set(&p->url, r->final_url, &p->error) || !poll_submit(x, p, r)) {
		poll_finish(x, p, reaction_to_error(p->error.kind));
		return true;
	}
	p->phase = POLL_PARSING;
	x->parsing[p->slow]++;
	return true;
}

void push_finish(struct engine *x, struct poll *p)
{
	(void)x;
	p->tie = TIE_NOTHING_READ;
	if (p->result == POLL_OK)
		health_pushed(p);
	else
		log_warn("push-failed", LOG_CSTR("feed", p->feed_conf->name),
		    LOG_CSTR("kind", err_kind_name(p->error.kind)), LOG_CSTR("error", p->error.text));
}

/* What could not be read may have been a mere knock: the feed itself says what is new. */
int64_t push_delay(struct engine *x, const struct poll *p)
{
	int64_t due = roster_due_in(x, p->feed), soon = p->feed_conf->fetch->interval_min;
	int64_t held = roster_time_left(&p->feed->state, p->feed->state.hold_until, wall(x));

	soon = soon > held ? soon : held;
	return p->result == POLL_OK || due < soon ? due : soon;
}

void push_answer(struct engine *x, struct poll *p, int status)
{
	const struct port_callbacks *port = &x->ports->callbacks;

	if (p->ticket && port->answer)
		port->answer(port->ctx, p->ticket, status);
	p->ticket = 0;
}
