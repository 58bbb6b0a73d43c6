/*
 * fault_fs: the real disk, with a step at which it fails, tears or kills; and a memory of what a power cut would leave of it.
 *
 * Every call is a step. Written, synced and renamed things are remembered in memory that is shared with forked lives, so that the parent can
 * lose what was not on the disk after a life has ended, or after several. The model: bytes are certain after a successful sync of their
 * file, before it any 512 of them may be missing (zeros, where the file grew); a failed sync marks the bytes before it as clean: no later
 * sync saves them; names are certain after a sync of the folder, before it a tail of the changes is undone. Inode numbers stay.
 */
#ifndef FAKE_FAULT_FS_H
#define FAKE_FAULT_FS_H

#include "daemon/base/fs.h"

#include <stdint.h>

enum fault_kind {
	FAULT_NONE,
	FAULT_ONCE, /* the call fails */
	FAULT_FOREVER, /* it and every later call of its sort fail */
	FAULT_SPELL, /* it and every call of its sort within the next FAULT_SPELL_STEPS fail */
	FAULT_TEAR, /* a write is short, the next one fails */
	FAULT_KILL, /* _exit before the call */
	FAULT_TEAR_KILL, /* _exit after a part of a write */
};

#define FAULT_EXIT 77 /* status of a life that was killed */

struct fault_plan {
	enum fault_kind kind;
	unsigned step; /* from 1 */
	unsigned then_kill; /* so many steps after a FAULT_ONCE: _exit; 0: never */
	unsigned tear; /* which part of a write is done: 0 … FAULT_TEARS - 1 */
};
#define FAULT_TEARS 5
#define FAULT_SPELL_STEPS 150u

struct fault_fs;

/* `root` holds the folders that are written; it is made, with a hidden folder of ours beside them. */
struct fault_fs *fault_fs_new(const char *root);
void fault_fs_free(struct fault_fs **f);
const struct fs *fault_fs_seam(struct fault_fs *f);

/* Removes every file below the root and forgets all. */
void fault_fs_wipe(struct fault_fs *f);
/* A new life: steps count from 1. */
void fault_fs_plan(struct fault_fs *f, struct fault_plan plan);
unsigned fault_fs_steps(const struct fault_fs *f);
/* Was this step a write, some change, a sync? (of the life that ended last; for choosing plans) */
bool fault_fs_step_writes(const struct fault_fs *f, unsigned step);
bool fault_fs_step_changes(const struct fault_fs *f, unsigned step);
bool fault_fs_step_syncs(const struct fault_fs *f, unsigned step);

/* Called within the life, after every change of a name and every write to a file whose path contains `followed`. */
typedef void fault_fs_changed_f(void *ctx);
void fault_fs_on_change(struct fault_fs *f, const char *followed, fault_fs_changed_f *changed, void *ctx);

/* In the parent, between lives. seed 0: all that is not certain is gone; others: a part of it. */
void fault_fs_power_loss(struct fault_fs *f, uint64_t seed);

#endif
