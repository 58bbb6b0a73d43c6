/*
 * web: who may ask, and the queue before the pages. At most two are made at a time: the pool's other threads belong to the journal and the stores.
 * Names are checked because a page of somebody else, open in a browser on this machine, could have its name resolved to our address.
 */
#include "daemon/run/web.h"

#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/base/network.h"
#include "daemon/page/page.h"
#include "daemon/run/listener.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/queue.h>

#define AT_WORK_MAX 2u
#define FIELDS_MAX 6u

struct making { /* of one answer */
	uv_work_t work;
	struct web *web;
	uint64_t ticket;
	int64_t now; /* wall ms */
	struct buf path, query, if_none_match, if_modified_since, last_event_id;
	struct page_answer answer;
	STAILQ_ENTRY(making) entry;
};

struct web {
	uv_loop_t *loop;
	struct listener *listener; /* NULL: stopped */
	char *directory, *state_directory, *name;
	unsigned at_work;
	STAILQ_HEAD(makings, making) waiting;
};

static void begin_next(struct web *w);

static void making_free(struct making *m)
{
	buf_fini(&m->path);
	buf_fini(&m->query);
	buf_fini(&m->if_none_match);
	buf_fini(&m->if_modified_since);
	buf_fini(&m->last_event_id);
	free(m);
}

static void refuse(struct web *w, uint64_t ticket, unsigned status, const char *why)
{
	listener_answer(w->listener, ticket,
	    &(struct listener_reply){
	        .status = status, .content_type = "text/plain; charset=utf-8", .body = str_from(why) });
}

static void send_answer(struct web *w, const struct making *m)
{
	const struct page_answer *a = &m->answer;
	struct listener_field fields[FIELDS_MAX] = {
		{ "Content-Security-Policy", PAGE_POLICY },
		{ "X-Content-Type-Options", "nosniff" },
		{ "Referrer-Policy", "no-referrer" },
		{ "Cache-Control", "no-cache" },
	};
	size_t count = 4;
	if (a->etag[0])
		fields[count++] = (struct listener_field){ "ETag", a->etag };
	if (a->last_modified[0])
		fields[count++] = (struct listener_field){ "Last-Modified", a->last_modified };
	const struct listener_reply reply = {
		.status = a->status,
		.content_type = a->content_type,
		.body = buf_view(&a->body),
		.fields = fields,
		.field_count = count,
	};
	if (w->listener)
		listener_answer(w->listener, m->ticket, &reply);
}

/* On a thread of libuv's pool: reads what the web never changes, and its own making. */
static void make_on_thread(uv_work_t *work)
{
	struct making *m = work->data;
	const struct page_source source = { &fs_system, m->web->directory, m->web->state_directory, m->now };
	const struct page_request request = { buf_view(&m->path), buf_view(&m->query),
		buf_view(&m->if_none_match), buf_view(&m->if_modified_since), buf_view(&m->last_event_id) };
	page_make(&source, &request, &m->answer);
}

static void on_made(uv_work_t *work, int status)
{
	struct making *m = work->data;
	struct web *w = m->web;
	(void)status; /* never cancelled */
	w->at_work--;
	send_answer(w, m);
	page_fini(&m->answer);
	making_free(m);
	begin_next(w);
}

static void begin_next(struct web *w)
{
	struct making *m;
	while (w->listener && w->at_work < AT_WORK_MAX && (m = STAILQ_FIRST(&w->waiting))) {
		STAILQ_REMOVE_HEAD(&w->waiting, entry);
		w->at_work++;
		m->work.data = m;
		uv_queue_work(w->loop, &m->work, make_on_thread, on_made);
	}
}

static int64_t begins(void *ctx, struct str method, struct str path)
{
	(void)ctx, (void)path;
	return str_eq(method, STR("GET")) || str_eq(method, STR("HEAD")) ? 0 : -405;
}

/* What stands before the port. */
static struct str host_of(struct str field)
{
	size_t end = field.n;
	while (end > 0 && field.p[end - 1] >= '0' && field.p[end - 1] <= '9')
		end--;
	if (end > 0 && end < field.n && field.p[end - 1] == ':' && str_find_byte(field, ':', 0) == end - 1)
		return str_of(field.p, end - 1);
	if (field.n > 0 && field.p[0] == '[' && end > 1 && field.p[end - 1] == ':')
		return str_of(field.p, end - 1);
	return field;
}

