/* fault_fs: see the header. The log of operations lies in one shared mapping; a life only ever appends to it. */
#include "tests/fake/fault_fs.h"

#include "daemon/base/attr.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
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
#define FILES_MAX 1024u
#define FILE_MAX ((size_t)4 << 20) /* bytes of one file in the model */
#define SECTOR 512u /* bytes that a disk writes whole */
#define MODEL_PATH_MAX 256

enum op_kind { OP_MAKE, OP_DATA, OP_TRUNCATE, OP_SYNC, OP_SYNC_FAILED, OP_RENAME, OP_UNLINK, OP_SYNC_FOLDER };

struct op { /* a record of the log; data or paths follow */
	enum op_kind kind;
	uint64_t inode;
	int64_t offset;
	size_t n;
	size_t size; /* of the record, with what follows */
	char path[MODEL_PATH_MAX], to[MODEL_PATH_MAX];
	char data[];
};

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

static struct op *log_add(struct fault_fs *f, enum op_kind kind, uint64_t inode, const void *data, size_t n)
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

static const struct op *log_next(const struct fault_fs *f, const struct op *op)
{
	const char *p = op ? (const char *)op + op->size : f->shared->log;

	return p < f->shared->log + f->shared->used ? (const struct op *)(const void *)p : NULL;
}

static uint64_t inode_of(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 ? st.st_ino : 0;
}

static void grave_path(const struct fault_fs *f, uint64_t inode, char out[MODEL_PATH_MAX + 64])
{
	snprintf(out, MODEL_PATH_MAX + 64, "%s/.grave/%llu", f->root, (unsigned long long)inode);
}

static void log_make(struct fault_fs *f, const char *path, uint64_t inode)
{
	char grave[MODEL_PATH_MAX + 64];
	struct op *op = log_add(f, OP_MAKE, inode, NULL, 0);

	snprintf(op->path, sizeof(op->path), "%s", path);
	grave_path(f, inode, grave);
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
	op = log_add(f, OP_DATA, inode_of(fd), p, (size_t)done);
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
		log_add(f, OP_TRUNCATE, inode_of(fd), NULL, 0);
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

	log_add(f, fails ? OP_SYNC_FAILED : OP_SYNC, inode_of(fd), NULL, 0);
	errno = EIO;
	return fails ? -1 : 0;
}

static int fault_sync_dir(const struct fs *fs, const char *path)
{
	struct fault_fs *f = self(fs);
	struct op *op;

	if (step_fails(f, SORT_SYNC))
		return -1;
	op = log_add(f, OP_SYNC_FOLDER, 0, NULL, 0);
	snprintf(op->path, sizeof(op->path), "%s", path);
	return 0;
}

