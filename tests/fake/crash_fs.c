/* crash_fs: counts what changes the disk. */
#include "tests/fake/crash_fs.h"

#include <errno.h>
#include <fcntl.h>

static struct crash_fs *of(const struct fs *fs)
{
	return (struct crash_fs *)(uintptr_t)(const void *)fs;
}

static int fail(int code)
{
	errno = code;
	return -1;
}

/* False: this step must not happen. *last: it is the one that is torn. */
static bool step(struct crash_fs *f, bool *last)
{
	*last = false;
	if (f->dead)
		return false;
	f->steps++;
	if (f->crash_at && f->steps == f->crash_at)
		*last = f->dead = true;
	return true;
}

static int f_open(const struct fs *fs, const char *path, int flags, mode_t mode)
{
	struct crash_fs *f = of(fs);
	bool last;

	if (f->dead || ((flags & O_CREAT) && (!step(f, &last) || last)))
		return fail(EIO);
	if (f->no_descriptors && str_ends(str_from(path), STR(".json")))
		return fail(EMFILE);
	return fs_system.open(&fs_system, path, flags, mode);
}

static int f_close(const struct fs *fs, int fd)
{
	(void)fs;
	return fs_system.close(&fs_system, fd);
}

static ssize_t f_pread(const struct fs *fs, int fd, void *p, size_t n, int64_t offset)
{
	return of(fs)->dead ? fail(EIO) : fs_system.pread(&fs_system, fd, p, n, offset);
}

static ssize_t f_pwrite(const struct fs *fs, int fd, const void *p, size_t n, int64_t offset)
{
	struct crash_fs *f = of(fs);
	bool last;

	if (f->full || (f->file_max && offset + (int64_t)n > f->file_max))
		return fail(ENOSPC);
	if (!step(f, &last))
		return fail(EIO);
	if (!last)
		return fs_system.pwrite(&fs_system, fd, p, n, offset);
	(void)!fs_system.pwrite(&fs_system, fd, p, n / 2, offset);
	return fail(EIO);
}

static ssize_t f_append(const struct fs *fs, int fd, const void *p, size_t n)
{
	struct crash_fs *f = of(fs);
	bool last;

	if (f->full || f->full_for_appends)
		return fail(ENOSPC);
	if (!step(f, &last))
		return fail(EIO);
	if (!last)
		return fs_system.append(&fs_system, fd, p, n);
	(void)!fs_system.append(&fs_system, fd, p, n / 2);
	return fail(EIO);
}

static int f_sync(const struct fs *fs, int fd)
{
	bool last;

	return !step(of(fs), &last) || last ? fail(EIO) : fs_system.sync(&fs_system, fd);
}

static int f_sync_dir(const struct fs *fs, const char *path)
{
	bool last;

	return !step(of(fs), &last) || last ? fail(EIO) : fs_system.sync_dir(&fs_system, path);
}

static int f_rename(const struct fs *fs, const char *from, const char *to)
{
	bool last;

	if (of(fs)->keeps_requests && str_ends(str_from(from), STR(".json")))
		return fail(EACCES);
	return !step(of(fs), &last) || last ? fail(EIO) : fs_system.rename(&fs_system, from, to);
}

static int f_unlink(const struct fs *fs, const char *path)
{
	bool last;

	if (of(fs)->keeps_requests && str_ends(str_from(path), STR(".json")))
		return fail(EACCES);
	return !step(of(fs), &last) || last ? fail(EIO) : fs_system.unlink(&fs_system, path);
}

static int f_mkdir(const struct fs *fs, const char *path, mode_t mode)
{
	bool last;

	return !step(of(fs), &last) || last ? fail(EIO) : fs_system.mkdir(&fs_system, path, mode);
}

static int f_stat(const struct fs *fs, const char *path, struct fs_stat *out)
{
	return of(fs)->dead ? fail(EIO) : fs_system.stat(&fs_system, path, out);
}

static int f_fstat(const struct fs *fs, int fd, struct fs_stat *out)
{
	return of(fs)->dead ? fail(EIO) : fs_system.fstat(&fs_system, fd, out);
}

static int f_lock(const struct fs *fs, int fd)
{
	return fs_system.lock(&fs_system, fd);
	(void)fs;
}

static int f_list(const struct fs *fs, const char *path, fs_list_f *each, void *ctx)
{
	return of(fs)->dead ? fail(EIO) : fs_system.list(&fs_system, path, each, ctx);
}

static int64_t f_free_bytes(const struct fs *fs, const char *path)
{
	return fs_system.free_bytes(&fs_system, path);
	(void)fs;
}

void crash_fs_init(struct crash_fs *f)
{
	*f = (struct crash_fs){
		.fs = {
			.open = f_open,
			.close = f_close,
			.pread = f_pread,
			.pwrite = f_pwrite,
			.append = f_append,
			.sync = f_sync,
			.sync_dir = f_sync_dir,
			.rename = f_rename,
			.unlink = f_unlink,
			.mkdir = f_mkdir,
			.stat = f_stat,
			.fstat = f_fstat,
			.lock = f_lock,
			.list = f_list,
			.free_bytes = f_free_bytes,
		},
	};
}
