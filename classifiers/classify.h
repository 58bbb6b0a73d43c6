/*
 * classify: text in, topics with evidence out. A plain library: no daemon, no clock, no network, no XML.
 *
 * Build a classifier once from topic files (YAML, see docs/topics.md), then ask it about titles and texts.
 * A struct classifier is const and re-entrant after cls_build: any number of threads may share it, each with a
 * scratch of its own. Text is UTF-8; invalid bytes are allowed and match nothing. Offsets count bytes in the
 * caller's original field. Nothing here prints, logs, exits or reads a file, except cls_builder_add_file.
 */
#ifndef CLASSIFY_H
#define CLASSIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Limits, each with its reason. */
#define CLS_TOPICS_MAX 256 /* topics; scores of all are written into every record */
#define CLS_TEXT_MAX                                                                                         \
	(1u << 20) /* bytes of a text that are looked at; titles and leads decide, the rest is passages */
#define CLS_EVIDENCE_MAX 16 /* pieces of evidence per topic, the heaviest first */
#define CLS_TOPIC_FILE_MAX (4u << 20) /* bytes of one topic file */
#define CLS_MODEL_FILE_MAX                                                                                   \
	(128u << 20) /* bytes of a model; three topics take 1 MB, all topics that there can be 67 */

struct cls_error {
	int line; /* line of the topic file, or 0 */
	char file[128];
	char text[200];
};

struct cls_text { /* a slice; need not be terminated */
	const char *p;
	size_t n;
};

struct classifier;
struct cls_builder;
struct cls_scratch;

struct cls_builder *cls_builder_new(void); /* NULL when memory is short */
void cls_builder_free(struct cls_builder **b);

/* Parses one topic file. `name` is used in errors only. The text may be freed afterwards.
 * False: e says file, line and reason; the builder is unchanged and may go on (to collect all errors). */
bool cls_builder_add(
    struct cls_builder *b, const char *name, const char *yaml, size_t n, struct cls_error *e);

/* The same, from a file. The only function here that reads one. */
bool cls_builder_add_file(struct cls_builder *b, const char *path, struct cls_error *e);

/* A model file's bytes (made by train.h): 8-byte aligned, not copied, to live as long as the classifier. Its topics that the
 * classifier has get learned weights and thresholds beside their rules; others are as without it. The last one counts. */
bool cls_builder_model(
    struct cls_builder *b, const char *name, const void *bytes, size_t n, struct cls_error *e);

/* Compiles. Frees the builder in every case (*b = NULL). */
bool cls_build(struct cls_builder **b, struct classifier **out, struct cls_error *e);
void cls_free(struct classifier **c);

struct cls_topic {
	const char *name; /* [a-z0-9-]+; also the name of its store */
	const char *title; /* for people */
	const char *description;
	double match; /* scores at or above it: decision "match" */
	double review; /* at or above it, below match: decision "review" */
	bool shadow; /* for the caller: it runs silently, and nothing follows from its decisions */
};

size_t cls_topic_count(const struct classifier *c);
const struct cls_topic *cls_topic(const struct classifier *c, size_t i); /* i < count; in order of name */
int cls_topic_index(const struct classifier *c, const char *name); /* -1: none */

/* Hash over everything that can change an answer; 16 hex digits. Same id, same answers. */
const char *cls_model_id(const struct classifier *c);

enum cls_field { CLS_FIELD_TITLE, CLS_FIELD_TEXT };
enum cls_decision { CLS_NONE, CLS_REVIEW, CLS_MATCH };
enum cls_by {
	CLS_BY_PHRASE,
	CLS_BY_PAIR,
	CLS_BY_TERM
}; /* a phrase; a phrase near a partner; a learned weight */

struct cls_evidence {
	enum cls_field field;
	size_t start, length; /* bytes in the original field */
	double weight; /* log-odds that it added (negative: took away) */
	enum cls_by by;
	int line; /* of the rule in its topic file, or 0 */
};

struct cls_result {
	size_t topic; /* index */
	double score; /* 0..1 */
	enum cls_decision decision;
	const struct cls_evidence *evidence; /* heaviest first; in the scratch, until its next use */
	size_t evidence_count;
};

struct cls_input {
	struct cls_text title;
	struct cls_text text;
	const char *language; /* declared, BCP 47, or NULL; a hint only */
};

/* One scratch per thread; grows as needed up to a few MB and is reused. NULL when memory is short. */
struct cls_scratch *cls_scratch_new(void);
void cls_scratch_free(struct cls_scratch **s);

/* Fills out[0..cls_topic_count) by topic index, every topic, matched or not. False only when memory is short. */
bool cls_classify(const struct classifier *c, struct cls_scratch *s, const struct cls_input *in,
    struct cls_result *out, struct cls_error *e);

const char *cls_decision_name(enum cls_decision d); /* "none", "review", "match" */
const char *cls_by_name(enum cls_by by); /* "phrase", "pair", "term" */

struct cls_test {
	const char *topic; /* name */
	int line;
	struct cls_text title, text;
	const char *language;
	enum cls_decision expect;
};
size_t cls_test_count(const struct classifier *c);
const struct cls_test *cls_test(const struct classifier *c, size_t i);

#endif
