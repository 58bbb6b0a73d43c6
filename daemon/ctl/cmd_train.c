/* cmd_train: labelled texts -> a file of learned weights, and what cross-validation says of them. */
#include "classifiers/train.h"

#include "daemon/base/fs.h"
#include "daemon/ctl/judge.h"
#include "daemon/ctl/member.h"
#include "daemon/ctl/progress.h"
#include "daemon/ctl/scores_show.h"
#include "daemon/ctl/setting.h"
#include "daemon/ctl/verdicts.h"

#include <sysexits.h>

struct work {
	const struct ctl_args *args;
	struct topics topics;
	struct cls_trainer *trainer;
	struct scores scores; /* of the texts that decide */
	struct buf places; /* size_t: which examples these are */
	size_t examples, reviewed; /* reviewed: by people, in the ledger */
	struct verdicts verdicts;
	bool known;
	signed char *labels;
	struct cls_train_topic *report;
	struct str model;
	struct progress progress;
};

static cls_progress_f draw;
static bool draw(void *ctx, size_t done, size_t total)
{
	struct work *work = ctx;
	progress_tell(&work->progress, done, total);
	return true;
}

static bool add(struct work *work, const struct cls_example *x, struct err *e)
{
	struct cls_error why = { 0 };
	if (!cls_trainer_add(work->trainer, x, &why))
		return err_set(e, ERR_LIMIT, 0, "%s", why.text);
	work->examples++;
	return true;
}

static texts_each_f take;
static bool take(void *ctx, const struct text *t, struct err *e)
{
	struct work *work = ctx;
	struct cls_example x = { { { t->title.p, t->title.n }, { t->text.p, t->text.n }, t->language },
		work->labels, work->known };
	if (!scores_labels(work->topics.classifier, t, work->labels, e))
		return false;
	if (!work->known) {
		if (!scores_add(&work->scores, t, work->labels, e))
			return false;
		buf_add(&work->places, &work->examples, sizeof(work->examples));
	}
	return add(work, &x, e);
}

static bool take_files(struct work *work, const struct ctl_list *files, texts_each_f *each, struct err *e)
{
	work->known = files == &work->args->known;
	for (size_t i = 0; i < files->n; i++)
		if (!texts_walk(files->at[i], work->args, each, work, e))
			return false;
	return true;
}

static texts_each_f take_unlabelled;
static bool take_unlabelled(void *ctx, const struct text *t, struct err *e)
{
	struct cls_example x = { { { t->title.p, t->title.n }, { t->text.p, t->text.n }, t->language }, NULL,
		false };
	return add(ctx, &x, e);
}

/* The tests of topic files say something of one topic each. The rules were written with them. */
static bool take_tests(struct work *work, struct err *e)
{
	const struct classifier *c = work->topics.classifier;
	for (size_t i = 0; i < cls_test_count(c); i++) {
		const struct cls_test *t = cls_test(c, i);
		int topic = cls_topic_index(c, t->topic);
		if (topic < 0 || t->expect == CLS_REVIEW)
			continue;
		memset(work->labels, 0, cls_topic_count(c));
		work->labels[topic] = t->expect == CLS_MATCH ? 1 : -1;
		struct cls_example x = { { t->title, t->text, t->language }, work->labels, true };
		if (!add(work, &x, e))
			return false;
	}
	return true;
}

/* What people said of its topics; a record that was confirmed as a whole says of none of several topics that it was the one. */
static bool label(struct work *work, const json_t *record, uint64_t seq)
{
	size_t count = json_array_size(json_object_get(record, "topics"));
	bool any = false;
	for (size_t i = 0; i < cls_topic_count(work->topics.classifier); i++) {
		const char *name = cls_topic(work->topics.classifier, i)->name;
		const struct verdict *v = verdicts_find(
		    &work->verdicts, seq, str_from(name), member_topic(record, str_from(name)) != NULL);
		bool vague = v && v->topic.n == 0 && v->confirmed && count > 1;
		work->labels[i] = !v || vague ? 0 : v->confirmed ? 1 : -1;
		any |= work->labels[i] != 0;
	}
	return any;
}

