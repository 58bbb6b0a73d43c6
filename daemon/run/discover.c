/*
 * discover: one address after the other: fetch, look, and what that brings to light is put behind. Owns a loop, a fetcher, one worker and the
 * list of addresses.
 */
#include "daemon/run/discover.h"

#include "daemon/base/clock.h"
#include "daemon/base/date.h"
#include "daemon/base/json.h"
#include "daemon/base/url.h"
#include "daemon/conf/host_rule.h"
#include "daemon/conf/needs.h"
#include "daemon/pipe/look.h"
#include "daemon/run/discover_priv.h"
#include "daemon/run/net.h"
#include "daemon/run/pool.h"
#include "daemon/run/secret.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#define NETWORKS_MAX 64u /* -a */
#define OUTPUT_MAX (1u << 20) /* bytes of all lines */
#define TIME_MAX_MS (5 * 60 * 1000) /* then what is left is not asked any more */
#define CLOSE_TURNS 1000 /* turns of the loop to close handles in */
#define LOOK_REQUEST_MAX ((size_t)CONF_BODY_MAX + (1u << 20)) /* bytes: the largest body_max, and a little */

struct discover {
	uv_loop_t loop;
	uv_timer_t gap;
	struct conf *conf;
	struct conf own; /* the same with one worker and without topics */
	struct network networks[NETWORKS_MAX * 2];
	struct net *net;
	struct pool *pool;
	struct arena *arena;
	struct candidates list;
	const char *const *known_paths; /* still to be tried */
	struct candidate *now; /* being asked */
	struct str links; /* of its answer */
	char proxy_password[SECRET_MAX];
	int64_t started;
	struct buf out;
	size_t feeds;
	int status;
};

/* Where feeds are on many sites. Asked for only when the page names none. */
static const char *const known_paths[] = { "/feed", "/rss", "/rss.xml", "/feed.xml", "/atom.xml",
	"/index.xml", "/feeds", "/feed.json", NULL };

static void ask_next(struct discover *d);

static void begin_line(const struct discover *d, struct json *w, struct buf *out)
{
	json_init(w, out);
	json_open_object(w);
	json_key_string(w, "found", candidate_how(d->now));
	json_key_string(w, "url", d->now->url);
}

static void end_line(struct json *w)
{
	json_close_object(w);
	buf_byte(w->out, '\n');
}

static void tell_failure(struct discover *d, const char *why)
{
	struct json w;
	begin_line(d, &w, &d->out);
	json_key_string(&w, "error", str_from(why));
	end_line(&w);
	if (d->now->found == FOUND_ASKED)
		d->status = EX_UNAVAILABLE;
}

static void tell_feed(struct discover *d, const struct look_answer *a)
{
	char date[DATE_TEXT_MAX];
	struct json w;
	begin_line(d, &w, &d->out);
	json_key_string(&w, "format", str_from(feed_format_name(a->format)));
	json_key_string_opt(&w, "title", a->title);
	json_key_string_opt(&w, "language", a->language.n > 0 ? a->language : d->now->language);
	json_key_int(&w, "items", (int64_t)a->items);
	if (a->newest != DATE_NONE)
		json_key_string(&w, "newest", str_of(date, date_format(a->newest, date)));
	end_line(&w);
	d->feeds++;
}

static void take_page(struct discover *d, const struct look_answer *a)
{
	if (!candidates_may_lead_on(d->now))
		return;
	candidates_add_header(&d->list, d->now, d->links);
	for (size_t i = 0; i < a->link_count; i++)
		candidates_add(&d->list, d->now, a->links[i].found == PAGE_ANCHOR ? FOUND_ANCHOR : FOUND_LINK,
		    a->links[i].url, a->links[i].language);
}

static void pause_then_next(struct discover *d);

static void on_answer(void *ctx, uint64_t id, struct str frame, int64_t took)
{
	struct discover *d = ctx;
	struct look_answer a;
	struct err e = { .kind = ERR_NONE };
	(void)id, (void)took; /* one at a time */
	if (!look_answer_decode(frame, d->arena, &a, &e)) {
		tell_failure(d, e.text);
	} else if (a.error.kind == ERR_NONE) {
		tell_feed(d, &a);
	} else if (d->now->found == FOUND_ASKED || candidates_may_lead_on(d->now)) {
		take_page(d, &a);
	} else {
		tell_failure(d, a.error.text);
	}
	pause_then_next(d);
}

static void on_lost(void *ctx, uint64_t id, const char *why)
{
	struct discover *d = ctx;
	(void)id;
	tell_failure(d, why);
	pause_then_next(d);
}

