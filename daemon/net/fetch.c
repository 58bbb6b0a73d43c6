/*
 * fetch: many fetches over one multi handle. Owns the fetches (running ones, and resting ones with their
 * easy handles for the next request). The loop is the caller's.
 */
#include "daemon/net/fetch.h"

#include "daemon/base/clock.h"
#include "daemon/base/roots.h"
#include "daemon/base/url.h"
#include "daemon/net/hop.h"
#include "daemon/net/multi.h"

#include <stdlib.h>
#include <unistd.h>

#define LINE_BYTES_MAX 4096u /* bytes of one line that we send */

bool fetcher_open(
    const struct fetch_reactor *reactor, const struct fetch_keep *keep, struct fetcher **out, struct err *e)
{
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return err_set(e, ERR_NOMEM, 0, "libcurl cannot be started");
	struct fetcher *f = calloc(1, sizeof(*f));
	struct decoder *decoder = decoder_new();
	if (!f || !decoder || !multi_open(f, e)) {
		decoder_free(&decoder);
		free(f);
		curl_global_cleanup();
		return err_nomem(e);
	}
	f->decoder = decoder;
	f->reactor = *reactor;
	f->keep = *keep;
	f->ca_file = roots_file();
	*out = f;
	return true;
}

void fetcher_keep(struct fetcher *f, const struct fetch_keep *keep)
{
	f->keep = *keep;
}

static void fetch_free(struct fetch *x)
{
	hop_free(x);
	buf_fini(&x->text);
	buf_fini(&x->allow);
	buf_fini(&x->urls);
	buf_fini(&x->body);
	head_fini(&x->head);
	free(x);
}

static struct fetch *fetch_new(struct fetcher *f, struct err *e)
{
	struct fetch *x = calloc(1, sizeof(*x));
	if (!x) {
		err_nomem(e);
		return NULL;
	}
	x->owner = f;
	buf_init(&x->text, LINE_COUNT * LINE_BYTES_MAX + URL_MAX + 1);
	buf_init(&x->allow, FETCH_ALLOW_MAX * sizeof(struct network));
	buf_init(&x->urls, (NET_REDIRECTS_MAX + 2) * (URL_MAX + 1));
	buf_init(&x->body, 0);
	head_init(&x->head);
	if (hop_new(x, e))
		return x;
	fetch_free(x);
	return NULL;
}

static struct fetch *wake(struct fetcher *f, struct err *e)
{
	struct fetch *x = f->resting;
	if (!x)
		return fetch_new(f, e);
	f->resting = x->next;
	f->resting_count--;
	x->next = NULL;
	return x;
}

/* A buffer that failed or grew large gives its memory back. */
static void rest_buf(struct buf *b)
{
	if (b->failed || b->room > FETCH_REST_BYTES)
		buf_fini(b);
	buf_clear(b);
}

static void rest(struct fetch *x)
{
	struct fetcher *f = x->owner;
	if (f->resting_count >= f->keep.requests) {
		fetch_free(x);
		return;
	}
	rest_buf(&x->text);
	rest_buf(&x->allow);
	rest_buf(&x->urls);
	rest_buf(&x->body);
	rest_buf(&x->head.text);
	x->next = f->resting;
	f->resting = x;
	f->resting_count++;
}

static void list_in(struct fetch *x)
{
	struct fetcher *f = x->owner;
	x->previous = NULL;
	x->next = f->running;
	if (x->next)
		x->next->previous = x;
	f->running = x;
	f->active++;
	x->running = true;
}

static void list_out(struct fetch *x)
{
	struct fetcher *f = x->owner;
	if (x->previous)
		x->previous->next = x->next;
	else
		f->running = x->next;
	if (x->next)
		x->next->previous = x->previous;
	x->next = x->previous = NULL;
	f->active--;
	x->running = false;
}