static int fault_rename(const struct fs *fs, const char *from, const char *to)
{
	struct fault_fs *f = self(fs);
	struct op *op;

	if (step_fails(f, SORT_NAME) || fs_system.rename(&fs_system, from, to) < 0)
		return -1;
	op = log_add(f, OP_RENAME, 0, NULL, 0);
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
	op = log_add(f, OP_UNLINK, 0, NULL, 0);
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

struct model_file {
	uint64_t inode;
	const struct op *last_sync;
	char *bytes;
	size_t size;
};

struct model_name {
	char path[MODEL_PATH_MAX];
	uint64_t inode; /* 0: free */
};

struct model {
	struct fault_fs *f;
	struct model_file files[FILES_MAX];
	struct model_name names[FILES_MAX];
	unsigned file_count, name_count;
	uint64_t random;
	uint64_t seed;
};

static uint64_t next_random(struct model *m)
{
	uint64_t z = m->random += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

/* Seeds rotate through: nothing survives, a half, nearly all, nearly nothing. */
static bool survives(struct model *m)
{
	static const unsigned of_eight[] = { 4, 7, 1 };

	return m->seed != 0 && next_random(m) % 8 < of_eight[m->seed % ARRAY_LEN(of_eight)];
}

static struct model_file *model_file(struct model *m, uint64_t inode)
{
	for (unsigned i = 0; i < m->file_count; i++) {
		if (m->files[i].inode == inode)
			return &m->files[i];
	}
	assert(m->file_count < FILES_MAX);
	m->files[m->file_count] = (struct model_file){ .inode = inode, .bytes = calloc(1, FILE_MAX) };
	return &m->files[m->file_count++];
}

static void put(struct model_file *file, size_t offset, const char *p, size_t n)
{
	assert(offset + n <= FILE_MAX);
	memcpy(file->bytes + offset, p, n);
	file->size = offset + n > file->size ? offset + n : file->size;
}

/* An operation is certain when a sync that worked follows, with no failed one before it. */
static bool is_certain(const struct fault_fs *f, const struct op *op)
{
	const uint64_t inode = op->inode;

	while ((op = log_next(f, op))) {
		if (op->inode == inode && op->kind == OP_SYNC)
			return true;
		if (op->inode == inode && op->kind == OP_SYNC_FAILED)
			return false;
	}
	return false;
}

static void replay_data(struct model *m, const struct op *op)
{
	struct model_file *file = model_file(m, op->inode);
	size_t end = (size_t)op->offset + op->n;

	if (is_certain(m->f, op)) {
		put(file, (size_t)op->offset, op->data, op->n);
		return;
	}
	for (size_t at = (size_t)op->offset; at < end;) {
		size_t stop = (at / SECTOR + 1) * SECTOR < end ? (at / SECTOR + 1) * SECTOR : end;

		if (survives(m))
			put(file, at, op->data + (at - (size_t)op->offset), stop - at);
		at = stop;
	}
	if (survives(m) && end > file->size)
		file->size = end; /* the length is on the disk, the bytes are not: a hole of zeros */
}

static struct model_name *model_name(struct model *m, const char *path)
{
	struct model_name *unused = NULL;

	for (unsigned i = 0; i < m->name_count; i++) {
		if (m->names[i].inode && strcmp(m->names[i].path, path) == 0)
			return &m->names[i];
		if (!m->names[i].inode)
			unused = &m->names[i];
	}
	if (!unused) {
		assert(m->name_count < FILES_MAX);
		unused = &m->names[m->name_count++];
	}
	snprintf(unused->path, sizeof(unused->path), "%s", path);
	unused->inode = 0;
	return unused;
}

static void replay_name(struct model *m, const struct op *op)
{
	struct model_name *n = model_name(m, op->path);
	uint64_t inode = n->inode;

	if (op->kind == OP_MAKE) {
		n->inode = op->inode;
		return;
	}
	n->inode = 0;
	if (op->kind == OP_RENAME)
		model_name(m, op->to)->inode = inode;
}

static bool is_name_change(const struct op *op)
{
	return op->kind == OP_MAKE || op->kind == OP_RENAME || op->kind == OP_UNLINK;
}

static bool in_folder(const struct op *op, const char *folder)
{
	size_t n = strlen(folder);

	return strncmp(op->path, folder, n) == 0 && op->path[n] == '/' && !strchr(op->path + n + 1, '/');
}

/* Changes of names in one folder happen in order; those behind its last sync may be undone, from some point on. */
static bool name_is_certain(const struct fault_fs *f, const struct op *op)
{
	const struct op *later = op;

	while ((later = log_next(f, later))) {
		if (later->kind == OP_SYNC_FOLDER && in_folder(op, later->path))
			return true;
	}
	return false;
}

static bool same_folder(const char *a, const char *b)
{
	const char *slash = strrchr(a, '/');
	size_t n = slash ? (size_t)(slash - a) + 1 : 0;

	return strncmp(a, b, n) == 0 && !strchr(b + n, '/');
}

static void replay(struct model *m)
{
	char stopped[16][MODEL_PATH_MAX]; /* a path in each folder whose later changes are undone */
	unsigned stops = 0;

	for (const struct op *op = NULL; (op = log_next(m->f, op));) {
		bool undone = false;

		if (op->kind == OP_DATA)
			replay_data(m, op);
		if (op->kind == OP_TRUNCATE) {
			model_file(m, op->inode)->size = 0;
			memset(model_file(m, op->inode)->bytes, 0, FILE_MAX);
		}
		if (!is_name_change(op))
			continue;
		if (op->kind == OP_MAKE)
			model_file(m, op->inode);
		for (unsigned i = 0; i < stops; i++)
			undone |= same_folder(stopped[i], op->path);
		if (!undone && !name_is_certain(m->f, op) && !survives(m)) {
			assert(stops < ARRAY_LEN(stopped));
			snprintf(stopped[stops++], MODEL_PATH_MAX, "%s", op->path);
			undone = true;
		}
		if (!undone)
			replay_name(m, op);
	}
}

static void remove_names(const char *folder)
{
	DIR *d = opendir(folder);
	const struct dirent *n;
	char below[2 * MODEL_PATH_MAX + 64];

	while (d && (n = readdir(d))) {
		if (strcmp(n->d_name, ".") == 0 || strcmp(n->d_name, "..") == 0 ||
		    strcmp(n->d_name, ".grave") == 0)
			continue;
		snprintf(below, sizeof(below), "%.*s/%s", MODEL_PATH_MAX + 60, folder, n->d_name);
		if (unlink(below) < 0)
			remove_names(below);
	}
	if (d)
		closedir(d);
}

/* Writes the model back, into the same inodes, and takes it as the new certain state. */
static void write_back(struct model *m)
{
	struct fault_fs *f = m->f;
	char grave[MODEL_PATH_MAX + 64];

	remove_names(f->root);
	for (unsigned i = 0; i < m->file_count; i++) {
		struct model_file *file = &m->files[i];
		int fd;

		grave_path(f, file->inode, grave);
		fd = open(grave, O_WRONLY | O_TRUNC | O_CLOEXEC);
		assert(fd >= 0 && pwrite(fd, file->bytes, file->size, 0) == (ssize_t)file->size);
		close(fd);
	}
	f->shared->used = 0;
	for (unsigned i = 0; i < m->name_count; i++) {
		struct model_name *n = &m->names[i];
		struct op *op;
		struct model_file *file;

		if (!n->inode)
			continue;
		grave_path(f, n->inode, grave);
		assert(link(grave, n->path) == 0);
		op = log_add(f, OP_MAKE, n->inode, NULL, 0);
		snprintf(op->path, sizeof(op->path), "%s", n->path);
		file = model_file(m, n->inode);
		log_add(f, OP_DATA, n->inode, file->bytes, file->size);
		log_add(f, OP_SYNC, n->inode, NULL, 0);
		op = log_add(f, OP_SYNC_FOLDER, 0, NULL, 0);
		snprintf(op->path, sizeof(op->path), "%.*s", (int)(strrchr(n->path, '/') - n->path), n->path);
	}
}

void fault_fs_power_loss(struct fault_fs *f, uint64_t seed)
{
	struct model *m = calloc(1, sizeof(*m));

	assert(m);
	m->f = f;
	m->seed = seed;
	m->random = seed * 7919;
	replay(m);
	write_back(m);
	for (unsigned i = 0; i < m->file_count; i++)
		free(m->files[i].bytes);
	free(m);
}
