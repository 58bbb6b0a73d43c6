/* feeds_value: an entry in braces is gone through token by token; of one in lines those count that begin in the column of its keys. */
#include "daemon/ctl/feeds_value.h"

#include <stdint.h>

struct scan {
	struct str text;
	size_t at;
};

static bool is_over(const struct scan *s)
{
	return s->at >= s->text.n;
}

/* NUL at the end. */
static char peek(const struct scan *s)
{
	return is_over(s) ? '\0' : s->text.p[s->at];
}

static bool is_one_of(char c, const char *set)
{
	return c != '\0' && strchr(set, c);
}

static bool is_quote(char c)
{
	return c == '"' || c == '\'';
}

/* Blanks, and comments, which have a blank before them; of one line or of several. */
static void skip_blanks(struct scan *s, bool lines)
{
	while (is_one_of(peek(s), lines ? " \t\r\n" : " \t\r")) {
		s->at++;
		if (lines && peek(s) == '#') {
			size_t end = str_find_byte(s->text, '\n', s->at);
			s->at = end == SIZE_MAX ? s->text.n : end;
		}
	}
}

/* From a quote to behind the one that ends it. */
static void skip_quoted(struct scan *s)
{
	char quote = s->text.p[s->at++];
	while (!is_over(s)) {
		char c = s->text.p[s->at++];
		if (c == '\\' && quote == '"')
			s->at += !is_over(s);
		else if (c == quote && c == '\'' && peek(s) == '\'') /* one that is doubled ends nothing */
			s->at++;
		else if (c == quote)
			return;
	}
}

/* Does a colon that stands before here end a key? In a word, as of an address, it does not. */
static bool ends_key(const struct scan *s, bool braces)
{
	return is_over(s) || is_one_of(peek(s), braces ? " \t\r\n,[]{}" : " \t\r\n");
}

/* The key, plain or in quotes, and its colon: to behind that. */
static bool take_key(struct scan *s, struct str key, bool braces)
{
	struct scan ahead = *s;
	char quote = is_quote(peek(&ahead)) ? peek(&ahead) : '\0';
	ahead.at += quote != '\0';
	if (!str_starts(str_skip(ahead.text, ahead.at), key))
		return false;
	ahead.at += key.n;
	if (quote && peek(&ahead) != quote)
		return false;
	ahead.at += quote != '\0';
	skip_blanks(&ahead, braces);
	if (peek(&ahead) != ':')
		return false;
	ahead.at++;
	if (!ends_key(&ahead, braces) && !(quote && braces))
		return false;
	*s = ahead;
	return true;
}

/* In braces: a text in quotes, a sign, or a word, with the colon behind it when it is a key. */
static void skip_token(struct scan *s)
{
	if (is_quote(peek(s))) {
		skip_quoted(s);
		return;
	}
	if (is_one_of(peek(s), "{}[],")) {
		s->at++;
		return;
	}
	while (!is_over(s) && !is_one_of(peek(s), " \t\r\n{}[],")) {
		s->at++;
		if (s->text.p[s->at - 1] == ':' && ends_key(s, true))
			return;
	}
}

/* In braces: to the comma or the brace behind a value or a pair; the end of what stands before that. */
static size_t skip_value(struct scan *s)
{
	size_t end = s->at;
	for (int depth = 0; !is_over(s) && (depth > 0 || !is_one_of(peek(s), ",}"));) {
		depth += is_one_of(peek(s), "{[");
		depth -= is_one_of(peek(s), "}]");
		skip_token(s);
		end = s->at;
		skip_blanks(s, true);
	}
	return end;
}

/* From the brace that begins it. */
static bool find_in_braces(struct scan *s, struct str key, struct feeds_value *out)
{
	s->at++;
	out->begin = s->at;
	out->first = true;
	for (skip_blanks(s, true); peek(s) != '}' && !is_over(s); skip_blanks(s, true)) {
		if (peek(s) == ',') {
			s->at++;
			out->begin = s->at;
			out->first = true;
			continue;
		}
		out->found = take_key(s, key, true);
		if (out->found) {
			skip_blanks(s, true);
			out->begin = s->at;
		}
		out->end = skip_value(s);
		if (out->found)
			return !is_over(s);
		out->begin = out->end;
		out->first = false;
	}
	out->end = out->begin;
	return !is_over(s);
}

/* To the end of the value in this line; one that is not there stands behind its colon. */
static void take_value(struct scan *s, struct feeds_value *out)
{
	out->found = true;
	out->begin = out->end = s->at;
	skip_blanks(s, false);
	if (is_over(s) || is_one_of(peek(s), "#\n"))
		return;
	out->begin = s->at;
	if (is_quote(peek(s))) {
		skip_quoted(s);
		out->end = s->at;
		return;
	}
	while (!is_over(s) && !is_one_of(peek(s), "#\n")) {
		while (!is_over(s) && !is_one_of(peek(s), " \t\r\n"))
			s->at++;
		out->end = s->at;
		skip_blanks(s, false);
	}
}

/* Column of the first sign of the line; SIZE_MAX: it is empty. */
static size_t column_of(struct str line)
{
	size_t n = 0;
	while (n < line.n && line.p[n] == ' ')
		n++;
	return str_trim(line).n > 0 ? n : SIZE_MAX;
}

/* A new key is put behind the first one and what belongs to that. */
static void find_in_lines(struct scan *s, struct str key, struct feeds_value *out)
{
	bool settled = false;
	for (size_t at = 0, next; at < s->text.n; at = next) {
		size_t end = str_find_byte(s->text, '\n', at);
		next = end == SIZE_MAX ? s->text.n : end + 1;
		size_t column = at == 0 ? out->column : column_of(str_of(s->text.p + at, next - at));
		if (column == out->column) {
			settled = at > 0;
			s->at = at + column;
			if (take_key(s, key, false)) {
				take_value(s, out);
				return;
			}
		}
		if (!settled && column != SIZE_MAX && column >= out->column)
			out->begin = out->end = next;
	}
}

bool feeds_value_find(struct str entry, size_t dash, struct str key, struct feeds_value *out)
{
	struct scan s = { entry, dash + 1 };
	*out = (struct feeds_value){ .found = false };
	while (peek(&s) == ' ')
		s.at++;
	out->column = s.at;
	out->braces = peek(&s) == '{';
	if (out->braces)
		return find_in_braces(&s, key, out);
	find_in_lines(&s, key, out);
	return true;
}
