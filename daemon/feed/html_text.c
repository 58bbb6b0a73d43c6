/*
 * html_text: fragments of HTML -> plain text in one pass, without a tree. White space is folded as it is copied; what separates
 * blocks is remembered as a wish and written before the next text, so that no line is ever empty at an end.
 */
#include "daemon/feed/html.h"
#include "daemon/feed/html_text_priv.h"

#include "daemon/feed/html_reference_priv.h"
#include "daemon/feed/html_tags_priv.h"

#include <endian.h>

enum gap { GAP_NONE, GAP_BLANK, GAP_LINE, GAP_PARAGRAPH };

struct scan {
	struct str s;
	size_t at;
	struct buf *out;
	size_t start; /* of our text in out */
	unsigned flags;
	enum gap gap; /* wanted before the next text */
	unsigned pre; /* open pre elements */
	struct html_tag tag;
	size_t no_close; /* bit per dropped element: no end tag of it follows */
};

typedef uint8_t bytes16 __attribute__((vector_size(16)));

/* 1: ends a run of ordinary bytes. */
static const unsigned char special[256] = {
	['<'] = 1, ['&'] = 1, [' '] = 1, ['\n'] = 1, ['\t'] = 1, ['\r'] = 1, ['\f'] = 1, [0xc2] = 1
};

static bool any(bytes16 v)
{
	uint64_t halves[2];
	memcpy(halves, &v, sizeof(halves));
	return (halves[0] | halves[1]) != 0;
}

/* Where the first byte of v that is not 0 stands. */
static size_t first(bytes16 v)
{
	uint64_t halves[2];
	memcpy(halves, &v, sizeof(halves));
	uint64_t low = le64toh(halves[0]), high = le64toh(halves[1]);
	return low != 0 ? (size_t)__builtin_ctzll(low) / 8 : 8 + (size_t)__builtin_ctzll(high) / 8;
}

static bool ends_run(const unsigned char *p, size_t i, size_t n)
{
	if (!special[p[i]])
		return false;
	if (p[i] == ' ')
		return i == 0 || i + 1 == n || special[p[i + 1]];
	return p[i] != 0xc2 || i + 1 == n || p[i + 1] <= 0xa0;
}

/* How many bytes can be copied as they are: no tag, reference, line break or no-break space, no two blanks in a row. Sixteen bytes
 * at a time, then one by one up to the first that is special. */
static size_t ordinary(const unsigned char *p, size_t n)
{
	size_t i = 0;
	if (p[0] == ' ')
		return 0; /* what stands before it decides */
	while (i + 17 <= n) {
		bytes16 v, next;
		memcpy(&v, p + i, sizeof(v));
		memcpy(&next, p + i + 1, sizeof(next));
		bytes16 hit = (bytes16)(v < 0x20) | (bytes16)(v == '<') | (bytes16)(v == '&') |
		              (bytes16)(v == 0xc2) |
		              ((bytes16)(v == ' ') & (bytes16)((next <= ' ') | (next == '<')));
		if (!any(hit)) {
			i += 16;
			continue;
		}
		i += first(hit);
		if (ends_run(p, i, n))
			return i;
		i += p[i] == 0xc2 ? 2 : 1;
	}
	while (i < n && !ends_run(p, i, n))
		i += p[i] == 0xc2 ? 2 : 1;
	return i < n ? i : n;
}

static void want(struct scan *x, enum gap gap)
{
	if (x->flags & HTML_ONE_LINE)
		gap = gap == GAP_NONE ? GAP_NONE : GAP_BLANK;
	if (gap > x->gap)
		x->gap = gap;
}

static void put(struct scan *x, const char *p, size_t n)
{
	static const char gaps[4][2] = { "", " ", "\n", "\n\n" };
	if (x->gap != GAP_NONE) {
		if (x->out->n > x->start)
			buf_add(x->out, gaps[x->gap], x->gap == GAP_PARAGRAPH ? 2 : 1);
		x->gap = GAP_NONE;
	}
	buf_add(x->out, p, n);
}

