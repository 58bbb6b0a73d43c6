/* cls_vocab: laying a sorted list of words out as a double array. */
#include "classifiers/cls_vocab.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define TRIES 100u /* free nodes that are tried for a set of children before they go to the end */

/* Free nodes form a list: node.base is the next one, symbol[0] the one before. Node 0 is its head. */
struct layout {
	const struct cls_word *words;
	struct cls_vocab_node *node;
	uint32_t (*symbol)[2];
	size_t nodes_capacity, symbols_capacity;
	uint32_t used; /* nodes laid out so far, and 256 more for their children */
	uint32_t root_base; /* while node 0 is the list's head */
};

int cls_word_compare(const void *a, const void *b)
{
	const struct cls_word *x = a, *y = b;
	int order = memcmp(x->p, y->p, x->n < y->n ? x->n : y->n);

	if (order != 0)
		return order;
	if (x->n != y->n)
		return x->n < y->n ? -1 : 1;
	return (int)x->prefix - (int)y->prefix;
}

static bool reserve(struct layout *l, uint32_t need)
{
	void *node = l->node, *symbol = l->symbol;
	bool ok = cls_grow(&node, &l->nodes_capacity, need, sizeof *l->node);

	l->node = node;
	ok = ok && cls_grow(&symbol, &l->symbols_capacity, need, sizeof *l->symbol);
	l->symbol = symbol;
	if (!ok)
		return false;
	assert(l->node != NULL && l->symbol != NULL);
	for (; l->used < need; l->used++) {
		uint32_t last = l->used == 0 ? 0 : l->symbol[0][0];
		l->node[l->used] = (struct cls_vocab_node){ 0, CLS_VOCAB_FREE };
		l->symbol[l->used][0] = last;
		l->symbol[l->used][1] = 0;
		l->node[last].base = l->used;
		l->symbol[0][0] = l->used;
	}
	return true;
}

/* Nodes 1 to 255 are no list's: a base stands before the child of the least byte, and every search would begin with those that can serve none. */
static void skip_low(struct layout *l)
{
	for (uint32_t f = 1; f < 256; f++) {
		l->node[f].base = 0;
		l->symbol[f][0] = 0;
	}
	l->node[0].base = 256;
	l->symbol[256][0] = 0;
}

static void take(struct layout *l, uint32_t node, uint32_t parent)
{
	uint32_t next = l->node[node].base, before = l->symbol[node][0];

	l->node[before].base = next;
	l->symbol[next][0] = before;
	l->node[node] = (struct cls_vocab_node){ 0, parent };
	l->symbol[node][0] = 0;
}

static bool fits(const struct layout *l, uint32_t base, const unsigned char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (l->node[base + bytes[i]].parent != CLS_VOCAB_FREE)
			return false;
	return true;
}

/* A base at which all children find a free node; 0 when memory is short. */
static uint32_t find_base(struct layout *l, const unsigned char *bytes, size_t n)
{
	uint32_t f = l->node[0].base, base;

	for (uint32_t i = 0; i < TRIES && f != 0; i++, f = l->node[f].base) {
		base = f - bytes[0];
		if (base + 256 <= l->used && fits(l, base, bytes, n))
			return base;
	}
	base = l->used;
	return base < CLS_VOCAB_BASE - 512 && reserve(l, base + 256) ? base : 0;
}

static bool lay_out(struct layout *l, uint32_t at, size_t from, size_t to, uint32_t depth);

/* words[from..to) share `depth` bytes and go on: one child per next byte. */
static bool lay_children(struct layout *l, uint32_t at, size_t from, size_t to, uint32_t depth)
{
	unsigned char bytes[256];
	size_t n = 0, i, j;
	uint32_t base;

	for (i = from; i < to; i++) {
		unsigned char b = (unsigned char)l->words[i].p[depth];
		if (n == 0 || bytes[n - 1] != b)
			bytes[n++] = b;
	}
	base = find_base(l, bytes, n);
	if (base == 0)
		return false;
	*(at == 0 ? &l->root_base : &l->node[at].base) |= base;
	for (i = 0; i < n; i++)
		take(l, base + bytes[i], at);
	for (i = from; i < to; i = j) {
		unsigned char b = (unsigned char)l->words[i].p[depth];
		for (j = i; j < to && (unsigned char)l->words[j].p[depth] == b;)
			j++;
		if (!lay_out(l, base + b, i, j, depth + 1))
			return false;
	}
	return true;
}

