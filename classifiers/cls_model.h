/*
 * cls_model: the statistical model: a file of weights (made by train.h, used where it lies, for instance memory-mapped), what it says about
 * each passage of an item, and which words said it. A scorer beside cls_rules. Knows no rules and no thresholds' meaning.
 */
#ifndef CLS_MODEL_H
#define CLS_MODEL_H

#include "classifiers/cls_arena.h"
#include "classifiers/cls_repeats.h"
#include "classifiers/cls_terms.h"

#define CLS_MODEL_MAGIC "CLSMODEL"
#define CLS_MODEL_VERSION 2u
#define CLS_MODEL_ORDER 0x01020304u /* of bytes in the file */
#define CLS_MODEL_IDF 4096.0 /* a row's first cell is its idf times this */
#define CLS_MODEL_TITLE 2.0 /* terms of the title count so often */
#define CLS_MODEL_SHOWN 2000u /* tokens that are looked at for evidence: a passage and a long title */

struct cls_model_head {
	char magic[8];
	uint64_t checksum; /* XXH3 of all that follows */
	uint32_t order, version, terms_version, fold_version;
	uint32_t bits, topics;
	uint64_t data_hash, seed, examples;
};

struct cls_model_topic {
	char name[72];
	double rules, margin,
	    constant; /* log-odds = rules * (what the rules say) + margin * (sum / norm) + constant */
	double match, review;
	double scale; /* of the topic's weights */
	double f1, average_precision, ece; /* by cross-validation, for people */
	uint64_t learned; /* 0: too few examples; the numbers above are 0 and the rules stand alone */
};

struct cls_model { /* a view of the file's bytes */
	const struct cls_model_head *head;
	const struct cls_model_topic *topic;
	const int16_t *row; /* [1 << bits][1 + topics]: idf, weights */
	size_t cells; /* of a row */
};

struct cls_model_mark { /* where a block of tokens begins: there the text can be read again */
	struct cls_tokenizer at;
	struct cls_term_state state;
};

struct cls_memo;
struct cls_model_sums { /* in the scratch: of the title, then of each step of the text */
	double *sum; /* [1 + steps][1 + topics]: squared norm, weights, CLS_REPEATS_EQUAL times */
	size_t steps, capacity;
	struct cls_repeats repeats; /* of the title or of a step */
	size_t repeats_of; /* which step that is */
	struct cls_model_mark *mark; /* [marks]: of the text, in order */
	size_t marks, mark_capacity;
	struct cls_evidence *span; /* work space */
	size_t span_capacity;
};

size_t cls_model_size(uint32_t bits, uint32_t topics); /* bytes of the file */

/* bytes: aligned to 8; must live as long as the model. A cut, changed, foreign or senseless file is refused. */
bool cls_model_open(struct cls_model *m, const char *name, const void *bytes, size_t n, struct cls_error *e);

struct cls_model_word { /* the rows of a word and its pieces together */
	float norm; /* squared */
	int32_t weight[]; /* [topics] */
};

/* A row that the model does not know is all zero. */
void cls_model_word(const struct cls_model *m, uint64_t word, const struct cls_token *k,
    const unsigned char *text, struct cls_model_word *out);

/* Before an item's first token. */
bool cls_model_begin(struct cls_model_sums *s, const struct cls_model *m);

/* The sums of the title (step 0) or of a step of the text, to be added to; NULL when memory is short. Until the next call. */
double *cls_model_step(struct cls_model_sums *s, const struct cls_model *m, size_t step);

/* Before each block of the text. False when memory is short. */
bool cls_model_mark(
    struct cls_model_sums *s, const struct cls_tokenizer *at, const struct cls_term_state *state);

/* The cells of a row (CLS_TERM_NONE: zeros). */
static inline const int16_t *cls_model_row(const struct cls_model *m, uint32_t row)
{
	static const int16_t nothing[1 + CLS_TOPICS_MAX];

	uintptr_t cells = (uintptr_t)(m->row + row * m->cells), known = -(uintptr_t)(row != CLS_TERM_NONE);
	return (const int16_t *)((cells & known) | ((uintptr_t)nothing & ~known));
}

/* sum / norm of one passage (two steps and the title) for one topic of the model. False: it knows none of the words. */
bool cls_model_margin(const struct cls_model_sums *s, const struct cls_model *m, size_t topic,
    uint32_t passage, double *margin);

/* The words of the passage that carried the margin, in order of place; in the sums, until their next use. The item's bytes are read again. */
bool cls_model_explain(struct cls_model_sums *s, const struct cls_memo *memo, size_t topic, uint32_t passage,
    struct cls_text title, uint32_t text_pos, const struct cls_evidence **out, size_t *count);

void cls_model_sums_fini(struct cls_model_sums *s);

#endif
