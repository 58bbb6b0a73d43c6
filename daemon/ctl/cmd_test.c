/* cmd_test: the tests that topic files carry. */
#include "daemon/base/json.h"
#include "daemon/base/utf8.h"
#include "daemon/ctl/judge.h"
#include "daemon/ctl/print.h"

#include <sysexits.h>

struct verdict {
	const struct cls_test *test;
	size_t number; /* from 1 */
	double score;
	enum cls_decision got;
};

static struct str slice(struct cls_text t)
{
	return str_of(t.p, t.n);
}

static void print_json(struct printer *p, const struct verdict *v)
{
	struct json w;
	json_init(&w, &p->out);
	json_open_object(&w);
	json_key_string(&w, "topic", str_from(v->test->topic));
	json_key_int(&w, "line", v->test->line);
	json_key_string(&w, "expect", str_from(cls_decision_name(v->test->expect)));
	json_key_string(&w, "got", str_from(cls_decision_name(v->got)));
	json_key(&w, "score");
	json_num(&w, v->score, 4);
	json_key(&w, "ok");
	json_bool(&w, v->got == v->test->expect);
	json_close_object(&w);
	buf_byte(&p->out, '\n');
}

static void print_tap(struct printer *p, const struct verdict *v)
{
	struct str name = v->test->title.n > 0 ? slice(v->test->title) : slice(v->test->text);
	print_fmt(p, "%sok %zu - %s:%d ", v->got == v->test->expect ? "" : "not ", v->number, v->test->topic,
	    v->test->line);
	/* '#' begins a directive in TAP. */
	struct str rest = utf8_cut(name, 80);
	while (rest.p)
		print_text(p, str_cut(&rest, '#'));
	print_fmt(p, "\n");
}

static void print_failure(struct printer *p, const struct verdict *v)
{
	if (v->got == v->test->expect)
		return;
	print_styled(p, PRINT_RED, STR("not ok"));
	print_fmt(p, "  %s line %d: %s expected, %s found (%.4f)\n        ", v->test->topic, v->test->line,
	    cls_decision_name(v->test->expect), cls_decision_name(v->got), v->score);
	print_text(p, utf8_cut(slice(v->test->title), 200));
	if (v->test->title.n > 0 && v->test->text.n > 0)
		print_fmt(p, " | ");
	print_text(p, utf8_cut(slice(v->test->text), 200));
	print_fmt(p, "\n");
}

static void print_verdict(struct printer *p, const struct ctl_args *args, const struct verdict *v)
{
	if (args->json)
		print_json(p, v);
	else if (args->tap)
		print_tap(p, v);
	else
		print_failure(p, v);
}

static bool try_one(struct judge *j, struct verdict *v, struct err *e)
{
	int topic = cls_topic_index(j->classifier, v->test->topic);
	if (!judge_ask(j, slice(v->test->title), slice(v->test->text), v->test->language, e))
		return false;
	if (topic < 0)
		return err_set(e, ERR_PARSE, 0, "test of an unknown topic '%s'", v->test->topic);
	v->got = j->results[topic].decision;
	v->score = j->results[topic].score;
	return true;
}

static int run_test(struct ctl_args *args)
{
	struct judge judge;
	struct printer p;
	struct err e = { 0 };
	size_t failed = 0;
	int code = EX_OK;
	if (!judge_open(&judge, args, true, &code))
		return code;
	print_init(&p, args);
	size_t count = cls_test_count(judge.classifier);
	for (size_t i = 0; i < count && e.kind == ERR_NONE; i++) {
		struct verdict v = { .test = cls_test(judge.classifier, i), .number = i + 1 };
		if (!try_one(&judge, &v, &e))
			break;
		failed += v.got != v.test->expect;
		print_verdict(&p, args, &v);
	}
	if (args->tap)
		print_fmt(&p, "1..%zu\n", count);
	else if (!args->json)
		print_fmt(&p, "%zu tests of %zu topics: %zu passed, %zu failed\n", count, judge.count,
		    count - failed, failed);
	judge_close(&judge);
	if (e.kind != ERR_NONE)
		return print_end(&p, ctl_fail_err(&e));
	return print_end(&p, failed > 0);
}

static const struct ctl_option options[] = {
	CTL_OPT_TOPIC_FILE,
	CTL_OPT_TOPIC_FOLDER,
	CTL_OPT_MODEL,
	CTL_OPT_CONFIG,
	{ '\0', "tap", NULL, "print TAP, a line per test", CTL_FLAG, CTL_AT(tap), NULL },
	CTL_OPT_JSON,
	CTL_OPT_COLOUR,
};

const struct ctl_command cmd_test = {
	.name = "test",
	.operands = "[TOPIC-FILE]...",
	.summary = "Run the tests that topic files carry",
	.description = "Without files: the topics of the configuration, else those that come with the "
	               "program. Exit 1 when a test failed.",
	.options = options,
	.option_count = ARRAY_LEN(options),
	.operands_max = SIZE_MAX,
	.run = run_test,
};
