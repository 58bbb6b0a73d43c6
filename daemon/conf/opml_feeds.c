/* opml_feeds: lists of other readers as feeds of ours, and ours as lists for them. A feed's name is made of its title or its address. */
#include "daemon/conf/load_priv.h"
#include "daemon/conf/map_priv.h"
#include "daemon/conf/opml_priv.h"
#include "daemon/conf/value_priv.h"

#include "daemon/base/hash.h"
#include "daemon/base/url.h"

#define SLUG_MAX 60 /* bytes of a made name: room for a number behind it */

/* a-z, 0-9 and single dashes; letters beyond ASCII cannot be told apart by a typing person and are dropped. */
static void add_slug(struct str text, struct buf *out)
{
	bool dash = true; /* between what is there and what comes */
	for (size_t i = 0; i < text.n && out->n < SLUG_MAX; i++) {
		char c = text.p[i];
		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		bool good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
		if (good && dash && out->n > 0)
			buf_byte(out, '-');
		if (good)
			buf_byte(out, c);
		dash = !good;
	}
}

#define SLUG_MIN 3 /* bytes; a shorter one says nothing */

static void make_slug(const struct opml_outline *o, struct buf *out)
{
	struct url url;
	buf_clear(out);
	add_slug(o->title, out);
	if (out->n >= SLUG_MIN || !url_parse(o->url, &url))
		return;
	buf_clear(out);
	add_slug(url.host, out);
	add_slug(url.path, out);
	if (out->n == 0)
		buf_str(out, STR("feed"));
}

/* Strings that were seen; they live elsewhere. */
struct seen {
	struct buf items; /* struct str */
	struct conf_index index;
};

struct asked {
	const struct buf *items;
	struct str text;
};

static bool same_text(const void *ctx, uint32_t item)
{
	const struct asked *a = ctx;
	return str_eq(a->text, ((const struct str *)(const void *)a->items->p)[item]);
}

static void seen_init(struct seen *s)
{
	buf_init(&s->items, CONF_FEEDS_MAX * sizeof(struct str));
	conf_index_init(&s->index);
}

static void seen_fini(struct seen *s)
{
	buf_fini(&s->items);
	conf_index_fini(&s->index);
}

static bool seen_has(const struct seen *s, struct str text)
{
	uint32_t item;
	struct asked a = { &s->items, text };
	return conf_index_find(&s->index, conf_name_hash(text), same_text, &a, &item);
}

/* False: memory is short, or there are more than we take. */
static bool seen_add(struct seen *s, struct str text)
{
	uint32_t n = (uint32_t)(s->items.n / sizeof(text));
	buf_add(&s->items, &text, sizeof(text));
	return !s->items.failed && conf_index_add(&s->index, conf_name_hash(text), n);
}

typedef bool taken_f(const void *ctx, struct str name);

#define ADDRESS_SEED 0x6f706d6c /* any constant; a change would rename feeds */

/* A name that is free: the one that our own export wrote, else a slug, else a slug with a mark of the address. The mark
 * stays the same when the list is put in another order, as a running number would not. */
static void make_name(const struct opml_outline *o, taken_f *taken, const void *ctx, struct buf *out)
{
	buf_clear(out);
	buf_str(out, o->name);
	if (conf_name_is_good(buf_view(out)) && !taken(ctx, buf_view(out)))
		return;
	make_slug(o, out);
	if (taken(ctx, buf_view(out)))
		buf_fmt(out, "-%08x", (unsigned)(hash64(o->url, ADDRESS_SEED) & 0xffffffff));
}

#define GROUPS_MAX 32 /* labels of one outline */

/* Categories are paths in a list: "/government/police,news". The last part says most. */
static struct str next_group(struct str *rest)
{
	struct str path = str_trim(str_cut(rest, ','));
	struct str part = path;
	while (path.p)
		part = str_cut(&path, '/');
	return str_trim(part);
}

struct loading {
	struct conf_loader *l;
	const char *path;
	struct seen urls;
	struct buf name;
};

static bool taken_by_feed(const void *ctx, struct str name)
{
	const struct loading *x = ctx;
	return conf_feed_name_taken(x->l, name);
}

/* The value of an attribute through the row of its key, so that a list is checked as a file is. */
static bool set_field(struct loading *x, struct conf_map *m, const char *key, struct str value)
{
	size_t index;
	size_t base;
	const struct conf_key *k = conf_key_find(m->section, str_from(key), &index, &base);
	if (!k || value.n == 0)
		return true;
	struct conf_entry en = { x->l, m->section, k, m->at[index], (char *)m->into + base };
	if (!conf_value_type(k->type)->parse(&en, value))
		return false;
	m->set |= UINT64_C(1) << index;
	return true;
}

