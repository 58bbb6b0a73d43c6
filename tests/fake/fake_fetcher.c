/* fake_fetcher: a list of answers, a list of requests under way, a list of what was asked. */
#include "tests/fake/fake_fetcher.h"

#include <assert.h>
#include <stdlib.h>

#define LATENCY_MS 40 /* virtual */

static char *copy(const char *s)
{
	return s ? strdup(s) : NULL;
}

void fake_fetcher_init(struct fake_fetcher *f, struct virtual_clock *clock)
{
	*f = (struct fake_fetcher){ .clock = clock };
	f->pending = calloc(FAKE_PENDING_MAX, sizeof(*f->pending));
	f->asked = calloc(FAKE_ASKED_MAX, sizeof(*f->asked));
	assert(f->pending && f->asked);
}

static void clear_answer(struct fake_answer *a)
{
	free(a->body);
	free(a->etag);
	free(a->last_modified);
	free(a->redirect);
	free(a->retry_after);
	free(a->cache_control);
	free(a->content_type);
	free(a->challenge);
	free(a->link);
	*a = (struct fake_answer){ .url = a->url, .status = 200, .latency = LATENCY_MS };
}

static void remove_pending(struct fake_fetcher *f, size_t i)
{
	free(f->pending[i].url);
	free(f->pending[i].etag);
	free(f->pending[i].last_modified);
	f->pending[i] = f->pending[--f->pending_count];
}

void fake_fetcher_forget_pending(struct fake_fetcher *f)
{
	while (f->pending_count)
		remove_pending(f, 0);
}

void fake_fetcher_fini(struct fake_fetcher *f)
{
	fake_fetcher_forget_pending(f);
	for (size_t i = 0; i < f->answer_count; i++) {
		clear_answer(&f->answers[i]);
		free(f->answers[i].url);
	}
	for (size_t i = 0; i < f->asked_count; i++) {
		free(f->asked[i].url);
		free(f->asked[i].etag);
		free(f->asked[i].last_modified);
		free(f->asked[i].post);
	}
	free(f->answers);
	free(f->pending);
	free(f->asked);
}

static struct fake_answer *find(struct fake_fetcher *f, const char *url)
{
	for (size_t i = 0; i < f->answer_count; i++)
		if (strcmp(f->answers[i].url, url) == 0)
			return &f->answers[i];
	return NULL;
}

struct fake_answer *fake_fetcher_answer(struct fake_fetcher *f, const char *url)
{
	struct fake_answer *a = find(f, url);

	if (!a) {
		f->answers = reallocarray(f->answers, f->answer_count + 1, sizeof(*f->answers));
		assert(f->answers);
		a = &f->answers[f->answer_count++];
		*a = (struct fake_answer){ .url = strdup(url) };
	}
	clear_answer(a);
	return a;
}

static bool on_start(void *ctx, uint64_t id, const struct fetch_request *req, struct err *e)
{
	struct fake_fetcher *f = ctx;
	struct fake_answer *a = find(f, req->url);
	const char *answers = a && a->redirect && !a->waits ? a->redirect : req->url;
	bool meant = strcmp(answers, req->validator_url ? req->validator_url : req->url) == 0;
	const char *etag = meant ? req->etag : NULL, *last_modified = meant ? req->last_modified : NULL;

	(void)e;
	assert(f->pending_count < FAKE_PENDING_MAX && f->asked_count < FAKE_ASKED_MAX);
	f->asked[f->asked_count++] = (struct fake_asked){ f->clock->mono, copy(req->url), copy(etag),
		copy(last_modified), copy(req->post), req->fresh_connection, req->pin != NULL };
	f->pending[f->pending_count++] =
	    (struct fake_pending){ id, f->clock->mono + (a ? a->latency : LATENCY_MS), copy(req->url),
		    copy(etag), copy(last_modified) };
	if (f->pending_count > f->pending_most)
		f->pending_most = f->pending_count;
	return true;
}

static void on_cancel(void *ctx, uint64_t id)
{
	struct fake_fetcher *f = ctx;

	for (size_t i = 0; i < f->pending_count; i++)
		if (f->pending[i].id == id) {
			remove_pending(f, i);
			return;
		}
}

struct port_fetcher fake_fetcher_port(struct fake_fetcher *f)
{
	return (struct port_fetcher){ f, on_start, on_cancel, NULL };
}

static size_t earliest(const struct fake_fetcher *f)
{
	size_t best = 0;

	for (size_t i = 1; i < f->pending_count; i++)
		if (f->pending[i].due < f->pending[best].due)
			best = i;
	return best;
}

int64_t fake_fetcher_next(const struct fake_fetcher *f)
{
	return f->pending_count ? f->pending[earliest(f)].due : INT64_MAX;
}

static bool is_current(const struct fake_answer *a, const struct fake_pending *p)
{
	if (a->stubborn && (p->etag || p->last_modified))
		return true;
	if (!a->conditional)
		return false;
	return (a->etag && p->etag && strcmp(a->etag, p->etag) == 0) ||
	       (a->last_modified && p->last_modified && strcmp(a->last_modified, p->last_modified) == 0);
}

static void fill(const struct fake_answer *a, const struct fake_pending *p, struct fetch_result *r)
{
	bool current = is_current(a, p);

	r->status = current ? 304 : a->status;
	if (!current) { /* a bare 304 is the harder case */
		r->etag = str_from(a->etag);
		r->last_modified = str_from(a->last_modified);
	}
	r->retry_after = str_from(a->retry_after);
	r->cache_control = str_from(a->cache_control);
	r->content_type = str_from(a->content_type);
	r->challenge = str_from(a->challenge);
	r->link = str_from(a->link);
	if (a->error != ERR_NONE)
		err_set(&r->error, a->error, 0, "scripted failure");
	if (!current && a->body)
		buf_str(r->body, str_from(a->body));
}

bool fake_fetcher_deliver(struct fake_fetcher *f, fake_fetched_f *give, void *ctx)
{
	struct fake_answer nothing = { .error = ERR_NET };
	struct fake_answer *a;
	struct fake_pending *p;
	struct fetch_result r = { .elapsed_ms = 40 };
	struct fetch_redirect redirect;
	struct buf body;
	uint64_t id;

	if (fake_fetcher_next(f) > f->clock->mono)
		return false;
	p = &f->pending[earliest(f)];
	a = find(f, p->url);
	buf_init(&body, 64u << 20);
	r.body = &body;
	r.waits = a && a->waits;
	r.final_url = str_from(a ? (a->redirect && !a->waits ? a->redirect : a->url) : NULL);
	redirect = (struct fetch_redirect){ a && a->moved ? 301 : 302, str_from(a ? a->redirect : NULL) };
	if (a && a->redirect) {
		r.redirects = &redirect;
		r.redirect_count = 1;
	}
	fill(a ? a : &nothing, p, &r);
	if (r.waits)
		r.status = redirect.status;
	r.wire_bytes = body.n;
	id = p->id;
	remove_pending(f, (size_t)(p - f->pending));
	give(ctx, id, &r);
	buf_fini(&body);
	return true;
}
