/*
 * heap: sift up, sift down, nothing else. What sifting looks at and writes to lies close together, four children side by side and the places by ticket:
 * the nodes are as far apart in memory as their owners, and to touch each that moves would be most of what a poll's scheduling costs.
 */
#include "daemon/pipe/heap.h"

#include <assert.h>
#include <stdlib.h>

#define CHILDREN 4u
#define ROOM_MIN 16u

void heap_fini(struct heap *h)
{
	free(h->at);
	free(h->nodes);
	free(h->places);
	*h = (struct heap){ .at = NULL };
}

/* By one half at least, so that many small steps cost little; of one large step nothing is wasted. */
static uint32_t room_for(const struct heap *h, uint32_t count)
{
	uint32_t room = h->room + h->room / 2;

	room = room > ROOM_MIN ? room : ROOM_MIN;
	return room > count ? room : count;
}

bool heap_reserve(struct heap *h, uint32_t count, struct err *e)
{
	uint32_t room = room_for(h, count);
	struct heap_slot *at;
	struct heap_node **nodes;
	uint32_t *places;

	if (count <= h->room)
		return true;
	at = reallocarray(h->at, room, sizeof(struct heap_slot));
	if (!at)
		return err_nomem(e);
	h->at = at;
	nodes = reallocarray(h->nodes, room, sizeof(struct heap_node *));
	if (!nodes)
		return err_nomem(e);
	h->nodes = nodes;
	places = reallocarray(h->places, room, sizeof(uint32_t));
	if (!places)
		return err_nomem(e);
	h->places = places;
	h->room = room;
	return true;
}

static uint32_t take_ticket(struct heap *h)
{
	uint32_t ticket = h->free_ticket;

	if (ticket == 0)
		return ++h->tickets;
	h->free_ticket = h->places[ticket - 1];
	return ticket;
}

static void give_ticket_back(struct heap *h, uint32_t ticket)
{
	h->places[ticket - 1] = h->free_ticket;
	h->free_ticket = ticket;
}

static void put(struct heap *h, struct heap_slot s, uint32_t place)
{
	h->at[place - 1] = s;
	h->places[s.ticket - 1] = place;
}

static uint32_t parent_of(uint32_t place)
{
	return (place - 2) / CHILDREN + 1;
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

/* From this place, which is free, up or down to where it belongs. */
static void sift(struct heap *h, struct heap_slot s, uint32_t place)
{
	uint32_t child;

	while (place > 1 && h->at[parent_of(place) - 1].due > s.due) {
		put(h, h->at[parent_of(place) - 1], place);
		place = parent_of(place);
	}
	while ((child = first_child(h, place)) != 0 && h->at[child - 1].due < s.due) {
		put(h, h->at[child - 1], place);
		place = child;
	}
	put(h, s, place);
}

void heap_set(struct heap *h, struct heap_node *n, int64_t due)
{
	uint32_t place;

	if (n->ticket == 0) {
		assert(h->count < h->room);
		n->ticket = take_ticket(h);
		h->nodes[n->ticket - 1] = n;
		place = ++h->count;
	} else {
		place = h->places[n->ticket - 1];
	}
	sift(h, (struct heap_slot){ due, n->ticket }, place);
}

void heap_remove(struct heap *h, struct heap_node *n)
{
	uint32_t ticket = n->ticket, place;
	struct heap_slot last;

	if (ticket == 0)
		return;
	place = h->places[ticket - 1];
	give_ticket_back(h, ticket);
	n->ticket = 0;
	last = h->at[--h->count];
	if (last.ticket != ticket)
		sift(h, last, place);
}

int64_t heap_due(const struct heap *h, const struct heap_node *n)
{
	return h->at[h->places[n->ticket - 1] - 1].due;
}

struct heap_node *heap_first(const struct heap *h)
{
	return h->count ? h->nodes[h->at[0].ticket - 1] : NULL;
}