/* What a publisher says has moved for good is where the feed is asked for from now on. */
static struct str lasting_address(const struct discover *d, const struct fetch_result *r)
{
	for (size_t i = 0; i < r->redirect_count; i++)
		if (r->redirects[i].status != 301 && r->redirects[i].status != 308)
			return d->now->url;
	return r->redirect_count > 0 ? r->final_url : d->now->url;
}

static bool submit(struct discover *d, const struct fetch_result *r, struct err *e)
{
	struct buf frame;
	struct str url = arena_str(d->arena, lasting_address(d, r));
	d->links = arena_str(d->arena, r->link);
	d->now->final_url = arena_str(d->arena, r->final_url);
	if (arena_failed(d->arena))
		return err_nomem(e);
	d->now->url = url;
	const struct look look = { 1, d->now->final_url, r->content_type, d->conf->workers.cpu_limit,
		r->body ? buf_view(r->body) : (struct str){ NULL, 0 } };
	buf_init(&frame, LOOK_REQUEST_MAX);
	look_encode(&look, &frame);
	bool ok = !frame.failed || err_nomem(e);
	ok = ok && pool_submit(d->pool, look.id, false, &frame, e);
	buf_fini(&frame);
	return ok;
}

static void on_fetched(void *ctx, uint64_t id, const struct fetch_result *r)
{
	struct discover *d = ctx;
	struct err e = r->error;
	(void)id;
	if (e.kind == ERR_NONE && r->status != 200 && r->status != 203)
		err_set(&e, ERR_HTTP, 0, "status %d%s", r->status,
		    r->waits ? ": a redirect that is not to be followed before its Retry-After" : "");
	if (e.kind == ERR_NONE && candidates_seen_before(&d->list, d->now, r->final_url)) {
		pause_then_next(d);
		return;
	}
	if (e.kind == ERR_NONE && submit(d, r, &e))
		return;
	tell_failure(d, e.text);
	pause_then_next(d);
}

static bool start(struct discover *d, struct err *e)
{
	const struct conf_fetch *f = &d->own.fetch;
	char url[URL_MAX + 1];
	const char *file = f->proxy ? f->proxy_password_file : NULL;
	bool known = file && secret_read(file, d->proxy_password);
	const struct fetch_request req = {
		.url = url,
		.user_agent = d->conf->user_agent,
		.ca_file = f->ca_file,
		.proxy = f->proxy,
		.proxy_username = known ? f->proxy_username : NULL,
		.proxy_password = known ? d->proxy_password : NULL,
		.secret_missing = known ? NULL : file,
		.timeout_ms = f->timeout,
		.connect_timeout_ms = f->connect_timeout,
		.low_speed_ms = f->low_speed_time,
		.low_speed_bytes = f->low_speed_bytes,
		.body_max = (size_t)f->body_max,
		.redirects_max = (unsigned)f->redirects_max,
		.keep_connection = true,
		.allow = f->allow_networks,
		.allow_count = f->allow_networks_count,
	};
	if (d->now->url.n > URL_MAX)
		return err_set(e, ERR_LIMIT, 0, "the URL is longer than %d bytes", URL_MAX);
	memcpy(url, d->now->url.p, d->now->url.n);
	url[d->now->url.n] = '\0';
	return net_start(d->net, 1, &req, e);
}

static void try_known_paths(struct discover *d)
{
	for (; d->feeds == 0 && d->known_paths && *d->known_paths; d->known_paths++)
		candidates_add(
		    &d->list, &d->list.at[0], FOUND_PATH, str_from(*d->known_paths), (struct str){ NULL, 0 });
	d->known_paths = NULL;
}

static void finish(struct discover *d)
{
	size_t left = candidates_left(&d->list);
	if (left > 0) {
		struct json w;
		json_init(&w, &d->out);
		json_open_object(&w);
		json_key_int(&w, "left", (int64_t)left);
		end_line(&w);
	}
	if (d->status == EX_OK && d->feeds == 0)
		d->status = EXIT_FAILURE;
	uv_stop(&d->loop);
}

static void ask_next(struct discover *d)
{
	struct err e = { .kind = ERR_NONE };
	bool late = clock_mono(&clock_system) - d->started > TIME_MAX_MS;
	bool is_feed = d->now && d->now->found == FOUND_ASKED && d->feeds > 0;
	while (!late && !is_feed) {
		d->now = candidates_next(&d->list);
		if (!d->now && d->known_paths && d->status == EX_OK) {
			try_known_paths(d);
			continue;
		}
		if (!d->now)
			break;
		if (start(d, &e))
			return;
		tell_failure(d, e.text);
		err_clear(&e);
	}
	finish(d);
}

