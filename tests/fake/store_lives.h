/*
 * store_lives: what the sweep over the store runs again and again. A life is a process that opens journal and stores on a model disk, brings
 * the stores forward, and then commits, rotates, compresses, checkpoints, recycles and deletes until STORE_ITEMS lines are there; its fate is a step
 * of the disk or an allocation that fails, tears or kills. An oracle in shared memory knows what was acknowledged, with which text, in all lives; a
 * follower reads along after every change. What a life finds wrong ends it.
 * The program is linked with --wrap=malloc,--wrap=calloc,--wrap=realloc.
 */
#ifndef FAKE_STORE_LIVES_H
#define FAKE_STORE_LIVES_H

#include "tests/fake/fault_fs.h"

#define STORE_ITEMS 36u /* lines that are there in the end */

struct store_fate {
	struct fault_plan plan;
	unsigned fail_from, fail_to; /* allocations that fail, from 1; 0: none */
	int power_seed; /* -1: no power cut after this life */
};

enum store_life_end { STORE_LIFE_PLAIN, STORE_LIFE_VERIFY };

/* On a new disk below `folder`, which exists. */
void store_lives_init(const char *folder);
void store_lives_fini(void);
struct fault_fs *store_lives_disk(void);
/* Nothing is on the disk, and nothing was acknowledged. */
void store_lives_forget(void);

/*
 * Runs one life. follow_recovery: the follower reads from its beginning, not first when the stores are whole. False: it found something wrong.
 * STORE_LIFE_VERIFY: in the end every line must be there exactly once and in order.
 */
bool store_lives_one(const struct store_fate *fate, bool follow_recovery, enum store_life_end end);
/* What was found wrong. */
const char *store_lives_failure(void);
/* Allocations of the life that ended last; lives so far. */
unsigned store_lives_allocations(void);
unsigned store_lives_count(void);

#endif
