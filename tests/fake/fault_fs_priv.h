/* Of fault_fs and its power cut: the log of what was done, in one shared mapping; a life only ever appends to it. */
#ifndef FAKE_FAULT_FS_PRIV_H
#define FAKE_FAULT_FS_PRIV_H

#include "tests/fake/fault_fs.h"

#include <stddef.h>

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

struct op *fault_log_add(struct fault_fs *f, enum op_kind kind, uint64_t inode, const void *data, size_t n);
/* The first for NULL; NULL at the end. */
const struct op *fault_log_next(const struct fault_fs *f, const struct op *op);
void fault_log_clear(struct fault_fs *f);

const char *fault_fs_root(const struct fault_fs *f);
/* Where a second name of every file is kept, so that none is gone before the model says so. */
void fault_fs_grave(const struct fault_fs *f, uint64_t inode, char out[MODEL_PATH_MAX + 64]);

#endif
