/* cls_topicfile: the keys of a topic file, one table row each. */
#include "classifiers/cls_topicfile.h"

#include <string.h>
#include <xxhash.h>

#include "classifiers/cls_topiccheck.h"

#define NAME_MAX_BYTES 64 /* it becomes part of a file name */
#define WITHIN_DEFAULT 24u /* half words */
#define WITHIN_MAX_WORDS 1000

struct reader {
	struct cls_topic_def *t;
	struct cls_lexicon lexicon;
	struct cls_error *e;
};

typedef bool take_f(struct reader *r, const struct cls_node *n, void *into);
struct key {
	const char *name;
	take_f *take;
	size_t offset; /* of the value in the struct that is filled */
	double min, max; /* of numbers */
};

static bool fail(struct reader *r, const struct cls_node *n, const char *why)
{
	return cls_fail(r->e, r->t->file, n->line, "'%.60s' %s", n->key ? n->key : "the file", why);
}

static const struct key *find_key(
    struct reader *r, const struct cls_node *n, const struct key *keys, size_t count)
{
	const char *names[32], *hint;

	for (size_t i = 0; i < count; i++) {
		if (strcmp(keys[i].name, n->key) == 0)
			return &keys[i];
		names[i] = keys[i].name;
	}
	hint = cls_hint(n->key, names, count);
	if (hint != NULL)
		cls_fail(r->e, r->t->file, n->line, "unknown key '%.60s', did you mean '%s'?", n->key, hint);
	else
		cls_fail(r->e, r->t->file, n->line, "unknown key '%.60s'", n->key);
	return NULL;
}

static bool in_range(struct reader *r, const struct cls_node *n, const struct key *k, const void *number)
{
	double v;

	memcpy(&v, number, sizeof v);
	return cls_check_range(r->t->file, n, v, k->min, k->max, r->e);
}

static bool take_map(
    struct reader *r, const struct cls_node *map, const struct key *keys, size_t count, void *into)
{
	if (map->kind != CLS_MAP)
		return cls_fail(r->e, r->t->file, map->line, "'%.60s' must be a map of keys, not %s",
		    map->key ? map->key : "the entry", cls_node_kind_name(map));
	for (const struct cls_node *n = map->first; n != NULL; n = n->next) {
		const struct key *k = find_key(r, n, keys, count);
		if (k == NULL || !k->take(r, n, (char *)into + k->offset))
			return false;
		if (k->min < k->max && !in_range(r, n, k, (const char *)into + k->offset))
			return false;
	}
	return true;
}

#define TAKE(r, map, keys, into) take_map(r, map, keys, sizeof(keys) / sizeof(keys)[0], into)

static take_f take_text, take_number, take_flag, take_words, take_lead, take_within, take_in, take_expect;

static bool take_text(struct reader *r, const struct cls_node *n, void *into)
{
	if (n->kind != CLS_SCALAR)
		return fail(r, n, "must be a text");
	*(const char **)into = n->text;
	return true;
}

static bool take_number(struct reader *r, const struct cls_node *n, void *into)
{
	if (n->kind != CLS_SCALAR || !cls_number(n->text, into))
		return fail(r, n, "must be a finite number such as -2.5");
	return true;
}

static bool take_flag(struct reader *r, const struct cls_node *n, void *into)
{
	bool yes = n->kind == CLS_SCALAR && strcmp(n->text, "true") == 0;

	if (!yes && (n->kind != CLS_SCALAR || strcmp(n->text, "false") != 0))
		return fail(r, n, "must be true or false");
	*(bool *)into = yes;
	return true;
}

static bool take_words(struct reader *r, const struct cls_node *n, void *into)
{
	return cls_words_load(&r->lexicon, n, into, r->e);
}

static bool take_whole(struct reader *r, const struct cls_node *n, uint32_t min, uint32_t max, uint32_t *into)
{
	double v;

	if (n->kind != CLS_SCALAR || !cls_number(n->text, &v) || !(v >= min && v <= max) ||
	    v != (double)(uint32_t)v)
		return cls_fail(
		    r->e, r->t->file, n->line, "'%s' must be a whole number from %u to %u", n->key, min, max);
	*into = (uint32_t)v;
	return true;
}

