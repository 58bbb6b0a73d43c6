/* cut: finds tags, comments, instructions and sections by their ends. */
#include "daemon/feed/cut_priv.h"

#include "daemon/feed/feed.h"

#define SECTION_START "<![CDATA["
#define SECTION_MARK (sizeof(SECTION_START) - 1)

static size_t behind(struct str s, size_t from, size_t limit, struct str mark)
{
	size_t end = str_find(str_of(s.p, s.n < limit ? s.n : limit), mark, from);
	return end == SIZE_MAX ? 0 : end + mark.n;
}

/* By ']': HTML has few of them. */
static size_t section_end(struct str s)
{
	for (size_t i = SECTION_MARK; (i = str_find_byte(s, ']', i)) != SIZE_MAX; i++)
		if (str_starts(str_skip(s, i), STR("]]>")))
			return i + 3;
	return 0;
}

static size_t tag_end(struct str s)
{
	size_t limit = s.n < FEED_TAG_MAX ? s.n : FEED_TAG_MAX;
	for (size_t i = 1; i < limit; i++) {
		char c = s.p[i];
		if (c == '>')
			return i + 1;
		if (c != '"' && c != '\'')
			continue;
		i = str_find_byte(str_of(s.p, limit), c, i + 1);
		if (i == SIZE_MAX)
			return 0;
	}
	return 0;
}

/* Length of the construct that begins with '<'; 0: it does not end. */
static size_t construct(struct str s, bool *section)
{
	char second = s.n > 1 ? s.p[1] : '\0';
	*section = false;
	if (second == '!' && str_starts(s, STR(SECTION_START))) {
		*section = true;
		return section_end(s);
	}
	if (second == '!' && str_starts(s, STR("<!--")))
		return behind(s, 4, FEED_TAG_MAX, STR("-->"));
	return second == '?' ? behind(s, 2, FEED_TAG_MAX, STR("?>")) : tag_end(s);
}

static bool piece_ends(struct cutter *c, struct piece *out, size_t from, size_t markup_end, size_t end)
{
	out->markup = str_of(c->text.p + from, markup_end - from);
	out->whole = str_of(c->text.p + markup_end, end - markup_end);
	out->run = out->whole;
	if (out->kind == RUN_SECTION)
		out->run = str_of(out->whole.p + SECTION_MARK, out->whole.n - SECTION_MARK - 3);
	c->at = end;
	return true;
}

bool cut_next(struct cutter *c, struct piece *out)
{
	struct str text = c->text;
	size_t from = c->at, at = from;
	bool section;
	out->kind = RUN_NONE;
	while (at < text.n && at - from < CUT_MARKUP_MAX) {
		size_t tag = str_find_byte(text, '<', at);
		size_t run_end = tag == SIZE_MAX ? text.n : tag;
		if (run_end - at >= CUT_RUN_MIN) {
			out->kind = RUN_TEXT;
			return piece_ends(c, out, from, at, run_end);
		}
		if (tag == SIZE_MAX)
			return piece_ends(c, out, from, text.n, text.n);
		size_t n = construct(str_skip(text, tag), &section);
		if (n == 0) {
			c->refused = true;
			return false;
		}
		if (section && n >= CUT_RUN_MIN) {
			/* Text before it would be held back by libxml2 until it sees what follows. */
			out->kind = tag > at ? RUN_TEXT : RUN_SECTION;
			return piece_ends(c, out, from, at, tag > at ? tag : tag + n);
		}
		at = tag + n;
	}
	return at > from && piece_ends(c, out, from, at, at);
}