static verdicts_each_f take_reviewed;
static bool take_reviewed(void *ctx, const json_t *record, uint64_t seq, struct err *e)
{
	struct work *work = ctx;
	struct str title = member(record, "title"), text = member_text(record);
	struct cls_example x = { { { title.p, title.n }, { text.p, text.n },
		                     json_string_value(json_object_get(record, "language")) },
		work->labels, true };
	if (!label(work, record, seq))
		return true;
	work->reviewed++;
	return add(work, &x, e);
}

/* They were looked at because something drew a person to them, so they say nothing of how often a topic is right: they are learned from alone. */
static bool take_reviews(struct work *work, struct err *e)
{
	int code = EX_OK;
	const char *directory = setting_directory(work->args, &code);
	if (!directory)
		return err_set(e, ERR_CONFIG, 0, "where the ledger is must be known");
	return verdicts_read(&work->verdicts, directory, work->args->arena, e) &&
	       verdicts_walk(&work->verdicts, directory, take_reviewed, work, e);
}

static bool train(struct work *work, struct err *e)
{
	struct cls_error why = { 0 };
	const unsigned char *model;
	size_t n;
	if (!take_files(work, &work->args->from, take, e) ||
	    !take_files(work, &work->args->operands, take, e) ||
	    !take_files(work, &work->args->known, take, e) ||
	    !take_files(work, &work->args->unlabelled, take_unlabelled, e) ||
	    (work->args->reviews && !take_reviews(work, e)) || !take_tests(work, e))
		return false;
	progress_begin(&work->progress, "training", "steps");
	bool good = cls_trainer_run(work->trainer, draw, work, work->report, &model, &n, &why);
	progress_end(&work->progress);
	if (!good)
		return err_set(e, ERR_PARSE, 0, "%s", why.text);
	work->model = str_of((const char *)model, n);
	return true;
}

/* What the cross-validation said of each deciding text, as if somebody had asked. */
static void fill_scores(struct work *work)
{
	const size_t *place = (const size_t *)(const void *)work->places.p;
	for (size_t k = 0; k < work->scores.n; k++)
		for (size_t i = 0; i < work->scores.topics; i++) {
			const struct cls_topic *topic = cls_topic(work->topics.classifier, i);
			const struct cls_train_topic *r = &work->report[i];
			double match = r->learned ? r->match : topic->match;
			double review = r->learned ? r->review : topic->review;
			struct score *cell = scores_cell(&work->scores, k, i);
			cell->p = cls_trainer_score(work->trainer, place[k], i);
			cell->decision = cell->p >= match    ? CLS_MATCH
			                 : cell->p >= review ? CLS_REVIEW
			                                     : CLS_NONE;
		}
}

static bool print_report(struct printer *p, struct work *work)
{
	print_fmt(p,
	    "%zu texts, %zu of them decide (the others the rules have seen, or nobody labelled); judged by "
	    "models that had "
	    "not seen them:\n\n",
	    work->examples, work->scores.n);
	if (!scores_print(p, &work->scores, work->args->lines_given ? work->args->lines : 0))
		return false;
	print_fmt(p, "\n");
	if (work->args->reviews)
		print_fmt(p, "%zu of the texts were reviewed by people\n\n", work->reviewed);
	for (size_t i = 0; i < work->scores.topics; i++) {
		const struct cls_train_topic *r = &work->report[i];
		print_column(p, PRINT_PLAIN, str_from(r->name), 22);
		if (r->learned)
			print_fmt(p, "F1 %.3f, rules alone %.3f; match from %.2f, review from %.2f\n", r->f1,
			    r->rules_f1, r->match, r->review);
		else
			print_fmt(p, "keeps to its rules: too few texts, or nothing that helps\n");
	}
	return true;
}

static bool write_report(struct printer *p, struct work *work)
{
	struct json w;
	json_init(&w, &p->out);
	json_open_object(&w);
	bool good = scores_write(&w, &work->scores, work->args->lines_given ? work->args->lines : 0);
	json_key_int(&w, "reviewed", (int64_t)work->reviewed);
	json_key(&w, "learned");
	json_open_array(&w);
	for (size_t i = 0; i < work->scores.topics; i++) {
		const struct cls_train_topic *r = &work->report[i];
		json_open_object(&w);
		json_key_string(&w, "topic", str_from(r->name));
		json_key(&w, "learned");
		json_bool(&w, r->learned);
		json_key(&w, "rules_f1");
		json_num(&w, r->rules_f1, 4);
		json_key(&w, "match");
		json_num(&w, r->match, 4);
		json_key(&w, "review");
		json_num(&w, r->review, 4);
		json_close_object(&w);
	}
	json_close_array(&w);
	json_close_object(&w);
	buf_byte(&p->out, '\n');
	return good;
}