/* An address is no name that somebody could point at us. */
static bool is_address(struct str host)
{
	struct err ignored = { .kind = ERR_NONE };
	struct network n;
	if (host.n > 2 && host.p[0] == '[' && host.p[host.n - 1] == ']')
		host = str_of(host.p + 1, host.n - 2);
	return str_find_byte(host, '/', 0) == SIZE_MAX && network_parse(host, &n, &ignored);
}

static bool may_ask(const struct web *w, struct str field)
{
	struct str host = host_of(field);
	return is_address(host) || str_eq_nocase(host, STR("localhost")) ||
	       (w->name && str_eq_nocase(host, str_from(w->name)));
}

static bool copy_request(struct making *m, const struct listener_request *r)
{
	buf_init(&m->path, PAGE_PATH_MAX + 1);
	buf_init(&m->query, PAGE_PATH_MAX + 1);
	buf_init(&m->if_none_match, PAGE_PATH_MAX);
	buf_init(&m->if_modified_since, PAGE_PATH_MAX);
	buf_init(&m->last_event_id, PAGE_PATH_MAX);
	buf_str(&m->path, str_of(listener_path(r).p,
	                      listener_path(r).n > PAGE_PATH_MAX ? PAGE_PATH_MAX + 1 : listener_path(r).n));
	buf_str(&m->query, listener_query(r));
	buf_str(&m->if_none_match, listener_header(r, "If-None-Match"));
	buf_str(&m->if_modified_since, listener_header(r, "If-Modified-Since"));
	buf_str(&m->last_event_id, listener_header(r, "Last-Event-ID"));
	return !m->path.failed && !m->query.failed;
}

static void asked(void *ctx, const struct listener_request *r, uint64_t ticket)
{
	struct web *w = ctx;
	struct making *m;
	if (!may_ask(w, listener_header(r, "Host"))) {
		refuse(w, ticket, 421, "This name is not ours: page.public_name says which one is.\n");
		return;
	}
	m = calloc(1, sizeof(*m));
	if (!m || !copy_request(m, r)) {
		refuse(w, ticket, m ? 414 : 503, m ? "The address is too long.\n" : "Out of memory.\n");
		if (m)
			making_free(m);
		return;
	}
	m->web = w;
	m->ticket = ticket;
	m->now = clock_wall(&clock_system);
	STAILQ_INSERT_TAIL(&w->waiting, m, entry);
	begin_next(w);
}

static char *copy(const char *text)
{
	return text ? strdup(text) : NULL;
}

static bool open_listener(struct web *w, const struct conf_http *c, struct err *e)
{
	const struct listener_options options = { c->listen, (unsigned)c->connections, c->timeout,
		"GET, HEAD" };
	const struct listener_events events = { w, begins, asked };
	if (!listener_open(w->loop, &options, &events, &w->listener, e))
		return false;
	log_info("page", LOG_CSTR("address", c->listen), LOG_INT("port", listener_port(w->listener)));
	return true;
}

bool web_open(uv_loop_t *loop, const struct conf *conf, struct web **out, struct err *e)
{
	*out = NULL;
	if (!conf->page.listen)
		return true;
	struct web *w = calloc(1, sizeof(*w));
	if (!w)
		return err_nomem(e);
	w->loop = loop;
	STAILQ_INIT(&w->waiting);
	w->directory = copy(conf->storage.directory);
	w->state_directory = copy(conf->storage.state_directory);
	w->name = copy(conf->page.name);
	*out = w;
	if (!w->directory || !w->state_directory || (conf->page.name && !w->name))
		err_nomem(e);
	else if (open_listener(w, &conf->page, e))
		return true;
	web_close(out);
	return false;
}

bool web_is_busy(const struct web *w)
{
	return w && w->at_work > 0;
}

void web_stop(struct web *w)
{
	struct making *m;
	if (!w)
		return;
	listener_close(&w->listener);
	while ((m = STAILQ_FIRST(&w->waiting))) {
		STAILQ_REMOVE_HEAD(&w->waiting, entry);
		making_free(m);
	}
}

void web_close(struct web **wp)
{
	struct web *w = *wp;
	if (!w)
		return;
	*wp = NULL;
	web_stop(w);
	free(w->directory);
	free(w->state_directory);
	free(w->name);
	free(w);
}
