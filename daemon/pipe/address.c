/*
 * address: where a feed is asked. The configured address is the operator's word; one that the publisher moved to for good is used in its stead for as long as a
 * feed is there. Each change is an event, and none of the items: they are known by the feed's name.
 */
#include "daemon/pipe/engine_priv.h"

static void tell(struct poll *p, const char *to, const char *reason)
{
	p->elsewhere = true;
	poll_tell(p, &(struct feed_event){
	                 .kind = EVENT_FEED_MOVED, .reason = reason, .from = p->moved_from, .to = to });
	log_info("feed-address", LOG_CSTR("feed", p->feed_conf->name), LOG_CSTR("from", p->moved_from),
	    LOG_CSTR("to", to));
}

/* The event outlives what is remembered of the feed. Memory: the move waits for the next answer. */
static bool note_former(struct poll *p)
{
	return feedstate_set(&p->moved_from, str_from(feed_address(p->feed)), &p->error);
}

/* A document that lists nothing may be anybody's, also when it is so again and again. */
static void note_redirects(struct poll *p)
{
	struct err e = { .kind = ERR_NONE };
	enum tie tie = p->after.empty ? TIE_EMPTY : p->tie;
	bool saved = false;

	if (!move_note(&p->after.move, str_from(p->moved_to), tie, p->feed_conf, p->at, &saved, &e))
		log_debug("memory-short", LOG_CSTR("error", e.text));
	if (saved && p->moved_from)
		tell(p, p->moved_to, "permanent redirects");
}

/* Its first chance is soon: what the address that failed asked for is not its word. */
static void go_back(struct poll *p)
{
	struct feedstate *s = &p->after;
	int64_t soon = p->feed_conf->fetch->interval;

	if (!s->failing_since || p->at - s->failing_since < p->feed_conf->fetch->move_return)
		return;
	move_return(&s->move);
	feedstate_forget_resume(s);
	if (!s->holds_host)
		s->hold_until = 0;
	p->delay = p->delay < soon ? p->delay : soon;
	s->due_at = p->at + p->delay;
	tell(p, p->feed_conf->url, "the address that it moved to fails");
}

void address_note(struct poll *p)
{
	bool moved = p->after.move && p->after.move->address;

	if (!p->feed->conf || (p->moved_to && !note_former(p)) || (moved && !note_former(p)))
		return;
	if (!p->resumed && (p->reaction == REACT_READ || p->reaction == REACT_KEEP))
		note_redirects(p);
	else if (moved)
		go_back(p);
	if (p->reaction == REACT_BLOCKED)
		move_refuted(&p->after.move);
}
