/* heap: what is due first. A heap of nodes that live in their owners; a node knows its ticket, so it can be moved or taken out. */
#ifndef PIPE_HEAP_H
#define PIPE_HEAP_H

#include "daemon/base/err.h"

#include <stddef.h>
#include <stdint.h>

struct heap_node {
	uint32_t ticket; /* its number in the heap, from 1; 0: in no heap */
};

struct heap_slot {
	int64_t due;
	uint32_t ticket;
};

struct heap {
	struct heap_slot *at; /* by place */
	struct heap_node **nodes; /* by ticket */
	uint32_t *places; /* by ticket, from 1; of a free ticket: the next free one, or 0 */
	uint32_t count, room, tickets, free_ticket; /* tickets: given out so far */
};

void heap_fini(struct heap *h);
/* Room for `count` nodes, so that heap_set needs no memory. */
bool heap_reserve(struct heap *h, uint32_t count, struct err *e) MUST_CHECK;
/* Inserts or moves. Its room was reserved. */
void heap_set(struct heap *h, struct heap_node *n, int64_t due);
void heap_remove(struct heap *h, struct heap_node *n); /* one that is in no heap: nothing happens */
struct heap_node *heap_first(const struct heap *h); /* NULL: empty */
int64_t heap_due(const struct heap *h, const struct heap_node *n); /* of one that is in the heap */

#define HEAP_OWNER(node, type, member) ((type *)(void *)((char *)(node)-offsetof(type, member)))

#endif
