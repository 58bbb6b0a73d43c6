/* index: finds entries of a growing array by a hash of their name. Knows hashes and numbers, not names. */
#ifndef CONF_INDEX_PRIV_H
#define CONF_INDEX_PRIV_H

#include "daemon/base/arena.h"
#include "daemon/base/buf.h"

#include <stdint.h>

struct conf_slot {
	uint32_t hash;
	uint32_t item; /* number + 1; 0: free */
};

struct conf_index {
	struct conf_slot *slots; /* in `memory`, or in an arena once it is frozen */
	size_t room; /* a power of two, or 0 */
	size_t count;
	struct buf memory;
};

typedef bool conf_same_f(const void *ctx, uint32_t item);

void conf_index_init(struct conf_index *x);
void conf_index_fini(struct conf_index *x);

bool conf_index_find(
    const struct conf_index *x, uint64_t hash, conf_same_f *same, const void *ctx, uint32_t *item);
/* False: memory is short. The item must not be in it. */
bool conf_index_add(struct conf_index *x, uint64_t hash, uint32_t item) MUST_CHECK;
/* Moves it into the arena for good; NULL when memory is short. *x is empty afterwards. */
const struct conf_index *conf_index_freeze(struct conf_index *x, struct arena *a) MUST_CHECK;

#endif
