/*
 * The learner without any phrases: its CPU time for 10,000 texts; and for peers (peer_classify.py) what it says of each text.
 * Usage: bench_learn                             time, from the corpus beside the repository and our own examples, over and over
 *        bench_learn --peer FILE SEED LABEL...   of each text: fold, then of each label the probability, then the margin, by cross-validation; its terms
 */
#include "classifiers/cls_train.h"
#include "tests/fake/labelled.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TEXTS 10000
#define ROUNDS 3

static double cpu_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static struct cls_trainer *learn(
    const struct classifier *c, const struct labelled *x, size_t texts, uint64_t seed)
{
	struct cls_trainer *t = cls_trainer_new(c, seed);
	const unsigned char *model;
	struct cls_error e;
	size_t n;

	if (t == NULL)
		labelled_fail("out of memory");
	for (size_t i = 0; i < texts; i++)
		labelled_learn(t, x, i % x->n);
	if (!cls_trainer_run(t, NULL, NULL, NULL, &model, &n, &e))
		labelled_fail(e.text);
	return t;
}

/* Every term of a field each time that it comes, as far as texts are learned from: how often is for the peer to weigh. */
static void print_field(struct cls_text text, double times)
{
	struct cls_tokenizer tokenizer;
	struct cls_term_state state = { 0 };
	struct cls_tokens t;
	uint32_t piece[CLS_TERM_PIECES_MAX];

	cls_tokenizer_init(&tokenizer, text.p, text.n, 0);
	while (cls_tokenizer_next(&tokenizer, &t))
		for (size_t i = 0; i < t.n && t.token[i].pos < 2 * CLS_PASSAGE_STEP; i++) {
			struct cls_term term = cls_term_next(&state, &t.token[i], t.text);
			size_t pieces = cls_term_pieces(&t.token[i], t.text, piece);
			printf(" %u:%g", cls_term_row(term.word), times);
			if (term.pair != CLS_TERM_NONE)
				printf(" %u:%g", term.pair, times);
			for (size_t k = 0; k < pieces; k++)
				printf(" %u:%g", piece[k], times);
		}
}

/* What its own machines, which have not seen a text's fold, say of the text: [text][topic]. */
static double *margins(const struct labelled *x, struct cls_example_set *set, const unsigned char *fold)
{
	struct cls_solution s = { calloc(CLS_TERM_ROWS + 1, sizeof *s.w), calloc(x->n, sizeof *s.alpha),
		calloc(x->n, sizeof *s.norm), calloc(x->n, sizeof *s.order) };
	signed char *y = malloc(x->n);
	unsigned char *hidden = malloc(x->n);
	double *out = calloc(x->n * x->topics, sizeof *out);
	struct cls_question q = { y, hidden, 1 };

	if (s.w == NULL || s.alpha == NULL || s.norm == NULL || s.order == NULL || y == NULL ||
	    hidden == NULL || out == NULL || !cls_examples_close(set))
		labelled_fail("out of memory");
	struct cls_rows rows = { set->cell, set->first, set->rows, set->columns };
	cls_solve_norms(&rows, s.norm);
	for (size_t topic = 0; topic < x->topics; topic++) {
		for (size_t i = 0; i < x->n; i++) {
			y[i] = x->text[i].truth[topic];
			hidden[i] = (unsigned char)(1u << fold[i]);
		}
		cls_solve_svm(&rows, &q, 1, &s);
		for (size_t i = 0; i < x->n; i++)
			out[i * x->topics + topic] = cls_solve_margin(&rows, i, &s, fold[i]);
	}
	free(s.w);
	free(s.alpha);
	free(s.norm);
	free(s.order);
	free(y);
	free(hidden);
	return out;
}

static void print_numbers(const double *of, size_t n)
{
	for (size_t k = 0; k < n; k++)
		printf(" %.9g", of[k]);
}

/* The trainer shows neither folds nor terms nor margins: they are made once more. */
static void print_for_peers(const struct labelled *x, uint64_t seed)
{
	struct classifier *c = labelled_bare(x);
	struct cls_trainer *t = learn(c, x, x->n, seed);
	struct cls_example_set set;
	unsigned char *fold = malloc(x->n + 1);
	double score[LABELLED_TOPICS_MAX];

	labelled_terms(&set, x);
	if (fold == NULL || !cls_examples_fold(&set, seed, fold))
		labelled_fail("out of memory");
	double *margin = margins(x, &set, fold);
	for (size_t i = 0; i < x->n; i++) {
		printf("%d", fold[i]);
		for (size_t k = 0; k < x->topics; k++)
			score[k] = cls_trainer_score(t, i, k);
		print_numbers(score, x->topics);
		print_numbers(margin + i * x->topics, x->topics);
		print_field(x->text[i].in.title, CLS_MODEL_TITLE);
		print_field(x->text[i].in.text, 1);
		putchar('\n');
	}
	free(margin);
	free(fold);
	cls_examples_fini(&set);
	cls_trainer_free(&t);
	cls_free(&c);
}

static void measure(struct labelled *x)
{
	static const char *const shipped[] = { "child-online-safety", "cybercrime", "illegal-employment" };
	struct classifier *c;
	double best = 1e9;
	size_t bytes = 0;

	for (size_t i = 0; i < sizeof shipped / sizeof *shipped; i++)
		labelled_topic(x, shipped[i]);
	if (!labelled_read_shared(x, "doj-dev.jsonl") || !labelled_read_shared(x, "abstracts-dev.jsonl"))
		printf("# ../shared/corpus is not here: our own examples alone\n");
	labelled_read_own(x);
	for (size_t i = 0; i < x->n; i++)
		bytes += x->text[i].in.title.n + x->text[i].in.text.n;
	c = labelled_bare(x);
	for (int round = 0; round < ROUNDS; round++) {
		double from = cpu_now();
		struct cls_trainer *t = learn(c, x, TEXTS, 1);
		cls_trainer_free(&t);
		best = cpu_now() - from < best ? cpu_now() - from : best;
	}
	printf(
	    "learning from %d texts of %zu bytes (%zu of them, over and over), three topics: %.3f s of CPU\n",
	    TEXTS, bytes / x->n, x->n, best);
	cls_free(&c);
}

int main(int argc, char **argv)
{
	struct labelled x = { 0 };

	if (argc < 5 || strcmp(argv[1], "--peer") != 0) {
		measure(&x);
	} else {
		for (int i = 4; i < argc; i++)
			labelled_topic(&x, argv[i]);
		if (!labelled_read(&x, argv[2]))
			labelled_fail(argv[2]);
		print_for_peers(&x, strtoull(argv[3], NULL, 10));
	}
	labelled_free(&x);
	return 0;
}
