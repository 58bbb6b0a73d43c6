/* chardata: blocks of sixteen bytes are looked at together; what is rare is only noticed there and judged elsewhere. */
#include "daemon/feed/chardata_priv.h"

#include "daemon/base/attr.h"
#include "daemon/base/utf8.h"

#define BLOCK 16

typedef uint8_t bytes16 __attribute__((vector_size(BLOCK)));

struct marks {
	bytes16 control, high, returns, section_end, c1, nonchar;
};

static bool any(bytes16 v)
{
	uint64_t halves[2];
	memcpy(halves, &v, sizeof(halves));
	return (halves[0] | halves[1]) != 0;
}

static inline bytes16 load(const char *p)
{
	bytes16 v;
	memcpy(&v, p, sizeof(v));
	return v;
}

static inline void look_at_block(const char *p, struct marks *m)
{
	bytes16 v = load(p), next = load(p + 1), third = load(p + 2);
	bytes16 cr = (bytes16)(v == '\r');
	m->control |= (bytes16)(v < 0x20) & ~(cr | (bytes16)(v == '\n') | (bytes16)(v == '\t'));
	m->returns |= cr;
	m->high |= v;
	m->section_end |= (bytes16)(v == ']') & (bytes16)(next == ']') & (bytes16)(third == '>');
	m->c1 |= (bytes16)(v == 0xc2) & (bytes16)(next < 0xa0);
	m->nonchar |= (bytes16)(v == 0xef) & (bytes16)(next == 0xbf) & (bytes16)(third >= 0xbe);
}

struct chardata chardata_look(struct str run, const char *limit)
{
	struct marks m = { 0 };
	char tail[BLOCK + 2];
	size_t i = 0;
	while (i < run.n && (size_t)(limit - (run.p + i)) >= CHARDATA_SLACK && run.n - i >= BLOCK) {
		look_at_block(run.p + i, &m);
		i += BLOCK;
	}
	for (; i < run.n; i += BLOCK) {
		size_t n = run.n - i < sizeof(tail) ? run.n - i : sizeof(tail);
		memset(tail, ' ', sizeof(tail));
		memcpy(tail, run.p + i, n);
		look_at_block(tail, &m);
	}
	bool high = any(m.high & 0x80);
	return (struct chardata){
		.invalid = any(m.control) || any(m.nonchar) || (high && utf8_valid_prefix(run) != run.n),
		.section_end = any(m.section_end),
		.returns = any(m.returns),
		.c1 = any(m.c1),
	};
}

static int digit(char c, unsigned base)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (base == 16 && ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')))
		return (c | 0x20) - 'a' + 10;
	return -1;
}

/* Without U+0080 to U+009F, which XML allows but nobody means: what they become is for build_text to say. */
static bool is_char(uint32_t cp)
{
	return cp == '\t' || cp == '\n' || cp == '\r' || (cp >= 0x20 && cp < 0x80) ||
	       (cp >= 0xa0 && cp < 0xd800) || (cp >= 0xe000 && cp < 0xfffe) ||
	       (cp >= 0x10000 && cp <= 0x10ffff);
}

/* "&#…;": its length, or 0. */
static size_t number(struct str s, uint32_t *cp)
{
	unsigned base = s.n > 2 && s.p[2] == 'x' ? 16 : 10;
	size_t first = base == 16 ? 3 : 2, i = first;
	*cp = 0;
	for (int d; i < s.n && (d = digit(s.p[i], base)) >= 0; i++) {
		*cp = *cp * base + (uint32_t)d;
		if (*cp > 0x10ffff)
			return 0;
	}
	return i > first && i < s.n && s.p[i] == ';' && is_char(*cp) ? i + 1 : 0;
}

/* "&lt;" and the like: its length, or 0. */
static size_t name(struct str s, uint32_t *cp)
{
	static const struct {
		struct str text;
		char c;
	} names[] = { { STR("lt;"), '<' }, { STR("gt;"), '>' }, { STR("amp;"), '&' }, { STR("quot;"), '"' },
		{ STR("apos;"), '\'' } };
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (s.n < 4 || s.p[1] != names[i].text.p[0] || s.p[2] != names[i].text.p[1])
			continue;
		if (!str_starts(str_skip(s, 1), names[i].text))
			return 0;
		*cp = (uint32_t)names[i].c;
		return names[i].text.n + 1;
	}
	return 0;
}

/* Copies what needs no change; `to` may be written up to a block behind it. */
static size_t plain(const char *p, size_t n, char *to)
{
	size_t i = 0;
	for (; i + BLOCK <= n; i += BLOCK) {
		bytes16 v = load(p + i), hit = (bytes16)(v == '&') | (bytes16)(v == '\r');
		memcpy(to + i, &v, sizeof(v));
		if (any(hit))
			break;
	}
	for (; i < n && p[i] != '&' && p[i] != '\r'; i++)
		to[i] = p[i];
	return i;
}

size_t chardata_decode(struct str s, char *to)
{
	size_t n = 0;
	for (;;) {
		size_t same = plain(s.p, s.n, to + n);
		uint32_t cp;
		n += same;
		s = str_of(s.p + same, s.n - same);
		if (s.n == 0)
			return n;
		if (s.p[0] == '\r') {
			to[n++] = '\n';
			s = str_skip(s, s.n > 1 && s.p[1] == '\n' ? 2 : 1);
			continue;
		}
		size_t length = s.n > 1 && s.p[1] == '#' ? number(s, &cp) : name(s, &cp);
		if (length == 0)
			return SIZE_MAX;
		if (cp < 0x80)
			to[n++] = (char)cp;
		else
			n += utf8_encode(cp, to + n);
		s = str_of(s.p + length, s.n - length);
	}
}
