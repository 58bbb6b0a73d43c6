/* fault_fs: see the header. */
#include "tests/fake/fault_fs_priv.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOG_SIZE ((size_t)512 << 20) /* bytes of address space; a scenario fills a few of them */
#define DESCRIPTORS 1024
#define STEPS_MAX 16384u

struct shared {
	size_t used;
	unsigned steps;
	unsigned char sort[STEPS_MAX];
	_Alignas(max_align_t) char log[]; /* of struct op; their sizes keep the alignment */
};

enum sort { SORT_READ, SORT_OPEN, SORT_WRITE, SORT_APPEND, SORT_SYNC, SORT_NAME, SORTS };
static const int sort_errno[SORTS] = { EIO, EMFILE, ENOSPC, ENOSPC, EIO, EIO };

struct fault_fs {
	struct fs fs; /* first: the seam's pointer is ours */
	char root[MODEL_PATH_MAX];
	struct shared *shared;
	struct fault_plan plan;
	bool torn; /* FAULT_TEAR has happened: the next write fails */
	bool quiet[DESCRIPTORS]; /* belongs to a file whose changes nobody follows */
	bool busy; /* inside on_change: its own calls are no steps */
	fault_fs_changed_f *changed;
	const char *followed;
	void *ctx;
};

static struct fault_fs *self(const struct fs *fs)
{
	return (struct fault_fs *)(uintptr_t)fs;
}

struct op *fault_log_add(struct fault_fs *f, enum op_kind kind, uint64_t inode, const void *data, size_t n)
{
	struct shared *s = f->shared;
	struct op *op = (struct op *)(void *)(s->log + s->used);
	size_t size = (sizeof(*op) + n + 15) / 16 * 16;

	assert(s->used + size < LOG_SIZE - sizeof(*s));
	memset(op, 0, sizeof(*op));
	op->kind = kind;
	op->inode = inode;
	op->n = n;
	op->size = size;
	if (data)
		memcpy(op->data, data, n);
	s->used += size;
	return op;
}

const struct op *fault_log_next(const struct fault_fs *f, const struct op *op)
{
	const char *p = op ? (const char *)op + op->size : f->shared->log;

	return p < f->shared->log + f->shared->used ? (const struct op *)(const void *)p : NULL;
}

void fault_log_clear(struct fault_fs *f)
{
	f->shared->used = 0;
}

const char *fault_fs_root(const struct fault_fs *f)
{
	return f->root;
}

static uint64_t inode_of(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 ? st.st_ino : 0;
}

void fault_fs_grave(const struct fault_fs *f, uint64_t inode, char out[MODEL_PATH_MAX + 64])
{
	snprintf(out, MODEL_PATH_MAX + 64, "%s/.grave/%llu", f->root, (unsigned long long)inode);
}

static void log_make(struct fault_fs *f, const char *path, uint64_t inode)
{
	char grave[MODEL_PATH_MAX + 64];
	struct op *op = fault_log_add(f, OP_MAKE, inode, NULL, 0);

	snprintf(op->path, sizeof(op->path), "%s", path);
	fault_fs_grave(f, inode, grave);
	assert(link(path, grave) == 0);
}

static void changed(struct fault_fs *f)
{
	if (!f->changed || f->busy)
		return;
	f->busy = true;
	f->changed(f->ctx);
	f->busy = false;
}

/* Counts the call. True: it shall fail, errno is set. */
static bool step_fails(struct fault_fs *f, enum sort sort)
{
	struct shared *s = f->shared;
	const struct fault_plan *p = &f->plan;

	s->steps++;
	if (s->steps < STEPS_MAX)
		s->sort[s->steps] = (unsigned char)sort;
	errno = sort_errno[sort];
	if (f->torn && (sort == SORT_WRITE || sort == SORT_APPEND)) {
		f->torn = false;
		return true;
	}
	if (s->steps < p->step || p->step == 0)
		return false;
	if (p->kind == FAULT_KILL && s->steps == p->step)
		_exit(FAULT_EXIT);
	if (p->then_kill && s->steps == p->step + p->then_kill)
		_exit(FAULT_EXIT);
	if (p->kind == FAULT_ONCE)
		return s->steps == p->step;
	if (p->kind == FAULT_SPELL && s->steps > p->step + FAULT_SPELL_STEPS)
		return false;
	return (p->kind == FAULT_FOREVER || p->kind == FAULT_SPELL) && s->sort[p->step] == sort;
}

