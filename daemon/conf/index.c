/* index: open addressing over (hash, number). The caller compares the names. */
#include "daemon/conf/index_priv.h"

#define INDEX_FIRST 64 /* slots */
#define FULL_NUMERATOR 3u /* once nothing is added any more it is up to three quarters full */
#define FULL_DENOMINATOR 4u
#define INDEX_MAX ((size_t)64 << 20) /* bytes: eight million slots, several times the most feeds */

void conf_index_init(struct conf_index *x)
{
	*x = (struct conf_index){ 0 };
	buf_init(&x->memory, INDEX_MAX);
}

void conf_index_fini(struct conf_index *x)
{
	buf_fini(&x->memory);
	conf_index_init(x);
}

/* From the half of the hash that is kept, so that growing needs no names. */
static size_t place(uint32_t hash, size_t room)
{
	return hash & (room - 1);
}

bool conf_index_find(
    const struct conf_index *x, uint64_t hash, conf_same_f *same, const void *ctx, uint32_t *item)
{
	if (x->room == 0)
		return false;
	uint32_t h = (uint32_t)(hash >> 32);
	for (size_t i = place(h, x->room); x->slots[i].item != 0; i = (i + 1) & (x->room - 1)) {
		if (x->slots[i].hash != h || !same(ctx, x->slots[i].item - 1))
			continue;
		*item = x->slots[i].item - 1;
		return true;
	}
	return false;
}

static void put(struct conf_slot *slots, size_t room, size_t at, struct conf_slot slot)
{
	while (slots[at].item != 0)
		at = (at + 1) & (room - 1);
	slots[at] = slot;
}

static bool grow(struct conf_index *x)
{
	size_t room = x->room ? x->room * 2 : INDEX_FIRST;
	struct buf memory;
	buf_init(&memory, INDEX_MAX);
	void *fresh = buf_reserve(&memory, room * sizeof(struct conf_slot));
	if (!fresh)
		return false;
	struct conf_slot *slots = memset(fresh, 0, room * sizeof(*slots));
	for (size_t i = 0; i < x->room; i++)
		if (x->slots[i].item != 0)
			put(slots, room, place(x->slots[i].hash, room), x->slots[i]);
	buf_fini(&x->memory);
	x->memory = memory;
	x->slots = slots;
	x->room = room;
	return true;
}

bool conf_index_add(struct conf_index *x, uint64_t hash, uint32_t item)
{
	/* At most half full: probes stay short. */
	if (x->count * 2 >= x->room && !grow(x))
		return false;
	uint32_t h = (uint32_t)(hash >> 32);
	put(x->slots, x->room, place(h, x->room), (struct conf_slot){ h, item + 1 });
	x->count++;
	return true;
}

const struct conf_index *conf_index_freeze(struct conf_index *x, struct arena *a)
{
	struct conf_index *frozen = arena_zalloc(a, sizeof(*frozen));
	size_t room = x->room;
	while (room > INDEX_FIRST && x->count * FULL_DENOMINATOR <= room / 2 * FULL_NUMERATOR)
		room /= 2;
	struct conf_slot *slots = arena_zalloc(a, room * sizeof(*slots));
	if (!frozen || !slots)
		return NULL;
	for (size_t i = 0; i < x->room; i++)
		if (x->slots[i].item != 0)
			put(slots, room, place(x->slots[i].hash, room), x->slots[i]);
	frozen->slots = slots;
	frozen->room = room;
	frozen->count = x->count;
	conf_index_fini(x);
	return frozen;
}
