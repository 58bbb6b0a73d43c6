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

struct named { /* what the index is asked for */
	const struct conf_feed *feeds;
	struct str name;
};

static bool same_name(const void *ctx, uint32_t item)
{
	const struct named *n = ctx;
	return str_eq(n->name, str_from(n->feeds[item].name));
}

const struct conf_feed *conf_feed_find(const struct conf *c, struct str name)
{
	const struct named n = { c->feeds, name };
	uint32_t item;
	if (c->index)
		return conf_index_find(c->index, conf_name_hash(name), same_name, &n, &item) ? &c->feeds[item]
		                                                                             : NULL;
	for (size_t i = 0; i < c->feed_count; i++)
		if (str_eq(name, str_from(c->feeds[i].name)))
			return &c->feeds[i];
	return NULL;
}
