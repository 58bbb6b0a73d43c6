/* opml: the scanner. One function per thing that can follow a '<'. */
#include "daemon/conf/opml_priv.h"

#include "daemon/base/buf.h"
#include "daemon/base/utf8.h"

#define ENTITY_MAX 10 /* bytes between & and ; */

struct element { /* an open one */
	struct str name;
	struct str title; /* of an outline */
};

struct scanner {
	struct str text;
	size_t at;
	int line;
	struct element open[OPML_DEPTH_MAX];
	size_t depth;
	bool seen_root, stopped;
	struct arena *arena;
	struct buf scratch;
	opml_outline_f *each;
	void *ctx;
};

static bool wrong(const struct scanner *s, struct err *e, const char *why)
{
	return err_set_line(e, ERR_PARSE, s->line, "OPML: %s", why);
}

static bool at_end(const struct scanner *s)
{
	return s->at >= s->text.n;
}

static char peek(const struct scanner *s)
{
	return at_end(s) ? '\0' : s->text.p[s->at];
}

static void step(struct scanner *s, size_t n)
{
	for (; n > 0 && !at_end(s); n--)
		s->line += s->text.p[s->at++] == '\n';
}

static bool looking_at(const struct scanner *s, struct str what)
{
	return str_starts(str_skip(s->text, s->at), what);
}

/* Moves behind `end`. */
static bool skip_past(struct scanner *s, struct str end, struct err *e)
{
	size_t found = str_find(s->text, end, s->at);
	if (found == SIZE_MAX)
		return wrong(s, e, "something is not closed");
	step(s, found + end.n - s->at);
	return true;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void skip_space(struct scanner *s)
{
	while (!at_end(s) && is_space(peek(s)))
		step(s, 1);
}

static struct str take_name(struct scanner *s)
{
	size_t from = s->at;
	while (!at_end(s) && !is_space(peek(s)) && !strchr("=/>\"'<&", peek(s)))
		step(s, 1);
	return str_of(s->text.p + from, s->at - from);
}

static bool character_reference(struct str digits, uint32_t *cp)
{
	bool hex = digits.n > 0 && digits.p[0] == 'x';
	digits = str_skip(digits, hex ? 1 : 0);
	uint32_t v = 0;
	for (size_t i = 0; i < digits.n; i++) {
		char c = digits.p[i];
		uint32_t d = c >= '0' && c <= '9'          ? (uint32_t)(c - '0')
		             : hex && c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a' + 10)
		             : hex && c >= 'A' && c <= 'F' ? (uint32_t)(c - 'A' + 10)
		                                           : 99;
		if (d == 99 || v > 0x10ffff)
			return false;
		v = v * (hex ? 16 : 10) + d;
	}
	*cp = v;
	return digits.n > 0 && v != 0 && v <= 0x10ffff;
}

/* What stands between & and ; */
static bool take_entity(struct scanner *s, struct str name, struct err *e)
{
	static const struct {
		struct str name;
		char c;
	} known[] = {
		{ { "amp", 3 }, '&' },
		{ { "lt", 2 }, '<' },
		{ { "gt", 2 }, '>' },
		{ { "quot", 4 }, '"' },
		{ { "apos", 4 }, '\'' },
	};
	uint32_t cp;
	char utf8[4];
	if (name.n > 1 && name.p[0] == '#' && character_reference(str_skip(name, 1), &cp)) {
		buf_add(&s->scratch, utf8, utf8_encode(cp, utf8));
		return true;
	}
	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		if (!str_eq(name, known[i].name))
			continue;
		buf_byte(&s->scratch, known[i].c);
		return true;
	}
	return wrong(s, e, "unknown entity (a bare & is written &amp;)");
}

/* The value of an attribute, decoded, in the arena. Line breaks and tabs become spaces, as XML says. */
static bool take_value(struct scanner *s, struct str *out, struct err *e)
{
	char quote = peek(s);
	if (quote != '"' && quote != '\'')
		return wrong(s, e, "attribute without quotes");
	step(s, 1);
	buf_clear(&s->scratch);
	while (!at_end(s) && peek(s) != quote) {
		char c = peek(s);
		if (c == '<')
			return wrong(s, e, "< in an attribute");
		step(s, 1);
		if (c != '&') {
			buf_byte(&s->scratch, is_space(c) ? ' ' : c);
			continue;
		}
		size_t end = str_find_byte(s->text, ';', s->at);
		if (end == SIZE_MAX || end - s->at > ENTITY_MAX)
			return wrong(s, e, "unknown entity (a bare & is written &amp;)");
		if (!take_entity(s, str_of(s->text.p + s->at, end - s->at), e))
			return false;
		step(s, end + 1 - s->at);
	}
	if (at_end(s))
		return wrong(s, e, "an attribute is not closed");
	step(s, 1);
	if (s->scratch.failed)
		return wrong(s, e, "an attribute is too long");
	*out = arena_str(s->arena, str_trim(buf_view(&s->scratch)));
	return out->p || err_nomem(e);
}

/* Attributes that we know, in the order of preference for their field. */
static struct str *field_of(struct opml_outline *o, struct str *text, struct str name)
{
	const struct {
		struct str name;
		struct str *field;
	} known[] = {
		{ STR("title"), &o->title },
		{ STR("text"), text },
		{ STR("xmlUrl"), &o->url },
		{ STR("language"), &o->language },
		{ STR("description"), &o->description },
		{ STR("category"), &o->category },
		{ STR("gazetted:name"), &o->name },
	};
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (str_eq_nocase(name, known[i].name))
			return known[i].field;
	return NULL;
}

