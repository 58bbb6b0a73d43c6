/* build: the stack of open elements and the text between them. What elements mean is the table's business (elements.c). */
#include "daemon/feed/build_priv.h"

#include "daemon/base/url.h"
#include "daemon/base/utf8.h"
#include "daemon/feed/html_reference_priv.h"

static void fields_reset(struct fields *f)
{
	struct arena *a = f->arena;
	memset(f, 0, sizeof(*f));
	f->arena = a;
}

static void begin(struct build *b)
{
	fields_reset(&b->feed);
	fields_reset(&b->item);
	fields_reset(&b->source);
	fields_reset(&b->image);
	b->fields = &b->feed;
	b->depth = 0;
	b->skip = 0;
	b->markup_depth = 0;
	b->markup_over = 0;
	buf_clear(&b->text);
	b->text_left = FEED_ITEM_TEXT_MAX;
	b->none_ns = NS_NONE;
	b->own_uri = b->site = (struct str){ NULL, 0 };
	b->items_open = 0;
	b->item_live = false;
	b->root_seen = b->root_done = false;
	b->stop = b->cut = false;
	memset(&b->frames[0], 0, sizeof(b->frames[0]));
	b->frames[0].place = IN_FEED;
	struct str base = b->in->base_url;
	if (b->in->content_location.n > 0 && !url_is_unsafe(b->in->content_location)) {
		buf_clear(&b->scratch);
		url_resolve(base, b->in->content_location, &b->scratch);
		base = buf_view(&b->scratch);
	}
	b->frames[0].base = arena_str(b->arena, base);
	b->frames[0].lang = b->in->content_language;
}

bool build_init(struct build *b, const struct feed_input *in, feed_item_f *sink, void *ctx,
    struct arena *arena, struct feed_meta *meta)
{
	memset(b, 0, sizeof(*b));
	b->in = in;
	b->meta = meta;
	b->arena = arena;
	b->sink = sink;
	b->ctx = ctx;
	buf_init(&b->text, FEED_ITEM_TEXT_MAX * 4);
	buf_init(&b->scratch, FEED_ITEM_TEXT_MAX * 4);
	for (size_t i = 0; i < ARRAY_LEN(b->out); i++)
		buf_init(&b->out[i], FEED_ITEM_TEXT_MAX * 4);
	b->feed.arena = arena;
	b->image.arena = arena;
	b->item.arena = arena_new(BUILD_ARENA_MAX);
	b->source.arena = b->item.arena;
	if (!b->item.arena)
		return false;
	begin(b);
	return true;
}

void build_fini(struct build *b)
{
	arena_free(&b->item.arena);
	buf_fini(&b->text);
	buf_fini(&b->scratch);
	for (size_t i = 0; i < ARRAY_LEN(b->out); i++)
		buf_fini(&b->out[i]);
}

void build_restart(struct build *b)
{
	b->suppress = b->meta->items;
	b->meta->items = 0;
	arena_reset(b->item.arena);
	begin(b);
}

struct str build_copy(struct build *b, struct str s)
{
	return arena_str(b->fields->arena, s);
}

/* A stated base counts before the feed's own link, and that before the address that the document came from: relative links of
 * feeds are meant from the site, wherever the feed itself is kept. */
struct str build_base(const struct build *b, struct str base)
{
	return base.p == b->frames[0].base.p && b->site.n > 0 ? b->site : base;
}

/* Bytes that stay in an address as they are: ASCII without controls, blanks and what browsers encode. */
static const bool clean[256] = {
	['!'] = true,
	['#' ... ';'] = true,
	['='] = true,
	['?' ... '['] = true,
	[']'] = true,
	['_'] = true,
	['a' ... 'z'] = true,
	['~'] = true,
};

/* An absolute address without anything that resolving would change: nearly all of them. */
static bool is_clean_url(struct str s)
{
	if (!str_starts(s, STR("https://")) && !str_starts(s, STR("http://")))
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!clean[(unsigned char)s.p[i]])
			return false;
	return !memmem(s.p, s.n, "/.", 2); /* perhaps a dot segment */
}

