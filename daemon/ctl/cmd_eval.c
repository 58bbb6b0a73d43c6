/* cmd_eval: how good the topics are, on labelled texts. */
#include "daemon/ctl/judge.h"
#include "daemon/ctl/scores_show.h"

#include <sysexits.h>

#define EXIT_BELOW 1 /* --ci: not good enough */

struct work {
	struct judge judge;
	struct scores scores;
	signed char *truth;
};

static bool evaluate(void *ctx, const struct text *t, struct err *e)
{
	struct work *work = ctx;
	if (!scores_labels(work->judge.classifier, t, work->truth, e) ||
	    !judge_ask(&work->judge, t->title, t->text, t->language, e) ||
	    !scores_add(&work->scores, t, work->truth, e))
		return false;
	for (size_t i = 0; i < work->judge.count; i++) {
		const struct cls_result *r = &work->judge.results[i];
		struct score *cell = scores_cell(&work->scores, work->scores.n - 1, i);
		cell->p = r->score;
		cell->decision = (signed char)r->decision;
	}
	return true;
}

static bool show(struct printer *p, const struct ctl_args *args, const struct scores *s)
{
	uint64_t wrong = args->lines_given ? args->lines : 0;
	if (!args->json)
		return scores_print(p, s, wrong);
	struct json w;
	json_init(&w, &p->out);
	json_open_object(&w);
	bool good = scores_write(&w, s, wrong);
	json_close_object(&w);
	buf_byte(&p->out, '\n');
	return good;
}

/* The gate for automatic runs. */
static int check(const struct ctl_args *args, const struct scores *s)
{
	struct scores_mean all;
	if (args->least < 0)
		return EX_OK;
	if (!scores_mean(s, (struct scores_part){ SCORES_ANY, SCORES_ANY, false }, &all))
		return ctl_fail(EX_UNAVAILABLE, "out of memory");
	if (all.f1 >= args->least)
		return EX_OK;
	return ctl_fail(EXIT_BELOW, "macro F1 %.4f is below %.4f", all.f1, args->least);
}

static int run_eval(struct ctl_args *args)
{
	struct work work = { 0 };
	struct printer p;
	struct err e = { 0 };
	int code = EX_OK;
	if (!judge_open(&work.judge, args, false, &code))
		return code;
	code = EX_OK;
	args->labelled = true;
	print_init(&p, args);
	scores_init(&work.scores, work.judge.classifier, args->arena);
	work.truth = arena_zalloc(args->arena, work.judge.count + 1);
	if (!work.truth)
		code = ctl_fail(EX_UNAVAILABLE, "out of memory");
	for (size_t i = 0; i < args->operands.n && code == EX_OK; i++)
		if (!texts_walk(args->operands.at[i], args, evaluate, &work, &e))
			code = ctl_fail_err(&e);
	if (code == EX_OK && work.scores.n == 0)
		code = ctl_fail(EX_DATAERR, "no texts to measure the topics on");
	if (code == EX_OK && !show(&p, args, &work.scores))
		code = ctl_fail(EX_UNAVAILABLE, "out of memory");
	if (code == EX_OK)
		code = check(args, &work.scores);
	scores_fini(&work.scores);
	judge_close(&work.judge);
	return print_end(&p, code);
}

static const struct ctl_option options[] = {
	CTL_OPT_TOPIC_FILE,
	CTL_OPT_TOPIC_FOLDER,
	CTL_OPT_MODEL,
	CTL_OPT_CONFIG,
	{ 'n', "mistakes", "N", "list the worst N mistakes of each topic, or \"all\"", CTL_LINES,
	    CTL_AT(lines), NULL },
	{ '\0', "ci", "SCORE", "exit with 1 when macro F1 is below it", CTL_SCORE, CTL_AT(least), NULL },
	CTL_OPT_JSON,
	CTL_OPT_COLOUR,
};

const struct ctl_command cmd_eval = {
	.name = "eval",
	.operands = "FILE...",
	.summary = "Measure the topics on labelled texts",
	.description =
	    "Input is JSON Lines: title, text, lang, \"labels\": [topic…], and \"borderline\": "
	    "true where people disagree; or lines of\n"
	    "\"label,label<TAB>text\". Only the decision `match` counts as found. Macro F1 is the mean "
	    "of the topics' F1; intervals are of 95 %\n"
	    "(Wilson). ECE: how far probabilities are from what is so, in ten bins.",
	.options = options,
	.option_count = ARRAY_LEN(options),
	.operands_min = 1,
	.operands_max = SIZE_MAX,
	.run = run_eval,
};
