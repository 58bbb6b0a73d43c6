/* cmd_backtest: what a changed topic or other weights would have made of the records that are kept, before they go live. */
#include "daemon/base/date.h"
#include "daemon/base/json.h"
#include "daemon/ctl/backtest.h"
#include "daemon/ctl/filter.h"
#include "daemon/ctl/member.h"
#include "daemon/ctl/setting.h"

#include <sysexits.h>

#define EXIT_CLASH 1 /* people decided otherwise */
#define EXAMPLES 3u /* of each change, unless said otherwise */
#define FLUSH_AT (64u << 10) /* bytes gathered for stdout */

struct testing {
	struct ctl_args *args;
	struct backtest b;
	struct printer out;
	uint64_t sampled; /* number of the last record that was printed */
};

static const enum print_style change_styles[BACKTEST_CHANGES] = {
	[BACKTEST_GAINED] = PRINT_GREEN,
	[BACKTEST_LOST] = PRINT_RED,
	[BACKTEST_CHANGED] = PRINT_YELLOW,
	[BACKTEST_CLASH] = PRINT_RED,
};

static void print_shown(struct printer *p, const struct backtest_shown *s)
{
	print_fmt(p, "  ");
	print_column(p, change_styles[s->change], str_from(backtest_change_names[s->change]), 8);
	print_fmt(p, "%llu ", (unsigned long long)s->seq);
	print_styled(p, PRINT_CYAN, s->feed);
	print_fmt(p, " %s > %s %.2f ", cls_decision_name(s->was), cls_decision_name(s->is), s->score);
	print_styled(p, PRINT_BOLD, s->title);
	if (s->why.n > 0) {
		print_style(p, PRINT_DIM);
		print_fmt(p, " (");
		print_text(p, s->why);
		print_fmt(p, ")");
		print_style(p, PRINT_PLAIN);
	}
	print_fmt(p, "\n");
}

static unsigned long long number(uint64_t n)
{
	return n;
}

static void print_sums(struct printer *p, const struct backtest *b, size_t topic)
{
	const struct backtest_sum *s = &b->sums[topic];
	double days = backtest_days(b);
	print_styled(p, PRINT_BOLD, str_from(cls_topic(b->judge.classifier, topic)->name));
	print_fmt(p, "%s\n", s->shadow ? " (some of them as a shadow)" : "");
	print_fmt(p, "  match     %llu > %llu: %llu gained, %llu lost\n", number(s->was[CLS_MATCH]),
	    number(s->is[CLS_MATCH]), number(s->changes[BACKTEST_GAINED]), number(s->changes[BACKTEST_LOST]));
	print_fmt(p, "  review    %llu > %llu: %llu changed without being a match\n",
	    number(s->was[CLS_REVIEW]), number(s->is[CLS_REVIEW]), number(s->changes[BACKTEST_CHANGED]));
	print_fmt(p, "  alerts    %.2f > %.2f a day; on the busiest day %llu > %llu\n",
	    (double)s->cases_was / days, (double)s->cases_is / days, number(s->busiest_was),
	    number(s->busiest_is));
	print_fmt(p, "  people    %llu decided; clashes %llu > %llu\n", number(s->decided),
	    number(s->clashes_was), number(s->changes[BACKTEST_CLASH]));
	for (size_t i = 0; i < b->shown_count; i++)
		if (b->shown[i].topic == topic)
			print_shown(p, &b->shown[i]);
}

static void print_report(struct printer *p, const struct backtest *b)
{
	char from[DATE_TEXT_MAX], to[DATE_TEXT_MAX];
	print_fmt(p, "%llu records", number(b->records));
	if (b->records > 0) {
		from[date_format(b->first_at, from)] = '\0';
		to[date_format(b->last_at, to)] = '\0';
		print_fmt(p, ", %s to %s", from, to);
	}
	print_fmt(p, "; model %s\n", cls_model_id(b->judge.classifier));
	for (size_t i = 0; i < b->judge.count; i++)
		if (b->asked[i])
			print_sums(p, b, i);
}

static void write_count(struct json *w, const char *key, uint64_t n)
{
	json_key(w, key);
	json_u64(w, n);
}

