/* cmd_explain: why a text has its topics, and why not others: the words that counted, where they stand and what they weigh. */
#include "daemon/base/utf8.h"
#include "daemon/ctl/evidence.h"
#include "daemon/ctl/explain_html.h"

/* What would have to be added for a match, or what it has to spare. */
static void print_distance(struct printer *p, const struct cls_topic *topic, const struct cls_result *r)
{
	double gap = evidence_gap(topic, r);
	if (r->decision == CLS_MATCH)
		print_fmt(p, "  (match from %.2f; %.2f to spare)\n", topic->match, -gap);
	else
		print_fmt(p, "  (review from %.2f, match from %.2f; %.2f short)\n", topic->review,
		    topic->match, gap);
}

static void print_flip(
    struct printer *p, const struct text *t, const struct cls_topic *topic, const struct cls_result *r)
{
	const struct cls_evidence *pieces[CLS_EVIDENCE_MAX];
	size_t n = evidence_flip(topic, r, pieces);
	if (n == 0)
		return;
	print_styled(p, PRINT_DIM,
	    r->decision == CLS_MATCH ? STR("    no match without ") : STR("    a match without "));
	for (size_t i = 0; i < n; i++) {
		print_text(p, i > 0 ? STR(" + ") : STR(""));
		print_text(p, evidence_words(t->title, t->text, pieces[i]));
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
	print_styled(p, PRINT_BOLD, utf8_cut(t->title, 200));
	print_fmt(p, "\n");
	for (size_t i = 0; i < j->judge.count; i++)
		print_topic(j, t, &j->judge.results[i]);
	if (t->left_out > 0)
		print_fmt(p,
		    "  the text ends at byte %zu: %zu bytes behind it recur at the end of the items of its "
		    "feed\n",
		    t->text.n, t->left_out);
	print_styled(p, PRINT_DIM, STR("  model "));
	print_fmt(p, "%s\n", cls_model_id(j->judge.classifier));
}

enum explain_output { EXPLAIN_SHORT, EXPLAIN_JSON, EXPLAIN_HTML };
static const char *const output_names[] = {
	[EXPLAIN_SHORT] = "short", [EXPLAIN_JSON] = "json", [EXPLAIN_HTML] = "html", NULL
};

static int run_explain(struct ctl_args *args)
{
	/* The same facts for programs are what classify prints. */
	args->json |= args->output == EXPLAIN_JSON;
	if (args->json)
		return cmd_classify.run(args);
	if (args->output == EXPLAIN_HTML)
		return judge_texts(args, explain_html, explain_html_begin, explain_html_end);
	return judge_texts(args, explain, NULL, NULL);
}

static const struct ctl_option options[] = {
	{ 'o', "output", "FORMAT",
	    "short, json (as classify --json) or html (a page that needs nothing else)", CTL_CHOICE,
	    CTL_AT(output), output_names },
	JUDGE_OPTIONS,
};

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
