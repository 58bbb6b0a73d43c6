/*
 * repair: reads documents that the strict parser refuses, in one pass, without losing text: HTML entities, bare ampersands, tags that are
 * never closed, prefixes that nobody declared, control characters, a missing end. Gives the same events as sax.c; on a well-formed document
 * they are equal, so that items handed out before the first fault are recognised by their number.
 */
#include "daemon/feed/source_priv.h"

#include "daemon/base/clock.h"
#include "daemon/feed/html_reference_priv.h"
#include "daemon/feed/html_tags_priv.h"
#include "daemon/feed/repair_entities_priv.h"
#include "daemon/feed/repair_scope_priv.h"

#include <stdio.h>

#define BUDGET_STRIDE (64u << 10) /* bytes between two looks at the CPU budget */

struct repair {
	struct str s;
	size_t at;
	struct build *b;
	struct scope scope;
	struct entities entities; /* declared in the internal subset */
	struct attr attrs[FEED_ATTRS_MAX];
	struct buf values; /* decoded attribute values */
	bool truncated;
};

/* The first thing that had to be repaired. */
static void note(struct repair *x, const char *what)
{
	struct feed_meta *m = x->b->meta;
	if (m->error[0] != '\0')
		return;
	snprintf(m->error, sizeof(m->error), "%s", what);
	m->error_line = 1;
	size_t n = x->at < x->s.n ? x->at : x->s.n;
	for (const char *p = x->s.p, *nl; (nl = memchr(p, '\n', (size_t)(x->s.p + n - p))); p = nl + 1)
		m->error_line++;
}

static bool is_name_start(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':' ||
	       ((unsigned char)c & 0x80);
}

static bool is_name(char c)
{
	return is_name_start(c) || (c >= '0' && c <= '9') || c == '-' || c == '.';
}

static size_t name_length(struct str s)
{
	size_t n = 0;
	if (s.n == 0 || !is_name_start(s.p[0]))
		return 0;
	while (n < s.n && is_name(s.p[n]))
		n++;
	return n;
}

/* How many bytes stand before the first control character that XML forbids. */
static size_t before_control(struct str s)
{
	size_t i = 0;
	while (i < s.n) {
		unsigned char c = (unsigned char)s.p[i];
		if (c < 0x20 && c != '\t' && c != '\n' && c != '\r')
			break;
		i++;
	}
	return i;
}

/* Without control characters. */
static void clean_text(struct repair *x, struct str s)
{
	if (s.n > x->b->text_left) {
		s.n = x->b->text_left;
		x->b->cut = true;
	}
	for (;;) {
		size_t n = before_control(s);
		build_text(x->b, s.p, n);
		if (n == s.n)
			return;
		note(x, "control character");
		s = str_skip(s, n + 1);
	}
}

/* One reference at rest.p[0] == '&': its text, or the '&' itself. */
static size_t take_reference(struct repair *x, struct str rest, struct str *text, char space[8])
{
	size_t length = 0, took = entities_find(&x->entities, rest, text);
	if (took > 0)
		return took;
	took = html_reference(rest, true, space, &length);
	*text = str_of(space, length);
	if (took == 0) {
		note(x, "bare '&' or unknown entity");
		*text = STR("&");
		return 1;
	}
	if (rest.p[1] != '#' && took > 6)
		note(x, "entity of HTML");
	return took;
}

static void text_run(struct repair *x, struct str s)
{
	if (!build_in_text(x->b))
		return;
	while (s.n > 0) {
		const char *amp = memchr(s.p, '&', s.n);
		size_t before = amp ? (size_t)(amp - s.p) : s.n;
		clean_text(x, str_of(s.p, before));
		s = str_skip(s, before);
		if (s.n == 0)
			return;
		char space[8];
		struct str text;
		s = str_skip(s, take_reference(x, s, &text, space));
		clean_text(x, text);
	}
}

static void close_top(struct repair *x)
{
	struct str name = scope_top(&x->scope);
	scope_close(&x->scope);
	build_end(x->b, name);
}

