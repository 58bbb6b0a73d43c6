/* cls_measure: how good probabilities are, and where to cut them. */
#include <math.h>
#include <stdlib.h>

#include "classifiers/cls_train.h"

#define BINS 10 /* of the calibration error */
#define CUT_LEAST                                                                                            \
	0.3 /* thresholds of `match`: of calibrated probabilities the best is near half of the F1; outside, few examples decide */
#define CUT_MOST 0.6
#define CUT_STEPS 60
#define REVIEW_RECALL 0.97 /* of the positives should reach a person */
#define REVIEW_LEAST 0.08

struct counts {
	double hit, wrong, missed;
};

static struct counts count(const double *p, const signed char *y, size_t n, double threshold)
{
	struct counts c = { 0, 0, 0 };

	for (size_t i = 0; i < n; i++) {
		bool yes = p[i] >= threshold, is = y[i] > 0;
		c.hit += yes && is;
		c.wrong += yes && !is;
		c.missed += !yes && is;
	}
	return c;
}

double cls_train_f1(const double *p, const signed char *y, size_t n, double threshold)
{
	struct counts c = count(p, y, n, threshold);

	return c.hit > 0 ? 2 * c.hit / (2 * c.hit + c.wrong + c.missed) : 0;
}

/* The best cut in these folds; among cuts of one worth the middle of the longest run, for a run is wide where nothing lies. */
static double best_cut(const double *p, const signed char *y, size_t n)
{
	double f[CUT_STEPS + 1], best = 0;
	int first = CUT_STEPS / 2, last = first;

	for (int i = 0; i <= CUT_STEPS; i++) {
		f[i] = cls_train_f1(p, y, n, CUT_LEAST + (CUT_MOST - CUT_LEAST) * i / CUT_STEPS);
		best = f[i] > best ? f[i] : best;
	}
	for (int i = 0, longest = 0, run = 0; i <= CUT_STEPS; i++) {
		run = f[i] >= best - 0.002 ? run + 1 : 0;
		if (run > longest) {
			longest = run;
			first = i - run + 1;
			last = i;
		}
	}
	return CUT_LEAST + (CUT_MOST - CUT_LEAST) * (first + last) / 2 / CUT_STEPS;
}

/*
 * What cuts best here is chance in part, and texts of another source have another best. Of calibrated probabilities the best cut is half of the F1 that
 * it reaches, whatever the texts; that counts twice as much.
 */
static double settled_cut(const double *p, const signed char *y, size_t n)
{
	double best = best_cut(p, y, n), cut = (best + cls_train_f1(p, y, n, best)) / 3;

	return fmin(fmax(cut, CUT_LEAST), CUT_MOST);
}

static double calibration_error(const double *p, const signed char *y, size_t n)
{
	double sum[BINS] = { 0 }, plus[BINS] = { 0 }, error = 0;

	for (size_t i = 0; i < n; i++) {
		int bin = (int)(p[i] * BINS);
		bin = bin < 0 ? 0 : bin >= BINS ? BINS - 1 : bin;
		sum[bin] += p[i];
		plus[bin] += y[i] > 0;
	}
	for (int b = 0; b < BINS; b++)
		error += fabs(sum[b] - plus[b]);
	return n > 0 ? error / (double)n : 0;
}

static int descending(const void *a, const void *b, void *ctx)
{
	const double *p = ctx;
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	if (p[x] != p[y])
		return p[x] > p[y] ? -1 : 1;
	return (x > y) - (x < y);
}

void cls_train_measure(
    const double *p, const signed char *y, size_t n, uint32_t *order, struct cls_train_topic *out)
{
	double hits = 0, sum = 0, review = REVIEW_LEAST;
	struct counts c;

	for (size_t i = 0; i < n; i++)
		order[i] = (uint32_t)i;
	qsort_r(order, n, sizeof *order, descending, (void *)(uintptr_t)p);
	for (size_t i = 0; i < n; i++) {
		if (y[order[i]] <= 0)
			continue;
		sum += ++hits / (double)(i + 1);
		if (hits <= REVIEW_RECALL * (double)out->positives)
			review = p[order[i]];
	}
	out->average_precision = hits > 0 ? sum / hits : 0;
	out->match = settled_cut(p, y, n);
	out->review = review < REVIEW_LEAST     ? REVIEW_LEAST
	              : review > out->match / 2 ? out->match / 2
	                                        : review;
	out->ece = calibration_error(p, y, n);
	c = count(p, y, n, out->match);
	out->precision = c.hit > 0 ? c.hit / (c.hit + c.wrong) : 0;
	out->recall = c.hit > 0 ? c.hit / (c.hit + c.missed) : 0;
	out->f1 = cls_train_f1(p, y, n, out->match);
}
