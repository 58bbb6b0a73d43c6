/* fs: the real disk behind the seam, and the helpers that every user of it needs. The home of open, write and rename. */
#include "daemon/base/fs.h"

#include "daemon/base/buf.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

static int system_open(const struct fs *fs, const char *path, int flags, mode_t mode)
{
	(void)fs;
	/* A link in the place of a file that we are about to write is an attack; one that we only read is how people arrange /etc. */
	if ((flags & O_ACCMODE) != O_RDONLY || (flags & O_CREAT))
		flags |= O_NOFOLLOW;
	return (int)TEMP_FAILURE_RETRY(open(path, flags | O_CLOEXEC, mode));
}

static int system_close(const struct fs *fs, int fd)
{
	(void)fs;
	/* Linux has released the descriptor even when it says EINTR: never twice. */
	return close(fd);
}

static ssize_t system_pread(const struct fs *fs, int fd, void *p, size_t n, int64_t offset)
{
	(void)fs;
	return pread(fd, p, n, offset);
}

static ssize_t system_pwrite(const struct fs *fs, int fd, const void *p, size_t n, int64_t offset)
{
	(void)fs;
	return pwrite(fd, p, n, offset);
}

static ssize_t system_append(const struct fs *fs, int fd, const void *p, size_t n)
{
	(void)fs;
	return write(fd, p, n);
}

static int system_sync(const struct fs *fs, int fd)
{
	(void)fs;
	return fdatasync(fd);
}

static int system_sync_dir(const struct fs *fs, const char *path)
{
	(void)fs;
	int fd = (int)TEMP_FAILURE_RETRY(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	if (fd < 0)
		return -1;
	int rc = fsync(fd);
	int saved = errno;
	close(fd);
	errno = saved;
	return rc;
}

static int system_rename(const struct fs *fs, const char *from, const char *to)
{
	(void)fs;
	return rename(from, to);
}

static int system_unlink(const struct fs *fs, const char *path)
{
	(void)fs;
	return unlink(path);
}

static int system_mkdir(const struct fs *fs, const char *path, mode_t mode)
{
	(void)fs;
	return mkdir(path, mode);
}

static void take_stat(const struct stat *st, struct fs_stat *out)
{
	*out = (struct fs_stat){
		.inode = st->st_ino,
		.device = st->st_dev,
		.size = st->st_size,
		.mtime_ms = (int64_t)st->st_mtim.tv_sec * 1000 + st->st_mtim.tv_nsec / 1000000,
		.mode = st->st_mode,
	};
}

static int system_stat(const struct fs *fs, const char *path, struct fs_stat *out)
{
	(void)fs;
	struct stat st;
	if (lstat(path, &st) != 0)
		return -1;
	take_stat(&st, out);
	return 0;
}

static int system_fstat(const struct fs *fs, int fd, struct fs_stat *out)
{
	(void)fs;
	struct stat st;
	if (fstat(fd, &st) != 0)
		return -1;
	take_stat(&st, out);
	return 0;
}

static int system_lock(const struct fs *fs, int fd)
{
	(void)fs;
	return (int)TEMP_FAILURE_RETRY(flock(fd, LOCK_EX | LOCK_NB));
}

bool fs_is_unlocked(const char *path)
{
	struct flock any = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int fd = system_open(&fs_system, path, O_RDONLY | O_NONBLOCK, 0);
	bool free = fd >= 0 && fcntl(fd, F_OFD_GETLK, &any) == 0 && any.l_type == F_UNLCK;
	if (fd >= 0)
		close(fd);
	return free;
}

static bool is_dot(const char *name)
{
	return name[0] == '.' && (name[1] == '\0' || (name[1] == '.' && name[2] == '\0'));
}

static int system_list(const struct fs *fs, const char *path, fs_list_f *each, void *ctx)
{
	(void)fs;
	DIR *folder = opendir(path);
	if (!folder)
		return -1;
	const struct dirent *entry;
	bool more = true;
	errno = 0;
	while (more && (entry = readdir(folder))) {
		more = is_dot(entry->d_name) || each(ctx, entry->d_name);
		errno = 0;
	}
	/* Only readdir's own word counts: what `each` left in errno was cleared. */
	int failed = errno;
	closedir(folder);
	errno = failed;
	return failed ? -1 : 0;
}

static int64_t system_free_bytes(const struct fs *fs, const char *path)
{
	(void)fs;
	struct statvfs st;
	if (statvfs(path, &st) != 0)
		return -1;
	uint64_t bytes;
	if (__builtin_mul_overflow((uint64_t)st.f_bavail, (uint64_t)st.f_frsize, &bytes) || bytes > INT64_MAX)
		return INT64_MAX;
	return (int64_t)bytes;
}

const struct fs fs_system = {
	.open = system_open,
	.close = system_close,
	.pread = system_pread,
	.pwrite = system_pwrite,
	.append = system_append,
	.sync = system_sync,
	.sync_dir = system_sync_dir,
	.rename = system_rename,
	.unlink = system_unlink,
	.mkdir = system_mkdir,
	.stat = system_stat,
	.fstat = system_fstat,
	.lock = system_lock,
	.list = system_list,
	.free_bytes = system_free_bytes,
};

bool fs_write_all(const struct fs *fs, int fd, const void *p, size_t n, int64_t offset, struct err *e)
{
	const char *from = p;
	while (n > 0) {
		ssize_t done = fs->pwrite(fs, fd, from, n, offset);
		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return err_set(e, ERR_IO, done < 0 ? errno : ENOSPC, "write");
		from += done;
		n -= (size_t)done;
		offset += done;
	}
	return true;
}

bool fs_append_all(const struct fs *fs, int fd, const void *p, size_t n, size_t *done, struct err *e)
{
	const char *from = p;
	size_t at = 0;
	bool good = true;
	while (good && at < n) {
		ssize_t wrote = fs->append(fs, fd, from + at, n - at);
		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote <= 0)
			good = err_set(e, ERR_IO, wrote < 0 ? errno : ENOSPC, "append");
		else
			at += (size_t)wrote;
	}
	if (done)
		*done = at;
	return good;
}

