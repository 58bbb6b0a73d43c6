/*
 * cls_yaml: a YAML document as a tree with line numbers, in an arena. Only what topic files need: one document,
 * no anchors, no aliases, no binary; maps have scalar keys, each once. Knows nothing of topics.
 */
#ifndef CLS_YAML_H
#define CLS_YAML_H

#include "classifiers/cls_arena.h"

#define CLS_YAML_DEPTH_MAX 12 /* levels; a topic file has six */

enum cls_node_kind { CLS_SCALAR, CLS_LIST, CLS_MAP };

struct cls_node {
	enum cls_node_kind kind;
	int line; /* of the value */
	const char *key; /* of a map's member, else NULL */
	const char *text; /* of a scalar; valid UTF-8 without NUL inside */
	size_t length;
	struct cls_node *first; /* member of a list or map */
	struct cls_node *next; /* of the same list or map */
};

/* NULL: e says file, line and reason. */
struct cls_node *cls_yaml_parse(
    struct cls_arena *a, const char *file, const char *yaml, size_t n, struct cls_error *e);

const char *cls_node_kind_name(const struct cls_node *n); /* "a text", "a list", "a map" */

#endif
