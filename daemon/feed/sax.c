/*
 * sax: the strict parser: libxml2's SAX2 push interface over UTF-8 text that begins at the root element. Everything dangerous of libxml2 is kept
 * away: it sees no DTD (prolog.c took it off), opens nothing, and endless tags are refused before it gets them. Long texts do not go through it:
 * where it stands between two tags with nothing left to read, the next text is checked, decoded and handed on right here.
 */
#include "daemon/feed/source_priv.h"

#include "daemon/base/clock.h"
#include "daemon/feed/chardata_priv.h"
#include "daemon/feed/cut_priv.h"
#include "daemon/feed/memory_priv.h"

#include <libxml/parser.h>
#include <libxml/parserInternals.h>

#define CHUNK (16u << 10) /* bytes that libxml2 gets at once, at most */
#define BUDGET_STRIDE (64u << 10) /* bytes between two looks at the CPU budget */
#define DECODED_RUN_MAX                                                                                      \
	(1u << 20) /* bytes of a text that must be changed; longer ones take the long way, in steps */
#define TAG_CACHE 256u /* names remembered by the addresses that libxml2's dictionary gave them */

struct cached_tag {
	const xmlChar *local, *prefix, *uri;
	struct tag tag;
};

struct strict {
	xmlParserCtxt *ctxt;
	struct build *b;
	struct cached_tag cache[TAG_CACHE];
	struct attr attrs[FEED_ATTRS_MAX];
	struct buf values; /* attribute values that had to be changed */
	struct buf run; /* a text that had to be changed */
	size_t pushed; /* where the last piece that libxml2 got ends */
	bool stopped; /* by us */
};

static void stop(struct strict *x)
{
	x->stopped = true;
	xmlStopParser(x->ctxt);
}

static enum ns namespace_of(const xmlChar *prefix, const xmlChar *uri)
{
	if (uri)
		return ns_of_uri(str_from((const char *)uri));
	return prefix ? ns_of_prefix(str_from((const char *)prefix)) : NS_NONE;
}

static const struct tag *tag_of(
    struct strict *x, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri)
{
	size_t slot = ((uintptr_t)local ^ (uintptr_t)local >> 8 ^ (uintptr_t)uri >> 4) & (TAG_CACHE - 1);
	struct cached_tag *c = &x->cache[slot];
	if (c->local == local && c->uri == uri && c->prefix == prefix)
		return &c->tag;
	c->local = local;
	c->prefix = prefix;
	c->uri = uri;
	c->tag.local = str_from((const char *)local);
	c->tag.uri = str_from((const char *)uri);
	c->tag.ns = namespace_of(prefix, uri);
	c->tag.chain = elements_named(c->tag.ns, c->tag.local);
	return &c->tag;
}

/* libxml2 leaves "&#38;" where an attribute had an ampersand, so that a tree builder could expand entities; we have none. */
static struct str attr_value(struct strict *x, const char *p, size_t n)
{
	if (!memchr(p, '&', n))
		return str_of(p, n);
	size_t from = x->values.n;
	while (n > 0) {
		const char *amp = memmem(p, n, "&#38;", 5);
		size_t plain = amp ? (size_t)(amp - p) + 1 : n;
		buf_add(&x->values, p, plain);
		p += plain;
		n -= plain;
		if (amp) {
			p += 4;
			n -= 4;
		}
	}
	return x->values.failed ? (struct str){ NULL, 0 } : str_of(x->values.p + from, x->values.n - from);
}

static struct attrs attrs_of(struct strict *x, int count, const xmlChar **raw)
{
	struct attrs attrs = { x->attrs, 0 };
	size_t total = 0;
	for (int i = 0; i < count; i++)
		total += (size_t)(raw[i * 5 + 4] - raw[i * 5 + 3]);
	buf_clear(&x->values);
	if (!buf_reserve(&x->values, total + 1))
		return attrs;
	for (int i = 0; i < count && attrs.n < FEED_ATTRS_MAX; i++, raw += 5) {
		x->attrs[attrs.n++] = (struct attr){
			.ns = raw[1] == x->ctxt->str_xml ? NS_XML
			      : raw[1]                   ? namespace_of(raw[1], raw[2])
			                                 : NS_NONE,
			.name = str_from((const char *)raw[0]),
			.value = attr_value(x, (const char *)raw[3], (size_t)(raw[4] - raw[3])),
		};
	}
	return attrs;
}

