/* cls_train: the parts of training: examples as sparse rows, folds that keep near-duplicates together, numbers about scores. */
#ifndef CLS_TRAIN_H
#define CLS_TRAIN_H

#include "classifiers/classify_priv.h"
#include "classifiers/cls_solve.h"
#include "classifiers/train.h"

#define CLS_TERM_ROWS ((size_t)1 << CLS_TERM_BITS)
#define CLS_SHINGLES 8 /* smallest hashes of an example, one per hash function: its signature */

struct cls_example_set {
	struct cls_cell *
	    cell; /* column: a term; value: how often. Once closed: a column of known terms, and weighted, of length one */
	size_t *first; /* [rows + 1] */
	uint32_t (*signature)[CLS_SHINGLES];
	size_t rows, cells;
	size_t first_capacity, cell_capacity, signature_capacity;
	uint32_t *place; /* [term]: of its cell in the last example that had it; once closed its column */
	uint32_t *documents; /* [term]: examples that have it */
	float *idf; /* [term]; 0: the model does not know it */
	uint32_t *term; /* [columns], once closed */
	size_t columns;
};

bool cls_examples_open(struct cls_example_set *x);
bool cls_examples_add(struct cls_example_set *x, const struct cls_input *in);
/* After the last one: weights by idf, rows of length one. */
void cls_examples_close(struct cls_example_set *x);
void cls_examples_fini(struct cls_example_set *x);

/* fold[row] < CLS_FOLDS: near-duplicates are in one fold, folds by hash of the first of them. False: no memory. */
bool cls_examples_fold(const struct cls_example_set *x, uint64_t seed, unsigned char *fold);

/* Thresholds and scores out of probabilities p and truth y. `rare`: few positives, thresholds stay near the middle. */
void cls_train_measure(
    const double *p, const signed char *y, size_t n, uint32_t *order, struct cls_train_topic *out);
double cls_train_f1(const double *p, const signed char *y, size_t n, double threshold);

#endif
