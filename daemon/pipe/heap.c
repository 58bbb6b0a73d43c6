/* heap: sift up, sift down, nothing else. */
#include "daemon/pipe/heap.h"

#include <assert.h>
#include <stdlib.h>

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

static void sift_up(struct heap *h, struct heap_slot s)
{
	uint32_t place = s.node->place;

	while (place > 1 && h->at[place / 2 - 1].due > s.due) {
		put(h, h->at[place / 2 - 1], place);
		place /= 2;
	}
	put(h, s, place);
}

static void sift_down(struct heap *h, struct heap_slot s)
{
	uint32_t place = s.node->place;

	for (;;) {
		uint32_t child = place * 2;

		if (child > h->count)
			break;
		if (child < h->count && h->at[child].due < h->at[child - 1].due)
			child++;
		if (h->at[child - 1].due >= s.due)
			break;
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
