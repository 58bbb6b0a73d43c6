/* link_header: one pass over the text; every step takes at least one byte. */
#include "daemon/base/link_header.h"

#include "daemon/base/attr.h"

#include <stdint.h>

static bool is_space(char c)
{
	return c == ' ' || c == '\t';
}

static size_t skip_space(struct str s, size_t i)
{
	while (i < s.n && is_space(s.p[i]))
		i++;
	return i;
}

/* A word up to what may follow it; `=` ends names, not values. */
static struct str take_word(struct str s, size_t *at, bool equals_ends)
{
	size_t from = *at, i = from;
	while (
	    i < s.n && s.p[i] != ';' && s.p[i] != ',' && !is_space(s.p[i]) && !(equals_ends && s.p[i] == '='))
		i++;
	*at = i;
	return str_of(s.p + from, i - from);
}

/* Without its quotes; escapes stay as they are, no relation or type has any. */
static struct str take_quoted(struct str s, size_t *at)
{
	size_t from = *at + 1, i = from;
	while (i < s.n && s.p[i] != '"')
		i += s.p[i] == '\\' && i + 1 < s.n ? 2 : 1;
	*at = i < s.n ? i + 1 : s.n;
	return str_of(s.p + from, (i < s.n ? i : s.n) - from);
}

static struct str take_value(struct str s, size_t *at)
{
	*at = skip_space(s, *at);
	return *at < s.n && s.p[*at] == '"' ? take_quoted(s, at) : take_word(s, at, false);
}

static void keep(struct link_value *out, struct str name, struct str value)
{
	const struct {
		struct str name;
		struct str *to;
	} known[] = { { STR("rel"), &out->rel }, { STR("type"), &out->type },
		{ STR("hreflang"), &out->language }, { STR("anchor"), &out->anchor } };
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (str_eq_nocase(known[i].name, name) && !known[i].to->p)
			*known[i].to = value;
}

/* False: the value has ended, at a comma or with the text. */
static bool take_parameter(struct str s, size_t *at, struct link_value *out)
{
	size_t i = skip_space(s, *at);
	if (i >= s.n || s.p[i] == ',') {
		*at = i;
		return false;
	}
	if (s.p[i] == ';')
		i = skip_space(s, i + 1);
	size_t from = i;
	struct str name = take_word(s, &i, true);
	i = skip_space(s, i);
	if (i < s.n && s.p[i] == '=') {
		i++;
		keep(out, name, take_value(s, &i));
	} else if (i == from && i < s.n && s.p[i] != ';' && s.p[i] != ',') {
		i++;
	}
	*at = i;
	return true;
}

bool link_next(struct str *rest, struct link_value *out)
{
	struct str s = *rest;
	size_t open = str_find_byte(s, '<', 0);
	size_t close = open == SIZE_MAX ? SIZE_MAX : str_find_byte(s, '>', open);
	*out = (struct link_value){ .target = { NULL, 0 } };
	*rest = (struct str){ NULL, 0 };
	if (close == SIZE_MAX)
		return false;
	size_t i = close + 1;
	out->target = str_trim(str_of(s.p + open + 1, close - open - 1));
	while (take_parameter(s, &i, out))
		continue;
	*rest = str_skip(s, i);
	return true;
}

bool link_has_rel(struct str rel, struct str name)
{
	while (rel.n > 0) {
		rel = str_trim(rel);
		if (str_eq_nocase(str_cut(&rel, ' '), name))
			return true;
	}
	return false;
}
