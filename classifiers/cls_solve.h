/*
 * cls_solve: learning from sparse rows: linear support vector machines by dual coordinate descent, and a small logistic regression.
 * Numbers in, numbers out; knows nothing of texts. Deterministic by seed.
 */
#ifndef CLS_SOLVE_H
#define CLS_SOLVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cls_cell {
	uint32_t column;
	float value;
};

struct cls_rows {
	const struct cls_cell *cell;
	const size_t *first; /* [rows + 1] */
	size_t rows;
	size_t columns;
};

#define CLS_LANES 8u /* machines that learn side by side, each from some of the rows */
typedef float cls_lanes[CLS_LANES];

struct cls_question {
	const signed char *y; /* [rows]: 1 positive, -1 not, 0: no machine sees the row */
	const unsigned char *hidden; /* [rows]: bit k: machine k does not see the row */
	float cost; /* of an error */
};

struct cls_solution { /* all by the caller, the norms filled in; what comes out is in w */
	cls_lanes *w; /* [columns + 1]: weights, at the end what every row has in common */
	cls_lanes *alpha; /* [rows] */
	float *norm; /* [rows]: by cls_solve_norms, for any number of questions */
	uint32_t *order; /* [rows] */
};

void cls_solve_norms(const struct cls_rows *m, float *norm);

/* Squared hinge loss. Machines that learn from the same rows have the same weights. */
void cls_solve_svm(
    const struct cls_rows *m, const struct cls_question *q, uint64_t seed, struct cls_solution *s);

double cls_solve_common(
    const struct cls_solution *s, size_t columns, unsigned machine); /* what it adds to every margin */
double cls_solve_margin(const struct cls_rows *m, size_t row, const struct cls_solution *s, unsigned machine);

/* p(y) = 1 / (1 + exp(-(a x0 + b x1 + c))). a is pulled to `towards` with the strength of `pull` examples, b and c slightly to 0. */
void cls_solve_logistic(
    const double (*x)[2], const signed char *y, size_t n, double towards, double pull, double abc[3]);

#endif
