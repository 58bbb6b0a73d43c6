/* cls_trainer: cross-validation, calibration, the last model on all examples, and its file. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "classifiers/cls_fold.h"
#include "classifiers/cls_train.h"
#include "classifiers/cls_watch.h"

#define COST 1.0f /* of an error; measured flat from 0.5 to 4 */
#define RULES_LEAST 0.25 /* of their log-odds: a phrase added later must count, whatever these examples say */
#define RULES_HELD 1e9 /* a pull that holds fast */
#define ODDS_MOST 15.0 /* what the rules say, at most */
#define SURE                                                                                                 \
	0.9 /* the rules of a text without labels: that it belongs, or, below the rest, that it does not */

enum standing {
	DECIDES,
	KNOWN,
	GUESSED
}; /* of an example: KNOWN decides when none else does, GUESSED never */

_Static_assert(CLS_FOLDS < CLS_LANES, "a machine for each fold, and one for all");

struct cls_trainer {
	const struct classifier *c;
	struct cls_scratch *scratch;
	uint64_t seed, data_hash;
	struct cls_example_set set;
	bool ran; /* the examples are weighted now; more cannot come */
	signed char *label; /* [example][topic]: 1, -1, 0 */
	unsigned char *standing; /* [example]: enum standing */
	size_t deciding; /* examples that are DECIDES */
	double *rules; /* [example][topic]: log-odds */
	double *p; /* [example][topic]: probability by cross-validation */
	unsigned char *fold;
	size_t label_capacity, standing_capacity, rules_capacity, p_capacity, fold_capacity;
	/* of one topic */
	signed char *y;
	unsigned char *hidden; /* from which machines: each does not see its fold, the last sees all */
	uint32_t *judged; /* examples that decide: labelled, and not known */
	size_t judged_count;
	signed char *truth; /* of these */
	double *margin, *score;
	double (*pair)[2];
	struct cls_solution solution;
	unsigned char *weights; /* the solution's are in it */
	unsigned char *model;
	size_t model_capacity;
};

struct cls_trainer *cls_trainer_new(const struct classifier *c, uint64_t seed)
{
	struct cls_trainer *t = calloc(1, sizeof *t);

	if (t == NULL)
		return NULL;
	t->c = c;
	t->seed = seed;
	t->scratch = cls_scratch_new();
	if (t->scratch == NULL || !cls_examples_open(&t->set))
		cls_trainer_free(&t);
	return t;
}

static void free_work(struct cls_trainer *t)
{
	void *const work[] = { t->y, t->hidden, t->judged, t->truth, t->margin, t->score, t->pair, t->weights,
		t->solution.alpha, t->solution.norm, t->solution.order };

	for (size_t i = 0; i < sizeof work / sizeof *work; i++)
		free(work[i]);
	t->y = t->truth = NULL;
	t->hidden = NULL;
	t->judged = NULL;
	t->margin = t->score = NULL;
	t->pair = NULL;
	t->weights = NULL;
	t->solution = (struct cls_solution){ 0 };
}

void cls_trainer_free(struct cls_trainer **t)
{
	if (*t == NULL)
		return;
	cls_scratch_free(&(*t)->scratch);
	cls_examples_fini(&(*t)->set);
	free_work(*t);
	free((*t)->label);
	free((*t)->standing);
	free((*t)->rules);
	free((*t)->p);
	free((*t)->fold);
	free((*t)->model);
	free(*t);
	*t = NULL;
}

static double odds(double p)
{
	double x = log(p / (1 - p));

	return x > ODDS_MOST ? ODDS_MOST : x < -ODDS_MOST ? -ODDS_MOST : x;
}

/* The labels of example `row`, which the rules have judged. */
static void take_labels(
    struct cls_trainer *t, size_t row, const signed char *labels, const struct cls_result *r)
{
	signed char *own = t->label + row * t->c->topics;

	for (size_t i = 0; i < t->c->topics; i++)
		own[i] = labels != NULL           ? labels[i]
		         : r[i].score >= SURE     ? 1
		         : r[i].score <= 1 - SURE ? -1
		                                  : 0;
}

