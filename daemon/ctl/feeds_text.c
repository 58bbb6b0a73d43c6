/*
 * feeds_text: an entry is a line that begins with "- " and the lines behind it that are indented further; comments and empty lines at its end belong to
 * what follows.
 */
#include "daemon/ctl/feeds_text.h"

#include "daemon/base/json.h"
#include "daemon/ctl/feeds_value.h"

static const char head[] = "# Made by gazettectl feeds add; yours to edit.\nfeeds:\n";

static size_t end_of_line(struct str text, size_t at)
{
	size_t end = str_find_byte(text, '\n', at);
	return end == SIZE_MAX ? text.n : end + 1;
}

static size_t indent_of(struct str line)
{
	size_t n = 0;
	while (n < line.n && line.p[n] == ' ')
		n++;
	return n;
}

static bool is_empty(struct str line)
{
	struct str rest = str_trim(line);
	return rest.n == 0 || rest.p[0] == '#';
}

struct entry {
	size_t begin, end; /* bytes */
	size_t dash; /* column of its "-" */
};

static bool find_entry(struct str text, int line, struct entry *x, struct err *e)
{
	struct str first;
	x->begin = 0;
	for (int i = 1; i < line && x->begin < text.n; i++)
		x->begin = end_of_line(text, x->begin);
	x->end = end_of_line(text, x->begin);
	first = str_of(text.p + x->begin, x->end - x->begin);
	x->dash = indent_of(first);
	if (!str_starts(str_skip(first, x->dash), STR("- ")))
		return err_set_line(
		    e, ERR_PARSE, line, "the entry does not begin with \"- \" here: edit it by hand");
	for (size_t at = x->end; at < text.n;) {
		size_t next = end_of_line(text, at);
		struct str l = str_of(text.p + at, next - at);
		if (!is_empty(l) && indent_of(l) <= x->dash)
			break;
		if (!is_empty(l))
			x->end = next;
		at = next;
	}
	return true;
}

/* JSON's strings are YAML's too. */
static void write_pair(struct buf *out, const char *lead, const char *key, struct str value)
{
	struct json w;
	if (value.n == 0)
		return;
	buf_fmt(out, "%s%s: ", lead, key);
	json_init(&w, out);
	json_str(&w, value);
	buf_byte(out, '\n');
}

/* Where "feeds: []" stands in a line of its own; *end: behind it. SIZE_MAX: nowhere. */
static size_t find_empty_list(struct str text, size_t *end)
{
	for (size_t at = 0; at < text.n; at = *end) {
		*end = end_of_line(text, at);
		struct str line = str_of(text.p + at, *end - at);
		if (str_starts(line, STR("feeds:")) && str_eq(str_trim(str_skip(line, 6)), STR("[]")))
			return at;
	}
	return SIZE_MAX;
}

void feeds_text_add(struct str text, const struct feeds_entry *entry, struct buf *out)
{
	size_t end, at = find_empty_list(text, &end);
	if (at != SIZE_MAX) {
		buf_str(out, str_of(text.p, at));
		buf_str(out, STR("feeds:\n"));
		buf_str(out, str_skip(text, end));
	} else {
		buf_str(out, text.n > 0 ? text : str_of(head, sizeof(head) - 1));
	}
	if (out->n > 0 && out->p[out->n - 1] != '\n')
		buf_byte(out, '\n');
	write_pair(out, "  - ", "name", entry->name);
	write_pair(out, "    ", "url", entry->url);
	write_pair(out, "    ", "agency", entry->agency);
	write_pair(out, "    ", "language", entry->language);
}

/* "feeds:" without a list is none. */
static void empty_list(struct buf *out)
{
	size_t at = 0, end;
	for (; at < out->n; at = end) {
		end = end_of_line(buf_view(out), at);
		struct str line = str_trim(str_of(out->p + at, end - at));
		if (str_eq(line, STR("feeds:")))
			break;
	}
	if (at >= out->n)
		return;
	size_t rest = out->n - at - (sizeof("feeds:") - 1);
	char *room = buf_reserve(out, 3);
	if (!room)
		return;
	char *p = out->p + at + sizeof("feeds:") - 1;
	memmove(p + 3, p, rest);
	p[0] = ' ';
	p[1] = '[';
	p[2] = ']';
	buf_grown(out, 3);
}

bool feeds_text_remove(struct str text, int line, bool only, struct buf *out, struct err *e)
{
	struct entry x;
	if (!find_entry(text, line, &x, e))
		return false;
	buf_str(out, str_of(text.p, x.begin));
	buf_str(out, str_skip(text, x.end));
	if (only)
		empty_list(out);
	return !out->failed || err_nomem(e);
}

bool feeds_text_enable(struct str text, int line, bool on, struct buf *out, struct err *e)
{
	const char *value = on ? "true" : "false";
	struct feeds_value v;
	struct entry x;
	if (!find_entry(text, line, &x, e))
		return false;
	if (!feeds_value_find(str_of(text.p + x.begin, x.end - x.begin), x.dash, STR("enabled"), &v))
		return err_set_line(e, ERR_PARSE, line, "the entry's braces do not end: edit it by hand");
	buf_str(out, str_of(text.p, x.begin + v.begin));
	if (v.found)
		buf_fmt(out, "%s%s", text.p[x.begin + v.begin - 1] == ':' ? " " : "", value);
	else if (v.braces)
		buf_fmt(out, "%s enabled: %s", v.first ? "" : ",", value);
	else
		buf_fmt(out, "%s%*senabled: %s\n", out->n > 0 && out->p[out->n - 1] != '\n' ? "\n" : "",
		    (int)v.column, "", value);
	buf_str(out, str_skip(text, x.begin + v.end));
	return !out->failed || err_nomem(e);
}
