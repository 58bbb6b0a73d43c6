/*
 * arena: memory that is freed all at once. Born with its maximum; sticky on failure: after one failed
 * allocation every later one fails, so a builder may check once, at the end. Not thread-safe.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "daemon/base/attr.h"
#include "daemon/base/str.h"

struct arena;

/* NULL when memory is short. `limit`: the most bytes that it will ever hold. */
struct arena *arena_new(size_t limit);
void arena_free(struct arena **a); /* accepts a pointer to NULL; sets it to NULL */
void arena_reset(struct arena *a); /* forgets contents and failure, keeps one block */

/* NULL on failure or beyond the limit. 16-byte aligned; not zeroed. n == 0 gives a valid pointer. */
void *arena_alloc(struct arena *a, size_t n) MUST_CHECK;
void *arena_zalloc(struct arena *a, size_t n) MUST_CHECK;

/* A copy with a NUL behind it (not counted). {NULL, 0} on failure. */
struct str arena_str(struct arena *a, struct str s);
char *arena_cstr(struct arena *a, struct str s) MUST_CHECK;

bool arena_failed(const struct arena *a);
size_t arena_used(const struct arena *a);

#endif
