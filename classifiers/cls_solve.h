/*
 * cls_solve: learning from sparse rows: a linear support vector machine by dual coordinate descent, and a small logistic regression.
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

/*
 * Squared hinge loss. y[i] > 0: positive; use[i] false: the row is left out (NULL: none is). cost: of positives and of the others.
 * w[columns + 1] receives the weights, at its end what every row has in common; room: rows doubles, and order: rows numbers, for work.
 */
void cls_solve_svm(const struct cls_rows *m, const signed char *y, const bool *use, const double cost[2],
    uint64_t seed, float *w, double *room, uint32_t *order);

double cls_solve_common(const float *w, size_t columns); /* what it adds to every margin */
double cls_solve_margin(const struct cls_rows *m, size_t row, const float *w);

/* p(y) = 1 / (1 + exp(-(a x0 + b x1 + c))). a is pulled to `towards` with the strength of `pull` examples, b and c slightly to 0. */
void cls_solve_logistic(
    const double (*x)[2], const signed char *y, size_t n, double towards, double pull, double abc[3]);

#endif
