/*
 * cls_topicfile: one topic file (docs/topics.md) as structs, checked; phrases still are keys (cls_words).
 * Knows nothing of how they are looked for.
 */
#ifndef CLS_TOPICFILE_H
#define CLS_TOPICFILE_H

#include "classifiers/cls_words.h"

#define CLS_RULES_MAX 4000 /* of one topic; people have to read them */
#define CLS_CONDITIONS_MAX 8 /* of one kind at one rule */
#define CLS_TESTS_MAX 4000 /* of one topic */

/* Distances in half words; those above CLS_WITHIN_LIMIT are not distances. */
#define CLS_WITHIN_PASSAGE 480u /* a passage is 240 words; the title counts as near to all of the text */
#define CLS_WITHIN_LIMIT 2000u
enum { CLS_WITHIN_SENTENCE = CLS_WITHIN_LIMIT + 1, CLS_WITHIN_WHOLE_PASSAGE, CLS_WITHIN_ANYWHERE };

enum cls_where { CLS_IN_BOTH, CLS_IN_TITLE, CLS_IN_TEXT, CLS_IN_LEAD };

struct cls_condition_def {
	struct cls_words any;
	uint32_t within;
};

struct cls_rule_def {
	struct cls_rule_def *next;
	struct cls_words any;
	struct cls_condition_def *near, *unless;
	size_t near_count, unless_count;
	double weight;
	enum cls_where in;
	bool once;
	int line;
};

struct cls_test_def {
	struct cls_test_def *next;
	struct cls_test test;
};

struct cls_topic_def {
	struct cls_topic_def *next;
	struct cls_arena arena; /* of all that hangs here, and of the struct itself */
	const char *file;
	struct cls_topic head;
	double bias, title_weight, cap, late;
	uint32_t lead; /* characters */
	struct cls_rule_def *rules; /* in the file's order */
	size_t rule_count;
	struct cls_test_def *tests;
	size_t test_count;
	uint64_t hash; /* of the file's bytes */
};

/* NULL: e says file, line, reason. */
struct cls_topic_def *cls_topic_parse(const char *name, const char *yaml, size_t n, struct cls_error *e);
void cls_topic_def_free(struct cls_topic_def **t);

#endif
