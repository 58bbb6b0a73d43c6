/* cls_words: reading phrases, lists and groups. */
#include "classifiers/cls_words.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "classifiers/cls_sort.h"
#include "classifiers/cls_token.h"

enum state { UNREAD, READING, READ };

struct cls_group {
	struct cls_group *next;
	const char *name;
	const struct cls_node *node;
	enum state state;
	struct cls_words words;
};

struct entry {
	struct cls_key *key;
	const struct cls_node *node; /* where it is written */
	uint32_t list; /* number of the list that it is written in; 0: in none, or it comes from a group */
};

struct list { /* on the heap while words are collected */
	struct entry *entry;
	size_t n, capacity;
	uint32_t lists; /* so far */
	uint32_t now; /* number of the list that is being read, or 0 */
};

static bool fail(const struct cls_lexicon *x, const struct cls_node *n, const char *why, struct cls_error *e)
{
	return cls_fail(e, x->file, n->line, "phrase '%.80s': %s", n->text, why);
}

static size_t letters(const unsigned char *p, size_t n)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		count += (p[i] & 0xc0) != 0x80;
	return count;
}

/* Every '*' must stand directly behind a word. */
static bool stars_stand_right(const struct cls_node *n, const struct cls_tokens *t)
{
	size_t stars = 0, behind = 0;

	for (size_t i = 0; i < n->length; i++)
		stars += n->text[i] == '*';
	for (size_t i = 0; i < t->n; i++)
		behind += n->text[t->token[i].end] == '*';
	return stars == behind;
}

static const char *token_fault(const struct cls_node *n, const struct cls_tokens *t, size_t i)
{
	const struct cls_token *k = &t->token[i];
	bool star = n->text[k->end] == '*';

	if (i > 0 && k->flags & CLS_TOKEN_BREAK)
		return "a phrase cannot go across a full stop, comma or the like";
	if (k->len + 4 > CLS_WORD_MAX)
		return "a word in it is too long";
	if (star && k->flags & CLS_TOKEN_CHAR)
		return "'*' is not needed with characters that are found anywhere in running text";
	if (star && letters(t->text + k->off, k->len) < CLS_PREFIX_MIN)
		return "at least two letters must stand before '*'";
	return NULL;
}

static const char *phrase_fault(const struct cls_node *n, const struct cls_tokens *t, size_t count)
{
	if (count == 0)
		return "no letters or digits in it";
	if (count > CLS_PHRASE_WORDS_MAX)
		return "more than 24 words";
	if (!stars_stand_right(n, t))
		return "a '*' must stand directly behind a word";
	for (size_t i = 0; i < count; i++) {
		const char *why = token_fault(n, t, i);
		if (why != NULL)
			return why;
	}
	return NULL;
}

static struct cls_key *write_key(struct cls_lexicon *x, const struct cls_node *n, const struct cls_tokens *t)
{
	char text[CLS_PHRASE_WORDS_MAX * (CLS_WORD_MAX + 2)];
	struct cls_key *key;
	size_t len = 0;

	for (size_t i = 0; i < t->n; i++) {
		const struct cls_token *k = &t->token[i];
		memcpy(text + len, t->text + k->off, k->len);
		len += k->len;
		if (n->text[k->end] == '*')
			text[len++] = '*';
		text[len++] = ' ';
	}
	key = cls_arena_new(x->arena, 1, sizeof *key + len + 1);
	if (key == NULL)
		return NULL;
	key->phrase = CLS_PHRASE_NONE;
	memcpy(key->text, text, len);
	memcpy(&key->head, text, len < sizeof key->head ? len : sizeof key->head);
	key->head = be64toh(key->head);
	return key;
}

static struct cls_key *read_phrase(struct cls_lexicon *x, const struct cls_node *n, struct cls_error *e)
{
	struct cls_tokenizer tokenizer;
	struct cls_tokens t;
	struct cls_key *key;
	const char *why;

	if (n->length > CLS_PHRASE_BYTES_MAX) {
		fail(x, n, "too long", e);
		return NULL;
	}
	cls_tokenizer_init(&tokenizer, n->text, n->length, 0);
	cls_tokenizer_next(&tokenizer, &t);
	why = phrase_fault(n, &t, t.n);
	if (why != NULL) {
		fail(x, n, why, e);
		return NULL;
	}
	key = write_key(x, n, &t);
	if (key == NULL)
		cls_fail_memory(e);
	return key;
}

static int compare_keys(const struct cls_key *x, const struct cls_key *y)
{
	if (x->head != y->head)
		return x->head < y->head ? -1 : 1;
	return strcmp(x->text, y->text);
}

static bool count_words(struct cls_lexicon *x, size_t n, int line, struct cls_error *e)
{
	x->count += n;
	return x->count <= CLS_WORDS_MAX ||
	       cls_fail(e, x->file, line, "more than %u phrases in one topic", CLS_WORDS_MAX);
}