static void clean_value(struct repair *x, struct str s)
{
	for (;;) {
		size_t n = before_control(s);
		buf_add(&x->values, s.p, n);
		if (n == s.n)
			return;
		s = str_skip(s, n + 1);
	}
}

static struct str decoded(struct repair *x, struct str raw)
{
	if (raw.n == 0 || (!memchr(raw.p, '&', raw.n) && before_control(raw) == raw.n))
		return raw;
	size_t from = x->values.n;
	while (raw.n > 0) {
		const char *amp = memchr(raw.p, '&', raw.n);
		size_t before = amp ? (size_t)(amp - raw.p) : raw.n;
		clean_value(x, str_of(raw.p, before));
		raw = str_skip(raw, before);
		if (raw.n == 0)
			break;
		char space[8];
		struct str text;
		raw = str_skip(raw, take_reference(x, raw, &text, space));
		clean_value(x, text);
	}
	return x->values.failed ? (struct str){ NULL, 0 } : str_of(x->values.p + from, x->values.n - from);
}

static struct attrs read_attrs(struct repair *x, struct str tag, size_t at)
{
	struct attrs attrs = { x->attrs, 0 };
	struct html_attr a;
	buf_clear(&x->values);
	if (!buf_reserve(&x->values, 4 * tag.n + 8))
		return attrs;
	for (size_t i = at; html_attr_next(tag, i, &a); i = a.end) {
		struct str value = decoded(x, a.value);
		if (str_starts(a.name, STR("xmlns:")))
			scope_bind(&x->scope, str_skip(a.name, 6), a.value, ns_of_uri(value));
		else if (str_eq(a.name, STR("xmlns")))
			scope_bind(&x->scope, (struct str){ NULL, 0 }, a.value, ns_of_uri(value));
		else if (attrs.n < FEED_ATTRS_MAX && a.name.n > 0 && before_control(a.name) == a.name.n)
			x->attrs[attrs.n++] = (struct attr){ NS_NONE, a.name, value };
	}
	for (size_t i = 0; i < attrs.n; i++) {
		bool declared;
		x->attrs[i].ns =
		    scope_resolve(&x->scope, x->attrs[i].name, true, &x->attrs[i].name, &declared).ns;
	}
	return attrs;
}

static bool is_void(struct str name)
{
	static const struct str names[] = { STR("br"), STR("hr"), STR("img"), STR("input"), STR("area"),
		STR("col"), STR("wbr"), STR("embed"), STR("param"), STR("meta"), STR("base") };
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (str_eq_nocase(name, names[i]))
			return true;
	return false;
}

/* A new item ends an item that was never closed. */
static void close_forgotten(struct repair *x, struct str name)
{
	if (!str_eq_nocase(name, STR("item")) && !str_eq_nocase(name, STR("entry")))
		return;
	unsigned n = scope_closes(&x->scope, name);
	if (n == 0)
		return;
	note(x, "item without an end");
	while (n-- > 0)
		close_top(x);
}

static void start_tag(struct repair *x, struct str tag, size_t name_n)
{
	struct str name = str_of(tag.p + 1, name_n), local;
	bool closed = tag.n > 2 && tag.p[tag.n - 2] == '/', declared;
	close_forgotten(x, name);
	if (!scope_open(&x->scope, name)) {
		x->scope.over -= closed;
		return;
	}
	struct attrs attrs = read_attrs(x, tag, 1 + name_n);
	struct scope_binding ns = scope_resolve(&x->scope, name, false, &local, &declared);
	if (!declared)
		note(x, "prefix without a declaration");
	struct tag t = { .local = local, .uri = ns.uri, .chain = elements_named(ns.ns, local), .ns = ns.ns };
	bool in_text = build_in_text(x->b);
	build_start(x->b, &t, &attrs);
	if (!closed && in_text && is_void(local)) {
		note(x, "tag of HTML that is not closed");
		closed = true;
	}
	if (closed)
		close_top(x);
}