/* Depth of the recursion: CLS_WORD_MAX. */
static bool lay_out(struct layout *l, uint32_t at, size_t from, size_t to, uint32_t depth)
{
	assert(l->node != NULL && l->symbol != NULL);
	for (; from < to && l->words[from].n == depth; from++) {
		bool prefix = l->words[from].prefix;
		l->node[at].base |= prefix ? CLS_VOCAB_PREFIX : CLS_VOCAB_EXACT;
		l->symbol[at][prefix] = (uint32_t)from;
	}
	return from == to || lay_children(l, at, from, to, depth);
}

/* The list of free nodes has served: node 0 is the root, free ones lead nowhere. */
static void end_list(struct layout *l)
{
	for (uint32_t f = l->node[0].base, next; f != 0; f = next) {
		next = l->node[f].base;
		l->node[f].base = 0;
		l->symbol[f][0] = 0;
	}
	l->node[0].base = l->root_base;
	l->symbol[0][0] = 0;
}

/* Where four bytes lead; CLS_VOCAB_WALK if a beginning ends before. The word has four bytes or more. */
static uint32_t walk_four(const struct cls_vocab *v, const unsigned char *p)
{
	uint32_t at = 0;

	for (int i = 0; i < 4; i++) {
		if (v->node[at].base & CLS_VOCAB_PREFIX)
			return CLS_VOCAB_WALK;
		at = (v->node[at].base & CLS_VOCAB_BASE) + p[i];
	}
	return at;
}

static bool make_jumps(struct cls_vocab *v, struct cls_arena *a, const struct cls_word *words, size_t n)
{
	struct cls_vocab_jump *jump;
	size_t places = 64;

	while (places < 2 * n)
		places *= 2;
	jump = cls_arena_new(a, places, sizeof *jump);
	if (jump == NULL)
		return false;
	v->jump = jump;
	v->jump_mask = (uint32_t)(places - 1);
	for (size_t i = 0; i < n; i++) {
		const unsigned char *p = (const unsigned char *)words[i].p;
		v->has_short = v->has_short || (words[i].prefix && words[i].n < 4);
		if (words[i].n < 4)
			continue;
		uint32_t key = cls_vocab_key(p), at = cls_vocab_place(v, key);
		jump[at] = (struct cls_vocab_jump){ key, walk_four(v, p) };
	}
	return true;
}

bool cls_vocab_build(struct cls_vocab *v, struct cls_arena *a, const struct cls_word *words, size_t n)
{
	struct layout l = { .words = words };
	struct cls_vocab_node *node = NULL;
	uint32_t(*symbol)[2] = NULL;
	bool ok = reserve(&l, 512);

	if (ok) {
		l.node[0].parent = CLS_VOCAB_FREE - 1; /* no node's child */
		skip_low(&l);
		ok = lay_out(&l, 0, 0, n, 0);
	}
	if (ok)
		end_list(&l);
	if (ok) {
		node = cls_arena_new(a, l.used, sizeof *node);
		symbol = cls_arena_new(a, l.used, sizeof *symbol);
		ok = node != NULL && symbol != NULL;
	}
	if (ok) {
		memcpy(node, l.node, l.used * sizeof *node);
		memcpy(symbol, l.symbol, l.used * sizeof *symbol);
		*v = (struct cls_vocab){
			.node = node, .symbol = (const uint32_t(*)[2])symbol, .nodes = l.used
		};
		ok = make_jumps(v, a, words, n);
	}
	free(l.node);
	free(l.symbol);
	return ok;
}
