/* jsonfeed: writes items as they come into one JSON Feed 1.1 document. What JSON Feed has no name for goes into `_gazetted`. */
#include "daemon/feed/jsonfeed.h"

#include "daemon/base/date.h"
#include "daemon/base/hash.h"
#include "daemon/base/json.h"

#define META_MAX (64u << 20) /* bytes of feed-level strings */
#define ITEMS_MAX ((size_t)1 << 30) /* bytes of items that wait for the end of the feed */

struct writer {
	struct buf text; /* "{"version":…,"items":[…": from the start, or from the last part on */
	size_t items_at; /* where in it the array begins */
	struct json json;
	jsonfeed_part_f *part; /* or NULL: all in one */
	void *ctx;
	bool parted; /* a part has gone out */
};

static void write_date(struct json *w, const char *key, const struct feed_date *d)
{
	char text[DATE_TEXT_MAX];
	if (d->ms == DATE_NONE)
		return;
	size_t n = d->ms % 1000 ? date_format_ms(d->ms, text) : date_format(d->ms, text);
	json_key_string(w, key, str_of(text, n));
}

static void write_authors(struct json *w, const char *key, const struct feed_list *list)
{
	const struct feed_author *a = list->at;
	if (list->n == 0)
		return;
	json_key(w, key);
	json_open_array(w);
	for (size_t i = 0; i < list->n; i++) {
		json_open_object(w);
		json_key_string_opt(w, "name", a[i].name.p ? a[i].name : a[i].email);
		json_key_string_opt(w, "url", a[i].url);
		json_key_string_opt(w, "_email", a[i].email);
		json_close_object(w);
	}
	json_close_array(w);
}

static void write_tags(struct json *w, const struct feed_list *list)
{
	const struct str *tags = list->at;
	if (list->n == 0)
		return;
	json_key(w, "tags");
	json_open_array(w);
	for (size_t i = 0; i < list->n; i++)
		json_str(w, tags[i]);
	json_close_array(w);
}

static void write_attachments(struct json *w, const struct feed_list *list)
{
	const struct feed_attachment *a = list->at;
	if (list->n == 0)
		return;
	json_key(w, "attachments");
	json_open_array(w);
	for (size_t i = 0; i < list->n; i++) {
		json_open_object(w);
		json_key_string(w, "url", a[i].url);
		json_key_string_opt(w, "mime_type", a[i].mime_type);
		json_key_string_opt(w, "title", a[i].title);
		if (a[i].size >= 0)
			json_key_int(w, "size_in_bytes", a[i].size);
		if (a[i].duration_ms >= 0)
			json_key_int(w, "duration_in_seconds", a[i].duration_ms / 1000);
		json_close_object(w);
	}
	json_close_array(w);
}

/* JSON Feed wants an id: the link, or a hash of what the item says. */
static void write_id(struct json *w, const struct feed_item *it)
{
	uint8_t sum[SHA256_LEN];
	char hex[SHA256_HEX];
	struct str id = it->id.p ? it->id : it->url;
	if (!id.p && !it->content_text.p && !it->content_html.p)
		id = it->title; /* there is nothing else that it could be told by */
	if (!id.p) {
		const struct str pieces[] = { it->title, STR("\n"),
			it->content_html.p ? it->content_html : it->content_text };
		sha256(pieces, ARRAY_LEN(pieces), sum);
		hex_encode(sum, sizeof(sum), hex);
		id = str_of(hex, sizeof(hex));
	}
	json_key_string(w, "id", id);
}

static void write_extension(struct json *w, const struct feed_item *it)
{
	bool any = it->published.raw.p || it->modified.raw.p || it->source_title.p || it->source_url.p ||
	           it->comments_url.p || it->rights.p || it->contributors.n > 0;
	if (!any)
		return;
	json_key(w, "_gazetted");
	json_open_object(w);
	json_key_string_opt(w, "date_published_raw", it->published.raw);
	json_key_string_opt(w, "date_modified_raw", it->modified.raw);
	if (it->published.assumed_zone || it->modified.assumed_zone) {
		json_key(w, "assumed_zone");
		json_bool(w, true);
	}
	json_key_string_opt(w, "source_title", it->source_title);
	json_key_string_opt(w, "source_url", it->source_url);
	json_key_string_opt(w, "comments_url", it->comments_url);
	json_key_string_opt(w, "rights", it->rights);
	write_authors(w, "contributors", &it->contributors);
	json_close_object(w);
}

static bool send_part(struct writer *writer)
{
	writer->parted = true;
	bool ok = !writer->text.failed && writer->part(writer->ctx, buf_view(&writer->text));
	buf_clear(&writer->text);
	return ok;
}

static bool write_item(void *ctx, const struct feed_item *it)
{
	struct writer *writer = ctx;
	struct json *w = &writer->json;
	json_open_object(w);
	write_id(w, it);
	json_key_string_opt(w, "url", it->url);
	json_key_string_opt(w, "external_url", it->external_url);
	json_key_string_opt(w, "title", it->title);
	json_key_string_opt(w, "content_html", it->content_html);
	if (!it->content_html.p)
		json_key_string(w, "content_text", it->content_text);
	json_key_string_opt(w, "summary", it->summary);
	json_key_string_opt(w, "image", it->image);
	json_key_string_opt(w, "banner_image", it->banner_image);
	write_date(w, "date_published", &it->published);
	write_date(w, "date_modified", &it->modified);
	write_authors(w, "authors", &it->authors);
	write_tags(w, &it->tags);
	json_key_string_opt(w, "language", it->language);
	write_attachments(w, &it->attachments);
	write_extension(w, it);
	json_close_object(w);
	if (writer->part && writer->text.n >= JSONFEED_PART_MIN)
		return send_part(writer);
	return !w->out->failed;
}

