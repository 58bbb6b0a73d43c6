/* arena: blocks that only ever grow a pointer, all freed together. Counts blocks, not objects, against its limit. */
#include "daemon/base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>

#define ARENA_ALIGN 16
#define ARENA_BLOCK_MIN ((size_t)4 << 10) /* bytes; the first block: one small item */
#define ARENA_BLOCK_MAX ((size_t)1 << 20) /* bytes; blocks double up to it, so waste stays bounded */

struct block {
	struct block *older;
	size_t room; /* bytes behind the header */
	alignas(ARENA_ALIGN) char bytes[];
};

struct arena {
	struct block *newest;
	size_t at; /* bytes used in the newest block */
	size_t used; /* bytes handed out, and between them */
	size_t held; /* bytes in all blocks */
	size_t limit;
	bool failed;
};

struct arena *arena_new(size_t limit)
{
	struct arena *a = calloc(1, sizeof(*a));
	if (a)
		a->limit = limit;
	return a;
}

static void free_blocks(struct block *b)
{
	while (b) {
		struct block *older = b->older;
		free(b);
		b = older;
	}
}

void arena_free(struct arena **a)
{
	if (!*a)
		return;
	free_blocks((*a)->newest);
	free(*a);
	*a = NULL;
}

void arena_reset(struct arena *a)
{
	struct block *keep = a->newest;
	if (keep) {
		free_blocks(keep->older);
		keep->older = NULL;
	}
	a->held = keep ? keep->room : 0;
	a->at = 0;
	a->used = 0;
	a->failed = false;
}

static size_t block_size(const struct arena *a, size_t n)
{
	size_t size = a->newest ? a->newest->room * 2 : ARENA_BLOCK_MIN;
	if (size > ARENA_BLOCK_MAX)
		size = ARENA_BLOCK_MAX;
	if (size > a->limit - a->held)
		size = a->limit - a->held;
	return size < n ? n : size;
}

static void *fail(struct arena *a)
{
	a->failed = true;
	return NULL;
}

static bool add_block(struct arena *a, size_t n)
{
	if (n > a->limit - a->held)
		return false;
	size_t room = block_size(a, n);
	struct block *b = malloc(sizeof(*b) + room);
	if (!b)
		return false;
	b->older = a->newest;
	b->room = room;
	a->newest = b;
	a->held += room;
	a->at = 0;
	return true;
}

static char *take(struct arena *a, size_t n, size_t align)
{
	if (a->failed || n > a->limit)
		return fail(a);
	size_t gap = (align - a->at % align) % align;
	size_t left = a->newest ? a->newest->room - a->at : 0;
	if (!a->newest || gap > left || n > left - gap) {
		if (!add_block(a, n))
			return fail(a);
		gap = 0;
	}
	char *p = a->newest->bytes + a->at + gap;
	a->at += gap + n;
	a->used += gap + n;
	return p;
}

void *arena_alloc(struct arena *a, size_t n)
{
	/* An empty object still gets an address of its own, as malloc's callers expect. */
	return take(a, n == 0 ? 1 : n, ARENA_ALIGN);
}

void *arena_zalloc(struct arena *a, size_t n)
{
	void *p = arena_alloc(a, n);
	return p ? memset(p, 0, n) : NULL;
}

char *arena_cstr(struct arena *a, struct str s)
{
	if (s.n == SIZE_MAX)
		return fail(a);
	char *p = take(a, s.n + 1, 1); /* text stands close: most of what is kept is short */
	if (!p)
		return NULL;
	if (s.n > 0)
		memcpy(p, s.p, s.n);
	p[s.n] = '\0';
	return p;
}

struct str arena_str(struct arena *a, struct str s)
{
	char *p = arena_cstr(a, s);
	return p ? (struct str){ p, s.n } : (struct str){ NULL, 0 };
}

bool arena_failed(const struct arena *a)
{
	return a->failed;
}

size_t arena_used(const struct arena *a)
{
	return a->used;
}