static int finish(struct work *work, struct printer *p)
{
	struct err e = { 0 };
	if (work->args->output_file &&
	    !fs_replace_file(&fs_system, work->args->output_file, work->model, 0644, &e))
		return ctl_fail_err(&e);
	fill_scores(work);
	if (!(work->args->json ? write_report : print_report)(p, work))
		return ctl_fail(EX_UNAVAILABLE, "out of memory");
	return EX_OK;
}

static bool open_work(struct work *work)
{
	size_t topics = cls_topic_count(work->topics.classifier);
	work->trainer = cls_trainer_new(work->topics.classifier, work->args->seed);
	work->labels = arena_zalloc(work->args->arena, topics + 1);
	work->report = arena_zalloc(work->args->arena, (topics + 1) * sizeof(*work->report));
	scores_init(&work->scores, work->topics.classifier, work->args->arena);
	buf_init(&work->places, SCORES_MAX);
	return work->trainer && work->labels && work->report;
}

static int run_train(struct ctl_args *args)
{
	struct work work = { .args = args };
	struct printer p;
	struct err e = { 0 };
	int code = EX_OK;
	args->labelled = true;
	args->no_model = true; /* what rules say is one of the inputs */
	if (args->from.n + args->operands.n + args->known.n == 0 && !args->reviews)
		return ctl_fail(EX_USAGE, "train: no texts to learn from");
	if (!topics_open(&work.topics, args, false, &code))
		return code;
	print_init(&p, args);
	if (!open_work(&work))
		code = ctl_fail(EX_UNAVAILABLE, "out of memory");
	else if (!train(&work, &e))
		code = ctl_fail_err(&e);
	else
		code = finish(&work, &p);
	buf_fini(&work.places);
	verdicts_free(&work.verdicts);
	scores_fini(&work.scores);
	cls_trainer_free(&work.trainer);
	topics_close(&work.topics);
	return print_end(&p, code);
}

static const struct ctl_option options[] = {
	{ 'o', "output", "FILE", "write the model there (without it only the measurement is made)", CTL_TEXT,
	    CTL_AT(output_file), NULL },
	{ '\0', "from", "FILE", "labelled texts, as operands are; may be repeated", CTL_LIST, CTL_AT(from),
	    NULL },
	{ '\0', "known", "FILE",
	    "labelled texts that the rules were written with: learned from, not judged by", CTL_LIST,
	    CTL_AT(known), NULL },
	{ '\0', "unlabelled", "FILE",
	    "texts that nobody looked at: what the rules are sure of is learned from, which helps where "
	    "labels are few",
	    CTL_LIST, CTL_AT(unlabelled), NULL },
	{ '\0', "from-reviews", NULL,
	    "what people decided about records, from the ledger: learned from, not judged by", CTL_FLAG,
	    CTL_AT(reviews), NULL },
	{ '\0', "seed", "N", "of the order of learning and of the folds (default 1)", CTL_SEED, CTL_AT(seed),
	    NULL },
	{ 'n', "mistakes", "N", "list the worst N mistakes of each topic, or \"all\"", CTL_LINES,
	    CTL_AT(lines), NULL },
	CTL_OPT_TOPIC_FILE,
	CTL_OPT_TOPIC_FOLDER,
	CTL_OPT_JSON,
	CTL_OPT_CONFIG,
	CTL_OPT_DIRECTORY,
	CTL_OPT_COLOUR,
};

const struct ctl_command cmd_train = {
	.name = "train",
	.operands = "[FILE]...",
	.summary = "Learn weights from labelled texts",
	.description =
	    "Input as for `eval`. What is printed was said by models that had not seen the text nor one "
	    "nearly like it (five folds). The same\n"
	    "topics, texts, order and seed give the same file. The tests of the topic files are learned "
	    "from too.",
	.options = options,
	.option_count = ARRAY_LEN(options),
	.operands_max = SIZE_MAX,
	.run = run_train,
};
