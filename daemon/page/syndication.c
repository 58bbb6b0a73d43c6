/*
 * syndication: what matches a topic as an Atom feed (RFC 4287) and as a JSON Feed 1.1, and our feeds as OPML 2.0. An item keeps its id through its
 * revisions: of several records of one item the newest is told.
 */
#include "daemon/page/page_priv.h"

#include "daemon/base/arena.h"
#include "daemon/base/form.h"
#include "daemon/base/hash.h"
#include "daemon/base/json.h"
#include "daemon/base/json_read.h"
#include "daemon/base/utf8.h"
#include "daemon/base/uuid.h"
#include "daemon/page/lines.h"
#include "daemon/page/markup.h"
#include "daemon/pipe/storage.h"

#include <limits.h>
#include <stdio.h>

#define ENTRIES_MAX 50u
#define TEXT_MAX 4096u /* bytes of an entry's text */
#define TITLE_MAX 500u
#define KEYS_MAX (64u << 10) /* bytes */

struct topic_feed {
	struct asking *asking;
	struct buf entries;
	struct json json;
	struct arena *arena;
	struct str keys[ENTRIES_MAX]; /* of the items that are told */
	unsigned count;
	int64_t updated; /* wall ms; DATE_NONE: none yet */
	bool failed; /* memory */
	void (*write)(struct topic_feed *f, const json_t *record);
};

/* Stores that are no topics', and names that are none of stores. */
static bool is_topic(const struct asking *a, char store[NAME_MAX + 1])
{
	static const char *const others[] = { STORE_ITEMS, STORE_POLLS, STORE_EVENTS, STORE_REVIEWS,
		STORE_DEAD_LETTERS };
	char path[PATH_MAX];
	struct fs_stat st;
	int n;

	if (a->name.n > NAME_MAX - 32 || a->name.p[0] == '.')
		return false;
	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		if (str_eq(a->name, str_from(others[i])))
			return false;
	snprintf(store, NAME_MAX + 1, "%.*s", STR_ARG(a->name));
	n = snprintf(path, sizeof(path), "%s/%s.jsonl", a->source->directory, store);
	return n > 0 && (size_t)n < sizeof(path) && a->source->fs->stat(a->source->fs, path, &st) == 0;
}

static void put_be64(uint64_t v, uint8_t *out)
{
	for (size_t i = 0; i < sizeof(v); i++)
		out[i] = (uint8_t)(v >> (56 - 8 * i));
}

/* An address that needs no owner of a domain: a name of 32 hex digits as they are, any other by its hash. */
static void write_urn(struct buf *b, struct str name)
{
	uint8_t id[UUID_LEN];
	char text[UUID_TEXT];

	if (!hex_decode(name, id, UUID_LEN)) {
		put_be64(hash64(name, 1), id);
		put_be64(hash64(name, 2), id + UUID_LEN / 2);
	}
	uuid_text(id, text);
	buf_fmt(b, "urn:uuid:%s", text);
}

static void write_time(struct buf *b, const char *name, int64_t at)
{
	char text[DATE_TEXT_MAX];

	if (at != DATE_NONE)
		buf_fmt(b, "<%s>%.*s</%s>", name, (int)date_format(at, text), text, name);
}

static struct str title_of(const json_t *record)
{
	struct str title = str_trim(member(record, "title"));

	return title.n ? utf8_cut(title, TITLE_MAX) : utf8_cut(str_trim(member(record, "content_text")), 200);
}

static void atom_entry(struct topic_feed *f, const json_t *record)
{
	struct buf *b = &f->entries;
	struct str url = member(record, "url"), text = member(record, "content_text");

	buf_str(b, STR("<entry"));
	markup_language(b, "xml:lang", member(record, "language"));
	buf_str(b, STR("><id>"));
	write_urn(b, member(record, "key"));
	buf_str(b, STR("</id><title type=\"text\">"));
	markup_text(b, title_of(record));
	buf_str(b, STR("</title>"));
	write_time(b, "updated", page_time(record, "seen_at"));
	write_time(b, "published", page_time(record, "date_published"));
	if (markup_is_web(url)) {
		buf_str(b, STR("<link rel=\"alternate\" href=\""));
		markup_text(b, url);
		buf_str(b, STR("\"/>"));
	}
	buf_str(b, STR("<author><name>"));
	markup_text(b, member(record, "feed"));
	buf_str(b, STR("</name></author><content type=\"text\">"));
	markup_text(b, utf8_cut(text.n ? text : member(record, "summary"), TEXT_MAX));
	buf_str(b, STR("</content></entry>\n"));
}

static void json_item(struct topic_feed *f, const json_t *record)
{
	struct json *w = &f->json;
	struct str text = member(record, "content_text");
	const json_t *topics = json_object_get(record, "topics");

	json_open_object(w);
	json_key_string(w, "id", member(record, "key"));
	if (markup_is_web(member(record, "url")))
		json_key_string(w, "url", member(record, "url"));
	json_key_string_opt(w, "title", title_of(record));
	json_key_string(w, "content_text", utf8_cut(text.n ? text : member(record, "summary"), TEXT_MAX));
	json_key_string_opt(w, "date_published", member(record, "date_published"));
	json_key_string_opt(w, "date_modified", member(record, "seen_at"));
	json_key_string_opt(w, "language", member(record, "language"));
	json_key(w, "authors");
	json_open_array(w);
	json_open_object(w);
	json_key_string(w, "name", member(record, "feed"));
	json_close_object(w);
	json_close_array(w);
	json_key(w, "tags");
	json_open_array(w);
	for (size_t i = 0; i < json_array_size(topics); i++)
		json_str(w, member(json_array_get(topics, i), "topic"));
	json_close_array(w);
	json_close_object(w);
}

