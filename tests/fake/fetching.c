/* fetching: glue between the fetcher under test and a test. */
#include "tests/fake/fetching.h"

#include <stdio.h>
#include <stdlib.h>

struct waiting {
	struct fetching *fetching;
	struct outcome *out;
};

static char *keep(struct str s)
{
	char *p = malloc(s.n + 1);
	if (!p)
		abort();
	if (s.n > 0)
		memcpy(p, s.p, s.n);
	p[s.n] = '\0';
	return p;
}

void fetching_open(struct fetching *f)
{
	const struct fetch_keep keep = { FETCHING_CONNECTIONS, FETCHING_CONNECTIONS, 60000 };
	struct fetch_reactor seam;
	struct err e = { ERR_NONE };
	memset(f, 0, sizeof(*f));
	reactor_init(&f->reactor);
	seam = reactor_seam(&f->reactor);
	if (!fetcher_open(&seam, &keep, &f->fetcher, &e) ||
	    !network_parse(STR("127.0.0.0/8"), &f->loopback, &e)) {
		fprintf(stderr, "fetching: %s\n", e.text);
		abort();
	}
}

void fetching_close(struct fetching *f)
{
	fetcher_close(&f->fetcher);
}

struct fetch_request fetching_request(const struct fetching *f, const char *url)
{
	return (struct fetch_request){
		.url = url,
		.user_agent = "gazetted-test/1",
		.timeout_ms = 30000,
		.connect_timeout_ms = 30000,
		.low_speed_ms = 30000,
		.low_speed_bytes = 1,
		.body_max = 1u << 20,
		.redirects_max = 5,
		.keep_connection = true,
		.allow = &f->loopback,
		.allow_count = 1,
	};
}

static void on_done(void *ctx, const struct fetch_result *r)
{
	struct waiting *w = ctx;
	struct outcome *o = w->out;
	unsigned calls = o->calls + 1;
	*o = (struct outcome){
		.error = r->error,
		.phase = r->phase,
		.status = r->status,
		.body = keep(buf_view(r->body)),
		.body_n = r->body->n,
		.final_url = keep(r->final_url),
		.etag = keep(r->etag),
		.last_modified = keep(r->last_modified),
		.content_type = keep(r->content_type),
		.cache_control = keep(r->cache_control),
		.retry_after = keep(r->retry_after),
		.link = keep(r->link),
		.address = keep(r->address),
		.redirect_count = r->redirect_count,
		.waits = r->waits,
		.wire_bytes = r->wire_bytes,
		.calls = calls,
	};
	for (size_t i = 0; i < r->redirect_count && i < FETCHING_REDIRECTS; i++) {
		o->redirect[i].status = r->redirects[i].status;
		o->redirect[i].url = keep(r->redirects[i].url);
	}
	w->fetching->done++;
	free(w);
}

struct fetch *fetching_start(struct fetching *f, const struct fetch_request *req, struct outcome *out)
{
	struct fetch *x = NULL;
	struct err e = { ERR_NONE };
	struct waiting *w = malloc(sizeof(*w));
	if (!w)
		abort();
	*w = (struct waiting){ f, out };
	memset(out, 0, sizeof(*out));
	if (!fetch_start(f->fetcher, req, on_done, w, &x, &e)) {
		fprintf(stderr, "fetching: %s: %s\n", req->url, e.text);
		abort();
	}
	out->waiting = w;
	f->started++;
	return x;
}

void fetching_forget(struct fetching *f, struct outcome *out)
{
	free(out->waiting);
	out->waiting = NULL;
	f->started--;
}

void fetching_wait(struct fetching *f)
{
	if (!reactor_run(&f->reactor, f->fetcher, &f->done, f->started))
		abort();
	f->done = f->started = 0;
}

void fetching_get(struct fetching *f, const struct fetch_request *req, struct outcome *out)
{
	(void)fetching_start(f, req, out);
	fetching_wait(f);
}

void outcome_fini(struct outcome *o)
{
	char *all[] = { o->body, o->final_url, o->etag, o->last_modified, o->content_type, o->cache_control,
		o->retry_after, o->link, o->address };
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		free(all[i]);
	for (size_t i = 0; i < o->redirect_count && i < FETCHING_REDIRECTS; i++)
		free(o->redirect[i].url);
	memset(o, 0, sizeof(*o));
}
