/* html_reference: "&eacute;", "&#233;", "&#xE9;" -> UTF-8. */
#include "daemon/feed/html_reference_priv.h"

#include "daemon/base/utf8.h"

#define REFERENCE_DIGITS_MAX 12 /* more digits than any scalar needs, with leading zeros */

/* What browsers make of the C1 range: windows-1252. */
static const uint16_t windows_1252[32] = { 0x20ac, 0x81, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021,
	0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8d, 0x017d, 0x8f, 0x90, 0x2018, 0x2019, 0x201c, 0x201d,
	0x2022, 0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x9d, 0x017e, 0x0178 };

uint32_t html_c1(uint32_t cp)
{
	uint32_t meant = windows_1252[(cp - 0x80) & 31];
	return meant < 0xa0 ? 0xfffd : meant;
}

const struct html_entity *html_entity_find(struct str name)
{
	size_t low = 0, high = html_entity_count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		const struct html_entity *e = &html_entities[middle];
		int order = str_cmp(name, str_of(html_entity_names + e->at, e->name_length));
		if (order == 0)
			return e;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

static int digit_value(char c, unsigned base)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (base == 16 && c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (base == 16 && c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static size_t encode(uint32_t cp, char out[8])
{
	if (cp >= 0x80 && cp <= 0x9f)
		cp = html_c1(cp);
	if (cp == '\t' || cp == '\n' || cp == '\r') {
		out[0] = (char)cp;
		return 1;
	}
	if (cp == 0 || cp > 0x10ffff || (cp >= 0xd800 && cp <= 0xdfff) || cp == 0xfffe || cp == 0xffff)
		cp = 0xfffd;
	if (cp < 0x20 || (cp >= 0x7f && cp <= 0x9f))
		return 0;
	return utf8_encode(cp, out);
}

static size_t numeric(struct str s, char out[8], size_t *length)
{
	size_t i = 2;
	unsigned base = 10;
	if (i < s.n && (s.p[i] == 'x' || s.p[i] == 'X')) {
		base = 16;
		i++;
	}
	size_t from = i;
	uint32_t cp = 0;
	for (; i < s.n && i - from < REFERENCE_DIGITS_MAX; i++) {
		int d = digit_value(s.p[i], base);
		if (d < 0)
			break;
		cp = cp > 0x110000 ? cp : cp * base + (uint32_t)d;
	}
	if (i == from)
		return 0;
	*length = encode(cp, out);
	return i < s.n && s.p[i] == ';' ? i + 1 : i;
}

static size_t put(const struct html_entity *e, size_t took, char out[8], size_t *length)
{
	memcpy(out, e->text, e->length);
	*length = e->length;
	return took;
}

static bool is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

size_t html_reference(struct str s, bool strict, char out[8], size_t *length)
{
	if (s.n < 3)
		return 0;
	if (s.p[1] == '#')
		return numeric(s, out, length);
	size_t n = 1;
	while (n < s.n && n <= HTML_ENTITY_MAX && is_alnum(s.p[n]))
		n++;
	struct str name = str_of(s.p + 1, n - 1);
	const struct html_entity *e = NULL;
	if (n < s.n && s.p[n] == ';') {
		e = html_entity_find(name);
		if (e)
			return put(e, n + 1, out, length);
	}
	if (strict)
		return 0;
	for (; name.n >= 2; name.n--) {
		e = html_entity_find(name);
		if (e && e->legacy)
			return put(e, name.n + 1, out, length);
	}
	return 0;
}
