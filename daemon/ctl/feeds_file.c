/* feeds_file: a file of its own name beside the old one, tried, renamed; the lock is on the folder of the main file, which is not replaced. */
#include "daemon/ctl/feeds_file.h"

#include "daemon/ctl/ask.h"
#include "daemon/ctl/write_as.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* The folder that holds it; ".": it names none. */
static void folder_of(const char *path, char out[PATH_MAX])
{
	const char *slash = strrchr(path, '/');
	int n = slash == path ? 1 : slash ? (int)(slash - path) : 1;
	snprintf(out, PATH_MAX, "%.*s", n, slash ? path : ".");
}

static bool refuse_lock(int why, const char *folder, struct err *e)
{
	if (why == EWOULDBLOCK)
		return err_set(e, ERR_BUSY, 0,
		    "nothing was changed: somebody else is editing, and holds the lock of %s", folder);
	return err_set(e, ERR_IO, why, "%s: lock", folder);
}

bool feeds_file_lock(const struct fs *fs, const char *main_file, int patience, int *lock, struct err *e)
{
	char real[PATH_MAX], folder[PATH_MAX];
	*lock = -1;
	if (!realpath(main_file, real)) /* whoever reads it says so */
		return true;
	folder_of(real, folder);
	*lock = fs->open(fs, folder, O_RDONLY | O_DIRECTORY, 0);
	if (*lock < 0)
		return err_set(e, ERR_IO, errno, "%s", folder);
	while (fs->lock(fs, *lock) != 0) {
		if (errno != EWOULDBLOCK || patience-- <= 0) {
			refuse_lock(errno, folder, e);
			feeds_file_unlock(fs, lock);
			return false;
		}
		ask_pause();
	}
	return true;
}

void feeds_file_unlock(const struct fs *fs, int *lock)
{
	if (*lock >= 0)
		fs->close(fs, *lock);
	*lock = -1;
}

/* A file that is there keeps its owner; a new one is for whom the daemon's other file is, as far as whoever writes may say so. */
static struct write_as owner_of(const char *real, const char *like)
{
	struct stat st;
	if (stat(real, &st) == 0)
		return (struct write_as){ st.st_uid, st.st_gid, st.st_mode & 0777 };
	if (stat(like, &st) != 0)
		return (struct write_as){ (uid_t)-1, (gid_t)-1, 0644 };
	bool may = geteuid() == 0 || group_member(st.st_gid);
	return (struct write_as){ (uid_t)-1, may ? st.st_gid : (gid_t)-1, st.st_mode & 0666 };
}

static bool put(
    const struct fs *fs, const char *edited, const char *real, const struct feeds_change *c, struct err *e)
{
	const struct write_as owner = owner_of(real, c->like);
	return write_as(fs, edited, &owner, c->text, e) && c->is_sound(c->ctx, edited) &&
	       (fs->rename(fs, edited, real) == 0 || err_set(e, ERR_IO, errno, "%s", c->path));
}

bool feeds_file_replace(const struct fs *fs, const struct feeds_change *c, struct err *e)
{
	char edited[PATH_MAX], real[PATH_MAX], folder[PATH_MAX];
	if (!realpath(c->path, real))
		snprintf(real, sizeof(real), "%s", c->path);
	folder_of(real, folder);
	/* Hidden, or a pattern of feeds_files would find it. */
	int n = snprintf(edited, sizeof(edited), "%s/.%s.%ld.new", folder,
	    strrchr(real, '/') ? strrchr(real, '/') + 1 : real, (long)getpid());
	if (n < 0 || (size_t)n >= sizeof(edited))
		return err_set(e, ERR_LIMIT, 0, "%s: the path is too long", c->path);
	fs->unlink(fs, edited); /* of a process that had our number and was killed */
	if (!put(fs, edited, real, c, e)) {
		fs->unlink(fs, edited);
		return false;
	}
	return fs->sync_dir(fs, folder) == 0 ||
	       err_set(e, ERR_IO, errno, "%s was changed, but may be lost with the power", c->path);
}
