/* cls_solve: dual coordinate descent after Hsieh et al. (2008), and Newton's method for three numbers. */
#include "classifiers/cls_solve.h"

#include <math.h>
#include <string.h>

#define PASSES_MAX 200 /* over all rows; usual data need ten to thirty */
#define STOP 0.1f /* largest violation that is let be, as in liblinear; a fifth of it changes no score */
#define NEWTON_STEPS 50
#define COMMON                                                                                               \
	0.3f /* value of the column that every row has: as good as 1 where a text is like the examples, nearer to the rules where not */
#define AHEAD 32 /* cells: the weights of so many are on their way from memory while those before are added */
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

typedef float half
    __attribute__((vector_size(16))); /* of the machines: what a register of every x86-64 holds */

struct lanes {
	half low, high;
};

static inline struct lanes load(const float *from)
{
	struct lanes x;

	memcpy(&x.low, from, sizeof x.low);
	memcpy(&x.high, from + CLS_LANES / 2, sizeof x.high);
	return x;
}

static inline void store(float *to, struct lanes x)
{
	memcpy(to, &x.low, sizeof x.low);
	memcpy(to + CLS_LANES / 2, &x.high, sizeof x.high);
}

static inline void add(struct lanes *sum, const float *w, float value)
{
	struct lanes x = load(w);

	sum->low += x.low * value;
	sum->high += x.high * value;
}

/* Two sums by turns: neither waits for the addition before. */
static void margins(const struct cls_rows *m, size_t row, const struct cls_solution *s, cls_lanes out)
{
	const struct cls_cell *cell = m->cell + m->first[row], *end = m->cell + m->first[row + 1];
	struct lanes even = { { 0 }, { 0 } }, odd = even;

	add(&even, s->w[m->columns], COMMON);
	for (; end - cell >= AHEAD + 2; cell += 2) {
		__builtin_prefetch(s->w[cell[AHEAD].column]);
		__builtin_prefetch(s->w[cell[AHEAD + 1].column]);
		add(&even, s->w[cell[0].column], cell[0].value);
		add(&odd, s->w[cell[1].column], cell[1].value);
	}
	for (; end - cell >= 2; cell += 2) {
		add(&even, s->w[cell[0].column], cell[0].value);
		add(&odd, s->w[cell[1].column], cell[1].value);
	}
	if (cell < end)
		add(&even, s->w[cell->column], cell->value);
	even.low += odd.low;
	even.high += odd.high;
	store(out, even);
}

double cls_solve_margin(const struct cls_rows *m, size_t row, const struct cls_solution *s, unsigned machine)
{
	cls_lanes all;

	margins(m, row, s, all);
	return (double)all[machine];
}

static inline void move_one(float *w, struct lanes by, float value)
{
	struct lanes x = load(w);

	x.low += by.low * value;
	x.high += by.high * value;
	store(w, x);
}

static void move(const struct cls_rows *m, size_t row, struct cls_solution *s, const cls_lanes by)
{
	struct lanes change = load(by);

	for (size_t i = m->first[row]; i < m->first[row + 1]; i++)
		move_one(s->w[m->cell[i].column], change, m->cell[i].value);
	move_one(s->w[m->columns], change, COMMON);
}

struct step { /* what a row's step found, over its machines */
	float worst; /* violation of its condition */
	float
	    slack; /* least by which the conditions of machines that do not use it hold; 0: some machine uses it */
};

static struct step step(
    const struct cls_rows *m, size_t row, const struct cls_question *q, struct cls_solution *s)
{
	struct step found = { 0, INFINITY };
	float sign = q->y[row] > 0 ? 1 : -1, hold = 0.5f / q->cost, scale = 1 / (s->norm[row] + hold);
	float *alpha = s->alpha[row];
	cls_lanes margin, by = { 0 };
	bool moves = false;

	margins(m, row, s, margin);
	for (unsigned k = 0; k < CLS_LANES; k++) {
		float gradient = sign * margin[k] - 1 + alpha[k] * hold, old = alpha[k];
		if (q->hidden[row] >> k & 1)
			continue;
		if (old <= 0 && gradient >= 0) {
			found.slack = gradient < found.slack ? gradient : found.slack;
			continue;
		}
		found.slack = 0;
		found.worst = fabsf(gradient) > found.worst ? fabsf(gradient) : found.worst;
		alpha[k] = old - gradient * scale > 0 ? old - gradient * scale : 0;
		by[k] = (alpha[k] - old) * sign;
		moves = true;
	}
	if (moves)
		move(m, row, s, by);
	return found;
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

	for (size_t i = m->first[second]; i < beginning(m, second); i += 64 / sizeof *m->cell)
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

static void begin(const struct cls_rows *m, struct cls_solution *s)
{
	memset(s->w, 0, (m->columns + 1) * sizeof *s->w);
	memset(s->alpha, 0, m->rows * sizeof *s->alpha);
	for (size_t r = 0; r < m->rows; r++) {
		s->norm[r] = COMMON * COMMON;
		for (size_t i = m->first[r]; i < m->first[r + 1]; i++)
			s->norm[r] += m->cell[i].value * m->cell[i].value;
	}
}

/* Rows whose conditions hold by more than was violated lately are left out until the others are done. */
void cls_solve_svm(
    const struct cls_rows *m, const struct cls_question *q, uint64_t seed, struct cls_solution *s)
{
	size_t all = 0, n;
	float bar = INFINITY;

	begin(m, s);
	for (size_t i = 0; i < m->rows; i++)
		if (q->y[i] != 0)
			s->order[all++] = (uint32_t)i;
	n = all;
	for (int pass = 0; pass < PASSES_MAX && n > 0; pass++) {
		float worst = 0;
		shuffle(s->order, n, &seed);
		for (size_t i = 0; i < n;) {
			fetch_ahead(m, s, i, n);
			struct step found = step(m, s->order[i], q, s);
			worst = found.worst > worst ? found.worst : worst;
			if (found.slack <= bar) {
				i++;
				continue;
			}
			uint32_t out = s->order[i];
			s->order[i] = s->order[--n];
			s->order[n] = out;
		}
		bar = worst;
		if (worst >= STOP && n > 0)
			continue;
		if (n == all)
			break;
		n = all;
		bar = INFINITY;
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