/* How much of a write of n bytes is done. */
static size_t torn_length(struct fault_fs *f, size_t n, int64_t offset)
{
	const struct fault_plan *p = &f->plan;
	size_t page = 4096 - (size_t)(offset % 4096);
	size_t parts[FAULT_TEARS] = { 1, n / 3, n - 1, page < n ? page : n / 2, n > 100 ? n - 100 : n };

	if (f->shared->steps != p->step || (p->kind != FAULT_TEAR && p->kind != FAULT_TEAR_KILL) || n < 2)
		return n;
	return parts[p->tear];
}

static ssize_t after_write(struct fault_fs *f, int fd, const void *p, size_t n, ssize_t done, int64_t offset)
{
	struct op *op;

	if (done < 0)
		return done;
	op = fault_log_add(f, OP_DATA, inode_of(fd), p, (size_t)done);
	op->offset = offset;
	if (!f->quiet[fd % DESCRIPTORS])
		changed(f);
	if (f->shared->steps == f->plan.step && f->plan.kind == FAULT_TEAR_KILL)
		_exit(FAULT_EXIT);
	f->torn = (size_t)done < n;
	return done;
}

static int fault_open(const struct fs *fs, const char *path, int flags, mode_t mode)
{
	struct fault_fs *f = self(fs);
	struct stat st;
	bool fresh = (flags & O_CREAT) && lstat(path, &st) < 0;
	int fd;

	if (step_fails(f, SORT_OPEN))
		return -1;
	fd = fs_system.open(&fs_system, path, flags, mode);
	if (fd >= 0 && fresh)
		log_make(f, path, inode_of(fd));
	else if (fd >= 0 && (flags & O_TRUNC))
		fault_log_add(f, OP_TRUNCATE, inode_of(fd), NULL, 0);
	if (fd >= 0)
		f->quiet[fd % DESCRIPTORS] = !strstr(path, f->followed);
	if (fd >= 0 && fresh)
		changed(f);
	return fd;
}

static int fault_close(const struct fs *fs, int fd)
{
	(void)fs;
	return fs_system.close(&fs_system, fd);
}

static ssize_t fault_pread(const struct fs *fs, int fd, void *p, size_t n, int64_t offset)
{
	return step_fails(self(fs), SORT_READ) ? -1 : fs_system.pread(&fs_system, fd, p, n, offset);
}

static ssize_t fault_pwrite(const struct fs *fs, int fd, const void *p, size_t n, int64_t offset)
{
	struct fault_fs *f = self(fs);

	if (step_fails(f, SORT_WRITE))
		return -1;
	return after_write(
	    f, fd, p, n, fs_system.pwrite(&fs_system, fd, p, torn_length(f, n, offset), offset), offset);
}

static ssize_t fault_append(const struct fs *fs, int fd, const void *p, size_t n)
{
	struct fault_fs *f = self(fs);
	struct stat st;

	if (step_fails(f, SORT_APPEND))
		return -1;
	assert(fstat(fd, &st) == 0);
	return after_write(
	    f, fd, p, n, fs_system.append(&fs_system, fd, p, torn_length(f, n, st.st_size)), st.st_size);
}

static int fault_sync(const struct fs *fs, int fd)
{
	struct fault_fs *f = self(fs);
	bool fails = step_fails(f, SORT_SYNC);

	fault_log_add(f, fails ? OP_SYNC_FAILED : OP_SYNC, inode_of(fd), NULL, 0);
	errno = EIO;
	return fails ? -1 : 0;
}

static int fault_sync_dir(const struct fs *fs, const char *path)
{
	struct fault_fs *f = self(fs);
	struct op *op;

	if (step_fails(f, SORT_SYNC))
		return -1;
	op = fault_log_add(f, OP_SYNC_FOLDER, 0, NULL, 0);
	snprintf(op->path, sizeof(op->path), "%s", path);
	return 0;
}

static int fault_rename(const struct fs *fs, const char *from, const char *to)
{
	struct fault_fs *f = self(fs);
	struct op *op;

	if (step_fails(f, SORT_NAME) || fs_system.rename(&fs_system, from, to) < 0)
		return -1;
	op = fault_log_add(f, OP_RENAME, 0, NULL, 0);
	snprintf(op->path, sizeof(op->path), "%s", from);
	snprintf(op->to, sizeof(op->to), "%s", to);
	changed(f);
	return 0;
}