/* "Name: value"; a validator that cannot be sent as it was given is left out, other values are refused. */
static bool add_line(
    struct fetch *x, enum fetch_line line, const char *name, const char *value, struct err *e)
{
	struct str v = str_from(value);
	bool validator = line == LINE_IF_NONE_MATCH || line == LINE_IF_MODIFIED_SINCE;
	x->line_at[line] = SIZE_MAX;
	if (v.n == 0 || (validator && (v.n > NET_VALIDATOR_MAX || !head_is_sendable(v))))
		return true;
	if (v.n > LINE_BYTES_MAX - 64 || !head_is_sendable(v))
		return err_set(e, ERR_CONFIG, 0, "%s: a value that cannot be sent", name);
	x->line_at[line] = x->text.n;
	buf_str(&x->text, str_from(name));
	buf_str(&x->text, STR(": "));
	if (line == LINE_AUTHORIZATION)
		buf_str(&x->text, STR("Bearer "));
	buf_add(&x->text, v.p, v.n + 1);
	return !x->text.failed || err_nomem(e);
}

static bool add_lines(struct fetch *x, const struct fetch_request *req, struct err *e)
{
	static const char accept[] =
	    "application/rss+xml, application/atom+xml, application/rdf+xml, "
	    "application/feed+json, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.5";
	const char *owner = req->validator_url ? req->validator_url : fetch_url(x, 0);
	buf_clear(&x->text);
	if (!add_line(x, LINE_USER_AGENT, "User-Agent", req->user_agent, e) ||
	    !add_line(x, LINE_ACCEPT, "Accept", accept, e) ||
	    !add_line(x, LINE_ENCODING, "Accept-Encoding", DECODE_ACCEPTED, e) ||
	    !add_line(x, LINE_LANGUAGE, "Accept-Language", req->accept_language, e) ||
	    !add_line(x, LINE_IF_NONE_MATCH, "If-None-Match", req->etag, e) ||
	    !add_line(x, LINE_IF_MODIFIED_SINCE, "If-Modified-Since", req->last_modified, e) ||
	    !add_line(x, LINE_AUTHORIZATION, "Authorization", req->bearer, e))
		return false;
	x->validator_url_at = x->text.n;
	buf_add(&x->text, owner, strlen(owner) + 1);
	return !x->text.failed || err_nomem(e);
}

/* The first URL of the chain; a name and password written in it are used, but stand in no URL that we show. */
static bool add_first_url(struct fetch *x, const struct fetch_request *req, struct err *e)
{
	struct target_user user = { NULL, NULL };
	struct str text = str_from(req->url);
	struct url parts;
	x->url_at[0] = 0;
	buf_clear(&x->urls);
	if (text.n > URL_MAX || !url_is_http(text) || !url_parse(text, &parts))
		return err_set(e, ERR_CONFIG, 0, "not an http or https URL");
	bool plain = parts.user.n == 0 && !parts.has_fragment;
	if (plain)
		buf_add(&x->urls, text.p, text.n + 1);
	bool ok = plain || target_strip(req->url, &x->urls, &user, e);
	ok = ok && (!x->urls.failed || err_nomem(e));
	ok = ok && hop_set_credentials(x, req->username ? req->username : user.name,
	               req->username ? req->password : user.password, e);
	curl_free(user.name);
	curl_free(user.password);
	return ok;
}

static bool prepare(struct fetch *x, const struct fetch_request *req, struct err *e)
{
	if (req->secret_missing)
		return err_set(e, ERR_IO, 0, "%s holds no secret that can be read: not asked without it",
		    req->secret_missing);
	if (req->allow_count > FETCH_ALLOW_MAX)
		return err_set(e, ERR_CONFIG, 0, "more than %u allowed networks", FETCH_ALLOW_MAX);
	buf_clear(&x->allow);
	if (req->allow_count > 0)
		buf_add(&x->allow, req->allow, req->allow_count * sizeof(*req->allow));
	if (x->allow.failed)
		return err_nomem(e);
	x->body.limit = req->body_max > FETCH_ERROR_BODY_MAX ? req->body_max : FETCH_ERROR_BODY_MAX;
	x->body_max = req->body_max;
	x->redirects_max = req->redirects_max < NET_REDIRECTS_MAX ? req->redirects_max : NET_REDIRECTS_MAX;
	x->started_ms = clock_mono(&clock_system);
	x->timeout_ms = req->timeout_ms;
	x->posts = req->post != NULL;
	x->proxied = req->proxy && req->proxy[0];
	x->http_proxied = x->proxied && url_is_http(str_from(req->proxy));
	x->keep_connection = req->keep_connection;
	x->credentials = true;
	x->refused_target = false;
	x->waits = false;
	/* Over a kept connection that turns out to be dead libcurl sends again, and so do we: a form might be taken twice (RFC 9110 section 9.2.2). */
	x->fresh = x->posts || req->fresh_connection;
	x->lost = false;
	x->hop = 0;
	return add_first_url(x, req, e) && add_lines(x, req, e) && hop_prepare(x, req, x->owner->ca_file, e);
}

