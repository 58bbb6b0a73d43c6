/* repair_scope: a stack that forgives. Knows nothing of what elements mean. */
#include "daemon/feed/repair_scope_priv.h"

bool scope_open(struct scope *s, struct str name)
{
	if (s->depth == SCOPE_DEPTH_MAX) {
		s->over++;
		return false;
	}
	s->open[s->depth++] = (struct scope_element){ name, s->bound };
	return true;
}

unsigned scope_closes(const struct scope *s, struct str name)
{
	for (unsigned i = s->depth; i > 0; i--)
		if (str_eq_nocase(s->open[i - 1].name, name))
			return s->depth - i + 1;
	return 0;
}

void scope_close(struct scope *s)
{
	s->bound = s->open[--s->depth].bindings;
}

static struct str local_part(struct str name)
{
	size_t colon = str_find_byte(name, ':', 0);
	return colon == SIZE_MAX ? name : str_skip(name, colon + 1);
}

struct str scope_top(const struct scope *s)
{
	return local_part(s->open[s->depth - 1].name);
}

void scope_bind(struct scope *s, struct str prefix, struct str uri, enum ns ns)
{
	if (s->bound < SCOPE_BINDINGS_MAX)
		s->bindings[s->bound++] = (struct scope_binding){ prefix, uri, ns };
}

struct scope_binding scope_resolve(
    const struct scope *s, struct str name, bool is_attr, struct str *local, bool *declared)
{
	*local = local_part(name);
	*declared = true;
	struct str prefix = str_of(name.p, local->n < name.n ? name.n - local->n - 1 : 0);
	if (prefix.n == 0 && is_attr)
		return (struct scope_binding){ .ns = NS_NONE };
	for (unsigned i = s->bound; i > 0; i--)
		if (str_eq(s->bindings[i - 1].prefix, prefix))
			return s->bindings[i - 1];
	if (prefix.n == 0)
		return (struct scope_binding){ .ns = NS_NONE };
	*declared = str_eq(prefix, STR("xml"));
	return (struct scope_binding){ .prefix = prefix, .ns = ns_of_prefix(prefix) };
}
