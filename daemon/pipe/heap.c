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
	struct heap_node **at;
	uint32_t room = h->room ? h->room : 16;

	if (count <= h->room)
		return true;
	while (room < count)
		room *= 2;
	at = reallocarray(h->at, room, sizeof(struct heap_node *));
	if (!at)
		return err_nomem(e);
	h->at = at;
	h->room = room;
	return true;
}

static void put(struct heap *h, struct heap_node *n, uint32_t place)
{
	h->at[place - 1] = n;
	n->place = place;
}

static void sift_up(struct heap *h, struct heap_node *n)
{
	uint32_t place = n->place;

	while (place > 1 && h->at[place / 2 - 1]->due > n->due) {
		put(h, h->at[place / 2 - 1], place);
		place /= 2;
	}
	put(h, n, place);
}

static void sift_down(struct heap *h, struct heap_node *n)
{
	uint32_t place = n->place;

	for (;;) {
		uint32_t child = place * 2;

		if (child > h->count)
			break;
		if (child < h->count && h->at[child]->due < h->at[child - 1]->due)
			child++;
		if (h->at[child - 1]->due >= n->due)
			break;
		put(h, h->at[child - 1], place);
		place = child;
	}
	put(h, n, place);
}

void heap_set(struct heap *h, struct heap_node *n, int64_t due)
{
	n->due = due;
	if (n->place == 0) {
		assert(h->count < h->room);
		h->count++;
		put(h, n, h->count);
	}
	sift_up(h, n);
	sift_down(h, n);
}

void heap_remove(struct heap *h, struct heap_node *n)
{
	struct heap_node *last;
	uint32_t place = n->place;

	if (place == 0)
		return;
	n->place = 0;
	last = h->at[h->count - 1];
	h->count--;
	if (last == n)
		return;
	put(h, last, place);
	sift_up(h, last);
	sift_down(h, last);
}

struct heap_node *heap_first(const struct heap *h)
{
	return h->count ? h->at[0] : NULL;
}
