/* json_in: JSON Feed 1.0 and 1.1 (and RSS written as JSON) -> items, by jansson. What has the wrong type is passed over, not refused. */
#include "daemon/feed/source_priv.h"

#include "daemon/base/date.h"
#include "daemon/base/json_read.h"
#include "daemon/base/url.h"
#include "daemon/feed/html.h"
#include "daemon/feed/json_cut_priv.h"
#include "daemon/feed/text_priv.h"

#include <jansson.h>
#include <stdio.h>

static struct str string_of(const json_t *v)
{
	if (!json_is_string(v))
		return (struct str){ NULL, 0 };
	struct str s = str_trim(str_of(json_string_value(v), json_string_length(v)));
	return s.n > 0 ? s : (struct str){ NULL, 0 };
}

static struct str get(const json_t *o, const char *key)
{
	return string_of(json_object_get(o, key));
}

/* Numbers serve as ids, too. */
static struct str get_id(struct build *b, const json_t *o)
{
	const json_t *v = json_object_get(o, "id");
	if (!json_is_number(v))
		return string_of(v);
	buf_clear(&b->scratch);
	if (json_is_integer(v))
		buf_fmt(&b->scratch, "%lld", (long long)json_integer_value(v));
	else
		buf_fmt(&b->scratch, "%.17g", json_real_value(v));
	return build_copy(b, buf_view(&b->scratch));
}

static struct str get_url(struct build *b, const json_t *o, const char *key)
{
	return build_url(b, get(o, key));
}

static struct str plain(struct build *b, struct str s, struct buf *out)
{
	(void)b;
	buf_clear(out);
	text_plain(s, VALUE_PLAIN, out);
	return out->n > 0 ? buf_view(out) : (struct str){ NULL, 0 };
}

static void add_author(struct build *b, const json_t *o)
{
	struct str name = get(o, "name"), url = get_url(b, o, "url");
	if (!name.p && !url.p)
		return;
	struct feed_author *a = fields_add_author(&b->fields->authors, b->fields->arena);
	if (!a)
		return;
	a->name = name.p ? build_copy(b, name) : name;
	a->url = url;
}

static void take_authors(struct build *b, const json_t *o)
{
	const json_t *list = json_object_get(o, "authors");
	const json_t *one = json_object_get(o, "author");
	for (size_t i = 0; i < json_array_size(list); i++)
		add_author(b, json_array_get(list, i));
	if (b->fields->authors.n > 0)
		return;
	if (json_is_object(one))
		add_author(b, one);
	for (size_t i = 0; i < json_array_size(one); i++)
		add_author(b, json_array_get(one, i));
}

static void take_tags(struct build *b, const json_t *o)
{
	const json_t *list = json_object_get(o, "tags");
	for (size_t i = 0; i < json_array_size(list); i++)
		fields_add_tag(b->fields, string_of(json_array_get(list, i)));
}

static int64_t number(const json_t *v, int64_t factor)
{
	double d = json_is_number(v) ? json_number_value(v) : -1;
	if (json_is_string(v)) {
		unsigned long long n;
		return str_to_u64(string_of(v), &n) && n < 1000000000000u ? (int64_t)n * factor : -1;
	}
	return d >= 0 && d < 1e12 ? (int64_t)(d * (double)factor) : -1;
}

static void take_attachments(struct build *b, const json_t *o)
{
	const json_t *list = json_object_get(o, "attachments");
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *v = json_array_get(list, i);
		struct str url = get_url(b, v, "url");
		struct feed_attachment *a = url.p ? fields_add_attachment(b->fields) : NULL;
		if (!a)
			continue;
		a->url = url;
		a->mime_type = get(v, "mime_type");
		a->title = get(v, "title");
		a->size = number(json_object_get(v, "size_in_bytes"), 1);
		a->duration_ms = number(json_object_get(v, "duration_in_seconds"), 1000);
	}
}

static struct feed_date take_date(struct build *b, const json_t *o, const char *key)
{
	struct feed_date d = { .ms = DATE_NONE, .raw = get(o, key) };
	struct date parsed;
	if (d.raw.p && date_parse(d.raw, b->in->assume_minutes, &parsed)) {
		d.ms = parsed.ms;
		d.assumed_zone = parsed.zone == DATE_ZONE_ASSUMED;
	}
	return d;
}

static void take_contents(struct build *b, const json_t *o, struct feed_item *it)
{
	struct str html = get(o, "content_html"), text = get(o, "content_text");
	struct buf *out = &b->out[1];
	it->summary = get(o, "summary");
	it->content_text = text;
	buf_clear(out);
	if (html.p)
		it->content_html = text_links(html, build_top(b)->base, out);
	buf_clear(&b->out[2]);
	if (html.p && !text.p) {
		html_to_text(html, &b->out[2]);
		it->content_text = buf_view(&b->out[2]);
	}
	if (!html.p && !text.p && it->summary.p)
		it->content_text = it->summary;
}

