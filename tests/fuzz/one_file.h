/* one_file: a disk with one file, that of the fuzzer: for what reads through the seam. */
#ifndef FUZZ_ONE_FILE_H
#define FUZZ_ONE_FILE_H

#include "daemon/base/fs.h"

static struct str one_file;

static int one_file_open(const struct fs *fs, const char *path, int flags, mode_t mode)
{
	(void)fs, (void)path, (void)flags, (void)mode;
	return 0;
}

static int one_file_close(const struct fs *fs, int fd)
{
	(void)fs, (void)fd;
	return 0;
}

static ssize_t one_file_pread(const struct fs *fs, int fd, void *p, size_t n, int64_t offset)
{
	struct str rest =
	    str_skip(one_file, offset < 0 || (uint64_t)offset > one_file.n ? one_file.n : (size_t)offset);

	(void)fs, (void)fd;
	n = n < rest.n ? n : rest.n;
	memcpy(p, rest.n ? rest.p : "", n);
	return (ssize_t)n;
}

static int one_file_fstat(const struct fs *fs, int fd, struct fs_stat *out)
{
	(void)fs, (void)fd;
	*out = (struct fs_stat){ .size = (int64_t)one_file.n };
	return 0;
}

static inline const struct fs *one_file_disk(void)
{
	static const struct fs fs = { .open = one_file_open,
		.close = one_file_close,
		.pread = one_file_pread,
		.fstat = one_file_fstat };

	return &fs;
}

#endif
