/*
 * cls_rules: the rules of all topics over hits of phrases: which hits count (near, unless, where) and what they add to
 * each passage. A scorer: what it adds is log-odds. Knows no thresholds and no probabilities.
 */
#ifndef CLS_RULES_H
#define CLS_RULES_H

#include "classifiers/cls_matcher.h"
#include "classifiers/cls_topicfile.h"

#define CLS_PASSAGE_STEP 240u /* half words from one passage to the next; a passage has two steps */
#define CLS_PAIRS_MAX                                                                                        \
	(1u << 20) /* of hits with the lists and rules that have them, of one item: 8 MB. Where there are more, \
	            * the phrases with the most are looked at less often, the first times; each at least once */
#define CLS_SPAN_MAX 160u /* bytes; a pair that stands farther apart is shown by its first half only */

struct cls_condition {
	uint32_t set;
	uint32_t within;
};

struct cls_rule {
	uint32_t topic;
	uint32_t set; /* its phrases */
	const struct cls_condition *near, *unless;
	uint32_t near_count, unless_count;
	double weight;
	enum cls_where in;
	bool once;
	int line;
};

struct cls_topic_rules { /* what a topic says about all of its rules */
	double title_weight, cap;
	uint32_t lead; /* characters */
};

struct cls_rules { /* const after cls_rules_build */
	const struct cls_rule *rule; /* in order of set */
	const uint32_t *set_rules; /* [set + 1]: where the set's rules begin */
	const uint32_t *phrase_sets; /* [phrase + 1]: where the phrase's sets begin in `sets` */
	const uint32_t *sets;
	const struct cls_topic_rules *topic;
	uint32_t count, set_count, topic_count, phrase_count;
};

struct cls_found { /* a hit that counts */
	uint32_t hit;
	uint32_t partner; /* the hit near it, or CLS_PHRASE_NONE */
};

struct cls_fired { /* a rule with hits that count */
	uint32_t rule;
	uint32_t first, count; /* in found: those of the title first */
	uint32_t titles;
	uint32_t next; /* of the same topic, + 1; 0: none */
};

struct cls_set_hits { /* of one set */
	size_t end; /* in set_hit, behind its last (while they are sorted: behind those that are there) */
	uint32_t count; /* 0 for all sets between items */
};

struct cls_evaluation { /* in the scratch */
	const struct cls_rules *rules;
	const struct cls_hit *hit;
	size_t hits;
	struct cls_text text;
	uint32_t text_pos; /* where the text begins; the title is before */
	uint32_t passages;
	uint32_t lead, lead_bytes; /* the last lead that was asked for, as bytes */

	struct cls_set_hits *set;
	uint64_t *touched; /* a bit for each set with hits: few have any */
	uint32_t *set_hit;
	uint32_t *left; /* work space: how often each phrase is still looked at, when `thinned` */
	bool thinned; /* the item has more pairs than CLS_PAIRS_MAX */
	struct cls_found *found;
	struct cls_fired *fired;
	uint32_t *topic_fired; /* [topic]: first + 1 */
	uint32_t *in_passage; /* work space: hits of one rule in each passage */
	double *minus; /* work space: [passage] */
	struct cls_evidence *evidence; /* work space */
	size_t founds, fireds, evidences;
	size_t set_capacity, touched_capacity, sets_ready; /* sets_ready: all below are 0 between items */
	size_t set_hit_capacity, found_capacity, fired_capacity, topic_capacity;
	size_t in_passage_capacity, minus_capacity, evidence_capacity, left_capacity;
};

/* topics: a list in order of index. p must have all of their phrases. False when memory is short. */
bool cls_rules_build(struct cls_rules *r, struct cls_arena *a, const struct cls_phrases *p,
    const struct cls_topic_def *topics);

/* Finds the hits that count. text_pos and end_pos: positions where the text begins and ends. */
bool cls_rules_evaluate(struct cls_evaluation *v, const struct cls_rules *r, const struct cls_matcher *m,
    struct cls_text text, uint32_t text_pos, uint32_t end_pos);

/* Writes to x[0..passages) what the topic's rules say; all the positive together at most the topic's cap. */
void cls_rules_score(struct cls_evaluation *v, size_t topic, double *x);

/* What the topic's rules said in one passage: merged spans, heaviest first, at most CLS_EVIDENCE_MAX.
 * False only when memory is short. */
bool cls_rules_explain(
    struct cls_evaluation *v, size_t topic, uint32_t passage, struct cls_evidence *out, size_t *count);

void cls_evaluation_fini(struct cls_evaluation *v);

#endif
