/* cls_arena: memory that is given back all at once, arrays that grow, and first errors. The only allocator of the library. */
#ifndef CLS_ARENA_H
#define CLS_ARENA_H

#include <stdbool.h>
#include <stddef.h>

#include "classifiers/classify.h"

struct cls_chunk;
struct cls_arena { /* all zero: empty */
	struct cls_chunk *chunks;
	char *p;
	size_t left;
};

/* Zeroed and aligned for every type; NULL when memory is short. */
void *cls_arena_new(struct cls_arena *a, size_t count, size_t size);
/* A copy with a NUL behind it. */
char *cls_arena_text(struct cls_arena *a, const char *p, size_t n);
void cls_arena_fini(struct cls_arena *a);

bool cls_grow_more(void **array, size_t *capacity, size_t need, size_t size);

/* Makes room for `need` elements in a heap array; may move it. False when memory is short (the array stays). */
static inline bool cls_grow(void **array, size_t *capacity, size_t need, size_t size)
{
	return need <= *capacity || cls_grow_more(array, capacity, need, size);
}

/* Bytes that an array of the heap has more than it needs when it shall begin where a large page does. */
#define CLS_PAGE ((size_t)2 << 20)

/* Where a large page begins in memory of n + CLS_PAGE bytes. From there the system is asked for such pages: where every access is at another place most of them
 * would wait for the translation of their address. */
void *cls_large_pages(void *memory, size_t n);

/* Sets the error (file may be NULL) and returns false. */
bool cls_fail(struct cls_error *e, const char *file, int line, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
bool cls_fail_memory(struct cls_error *e);

/* The name that looks like `word`, or NULL when none is near enough to be meant. */
const char *cls_hint(const char *word, const char *const *names, size_t count);

#endif