static void take_item(struct build *b, const json_t *o)
{
	struct feed_item it = { .published = { .ms = DATE_NONE } };
	arena_reset(b->item.arena);
	struct arena *a = b->item.arena;
	memset(&b->item, 0, sizeof(b->item));
	b->item.arena = a;
	b->fields = &b->item;
	it.id = get_id(b, o);
	it.url = get_url(b, o, "url");
	it.external_url = get_url(b, o, "external_url");
	it.title = plain(b, get(o, "title"), &b->out[0]);
	it.image = get_url(b, o, "image");
	it.banner_image = get_url(b, o, "banner_image");
	it.language = get(o, "language");
	it.published = take_date(b, o, "date_published");
	it.modified = take_date(b, o, "date_modified");
	take_contents(b, o, &it);
	take_authors(b, o);
	take_tags(b, o);
	take_attachments(b, o);
	it.authors = b->item.authors;
	it.tags = b->item.tags;
	it.attachments = b->item.attachments;
	b->meta->items++;
	if (build_failed(b) || !b->sink(b->ctx, &it))
		b->nomem = b->stop = true;
	b->fields = &b->feed;
}

static struct str keep(struct build *b, struct str s)
{
	return s.p ? arena_str(b->arena, s) : s;
}

static void take_feed(struct build *b, const json_t *o)
{
	struct feed_meta *m = b->meta;
	m->format =
	    str_find(get(o, "version"), STR("version/1.1"), 0) != SIZE_MAX ? FEED_JSON_11 : FEED_JSON_10;
	m->title = keep(b, plain(b, get(o, "title"), &b->out[0]));
	m->description = keep(b, get(o, "description"));
	m->home_page_url = get_url(b, o, "home_page_url");
	m->feed_url = m->self_url = get_url(b, o, "feed_url");
	m->language = keep(b, get(o, "language"));
	m->icon = get_url(b, o, "icon");
	m->favicon = get_url(b, o, "favicon");
	m->next_url = m->archive_url = get_url(b, o, "next_url");
	const json_t *hubs = json_object_get(o, "hubs");
	m->hub_url = get_url(b, json_array_get(hubs, 0), "url");
	take_authors(b, o);
	m->authors = b->feed.authors;
}

static bool is_feed(const json_t *o)
{
	if (!json_is_object(o))
		return false;
	struct str version = get(o, "version");
	if (version.n > 0)
		return str_find_nocase(version, STR("jsonfeed.org/"), 0) != SIZE_MAX;
	return json_is_array(json_object_get(o, "items")) && json_is_string(json_object_get(o, "title"));
}

/* The whole items of a document that stops short. NULL: not one, or no memory. */
static json_t *load_cut(struct str text, int line, struct build *b)
{
	json_error_t je;
	struct str whole = str_of(text.p, json_cut(text));
	if (whole.n == 0)
		return NULL;
	struct buf ended;
	buf_init(&ended, whole.n + 2);
	buf_str(&ended, whole);
	buf_str(&ended, STR("]}"));
	bool nomem = ended.failed;
	json_t *root = nomem ? NULL : json_read(buf_view(&ended), JSON_ALLOW_NUL, &je, &nomem);
	b->nomem = b->nomem || nomem;
	buf_fini(&ended);
	if (!root)
		return NULL;
	b->meta->recovered = true;
	b->meta->error_line = line;
	snprintf(b->meta->error, sizeof(b->meta->error), "the document is cut short");
	return root;
}

static json_t *load(struct str text, struct build *b, struct err *e)
{
	json_error_t je;
	bool nomem;
	json_t *root = json_read(text, JSON_ALLOW_NUL, &je, &nomem);
	b->nomem = b->nomem || nomem;
	bool cut = !root && je.position >= 0 && (size_t)je.position >= text.n;
	if (cut && !nomem)
		root = load_cut(text, je.line, b);
	if (b->nomem) {
		json_decref(root);
		err_nomem(e);
		return NULL;
	}
	if (!root)
		err_set_line(e, ERR_PARSE, je.line, "no feed: JSON with an error: %s", je.text);
	return root;
}

bool json_in_parse(struct str text, struct build *b, struct err *e)
{
	bool ok = false;
	json_t *root = load(text, b, e);
	if (!root)
		return false;
	if (!is_feed(root)) {
		err_set(e, ERR_PARSE, 0, "no feed: JSON, but not a JSON Feed");
		goto out;
	}
	take_feed(b, root);
	const json_t *items = json_object_get(root, "items");
	for (size_t i = 0; i < json_array_size(items) && !b->stop; i++)
		if (json_is_object(json_array_get(items, i)))
			take_item(b, json_array_get(items, i));
	b->meta->complete = b->meta->error[0] == '\0';
	ok = !b->nomem && !build_failed(b);
	if (!ok)
		err_nomem(e);
out:
	json_decref(root);
	return ok;
}