static void on_tokens(void *ctx, enum cls_field field, const struct cls_tokens *t)
{
	cls_examples_tokens(ctx, field, t);
}

bool cls_trainer_add(struct cls_trainer *t, const struct cls_example *x, struct cls_error *e)
{
	const struct cls_watcher watcher = { on_tokens, &t->set };
	struct cls_result r[CLS_TOPICS_MAX];
	size_t topics = t->c->topics, row = t->set.rows;
	enum standing standing = x->labels == NULL ? GUESSED : x->known ? KNOWN : DECIDES;

	if (t->ran)
		return cls_fail(e, NULL, 0, "the trainer has run");
	if (row == CLS_EXAMPLES_MAX)
		return cls_fail(e, NULL, 0, "more than %u examples", CLS_EXAMPLES_MAX);
	if (!cls_grow((void **)&t->label, &t->label_capacity, (row + 1) * topics + 1, sizeof *t->label) ||
	    !cls_grow((void **)&t->standing, &t->standing_capacity, row + 1, sizeof *t->standing) ||
	    !cls_grow((void **)&t->rules, &t->rules_capacity, (row + 1) * topics + 1, sizeof *t->rules) ||
	    !cls_examples_begin(&t->set))
		return cls_fail_memory(e);
	if (!cls_classify_watched(t->c, t->scratch, &x->in, &watcher, r, e)) {
		t->ran = true; /* half an example is in the set */
		return false;
	}
	cls_examples_end(&t->set);
	t->data_hash = XXH3_64bits_withSeed(x->in.title.p, x->in.title.n, t->data_hash);
	t->data_hash = XXH3_64bits_withSeed(x->in.text.p, x->in.text.n, t->data_hash);
	take_labels(t, row, x->labels, r);
	t->data_hash = XXH3_64bits_withSeed(t->label + row * topics, topics, t->data_hash + standing);
	t->standing[row] = standing;
	t->deciding += standing == DECIDES;
	for (size_t i = 0; i < topics; i++)
		t->rules[row * topics + i] = odds(r[i].score);
	return true;
}

double cls_trainer_score(const struct cls_trainer *t, size_t k, size_t topic)
{
	return t->p[k * t->c->topics + topic];
}

static bool reserve(struct cls_trainer *t)
{
	struct cls_solution *x = &t->solution;
	size_t n = t->set.rows, zero[11] = { 0 }, bytes = (CLS_TERM_ROWS + 1) * sizeof *x->w;

	free_work(t);
	if (!cls_grow((void **)&t->weights, &zero[7], bytes + CLS_PAGE, 1))
		return false;
	x->w = cls_large_pages(t->weights, bytes);
	return cls_grow((void **)&t->y, &zero[0], n, sizeof *t->y) &&
	       cls_grow((void **)&t->hidden, &zero[1], n, sizeof *t->hidden) &&
	       cls_grow((void **)&t->margin, &zero[2], n, sizeof *t->margin) &&
	       cls_grow((void **)&t->score, &zero[3], n, sizeof *t->score) &&
	       cls_grow((void **)&t->pair, &zero[4], n, sizeof *t->pair) &&
	       cls_grow((void **)&t->judged, &zero[5], n, sizeof *t->judged) &&
	       cls_grow((void **)&t->truth, &zero[6], n, sizeof *t->truth) &&
	       cls_grow((void **)&x->alpha, &zero[8], n, sizeof *x->alpha) &&
	       cls_grow((void **)&x->norm, &zero[9], n, sizeof *x->norm) &&
	       cls_grow((void **)&x->order, &zero[10], n, sizeof *x->order) &&
	       cls_grow((void **)&t->fold, &t->fold_capacity, n, sizeof *t->fold) &&
	       cls_grow((void **)&t->p, &t->p_capacity, n * t->c->topics, sizeof *t->p);
}

static struct cls_rows rows_of(const struct cls_trainer *t)
{
	return (struct cls_rows){ t->set.cell, t->set.first, t->set.rows, t->set.columns };
}

