/* cmd_explain: why a text has its topics, and why not others: the words that counted, where they stand and what they weigh. */
#include "daemon/ctl/evidence.h"
#include "daemon/ctl/judge.h"

#include <math.h>

static double log_odds(double score)
{
	double bounded = score < 1e-6 ? 1e-6 : score > 1 - 1e-6 ? 1 - 1e-6 : score;
	return log(bounded / (1 - bounded));
}

/* What would have to be added for a match, or what it has to spare. */
static void print_distance(struct printer *p, const struct cls_topic *topic, const struct cls_result *r)
{
	double gap = log_odds(topic->match) - log_odds(r->score);
	if (r->decision == CLS_MATCH)
		print_fmt(p, "  (match from %.2f; %.2f to spare)\n", topic->match, -gap);
	else
		print_fmt(p, "  (review from %.2f, match from %.2f; %.2f short)\n", topic->review,
		    topic->match, gap);
}

/* The fewest pieces, heaviest first, without which it would be no match. What they weigh is taken as it stands: phrases that were weaker
 * beside them might step in. */
static void print_flip(
    struct printer *p, const struct text *t, const struct cls_topic *topic, const struct cls_result *r)
{
	double spare = log_odds(r->score) - log_odds(topic->match), sum = 0;
	size_t n = 0;
	while (n < r->evidence_count && sum <= spare)
		sum += fmax(r->evidence[n++].weight, 0);
	if (r->decision != CLS_MATCH || sum <= spare)
		return;
	print_styled(p, PRINT_DIM, STR("    no match without "));
	for (size_t i = 0, shown = 0; i < n; i++) {
		const struct cls_evidence *e = &r->evidence[i];
		struct str field = e->field == CLS_FIELD_TITLE ? t->title : t->text;
		if (e->weight <= 0)
			continue;
		print_text(p, shown++ > 0 ? STR(" + ") : STR(""));
		print_text(p, str_of(str_skip(field, e->start).p, e->length));
	}
	print_fmt(p, "\n");
}

static void print_topic(struct judging *j, const struct text *t, const struct cls_result *r)
{
	static const enum print_style styles[] = {
		[CLS_NONE] = PRINT_DIM, [CLS_REVIEW] = PRINT_YELLOW, [CLS_MATCH] = PRINT_GREEN
	};
	const struct cls_topic *topic = cls_topic(j->judge.classifier, r->topic);
	struct printer *p = &j->out;
	print_fmt(p, "  ");
	print_column(p, styles[r->decision], str_from(cls_decision_name(r->decision)), 7);
	print_styled(p, PRINT_BOLD, str_from(topic->name));
	print_fmt(p, "  %.4f", r->score);
	print_distance(p, topic, r);
	for (size_t i = 0; i < r->evidence_count; i++)
		evidence_print(p, t->title, t->text, &r->evidence[i]);
	print_flip(p, t, topic, r);
	if (r->evidence_count == 0)
		print_fmt(p, "    no phrase speaks for or against this topic\n");
}

static judge_each_f explain;
static void explain(struct judging *j, const struct text *t)
{
	struct printer *p = &j->out;
	print_styled(p, PRINT_CYAN, t->id.n > 0 ? t->id : STR("-"));
	print_fmt(p, "  ");
	print_styled(p, PRINT_BOLD, t->title);
	print_fmt(p, "\n");
	for (size_t i = 0; i < j->judge.count; i++)
		print_topic(j, t, &j->judge.results[i]);
	print_styled(p, PRINT_DIM, STR("  model "));
	print_fmt(p, "%s\n", cls_model_id(j->judge.classifier));
}

static int run_explain(struct ctl_args *args)
{
	/* The same facts for programs are what classify prints. */
	return args->json ? cmd_classify.run(args) : judge_texts(args, explain);
}

static const struct ctl_option options[] = { JUDGE_OPTIONS };

const struct ctl_command cmd_explain = {
	.name = "explain",
	.operands = "[FILE|-]...",
	.summary = "Show why a text has its topics, and why not others",
	.description = "Input as for `classify`. Each piece of evidence stands with its weight (log-odds "
	               "added or taken away), the line of the rule in\n"
	               "its topic file, and the words as they stand in the text.",
	.options = options,
	.option_count = ARRAY_LEN(options),
	.operands_max = SIZE_MAX,
	.run = run_explain,
};
