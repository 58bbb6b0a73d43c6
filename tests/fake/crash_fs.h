/*
 * crash_fs: the real file system until a given step; then it is torn: half of the bytes arrive, and nothing afterwards works, as after a kill.
 * Also a disk without room, for files that are appended to (the stores) or for all.
 */
#ifndef FAKE_CRASH_FS_H
#define FAKE_CRASH_FS_H

#include "daemon/base/fs.h"

struct crash_fs {
	struct fs fs; /* first: the functions get its address */
	unsigned long steps; /* that changed something */
	unsigned long crash_at; /* 0: never */
	bool dead;
	bool full_for_appends, full;
	bool no_descriptors; /* nothing that ends in .json is opened */
	bool keeps_requests; /* nothing that ends in .json is taken away or renamed */
	int64_t file_max; /* bytes of a file that is not appended to (the journal); 0: as many as it likes */
};

void crash_fs_init(struct crash_fs *f);

#endif