static void set_groups(struct loading *x, struct conf_feed *feed, const struct opml_outline *o)
{
	const char *groups[GROUPS_MAX];
	size_t n = 0;
	struct str rest = o->category;
	if (o->folder.n > 0)
		groups[n++] = arena_cstr(x->l->arena, o->folder);
	while (rest.p && n < GROUPS_MAX) {
		struct str group = next_group(&rest);
		if (group.n > 0)
			groups[n++] = arena_cstr(x->l->arena, group);
	}
	const char **kept = n > 0 ? arena_alloc(x->l->arena, n * sizeof(*groups)) : NULL;
	if (!kept)
		return;
	memcpy(kept, groups, n * sizeof(*groups));
	feed->groups = kept;
	feed->group_count = n;
}

static bool load_outline(void *ctx, const struct opml_outline *o)
{
	struct loading *x = ctx;
	struct conf_feed_draft draft = x->l->feed_preset;
	struct conf_map m;
	struct conf_place at = { x->path, o->line, 0 };
	/* The same feed in two folders of one list is how people sort, not a mistake. */
	if (seen_has(&x->urls, o->url))
		return true;
	make_name(o, taken_by_feed, x, &x->name);
	if (!seen_add(&x->urls, o->url) || x->name.failed) {
		conf_complain(&x->l->report, at, "out of memory");
		return false;
	}
	conf_map_init(&m, &conf_feed_section, &draft);
	for (size_t i = 0; i < CONF_KEYS_MAX; i++)
		m.at[i] = at;
	bool good = set_field(x, &m, "name", buf_view(&x->name)) && set_field(x, &m, "url", o->url) &&
	            set_field(x, &m, "title", o->title) && set_field(x, &m, "language", o->language);
	set_groups(x, &draft.feed, o);
	struct conf_feed_more more = { m.set, 0, false };
	draft.feed.file = at.file;
	draft.feed.line = at.line;
	if (!good || !conf_feed_add(x->l, &draft, &more, at))
		x->l->feeds_broken = true;
	return true;
}

void conf_opml_take(struct conf_loader *l, const char *path, struct str text)
{
	struct err e = { 0 };
	struct loading x = { .l = l, .path = path };
	struct conf_source source = { .file = path, .folder = conf_folder_of(l, path) };
	seen_init(&x.urls);
	buf_init(&x.name, CONF_TEXT_MAX);
	l->source = &source;
	if (!opml_read(text, l->arena, load_outline, &x, &e)) {
		l->feeds_broken = true;
		conf_complain(&l->report, (struct conf_place){ path, e.line, 0 }, "%s", e.text);
	}
	l->source = NULL;
	buf_fini(&x.name);
	seen_fini(&x.urls);
}

struct importing {
	struct buf *out;
	struct arena *arena;
	struct seen urls, names;
	struct buf name;
	struct err *e;
};

static bool taken_by_name(const void *ctx, struct str name)
{
	const struct importing *x = ctx;
	return seen_has(&x->names, name);
}

static void print_field(struct buf *out, const char *key, struct str value)
{
	if (value.n == 0)
		return;
	buf_fmt(out, "    %s: ", key);
	conf_quote(value, out);
	buf_byte(out, '\n');
}

static void print_groups(const struct opml_outline *o, struct buf *out)
{
	struct str rest = o->category;
	struct str group = o->folder;
	unsigned n = 0;
	for (;;) {
		if (group.n > 0) {
			buf_str(out, n++ == 0 ? STR("    groups: [") : STR(", "));
			conf_quote(group, out);
		}
		if (!rest.p || n == GROUPS_MAX)
			break;
		group = next_group(&rest);
	}
	if (n > 0)
		buf_str(out, STR("]\n"));
}

static bool import_outline(void *ctx, const struct opml_outline *o)
{
	struct importing *x = ctx;
	if (seen_has(&x->urls, o->url))
		return true;
	if (!url_is_http(o->url)) {
		buf_fmt(x->out, "  # line %d: left out, not http or https: ", o->line);
		conf_quote(o->url, x->out);
		buf_byte(x->out, '\n');
		return true;
	}
	make_name(o, taken_by_name, x, &x->name);
	if (x->name.failed || !seen_add(&x->urls, o->url) ||
	    !seen_add(&x->names, arena_str(x->arena, buf_view(&x->name))))
		return err_nomem(x->e);
	buf_fmt(x->out, "  - name: ");
	conf_quote(buf_view(&x->name), x->out);
	buf_byte(x->out, '\n');
	print_field(x->out, "url", o->url);
	print_field(x->out, "title", o->title);
	print_field(x->out, "language", o->language);
	print_groups(o, x->out);
	return true;
}

bool conf_opml_to_feeds(struct str opml, struct buf *out, struct err *e)
{
	struct importing x = { .out = out, .arena = arena_new(CONF_MEMORY_MAX), .e = e };
	if (!x.arena)
		return err_nomem(e);
	struct err failed = { 0 };
	x.e = &failed;
	seen_init(&x.urls);
	seen_init(&x.names);
	buf_init(&x.name, CONF_TEXT_MAX);
	buf_str(out, STR("feeds:\n"));
	bool good = opml_read(opml, x.arena, import_outline, &x, &failed) && failed.kind == ERR_NONE;
	if (good && x.urls.items.n == 0)
		good = err_set(&failed, ERR_PARSE, 0, "OPML: no feeds in this list");
	if (good && out->failed)
		good = err_nomem(&failed);
	if (!good && e)
		*e = failed;
	buf_fini(&x.name);
	seen_fini(&x.urls);
	seen_fini(&x.names);
	arena_free(&x.arena);
	return good;
}

