/* attrs: looking up one attribute; there are few, so a walk is the fastest. */
#include "daemon/feed/attrs_priv.h"

struct str attr_get(const struct attrs *attrs, struct str name)
{
	for (size_t i = 0; i < attrs->n; i++)
		if (attrs->at[i].ns == NS_NONE && str_eq_nocase(attrs->at[i].name, name))
			return attrs->at[i].value;
	return (struct str){ NULL, 0 };
}

struct str attr_get_ns(const struct attrs *attrs, enum ns ns, struct str name)
{
	for (size_t i = 0; i < attrs->n; i++)
		if (attrs->at[i].ns == ns && str_eq_nocase(attrs->at[i].name, name))
			return attrs->at[i].value;
	return (struct str){ NULL, 0 };
}