static bool take_lead(struct reader *r, const struct cls_node *n, void *into)
{
	return take_whole(r, n, 1, 100000, into);
}

struct choice {
	const char *name;
	uint32_t value;
};

static bool take_choice(
    struct reader *r, const struct cls_node *n, const struct choice *c, size_t count, uint32_t *into)
{
	const char *names[8], *hint;

	if (n->kind != CLS_SCALAR)
		return fail(r, n, "must be one word");
	for (size_t i = 0; i < count; i++) {
		if (strcmp(c[i].name, n->text) == 0) {
			*into = c[i].value;
			return true;
		}
		names[i] = c[i].name;
	}
	hint = cls_hint(n->text, names, count);
	if (hint != NULL)
		return cls_fail(r->e, r->t->file, n->line, "'%s' cannot be '%.60s', did you mean '%s'?",
		    n->key, n->text, hint);
	return cls_fail(r->e, r->t->file, n->line, "'%s' cannot be '%.60s'", n->key, n->text);
}

static bool take_within(struct reader *r, const struct cls_node *n, void *into)
{
	static const struct choice choices[] = { { "sentence", CLS_WITHIN_SENTENCE },
		{ "passage", CLS_WITHIN_WHOLE_PASSAGE }, { "anywhere", CLS_WITHIN_ANYWHERE } };
	uint32_t words = 0;

	if (n->kind == CLS_SCALAR && n->text[0] >= 'a' && n->text[0] <= 'z')
		return take_choice(r, n, choices, 3, into);
	if (!take_whole(r, n, 0, WITHIN_MAX_WORDS, &words))
		return false;
	*(uint32_t *)into = 2 * words;
	return true;
}

static bool take_in(struct reader *r, const struct cls_node *n, void *into)
{
	static const struct choice choices[] = { { "both", CLS_IN_BOTH }, { "title", CLS_IN_TITLE },
		{ "text", CLS_IN_TEXT }, { "lead", CLS_IN_LEAD } };
	uint32_t v = 0;

	if (!take_choice(r, n, choices, 4, &v))
		return false;
	*(enum cls_where *)into = (enum cls_where)v;
	return true;
}

static bool take_expect(struct reader *r, const struct cls_node *n, void *into)
{
	static const struct choice choices[] = { { "none", CLS_NONE }, { "review", CLS_REVIEW },
		{ "match", CLS_MATCH } };
	uint32_t v = 0;

	if (!take_choice(r, n, choices, 3, &v))
		return false;
	*(enum cls_decision *)into = (enum cls_decision)v;
	return true;
}

static bool take_condition(struct reader *r, const struct cls_node *n, struct cls_condition_def *c)
{
	static const struct key keys[] = {
		{ "any", take_words, offsetof(struct cls_condition_def, any), 0, 0 },
		{ "within", take_within, offsetof(struct cls_condition_def, within), 0, 0 },
	};

	c->within = WITHIN_DEFAULT;
	if (!TAKE(r, n, keys, c))
		return false;
	if (c->any.n == 0)
		return cls_fail(
		    r->e, r->t->file, n->line, "'near' and 'unless' need words: {any: ..., within: ...}");
	return true;
}

static bool take_conditions(
    struct reader *r, const struct cls_node *n, struct cls_condition_def **list, size_t *count)
{
	const struct cls_node *first = n->kind == CLS_LIST ? n->first : n;
	size_t want = 0;

	for (const struct cls_node *m = first; m != NULL; m = n->kind == CLS_LIST ? m->next : NULL)
		want++;
	if (want == 0 || want > CLS_CONDITIONS_MAX)
		return cls_fail(
		    r->e, r->t->file, n->line, "'%s' takes 1 to %d conditions", n->key, CLS_CONDITIONS_MAX);
	*list = cls_arena_new(&r->t->arena, want, sizeof **list);
	if (*list == NULL)
		return cls_fail_memory(r->e);
	for (const struct cls_node *m = first; *count < want; m = m->next)
		if (!take_condition(r, m, &(*list)[(*count)++]))
			return false;
	return true;
}

static bool take_near(struct reader *r, const struct cls_node *n, void *into)
{
	struct cls_rule_def *rule = into;

	return take_conditions(r, n, &rule->near, &rule->near_count);
}