struct str build_url(struct build *b, struct str ref)
{
	ref = str_trim(ref);
	if (ref.n == 0 || ref.n > URL_MAX)
		return (struct str){ NULL, 0 };
	if (is_clean_url(ref))
		return build_copy(b, ref);
	if (url_is_unsafe(ref))
		return (struct str){ NULL, 0 };
	buf_clear(&b->scratch);
	url_resolve(build_base(b, build_top(b)->base), ref, &b->scratch);
	return build_copy(b, buf_view(&b->scratch));
}

static void text_add(struct build *b, const char *p, size_t n)
{
	if (n > b->text_left) {
		b->cut = true;
		n = b->text_left;
		while (n > 0 && ((unsigned char)p[n] & 0xc0) == 0x80)
			n--;
	}
	b->text_left -= n;
	buf_add(&b->text, p, n);
}

static void text_add_escaped(struct build *b, const char *p, size_t n, char quote)
{
	if (n == 0)
		return;
	const char *end = p + n, *from = p;
	for (; p < end; p++) {
		const char *entity = *p == '&'              ? "&amp;"
		                     : *p == '<'            ? "&lt;"
		                     : *p == '>'            ? "&gt;"
		                     : quote && *p == quote ? "&quot;"
		                                            : NULL;
		if (!entity)
			continue;
		text_add(b, from, (size_t)(p - from));
		text_add(b, entity, strlen(entity));
		from = p + 1;
	}
	text_add(b, from, (size_t)(end - from));
}

/* The text so far was plain; now it is part of markup. */
static void become_markup(struct build *b, struct frame *f)
{
	f->markup = true;
	if (f->type == VALUE_HTML || f->type == VALUE_LOOSE)
		return; /* escaped HTML beside inline elements: leave it */
	size_t n = b->text.n - f->text_start;
	if (n == 0 || b->text.failed)
		return;
	buf_clear(&b->scratch);
	buf_add(&b->scratch, b->text.p + f->text_start, n);
	b->text.n = f->text_start;
	if (!b->scratch.failed)
		text_add_escaped(b, b->scratch.p, b->scratch.n, 0);
}

static bool is_wrapper(const struct build *b, const struct frame *f, const struct tag *tag)
{
	return f->type == VALUE_XHTML && b->markup_depth == 0 && str_eq(tag->local, STR("div"));
}

static void markup_open(struct build *b, const struct tag *tag, const struct attrs *attrs)
{
	struct frame *f = build_top(b);
	if (!f->markup)
		become_markup(b, f);
	if (b->markup_depth == BUILD_MARKUP_MAX) {
		b->markup_over++;
		return;
	}
	bool silent = is_wrapper(b, f, tag);
	struct str base = attr_get_ns(attrs, NS_XML, STR("base"));
	if (silent && base.n > 0)
		f->base = build_url(b, base);
	b->markup_silent[b->markup_depth++] = silent;
	if (silent)
		return;
	text_add(b, "<", 1);
	text_add(b, tag->local.p, tag->local.n);
	for (size_t i = 0; i < attrs->n; i++) {
		if (attrs->at[i].ns != NS_NONE && attrs->at[i].ns != NS_XHTML)
			continue;
		text_add(b, " ", 1);
		text_add(b, attrs->at[i].name.p, attrs->at[i].name.n);
		text_add(b, "=\"", 2);
		text_add_escaped(b, attrs->at[i].value.p, attrs->at[i].value.n, '"');
		text_add(b, "\"", 1);
	}
	text_add(b, ">", 1);
}

static bool is_void(struct str name)
{
	static const struct str names[] = { STR("br"), STR("hr"), STR("img"), STR("input"), STR("area"),
		STR("col"), STR("wbr"), STR("embed"), STR("param"), STR("source"), STR("track") };
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (str_eq(name, names[i]))
			return true;
	return false;
}

static void markup_close(struct build *b, struct str name)
{
	if (b->markup_over > 0) {
		b->markup_over--;
		return;
	}
	if (b->markup_silent[--b->markup_depth] || is_void(name))
		return;
	text_add(b, "</", 2);
	text_add(b, name.p, name.n);
	text_add(b, ">", 1);
}

