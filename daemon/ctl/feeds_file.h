/*
 * feeds_file: a file of the configuration is replaced by an edited one: by one editor at a time, durably, and with the owner and mode that it had.
 */
#ifndef CTL_FEEDS_FILE_H
#define CTL_FEEDS_FILE_H

#include "daemon/base/err.h"
#include "daemon/base/fs.h"

#define FEEDS_FILE_PATIENCE 50 /* looks at a lock, a tenth of a second apart */

/* Keeps other editors of this configuration (its main file) out, from before it is read. ERR_BUSY: one of them did not end. */
bool feeds_file_lock(
    const struct fs *fs, const char *main_file, int patience, int *lock, struct err *e) MUST_CHECK;
void feeds_file_unlock(const struct fs *fs, int *lock); /* -1: none */

/* Is the configuration good with what stands in `edited` in the file's place? It complains by itself. */
typedef bool feeds_sound_f(void *ctx, const char *edited);

struct feeds_change {
	const char *path; /* a link's target is replaced, not the link */
	const char *like; /* whose group and mode a new file gets */
	struct str text;
	feeds_sound_f *is_sound;
	void *ctx;
};

/* False without an error in *e: it is not sound. Either way the file is as it was, unless only its folder could not be synced. */
bool feeds_file_replace(const struct fs *fs, const struct feeds_change *change, struct err *e) MUST_CHECK;

#endif
