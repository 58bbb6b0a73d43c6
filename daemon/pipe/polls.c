/* polls: where one begins and where it ends. */
#include "daemon/pipe/engine_priv.h"

#include "daemon/pipe/window.h"

#include <stdlib.h>
#include <string.h>

#define SPARES_MAX 512u /* under way at a quick pace, with those that wait for the journal */

bool polls_under_way(const struct engine *x)
{
	return x->fetching || lanes_parsing(x) || x->commits.queued_polls;
}

/* What one poll leaves is the next one's: taken from the allocator each time, they wander through all that is free, and no page of it stays away. */
static struct poll *take_spare(struct engine *x)
{
	struct poll *p = x->spare;

	if (!p)
		return calloc(1, sizeof(*p));
	x->spare = p->next;
	x->spares--;
	memset(p, 0, sizeof(*p));
	return p;
}

static void give_back(struct engine *x, struct poll *p)
{
	if (x->spares == SPARES_MAX) {
		free(p);
		return;
	}
	p->next = x->spare;
	x->spare = p;
	x->spares++;
}

void polls_free_spares(struct engine *x)
{
	for (struct poll *p; (p = x->spare);) {
		x->spare = p->next;
		free(p);
	}
	x->spares = 0;
}

void poll_free(struct engine *x, struct poll **poll)
{
	struct poll *p = *poll;

	*poll = NULL;
	if (!p)
		return;
	slots_release(&x->polls, p->id);
	if (p->feed)
		p->feed->poll = NULL;
	hosts_drop(x->hosts, &p->host);
	feedstate_fini(&p->after);
	push_answer(x, p, 503); /* nothing of it is durable: the hub tries again */
	free(p->hub);
	free(p->self);
	free(p->url);
	free(p->moved_to);
	free(p->moved_from);
	free(p->etag);
	free(p->last_modified);
	buf_fini(&p->window);
	buf_fini(&p->frame);
	arena_free(&p->arena);
	conf_drop(&p->conf);
	give_back(x, p);
}

struct poll *poll_new(struct engine *x, struct feed *f, struct err *e)
{
	struct poll *p = take_spare(x);

	if (!p || !feedstate_copy(&f->state, &p->after, e)) {
		free(p);
		err_nomem(e);
		return NULL;
	}
	buf_init(&p->window, WINDOW_MAX);
	buf_init(&p->frame, JOB_ANSWER_MAX);
	feedstate_learned(&f->state, &p->learned);
	p->feed = f;
	p->feed_conf = f->conf;
	p->conf = conf_hold(x->conf);
	p->archive = f->turn_is_archive && f->state.walk;
	p->resumed = !p->archive && feedtext(f->state.texts, FEEDTEXT_RESUME);
	p->host = host_share(roster_turn_host(f));
	p->started = p->answered = mono(x);
	p->at = wall(x);
	p->whole = p->archive || !twins_agree(f) || websub_seeks_hub(x, f) ||
	           trust_asks_whole(&p->learned.trust, f->conf->fetch, p->at);
	p->retry_after = -1;
	p->first = !f->state.known;
	p->after.hub_sought = f->state.hub_sought && websub_is_wanted(x->conf, f->conf);
	p->id = slots_take(&x->polls, p);
	if (p->id == 0) {
		poll_free(x, &p);
		err_nomem(e);
		return NULL;
	}
	f->poll = p;
	return p;
}

void polls_cancel(struct engine *x)
{
	struct poll *p;

	for (uint32_t i = 0; (p = slots_each(&x->polls, &i));) {
		if (p->phase == POLL_FETCHING) {
			x->ports->fetcher.cancel(x->ports->fetcher.ctx, p->id);
			hosts_done(x->hosts, &p->feed->turn, mono(x));
			x->fetching--;
		} else if (p->phase == POLL_PARSING) {
			x->parsing[p->slow]--;
		}
		if (p->phase == POLL_FETCHING || p->phase == POLL_PARSING) {
			struct feed *f = p->feed;

			poll_free(x, &p);
			if (!f->conf)
				feed_free(x, &f);
		}
	}
}
