/* heap: sift up, sift down, nothing else. Of four children each: every node that moves is written to, which is a miss of the cache, and half as many move. */
#include "daemon/pipe/heap.h"

#include <assert.h>
#include <stdlib.h>

#define CHILDREN 4u

void heap_fini(struct heap *h)
{
	free(h->at);
	*h = (struct heap){ NULL, 0, 0 };
}

bool heap_reserve(struct heap *h, uint32_t count, struct err *e)
{
	struct heap_slot *at;
	uint32_t room = h->room ? h->room : 16;

	if (count <= h->room)
		return true;
	while (room < count)
		room *= 2;
	at = reallocarray(h->at, room, sizeof(struct heap_slot));
	if (!at)
		return err_nomem(e);
	h->at = at;
	h->room = room;
	return true;
}

static void put(struct heap *h, struct heap_slot s, uint32_t place)
{
	h->at[place - 1] = s;
	s.node->place = place;
}

static uint32_t parent_of(uint32_t place)
{
	return (place - 2) / CHILDREN + 1;
}

static void sift_up(struct heap *h, struct heap_slot s)
{
	uint32_t place = s.node->place;

	while (place > 1 && h->at[parent_of(place) - 1].due > s.due) {
		put(h, h->at[parent_of(place) - 1], place);
		place = parent_of(place);
	}
	put(h, s, place);
}

/* The place of the child that is due first, or 0: it has none. */
static uint32_t first_child(const struct heap *h, uint32_t place)
{
	uint32_t child = (place - 1) * CHILDREN + 2, first = child;

	if (child > h->count)
		return 0;
	for (uint32_t i = 1; i < CHILDREN && child + i <= h->count; i++)
		if (h->at[child + i - 1].due < h->at[first - 1].due)
			first = child + i;
	return first;
}

static void sift_down(struct heap *h, struct heap_slot s)
{
	uint32_t place = s.node->place, child;

	while ((child = first_child(h, place)) != 0 && h->at[child - 1].due < s.due) {
		put(h, h->at[child - 1], place);
		place = child;
	}
	put(h, s, place);
}

void heap_set(struct heap *h, struct heap_node *n, int64_t due)
{
	struct heap_slot s = { due, n };

	n->due = due;
	if (n->place == 0) {
		assert(h->count < h->room);
		h->count++;
		put(h, s, h->count);
	}
	sift_up(h, s);
	sift_down(h, s);
}

void heap_remove(struct heap *h, struct heap_node *n)
{
	struct heap_slot last;
	uint32_t place = n->place;

	if (place == 0)
		return;
	n->place = 0;
	last = h->at[h->count - 1];
	h->count--;
	if (last.node == n)
		return;
	put(h, last, place);
	sift_up(h, last);
	sift_down(h, last);
}

struct heap_node *heap_first(const struct heap *h)
{
	return h->count ? h->at[0].node : NULL;
}