static void reference(struct scan *x)
{
	char text[8];
	size_t length = 0;
	size_t took = html_reference(str_skip(x->s, x->at), false, text, &length);
	if (took == 0) {
		put(x, "&", 1);
		x->at++;
		return;
	}
	x->at += took;
	if ((length == 2 && memcmp(text, "\xc2\xa0", 2) == 0) ||
	    (length == 1 && (text[0] == '\n' || text[0] == '\t' || text[0] == '\r' || text[0] == ' ')))
		want(x, GAP_BLANK);
	else if (length > 0)
		put(x, text, length);
}

/* Passes over the contents of a script or style; when it is never closed, its text stays. */
static void drop_contents(struct scan *x)
{
	size_t bit = (size_t)1 << (x->tag.name.p[0] & 31);
	if (x->no_close & bit)
		return;
	for (size_t i = x->at;;) {
		i = str_find(x->s, STR("</"), i);
		if (i == SIZE_MAX)
			break;
		i += 2;
		if (str_starts_nocase(str_skip(x->s, i), x->tag.name)) {
			x->at = i - 2;
			return;
		}
	}
	x->no_close |= bit;
}

static void tag(struct scan *x)
{
	struct html_tag *t = &x->tag;
	bool known = html_tag_read(str_skip(x->s, x->at), t);
	enum html_tag_kind kind = known && t->name.n > 0 ? html_tag_kind(t->name) : HTML_INLINE;
	if (kind == HTML_UNKNOWN && (x->flags & HTML_KNOWN_TAGS))
		known = false;
	if (!known) {
		put(x, "<", 1);
		x->at++;
		return;
	}
	static const uint8_t gaps[] = { [HTML_BREAK] = GAP_LINE,
		[HTML_PARAGRAPH] = GAP_PARAGRAPH,
		[HTML_ITEM] = GAP_LINE,
		[HTML_CELL] = GAP_BLANK,
		[HTML_DROP] = GAP_BLANK,
		[HTML_PRE] = GAP_PARAGRAPH };
	want(x, gaps[kind]);
	x->at += t->length;
	if (kind == HTML_PRE)
		x->pre += t->closing ? (x->pre > 0 ? (unsigned)-1 : 0) : 1;
	else if (kind == HTML_DROP && !t->closing && x->s.p[x->at - 2] != '/')
		drop_contents(x);
}

static void space(struct scan *x)
{
	want(x, x->pre > 0 && x->s.p[x->at] == '\n' ? GAP_LINE : GAP_BLANK);
	x->at++;
}

void html_text(struct str html, unsigned flags, struct buf *out)
{
	struct scan x = { .s = html, .out = out, .start = out->n, .flags = flags };
	const unsigned char *p = (const unsigned char *)html.p;
	while (x.at < html.n && !out->failed) {
		size_t run = ordinary(p + x.at, html.n - x.at);
		if (run > 0) {
			size_t ends_blank = p[x.at + run - 1] == ' ';
			put(&x, html.p + x.at, run - ends_blank);
			x.at += run;
			if (ends_blank)
				want(&x, GAP_BLANK);
			continue;
		}
		if (p[x.at] == '<') {
			tag(&x);
		} else if (p[x.at] == '&') {
			reference(&x);
		} else if (p[x.at] == 0xc2) {
			want(&x, GAP_BLANK);
			x.at += x.at + 1 < html.n && p[x.at + 1] >= 0x80 ? 2 : 1;
		} else {
			space(&x);
		}
	}
}

void html_to_text(struct str html, struct buf *out)
{
	html_text(html, 0, out);
}

void html_unescape(struct str s, struct buf *out)
{
	while (s.n > 0) {
		const char *amp = memchr(s.p, '&', s.n);
		size_t before = amp ? (size_t)(amp - s.p) : s.n;
		buf_add(out, s.p, before);
		s = str_skip(s, before);
		if (s.n == 0)
			return;
		char text[8];
		size_t length = 0, took = html_reference(s, false, text, &length);
		if (took == 0) {
			buf_byte(out, '&');
			took = 1;
		} else {
			buf_add(out, text, length);
		}
		s = str_skip(s, took);
	}
}

bool html_has_markup(struct str s)
{
	struct html_tag tag = { .length = 0 };
	for (size_t i = 0; i < s.n; i++) {
		char text[8];
		size_t length;
		if (s.p[i] == '<' && html_tag_read(str_skip(s, i), &tag))
			return true;
		if (s.p[i] == '&' && html_reference(str_skip(s, i), false, text, &length) > 0)
			return true;
	}
	return false;
}
