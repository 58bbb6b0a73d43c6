/* html_check: a scanner of three states (text, tag, attribute) and a stack of what is open. */
#include "tests/fake/html_check.h"

#include "daemon/base/attr.h"
#include "daemon/base/utf8.h"

#include <stdio.h>

#define OPEN_MAX 64
#define SCRIPT "script src=\"/live.js\" defer></script>" /* the only one there is */

/* Those that end where their parent does, and those that have no end. */
static const char *const elements[] = { "html", "head", "title", "body", "header", "nav", "ul", "ol", "main",
	"article", "h1", "h2", "h3", "a", "bdi", "time", "span", "strong", "code", "mark", "ins", "del",
	"div", "table", "dl", "form", "label", "button", "svg" };
static const char *const optional[] = { "li", "p", "thead", "tbody", "tr", "th", "td", "dt", "dd" };
static const char *const empty[] = { "meta", "link", "input", "br", "path" };
static const char *const attributes[] = { "lang", "charset", "name", "content", "rel", "href", "type",
	"class", "id", "aria-label", "aria-current", "role", "scope", "dir", "title", "datetime", "method",
	"action", "maxlength", "value", "viewBox", "d", "data-live" };

struct scan {
	struct str rest;
	struct str open[OPEN_MAX];
	size_t depth;
	char why[160];
};

static char said[160];

static bool tell(struct scan *s, const char *what, struct str where)
{
	if (!s->why[0])
		snprintf(
		    s->why, sizeof(s->why), "%s: %.*s", what, (int)(where.n < 60 ? where.n : 60), where.p);
	return false;
}

static bool is_in(struct str name, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(name, str_from(list[i])))
			return true;
	return false;
}

static struct str take_name(struct scan *s)
{
	size_t n = 0;

	while (n < s->rest.n &&
	       (s->rest.p[n] == '-' || (s->rest.p[n] >= '0' && s->rest.p[n] <= '9') ||
	           (s->rest.p[n] | 0x20) >= 'a') &&
	       (s->rest.p[n] | 0x20) <= 'z')
		n++;
	struct str name = str_of(s->rest.p, n);
	s->rest = str_skip(s->rest, n);
	return name;
}

/* Text that shows what it says: no raw markup, no control, nothing that turns it around. */
static bool check_text(struct scan *s, struct str text)
{
	while (text.n > 0) {
		uint32_t c;
		size_t n = utf8_decode(text, &c);

		if (c == 0xfffd && n == 1)
			return tell(s, "not UTF-8", text);
		if (c == '<' || c == '>' || (c < 0x20 && c != '\n' && c != '\t') || (c >= 0x7f && c < 0xa0) ||
		    (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069))
			return tell(s, "a character that should have been escaped", text);
		text = str_skip(text, n);
	}
	return true;
}

static bool check_address(struct scan *s, struct str value)
{
	bool ours = str_starts(value, STR("/")) && !str_starts(value, STR("//"));

	return ours || str_starts(value, STR("#main")) || str_starts_nocase(value, STR("http://")) ||
	       str_starts_nocase(value, STR("https://")) || tell(s, "an address that is none of ours", value);
}

static bool check_attribute(struct scan *s)
{
	struct str name = take_name(s);

	if (!is_in(name, attributes, ARRAY_LEN(attributes)))
		return tell(s, "an attribute that is none of ours", name.n ? name : s->rest);
	if (!str_starts(s->rest, STR("=")))
		return true;
	if (!str_starts(s->rest, STR("=\"")))
		return tell(s, "no quotes", s->rest);
	s->rest = str_skip(s->rest, 2);
	size_t end = str_find_byte(s->rest, '"', 0);
	if (end == SIZE_MAX)
		return tell(s, "an attribute without an end", s->rest);
	struct str value = str_of(s->rest.p, end);
	s->rest = str_skip(s->rest, end + 1);
	if ((str_eq(name, STR("href")) || str_eq(name, STR("action")) || str_eq(name, STR("src"))) &&
	    !check_address(s, value))
		return false;
	return check_text(s, value);
}

static bool close_element(struct scan *s, struct str name)
{
	if (is_in(name, optional, ARRAY_LEN(optional)))
		return true;
	if (s->depth == 0 || !str_eq(s->open[s->depth - 1], name))
		return tell(s, "closes what is not open", name);
	s->depth--;
	return true;
}

static bool open_element(struct scan *s, struct str name, bool closed)
{
	if (closed || is_in(name, optional, ARRAY_LEN(optional)) || is_in(name, empty, ARRAY_LEN(empty)))
		return true;
	if (!is_in(name, elements, ARRAY_LEN(elements)))
		return tell(s, "an element that is none of ours", name);
	if (s->depth == OPEN_MAX)
		return tell(s, "too deep", name);
	s->open[s->depth++] = name;
	return true;
}

static bool check_tag(struct scan *s)
{
	bool closing = str_starts(s->rest, STR("/"));

	if (str_starts(s->rest, STR(SCRIPT))) {
		s->rest = str_skip(s->rest, sizeof(SCRIPT) - 1);
		return true;
	}
	s->rest = str_skip(s->rest, closing);
	struct str name = take_name(s);
	if (name.n == 0)
		return tell(s, "no name of a tag", s->rest);
	while (str_starts(s->rest, STR(" "))) {
		s->rest = str_skip(s->rest, 1);
		if (!check_attribute(s))
			return false;
	}
	bool closed = str_starts(s->rest, STR("/"));
	s->rest = str_skip(s->rest, closed);
	if (!str_starts(s->rest, STR(">")))
		return tell(s, "a tag without an end", name);
	s->rest = str_skip(s->rest, 1);
	return closing ? close_element(s, name) : open_element(s, name, closed);
}

static bool check_page(struct scan *s, struct str html)
{
	const struct str doctype = STR("<!doctype html>\n");

	s->rest = str_skip(html, doctype.n);
	if (!str_starts(html, doctype))
		return tell(s, "no doctype", html);
	while (s->rest.n > 0) {
		size_t n = str_find_byte(s->rest, '<', 0);
		struct str text = str_of(s->rest.p, n == SIZE_MAX ? s->rest.n : n);

		if (!check_text(s, text))
			return false;
		s->rest = str_skip(s->rest, text.n);
		if (s->rest.n == 0)
			break;
		s->rest = str_skip(s->rest, 1);
		if (!check_tag(s))
			return false;
	}
	return s->depth == 0 || tell(s, "not closed", s->open[s->depth - 1]);
}

const char *html_check(struct str html)
{
	struct scan s = { .depth = 0 };

	if (check_page(&s, html))
		return NULL;
	memcpy(said, s.why, sizeof(said));
	return said;
}