static bool was_told(const struct topic_feed *f, struct str key)
{
	for (unsigned i = 0; i < f->count; i++)
		if (str_eq(f->keys[i], key))
			return true;
	return false;
}

static lines_f on_line;
static bool on_line(void *ctx, uint64_t seq, struct str line)
{
	struct topic_feed *f = ctx;
	bool nomem;
	json_t *record = json_read(line, 0, NULL, &nomem);
	struct str key = member(record, "key");

	(void)seq;
	if (record && key.n && !was_told(f, key)) {
		if (f->updated == DATE_NONE)
			f->updated = page_time(record, "seen_at");
		f->keys[f->count++] = arena_str(f->arena, key);
		f->write(f, record);
	}
	json_decref(record);
	f->failed |= nomem || arena_failed(f->arena) || f->entries.failed;
	return f->count < ENTRIES_MAX && !f->failed;
}

static void done(struct topic_feed *f)
{
	buf_fini(&f->entries);
	arena_free(&f->arena);
}

/* False: refused. A reader of feeds takes what is not listed for gone: a part is worse than nothing. */
static bool collect(struct asking *a, struct topic_feed *f)
{
	char store[NAME_MAX + 1];
	uint64_t ignored;

	if (!is_topic(a, store)) {
		page_refuse(a, 404, "There is no such topic");
		return false;
	}
	f->asking = a;
	f->updated = DATE_NONE;
	f->arena = arena_new(KEYS_MAX);
	buf_init(&f->entries, PAGE_MAX);
	json_init(&f->json, &f->entries);
	if (!f->arena || !lines_back(a->source, store, 0, 4 * ENTRIES_MAX, on_line, f, &ignored) ||
	    f->failed) {
		done(f);
		page_refuse(a, 503, "The records cannot be read just now");
		return false;
	}
	if (f->updated != DATE_NONE)
		date_format_http(f->updated, a->answer->last_modified);
	return true;
}

void page_atom(struct asking *a)
{
	struct topic_feed f = { .write = atom_entry };
	struct buf *b = &a->answer->body;

	if (!collect(a, &f))
		return;
	buf_str(b, STR("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed "
	               "xmlns=\"http://www.w3.org/2005/Atom\"><id>"));
	write_urn(b, a->name);
	buf_str(b, STR("</id><title>"));
	markup_text(b, a->name);
	buf_str(
	    b, STR("</title><generator>gazetted</generator><link rel=\"self\" type=\"application/atom+xml\" "
	           "href=\"/topics/"));
	form_encode(a->name, b);
	buf_str(b, STR("/atom.xml\"/><link rel=\"alternate\" type=\"text/html\" href=\"/items?topic="));
	form_encode(a->name, b);
	buf_str(b, STR("\"/>"));
	write_time(b, "updated", f.updated == DATE_NONE ? 0 : f.updated);
	buf_byte(b, '\n');
	buf_str(b, buf_view(&f.entries));
	buf_str(b, STR("</feed>\n"));
	done(&f);
}

void page_json_feed(struct asking *a)
{
	struct topic_feed f = { .write = json_item };
	struct buf *b = &a->answer->body;
	struct json w;

	if (!collect(a, &f))
		return;
	json_init(&w, b);
	json_open_object(&w);
	json_key_string(&w, "version", STR("https://jsonfeed.org/version/1.1"));
	json_key_string(&w, "title", a->name);
	json_key(&w, "items");
	json_open_array(&w);
	json_raw(&w, buf_view(&f.entries));
	json_close_array(&w);
	json_close_object(&w);
	buf_byte(b, '\n');
	done(&f);
}

static void write_outline(struct buf *b, const json_t *feed)
{
	struct str title = member(feed, "title");

	buf_str(b, STR("<outline type=\"rss\" text=\""));
	markup_text(b, title.n ? title : member(feed, "name"));
	buf_str(b, STR("\" title=\""));
	markup_text(b, title.n ? title : member(feed, "name"));
	buf_str(b, STR("\" xmlUrl=\""));
	markup_text(b, member(feed, "url"));
	buf_str(b, STR("\"/>\n"));
}

void page_opml(struct asking *a)
{
	struct buf *b = &a->answer->body;
	const json_t *feeds = json_object_get(a->status, "feeds");

	buf_str(b, STR("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<opml version=\"2.0\"><head><title>Feeds "
	               "of gazetted"
	               "</title></head><body>\n"));
	for (size_t i = 0; i < json_array_size(feeds); i++)
		write_outline(b, json_array_get(feeds, i));
	buf_str(b, STR("</body></opml>\n"));
}
