/* html_tags: one table of elements; the end of a tag with quotes minded; its attributes. */
#include "daemon/feed/html_tags_priv.h"

#include "daemon/base/attr.h"

#include <endian.h>

static const struct {
	char name[HTML_NAME_MAX];
	uint8_t kind;
} elements[] = {
	/* sorted by name */
	{ "a", HTML_INLINE },
	{ "abbr", HTML_INLINE },
	{ "acronym", HTML_INLINE },
	{ "address", HTML_BREAK },
	{ "area", HTML_INLINE },
	{ "article", HTML_BREAK },
	{ "aside", HTML_BREAK },
	{ "audio", HTML_INLINE },
	{ "b", HTML_INLINE },
	{ "base", HTML_INLINE },
	{ "bdi", HTML_INLINE },
	{ "bdo", HTML_INLINE },
	{ "big", HTML_INLINE },
	{ "blink", HTML_INLINE },
	{ "blockquote", HTML_BREAK },
	{ "body", HTML_BREAK },
	{ "br", HTML_BREAK },
	{ "button", HTML_INLINE },
	{ "canvas", HTML_INLINE },
	{ "caption", HTML_BREAK },
	{ "center", HTML_BREAK },
	{ "cite", HTML_INLINE },
	{ "code", HTML_INLINE },
	{ "col", HTML_INLINE },
	{ "colgroup", HTML_INLINE },
	{ "data", HTML_INLINE },
	{ "dd", HTML_BREAK },
	{ "del", HTML_INLINE },
	{ "details", HTML_BREAK },
	{ "dfn", HTML_INLINE },
	{ "dir", HTML_BREAK },
	{ "div", HTML_BREAK },
	{ "dl", HTML_BREAK },
	{ "dt", HTML_BREAK },
	{ "em", HTML_INLINE },
	{ "embed", HTML_INLINE },
	{ "fieldset", HTML_BREAK },
	{ "figcaption", HTML_BREAK },
	{ "figure", HTML_BREAK },
	{ "font", HTML_INLINE },
	{ "footer", HTML_BREAK },
	{ "form", HTML_BREAK },
	{ "frame", HTML_INLINE },
	{ "frameset", HTML_INLINE },
	{ "h1", HTML_PARAGRAPH },
	{ "h2", HTML_PARAGRAPH },
	{ "h3", HTML_PARAGRAPH },
	{ "h4", HTML_PARAGRAPH },
	{ "h5", HTML_PARAGRAPH },
	{ "h6", HTML_PARAGRAPH },
	{ "head", HTML_INLINE },
	{ "header", HTML_BREAK },
	{ "hr", HTML_PARAGRAPH },
	{ "html", HTML_INLINE },
	{ "i", HTML_INLINE },
	{ "iframe", HTML_DROP },
	{ "img", HTML_INLINE },
	{ "input", HTML_INLINE },
	{ "ins", HTML_INLINE },
	{ "kbd", HTML_INLINE },
	{ "label", HTML_INLINE },
	{ "legend", HTML_BREAK },
	{ "li", HTML_ITEM },
	{ "link", HTML_INLINE },
	{ "main", HTML_BREAK },
	{ "map", HTML_INLINE },
	{ "mark", HTML_INLINE },
	{ "marquee", HTML_INLINE },
	{ "math", HTML_INLINE },
	{ "menu", HTML_BREAK },
	{ "meta", HTML_INLINE },
	{ "meter", HTML_INLINE },
	{ "nav", HTML_BREAK },
	{ "nobr", HTML_INLINE },
	{ "noscript", HTML_DROP },
	{ "object", HTML_DROP },
	{ "ol", HTML_BREAK },
	{ "optgroup", HTML_INLINE },
	{ "option", HTML_INLINE },
	{ "output", HTML_INLINE },
	{ "p", HTML_PARAGRAPH },
	{ "param", HTML_INLINE },
	{ "picture", HTML_INLINE },
	{ "pre", HTML_PRE },
	{ "progress", HTML_INLINE },
	{ "q", HTML_INLINE },
	{ "rp", HTML_INLINE },
	{ "rt", HTML_INLINE },
	{ "ruby", HTML_INLINE },
	{ "s", HTML_INLINE },
	{ "samp", HTML_INLINE },
	{ "script", HTML_DROP },
	{ "section", HTML_BREAK },
	{ "select", HTML_INLINE },
	{ "small", HTML_INLINE },
	{ "source", HTML_INLINE },
	{ "span", HTML_INLINE },
	{ "strike", HTML_INLINE },
	{ "strong", HTML_INLINE },
	{ "style", HTML_DROP },
	{ "sub", HTML_INLINE },
	{ "summary", HTML_BREAK },
	{ "sup", HTML_INLINE },
	{ "svg", HTML_INLINE },
	{ "table", HTML_BREAK },
	{ "tbody", HTML_INLINE },
	{ "td", HTML_CELL },
	{ "template", HTML_DROP },
	{ "textarea", HTML_INLINE },
	{ "tfoot", HTML_INLINE },
	{ "th", HTML_CELL },
	{ "thead", HTML_INLINE },
	{ "time", HTML_INLINE },
	{ "title", HTML_INLINE },
	{ "tr", HTML_BREAK },
	{ "track", HTML_INLINE },
	{ "tt", HTML_INLINE },
	{ "u", HTML_INLINE },
	{ "ul", HTML_BREAK },
	{ "var", HTML_INLINE },
	{ "video", HTML_INLINE },
	{ "wbr", HTML_INLINE },
};

#define MEMORY_SLOTS 64 /* names; a hash of six bits */

/* Eight bytes of a name as a number that sorts as the text does. */
static uint64_t name_key(const char *p)
{
	uint64_t key;
	memcpy(&key, p, sizeof(key));
	return be64toh(key);
}