ssize_t fs_read_full(const struct fs *fs, int fd, void *p, size_t n, int64_t offset)
{
	char *to = p;
	size_t at = 0;
	while (at < n) {
		ssize_t got = fs->pread(fs, fd, to + at, n - at, offset + (int64_t)at);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		at += (size_t)got;
	}
	return (ssize_t)at;
}

/* Reads to the end in growing steps: the size that stat gave may be old, or 0 for files of /proc. */
static bool read_to_end(
    const struct fs *fs, int fd, const char *path, size_t limit, struct buf *out, struct err *e)
{
	struct fs_stat st;
	if (fs->fstat(fs, fd, &st) != 0)
		return err_set(e, ERR_IO, errno, "%s", path);
	if (S_ISDIR(st.mode))
		return err_set(e, ERR_IO, EISDIR, "%s", path);
	if (S_ISFIFO(st.mode))
		return err_set(e, ERR_IO, 0, "%s: is a pipe, not a file", path);
	size_t step = st.size > 0 && (uint64_t)st.size <= limit ? (size_t)st.size + 1 : 4096;
	buf_init(out, limit < SIZE_MAX - 2 ? limit + 2 : limit);
	for (;;) {
		char *to = buf_reserve(out, step < out->limit - out->n ? step : out->limit - out->n);
		if (!to)
			return err_nomem(e);
		size_t room =
		    out->room - out->n < out->limit - out->n ? out->room - out->n : out->limit - out->n;
		ssize_t got = fs_read_full(fs, fd, to, room, (int64_t)out->n);
		if (got < 0)
			return err_set(e, ERR_IO, errno, "%s", path);
		buf_grown(out, (size_t)got);
		if (out->n > limit)
			return err_set(e, ERR_LIMIT, 0, "%s: more than %zu bytes", path, limit);
		if ((size_t)got < room)
			return true;
		step = out->n;
	}
}

