/*
 * led: feeds that redirects lead to another host. That one is asked by them too: their turn is there first, as far as the last answer tells, and then at
 * their own host; and whatever a redirect led to counts for the pause of its host.
 */
#include "daemon/pipe/engine_priv.h"

/* Memory: then it is only a matter of manners. */
struct host *led_to(struct engine *x, const struct feed *f)
{
	struct err why = { .kind = ERR_NONE };
	struct str next = feedtext_str(f->state.texts, FEEDTEXT_RESUME);
	struct str last = feedtext_str(f->state.texts, FEEDTEXT_VALIDATOR_URL);

	return next.n || last.n ? roster_host_at(x, next.n ? next : last, &why) : NULL;
}

bool led_goes_on(struct engine *x, struct feed *f, int64_t now)
{
	if (!f->away || f->turn_is_archive)
		return false;
	hosts_done(x->hosts, &f->turn, now);
	hosts_drop(x->hosts, &f->away);
	host_wait(x->hosts, f->host, &f->turn, now);
	return true;
}

void led_asked(struct engine *x, const struct fetch_result *r, const struct host *own, int64_t at)
{
	for (size_t i = 0; i < r->redirect_count; i++) {
		struct str url = r->redirects[i].url;
		bool followed = i + 1 < r->redirect_count || str_eq(url, r->final_url);
		struct err why = { .kind = ERR_NONE };
		struct host *host = followed ? roster_host_at(x, url, &why) : NULL;

		if (host && host != own)
			host_asked(x->hosts, host, at);
		hosts_drop(x->hosts, &host);
	}
}

void led_answered(struct engine *x, struct poll *p, const struct fetch_result *r)
{
	hosts_done(x->hosts, &p->feed->turn, mono(x));
	led_asked(x, r, p->host, p->started);
}