static bool add_to_multi(struct fetch *x, struct err *e)
{
	if (!x->owner->multi && !multi_open(x->owner, e))
		return false;
	CURLMcode code = curl_multi_add_handle(x->owner->multi, x->easy);
	return code == CURLM_OK ||
	       err_set(e, ERR_NOMEM, 0, "libcurl does not take the request (%d)", (int)code);
}

bool fetch_start(struct fetcher *f, const struct fetch_request *req, fetch_done_f *done, void *ctx,
    struct fetch **out, struct err *e)
{
	struct fetch *x = wake(f, e);
	if (!x)
		return false;
	x->done = done;
	x->ctx = ctx;
	if (!prepare(x, req, e) || !hop_begin(x, x->started_ms, e) || !add_to_multi(x, e)) {
		rest(x);
		return false;
	}
	list_in(x);
	if (out)
		*out = x;
	return true;
}

void fetch_cancel(struct fetch **x)
{
	if (!x || !*x)
		return;
	if ((*x)->running) {
		(void)curl_multi_remove_handle((*x)->owner->multi, (*x)->easy);
		list_out(*x);
		rest(*x);
	}
	*x = NULL;
}

static void fill_result(struct fetch *x, struct fetch_redirect *redirects, struct fetch_result *r)
{
	const struct head *h = &x->head;
	struct str wall = head_get(h, HEAD_CF_MITIGATED);
	char *address = NULL;
	unsigned last = x->hop - (x->refused_target ? 1 : 0);
	for (unsigned i = 1; i <= x->hop; i++)
		redirects[i - 1] =
		    (struct fetch_redirect){ x->redirect_status[i], str_from(fetch_url(x, i)) };
	(void)curl_easy_getinfo(x->easy, CURLINFO_PRIMARY_IP, &address);
	*r = (struct fetch_result){
		.error = x->error,
		.phase = x->phase,
		.status = x->status,
		.body = &x->body,
		.final_url = str_from(fetch_url(x, last)),
		.etag = head_get_validator(h, HEAD_ETAG),
		.last_modified = head_get_validator(h, HEAD_LAST_MODIFIED),
		.content_type = head_get(h, HEAD_CONTENT_TYPE),
		.content_language = head_get(h, HEAD_CONTENT_LANGUAGE),
		.content_location = head_get(h, HEAD_CONTENT_LOCATION),
		.cache_control = head_get(h, HEAD_CACHE_CONTROL),
		.expires = head_get(h, HEAD_EXPIRES),
		.retry_after = head_get(h, HEAD_RETRY_AFTER),
		.date = head_get(h, HEAD_DATE),
		.age = head_get(h, HEAD_AGE),
		.link = head_get(h, HEAD_LINK),
		.challenge = wall.n ? wall : head_get(h, HEAD_WAF_ACTION),
		.redirects = redirects,
		.redirect_count = x->hop,
		.waits = x->waits,
		.wire_bytes = x->wire_bytes,
		.elapsed_ms = clock_mono(&clock_system) - x->started_ms,
		.address = str_from(address),
	};
}

static void finish(struct fetch *x)
{
	struct fetch_redirect redirects[NET_REDIRECTS_MAX + 1];
	struct fetch_result result;
	list_out(x);
	fill_result(x, redirects, &result);
	x->done(x->ctx, &result);
	rest(x);
}