static void on_start(void *user, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri,
    int ns_count, const xmlChar **namespaces, int attr_count, int defaulted, const xmlChar **raw)
{
	(void)ns_count;
	(void)namespaces;
	(void)defaulted;
	struct strict *x = user;
	struct attrs attrs = { x->attrs, 0 };
	if (attr_count > 0 && !x->b->skip)
		attrs = attrs_of(x, attr_count, raw);
	build_start(x->b, tag_of(x, local, prefix, uri), &attrs);
	if (x->b->stop || x->ctxt->errNo != XML_ERR_OK)
		stop(x);
}

static void on_end(void *user, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri)
{
	struct strict *x = user;
	if (x->ctxt->errNo != XML_ERR_OK) {
		stop(x); /* before an item with a fault in it is handed out */
		return;
	}
	if (x->b->markup_depth > 0)
		build_end(x->b, str_from((const char *)local));
	else
		build_end(x->b, (struct str){ NULL, 0 });
	(void)prefix;
	(void)uri;
	if (x->b->stop)
		stop(x);
}

static void on_text(void *user, const xmlChar *p, int n)
{
	struct strict *x = user;
	/* "&#150;" comes alone; among the bytes of the document none was seen. */
	if (n == 2 && p[0] == 0xc2 && p[1] < 0xa0)
		x->b->has_c1 = true;
	build_text(x->b, (const char *)p, (size_t)n);
}

/* No DTD should ever get here. */
static void on_subset(void *user, const xmlChar *name, const xmlChar *public_id, const xmlChar *system_id)
{
	(void)name;
	(void)public_id;
	(void)system_id;
	stop(user);
}

static void on_entity(void *user, const xmlChar *name, int type, const xmlChar *public_id,
    const xmlChar *system_id, xmlChar *content)
{
	(void)name;
	(void)type;
	(void)public_id;
	(void)system_id;
	(void)content;
	stop(user);
}

typedef uint8_t bytes16 __attribute__((vector_size(16)));

static bool any(bytes16 v)
{
	uint64_t halves[2];
	memcpy(halves, &v, sizeof(halves));
	return (halves[0] | halves[1]) != 0;
}

/* libxml2 checks UTF-8 itself, but lets overlong forms pass here and there: false when there is one. Notes C1 characters. */
static bool bytes_pass(struct build *b, struct str text, size_t from, size_t to)
{
	const unsigned char *p = (const unsigned char *)text.p;
	bytes16 overlong = { 0 }, c1 = { 0 };
	size_t i = from;
	for (; i + 17 <= text.n && i < to; i += 16) {
		bytes16 v, next;
		memcpy(&v, p + i, sizeof(v));
		memcpy(&next, p + i + 1, sizeof(next));
		overlong |= (bytes16)((v & 0xfe) == 0xc0) | ((bytes16)(v == 0xe0) & (bytes16)(next < 0xa0)) |
		            ((bytes16)(v == 0xf0) & (bytes16)(next < 0x90));
		c1 |= (bytes16)(v == 0xc2) & (bytes16)(next < 0xa0);
	}
	bool bad = any(overlong);
	b->has_c1 = b->has_c1 || any(c1);
	for (; i < to; i++) {
		unsigned char next = i + 1 < text.n ? p[i + 1] : 0;
		bad = bad || (p[i] & 0xfe) == 0xc0 || (p[i] == 0xe0 && next < 0xa0) ||
		      (p[i] == 0xf0 && next < 0x90);
		b->has_c1 = b->has_c1 || (p[i] == 0xc2 && next < 0xa0);
	}
	return !bad;
}

/* Everything that libxml2 was given, it has read; and what comes next is text or a tag. */
static bool is_at_content(const struct strict *x)
{
	const xmlParserInput *in = x->ctxt->input;
	return in && in->cur == in->end && x->ctxt->instate == XML_PARSER_CONTENT &&
	       x->ctxt->errNo == XML_ERR_OK && !x->stopped;
}

/* False: libxml2 has ended, or must. */
static bool push(struct strict *x, struct str text, struct str piece)
{
	while (piece.n > 0) {
		size_t at = (size_t)(piece.p - text.p), n = piece.n < CHUNK ? piece.n : CHUNK;
		if (!bytes_pass(x->b, text, at, at + n))
			return false;
		xmlParseChunk(x->ctxt, piece.p, (int)n, 0);
		x->pushed = at + n;
		if (x->stopped || x->ctxt->errNo != XML_ERR_OK || x->ctxt->disableSAX)
			return false;
		piece = str_skip(piece, n);
	}
	return true;
}