static bool take_attributes(struct scanner *s, struct opml_outline *o, struct err *e)
{
	struct str text = { NULL, 0 };
	for (skip_space(s); !at_end(s) && peek(s) != '>' && peek(s) != '/'; skip_space(s)) {
		struct str value;
		struct str name = take_name(s);
		skip_space(s);
		if (name.n == 0 || peek(s) != '=')
			return wrong(s, e, "a tag is not well-formed");
		step(s, 1);
		skip_space(s);
		if (!take_value(s, &value, e))
			return false;
		struct str *field = field_of(o, &text, name);
		if (field)
			*field = value;
	}
	if (o->title.n == 0)
		o->title = text;
	return true;
}

static struct str folder_of(const struct scanner *s)
{
	for (size_t i = s->depth; i > 0; i--)
		if (s->open[i - 1].title.n > 0)
			return s->open[i - 1].title;
	return (struct str){ NULL, 0 };
}

static bool take_open_tag(struct scanner *s, struct err *e)
{
	struct opml_outline o = { .line = s->line };
	step(s, 1);
	struct str name = take_name(s);
	if (name.n == 0)
		return wrong(s, e, "a tag without a name (a bare < is written &lt;)");
	if (!s->seen_root && !str_eq(name, STR("opml")))
		return wrong(s, e, "the document is not an OPML list");
	if (s->seen_root && s->depth == 0)
		return wrong(s, e, "something follows the end of the list");
	s->seen_root = true;
	if (!take_attributes(s, &o, e))
		return false;
	bool closed = peek(s) == '/';
	step(s, closed ? 1 : 0);
	if (peek(s) != '>')
		return wrong(s, e, "a tag is not closed");
	step(s, 1);
	bool outline = str_eq(name, STR("outline"));
	o.folder = folder_of(s);
	if (outline && o.url.n > 0 && !s->each(s->ctx, &o))
		s->stopped = true;
	if (closed)
		return true;
	if (s->depth == OPML_DEPTH_MAX)
		return wrong(s, e, "nested too deeply");
	s->open[s->depth++] = (struct element){ name, outline ? o.title : (struct str){ NULL, 0 } };
	return true;
}

static bool take_close_tag(struct scanner *s, struct err *e)
{
	step(s, 2);
	struct str name = take_name(s);
	skip_space(s);
	if (peek(s) != '>' || s->depth == 0 || !str_eq(name, s->open[s->depth - 1].name))
		return wrong(s, e, "an end tag does not match its start");
	step(s, 1);
	s->depth--;
	return true;
}

/* <?xml … encoding="…"?>: the bytes were found to be UTF-8; another declared encoding would mean something else. */
static bool take_instruction(struct scanner *s, struct err *e)
{
	size_t from = s->at;
	if (!skip_past(s, STR("?>"), e))
		return false;
	struct str body = str_of(s->text.p + from, s->at - from);
	size_t i = str_find(body, STR("encoding"), 0);
	if (!str_starts(body, STR("<?xml ")) || i == SIZE_MAX)
		return true;
	if (str_find_nocase(body, STR("utf-8"), i) != SIZE_MAX ||
	    str_find_nocase(body, STR("ascii"), i) != SIZE_MAX)
		return true;
	return wrong(s, e, "only UTF-8 is read");
}

static bool take_markup(struct scanner *s, struct err *e)
{
	if (looking_at(s, STR("<!--"))) {
		step(s, 4);
		return skip_past(s, STR("-->"), e);
	}
	if (looking_at(s, STR("<![CDATA[")))
		return skip_past(s, STR("]]>"), e);
	if (looking_at(s, STR("<!")))
		return wrong(s, e, "a document type is not allowed");
	if (looking_at(s, STR("<?")))
		return take_instruction(s, e);
	if (looking_at(s, STR("</")))
		return take_close_tag(s, e);
	return take_open_tag(s, e);
}

static bool scan(struct scanner *s, struct err *e)
{
	while (!at_end(s) && !s->stopped) {
		if (peek(s) == '<') {
			if (!take_markup(s, e))
				return false;
			continue;
		}
		if (s->depth == 0 && !is_space(peek(s)))
			return wrong(s, e, "the document is not an OPML list");
		step(s, 1);
	}
	if (s->stopped)
		return true;
	if (!s->seen_root || s->depth > 0)
		return wrong(s, e, s->seen_root ? "the list ends too early" : "the document is empty");
	return true;
}

bool opml_read(struct str text, struct arena *a, opml_outline_f *each, void *ctx, struct err *e)
{
	if (str_starts(text, STR("\xef\xbb\xbf")))
		text = str_skip(text, 3);
	struct scanner s = { .text = text, .line = 1, .arena = a, .each = each, .ctx = ctx };
	size_t valid = utf8_valid_prefix(text);
	if (valid < text.n) {
		step(&s, valid);
		return wrong(&s, e, "not valid UTF-8");
	}
	buf_init(&s.scratch, OPML_TEXT_MAX);
	bool good = scan(&s, e);
	buf_fini(&s.scratch);
	return good;
}
