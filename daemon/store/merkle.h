/*
 * merkle: one hash over all lines of a file, such that a single line can be shown to belong to it by some twenty hashes. The tree of RFC 6962
 * (Certificate Transparency): a leaf is SHA-256 over a zero byte and the line without its '\n', a node SHA-256 over a one byte and both below it.
 */
#ifndef STORE_MERKLE_H
#define STORE_MERKLE_H

#include "daemon/base/buf.h"
#include "daemon/base/err.h"
#include "daemon/base/hash.h"

#define MERKLE_LEVELS 40 /* of a tree: far more lines than a file can hold */

struct merkle_hash {
	uint8_t p[SHA256_LEN];
};

struct merkle {
	struct buf nodes; /* struct merkle_hash; the leaves, then level upon level once it was built */
	uint64_t leaves;
	size_t starts[MERKLE_LEVELS]; /* of each level in nodes */
	unsigned levels; /* 0: not built */
};

void merkle_init(struct merkle *m);
void merkle_fini(struct merkle *m);
void merkle_add(struct merkle *m, struct str line); /* sticky on memory: nodes.failed */
/* After the last line. *root is SHA-256 of nothing when there were none. */
bool merkle_build(struct merkle *m, struct merkle_hash *root, struct err *e) MUST_CHECK;
/* The hashes beside the way from leaf i to the root, lowest first; returns how many. */
unsigned merkle_path(const struct merkle *m, uint64_t i, struct merkle_hash path[MERKLE_LEVELS]);

/* What the root is, when this line is leaf i of n and the path is true. False: the path has another length than it must. */
bool merkle_climb(struct str line, uint64_t i, uint64_t n, const struct merkle_hash *path, unsigned length,
    struct merkle_hash *root);

#endif