static bool push(struct cls_lexicon *x, struct list *l, struct entry entry, struct cls_error *e)
{
	if (!count_words(x, 1, entry.node->line, e))
		return false;
	if (!cls_grow((void **)&l->entry, &l->capacity, l->n + 1, sizeof *l->entry))
		return cls_fail_memory(e);
	l->entry[l->n++] = entry;
	return true;
}

static bool collect(struct cls_lexicon *x, const struct cls_node *n, struct list *l, struct cls_error *e);
static bool read_group(
    struct cls_lexicon *x, struct cls_group *g, const struct cls_node *user, struct cls_error *e);

static bool fail_unknown(struct cls_lexicon *x, const struct cls_node *n, struct cls_error *e)
{
	const char *names[64], *hint;
	size_t count = 0;

	for (const struct cls_group *g = x->groups; g != NULL && count < 64; g = g->next)
		names[count++] = g->name;
	hint = cls_hint(n->text + 1, names, count);
	if (hint != NULL)
		return cls_fail(
		    e, x->file, n->line, "unknown group '%.60s', did you mean '$%.60s'?", n->text, hint);
	return cls_fail(e, x->file, n->line, "unknown group '%.60s'", n->text);
}

/* The group that `n` names, read; NULL: e says why there is none. */
static struct cls_group *open_group(struct cls_lexicon *x, const struct cls_node *n, struct cls_error *e)
{
	struct cls_group *g = x->groups;

	while (g != NULL && strcmp(g->name, n->text + 1) != 0)
		g = g->next;
	if (g == NULL)
		fail_unknown(x, n, e);
	return g != NULL && read_group(x, g, n, e) ? g : NULL;
}

static bool collect_group(
    struct cls_lexicon *x, const struct cls_node *n, struct list *l, struct cls_error *e)
{
	struct cls_group *g = open_group(x, n, e);

	if (g == NULL)
		return false;
	for (size_t i = 0; i < g->words.n; i++)
		if (!push(x, l, (struct entry){ g->words.key[i], n, 0 }, e))
			return false;
	return true;
}

static bool collect_scalar(
    struct cls_lexicon *x, const struct cls_node *n, struct list *l, struct cls_error *e)
{
	struct cls_key *key;

	if (n->text[0] == '$')
		return collect_group(x, n, l, e);
	key = read_phrase(x, n, e);
	return key != NULL && push(x, l, (struct entry){ key, n, l->now }, e);
}

static bool collect_member(
    struct cls_lexicon *x, const struct cls_node *n, struct list *l, struct cls_error *e)
{
	if (n->kind != CLS_SCALAR)
		return cls_fail(
		    e, x->file, n->line, "a phrase must be a text, not %s", cls_node_kind_name(n));
	return collect_scalar(x, n, l, e);
}

static bool collect_list(struct cls_lexicon *x, const struct cls_node *n, struct list *l, struct cls_error *e)
{
	if (n->first == NULL)
		return cls_fail(e, x->file, n->line, "an empty list of words");
	l->now = ++l->lists;
	for (const struct cls_node *m = n->first; m != NULL; m = m->next)
		if (!collect_member(x, m, l, e))
			return false;
	l->now = 0;
	return true;
}

static bool collect_map(struct cls_lexicon *x, const struct cls_node *n, struct list *l, struct cls_error *e)
{
	if (n->first == NULL)
		return cls_fail(e, x->file, n->line, "an empty map of words");
	for (const struct cls_node *m = n->first; m != NULL; m = m->next) {
		if (m->kind == CLS_MAP)
			return cls_fail(
			    e, x->file, m->line, "words of '%.40s' must be a phrase or a list", m->key);
		if (!collect(x, m, l, e))
			return false;
	}
	return true;
}

static bool collect(struct cls_lexicon *x, const struct cls_node *n, struct list *l, struct cls_error *e)
{
	switch (n->kind) {
	case CLS_SCALAR:
		return collect_scalar(x, n, l, e);
	case CLS_LIST:
		return collect_list(x, n, l, e);
	default:
		return collect_map(x, n, l, e);
	}
}

/* By text; the same one list by list, in the order in which they are written. */
static int compare_entries(const void *a, const void *b)
{
	const struct entry *x = ((const struct cls_sorted *)a)->of, *y = ((const struct cls_sorted *)b)->of;
	int order = strcmp(x->key->text, y->key->text);

	if (order == 0)
		order = (x->list > y->list) - (x->list < y->list);
	return order != 0 ? order : (x > y) - (x < y);
}

/* What was collected, in order; on the heap. NULL when memory is short. */
static struct cls_sorted *sort_list(const struct list *l)
{
	struct cls_sorted *sorted = malloc(l->n * sizeof *sorted);

