/* cmd_classify: texts -> topics with scores. */
#include "daemon/base/json.h"
#include "daemon/base/utf8.h"
#include "daemon/ctl/judge.h"

/* Of a score: two that are nearly certain can still be ranked, and a score near none is not 0. */
#define SCORE_DECIMALS 9

static const char *const field_names[] = { [CLS_FIELD_TITLE] = "title", [CLS_FIELD_TEXT] = "text" };

static void write_evidence(struct json *w, const struct cls_evidence *e, const struct text *t)
{
	struct str field = e->field == CLS_FIELD_TITLE ? t->title : t->text;
	struct str words = str_skip(field, e->start);
	words.n = words.n < e->length ? words.n : e->length;
	json_open_object(w);
	json_key_string(w, "field", str_from(field_names[e->field]));
	json_key_int(w, "start", (int64_t)e->start);
	json_key_int(w, "length", (int64_t)e->length);
	json_key_string(w, "text", words);
	json_key(w, "weight");
	json_num(w, e->weight, 3);
	json_key_string(w, "by", str_from(cls_by_name(e->by)));
	json_close_object(w);
}

static void write_topic(
    struct json *w, const struct judge *j, const struct cls_result *r, const struct text *t)
{
	json_open_object(w);
	json_key_string(w, "topic", str_from(cls_topic(j->classifier, r->topic)->name));
	json_key(w, "score");
	json_num(w, r->score, SCORE_DECIMALS);
	json_key_string(w, "decision", str_from(cls_decision_name(r->decision)));
	json_key(w, "evidence");
	json_open_array(w);
	for (size_t i = 0; i < r->evidence_count; i++)
		write_evidence(w, &r->evidence[i], t);
	json_close_array(w);
	json_close_object(w);
}

static void write_id(struct json *w, const struct text *t)
{
	const json_t *id = t->record ? json_object_get(t->record, "id") : NULL;
	json_key(w, "id");
	if (json_is_integer(id))
		json_int(w, json_integer_value(id));
	else
		json_str(w, t->id);
}

static void print_json(struct judging *j, const struct text *t)
{
	struct json w;
	json_init(&w, &j->out.out);
	json_open_object(&w);
	write_id(&w, t);
	json_key(&w, "topics");
	json_open_array(&w);
	for (size_t i = 0; i < j->judge.count; i++)
		write_topic(&w, &j->judge, &j->judge.results[i], t);
	json_close_array(&w);
	json_close_object(&w);
	buf_byte(&j->out.out, '\n');
}

static void print_short(struct judging *j, const struct text *t)
{
	static const enum print_style styles[] = {
		[CLS_NONE] = PRINT_DIM, [CLS_REVIEW] = PRINT_YELLOW, [CLS_MATCH] = PRINT_GREEN
	};
	struct printer *p = &j->out;
	bool any = false;
	print_styled(p, PRINT_CYAN, t->id.n > 0 ? t->id : STR("-"));
	for (size_t i = 0; i < j->judge.count; i++) {
		const struct cls_result *r = &j->judge.results[i];
		if (r->decision == CLS_NONE)
			continue;
		any = true;
		print_fmt(p, "  ");
		print_styled(
		    p, styles[r->decision], str_from(cls_topic(j->judge.classifier, r->topic)->name));
		print_fmt(p, " %.2f%s", r->score, r->decision == CLS_REVIEW ? " (review)" : "");
	}
	if (!any)
		print_styled(p, PRINT_DIM, STR("  none"));
	print_fmt(p, "  ");
	print_text(p, utf8_cut(t->title, 200));
	print_fmt(p, "\n");
}

static judge_each_f classify;
static void classify(struct judging *j, const struct text *t)
{
	(j->args->json ? print_json : print_short)(j, t);
}

static int run_classify(struct ctl_args *args)
{
	return judge_texts(args, classify, NULL, NULL);
}

static const struct ctl_option options[] = { JUDGE_OPTIONS };

const struct ctl_command cmd_classify = {
	.name = "classify",
	.operands = "[FILE|-]...",
	.summary = "Tell the topics of texts",
	.description = "Input is JSON Lines (objects with id, title, text, lang; records of the stores too) "
	               "or a plain text whose first line is\n"
	               "its title. With --json one line per input: the score of every topic, matched or not, "
	               "with evidence.\n"
	               "Topics come from -t and --topics, else from the configuration, else from those that "
	               "come with the program.",
	.options = options,
	.option_count = ARRAY_LEN(options),
	.operands_max = SIZE_MAX,
	.run = run_classify,
};
