/* cls_rules_build: rules of topic files -> compiled rules: sets of phrases, each once, and their users. */
#include <stdlib.h>
#include <string.h>

#include "classifiers/cls_rules.h"

struct set {
	const struct cls_words *words;
	uint64_t hash;
};

struct maker {
	struct cls_arena *arena;
	const struct cls_phrases *phrases;
	struct set *set;
	size_t sets, capacity;
	uint32_t *slot; /* hash table of set number + 1 */
	size_t slots, slot_capacity;
};

static uint64_t hash_words(const struct cls_words *w)
{
	uint64_t h = w->n;

	for (size_t i = 0; i < w->n; i++)
		h = (h ^ w->key[i]->phrase) * 0x9e3779b97f4a7c15u;
	h ^= h >> 32;
	return h;
}

/* Rules and topics, and lists of words at most. */
static size_t count_all(struct cls_rules *r, const struct cls_topic_def *topics)
{
	size_t lists = 0;

	r->count = r->topic_count = 0;
	for (const struct cls_topic_def *t = topics; t != NULL; t = t->next, r->topic_count++)
		for (const struct cls_rule_def *d = t->rules; d != NULL; d = d->next, r->count++)
			lists += 1 + d->near_count + d->unless_count;
	return lists;
}

static bool open_table(struct maker *m, size_t lists)
{
	m->slots = 64;
	while (m->slots < 2 * lists)
		m->slots *= 2;
	if (!cls_grow((void **)&m->slot, &m->slot_capacity, m->slots, sizeof *m->slot) ||
	    !cls_grow((void **)&m->set, &m->capacity, lists, sizeof *m->set))
		return false;
	memset(m->slot, 0, m->slots * sizeof *m->slot);
	return true;
}

/* The number of the set with these words; a new one if there is none yet. */
static uint32_t intern(struct maker *m, const struct cls_words *w)
{
	uint64_t h = hash_words(w);
	size_t at = h & (m->slots - 1);

	for (; m->slot[at] != 0; at = (at + 1) & (m->slots - 1)) {
		const struct set *s = &m->set[m->slot[at] - 1];
		if (s->hash == h && cls_words_equal(s->words, w))
			return m->slot[at] - 1;
	}
	m->set[m->sets] = (struct set){ w, h };
	m->slot[at] = (uint32_t)++m->sets;
	return m->slot[at] - 1;
}

static struct cls_condition *make_conditions(struct maker *m, const struct cls_condition_def *d, size_t n)
{
	struct cls_condition *c = cls_arena_new(m->arena, n + 1, sizeof *c);

	for (size_t i = 0; c != NULL && i < n; i++)
		c[i] = (struct cls_condition){ intern(m, &d[i].any), d[i].within };
	return c;
}

static bool make_rule(struct maker *m, const struct cls_rule_def *d, size_t topic, struct cls_rule *rule)
{
	rule->topic = (uint32_t)topic;
	rule->set = intern(m, &d->any);
	rule->near = make_conditions(m, d->near, d->near_count);
	rule->unless = make_conditions(m, d->unless, d->unless_count);
	rule->near_count = (uint32_t)d->near_count;
	rule->unless_count = (uint32_t)d->unless_count;
	rule->weight = d->weight;
	rule->in = d->in;
	rule->once = d->once;
	rule->line = d->line;
	return rule->near != NULL && rule->unless != NULL;
}

static int compare_rules(const void *a, const void *b)
{
	const struct cls_rule *x = a, *y = b;

	if (x->set != y->set)
		return x->set < y->set ? -1 : 1;
	if (x->topic != y->topic)
		return x->topic < y->topic ? -1 : 1;
	return (x->line > y->line) - (x->line < y->line);
}

static bool index_rules(struct maker *m, struct cls_rules *r, struct cls_rule *rule)
{
	uint32_t *first = cls_arena_new(m->arena, m->sets + 2, sizeof *first);

	if (first == NULL)
		return false;
	qsort(rule, r->count, sizeof *rule, compare_rules);
	for (uint32_t i = 0; i < r->count; i++)
		first[rule[i].set + 1]++;
	for (size_t i = 0; i < m->sets; i++)
		first[i + 1] += first[i];
	r->rule = rule;
	r->set_rules = first;
	return true;
}

/* For each phrase the sets that it is in. */
static bool index_phrases(struct maker *m, struct cls_rules *r)
{
	uint32_t *first = cls_arena_new(m->arena, (size_t)m->phrases->count + 2, sizeof *first);
	uint32_t *sets;
	size_t total = 0;

	for (size_t s = 0; s < m->sets; s++)
		total += m->set[s].words->n;
	sets = cls_arena_new(m->arena, total + 1, sizeof *sets);
	if (first == NULL || sets == NULL)
		return false;
	for (size_t s = 0; s < m->sets; s++)
		for (size_t i = 0; i < m->set[s].words->n; i++)
			first[m->set[s].words->key[i]->phrase + 2]++;
	for (uint32_t i = 1; i <= m->phrases->count; i++)
		first[i + 1] += first[i];
	for (size_t s = 0; s < m->sets; s++)
		for (size_t i = 0; i < m->set[s].words->n; i++)
			sets[first[m->set[s].words->key[i]->phrase + 1]++] = (uint32_t)s;
	r->phrase_sets = first;
	r->phrase_count = m->phrases->count;
	r->sets = sets;
	return true;
}

static bool make_rules(
    struct maker *m, struct cls_rules *r, const struct cls_topic_def *topics, struct cls_rule *rule)
{
	struct cls_topic_rules *topic = cls_arena_new(m->arena, (size_t)r->topic_count + 1, sizeof *topic);
	size_t i = 0;

	if (topic == NULL || rule == NULL)
		return false;
	r->topic = topic;
	for (const struct cls_topic_def *t = topics; t != NULL; t = t->next, i++) {
		topic[i] = (struct cls_topic_rules){ t->title_weight, t->cap, t->lead };
		for (const struct cls_rule_def *d = t->rules; d != NULL; d = d->next)
			if (!make_rule(m, d, i, rule++))
				return false;
	}
	return true;
}

bool cls_rules_build(
    struct cls_rules *r, struct cls_arena *a, const struct cls_phrases *p, const struct cls_topic_def *topics)
{
	struct maker m = { .arena = a, .phrases = p };
	size_t lists = count_all(r, topics);
	struct cls_rule *rule = cls_arena_new(a, (size_t)r->count + 1, sizeof *rule);
	bool ok = open_table(&m, lists + 1) && make_rules(&m, r, topics, rule);

	r->set_count = (uint32_t)m.sets;
	ok = ok && index_rules(&m, r, rule) && index_phrases(&m, r);
	free(m.set);
	free(m.slot);
	return ok;
}