static void write_side(struct json *w, const char *key, const uint64_t *decisions, uint64_t cases,
    uint64_t busiest, uint64_t clashes, double days)
{
	json_key(w, key);
	json_open_object(w);
	write_count(w, "match", decisions[CLS_MATCH]);
	write_count(w, "review", decisions[CLS_REVIEW]);
	json_key(w, "alerts_per_day");
	json_num(w, (double)cases / days, 3);
	write_count(w, "busiest_day", busiest);
	write_count(w, "clashes", clashes);
	json_close_object(w);
}

static void write_shown(struct json *w, const struct backtest_shown *s)
{
	json_open_object(w);
	json_key_string(w, "change", str_from(backtest_change_names[s->change]));
	write_count(w, "seq", s->seq);
	json_key_string(w, "feed", s->feed);
	json_key_string(w, "was", str_from(cls_decision_name(s->was)));
	json_key_string(w, "is", str_from(cls_decision_name(s->is)));
	json_key(w, "score");
	json_num(w, s->score, 4);
	json_key_string(w, "title", s->title);
	json_key_string_opt(w, "why", s->why);
	json_close_object(w);
}

static void write_topic(struct json *w, const struct backtest *b, size_t topic)
{
	const struct backtest_sum *s = &b->sums[topic];
	double days = backtest_days(b);
	json_open_object(w);
	json_key_string(w, "topic", str_from(cls_topic(b->judge.classifier, topic)->name));
	json_key_string(w, "model", str_from(cls_model_id(b->judge.classifier)));
	write_count(w, "records", b->records);
	json_key(w, "days");
	json_num(w, days, 3);
	json_key(w, "shadow");
	json_bool(w, s->shadow);
	write_side(w, "was", s->was, s->cases_was, s->busiest_was, s->clashes_was, days);
	write_side(w, "is", s->is, s->cases_is, s->busiest_is, s->changes[BACKTEST_CLASH], days);
	write_count(w, "decided", s->decided);
	for (int i = 0; i < BACKTEST_CLASH; i++)
		write_count(w, backtest_change_names[i], s->changes[i]);
	json_key(w, "examples");
	json_open_array(w);
	for (size_t i = 0; i < b->shown_count; i++)
		if (b->shown[i].topic == topic)
			write_shown(w, &b->shown[i]);
	json_close_array(w);
	json_close_object(w);
}

static void write_report(struct printer *p, const struct backtest *b)
{
	struct json w;
	for (size_t i = 0; i < b->judge.count; i++) {
		if (!b->asked[i])
			continue;
		json_init(&w, &p->out);
		write_topic(&w, b, i);
		buf_byte(&p->out, '\n');
	}
}

/* What a person labels: the text, and what is said of it now. There are no labels yet, so that nothing learns from it by mistake. */
static void write_sample(struct testing *t, const struct backtest_shown *s, const json_t *record)
{
	struct json w;
	json_init(&w, &t->out.out);
	json_open_object(&w);
	write_count(&w, "seq", s->seq);
	json_key_string(&w, "feed", s->feed);
	json_key_string_opt(&w, "id", member(record, "id"));
	json_key_string_opt(&w, "lang", member(record, "language"));
	json_key_string(&w, "title", member(record, "title"));
	json_key_string(&w, "text", member_text(record));
	json_key(&w, "proposed");
	json_open_array(&w);
	for (size_t i = 0; i < t->b.judge.count; i++)
		if (t->b.judge.results[i].decision == CLS_MATCH)
			json_str(&w, str_from(cls_topic(t->b.judge.classifier, i)->name));
	json_close_array(&w);
	json_close_object(&w);
	buf_byte(&t->out.out, '\n');
}

/* A record whose decision changes for several topics is one text. */
static backtest_look_f sample;
static bool sample(void *ctx, const struct backtest_shown *s, const json_t *record, struct err *e)
{
	struct testing *t = ctx;
	if (s->seq == t->sampled)
		return true;
	t->sampled = s->seq;
	write_sample(t, s, record);
	return t->out.out.n < FLUSH_AT || print_flush(&t->out) || err_set(e, ERR_IO, 0, "stopped");
}

static int test(struct testing *t)
{
	struct err e = { 0 };
	struct backtest *b = &t->b;
	bool samples = t->args->sample > 0;
	uint64_t most = samples ? t->args->sample : t->args->lines_given ? t->args->lines : EXAMPLES;
	if (!backtest_run(b, &e) || !backtest_choose(b, most, &e) ||
	    !backtest_look(b, samples ? sample : NULL, t, &e))
		return ctl_fail_err(&e);
	if (!samples)
		(t->args->output == CTL_JSON ? write_report : print_report)(&t->out, b);
	for (size_t i = 0; i < b->judge.count; i++)
		if (b->sums[i].changes[BACKTEST_CLASH] > 0)
			return EXIT_CLASH;
	return EX_OK;
}

