/* prolog: finds the root element behind declarations, comments, a DOCTYPE and junk, and tells feeds from pages. */
#include "daemon/feed/source_priv.h"

#define JUNK_MAX                                                                                             \
	(64u << 10) /* bytes before the root that are looked through; PHP warnings are under 10 KiB */

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || ((unsigned char)c & 0x80);
}

/* Behind `end` at or after i, or the end of the text. */
static size_t behind(struct str s, struct str end, size_t i)
{
	size_t at = str_find(s, end, i);
	return at == SIZE_MAX ? s.n : at + end.n;
}

/* At "<!DOCTYPE": behind its '>'; the internal subset is noted. */
static size_t doctype(struct str s, size_t i, struct prolog *out)
{
	size_t from = i + 9;
	for (i = from; i < s.n; i++) {
		char c = s.p[i];
		if (c == '"' || c == '\'') {
			const char *q = memchr(s.p + i + 1, c, s.n - i - 1);
			i = q ? (size_t)(q - s.p) : i;
		} else if (c == '[') {
			size_t end = str_find(s, STR("]>"), i);
			if (end == SIZE_MAX) {
				end = str_find_byte(s, ']', i);
				end = end == SIZE_MAX ? s.n : end;
			}
			out->subset = str_of(s.p + i + 1, end - i - 1);
			i = end;
		} else if (c == '>') {
			break;
		}
	}
	out->doctype = str_of(s.p + from, (i < s.n ? i : s.n) - from);
	return i < s.n ? i + 1 : s.n;
}

static bool is_root_name(struct str s)
{
	static const struct str names[] = { STR("rss"), STR("feed"), STR("rdf"), STR("channel"),
		STR("urlset"), STR("sitemapindex") };
	size_t n = 0;
	while (n < s.n && n < 40 && s.p[n] != '>' && s.p[n] != '/' && !is_space(s.p[n]))
		n++;
	struct str name = str_of(s.p, n);
	size_t colon = str_find_byte(name, ':', 0);
	if (colon != SIZE_MAX)
		name = str_skip(name, colon + 1);
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (str_eq_nocase(name, names[i]))
			return true;
	return false;
}

/* The first start tag that could be a feed's root. */
static bool find_root(struct str s, size_t *at)
{
	struct str window = str_of(s.p, s.n < JUNK_MAX ? s.n : JUNK_MAX);
	for (size_t i = *at; (i = str_find_byte(window, '<', i)) != SIZE_MAX; i++) {
		if (is_root_name(str_skip(s, i + 1))) {
			*at = i;
			return true;
		}
	}
	return false;
}

static bool is_page(struct str s)
{
	return str_starts_nocase(s, STR("<html")) || str_starts_nocase(s, STR("<head")) ||
	       str_starts_nocase(s, STR("<body"));
}

void prolog_read(struct str s, struct prolog *out)
{
	size_t i = 0;
	*out = (struct prolog){ .kind = PROLOG_NOTHING };
	for (;;) {
		size_t from = i;
		while (i < s.n && is_space(s.p[i]))
			i++;
		struct str rest = str_skip(s, i);
		if (str_starts_nocase(rest, STR("<?xml")))
			out->junk = out->junk || from > 0 || i > 0;
		if (str_starts(rest, STR("<?")))
			i = behind(s, STR("?>"), i);
		else if (str_starts(rest, STR("<!--")))
			i = behind(s, STR("-->"), i);
		else if (str_starts_nocase(rest, STR("<!doctype")))
			i = doctype(s, i, out);
		else
			break;
	}
	out->start = i;
	if (i >= s.n)
		return;
	if (s.p[i] == '{' || s.p[i] == '[') {
		out->kind = PROLOG_JSON;
		return;
	}
	if (s.p[i] == '<' && i + 1 < s.n && is_alpha(s.p[i + 1]) && is_root_name(str_skip(s, i + 1))) {
		out->kind = PROLOG_XML;
		return;
	}
	if (is_page(str_skip(s, i)) ||
	    str_find_nocase(str_of(out->doctype.p, out->doctype.n < 16 ? out->doctype.n : 16), STR("html"),
	        0) != SIZE_MAX) {
		out->kind = PROLOG_HTML;
		return;
	}
	out->kind = s.p[i] == '<' && i + 1 < s.n && is_alpha(s.p[i + 1]) ? PROLOG_XML : PROLOG_NOTHING;
	if (find_root(s, &out->start)) {
		out->kind = PROLOG_XML;
		out->junk = true;
	}
}