static void write_meta_extension(struct json *w, const struct feed_meta *m)
{
	json_key(w, "_gazetted");
	json_open_object(w);
	json_key_string(w, "format", str_from(feed_format_name(m->format)));
	json_key_string(w, "encoding", m->encoding);
	json_key(w, "recovered");
	json_bool(w, m->recovered);
	json_key(w, "complete");
	json_bool(w, m->complete);
	json_key_string_opt(w, "repaired", str_from(m->error));
	if (m->error_line > 0)
		json_key_int(w, "repaired_line", m->error_line);
	json_key_string_opt(w, "rights", m->rights);
	json_key_string_opt(w, "generator", m->generator);
	write_date(w, "date_published", &m->published);
	write_date(w, "date_modified", &m->modified);
	if (m->ttl_ms >= 0)
		json_key_int(w, "ttl_seconds", m->ttl_ms / 1000);
	write_tags(w, &m->tags);
	json_close_object(w);
}

static void write_version(struct json *w)
{
	json_open_object(w);
	json_key_string(w, "version", STR("https://jsonfeed.org/version/1.1"));
}

static void write_members(struct json *w, const struct feed_meta *m)
{
	json_key_string(w, "title", m->title);
	json_key_string_opt(w, "home_page_url", m->home_page_url);
	json_key_string_opt(w, "feed_url", m->feed_url);
	json_key_string_opt(w, "description", m->description);
	json_key_string_opt(w, "icon", m->icon);
	json_key_string_opt(w, "favicon", m->favicon);
	json_key_string_opt(w, "language", m->language);
	json_key_string_opt(w, "next_url", m->next_url);
	write_authors(w, "authors", &m->authors);
	if (m->hub_url.p) {
		json_key(w, "hubs");
		json_open_array(w);
		json_open_object(w);
		json_key_string(w, "type", STR("WebSub"));
		json_key_string(w, "url", m->hub_url);
		json_close_object(w);
		json_close_array(w);
	}
	write_meta_extension(w, m);
}

/* With the members of the feed before its items, as people want to read it. */
static void write_feed(struct buf *out, const struct feed_meta *m, struct str items)
{
	struct json w;
	json_init(&w, out);
	write_version(&w);
	write_members(&w, m);
	json_key(&w, "items");
	json_raw(&w, items);
	json_close_object(&w);
}

static bool parse_items(
    const struct feed_input *in, struct writer *w, struct arena *arena, struct feed_meta *meta, struct err *e)
{
	struct feed_input wanted = *in;
	wanted.skip |= FEED_SKIP_TEXT;
	json_init(&w->json, &w->text);
	write_version(&w->json);
	json_key(&w->json, "items");
	w->items_at = w->text.n;
	json_open_array(&w->json);
	bool ok = feed_parse(&wanted, write_item, w, arena, meta, e);
	json_close_array(&w->json);
	return ok;
}

static struct str items_of(const struct writer *w)
{
	return w->text.failed ? (struct str){ NULL, 0 } : str_skip(buf_view(&w->text), w->items_at);
}

bool jsonfeed_convert(const struct feed_input *in, struct buf *out, struct err *e)
{
	struct feed_meta meta;
	struct writer w = { .part = NULL };
	size_t before = out->n;
	struct arena *arena = arena_new(META_MAX);
	if (!arena)
		return err_nomem(e);
	buf_init(&w.text, out->limit);
	bool ok = parse_items(in, &w, arena, &meta, e);
	if (ok) {
		write_feed(out, &meta, items_of(&w));
		ok = !out->failed && !w.text.failed;
		if (!ok)
			err_nomem(e);
	}
	if (!ok && !out->failed)
		out->n = before;
	buf_fini(&w.text);
	arena_free(&arena);
	return ok;
}

static bool send_rest(struct writer *w, const struct feed_meta *meta)
{
	if (w->parted) {
		write_members(&w->json, meta);
		json_close_object(&w->json);
		return send_part(w);
	}
	struct buf whole;
	buf_init(&whole, ITEMS_MAX);
	write_feed(&whole, meta, items_of(w));
	bool ok = !whole.failed && !w->text.failed && w->part(w->ctx, buf_view(&whole));
	buf_fini(&whole);
	return ok;
}

bool jsonfeed_stream(const struct feed_input *in, jsonfeed_part_f *part, void *ctx, struct err *e)
{
	struct feed_meta meta;
	struct writer w = { .part = part, .ctx = ctx };
	struct arena *arena = arena_new(META_MAX);
	if (!arena)
		return err_nomem(e);
	buf_init(&w.text, ITEMS_MAX);
	bool ok = parse_items(in, &w, arena, &meta, e);
	if (ok && !send_rest(&w, &meta))
		ok = err_nomem(e);
	buf_fini(&w.text);
	arena_free(&arena);
	return ok;
}