/* The labels of one topic, and the examples that decide about it: all of them when every one is known. */
static void take_topic(struct cls_trainer *t, size_t topic)
{
	t->judged_count = 0;
	for (size_t i = 0; i < t->set.rows; i++) {
		t->y[i] = t->label[i * t->c->topics + topic];
		if (t->y[i] == 0 || t->standing[i] == GUESSED || (t->standing[i] == KNOWN && t->deciding > 0))
			continue;
		t->truth[t->judged_count] = t->y[i];
		t->judged[t->judged_count++] = (uint32_t)i;
	}
}

/* Margins of every example by a machine that has not seen its fold; one more machine learns from all, for the file. */
static void cross_validate(struct cls_trainer *t)
{
	struct cls_rows rows = rows_of(t);
	struct cls_question q = { t->y, t->hidden, COST };

	for (size_t i = 0; i < rows.rows; i++)
		t->hidden[i] = (unsigned char)(1u << t->fold[i]);
	cls_solve_svm(&rows, &q, t->seed, &t->solution);
	for (size_t i = 0; i < rows.rows; i++)
		t->margin[i] = cls_solve_margin(&rows, i, &t->solution, t->fold[i]);
}

/* The three numbers from the deciding examples but one fold's (-1: from all). */
static void calibrate(struct cls_trainer *t, size_t topic, int without, double abc[3])
{
	signed char *y = (signed char *)t->hidden; /* free at this time, and as long */
	size_t n = 0;

	for (size_t k = 0; k < t->judged_count; k++) {
		size_t i = t->judged[k];
		if (t->fold[i] == without)
			continue;
		t->pair[n][0] = t->rules[i * t->c->topics + topic];
		t->pair[n][1] = t->margin[i];
		y[n++] = t->y[i];
	}
	cls_solve_logistic((const double(*)[2])t->pair, y, n, 1, 1, abc);
	if (abc[0] < RULES_LEAST)
		cls_solve_logistic((const double(*)[2])t->pair, y, n, RULES_LEAST, RULES_HELD, abc);
}

/* Probabilities of every example, by numbers too that have not seen its fold. */
static void judge(struct cls_trainer *t, size_t topic)
{
	double abc[3] = { 0 };

	for (int f = 0; f < CLS_FOLDS; f++) {
		calibrate(t, topic, f, abc);
		for (size_t i = 0; i < t->set.rows; i++)
			if (t->fold[i] == f)
				t->p[i * t->c->topics + topic] =
				    1 / (1 + exp(-(abc[0] * t->rules[i * t->c->topics + topic] +
				                   abc[1] * t->margin[i] + abc[2])));
	}
}

static void write_weights(struct cls_trainer *t, size_t topic, struct cls_model_topic *m, int16_t *row)
{
	const struct cls_example_set *x = &t->set;
	double most = 1e-9;

	for (size_t i = 0; i < x->columns; i++)
		most = fmax(fabs((double)(t->solution.w[i][CLS_FOLDS] * x->of[x->term[i]].idf)), most);
	m->scale = most / INT16_MAX;
	m->constant += m->margin * cls_solve_common(&t->solution, x->columns, CLS_FOLDS);
	for (size_t i = 0; i < x->columns; i++) {
		double w = (double)(t->solution.w[i][CLS_FOLDS] * x->of[x->term[i]].idf);
		row[x->term[i] * (1 + t->c->topics) + 1 + topic] = (int16_t)lrint(w / m->scale);
	}
}

/* Probabilities of the deciding examples, side by side. */
static const double *gather_scores(struct cls_trainer *t, size_t topic)
{
	for (size_t k = 0; k < t->judged_count; k++)
		t->score[k] = t->p[t->judged[k] * t->c->topics + topic];
	return t->score;
}

static void train_topic(
    struct cls_trainer *t, size_t topic, struct cls_train_topic *r, struct cls_model_topic *m, int16_t *row)
{
	size_t n, topics = t->c->topics;
	double abc[3] = { 0 };