	if (sorted == NULL)
		return NULL;
	for (size_t i = 0; i < l->n; i++)
		sorted[i] = (struct cls_sorted){ l->entry[i].key->head, &l->entry[i] };
	if (!cls_sort(sorted, l->n, compare_entries)) {
		free(sorted);
		return NULL;
	}
	return sorted;
}

/* Phrases written twice in one list are a slip; phrases that come twice through groups are not. */
static bool is_slip(const struct entry *a, const struct entry *b)
{
	return a->list != 0 && a->list == b->list;
}

static bool fail_twice(
    const struct cls_lexicon *x, const struct entry *a, const struct entry *b, struct cls_error *e)
{
	return cls_fail(e, x->file, b->node->line,
	    "'%.50s' is already in this list as '%.50s' at line %d (case, accents and both Chinese scripts "
	    "are one)",
	    b->node->text, a->node->text, a->node->line);
}

/* Of several slips the one that is written first is named: a file is mended from its top. */
static bool take_sorted(struct cls_lexicon *x, const struct cls_sorted *sorted, size_t n,
    struct cls_words *out, struct cls_error *e)
{
	const struct entry *last = NULL, *first = NULL, *again = NULL;

	for (size_t i = 0; i < n; i++) {
		const struct entry *entry = sorted[i].of;
		if (last == NULL || compare_keys(last->key, entry->key) != 0) {
			out->key[out->n++] = entry->key;
		} else if (is_slip(last, entry) && (again == NULL || entry < again)) {
			first = last;
			again = entry;
		}
		last = entry;
	}
	return again == NULL || fail_twice(x, first, again, e);
}

static bool words_of_list(
    struct cls_lexicon *x, const struct list *l, struct cls_words *out, struct cls_error *e)
{
	struct cls_sorted *sorted;
	bool ok;

	if (l->n == 0)
		return true;
	sorted = sort_list(l);
	out->n = 0;
	out->key = cls_arena_new(x->arena, l->n, sizeof(struct cls_key *));
	if (sorted == NULL || out->key == NULL)
		ok = cls_fail_memory(e);
	else
		ok = take_sorted(x, sorted, l->n, out, e);
	free(sorted);
	return ok;
}

bool cls_words_load(
    struct cls_lexicon *x, const struct cls_node *n, struct cls_words *out, struct cls_error *e)
{
	struct list l = { 0 };
	struct cls_group *g;
	bool ok;

	if (n->kind == CLS_SCALAR && n->text[0] == '$') {
		g = open_group(x, n, e);
		if (g == NULL || !count_words(x, g->words.n, n->line, e))
			return false;
		*out = g->words;
		return true;
	}
	ok = collect(x, n, &l, e) && words_of_list(x, &l, out, e);
	free(l.entry);
	return ok;
}

static bool read_group(
    struct cls_lexicon *x, struct cls_group *g, const struct cls_node *user, struct cls_error *e)
{
	if (g->state == READ)
		return true;
	if (g->state == READING)
		return cls_fail(e, x->file, user->line, "the group '%.60s' uses itself, through '%.60s'",
		    g->name, user->text);
	g->state = READING;
	if (!cls_words_load(x, g->node, &g->words, e))
		return false;
	g->state = READ;
	return true;
}

static bool name_is_good(const char *name)
{
	return name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_")] == 0;
}

bool cls_lexicon_load(struct cls_lexicon *x, const struct cls_node *groups, struct cls_error *e)
{
	struct cls_group **tail = &x->groups;

	if (groups->kind != CLS_MAP)
		return cls_fail(e, x->file, groups->line, "'groups' must be a map of names, not %s",
		    cls_node_kind_name(groups));
	for (const struct cls_node *m = groups->first; m != NULL; m = m->next) {
		struct cls_group *g = cls_arena_new(x->arena, 1, sizeof *g);
		if (g == NULL)
			return cls_fail_memory(e);
		if (!name_is_good(m->key))
			return cls_fail(
			    e, x->file, m->line, "group name '%.60s': use a-z, 0-9, '-' and '_'", m->key);
		g->name = m->key;
		g->node = m;
		*tail = g;
		tail = &g->next;
	}
	for (struct cls_group *g = x->groups; g != NULL; g = g->next)
		if (!read_group(x, g, g->node, e))
			return false;
	return true;
}

bool cls_words_equal(const struct cls_words *a, const struct cls_words *b)
{
	if (a->n != b->n)
		return false;
	if (a->key == b->key) /* of one group */
		return true;
	for (size_t i = 0; i < a->n; i++)
		if (compare_keys(a->key[i], b->key[i]) != 0)
			return false;
	return true;
}

bool cls_words_within(const struct cls_words *a, const struct cls_words *b)
{
	size_t at = 0;

	for (size_t i = 0; i < a->n; i++) {
		while (at < b->n && compare_keys(b->key[at], a->key[i]) < 0)
			at++;
		if (at == b->n || compare_keys(b->key[at], a->key[i]) != 0)
			return false;
	}
	return true;
}
