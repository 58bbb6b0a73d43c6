/* page: the table of routes, the query, what is the same for all: the status file, ETags, errors. */
#include "daemon/page/page_priv.h"

#include "daemon/base/attr.h"
#include "daemon/base/date.h"
#include "daemon/base/form.h"
#include "daemon/base/hash.h"
#include "daemon/page/markup.h"
#include "daemon/page/status.h"

#include <stdio.h>
#include <stdlib.h>

#define JSON_SUFFIX ".json"

static const char html[] = "text/html; charset=utf-8";
static const char json[] = "application/json; charset=utf-8";

static const struct route {
	const char *path; /* with one *: a part of the path, which is no other route's */
	page_f *make;
	const char *type; /* NULL: HTML, and JSON with ".json" behind the path */
	enum status_need need; /* of the status file */
} routes[] = {
	{ "/", page_home, NULL, STATUS_BROKEN },
	{ "/index", page_home, NULL, STATUS_BROKEN }, /* its data is /index.json */
	{ "/topics", page_topics, NULL, STATUS_COUNTS },
	{ "/topics/*", page_topic, NULL, STATUS_WHOLE },
	{ "/feeds", page_feeds, NULL, STATUS_WHOLE },
	{ "/feeds/*", page_feed, NULL, STATUS_NAMED },
	{ "/items", page_items, NULL, STATUS_NONE },
	{ "/items/*", page_item, NULL, STATUS_NONE },
	{ "/topics/*/atom.xml", page_atom, "application/atom+xml; charset=utf-8", STATUS_NONE },
	{ "/topics/*/feed.json", page_json_feed, "application/feed+json; charset=utf-8", STATUS_NONE },
	{ "/events", page_events, "text/event-stream; charset=utf-8", STATUS_NONE },
	{ "/live.js", page_live, "text/javascript; charset=utf-8", STATUS_NONE },
	{ "/feeds.opml", page_opml, "text/x-opml; charset=utf-8", STATUS_WHOLE },
	{ "/metrics", page_metrics, "text/plain; version=0.0.4; charset=utf-8", STATUS_LABELLED },
	{ "/healthz", page_healthz, "text/plain; charset=utf-8", STATUS_COUNTS },
	{ "/readyz", page_readyz, "text/plain; charset=utf-8", STATUS_COUNTS },
	{ "/style.css", page_style, "text/css; charset=utf-8", STATUS_NONE },
	{ "/icon.svg", page_icon, "image/svg+xml", STATUS_NONE },
};

static bool matches(const struct route *r, struct str path, struct str *name)
{
	struct str behind = str_from(r->path), before = str_cut(&behind, '*');

	*name = (struct str){ NULL, 0 };
	if (before.n == strlen(r->path))
		return str_eq(path, before);
	if (path.n <= before.n + behind.n || !str_starts(path, before) || !str_ends(path, behind))
		return false;
	*name = str_of(path.p + before.n, path.n - before.n - behind.n);
	return str_find_byte(*name, '/', 0) == SIZE_MAX;
}

static const struct route *find(struct str path, struct str *name)
{
	for (size_t i = 0; i < ARRAY_LEN(routes); i++)
		if (matches(&routes[i], path, name))
			return &routes[i];
	return NULL;
}

void page_refuse(struct asking *a, unsigned status, const char *what)
{
	struct buf *b = &a->answer->body;

	a->answer->status = status;
	a->answer->last_modified[0] = '\0';
	a->refused = true;
	buf_reset(b);
	if (a->json) {
		buf_fmt(b, "{\"error\":\"%s\"}\n", what);
		return;
	}
	markup_open(b, &(struct markup_head){ .title = what });
	buf_fmt(b, "<h1>%s</h1><p><a href=\"/\">To the overview</a>", what);
	markup_close(b);
}

/* RFC 9110, section 13.2.2: a tag counts more than a date. */
static bool is_known(const struct page_request *request, const struct page_answer *out)
{
	int64_t since, modified;

	if (request->if_none_match.p)
		return str_eq(str_trim(request->if_none_match), STR("*")) ||
		       str_find(request->if_none_match, str_from(out->etag), 0) != SIZE_MAX;
	return date_parse_http(request->if_modified_since, 0, &since) &&
	       date_parse_http(str_from(out->last_modified), 0, &modified) && modified <= since;
}

/* The same bytes, the same tag: a client that has them gets none. */
static void tag(const struct page_request *request, struct page_answer *out)
{
	if (out->status != 200)
		return;
	snprintf(
	    out->etag, sizeof(out->etag), "\"%016llx\"", (unsigned long long)hash64(buf_view(&out->body), 0));
	if (!is_known(request, out))
		return;
	out->status = 304;
	buf_clear(&out->body);
}

static bool begin(struct asking *a, const struct page_request *request, const struct route **route)
{
	struct str path = request->path;

	if (path.n > PAGE_PATH_MAX || request->query.n > PAGE_PATH_MAX) {
		page_refuse(a, 414, "The address is too long");
		return false;
	}
	*route = find(path, &a->name);
	if ((*route == NULL || (a->name.p && !(*route)->type)) && str_ends(path, STR(JSON_SUFFIX))) {
		path.n -= sizeof(JSON_SUFFIX) - 1;
		*route = find(path, &a->name);
		a->json = true;
	}
	if (*route)
		return true;
	page_refuse(a, 404, "There is no such page");
	return false;
}

void page_make(const struct page_source *source, const struct page_request *request, struct page_answer *out)
{
	struct asking a = {
		.source = source,
		.query = request->query,
		.last_event_id = request->last_event_id,
		.answer = out,
	};
	const struct route *route = NULL;

	*out = (struct page_answer){ .status = 200 };
	buf_init(&out->body, PAGE_MAX);
	if (begin(&a, request, &route)) {
		a.status = status_read(source, route->need, a.name);
		route->make(&a);
		json_decref(a.status);
	}
	if (out->body.failed)
		page_refuse(&a, 503, "There is not enough memory");
	out->content_type = a.json ? json : route && route->type && !a.refused ? route->type : html;
	tag(request, out);
}

void page_fini(struct page_answer *a)
{
	buf_fini(&a->body);
}

struct str page_parameter(const struct asking *a, const char *name, struct buf *out)
{
	buf_init(out, PAGE_PATH_MAX);
	return form_get(a->query, name, out) && out->n ? buf_view(out) : (struct str){ NULL, 0 };
}

uint64_t page_number(const struct asking *a, const char *name, uint64_t other)
{
	struct buf text;
	unsigned long long n;

	if (str_to_u64(page_parameter(a, name, &text), &n))
		other = n;
	buf_fini(&text);
	return other;
}

int64_t page_time(const json_t *object, const char *name)
{
	int64_t ms;

	return date_parse_rfc3339(member(object, name), &ms) ? ms : DATE_NONE;
}
