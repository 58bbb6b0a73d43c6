/* cls_yaml: libyaml's events into a tree. */
#include "classifiers/cls_yaml.h"

#include <assert.h>
#include <string.h>
#include <yaml.h>

struct level { /* an open list or map */
	struct cls_node *node;
	struct cls_node **tail;
	const char *key; /* the next value's, in a map */
	size_t keys;
};

#define KEYS_MAX 2000 /* of one map: they are compared with each other */

struct builder {
	struct cls_arena *arena;
	const char *file;
	struct cls_error *e;
	struct level level[CLS_YAML_DEPTH_MAX];
	size_t depth;
	struct cls_node *root;
	bool done;
};

static bool fail_memory(struct builder *b)
{
	return cls_fail(b->e, b->file, 0, "out of memory");
}

static const char *known_key(const struct cls_node *map, const char *key)
{
	for (const struct cls_node *m = map->first; m != NULL; m = m->next)
		if (strcmp(m->key, key) == 0)
			return m->key;
	return NULL;
}

static bool take_key(struct builder *b, struct level *l, const yaml_event_t *ev, int line)
{
	const char *text = (const char *)ev->data.scalar.value;
	size_t n = ev->data.scalar.length;

	if (n == 0 || strlen(text) != n)
		return cls_fail(b->e, b->file, line, "empty or broken key");
	if (++l->keys > KEYS_MAX)
		return cls_fail(b->e, b->file, line, "more than %d keys", KEYS_MAX);
	if (known_key(l->node, text) != NULL)
		return cls_fail(b->e, b->file, line, "key '%.60s' is given twice", text);
	l->key = cls_arena_text(b->arena, text, n);
	return l->key != NULL || fail_memory(b);
}

/* Hangs a new node into the open list or map, or makes it the root. */
static struct cls_node *attach(struct builder *b, enum cls_node_kind kind, int line)
{
	struct cls_node *n = cls_arena_new(b->arena, 1, sizeof *n);

	if (n == NULL) {
		fail_memory(b);
		return NULL;
	}
	n->kind = kind;
	n->line = line;
	if (b->depth == 0) {
		b->root = n;
		return n;
	}
	struct level *l = &b->level[b->depth - 1];
	n->key = l->key;
	l->key = NULL;
	*l->tail = n;
	l->tail = &n->next;
	return n;
}

static bool needs_key(const struct builder *b)
{
	if (b->depth == 0)
		return false;
	assert(b->level[b->depth - 1].node != NULL);
	return b->level[b->depth - 1].node->kind == CLS_MAP && b->level[b->depth - 1].key == NULL;
}

static bool take_scalar(struct builder *b, const yaml_event_t *ev, int line)
{
	struct cls_node *n;

	if (needs_key(b))
		return take_key(b, &b->level[b->depth - 1], ev, line);
	if (memchr(ev->data.scalar.value, 0, ev->data.scalar.length) != NULL)
		return cls_fail(b->e, b->file, line, "a NUL character in a text");
	n = attach(b, CLS_SCALAR, line);
	if (n == NULL)
		return false;
	n->text = cls_arena_text(b->arena, (const char *)ev->data.scalar.value, ev->data.scalar.length);
	n->length = ev->data.scalar.length;
	return n->text != NULL || fail_memory(b);
}

static bool take_start(struct builder *b, enum cls_node_kind kind, int line)
{
	struct cls_node *n;

	if (needs_key(b))
		return cls_fail(b->e, b->file, line, "a key must be a text");
	if (b->depth == CLS_YAML_DEPTH_MAX)
		return cls_fail(b->e, b->file, line, "nested more than %d deep", CLS_YAML_DEPTH_MAX);
	n = attach(b, kind, line);
	if (n == NULL)
		return false;
	b->level[b->depth++] = (struct level){ n, &n->first, NULL, 0 };
	return true;
}

static const char *anchor_of(const yaml_event_t *ev)
{
	switch (ev->type) {
	case YAML_SCALAR_EVENT:
		return (const char *)ev->data.scalar.anchor;
	case YAML_SEQUENCE_START_EVENT:
		return (const char *)ev->data.sequence_start.anchor;
	case YAML_MAPPING_START_EVENT:
		return (const char *)ev->data.mapping_start.anchor;
	default:
		return NULL;
	}
}

static bool take_event(struct builder *b, const yaml_event_t *ev)
{
	int line = (int)ev->start_mark.line + 1;

	if (anchor_of(ev) != NULL)
		return cls_fail(b->e, b->file, line, "anchors are not used in topic files; use groups");
	switch (ev->type) {
	case YAML_SCALAR_EVENT:
		return take_scalar(b, ev, line);
	case YAML_SEQUENCE_START_EVENT:
		return take_start(b, CLS_LIST, line);
	case YAML_MAPPING_START_EVENT:
		return take_start(b, CLS_MAP, line);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		b->depth--;
		return true;
	case YAML_ALIAS_EVENT:
		return cls_fail(b->e, b->file, line,
		    "aliases are not used in topic files; a word with * before it needs quotes");
	case YAML_DOCUMENT_START_EVENT:
		if (b->root != NULL)
			return cls_fail(b->e, b->file, line, "a second document; one topic per file");
		return true;
	case YAML_STREAM_END_EVENT:
		b->done = true;
		return true;
	default:
		return true;
	}
}

static bool fail_syntax(struct builder *b, const yaml_parser_t *p)
{
	int line = (int)p->problem_mark.line + 1;
	const char *why = p->problem ? p->problem : "not readable";

	if (p->error == YAML_MEMORY_ERROR)
		return fail_memory(b);
	if (p->error == YAML_READER_ERROR)
		return cls_fail(b->e, b->file, 0, "not UTF-8 text: %s at byte %zu", why, p->problem_offset);
	if (p->context != NULL)
		return cls_fail(b->e, b->file, line, "YAML: %s (%s at line %zu)", why, p->context,
		    (size_t)p->context_mark.line + 1);
	return cls_fail(b->e, b->file, line, "YAML: %s", why);
}

struct cls_node *cls_yaml_parse(
    struct cls_arena *a, const char *file, const char *yaml, size_t n, struct cls_error *e)
{
	struct builder b = { .arena = a, .file = file, .e = e };
	yaml_parser_t parser;
	bool ok = true;

	if (!yaml_parser_initialize(&parser)) {
		fail_memory(&b);
		return NULL;
	}
	yaml_parser_set_input_string(&parser, (const unsigned char *)yaml, n);
	yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
	while (ok && !b.done) {
		yaml_event_t ev;
		if (!yaml_parser_parse(&parser, &ev)) {
			ok = fail_syntax(&b, &parser);
			break;
		}
		ok = take_event(&b, &ev);
		yaml_event_delete(&ev);
	}
	yaml_parser_delete(&parser);
	if (ok && b.root == NULL)
		ok = cls_fail(e, file, 0, "the file is empty");
	return ok ? b.root : NULL;
}

const char *cls_node_kind_name(const struct cls_node *n)
{
	static const char *const name[] = {
		[CLS_SCALAR] = "a text", [CLS_LIST] = "a list", [CLS_MAP] = "a map"
	};

	return name[n->kind];
}
