/*
 * scores: what a classifier said of labelled texts, gathered, and how good that is: precision, recall, F1 with intervals, average precision,
 * calibration, by topic, language and source. Knows no texts beyond their names; prints nothing itself (scores_show).
 */
#ifndef CTL_SCORES_H
#define CTL_SCORES_H

#include "classifiers/classify.h"
#include "daemon/base/buf.h"
#include "daemon/ctl/texts.h"

#define SCORES_MAX ((size_t)1 << 30) /* bytes of all that is gathered; a text takes about a hundred */
#define SCORES_BINS 10 /* of the reliability table */

struct score {
	double p;
	signed char truth; /* 1, -1 */
	signed char decision; /* enum cls_decision */
};

struct score_text {
	struct str id, title;
	uint32_t language, source; /* places in names */
	bool borderline;
};

struct score_names { /* told apart, in order of appearance */
	struct buf list; /* struct str */
	size_t n;
};

struct scores {
	const struct classifier *classifier;
	struct arena *arena;
	size_t topics, n; /* n: texts */
	struct buf texts; /* struct score_text */
	struct buf cells; /* struct score, [text][topic] */
	struct score_names languages, sources;
};

void scores_init(struct scores *s, const struct classifier *c, struct arena *arena);
void scores_fini(struct scores *s);

/* truth: [topic], 1 or -1, of a text with "labels"; ERR_PARSE when it has none. */
bool scores_labels(
    const struct classifier *c, const struct text *t, signed char *truth, struct err *e) MUST_CHECK;
/* p: [topic]. The text's "source" or "feed" is its source, else its file. */
bool scores_add(struct scores *s, const struct text *t, const signed char *truth, struct err *e) MUST_CHECK;
struct score *scores_cell(const struct scores *s, size_t text, size_t topic);
const struct score_text *scores_text(const struct scores *s, size_t text);
struct str scores_name(const struct score_names *names, size_t i);

#define SCORES_ANY SIZE_MAX
struct scores_part { /* of the texts */
	size_t language, source; /* or SCORES_ANY */
	bool clear; /* without borderline ones */
};

struct scores_topic {
	uint64_t texts, positives;
	uint64_t hit, wrong, missed; /* match as labelled; match without label; label without match */
	uint64_t review_hit, review_wrong; /* left to people: with and without the label */
	double precision, recall, f1;
	double average_precision; /* 0 when nothing is labelled */
	double ece;
	uint64_t bin_texts[SCORES_BINS]; /* by probability */
	double bin_p[SCORES_BINS], bin_truth[SCORES_BINS]; /* means */
};

/* False: no memory. */
bool scores_measure(
    const struct scores *s, size_t topic, struct scores_part part, struct scores_topic *out) MUST_CHECK;

struct
    scores_mean { /* over topics that were labelled or found at all; average precision over those labelled */
	double f1, average_precision, ece;
	uint64_t texts, positives;
};
bool scores_mean(const struct scores *s, struct scores_part part, struct scores_mean *out) MUST_CHECK;

/* Wilson's interval of 95 % for `part` of `whole`; {0, 1} when whole is 0. */
struct scores_interval {
	double low, high;
};
struct scores_interval scores_wilson(double part, double whole);
/* F1 = 2J/(1+J), J = hit / (hit + wrong + missed), of which Wilson's interval is taken. */
struct scores_interval scores_f1_interval(const struct scores_topic *t);

#endif
