/* conf: holding a snapshot and looking into it. */
#include "daemon/conf/conf.h"

#include "daemon/conf/load_priv.h"

#include <assert.h>

struct conf *conf_hold(struct conf *c)
{
	c->references++;
	return c;
}

void conf_drop(struct conf **c)
{
	struct conf *x = *c;
	*c = NULL;
	if (!x)
		return;
	assert(x->references > 0);
	if (--x->references > 0 || !x->arena)
		return;
	/* The struct itself lies in its arena. */
	struct arena *a = x->arena;
	arena_free(&a);
}

const struct conf_feed *conf_feed_find(const struct conf *c, struct str name)
{
	if (c->index)
		return conf_feed_in(c->index, c->feeds, sizeof(*c->feeds), name);
	for (size_t i = 0; i < c->feed_count; i++)
		if (str_eq(name, str_from(c->feeds[i].name)))
			return &c->feeds[i];
	return NULL;
}
