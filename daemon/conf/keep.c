/*
 * keep: the list of feeds as the snapshot has it. Settings that several feeds have alike stand in it once: of ten thousand feeds hardly one has its own,
 * and they are most of what an entry holds.
 */
#include "daemon/conf/load_priv.h"

#include "daemon/base/hash.h"

struct kept { /* the settings that are in the snapshot already */
	struct buf items; /* const struct conf_fetch * */
	struct conf_index index;
};

struct wanted {
	const struct buf *items;
	const struct conf_fetch *fetch;
};

/* Field by field: what lies between two of them says nothing. */
static uint64_t hash_of(const struct conf_fetch *f)
{
	const struct conf_part *rows = &conf_feed_section.parts[1];
	const char *base = (const char *)f;
	uint64_t hash = 0;
	for (size_t i = 0; i < rows->count; i++) {
		const struct conf_key *k = &rows->keys[i];
		hash = hash64(str_of(base + k->offset, k->size), hash);
		if (k->count_offset)
			hash = hash64(str_of(base + k->count_offset, sizeof(size_t)), hash);
	}
	return hash;
}

static bool same_fetch(const void *ctx, uint32_t item)
{
	const struct wanted *w = ctx;
	const struct conf_part *rows = &conf_feed_section.parts[1];
	const char *a = (const char *)w->fetch;
	const char *b = (const char *)((const struct conf_fetch *const *)(const void *)w->items->p)[item];
	for (size_t i = 0; i < rows->count; i++) {
		const struct conf_key *k = &rows->keys[i];
		if (memcmp(a + k->offset, b + k->offset, k->size) != 0)
			return false;
		if (k->count_offset && memcmp(a + k->count_offset, b + k->count_offset, sizeof(size_t)) != 0)
			return false;
	}
	return true;
}

/* Those that are kept, else a copy that is kept from now on. Without memory to remember it by it is this feed's alone. */
static const struct conf_fetch *keep_fetch(struct arena *a, struct kept *k, const struct conf_fetch *f)
{
	uint64_t hash = hash_of(f);
	const struct wanted w = { &k->items, f };
	uint32_t item;
	if (!k->items.failed && conf_index_find(&k->index, hash, same_fetch, &w, &item))
		return ((const struct conf_fetch *const *)(const void *)k->items.p)[item];
	struct conf_fetch *copy = arena_alloc(a, sizeof(*copy));
	if (!copy)
		return NULL;
	*copy = *f;
	item = (uint32_t)(k->items.n / sizeof(struct conf_fetch *));
	buf_add(&k->items, &copy, sizeof(struct conf_fetch *));
	if (!k->items.failed && !conf_index_add(&k->index, hash, item))
		k->items.n -= sizeof(struct conf_fetch *);
	return copy;
}

void conf_feeds_keep(struct conf_loader *l)
{
	const struct conf_feed_draft *from = (const struct conf_feed_draft *)(const void *)l->feeds.p;
	size_t n = l->feeds.n / sizeof(*from);
	struct conf_feed *feeds = arena_alloc(l->arena, n * sizeof(*feeds));
	struct kept kept;
	buf_init(&kept.items, CONF_FEEDS_MAX * sizeof(struct conf_fetch *));
	conf_index_init(&kept.index);
	for (size_t i = 0; feeds && i < n; i++) {
		feeds[i] = from[i].feed;
		feeds[i].fetch = keep_fetch(l->arena, &kept, &from[i].fetch);
	}
	l->conf->feeds = feeds;
	l->conf->feed_count = n;
	buf_fini(&kept.items);
	conf_index_fini(&kept.index);
}
