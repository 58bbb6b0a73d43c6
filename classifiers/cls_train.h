/* cls_train: the parts of training: examples as sparse rows, folds that keep near-duplicates together, numbers about scores. */
#ifndef CLS_TRAIN_H
#define CLS_TRAIN_H

#include "classifiers/classify_priv.h"
#include "classifiers/cls_model.h"
#include "classifiers/cls_solve.h"
#include "classifiers/train.h"

#define CLS_TERM_ROWS ((size_t)1 << CLS_TERM_BITS)
#define CLS_SHINGLES 8 /* smallest hashes of an example, one per hash function: its signature */

struct cls_example_term {
	uint32_t place; /* behind its cell in the last example that had it; once closed its column */
	union {
		uint32_t documents; /* examples that have it */
		float idf; /* once closed; 0: the model does not know it */
	};
};

struct cls_example_block; /* terms of many examples */
struct cls_example_set {
	struct cls_example_block *block; /* the newest, until closed */
	struct cls_cell *cell; /* once closed: columns of known terms, a row's values of length one */
	void *cell_memory; /* they are in it */
	size_t *first; /* [rows + 1] */
	uint32_t (*signature)[CLS_SHINGLES];
	size_t rows, cells;
	size_t first_capacity, signature_capacity;
	struct cls_example_term *of; /* [term] */
	void *of_memory; /* they are in it */
	uint32_t *term; /* [columns] */
	size_t columns;
	/* of the field that is read */
	int field; /* -1: none yet */
	uint32_t start, step; /* position of its first token; which stretch of text is read */
	struct cls_term_state state;
	struct cls_repeats words; /* of the stretch */
};

bool cls_examples_open(struct cls_example_set *x);
/* One example: begun, its title's tokens and its text's as the tokenizer gives them, ended. Of a text only the first passage is taken, as when an item of usual
 * length is asked about. */
bool cls_examples_begin(struct cls_example_set *x);
void cls_examples_tokens(struct cls_example_set *x, enum cls_field field, const struct cls_tokens *t);
void cls_examples_end(struct cls_example_set *x);
/* After the last one: weights by idf, rows of length one. False: no memory. */
bool cls_examples_close(struct cls_example_set *x);
void cls_examples_fini(struct cls_example_set *x);

/* fold[row] < CLS_FOLDS: near-duplicates are in one fold, folds by hash of the first of them. False: no memory. */
bool cls_examples_fold(const struct cls_example_set *x, uint64_t seed, unsigned char *fold);

/* Thresholds and scores out of probabilities p and truth y. `rare`: few positives, thresholds stay near the middle. */
void cls_train_measure(
    const double *p, const signed char *y, size_t n, uint32_t *order, struct cls_train_topic *out);
double cls_train_f1(const double *p, const signed char *y, size_t n, double threshold);

#endif
