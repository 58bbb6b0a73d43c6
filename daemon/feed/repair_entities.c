/* repair_entities: <!ENTITY name "text"> and nothing that refers to anything else. */
#include "daemon/feed/repair_entities_priv.h"

#include "daemon/feed/html_tags_priv.h"

static struct str word(struct str *s)
{
	*s = str_trim(*s);
	size_t n = 0;
	while (n < s->n && !html_is_space(s->p[n]) && s->p[n] != '>')
		n++;
	struct str w = str_of(s->p, n);
	*s = str_trim(str_skip(*s, n));
	return w;
}

static bool is_simple(struct str value)
{
	return value.n <= ENTITY_VALUE_MAX &&
	       (value.n == 0 || (!memchr(value.p, '&', value.n) && !memchr(value.p, '%', value.n) &&
	                            !memchr(value.p, '<', value.n)));
}

void entities_read(struct entities *e, struct str subset)
{
	size_t at = 0;
	e->n = 0;
	while (e->n < ENTITIES_MAX && (at = str_find(subset, STR("<!ENTITY"), at)) != SIZE_MAX) {
		at += 8;
		struct str rest = str_skip(subset, at);
		struct str name = word(&rest);
		if (name.n == 0 || name.p[0] == '%' || rest.n == 0 || (rest.p[0] != '"' && rest.p[0] != '\''))
			continue;
		const char *q = memchr(rest.p + 1, rest.p[0], rest.n - 1);
		if (!q)
			return;
		struct str value = str_of(rest.p + 1, (size_t)(q - rest.p) - 1);
		if (!is_simple(value))
			continue;
		e->list[e->n].name = name;
		e->list[e->n++].value = value;
	}
}

size_t entities_find(const struct entities *e, struct str s, struct str *text)
{
	for (size_t i = 0; i < e->n; i++) {
		struct str name = e->list[i].name;
		if (s.n < name.n + 2 || s.p[name.n + 1] != ';' || memcmp(s.p + 1, name.p, name.n) != 0)
			continue;
		*text = e->list[i].value;
		return name.n + 2;
	}
	return 0;
}
