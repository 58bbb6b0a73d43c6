/* write_as: a new file of a given owner and mode, synced: what another name is put to afterwards. */
#ifndef CTL_WRITE_AS_H
#define CTL_WRITE_AS_H

#include "daemon/base/err.h"
#include "daemon/base/fs.h"

struct write_as {
	uid_t uid; /* (uid_t)-1: whoever writes */
	gid_t gid;
	mode_t mode; /* whatever the umask says */
};

/* The file must not exist; after a failure it may. */
bool write_as(const struct fs *fs, const char *path, const struct write_as *owner, struct str text,
    struct err *e) MUST_CHECK;

#endif