static bool take_unless(struct reader *r, const struct cls_node *n, void *into)
{
	struct cls_rule_def *rule = into;

	return take_conditions(r, n, &rule->unless, &rule->unless_count);
}

static bool take_rule(struct reader *r, const struct cls_node *n, struct cls_rule_def *rule)
{
	static const struct key keys[] = {
		{ "any", take_words, offsetof(struct cls_rule_def, any), 0, 0 },
		{ "weight", take_number, offsetof(struct cls_rule_def, weight), -20, 20 },
		{ "near", take_near, 0, 0, 0 },
		{ "unless", take_unless, 0, 0, 0 },
		{ "in", take_in, offsetof(struct cls_rule_def, in), 0, 0 },
		{ "once", take_flag, offsetof(struct cls_rule_def, once), 0, 0 },
	};

	rule->line = n->line;
	if (!TAKE(r, n, keys, rule))
		return false;
	if (rule->any.n == 0)
		return cls_fail(r->e, r->t->file, n->line, "a rule needs 'any': words");
	if (rule->weight == 0)
		return cls_fail(r->e, r->t->file, n->line, "a rule needs a 'weight' other than 0");
	return true;
}

static bool take_rules(struct reader *r, const struct cls_node *n, void *into)
{
	struct cls_rule_def **tail = &r->t->rules;

	(void)into;
	if (n->kind != CLS_LIST)
		return fail(r, n, "must be a list of rules");
	for (const struct cls_node *m = n->first; m != NULL; m = m->next) {
		struct cls_rule_def *rule = cls_arena_new(&r->t->arena, 1, sizeof *rule);
		if (rule == NULL)
			return cls_fail_memory(r->e);
		if (++r->t->rule_count > CLS_RULES_MAX)
			return cls_fail(r->e, r->t->file, m->line, "more than %d rules", CLS_RULES_MAX);
		if (!take_rule(r, m, rule))
			return false;
		*tail = rule;
		tail = &rule->next;
	}
	return true;
}

static bool take_slice(struct reader *r, const struct cls_node *n, void *into)
{
	struct cls_text *slice = into;

	if (n->kind != CLS_SCALAR)
		return fail(r, n, "must be a text");
	slice->p = n->text;
	slice->n = n->length;
	return true;
}

static bool take_test(struct reader *r, const struct cls_node *n, struct cls_test *test)
{
	static const struct key keys[] = {
		{ "title", take_slice, offsetof(struct cls_test, title), 0, 0 },
		{ "text", take_slice, offsetof(struct cls_test, text), 0, 0 },
		{ "language", take_text, offsetof(struct cls_test, language), 0, 0 },
		{ "expect", take_expect, offsetof(struct cls_test, expect), 0, 0 },
	};
	bool expects = false;

	test->line = n->line;
	if (!TAKE(r, n, keys, test))
		return false;
	for (const struct cls_node *m = n->first; m != NULL; m = m->next)
		expects = expects || strcmp(m->key, "expect") == 0;
	if (!expects || test->title.n + test->text.n == 0)
		return cls_fail(r->e, r->t->file, n->line, "a test needs a 'title' or 'text', and 'expect'");
	return true;
}

static bool take_tests(struct reader *r, const struct cls_node *n, void *into)
{
	struct cls_test_def **tail = &r->t->tests;

	(void)into;
	if (n->kind != CLS_LIST)
		return fail(r, n, "must be a list of tests");
	for (const struct cls_node *m = n->first; m != NULL; m = m->next) {
		struct cls_test_def *test = cls_arena_new(&r->t->arena, 1, sizeof *test);
		if (test == NULL)
			return cls_fail_memory(r->e);
		if (++r->t->test_count > CLS_TESTS_MAX)
			return cls_fail(r->e, r->t->file, m->line, "more than %d tests", CLS_TESTS_MAX);
		if (!take_test(r, m, &test->test))
			return false;
		*tail = test;
		tail = &test->next;
	}
	return true;
}

static bool take_thresholds(struct reader *r, const struct cls_node *n, void *into)
{
	static const struct key keys[] = {
		{ "match", take_number, offsetof(struct cls_topic, match), 0, 0 },
		{ "review", take_number, offsetof(struct cls_topic, review), 0, 0 },
	};
	struct cls_topic *head = into;

	if (!TAKE(r, n, keys, head))
		return false;
	if (!(head->review > 0 && head->review <= head->match && head->match < 1))
		return fail(r, n, "must be {match: ..., review: ...} with 0 < review <= match < 1");
	return true;
}

