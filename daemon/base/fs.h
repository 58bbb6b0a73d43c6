/*
 * fs: the seam to the disk. Everything that the store does to files goes through these few calls, so that tests
 * can fail, tear, reorder or kill at each of them. Each returns -1 with errno set, as the system does.
 */
#ifndef BASE_FS_H
#define BASE_FS_H

#include "daemon/base/err.h"
#include "daemon/base/str.h"

#include <stdint.h>
#include <sys/types.h>

struct fs_stat {
	uint64_t inode, device;
	int64_t size;
	int64_t mtime_ms;
	mode_t mode;
};

typedef bool fs_list_f(void *ctx, const char *name); /* false: stop */

struct fs {
	int (*open)(const struct fs *, const char *path, int flags,
	    mode_t mode); /* adds O_CLOEXEC, and O_NOFOLLOW when it may write or create */
	int (*close)(const struct fs *, int fd);
	ssize_t (*pread)(const struct fs *, int fd, void *p, size_t n, int64_t offset);
	ssize_t (*pwrite)(const struct fs *, int fd, const void *p, size_t n, int64_t offset);
	ssize_t (*append)(
	    const struct fs *, int fd, const void *p, size_t n); /* write(2) on an O_APPEND descriptor */
	int (*sync)(const struct fs *, int fd); /* fdatasync */
	int (*sync_dir)(const struct fs *, const char *path);
	int (*rename)(const struct fs *, const char *from, const char *to);
	int (*unlink)(const struct fs *, const char *path);
	int (*mkdir)(const struct fs *, const char *path, mode_t mode);
	int (*stat)(const struct fs *, const char *path, struct fs_stat *out); /* lstat */
	int (*fstat)(const struct fs *, int fd, struct fs_stat *out);
	int (*lock)(const struct fs *, int fd); /* flock LOCK_EX|LOCK_NB */
	int (*list)(const struct fs *, const char *path, fs_list_f *each, void *ctx); /* without . and .. */
	int64_t (*free_bytes)(const struct fs *, const char *path); /* statvfs: available to us */
};

extern const struct fs fs_system;

/* Helpers over the seam. All loops over short transfers and EINTR live here. */
bool fs_write_all(
    const struct fs *, int fd, const void *p, size_t n, int64_t offset, struct err *) MUST_CHECK;
bool fs_append_all(const struct fs *, int fd, const void *p, size_t n, size_t *done, struct err *) MUST_CHECK;
/* Reads up to n bytes (fewer at the end of the file); -1 on failure. */
ssize_t fs_read_full(const struct fs *, int fd, void *p, size_t n, int64_t offset);

/* The whole file into a fresh malloc'd buffer with a NUL behind it; fails beyond `limit`. */
struct buf;
bool fs_read_file(
    const struct fs *, const char *path, size_t limit, struct buf *out, struct err *) MUST_CHECK;

/* No process has a lock of fcntl(2) on the file, for certain; false: one has, or it cannot be known. Takes none itself, so that whoever starts to
 * lock meets nobody. Not while this process has the file open and locked: closing it here would end that lock. */
bool fs_is_unlocked(const char *path);

/* path.tmp, fsync, rename, fsync of the folder: the new contents or the old, never a mixture. */
bool fs_replace_file(
    const struct fs *, const char *path, struct str contents, mode_t mode, struct err *) MUST_CHECK;

/* mkdir -p; the names of new folders are on the disk afterwards. */
bool fs_make_dirs(const struct fs *, const char *path, mode_t mode, struct err *) MUST_CHECK;

#endif
