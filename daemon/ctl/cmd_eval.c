/* cmd_eval: how good the topics are, on labelled texts: precision, recall and F1 per topic and language. */
#include "daemon/base/json.h"
#include "daemon/ctl/judge.h"
#include "daemon/ctl/print.h"
#include "daemon/ctl/texts.h"

#include <sysexits.h>

#define LANGUAGES_MAX 64 /* told apart; later ones are counted together as "other" */

struct tally {
	uint64_t hit, wrong, missed; /* match as labelled; match without label; label without match */
	uint64_t review_hit, review_wrong; /* left to people: with and without the label */
};

struct language {
	struct str name;
	uint64_t texts;
	struct tally *topics;
};

struct work {
	const struct ctl_args *args;
	struct judge judge;
	struct tally *all, *clear; /* clear: without borderline cases */
	uint64_t texts, borderline;
	struct language languages[LANGUAGES_MAX];
	size_t language_count;
};

static double ratio(uint64_t part, uint64_t whole)
{
	return whole > 0 ? (double)part / (double)whole : 0;
}

static double precision(const struct tally *t)
{
	return ratio(t->hit, t->hit + t->wrong);
}

static double recall(const struct tally *t)
{
	return ratio(t->hit, t->hit + t->missed);
}

static double f1(const struct tally *t)
{
	return ratio(2 * t->hit, 2 * t->hit + t->wrong + t->missed);
}

static bool is_used(const struct tally *t)
{
	return t->hit + t->wrong + t->missed > 0;
}

/* Mean over the topics that were labelled or found at all. */
static double macro_f1(const struct tally *topics, size_t count)
{
	double sum = 0;
	size_t used = 0;
	for (size_t i = 0; i < count; i++) {
		if (!is_used(&topics[i]))
			continue;
		sum += f1(&topics[i]);
		used++;
	}
	return used > 0 ? sum / (double)used : 0;
}

static struct tally *new_tallies(const struct work *work)
{
	return arena_zalloc(work->args->arena, work->judge.count * sizeof(struct tally));
}

static struct language *find_language(struct work *work, const char *name)
{
	struct str s = str_from(name && name[0] ? name : "?");
	for (size_t i = 0; i < work->language_count; i++)
		if (str_eq(work->languages[i].name, s))
			return &work->languages[i];
	if (work->language_count == LANGUAGES_MAX)
		return &work->languages[LANGUAGES_MAX - 1];
	struct language *l = &work->languages[work->language_count];
	l->topics = new_tallies(work);
	l->name = arena_str(work->args->arena, work->language_count == LANGUAGES_MAX - 1 ? STR("other") : s);
	if (!l->topics || !l->name.p)
		return NULL;
	work->language_count++;
	return l;
}

static bool is_labelled(const json_t *labels, const char *topic)
{
	for (size_t i = 0; i < json_array_size(labels); i++) {
		const char *label = json_string_value(json_array_get(labels, i));
		if (label && strcmp(label, topic) == 0)
			return true;
	}
	return false;
}

static void count(struct tally *t, enum cls_decision got, bool labelled)
{
	t->hit += got == CLS_MATCH && labelled;
	t->wrong += got == CLS_MATCH && !labelled;
	t->missed += got != CLS_MATCH && labelled;
	t->review_hit += got == CLS_REVIEW && labelled;
	t->review_wrong += got == CLS_REVIEW && !labelled;
}

static bool evaluate(void *ctx, const struct text *t, struct err *e)
{
	struct work *work = ctx;
	const json_t *labels = t->record ? json_object_get(t->record, "labels") : NULL;
	if (!json_is_array(labels))
		return err_set(
		    e, ERR_PARSE, 0, "%s:%llu: no \"labels\"", t->file, (unsigned long long)t->line);
	if (!judge_ask(&work->judge, t->title, t->text, t->language, e))
		return false;
	struct language *language = find_language(work, t->language);
	if (!language)
		return err_nomem(e);
	bool borderline = json_is_true(json_object_get(t->record, "borderline"));
	work->texts++;
	work->borderline += borderline;
	language->texts++;
	for (size_t i = 0; i < work->judge.count; i++) {
		enum cls_decision got = work->judge.results[i].decision;
		bool labelled = is_labelled(labels, cls_topic(work->judge.classifier, i)->name);
		count(&work->all[i], got, labelled);
		count(&language->topics[i], got, labelled);
		if (!borderline)
			count(&work->clear[i], got, labelled);
	}
	return true;
}

static void write_number(struct json *w, const char *key, double v)
{
	json_key(w, key);
	json_num(w, v, 4);
}

