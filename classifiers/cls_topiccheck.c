/* cls_topiccheck: checks of a topic that has been read. */
#include "classifiers/cls_topiccheck.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#define KEY_SHOWN 80 /* bytes of a phrase in an error */
#define DIGITS_MAX 15 /* a double holds them exactly */

struct placed { /* a rule, and what it is compared by */
	const struct cls_rule_def *rule;
	uint64_t place; /* hash of where it looks and of its conditions */
	uint64_t words; /* hash of what it looks for */
	size_t number; /* in the file's order */
};

struct claim { /* a phrase in rules of one place; empty without a key */
	const char *key;
	const struct cls_rule_def *by[2]; /* the first rules that count it against the topic, and for it */
};

struct clash { /* the first in the file's order */
	const struct cls_rule_def *a, *b;
	const char *key; /* of both; NULL: they are the same rule */
};

bool cls_number(const char *text, double *v)
{
	double sign = *text == '-' ? -1 : 1, value = 0, scale = 1;
	int digits = 0;

	text += *text == '-' || *text == '+';
	for (; *text >= '0' && *text <= '9'; text++, digits++)
		value = value * 10 + (*text - '0');
	if (*text == '.')
		for (text++; *text >= '0' && *text <= '9'; text++, digits++) {
			value = value * 10 + (*text - '0');
			scale *= 10;
		}
	if (*text != '\0' || digits == 0 || digits > DIGITS_MAX)
		return false;
	*v = sign * value / scale;
	return true;
}

bool cls_check_range(
    const char *file, const struct cls_node *n, double v, double min, double max, struct cls_error *e)
{
	if (v >= min && v <= max)
		return true;
	return cls_fail(e, file, n->line, "'%s' must be from %g to %g, not %s", n->key, min, max, n->text);
}

static uint64_t hash_words(const struct cls_words *w, uint64_t h)
{
	for (size_t i = 0; i < w->n; i++)
		h = XXH3_64bits_withSeed(w->key[i]->text, strlen(w->key[i]->text), h);
	return h;
}

static uint64_t hash_conditions(const struct cls_condition_def *c, size_t n, uint64_t h)
{
	h = XXH3_64bits_withSeed(&n, sizeof n, h);
	for (size_t i = 0; i < n; i++)
		h = hash_words(&c[i].any, XXH3_64bits_withSeed(&c[i].within, sizeof c[i].within, h));
	return h;
}

static struct placed place_of(const struct cls_rule_def *r, size_t number)
{
	uint64_t h = hash_conditions(r->near, r->near_count, (uint64_t)r->in);

	h = hash_conditions(r->unless, r->unless_count, h);
	return (struct placed){ r, h, hash_words(&r->any, 0), number };
}

static bool conditions_equal(
    const struct cls_condition_def *a, size_t na, const struct cls_condition_def *b, size_t nb)
{
	if (na != nb)
		return false;
	for (size_t i = 0; i < na; i++)
		if (a[i].within != b[i].within || !cls_words_equal(&a[i].any, &b[i].any))
			return false;
	return true;
}

/* Whether two rules look at the same places under the same conditions. */
static bool same_place(const struct placed *a, const struct placed *b)
{
	const struct cls_rule_def *x = a->rule, *y = b->rule;

	return a->place == b->place && x->in == y->in &&
	       conditions_equal(x->near, x->near_count, y->near, y->near_count) &&
	       conditions_equal(x->unless, x->unless_count, y->unless, y->unless_count);
}

static int by_place(const void *a, const void *b)
{
	const struct placed *x = a, *y = b;

	if (x->place != y->place)
		return x->place < y->place ? -1 : 1;
	return (x->number > y->number) - (x->number < y->number);
}

static int by_words(const void *a, const void *b)
{
	const struct placed *x = a, *y = b;

	if (x->words != y->words)
		return x->words < y->words ? -1 : 1;
	return by_place(a, b);
}

static void note(struct clash *c, const struct cls_rule_def *a, const struct cls_rule_def *b, const char *key)
{
	if (c->b == NULL || b->line < c->b->line)
		*c = (struct clash){ a, b, key };
}

static void find_same(struct placed *p, size_t n, struct clash *c)
{
	qsort(p, n, sizeof *p, by_words);
	for (size_t i = 1; i < n; i++)
		if (p[i - 1].words == p[i].words && same_place(&p[i - 1], &p[i]) &&
		    cls_words_equal(&p[i - 1].rule->any, &p[i].rule->any))
			note(c, p[i - 1].rule, p[i].rule, NULL);
}

static struct claim *claim_of(struct claim *claim, size_t slots, const char *key)
{
	size_t at = XXH3_64bits(key, strlen(key)) & (slots - 1);

	while (claim[at].key != NULL && strcmp(claim[at].key, key) != 0)
		at = (at + 1) & (slots - 1);
	claim[at].key = key;
	return &claim[at];
}

