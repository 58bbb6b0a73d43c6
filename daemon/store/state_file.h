/*
 * state_file: the file below the state, before anything is asked of it: one of another program or of a newer version is left as it is, a damaged
 * one is set aside, so that the state is made again from the stores and the journal.
 */
#ifndef STORE_STATE_FILE_H
#define STORE_STATE_FILE_H

#include "daemon/base/fs.h"
#include "daemon/store/state.h"

#include <limits.h>

struct state_mending { /* for the log */
	char aside[PATH_MAX]; /* where the damaged file is now; empty: it was whole, or there was none */
	struct err damage;
};

/* ERR_CONFIG: not ours or newer; nothing was touched. Other failures (memory, permission, a disk that cannot be read) are no damage either. */
bool state_open_mended(const struct fs *fs, const char *path, int64_t now_ms, struct state **out,
    struct state_mending *m, struct err *e) MUST_CHECK;

#endif