/* The hop that x->hop says, now. */
static bool run_hop(struct fetch *x)
{
	struct err e = { ERR_NONE };
	if (hop_begin(x, clock_mono(&clock_system), &e) && add_to_multi(x, &e))
		return true;
	x->error = e;
	return false;
}

static void drain(struct fetcher *f)
{
	int left;
	CURLMsg *message;
	while ((message = curl_multi_info_read(f->multi, &left))) {
		struct fetch *x = NULL;
		CURLcode code = message->data.result;
		(void)curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&x);
		hop_drop_leftovers(x);
		(void)curl_multi_remove_handle(f->multi, x->easy);
		if (!x->fresh && hop_found_dead_connections(x, code)) {
			x->fresh = true;
			if (run_hop(x))
				continue;
		}
		hop_end(x, code);
		if (x->error.kind == ERR_NONE && redirect_leads_on(x) && run_hop(x))
			continue;
		finish(x);
	}
}

static struct fetch *first_lost(const struct fetcher *f)
{
	struct fetch *x = f->running;
	while (x && !x->lost)
		x = x->next;
	return x;
}

/* Out of memory, libcurl 7.88 leaves an entry for the socket behind whose table of transfers is gone, and divides by zero when it meets it again.
 * So another multi handle is made, with the next request, and what runs over this one has failed. */
static void start_anew(struct fetcher *f)
{
	struct fetch *x;
	for (x = f->running; x; x = x->next) {
		(void)curl_multi_remove_handle(f->multi, x->easy);
		x->lost = true;
	}
	multi_close(f);
	while ((x = first_lost(f))) {
		x->lost = false;
		hop_end(x, CURLE_OUT_OF_MEMORY);
		finish(x);
	}
}

/* False: memory. Without a connection there is nothing to look at. */
static bool look_again(struct fetch *x)
{
	CURLcode code = curl_easy_pause(x->easy, CURLPAUSE_RECV);
	if (code == CURLE_OK)
		code = curl_easy_pause(x->easy, CURLPAUSE_CONT);
	return code == CURLE_OK || code == CURLE_BAD_FUNCTION_ARGUMENT;
}

/* libcurl 7.88 opens the next address' socket only when that one's time is over as well, unless it is made to look. False: memory. */
static bool go_on(struct fetcher *f)
{
	bool good = true;
	bool any = f->gave_up;
	f->gave_up = false;
	for (struct fetch *x = f->running; any && good && x; x = x->next) {
		bool gave_up = x->gave_up;
		x->gave_up = false;
		good = !gave_up || look_again(x);
	}
	return good;
}

static void act(struct fetcher *f, curl_socket_t fd, int mask)
{
	int running;
	if (!f->multi)
		return;
	CURLMcode code = curl_multi_socket_action(f->multi, fd, mask, &running);
	multi_settle(f);
	drain(f);
	if (code == CURLM_OUT_OF_MEMORY || !go_on(f))
		start_anew(f);
}

void fetcher_on_idle(struct fetcher *f, int fd)
{
	if (multi_socket_has_rest(f, fd))
		multi_socket_drop_rest(fd);
}

void fetcher_on_socket(struct fetcher *f, int fd, int events)
{
	int mask =
	    (events & FETCH_READ ? CURL_CSELECT_IN : 0) | (events & FETCH_WRITE ? CURL_CSELECT_OUT : 0);
	act(f, fd, mask);
}

void fetcher_on_timer(struct fetcher *f)
{
	act(f, CURL_SOCKET_TIMEOUT, 0);
}

size_t fetcher_active(const struct fetcher *f)
{
	return f->active;
}

static void free_list(struct fetcher *f, struct fetch *first)
{
	while (first) {
		struct fetch *x = first;
		first = x->next;
		if (x->running)
			(void)curl_multi_remove_handle(f->multi, x->easy);
		fetch_free(x);
	}
}

void fetcher_close(struct fetcher **fp)
{
	struct fetcher *f = *fp;
	if (!f)
		return;
	*fp = NULL;
	free_list(f, f->running);
	free_list(f, f->resting);
	multi_close(f);
	decoder_free(&f->decoder);
	free(f->sockets);
	free(f->fresh);
	free(f);
	curl_global_cleanup();
}