/* The rules of one place, in the file's order. The table is empty and has room for all of their phrases. */
static void find_contradiction(
    const struct placed *p, size_t n, struct claim *claim, size_t slots, struct clash *c)
{
	for (size_t i = 0; i < n; i++) {
		const struct cls_rule_def *r = p[i].rule;
		bool plus = r->weight > 0;
		for (size_t k = 0; k < r->any.n; k++) {
			struct claim *l = claim_of(claim, slots, r->any.key[k]->text);
			if (l->by[!plus] != NULL) {
				note(c, l->by[!plus], r, l->key);
				return;
			}
			if (l->by[plus] == NULL)
				l->by[plus] = r;
		}
	}
}

/* How many rules from p[0] on have its place. *phrases: of them, when there are both signs; else 0. */
static size_t measure_place(const struct placed *p, size_t n, size_t *phrases)
{
	bool sign[2] = { false, false };
	size_t count = 0;

	*phrases = 0;
	for (; count < n && same_place(&p[0], &p[count]); count++) {
		sign[p[count].rule->weight > 0] = true;
		*phrases += p[count].rule->any.n;
	}
	if (!sign[0] || !sign[1])
		*phrases = 0;
	return count;
}

static bool find_contradictions(struct placed *p, size_t n, struct clash *c)
{
	struct claim *claim = NULL;
	size_t capacity = 0, phrases, count, slots;
	bool ok = true;

	qsort(p, n, sizeof *p, by_place);
	for (size_t i = 0; ok && i < n; i += count) {
		count = measure_place(p + i, n - i, &phrases);
		if (phrases == 0)
			continue;
		for (slots = 64; slots < 2 * phrases;)
			slots *= 2;
		ok = cls_grow((void **)&claim, &capacity, slots, sizeof *claim);
		if (!ok)
			continue;
		memset(claim, 0, slots * sizeof *claim);
		find_contradiction(p + i, count, claim, slots, c);
	}
	free(claim);
	return ok;
}

static bool find_clash(const struct cls_topic_def *t, struct clash *c)
{
	struct placed *p = NULL;
	size_t capacity = 0, n = 0;
	bool ok = cls_grow((void **)&p, &capacity, t->rule_count, sizeof *p);

	for (const struct cls_rule_def *r = t->rules; ok && p != NULL && r != NULL; r = r->next, n++)
		p[n] = place_of(r, n);
	if (ok && n > 1) { /* one clashes with nobody */
		find_same(p, n, c);
		ok = find_contradictions(p, n, c);
	}
	free(p);
	return ok;
}

/* Without the space behind its last word. */
static int shown(const char *key)
{
	size_t n = strlen(key);

	return n > KEY_SHOWN ? KEY_SHOWN : (int)n - 1;
}

/* Whether all that is within `near` is within `unless` too. */
static bool reaches(uint32_t unless, uint32_t near)
{
	return unless == near || unless == CLS_WITHIN_ANYWHERE ||
	       (unless <= CLS_WITHIN_LIMIT && near <= unless);
}

/* What `unless` always rules out when the rest of the rule holds; NULL: nothing. A hit may be its own exception. */
static const char *ruled_out(const struct cls_rule_def *r)
{
	for (size_t i = 0; i < r->unless_count; i++) {
		const struct cls_condition_def *u = &r->unless[i];
		if (cls_words_within(&r->any, &u->any))
			return "any";
		for (size_t k = 0; k < r->near_count; k++)
			if (reaches(u->within, r->near[k].within) &&
			    cls_words_within(&r->near[k].any, &u->any))
				return "near";
	}
	return NULL;
}

static bool check_rules(const struct cls_topic_def *t, struct cls_error *e)
{
	for (const struct cls_rule_def *r = t->rules; r != NULL; r = r->next) {
		const char *what = ruled_out(r);
		if (what != NULL)
			return cls_fail(e, t->file, r->line,
			    "the rule contradicts itself: its 'unless' rules out all of its '%s', so it "
			    "never counts",
			    what);
	}
	return true;
}

bool cls_check_topic(const struct cls_topic_def *t, struct cls_error *e)
{
	struct clash c = { 0 };

	if (t->head.name == NULL)
		return cls_fail(e, t->file, 0, "'topic' (the name) is missing");
	if (t->head.match == 0)
		return cls_fail(e, t->file, 0, "'thresholds' is missing");
	if (t->rules == NULL)
		return cls_fail(e, t->file, 0, "'phrases' is missing: without rules nothing can match");
	if (!find_clash(t, &c))
		return cls_fail_memory(e);
	if (c.b == NULL)
		return check_rules(t, e);
	if (c.key == NULL)
		return cls_fail(e, t->file, c.b->line, "the same rule as at line %d", c.a->line);
	return cls_fail(e, t->file, c.b->line,
	    "contradicts the rule at line %d: the phrase '%.*s' has %g there and %g here", c.a->line,
	    shown(c.key), c.key, c.a->weight, c.b->weight);
}
