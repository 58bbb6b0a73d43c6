/* cls_solve: dual coordinate descent after Hsieh et al. (2008), and Newton's method for three numbers. */
#include "classifiers/cls_solve.h"

#include <math.h>
#include <string.h>

#define PASSES_MAX 200 /* over all rows; usual data need five to ten */
#define STOP                                                                                                 \
	0.3f /* largest violation that is let be; with a hundredth of it no topic's F1 moves by more than .1 point */
#define SHRINK                                                                                               \
	0.05f /* of the largest violation: rows whose conditions hold by more are left out until the others are done */
#define NEWTON_STEPS 50
#define COMMON                                                                                               \
	0.3f /* value of the column that every row has: as good as 1 where a text is like the examples, nearer to the rules where not */
#define AHEAD 48 /* cells: the weights of so many are on their way from memory while those before are added */
#define CELLS_AHEAD 128 /* so far before their turn cells are fetched: rows are too short to be foreseen */
#define LINE 8 /* cells in a line of memory */
#define HOLD 0.01 /* strength of the pull on the numbers; keeps separable data finite */

static uint64_t next_random(uint64_t *s)
{
	uint64_t z = (*s += 0x9e3779b97f4a7c15u);

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

double cls_solve_common(const struct cls_solution *s, size_t columns, unsigned machine)
{
	return (double)(COMMON * s->w[columns][machine]);
}

/* The machines side by side: one register with AVX, else two of what every x86-64 has. Both ways are the same operations in the same order, so that a model
 * does not depend on the computer that made it. Handed over by address: how a call passes such a thing differs. */
typedef float eight __attribute__((vector_size(sizeof(cls_lanes))));
typedef int32_t mask __attribute__((vector_size(sizeof(cls_lanes)))); /* of a lane all bits or none */
#define BOTH_WAYS static inline __attribute__((always_inline))

BOTH_WAYS void add(eight *sum, const cls_lanes *w, const struct cls_cell *cell)
{
	eight x;

	memcpy(&x, w[cell->column], sizeof x);
	*sum += x * cell->value;
}

BOTH_WAYS void add_common(eight *sum, const cls_lanes *common)
{
	eight x;

	memcpy(&x, common, sizeof x);
	*sum += x * COMMON;
}

/* Two sums by turns: neither waits for the addition before. */
BOTH_WAYS void margins(const struct cls_rows *m, size_t row, const struct cls_solution *s, eight *out)
{
	const struct cls_cell *cell = m->cell + m->first[row], *end = m->cell + m->first[row + 1];
	const cls_lanes *w = s->w;
	eight even = { 0 }, odd = { 0 };

	add_common(&even, &w[m->columns]);
	for (; end - cell >= AHEAD + LINE; cell += LINE) {
		__builtin_prefetch(&cell[CELLS_AHEAD]);
		for (int i = 0; i < LINE; i++)
			__builtin_prefetch(w[cell[AHEAD + i].column]);
		for (int i = 0; i < LINE; i += 2) {
			add(&even, w, &cell[i]);
			add(&odd, w, &cell[i + 1]);
		}
	}
	for (; end - cell >= 2; cell += 2) {
		add(&even, w, &cell[0]);
		add(&odd, w, &cell[1]);
	}
	if (cell < end)
		add(&even, w, cell);
	*out = even + odd;
}

double cls_solve_margin(const struct cls_rows *m, size_t row, const struct cls_solution *s, unsigned machine)
{
	const struct cls_cell *cell = m->cell + m->first[row], *end = m->cell + m->first[row + 1];
	const cls_lanes *w = s->w;
	float even = w[m->columns][machine] * COMMON, odd = 0;

	for (; end - cell >= 2; cell += 2) {
		even += w[cell[0].column][machine] * cell[0].value;
		odd += w[cell[1].column][machine] * cell[1].value;
	}
	if (cell < end)
		even += w[cell->column][machine] * cell->value;
	return (double)(even + odd);
}

BOTH_WAYS void move_one(float *w, const eight *by, float value)
{
	eight x;

	memcpy(&x, w, sizeof x);
	x += *by * value;
	memcpy(w, &x, sizeof x);
}

BOTH_WAYS void move(const struct cls_rows *m, size_t row, struct cls_solution *s, const eight *by)
{
	const struct cls_cell *cell = m->cell + m->first[row], *end = m->cell + m->first[row + 1];
	cls_lanes *w = s->w;
	const eight step = *by;

	for (; cell < end; cell++)
		move_one(w[cell->column], &step, cell->value);
	move_one(w[m->columns], &step, COMMON);
}

BOTH_WAYS bool is_any(const mask *m)
{
	uint64_t part[4];

	memcpy(part, m, sizeof part);
	return (part[0] | part[1] | part[2] | part[3]) != 0;
}

/* The least of the lanes that are meant; INFINITY: none is. */
BOTH_WAYS float least(const eight *x, const mask *meant)
{
	float found = INFINITY;

	for (unsigned k = 0; k < CLS_LANES; k++)
		if ((*meant)[k] && (*x)[k] < found)
			found = (*x)[k];
	return found;
}

/* worst: the largest violation of a machine's condition so far. Returns the least by which the conditions of machines that do not use the row hold; 0: some
 * machine uses it. */
BOTH_WAYS float step(
    const struct cls_rows *m, size_t row, const struct cls_question *q, struct cls_solution *s, eight *worst)
{
	static const mask bit = { 1, 2, 4, 8, 16, 32, 64, 128 };
	float sign = q->y[row] > 0 ? 1 : -1, hold = 0.5f / q->cost, scale = 1 / (s->norm[row] + hold);
	mask sees = (bit & q->hidden[row]) == 0, moves, larger;
	eight gradient, old, moved, by, size;

	margins(m, row, s, &gradient);
	memcpy(&old, s->alpha[row], sizeof old);
	gradient = sign * gradient - 1 + old * hold;
	moves = sees & ~((old <= 0) & (gradient >= 0));
	if (!is_any(&moves))
		return least(&gradient, &sees);
	size = (eight)((mask)gradient & moves & INT32_MAX);
	larger = size > *worst;
	*worst = (eight)(((mask)size & larger) | ((mask)*worst & ~larger));
	moved = old - gradient * scale;
	moved = (eight)((mask)moved & (moved > 0));
	by = (eight)((mask)((moved - old) * sign) & moves);
	moved = (eight)(((mask)moved & moves) | ((mask)old & ~moves));
	memcpy(s->alpha[row], &moved, sizeof moved);
	move(m, row, s, &by);
	return 0;
}

/* Where the first cells of a row end. */
static size_t beginning(const struct cls_rows *m, size_t row)
{
	size_t from = m->first[row], end = m->first[row + 1];

	return end - from > AHEAD ? from + AHEAD : end;
}

/* A row's first weights are fetched during the row before, and its first cells during the one before that: no row begins by waiting. */
static void fetch_ahead(const struct cls_rows *m, const struct cls_solution *s, size_t at, size_t n)
{
	size_t next = at + 1 < n ? s->order[at + 1] : s->order[at];
	size_t second = at + 2 < n ? s->order[at + 2] : next;

	__builtin_prefetch(s->alpha[next]);
	for (size_t i = m->first[second]; i < beginning(m, second); i += LINE)
		__builtin_prefetch(&m->cell[i]);
	for (size_t i = m->first[next]; i < beginning(m, next); i++)
		__builtin_prefetch(s->w[m->cell[i].column]);
}

static void shuffle(uint32_t *order, size_t n, uint64_t *seed)
{
	for (size_t i = n; i-- > 1;) {
		size_t j = next_random(seed) % (i + 1);
		uint32_t swap = order[i];
		order[i] = order[j];
		order[j] = swap;
	}
}

void cls_solve_norms(const struct cls_rows *m, float *norm)
{
	for (size_t r = 0; r < m->rows; r++) {
		float sum = COMMON * COMMON; /* in a register: each sum waits for the one before */
		for (size_t i = m->first[r]; i < m->first[r + 1]; i++)
			sum += m->cell[i].value * m->cell[i].value;
		norm[r] = sum;
	}
}

/* One pass over the first n rows of the order; returns the largest violation. Those with more slack than the bar go behind the others, of which *n are left. */
BOTH_WAYS float pass_over(
    const struct cls_rows *m, const struct cls_question *q, struct cls_solution *s, size_t *n, float bar)
{
	eight worst = { 0 };
	float most = 0;

	for (size_t i = 0; i < *n;) {
		fetch_ahead(m, s, i, *n);
		if (step(m, s->order[i], q, s, &worst) <= bar) {
			i++;
			continue;
		}
		uint32_t out = s->order[i];
		s->order[i] = s->order[--*n];
		s->order[*n] = out;
	}
	for (unsigned k = 0; k < CLS_LANES; k++)
		most = worst[k] > most ? worst[k] : most;
	return most;
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) static float pass_by_avx(
    const struct cls_rows *m, const struct cls_question *q, struct cls_solution *s, size_t *n, float bar)
{
	return pass_over(m, q, s, n, bar);
}
#endif

static float pass_plainly(
    const struct cls_rows *m, const struct cls_question *q, struct cls_solution *s, size_t *n, float bar)
{
	return pass_over(m, q, s, n, bar);
}

typedef float pass_f(
    const struct cls_rows *m, const struct cls_question *q, struct cls_solution *s, size_t *n, float bar);

static pass_f *best_pass(void)
{
#if defined(__x86_64__)
	if (__builtin_cpu_supports("avx2"))
		return pass_by_avx;
#endif
	return pass_plainly;
}

/* Rows whose conditions hold by more than was violated lately are left out until the others are done. */
static void solve(const struct cls_rows *m, const struct cls_question *q, uint64_t seed,
    struct cls_solution *s, pass_f *pass)
{
	size_t all = 0, n;
	float worst = INFINITY;

	memset(s->w, 0, (m->columns + 1) * sizeof *s->w);
	memset(s->alpha, 0, m->rows * sizeof *s->alpha);
	for (size_t i = 0; i < m->rows; i++)
		if (q->y[i] != 0)
			s->order[all++] = (uint32_t)i;
	n = all;
	for (int i = 0; i < PASSES_MAX && n > 0; i++) {
		shuffle(s->order, n, &seed);
		worst = pass(m, q, s, &n, SHRINK * worst);
		if (worst >= STOP && n > 0)
			continue;
		if (n == all)
			break;
		n = all;
		worst = INFINITY;
	}
}

void cls_solve_svm(
    const struct cls_rows *m, const struct cls_question *q, uint64_t seed, struct cls_solution *s)
{
	solve(m, q, seed, s, best_pass());
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

struct slope { /* of the loss of a logistic regression, at some numbers */
	double g[3], h[3][3];
};

/* What the examples add to it. Sums in registers: each loop of three is written out. */
static void add_examples(const double (*x)[2], const signed char *y, size_t n, const double target[2],
    const double abc[3], struct slope *out)
{
	struct slope sum = *out;
	const double a = abc[0], b = abc[1], c = abc[2];

	for (size_t i = 0; i < n; i++) {
		const double v[3] = { x[i][0], x[i][1], 1 };
		const double p = 1 / (1 + exp(-(a * v[0] + b * v[1] + c)));
		const double off = p - target[y[i] > 0], steep = p * (1 - p) + 1e-9;
#pragma GCC unroll 3
		for (int j = 0; j < 3; j++) {
			sum.g[j] += off * v[j];
#pragma GCC unroll 3
			for (int k = 0; k < 3; k++)
				sum.h[j][k] += steep * v[j] * v[k];
		}
	}
	*out = sum;
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
		struct slope at = { { pull * (abc[0] - towards), HOLD * abc[1], HOLD * abc[2] },
			{ { pull, 0, 0 }, { 0, HOLD, 0 }, { 0, 0, HOLD } } };
		double size = 0;
		add_examples(x, y, n, target, abc, &at);
		solve3(at.h, at.g);
		for (int j = 0; j < 3; j++) {
			double d = at.g[j] > 2    ? 2
			           : at.g[j] < -2 ? -2
			                          : at.g[j]; /* far from the goal Newton leaps too far */
			abc[j] -= d;
			size += fabs(d);
		}
		if (size < 1e-9)
			break;
	}
}
