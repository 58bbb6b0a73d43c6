/* json_cut: a JSON Feed that stops short, cut behind its last whole item. Knows brackets and strings, nothing else of JSON. */
#include "daemon/feed/json_cut_priv.h"

#define WATCHED 3 /* brackets in each other: the feed's, the list's, the item's */

/* Behind the string whose '"' stands at i, or the end. */
static size_t string_end(struct str s, size_t i)
{
	for (i++; i < s.n; i++) {
		if (s.p[i] == '\\')
			i++;
		else if (s.p[i] == '"')
			return i + 1;
	}
	return s.n;
}

size_t json_cut(struct str s)
{
	char open[WATCHED] = { 0 };
	size_t depth = 0, whole = 0;
	for (size_t i = 0; i < s.n;) {
		char c = s.p[i];
		if (c == '"') {
			i = string_end(s, i);
			continue;
		}
		i++;
		if (c == '{' || c == '[') {
			if (depth < WATCHED)
				open[depth] = c;
			depth++;
		} else if (c == '}' || c == ']') {
			if (depth == 0)
				return 0;
			depth--;
			if (depth == 2 && c == '}' && open[0] == '{' && open[1] == '[')
				whole = i;
		}
	}
	return whole;
}
