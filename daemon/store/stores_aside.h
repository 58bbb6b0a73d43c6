/*
 * stores_aside: a checkpoint as the main thread hands it to another one, and what the two need of the stores for it. Private to the module `stores`.
 */
#ifndef STORE_STORES_ASIDE_H
#define STORE_STORES_ASIDE_H

#include "daemon/store/stores_priv.h"

struct checkpoint_file { /* one store, as it stood when the work was handed over */
	struct store *st;
	int fd;
	bool certain; /* `next` becomes `synced` when all has worked */
	bool dirty, folder_dirty;
	bool tried, failed; /* the thread's: its sync */
	struct synced next;
};

struct checkpoint_work { /* see stores_begin_checkpoint */
	char path[STORE_PATH_MAX], directory[PATH_MAX], state[PATH_MAX];
	mode_t mode;
	struct buf contents; /* empty: nothing may be written down */
	uint64_t lsn; /* all up to it is on the disk when all has worked */
	bool folder_dirty, folder_synced, state_folded; /* the last two are the thread's */
	size_t count;
	struct checkpoint_file files[];
};

/* The thread's part. */
bool checkpoint_run(const struct fs *fs, struct checkpoint_work *w, struct err *e) MUST_CHECK;

void checkpoint_path(const struct stores *s, char out[STORE_PATH_MAX]);
/* w NULL: as the stores are synced now. */
void checkpoint_encode(const struct stores *s, const struct checkpoint_work *w, struct buf *b);
/* Where a store would stand after a sync now. False: it cannot be said, or (e) be read. */
bool store_next_synced(struct stores *s, struct store *st, struct synced *next, struct err *e) MUST_CHECK;
void store_sync_failed(struct stores *s, struct store *st);

#endif
