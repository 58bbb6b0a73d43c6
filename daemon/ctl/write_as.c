/* write_as: nobody else reads it before it is whose it shall be. */
#include "daemon/ctl/write_as.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

bool write_as(
    const struct fs *fs, const char *path, const struct write_as *owner, struct str text, struct err *e)
{
	int fd = fs->open(fs, path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND, 0600);
	if (fd < 0)
		return err_set(e, ERR_IO, errno, "%s", path);
	bool good = (fchown(fd, owner->uid, owner->gid) == 0 && fchmod(fd, owner->mode) == 0) ||
	            err_set(e, ERR_IO, errno, "%s: it cannot be given its owner", path);
	good = good && fs_append_all(fs, fd, text.p, text.n, NULL, e);
	good = good && (fs->sync(fs, fd) == 0 || err_set(e, ERR_IO, errno, "%s", path));
	fs->close(fs, fd);
	return good;
}