	memset(r, 0, sizeof *r);
	r->name = t->c->topic[topic].name;
	memcpy(m->name, r->name, strlen(r->name));
	take_topic(t, topic);
	n = t->judged_count;
	for (size_t i = 0; i < t->set.rows; i++)
		t->p[i * topics + topic] = 1 / (1 + exp(-t->rules[i * topics + topic]));
	for (size_t k = 0; k < n; k++)
		r->positives += t->truth[k] > 0;
	r->rules_f1 = r->f1 = cls_train_f1(gather_scores(t, topic), t->truth, n, t->c->topic[topic].match);
	if (r->positives >= CLS_POSITIVES_MIN && n - r->positives >= CLS_POSITIVES_MIN) {
		cross_validate(t);
		judge(t, topic);
		calibrate(t, topic, -1, abc);
		cls_train_measure(gather_scores(t, topic), t->truth, n, t->solution.order, r);
		r->learned = abc[1] > 0; /* else what was learned is the opposite of what is so */
	}
	if (!r->learned)
		return;
	m->learned = 1;
	m->rules = abc[0];
	m->margin = abc[1];
	m->constant = abc[2];
	m->match = r->match;
	m->review = r->review;
	m->f1 = r->f1;
	m->average_precision = r->average_precision;
	m->ece = r->ece;
	write_weights(t, topic, m, row);
}

static struct cls_model_head *open_model(struct cls_trainer *t, size_t size)
{
	struct cls_model_head *h;

	if (!cls_grow((void **)&t->model, &t->model_capacity, size, 1))
		return NULL;
	memset(t->model, 0, size);
	h = (void *)t->model;
	memcpy(h->magic, CLS_MODEL_MAGIC, sizeof h->magic);
	h->order = CLS_MODEL_ORDER;
	h->version = CLS_MODEL_VERSION;
	h->terms_version = CLS_TERMS_VERSION;
	h->fold_version = CLS_FOLD_VERSION;
	h->bits = CLS_TERM_BITS;
	h->topics = (uint32_t)t->c->topics;
	h->data_hash = t->data_hash;
	h->seed = t->seed;
	h->examples = t->set.rows;
	return h;
}

bool cls_trainer_run(struct cls_trainer *t, cls_progress_f *progress, void *ctx,
    struct cls_train_topic *report, const unsigned char **model, size_t *n, struct cls_error *e)
{
	size_t topics = t->c->topics, size = cls_model_size(CLS_TERM_BITS, (uint32_t)topics);
	struct cls_train_topic own;
	struct cls_model_head *h;
	struct cls_model_topic *m;
	struct cls_rows rows;
	int16_t *row;

	if (t->ran)
		return cls_fail(e, NULL, 0, "a trainer runs once");
	if (t->set.rows == 0 || topics == 0)
		return cls_fail(e, NULL, 0, "nothing to learn from: no examples or no topics");
	h = reserve(t) ? open_model(t, size) : NULL;
	if (h == NULL || !cls_examples_fold(&t->set, t->seed, t->fold))
		return cls_fail_memory(e);
	t->ran = true;
	if (!cls_examples_close(&t->set))
		return cls_fail_memory(e);
	rows = rows_of(t);
	cls_solve_norms(&rows, t->solution.norm);
	m = (void *)(h + 1);
	row = (void *)(m + topics);
	for (size_t i = 0; i < CLS_TERM_ROWS; i++)
		row[i * (1 + topics)] = (int16_t)lrint((double)t->set.of[i].idf * CLS_MODEL_IDF);
	for (size_t i = 0; i < topics; i++) {
		if (progress != NULL && !progress(ctx, i, topics))
			return cls_fail(e, NULL, 0, "stopped");
		train_topic(t, i, report != NULL ? &report[i] : &own, &m[i], row);
	}
	h->checksum = XXH3_64bits(t->model + 16, size - 16);
	*model = t->model;
	*n = size;
	return progress == NULL || progress(ctx, topics, topics) || cls_fail(e, NULL, 0, "stopped");
}
