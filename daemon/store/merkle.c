/* merkle: level by level: pairs become nodes, one that is left over goes up as it is. That is RFC 6962's tree. */
#include "daemon/store/merkle.h"

#define NODES_MAX ((size_t)4 << 30) /* bytes: sixty million lines */

static void leaf_hash(struct str line, struct merkle_hash *out)
{
	sha256((const struct str[]){ { "\0", 1 }, line }, 2, out->p);
}

static void node_hash(
    const struct merkle_hash *left, const struct merkle_hash *right, struct merkle_hash *out)
{
	sha256((const struct str[]){ { "\1", 1 }, { (const char *)left, sizeof(*left) },
	           { (const char *)right, sizeof(*right) } },
	    3, out->p);
}

static const struct merkle_hash *node_at(const struct merkle *m, size_t i)
{
	return (const struct merkle_hash *)(const void *)m->nodes.p + i;
}

void merkle_init(struct merkle *m)
{
	*m = (struct merkle){ .leaves = 0 };
	buf_init(&m->nodes, NODES_MAX);
}

void merkle_fini(struct merkle *m)
{
	buf_fini(&m->nodes);
}

void merkle_add(struct merkle *m, struct str line)
{
	struct merkle_hash h;

	leaf_hash(line, &h);
	buf_add(&m->nodes, &h, sizeof(h));
	m->leaves++;
}

bool merkle_build(struct merkle *m, struct merkle_hash *root, struct err *e)
{
	size_t start = 0;

	if (m->leaves == 0)
		sha256(NULL, 0, root->p);
	for (uint64_t n = m->leaves; n > 0 && !m->nodes.failed; n = n > 1 ? (n + 1) / 2 : 0) {
		m->starts[m->levels++] = start;
		for (uint64_t i = 0; n > 1 && i < n && !m->nodes.failed; i += 2) {
			struct merkle_hash h = *node_at(m, start + i);

			if (i + 1 < n)
				node_hash(&h, node_at(m, start + i + 1), &h);
			buf_add(&m->nodes, &h, sizeof(h));
		}
		if (n == 1)
			*root = *node_at(m, start);
		start += n;
	}
	return !m->nodes.failed || err_nomem(e);
}

unsigned merkle_path(const struct merkle *m, uint64_t i, struct merkle_hash path[MERKLE_LEVELS])
{
	unsigned length = 0, level = 0;

	for (uint64_t n = m->leaves; n > 1; n = (n + 1) / 2, i /= 2, level++)
		if ((i ^ 1) < n)
			path[length++] = *node_at(m, m->starts[level] + (i ^ 1));
	return length;
}

bool merkle_climb(struct str line, uint64_t i, uint64_t n, const struct merkle_hash *path, unsigned length,
    struct merkle_hash *root)
{
	unsigned used = 0;

	if (i >= n)
		return false;
	leaf_hash(line, root);
	for (; n > 1; n = n / 2 + n % 2, i /= 2) {
		if ((i ^ 1) >= n)
			continue;
		if (used == length)
			return false;
		if (i & 1)
			node_hash(&path[used], root, root);
		else
			node_hash(root, &path[used], root);
		used++;
	}
	return used == length;
}