static char lower(char c)
{
	return (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
}

static enum html_tag_kind look_up(struct str name)
{
	char text[HTML_NAME_MAX] = { 0 };
	for (size_t i = 0; i < name.n; i++)
		text[i] = lower(name.p[i]);
	uint64_t key = name_key(text), rest = name_key(text + 8);
	size_t low = 0, high = ARRAY_LEN(elements);
	while (low < high) {
		size_t middle = (low + high) / 2;
		uint64_t other = name_key(elements[middle].name);
		if (key == other)
			return rest == name_key(elements[middle].name + 8)
			           ? (enum html_tag_kind)elements[middle].kind
			           : HTML_UNKNOWN;
		if (key < other)
			high = middle;
		else
			low = middle + 1;
	}
	return HTML_UNKNOWN;
}

/* A text has few different tags, but many of each: the last ones are remembered. */
enum html_tag_kind html_tag_kind(struct str name)
{
	static _Thread_local struct {
		uint64_t key; /* 0: free; no name is empty */
		enum html_tag_kind kind;
	} memory[MEMORY_SLOTS];
	uint64_t key = 0;
	if (name.n == 0 || name.n >= HTML_NAME_MAX)
		return HTML_UNKNOWN;
	if (name.n > sizeof(key))
		return look_up(name);
	for (size_t i = 0; i < name.n; i++)
		key = key << 8 | (unsigned char)lower(name.p[i]);
	size_t slot = (key * UINT64_C(0x9e3779b97f4a7c15)) >> 58;
	if (memory[slot].key != key) {
		memory[slot].kind = look_up(name);
		memory[slot].key = key;
	}
	return memory[slot].kind;
}

static bool is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Quotes count only behind '='. */
size_t html_tag_end(struct str s, size_t i, struct html_tag *hints)
{
	if (i < s.n && s.p[i] == '>')
		return i + 1;
	const char *gt = hints->no_gt ? NULL : memchr(s.p + i, '>', s.n - i);
	if (!gt) {
		hints->no_gt = true;
		return 0;
	}
	size_t end = (size_t)(gt - s.p);
	if (!memchr(s.p + i, '"', end - i) && !memchr(s.p + i, '\'', end - i))
		return end + 1;
	bool equals = false;
	for (; i < s.n; i++) {
		char c = s.p[i];
		if (c == '>')
			return i + 1;
		if (equals && (c == '"' || c == '\'')) {
			const char *q = memchr(s.p + i + 1, c, s.n - i - 1);
			if (!q)
				return end + 1; /* a quote that never closes: the first '>' must do */
			i = (size_t)(q - s.p);
		}
		if (c != ' ' && c != '\n' && c != '\t' && c != '\r')
			equals = c == '=';
	}
	return end + 1;
}

static size_t comment_end(struct str s, struct html_tag *hints)
{
	if (str_starts(s, STR("<!-->")) || str_starts(s, STR("<!--->")))
		return s.p[4] == '>' ? 5 : 6;
	const char *end = hints->no_comment_end ? NULL : memmem(s.p + 4, s.n - 4, "-->", 3);
	if (end)
		return (size_t)(end - s.p) + 3;
	hints->no_comment_end = true;
	return html_tag_end(s, 4, hints);
}

bool html_tag_read(struct str s, struct html_tag *out)
{
	out->name = (struct str){ NULL, 0 };
	out->closing = false;
	if (s.n < 2)
		return false;
	if (s.p[1] == '!' || s.p[1] == '?') {
		out->length = str_starts(s, STR("<!--")) ? comment_end(s, out) : html_tag_end(s, 2, out);
		return out->length > 0;
	}
	size_t i = 1;
	if (s.p[i] == '/') {
		out->closing = true;
		i++;
	}
	size_t from = i;
	while (i < s.n && (is_alpha(s.p[i]) || (i > from && ((s.p[i] >= '0' && s.p[i] <= '9') ||
	                                                        s.p[i] == ':' || s.p[i] == '-'))))
		i++;
	if (i == from)
		return false;
	out->name = str_of(s.p + from, i - from);
	out->length = html_tag_end(s, i, out);
	return out->length > 0;
}

bool html_attr_next(struct str tag, size_t i, struct html_attr *a)
{
	while (i < tag.n && (html_is_space(tag.p[i]) || tag.p[i] == '/'))
		i++;
	size_t from = i;
	while (i < tag.n && !html_is_space(tag.p[i]) && tag.p[i] != '=' && tag.p[i] != '>' && tag.p[i] != '/')
		i++;
	if (i >= tag.n || tag.p[i] == '>') {
		return false;
	}
	a->name = str_of(tag.p + from, i - from);
	a->value = (struct str){ NULL, 0 };
	while (i < tag.n && html_is_space(tag.p[i]))
		i++;
	a->end = i > from ? i : i + 1;
	if (i >= tag.n || tag.p[i] != '=')
		return true;
	i++;
	while (i < tag.n && html_is_space(tag.p[i]))
		i++;
	char quote = i < tag.n ? tag.p[i] : 0;
	if (quote == '"' || quote == '\'') {
		const char *q = memchr(tag.p + i + 1, quote, tag.n - i - 1);
		size_t end = q ? (size_t)(q - tag.p) : tag.n - 1;
		a->value = str_of(tag.p + i + 1, end - i - 1);
		a->end = end + 1 > tag.n ? tag.n : end + 1;
		return true;
	}
	from = i;
	while (i < tag.n && !html_is_space(tag.p[i]) && tag.p[i] != '>')
		i++;
	a->value = str_of(tag.p + from, i - from);
	a->end = i;
	return true;
}