static void write_topics(struct json *w, const struct work *work)
{
	json_key(w, "topics");
	json_open_array(w);
	for (size_t i = 0; i < work->judge.count; i++) {
		const struct tally *t = &work->all[i];
		json_open_object(w);
		json_key_string(w, "topic", str_from(cls_topic(work->judge.classifier, i)->name));
		write_number(w, "precision", precision(t));
		write_number(w, "recall", recall(t));
		write_number(w, "f1", f1(t));
		json_key_int(w, "hit", (int64_t)t->hit);
		json_key_int(w, "wrong", (int64_t)t->wrong);
		json_key_int(w, "missed", (int64_t)t->missed);
		json_key_int(w, "review_hit", (int64_t)t->review_hit);
		json_key_int(w, "review_wrong", (int64_t)t->review_wrong);
		json_close_object(w);
	}
	json_close_array(w);
}

static void print_json(struct printer *p, const struct work *work)
{
	struct json w;
	json_init(&w, &p->out);
	json_open_object(&w);
	json_key_int(&w, "texts", (int64_t)work->texts);
	json_key_int(&w, "borderline", (int64_t)work->borderline);
	write_number(&w, "macro_f1", macro_f1(work->all, work->judge.count));
	write_number(&w, "macro_f1_clear", macro_f1(work->clear, work->judge.count));
	write_topics(&w, work);
	json_key(&w, "languages");
	json_open_array(&w);
	for (size_t i = 0; i < work->language_count; i++) {
		json_open_object(&w);
		json_key_string(&w, "lang", work->languages[i].name);
		json_key_int(&w, "texts", (int64_t)work->languages[i].texts);
		write_number(&w, "macro_f1", macro_f1(work->languages[i].topics, work->judge.count));
		json_close_object(&w);
	}
	json_close_array(&w);
	json_key_string(&w, "model", str_from(cls_model_id(work->judge.classifier)));
	json_close_object(&w);
	buf_byte(&p->out, '\n');
}

static void print_table(struct printer *p, const struct work *work)
{
	print_column(p, PRINT_BOLD, STR("topic"), 24);
	print_styled(
	    p, PRINT_BOLD, STR("precision  recall     F1    hit  wrong missed  review(right/wrong)"));
	print_fmt(p, "\n");
	for (size_t i = 0; i < work->judge.count; i++) {
		const struct tally *t = &work->all[i];
		print_column(p, PRINT_PLAIN, str_from(cls_topic(work->judge.classifier, i)->name), 24);
		print_fmt(p, "%9.3f %7.3f %6.3f %6llu %6llu %6llu  %llu/%llu\n", precision(t), recall(t),
		    f1(t), (unsigned long long)t->hit, (unsigned long long)t->wrong,
		    (unsigned long long)t->missed, (unsigned long long)t->review_hit,
		    (unsigned long long)t->review_wrong);
	}
	print_fmt(p, "\n");
	for (size_t i = 0; i < work->language_count; i++) {
		const struct language *l = &work->languages[i];
		print_fmt(p, "  ");
		print_column(p, PRINT_PLAIN, l->name, 10);
		print_fmt(p, "%6llu texts  macro F1 %.3f\n", (unsigned long long)l->texts,
		    macro_f1(l->topics, work->judge.count));
	}
	print_fmt(p, "\n%llu texts, macro F1 %.3f", (unsigned long long)work->texts,
	    macro_f1(work->all, work->judge.count));
	print_fmt(p, "; without %llu borderline ones %.3f\n", (unsigned long long)work->borderline,
	    macro_f1(work->clear, work->judge.count));
}

static int run_eval(struct ctl_args *args)
{
	struct work work = { .args = args };
	struct printer p;
	struct err e = { 0 };
	int code = EX_OK;
	if (!judge_open(&work.judge, args, false, &code))
		return code;
	code = EX_OK;
	print_init(&p, args);
	work.all = new_tallies(&work);
	work.clear = new_tallies(&work);
	if (!work.all || !work.clear) {
		judge_close(&work.judge);
		return print_end(&p, ctl_fail(EX_UNAVAILABLE, "out of memory"));
	}
	for (size_t i = 0; i < args->operands.n && code == EX_OK; i++)
		if (!texts_walk(args->operands.at[i], args, evaluate, &work, &e))
			code = ctl_fail_err(&e);
	if (code == EX_OK)
		(args->json ? print_json : print_table)(&p, &work);
	judge_close(&work.judge);
	return print_end(&p, code);
}

static const struct ctl_option options[] = {
	CTL_OPT_TOPIC_FILE,
	CTL_OPT_TOPIC_FOLDER,
	CTL_OPT_CONFIG,
	CTL_OPT_JSON,
	CTL_OPT_COLOUR,
};

const struct ctl_command cmd_eval = {
	.name = "eval",
	.operands = "FILE...",
	.summary = "Measure the topics on labelled texts",
	.description = "Input is JSON Lines: title, text, lang, \"labels\": [topic…], and \"borderline\": "
	               "true where people disagree. Only the decision\n"
	               "`match` counts as found. Macro F1 is the mean of the topics' F1.",
	.options = options,
	.option_count = ARRAY_LEN(options),
	.operands_min = 1,
	.operands_max = SIZE_MAX,
	.run = run_eval,
};