static bool add_topics(struct ctl_args *args, const struct conf *conf)
{
	for (size_t i = 0; i < conf->topic_count; i++) {
		const char *file = arena_cstr(args->arena, str_from(conf->topics[i].file));
		if (!file || !ctl_list_add(args->arena, &args->topic_files, file))
			return false;
	}
	return true;
}

/* What is not said comes from the configuration: the weights of a changed topic, the topics of other weights. */
static bool complete(struct ctl_args *args, int *code)
{
	bool topics = args->operands.n + args->topic_files.n + args->topic_folders.n > 0;
	bool weights = args->model || args->no_model;
	if (topics == weights || args->topic_folders.n > 0 || !(args->config || setting_default_exists()))
		return true;
	struct conf *conf = setting_load(args, code);
	if (!conf)
		return false;
	bool good = topics || add_topics(args, conf);
	if (topics && conf->model_file) {
		args->model = arena_cstr(args->arena, str_from(conf->model_file));
		good = args->model != NULL;
	}
	conf_drop(&conf);
	if (!good)
		*code = ctl_fail(EX_UNAVAILABLE, "out of memory");
	return good;
}

static int run_backtest(struct ctl_args *args)
{
	struct testing t = { .args = args };
	int code = EX_OK;
	if (args->json)
		args->output = CTL_JSON;
	if (!complete(args, &code) || !backtest_open(&t.b, args, &code))
		return code;
	args->json = args->output == CTL_JSON || args->sample > 0;
	print_init(&t.out, args);
	code = test(&t);
	backtest_close(&t.b);
	return print_end(&t.out, code);
}

static const struct ctl_option options[] = {
	CTL_OPT_TOPIC_FILE,
	CTL_OPT_TOPIC_FOLDER,
	CTL_OPT_MODEL,
	{ '\0', "topic", "NAME", "only this topic; may be repeated", CTL_LIST, CTL_AT(topics), NULL },
	{ '\0', "feed", "NAME", "only feeds of this name (* and ? allowed); may be repeated", CTL_LIST,
	    CTL_AT(feeds), NULL },
	{ '\0', "lang", "TAG", "only this language (\"zh\" takes zh-Hant too); may be repeated", CTL_LIST,
	    CTL_AT(languages), NULL },
	{ 'S', "since", "TIME", "records seen at or after: 30d, yesterday, 2026-11-21, …", CTL_TIME,
	    CTL_AT(since), NULL },
	{ 'U', "until", "TIME", "records seen before", CTL_TIME, CTL_AT(until), NULL },
	{ 'n', "examples", "N", "show N records of each change (default 3), or \"all\"", CTL_LINES,
	    CTL_AT(lines), NULL },
	{ '\0', "sample", "N", "instead: N records of each change as texts to be labelled by hand", CTL_SEED,
	    CTL_AT(sample), NULL },
	{ '\0', "seed", "N", "which records are shown (default 1)", CTL_SEED, CTL_AT(seed), NULL },
	{ 'o', "output", "FORMAT", "short or json (a line for each topic)", CTL_CHOICE, CTL_AT(output),
	    ctl_page_names },
	CTL_OPT_JSON,
	CTL_OPT_CONFIG,
	CTL_OPT_DIRECTORY,
	CTL_OPT_COLOUR,
};

const struct ctl_command cmd_backtest = {
	.name = "backtest",
	.operands = "[TOPIC-FILE]...",
	.summary = "Try changed topics on the records that are kept",
	.description =
	    "Every record of `items` is classified again, on all processors, and compared with what it says "
	    "of "
	    "itself: what the\ntopics would gain and lose, how many alerts a day they would raise (one for "
	    "a case), and where they clash with what\npeople decided (`review`). A topic file alone is "
	    "tried with the weights of the configuration, and --model with\nits topics. Nothing is written. "
	    "Exit 1 when it clashes with what people decided.",
	.options = options,
	.option_count = ARRAY_LEN(options),
	.operands_max = SIZE_MAX,
	.run = run_backtest,
};
