/* cls_topiccheck: checks of a topic that has been read. */
#include "classifiers/cls_topiccheck.h"

#define DIGITS_MAX 15 /* a double holds them exactly */

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

/* Two rules that look for words at the same places under the same conditions. */
static bool check_pair(const struct cls_topic_def *t, const struct cls_rule_def *a,
    const struct cls_rule_def *b, struct cls_error *e)
{
	const char *key;

	if (a->in != b->in || !conditions_equal(a->near, a->near_count, b->near, b->near_count) ||
	    !conditions_equal(a->unless, a->unless_count, b->unless, b->unless_count))
		return true;
	if (cls_words_equal(&a->any, &b->any))
		return cls_fail(e, t->file, b->line, "the same rule as at line %d", a->line);
	if ((a->weight > 0) == (b->weight > 0))
		return true;
	key = cls_words_common(&a->any, &b->any);
	if (key == NULL)
		return true;
	return cls_fail(e, t->file, b->line,
	    "contradicts the rule at line %d: the phrase '%.80s' has %g there and %g here", a->line, key,
	    a->weight, b->weight);
}

bool cls_check_topic(const struct cls_topic_def *t, struct cls_error *e)
{
	if (t->head.name == NULL)
		return cls_fail(e, t->file, 0, "'topic' (the name) is missing");
	if (t->head.match == 0)
		return cls_fail(e, t->file, 0, "'thresholds' is missing");
	if (t->rules == NULL)
		return cls_fail(e, t->file, 0, "'phrases' is missing: without rules nothing can match");
	for (const struct cls_rule_def *a = t->rules; a != NULL; a = a->next)
		for (const struct cls_rule_def *b = a->next; b != NULL; b = b->next)
			if (!check_pair(t, a, b, e))
				return false;
	return true;
}