/* A text that must be changed: written to where it will stand, if it can be. */
static bool take_decoded(struct strict *x, struct str s)
{
	if (s.n > DECODED_RUN_MAX)
		return false;
	char *there = build_room(x->b, s.n, CHARDATA_SLACK), *to = there;
	if (!to) {
		buf_clear(&x->run);
		to = buf_reserve(&x->run, s.n + CHARDATA_SLACK);
	}
	size_t n = to ? chardata_decode(s, to) : SIZE_MAX;
	if (n == SIZE_MAX)
		return false;
	if (there)
		build_filled(x->b, n);
	else
		build_text(x->b, to, n);
	return true;
}

/* A text, in the place of libxml2. False: it must have it after all, because something is wrong or unusual. */
static bool take_run(struct strict *x, struct str text, const struct piece *piece)
{
	if (!is_at_content(x) || piece->run.n > CUT_RUN_MAX)
		return false;
	struct str s = piece->run;
	struct chardata look = chardata_look(s, text.p + text.n);
	if (look.invalid)
		return false;
	x->b->has_c1 = x->b->has_c1 || look.c1;
	if (piece->kind == RUN_TEXT && look.section_end)
		return false;
	if (piece->kind == RUN_TEXT && (look.returns || memchr(s.p, '&', s.n)))
		return take_decoded(x, s);
	build_text(x->b, s.p, s.n);
	return true;
}

/* Line of the document in which libxml2 has ended. */
static int line_of(const struct strict *x, struct str text)
{
	const xmlParserInput *in = x->ctxt->input;
	size_t left = in ? (size_t)(in->end - in->cur) : 0;
	const char *end = text.p + (left < x->pushed ? x->pushed - left : 0);
	int line = 1;
	for (const char *p = text.p, *nl; (nl = memchr(p, '\n', (size_t)(end - p))); p = nl + 1)
		line++;
	return line;
}

static enum strict_result feed_pieces(struct strict *x, struct str text, int64_t deadline_ms)
{
	struct cutter cutter = { .text = text };
	struct piece piece;
	size_t looked = 0;
	bool open = true;
	while (open && cut_next(&cutter, &piece)) {
		open = push(x, text, piece.markup);
		if (open && piece.kind != RUN_NONE && !take_run(x, text, &piece))
			open = push(x, text, piece.whole);
		if (open && deadline_ms > 0 && cutter.at - looked >= BUDGET_STRIDE) {
			looked = cutter.at;
			if (clock_cpu_ms() > deadline_ms)
				return STRICT_BUDGET;
		}
	}
	if (open && !cutter.refused)
		xmlParseChunk(x->ctxt, "", 0, 1);
	if (memory_refused() || x->values.failed || x->run.failed)
		return STRICT_NOMEM;
	bool whole = open && !cutter.refused && !x->stopped && x->ctxt->errNo == XML_ERR_OK &&
	             x->ctxt->wellFormed && x->b->root_done;
	return whole ? STRICT_DONE : STRICT_REFUSED;
}

enum strict_result strict_parse(struct str text, struct build *b, int64_t deadline_ms)
{
	static const xmlSAXHandler handlers = {
		.initialized = XML_SAX2_MAGIC,
		.internalSubset = on_subset,
		.entityDecl = on_entity,
		.startElementNs = on_start,
		.endElementNs = on_end,
		.characters = on_text,
		.ignorableWhitespace = on_text,
		.cdataBlock = on_text,
	};
	static _Thread_local struct strict x;
	memset(&x, 0, sizeof(x));
	x.b = b;
	memory_watch();
	xmlSAXHandler sax = handlers;
	x.ctxt = xmlCreatePushParserCtxt(&sax, &x, NULL, 0, NULL);
	if (!x.ctxt)
		return STRICT_NOMEM;
	xmlCtxtUseOptions(x.ctxt, XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
	buf_init(&x.values, 4 * FEED_TAG_MAX);
	buf_init(&x.run, DECODED_RUN_MAX + CHARDATA_SLACK);
	enum strict_result result = feed_pieces(&x, text, deadline_ms);
	if (result == STRICT_REFUSED)
		b->meta->error_line = line_of(&x, text);
	buf_fini(&x.values);
	buf_fini(&x.run);
	xmlFreeParserCtxt(x.ctxt);
	return result;
}