static int fault_unlink(const struct fs *fs, const char *path)
{
	struct fault_fs *f = self(fs);
	struct op *op;

	if (step_fails(f, SORT_NAME) || fs_system.unlink(&fs_system, path) < 0)
		return -1;
	op = fault_log_add(f, OP_UNLINK, 0, NULL, 0);
	snprintf(op->path, sizeof(op->path), "%s", path);
	changed(f);
	return 0;
}

static int fault_mkdir(const struct fs *fs, const char *path, mode_t mode)
{
	return step_fails(self(fs), SORT_NAME) ? -1 : fs_system.mkdir(&fs_system, path, mode);
}

static int fault_stat(const struct fs *fs, const char *path, struct fs_stat *out)
{
	return step_fails(self(fs), SORT_READ) ? -1 : fs_system.stat(&fs_system, path, out);
}

static int fault_fstat(const struct fs *fs, int fd, struct fs_stat *out)
{
	return step_fails(self(fs), SORT_READ) ? -1 : fs_system.fstat(&fs_system, fd, out);
}

static int fault_lock(const struct fs *fs, int fd)
{
	return step_fails(self(fs), SORT_READ) ? -1 : fs_system.lock(&fs_system, fd);
}

static int fault_list(const struct fs *fs, const char *path, fs_list_f *each, void *ctx)
{
	return step_fails(self(fs), SORT_READ) ? -1 : fs_system.list(&fs_system, path, each, ctx);
}

static int64_t fault_free_bytes(const struct fs *fs, const char *path)
{
	(void)fs;
	return fs_system.free_bytes(&fs_system, path);
}

struct fault_fs *fault_fs_new(const char *root)
{
	struct fault_fs *f = calloc(1, sizeof(*f));
	char grave[MODEL_PATH_MAX + 64];

	assert(f);
	f->fs = (struct fs){ fault_open, fault_close, fault_pread, fault_pwrite, fault_append, fault_sync,
		fault_sync_dir, fault_rename, fault_unlink, fault_mkdir, fault_stat, fault_fstat, fault_lock,
		fault_list, fault_free_bytes };
	snprintf(f->root, sizeof(f->root), "%s", root);
	f->followed = "";
	f->shared =
	    mmap(NULL, LOG_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	assert(f->shared != MAP_FAILED);
	mkdir(root, 0700);
	snprintf(grave, sizeof(grave), "%s/.grave", root);
	mkdir(grave, 0700);
	return f;
}

static void empty_folder(const char *path, bool and_itself)
{
	DIR *d = opendir(path);
	const struct dirent *n;
	char below[2 * MODEL_PATH_MAX + 64];

	while (d && (n = readdir(d))) {
		if (strcmp(n->d_name, ".") == 0 || strcmp(n->d_name, "..") == 0)
			continue;
		snprintf(below, sizeof(below), "%.*s/%s", MODEL_PATH_MAX + 60, path, n->d_name);
		if (unlink(below) < 0)
			empty_folder(below, strcmp(n->d_name, ".grave") != 0);
	}
	if (d)
		closedir(d);
	if (and_itself)
		rmdir(path);
}

void fault_fs_free(struct fault_fs **f)
{
	char grave[MODEL_PATH_MAX + 64];

	if (!*f)
		return;
	empty_folder((*f)->root, false);
	snprintf(grave, sizeof(grave), "%s/.grave", (*f)->root);
	rmdir(grave);
	rmdir((*f)->root);
	munmap((*f)->shared, LOG_SIZE);
	free(*f);
	*f = NULL;
}

const struct fs *fault_fs_seam(struct fault_fs *f)
{
	return &f->fs;
}

void fault_fs_wipe(struct fault_fs *f)
{
	empty_folder(f->root, false);
	f->shared->used = 0;
}

void fault_fs_plan(struct fault_fs *f, struct fault_plan plan)
{
	f->plan = plan;
	f->torn = false;
	f->shared->steps = 0;
}

unsigned fault_fs_steps(const struct fault_fs *f)
{
	return f->shared->steps;
}

bool fault_fs_step_writes(const struct fault_fs *f, unsigned step)
{
	return f->shared->sort[step] == SORT_WRITE || f->shared->sort[step] == SORT_APPEND;
}

bool fault_fs_step_changes(const struct fault_fs *f, unsigned step)
{
	return f->shared->sort[step] != SORT_READ;
}

bool fault_fs_step_syncs(const struct fault_fs *f, unsigned step)
{
	return f->shared->sort[step] == SORT_SYNC;
}

void fault_fs_on_change(struct fault_fs *f, const char *followed, fault_fs_changed_f *callback, void *ctx)
{
	f->followed = followed;
	f->changed = callback;
	f->ctx = ctx;
}
