/*
 * The power cut of fault_fs: replays the log, leaves out what was not certain by the luck of the seed, and writes what is left back into the
 * same inodes.
 */
#include "tests/fake/fault_fs_priv.h"

#include "daemon/base/attr.h"

#include <assert.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILES_MAX 1024u
#define FILE_MAX ((size_t)4 << 20) /* bytes of one file in the model */
#define SECTOR 512u /* bytes that a disk writes whole */

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

	while ((op = fault_log_next(f, op))) {
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

	while ((later = fault_log_next(f, later))) {
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

	for (const struct op *op = NULL; (op = fault_log_next(m->f, op));) {
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

	remove_names(fault_fs_root(f));
	for (unsigned i = 0; i < m->file_count; i++) {
		struct model_file *file = &m->files[i];
		int fd;

		fault_fs_grave(f, file->inode, grave);
		fd = open(grave, O_WRONLY | O_TRUNC | O_CLOEXEC);
		assert(fd >= 0 && pwrite(fd, file->bytes, file->size, 0) == (ssize_t)file->size);
		close(fd);
	}
	fault_log_clear(f);
	for (unsigned i = 0; i < m->name_count; i++) {
		struct model_name *n = &m->names[i];
		struct op *op;
		struct model_file *file;

		if (!n->inode)
			continue;
		fault_fs_grave(f, n->inode, grave);
		assert(link(grave, n->path) == 0);
		op = fault_log_add(f, OP_MAKE, n->inode, NULL, 0);
		snprintf(op->path, sizeof(op->path), "%s", n->path);
		file = model_file(m, n->inode);
		fault_log_add(f, OP_DATA, n->inode, file->bytes, file->size);
		fault_log_add(f, OP_SYNC, n->inode, NULL, 0);
		op = fault_log_add(f, OP_SYNC_FOLDER, 0, NULL, 0);
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
