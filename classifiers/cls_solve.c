/* cls_solve: dual coordinate descent after Hsieh et al. (2008), and Newton's method for three numbers. */
#include "classifiers/cls_solve.h"

#include <math.h>
#include <string.h>

#define PASSES_MAX 200 /* over all rows; usual data need ten to thirty */
#define STOP 0.02 /* largest violation that is let be */
#define NEWTON_STEPS 50
#define COMMON                                                                                               \
	0.3 /* value of the column that every row has: as good as 1 where a text is like the examples, nearer to the rules where not */
#define HOLD 0.01 /* strength of the pull on the numbers; keeps separable data finite */

static uint64_t next_random(uint64_t *s)
{
	uint64_t z = (*s += 0x9e3779b97f4a7c15u);

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

double cls_solve_common(const float *w, size_t columns)
{
	return COMMON * (double)w[columns];
}

double cls_solve_margin(const struct cls_rows *m, size_t row, const float *w)
{
	double sum = cls_solve_common(w, m->columns);

	for (size_t i = m->first[row]; i < m->first[row + 1]; i++)
		sum += (double)m->cell[i].value * (double)w[m->cell[i].column];
	return sum;
}

/* One row's step; returns by how much its condition was violated. */
static double step(const struct cls_rows *m, size_t row, double sign, double cost, double *alpha, float *w)
{
	double norm = COMMON * COMMON + 0.5 / cost, gradient, change, old = *alpha;

	for (size_t i = m->first[row]; i < m->first[row + 1]; i++)
		norm += (double)m->cell[i].value * (double)m->cell[i].value;
	gradient = sign * cls_solve_margin(m, row, w) - 1 + old * 0.5 / cost;
	if (old == 0 && gradient >= 0)
		return 0;
	*alpha = old - gradient / norm;
	if (*alpha < 0)
		*alpha = 0;
	change = (*alpha - old) * sign;
	for (size_t i = m->first[row]; i < m->first[row + 1]; i++)
		w[m->cell[i].column] += (float)(change * (double)m->cell[i].value);
	w[m->columns] += (float)(COMMON * change);
	return fabs(gradient);
}

void cls_solve_svm(const struct cls_rows *m, const signed char *y, const bool *use, const double cost[2],
    uint64_t seed, float *w, double *room, uint32_t *order)
{
	size_t n = 0;

	memset(w, 0, (m->columns + 1) * sizeof *w);
	memset(room, 0, m->rows * sizeof *room);
	for (size_t i = 0; i < m->rows; i++)
		if (use == NULL || use[i])
			order[n++] = (uint32_t)i;
	for (int pass = 0; pass < PASSES_MAX && n > 0; pass++) {
		double worst = 0;
		for (size_t i = n - 1; i > 0; i--) {
			size_t j = next_random(&seed) % (i + 1);
			uint32_t swap = order[i];
			order[i] = order[j];
			order[j] = swap;
		}
		for (size_t i = 0; i < n; i++) {
			size_t row = order[i];
			bool plus = y[row] > 0;
			double v = step(m, row, plus ? 1 : -1, cost[!plus], &room[row], w);
			if (v > worst)
				worst = v;
		}
		if (worst < STOP)
			break;
	}
}

/* Solves the symmetric 3x3 system h d = g in place; h is positive definite. */
static void solve3(double h[3][3], double g[3])
{
	for (int i = 0; i < 3; i++)
		for (int k = i + 1; k < 3; k++) {
			double f = h[k][i] / h[i][i];
			for (int j = i; j < 3; j++)
				h[k][j] -= f * h[i][j];
			g[k] -= f * g[i];
		}
	for (int i = 2; i >= 0; i--) {
		for (int j = i + 1; j < 3; j++)
			g[i] -= h[i][j] * g[j];
		g[i] /= h[i][i];
	}
}

void cls_solve_logistic(
    const double (*x)[2], const signed char *y, size_t n, double towards, double pull, double abc[3])
{
	double plus = 0, target[2];

	for (size_t i = 0; i < n; i++)
		plus += y[i] > 0;
	target[1] = (plus + 1) / (plus + 2); /* Platt's targets: no certainty from few examples */
	target[0] = 1 / ((double)n - plus + 2);
	abc[0] = abc[1] = abc[2] = 0;
	for (int s = 0; s < NEWTON_STEPS; s++) {
		double h[3][3] = { { pull, 0, 0 }, { 0, HOLD, 0 }, { 0, 0, HOLD } }, size = 0;
		double g[3] = { pull * (abc[0] - towards), HOLD * abc[1], HOLD * abc[2] };
		for (size_t i = 0; i < n; i++) {
			double v[3] = { x[i][0], x[i][1], 1 };
			double p = 1 / (1 + exp(-(abc[0] * v[0] + abc[1] * v[1] + abc[2])));
			for (int j = 0; j < 3; j++) {
				g[j] += (p - target[y[i] > 0]) * v[j];
				for (int k = 0; k < 3; k++)
					h[j][k] += (p * (1 - p) + 1e-9) * v[j] * v[k];
			}
		}
		solve3(h, g);
		for (int j = 0; j < 3; j++) {
			double d = g[j] > 2    ? 2
			           : g[j] < -2 ? -2
			                       : g[j]; /* far from the goal Newton leaps too far */
			abc[j] -= d;
			size += fabs(d);
		}
		if (size < 1e-9)
			break;
	}
}