static void frame_attrs(struct build *b, struct frame *f, const struct attrs *attrs)
{
	for (size_t i = 0; i < attrs->n; i++) {
		const struct attr *a = &attrs->at[i];
		if (a->ns != NS_XML)
			continue;
		if (str_eq(a->name, STR("base"))) {
			struct str base = build_url(b, a->value);
			if (url_is_http(base))
				f->base = base;
		} else if (str_eq(a->name, STR("lang"))) {
			f->lang = build_copy(b, str_trim(a->value));
		}
	}
}

/* Atom's type and mode: media types of 0.3, three words of 1.0, and what people mix up. */
static uint8_t construct_type(const struct frame *f, const struct attrs *attrs)
{
	struct str type = str_trim(attr_get(attrs, STR("type")));
	struct str mode = str_trim(attr_get(attrs, STR("mode")));
	if (str_eq_nocase(mode, STR("base64")))
		return VALUE_BASE64;
	if (str_eq_nocase(type, STR("html")) || str_starts_nocase(type, STR("text/html")))
		return str_eq_nocase(mode, STR("xml")) ? VALUE_XHTML : VALUE_HTML;
	if (str_eq_nocase(type, STR("xhtml")) || str_starts_nocase(type, STR("application/xhtml")))
		return str_eq_nocase(mode, STR("escaped")) ? VALUE_HTML : VALUE_XHTML;
	if (type.n == 0 && !f->is_atom)
		return VALUE_LOOSE;
	if (type.n == 0 || str_eq_nocase(type, STR("text")) || str_starts_nocase(type, STR("text/")))
		return VALUE_PLAIN;
	if (str_ends(type, STR("xml")))
		return VALUE_XHTML;
	return str_find_byte(type, '/', 0) == SIZE_MAX ? VALUE_PLAIN : VALUE_BASE64;
}

static struct frame *frame_push(struct build *b, const struct tag *tag, const struct element *el)
{
	const struct frame *parent = build_top(b);
	struct frame *f = &b->frames[++b->depth];
	*f = (struct frame){
		.el = el,
		.tag = tag,
		.outer = b->fields,
		.text_start = b->text.n,
		.base = parent->base,
		.lang = parent->lang,
		.place = el                           ? el->inner
		         : parent->place == IN_PERSON ? IN_PERSON
		                                      : IN_UNKNOWN,
		.slot = el ? el->slot : SLOT_NONE,
		.is_atom = tag->ns == NS_ATOM || b->none_ns == NS_ATOM,
	};
	return f;
}

static const struct element *find(struct build *b, const struct tag *tag)
{
	unsigned place = build_top(b)->place;
	bool own = tag->ns == NS_OTHER && b->own_uri.n > 0 && str_eq(tag->uri, b->own_uri);
	if (own || (tag->ns == NS_NONE && b->none_ns != NS_NONE))
		return element_in(elements_named(b->none_ns, tag->local), place);
	return element_in(tag->chain, place);
}

static void open_element(
    struct build *b, const struct tag *tag, const struct attrs *attrs, const struct element *el)
{
	struct frame *f = frame_push(b, tag, el);
	if (attrs->n > 0)
		frame_attrs(b, f, attrs);
	if (!el) {
		f->takes_text = f->place == IN_PERSON; /* markup inside of a name */
		return;
	}
	f->takes_text = el->kind == KIND_TEXT || el->kind == KIND_CONSTRUCT ||
	                (el->kind == KIND_BOX && el->inner == IN_PERSON);
	f->type = el->kind == KIND_CONSTRUCT ? construct_type(f, attrs) : VALUE_LOOSE;
	f->markup = f->type == VALUE_XHTML;
	if (el->kind != KIND_BOX)
		f->place = IN_NOTHING;
	if (el->start)
		el->start(b, el, attrs);
}