bool fs_read_file(const struct fs *fs, const char *path, size_t limit, struct buf *out, struct err *e)
{
	buf_init(out, limit);
	/* Not blocking: a named pipe in a folder of configuration must not hold the daemon up until somebody writes to it. */
	int fd = fs->open(fs, path, O_RDONLY | O_NOCTTY | O_NONBLOCK, 0);
	if (fd < 0)
		return err_set(e, ERR_IO, errno, "%s", path);
	bool good = read_to_end(fs, fd, path, limit, out, e);
	fs->close(fs, fd);
	if (good) {
		buf_byte(out, '\0');
		if (out->failed)
			good = err_nomem(e);
		else
			out->n--;
	}
	if (!good)
		buf_fini(out);
	return good;
}

/* The folder that holds `path`; "." when it names none. */
static bool folder_of(const char *path, char *out, size_t room)
{
	const char *slash = strrchr(path, '/');
	size_t n = slash ? (size_t)(slash - path) : 1;
	if (slash == path)
		n = 1;
	if (n >= room)
		return false;
	memcpy(out, slash ? path : ".", n);
	out[n] = '\0';
	return true;
}

static bool write_new(const struct fs *fs, const char *path, struct str contents, mode_t mode, struct err *e)
{
	int fd = fs->open(fs, path, O_WRONLY | O_CREAT | O_TRUNC, mode);
	if (fd < 0)
		return err_set(e, ERR_IO, errno, "%s", path);
	bool good = fs_write_all(fs, fd, contents.p, contents.n, 0, e);
	if (good && fs->sync(fs, fd) != 0)
		good = err_set(e, ERR_IO, errno, "%s: sync", path);
	if (fs->close(fs, fd) != 0 && good)
		good = err_set(e, ERR_IO, errno, "%s: close", path);
	return good;
}

bool fs_replace_file(const struct fs *fs, const char *path, struct str contents, mode_t mode, struct err *e)
{
	char fresh[PATH_MAX];
	char folder[PATH_MAX];
	struct stat st;
	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
		return err_set(e, ERR_IO, 0, "%s: not a regular file", path);
	int n = snprintf(fresh, sizeof(fresh), "%s.tmp", path);
	if (n < 0 || (size_t)n >= sizeof(fresh) || !folder_of(path, folder, sizeof(folder)))
		return err_set(e, ERR_IO, ENAMETOOLONG, "%s", path);
	if (!write_new(fs, fresh, contents, mode, e)) {
		fs->unlink(fs, fresh);
		return false;
	}
	if (fs->rename(fs, fresh, path) != 0) {
		err_set(e, ERR_IO, errno, "%s: rename", path);
		fs->unlink(fs, fresh);
		return false;
	}
	if (fs->sync_dir(fs, folder) != 0)
		return err_set(e, ERR_IO, errno, "%s: sync", folder);
	return true;
}

/* What is synced in a folder is lost with its name: that must be on the disk too. */
static bool make_one(const struct fs *fs, const char *path, mode_t mode, struct err *e)
{
	char folder[PATH_MAX];
	if (fs->mkdir(fs, path, mode) != 0)
		return errno == EEXIST || err_set(e, ERR_IO, errno, "%s: mkdir", path);
	if (!folder_of(path, folder, sizeof(folder)) || fs->sync_dir(fs, folder) != 0)
		return err_set(e, ERR_IO, errno, "%s: sync of the folder around it", path);
	return true;
}

bool fs_make_dirs(const struct fs *fs, const char *path, mode_t mode, struct err *e)
{
	char part[PATH_MAX];
	size_t n = strlen(path);
	if (n == 0 || n >= sizeof(part))
		return err_set(e, ERR_IO, n == 0 ? ENOENT : ENAMETOOLONG, "%s", path);
	memcpy(part, path, n + 1);
	struct fs_stat st;
	for (size_t i = 1; i < n; i++) {
		if (part[i] != '/')
			continue;
		part[i] = '\0';
		/* An existing parent may be one that we may not write: asking is allowed where making is not. */
		if (fs->stat(fs, part, &st) != 0 && !make_one(fs, part, mode, e))
			return false;
		part[i] = '/';
	}
	if (fs->stat(fs, part, &st) != 0)
		return make_one(fs, part, mode, e);
	if (!S_ISDIR(st.mode) && !S_ISLNK(st.mode))
		return err_set(e, ERR_IO, ENOTDIR, "%s", path);
	return true;
}