static bool take_name(struct reader *r, const struct cls_node *n, void *into)
{
	size_t good = n->kind == CLS_SCALAR ? strspn(n->text, "abcdefghijklmnopqrstuvwxyz0123456789-") : 0;

	if (good == 0 || good != n->length || good > NAME_MAX_BYTES)
		return fail(r, n, "must be a name of a-z, 0-9 and '-', at most 64 bytes");
	*(const char **)into = n->text;
	return true;
}

static bool take_groups_before(struct reader *r, const struct cls_node *n, void *into)
{
	(void)r, (void)n, (void)into; /* read first: rules may stand above their groups */
	return true;
}

static bool take_topic(struct reader *r, const struct cls_node *root)
{
	static const struct key keys[] = {
		{ "topic", take_name, offsetof(struct cls_topic_def, head.name), 0, 0 },
		{ "title", take_text, offsetof(struct cls_topic_def, head.title), 0, 0 },
		{ "description", take_text, offsetof(struct cls_topic_def, head.description), 0, 0 },
		{ "thresholds", take_thresholds, offsetof(struct cls_topic_def, head), 0, 0 },
		{ "shadow", take_flag, offsetof(struct cls_topic_def, head.shadow), 0, 0 },
		{ "bias", take_number, offsetof(struct cls_topic_def, bias), -20, 20 },
		{ "title_weight", take_number, offsetof(struct cls_topic_def, title_weight), 0, 5 },
		{ "cap", take_number, offsetof(struct cls_topic_def, cap), 0.1, 100 },
		{ "late", take_number, offsetof(struct cls_topic_def, late), 0, 20 },
		{ "lead", take_lead, offsetof(struct cls_topic_def, lead), 0, 0 },
		{ "groups", take_groups_before, 0, 0, 0 },
		{ "phrases", take_rules, 0, 0, 0 },
		{ "tests", take_tests, 0, 0, 0 },
	};

	if (root->kind != CLS_MAP)
		return cls_fail(r->e, r->t->file, root->line,
		    "a topic file is a map of keys (topic, thresholds, phrases ...)");
	for (const struct cls_node *n = root->first; n != NULL; n = n->next)
		if (strcmp(n->key, "groups") == 0 && !cls_lexicon_load(&r->lexicon, n, r->e))
			return false;
	if (!TAKE(r, root, keys, r->t))
		return false;
	if (r->t->head.title == NULL)
		r->t->head.title = r->t->head.name;
	if (r->t->head.description == NULL)
		r->t->head.description = "";
	return cls_check_topic(r->t, r->e);
}

struct cls_topic_def *cls_topic_parse(const char *name, const char *yaml, size_t n, struct cls_error *e)
{
	struct cls_arena arena = { 0 };
	struct cls_topic_def *t = cls_arena_new(&arena, 1, sizeof *t);
	struct cls_node *root;

	if (t == NULL) {
		cls_fail_memory(e);
		return NULL;
	}
	t->arena = arena;
	t->file = cls_arena_text(&t->arena, name, strlen(name));
	t->bias = -4;
	t->title_weight = 1.5;
	t->cap = 12;
	t->late = 0.7;
	t->lead = 600;
	t->hash = XXH3_64bits(yaml, n);
	struct reader r = { .t = t, .lexicon = { .arena = &t->arena, .file = t->file }, .e = e };
	if (t->file == NULL)
		cls_fail_memory(e);
	else if (n > CLS_TOPIC_FILE_MAX)
		cls_fail(e, name, 0, "larger than %u MB", CLS_TOPIC_FILE_MAX >> 20);
	else if ((root = cls_yaml_parse(&t->arena, t->file, yaml, n, e)) != NULL && take_topic(&r, root))
		return t;
	cls_topic_def_free(&t);
	return NULL;
}

void cls_topic_def_free(struct cls_topic_def **t)
{
	struct cls_arena arena;

	if (*t == NULL)
		return;
	arena = (*t)->arena; /* the struct lies in its own arena */
	*t = NULL;
	cls_arena_fini(&arena);
}