static void end_tag(struct repair *x, struct str name)
{
	if (x->scope.over > 0) {
		x->scope.over--;
		return;
	}
	unsigned n = scope_closes(&x->scope, name);
	if (n != 1)
		note(x, n == 0 ? "end tag without a start" : "element without an end");
	while (n-- > 0 && !x->b->root_done)
		close_top(x);
}

/* Behind `end`, or the document is cut. */
static size_t behind(struct repair *x, size_t from, struct str end)
{
	size_t at = str_find(x->s, end, from);
	if (at != SIZE_MAX)
		return at + end.n;
	x->truncated = true;
	return x->s.n;
}

static void cdata(struct repair *x)
{
	size_t from = x->at + 9;
	x->at = behind(x, from, STR("]]>"));
	if (!x->truncated)
		clean_text(x, str_of(x->s.p + from, x->at - 3 - from));
}

static void literal_lt(struct repair *x)
{
	note(x, "bare '<'");
	build_text(x->b, "<", 1);
	x->at++;
}

/* Bytes from '<' to behind '>', with quotes minded; 0: it does not end within FEED_TAG_MAX. */
static size_t tag_length(struct str s)
{
	struct html_tag t = { .length = 0 };
	struct str window = str_of(s.p, s.n < FEED_TAG_MAX ? s.n : FEED_TAG_MAX);
	size_t i = s.p[1] == '/' ? 2 : 1;
	size_t n = name_length(str_skip(window, i));
	return n == 0 ? 0 : html_tag_end(window, i + n, &t);
}

static void tag(struct repair *x)
{
	struct str rest = str_skip(x->s, x->at);
	bool closing = rest.n > 1 && rest.p[1] == '/';
	size_t name_n = name_length(str_skip(rest, closing ? 2 : 1));
	if (name_n == 0) {
		literal_lt(x);
		return;
	}
	size_t length = tag_length(rest);
	if (length == 0) {
		if (rest.n < FEED_TAG_MAX) {
			x->truncated = true;
			x->at = x->s.n;
			return;
		}
		literal_lt(x);
		return;
	}
	if (closing)
		end_tag(x, str_of(rest.p + 2, name_n));
	else
		start_tag(x, str_of(rest.p, length), name_n);
	x->at += length;
}

static void markup(struct repair *x)
{
	struct str rest = str_skip(x->s, x->at);
	if (str_starts(rest, STR("<![CDATA[")))
		cdata(x);
	else if (str_starts(rest, STR("<!--")))
		x->at = behind(x, x->at + 4, STR("-->"));
	else if (str_starts(rest, STR("<?")))
		x->at = behind(x, x->at + 2, STR("?>"));
	else if (str_starts(rest, STR("<!")))
		x->at = behind(x, x->at + 2, STR(">"));
	else
		tag(x);
}

static bool run(struct repair *x, int64_t deadline_ms)
{
	size_t look = 0;
	while (x->at < x->s.n && !x->b->stop && !x->b->root_done) {
		size_t lt = str_find_byte(x->s, '<', x->at);
		if (lt == SIZE_MAX)
			lt = x->s.n;
		if (lt > x->at)
			text_run(x, str_of(x->s.p + x->at, lt - x->at));
		x->at = lt;
		if (lt < x->s.n)
			markup(x);
		if (deadline_ms > 0 && x->at > look) {
			if (clock_cpu_ms() > deadline_ms)
				return false;
			look = x->at + BUDGET_STRIDE;
		}
	}
	return true;
}

bool repair_parse(struct str text, struct str subset, struct build *b, int64_t deadline_ms)
{
	static _Thread_local struct repair x;
	memset(&x, 0, sizeof(x));
	x.s = text;
	x.b = b;
	b->has_c1 = true;
	buf_init(&x.values, 16 * FEED_TAG_MAX);
	entities_read(&x.entities, subset);
	bool in_time = run(&x, deadline_ms);
	if (!b->root_done)
		note(&x, "the document is cut short");
	if (x.values.failed)
		b->nomem = true;
	buf_fini(&x.values);
	return in_time;
}