static const struct conf_feed *find_url(const struct conf *known, struct str url)
{
	for (size_t i = 0; known && i < known->feed_count; i++)
		if (str_eq(url, str_from(known->feeds[i].url)))
			return &known->feeds[i];
	return NULL;
}

/* What is not ASCII to read could end the comment in some reader of YAML. */
static void print_note(struct str note, struct buf *out)
{
	buf_str(out, STR("  # "));
	for (size_t i = 0; i < note.n; i++)
		buf_byte(out, note.p[i] < 0x20 || note.p[i] == 0x7f ? '?' : note.p[i]);
	buf_byte(out, '\n');
}

/* A value that the parser of files would refuse is left out: the rest is worth pasting. */
static struct str good_title(struct str title)
{
	bool good = title.n <= CONF_TEXT_MAX;
	for (size_t i = 0; i < title.n; i++)
		good = good && (unsigned char)title.p[i] >= 0x20 && title.p[i] != 0x7f;
	return good ? title : (struct str){ NULL, 0 };
}

static bool import_found(struct importing *x, const struct conf_found *f, const struct conf *known)
{
	const struct conf_feed *same = find_url(known, f->url);
	const struct opml_outline o = { .title = good_title(f->title),
		.url = f->url,
		.language = conf_language_is_good(f->language) ? f->language : (struct str){ NULL, 0 } };
	if (f->note.n > 0)
		print_note(f->note, x->out);
	if (!same)
		return import_outline(x, &o);
	buf_fmt(x->out, "  # feed %s has this address: ", same->name);
	conf_quote(f->url, x->out);
	buf_byte(x->out, '\n');
	return true;
}

static bool import_all(
    struct importing *x, const struct conf_found *found, size_t count, const struct conf *known)
{
	for (size_t i = 0; known && i < known->feed_count; i++)
		if (!seen_add(&x->names, str_from(known->feeds[i].name)))
			return err_nomem(x->e);
	buf_str(x->out, STR("feeds:\n"));
	for (size_t i = 0; i < count; i++)
		if (!import_found(x, &found[i], known))
			return false;
	return !x->out->failed || err_nomem(x->e);
}

bool conf_found_to_feeds(
    const struct conf_found *found, size_t count, const struct conf *known, struct buf *out, struct err *e)
{
	struct importing x = { .out = out, .arena = arena_new(CONF_MEMORY_MAX), .e = e };
	if (!x.arena)
		return err_nomem(e);
	seen_init(&x.urls);
	seen_init(&x.names);
	buf_init(&x.name, CONF_TEXT_MAX);
	bool good = import_all(&x, found, count, known);
	buf_fini(&x.name);
	seen_fini(&x.urls);
	seen_fini(&x.names);
	arena_free(&x.arena);
	return good;
}

static void print_xml(struct str text, struct buf *out)
{
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];
		if (c == '&')
			buf_str(out, STR("&amp;"));
		else if (c == '<')
			buf_str(out, STR("&lt;"));
		else if (c == '"')
			buf_str(out, STR("&quot;"));
		else
			buf_byte(out, c);
	}
}

static void print_attribute(const char *name, const char *value, struct buf *out)
{
	if (!value)
		return;
	buf_fmt(out, " %s=\"", name);
	print_xml(str_from(value), out);
	buf_byte(out, '"');
}

static void print_outline(const struct conf_feed *f, struct buf *out)
{
	const char *shown = f->title ? f->title : f->name;
	buf_str(out, STR("    <outline type=\"rss\""));
	print_attribute("text", shown, out);
	print_attribute("title", shown, out);
	print_attribute("xmlUrl", f->url, out);
	print_attribute("language", f->language, out);
	print_attribute("description", f->agency, out);
	print_attribute("gazetted:name", f->name, out);
	if (f->group_count > 0) {
		buf_str(out, STR(" category=\""));
		for (size_t i = 0; i < f->group_count; i++) {
			buf_str(out, i > 0 ? STR(",") : STR(""));
			print_xml(str_from(f->groups[i]), out);
		}
		buf_byte(out, '"');
	}
	buf_str(out, STR("/>\n"));
}

void conf_feeds_to_opml(const struct conf *c, struct buf *out)
{
	buf_str(out, STR("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	                 "<opml version=\"2.0\" xmlns:gazetted=\"urn:gazetted:opml\">\n"
	                 "  <head><title>gazetted</title></head>\n  <body>\n"));
	for (size_t i = 0; i < c->feed_count; i++)
		print_outline(&c->feeds[i], out);
	buf_str(out, STR("  </body>\n</opml>\n"));
}