static void on_gap(uv_timer_t *t)
{
	ask_next(t->data);
}

static void pause_then_next(struct discover *d)
{
	int64_t gap = conf_host_gap(&d->conf->hosts, d->now->url);
	uv_timer_start(&d->gap, on_gap, (uint64_t)gap, 0);
}

static bool open_all(struct discover *d, struct err *e)
{
	const struct fetch_keep keep = { 1, 1, d->conf->hosts.idle_for };
	const struct net_events net_events = { d, on_fetched };
	const struct pool_events pool_events = { d, on_answer, on_lost };
	int failed = uv_timer_init(&d->loop, &d->gap);
	d->gap.data = d;
	if (failed != 0)
		return err_set(e, ERR_IO, -failed, "event loop");
	return pool_open(&d->loop, &d->own, &pool_events, &d->pool, e) &&
	       net_open(&d->loop, &keep, &net_events, &d->net, e);
}

static void close_all(struct discover *d)
{
	net_close(&d->net);
	pool_close(&d->pool);
	uv_close((uv_handle_t *)&d->gap, NULL);
	for (int turn = 0; turn < CLOSE_TURNS && uv_run(&d->loop, UV_RUN_NOWAIT) != 0; turn++)
		continue;
	(void)uv_loop_close(&d->loop);
}

static void say(const char *text)
{
	fprintf(stderr, "gazetted --discover: %s\n", text);
}

static int run(struct discover *d, const char *url)
{
	struct err e = { .kind = ERR_NONE };
	int failed = uv_loop_init(&d->loop);
	if (failed != 0)
		return EX_OSERR;
	buf_init(&d->out, OUTPUT_MAX);
	d->known_paths = known_paths;
	d->started = clock_mono(&clock_system);
	if (!open_all(d, &e)) {
		say(e.text);
		d->status = EX_OSERR;
	} else if (!candidates_begin(&d->list, d->arena, str_from(url))) {
		say("the address is not one of http or https without credentials");
		d->status = EX_USAGE;
	} else {
		ask_next(d);
		uv_run(&d->loop, UV_RUN_DEFAULT);
	}
	close_all(d);
	if (d->out.failed || fwrite(d->out.p ? d->out.p : "", 1, d->out.n, stdout) != d->out.n ||
	    fflush(stdout) != 0)
		d->status = EX_IOERR;
	buf_fini(&d->out);
	return d->status;
}

static void complain(void *ctx, const struct conf_error *error)
{
	(void)ctx;
	fprintf(stderr, "%s:%d: %s\n", error->file, error->line, error->text);
}

/* The configuration's networks and those of the command line; no feeds, no topics, one worker. */
static void set_own(struct discover *d, const struct network *more, size_t count)
{
	const struct conf_fetch *f = &d->conf->fetch;
	d->own = *d->conf;
	d->own.topic_count = 0;
	d->own.workers.count = 1;
	size_t n = f->allow_networks_count < NETWORKS_MAX ? f->allow_networks_count : NETWORKS_MAX;
	if (n > 0)
		memcpy(d->networks, f->allow_networks, n * sizeof(*more));
	memcpy(d->networks + n, more, count * sizeof(*more));
	d->own.fetch.allow_networks = d->networks;
	d->own.fetch.allow_networks_count = n + count;
}

struct options {
	const char *config;
	struct network networks[NETWORKS_MAX];
	size_t count;
};

static bool read_options(int argc, char **argv, struct options *o)
{
	int letter;
	struct err e = { .kind = ERR_NONE };
	optind = 1;
	while ((letter = getopt(argc, argv, "c:a:")) != -1) {
		if (letter == 'c')
			o->config = optarg;
		else if (letter != 'a' || o->count == NETWORKS_MAX ||
		         !network_parse(str_from(optarg), &o->networks[o->count++], &e))
			return false;
	}
	return optind + 1 == argc;
}

int discover_main(int argc, char **argv)
{
	static struct discover d;
	static struct options o;
	if (!read_options(argc, argv, &o)) {
		say("an option or a network that is none");
		return EX_USAGE;
	}
	d.conf = o.config ? conf_load(&fs_system, o.config, complain, NULL) : conf_presets(complain, NULL);
	d.arena = arena_new(64u << 20);
	if (!d.conf || !d.arena) {
		conf_drop(&d.conf);
		arena_free(&d.arena);
		return EX_CONFIG;
	}
	set_own(&d, o.networks, o.count);
	int status = run(&d, argv[optind]);
	explicit_bzero(d.proxy_password, sizeof(d.proxy_password));
	arena_free(&d.arena);
	conf_drop(&d.conf);
	return status;
}