static void open_root(struct build *b, const struct tag *tag, const struct attrs *attrs)
{
	enum root_kind kind = root_recognise(b, tag, attrs);
	if (kind == ROOT_NONE) {
		b->wrong_root = arena_str(b->arena, tag->local);
		b->stop = true;
		return;
	}
	b->root_seen = true;
	if (kind == ROOT_ELEMENT) {
		open_element(b, tag, attrs, find(b, tag));
		return;
	}
	struct frame *f = frame_push(b, tag, NULL);
	f->place = IN_FEED;
	frame_attrs(b, f, attrs);
	b->feed.lang = f->lang;
	b->feed.base = f->base;
}

/* Elements that we do not know, but look into. */
static bool is_transparent(unsigned place, enum ns ns)
{
	return place == IN_PERSON || ((place == IN_FEED || place == IN_UNKNOWN) && ns != NS_OTHER);
}

void build_start(struct build *b, const struct tag *tag, const struct attrs *attrs)
{
	if (b->skip > 0) {
		b->skip++;
		return;
	}
	if (b->depth == 0) {
		if (b->root_done)
			b->skip = 1;
		else
			open_root(b, tag, attrs);
		return;
	}
	struct frame *top = build_top(b);
	if (top->takes_text && top->place == IN_NOTHING) {
		markup_open(b, tag, attrs);
		return;
	}
	const struct element *el = find(b, tag);
	if (b->depth == FEED_DEPTH_MAX || (!el && !is_transparent(top->place, tag->ns))) {
		b->skip = 1;
		return;
	}
	open_element(b, tag, attrs, el);
}

static void add_run(struct build *b, const char *p, size_t n)
{
	const struct frame *f = build_top(b);
	if (f->markup && (f->type == VALUE_XHTML || b->markup_depth > 0))
		text_add_escaped(b, p, n, 0);
	else
		text_add(b, p, n);
}

void build_text(struct build *b, const char *p, size_t n)
{
	if (b->skip > 0 || !build_top(b)->takes_text)
		return;
	/* U+0080 to U+009F are windows-1252 that went through a careless converter (and would be terminal controls). */
	for (const char *c2; b->has_c1 && n > 1 && (c2 = memchr(p, 0xc2, n - 1));) {
		size_t before = (size_t)(c2 - p);
		unsigned char second = (unsigned char)c2[1];
		size_t take = second < 0xa0 ? before : before + 2;
		add_run(b, p, take);
		if (second < 0xa0) {
			char text[4];
			add_run(b, text, utf8_encode(html_c1(second), text));
			take += 2;
		}
		p += take;
		n -= take;
	}
	add_run(b, p, n);
}

char *build_room(struct build *b, size_t n, size_t slack)
{
	const struct frame *f = build_top(b);
	bool escapes = f->markup && (f->type == VALUE_XHTML || b->markup_depth > 0);
	if (!build_in_text(b) || b->has_c1 || escapes || n > b->text_left)
		return NULL;
	return buf_reserve(&b->text, n + slack);
}

void build_filled(struct build *b, size_t n)
{
	b->text_left -= n;
	buf_grown(&b->text, n);
}

static void frame_pop(struct build *b)
{
	b->depth--;
	if (b->depth == 0)
		b->root_done = true;
}

void build_end(struct build *b, struct str name)
{
	if (b->skip > 0) {
		b->skip--;
		return;
	}
	if (b->stop || b->depth == 0)
		return;
	if (b->markup_depth > 0 || b->markup_over > 0) {
		markup_close(b, name);
		return;
	}
	struct frame *f = build_top(b);
	if (f->el && f->el->end) {
		struct str text = { NULL, 0 };
		if (f->takes_text && !b->text.failed)
			text = str_of(b->text.p ? b->text.p + f->text_start : "", b->text.n - f->text_start);
		f->el->end(b, f->el, text);
	}
	if (f->takes_text && f->el && !b->text.failed)
		b->text.n = f->text_start;
	b->fields = f->outer;
	frame_pop(b);
}

bool build_failed(const struct build *b)
{
	bool failed =
	    arena_failed(b->item.arena) || arena_failed(b->arena) || b->text.failed || b->scratch.failed;
	for (size_t i = 0; i < ARRAY_LEN(b->out); i++)
		failed = failed || b->out[i].failed;
	return failed;
}

void build_finish(struct build *b)
{
	build_meta(b);
	if (build_failed(b))
		b->nomem = true;
}
