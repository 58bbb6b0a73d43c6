/* judge: asking the classifier. */
#include "daemon/ctl/judge.h"

#include <sysexits.h>

bool judge_open(struct judge *j, const struct ctl_args *args, bool operands, int *code)
{
	*j = (struct judge){ 0 };
	if (!topics_open(&j->topics, args, operands, code))
		return false;
	j->classifier = j->topics.classifier;
	j->count = cls_topic_count(j->classifier);
	j->scratch = cls_scratch_new();
	j->results = arena_zalloc(args->arena, j->count * sizeof(*j->results));
	if (j->scratch && j->results)
		return true;
	*code = ctl_fail(EX_UNAVAILABLE, "out of memory");
	judge_close(j);
	return false;
}

void judge_close(struct judge *j)
{
	cls_scratch_free(&j->scratch);
	topics_close(&j->topics);
	j->classifier = NULL;
}

bool judge_ask(struct judge *j, struct str title, struct str text, const char *language, struct err *e)
{
	struct cls_error why = { 0 };
	struct cls_input in = {
		.title = { title.p, title.n }, .text = { text.p, text.n }, .language = language
	};
	if (cls_classify(j->classifier, j->scratch, &in, j->results, &why))
		return true;
	return err_set(e, ERR_NOMEM, 0, "%s", why.text[0] ? why.text : "out of memory");
}

static texts_each_f judge_one;
static bool judge_one(void *ctx, const struct text *t, struct err *e)
{
	struct judging *j = ctx;
	if (!judge_ask(&j->judge, t->title, t->text, t->language, e))
		return false;
	j->each(j, t);
	return print_flush(&j->out) || err_set(e, ERR_IO, 0, "stopped");
}

int judge_texts(struct ctl_args *args, judge_each_f *each, judge_frame_f *begin, judge_frame_f *end)
{
	struct judging j = { .args = args, .each = each };
	struct err e = { 0 };
	int code = EX_OK;
	if (args->operands.n == 0 && !ctl_list_add(args->arena, &args->operands, "-"))
		return ctl_fail(EX_UNAVAILABLE, "out of memory");
	if (!judge_open(&j.judge, args, false, &code))
		return code;
	code = EX_OK;
	print_init(&j.out, args);
	if (begin)
		begin(&j);
	for (size_t i = 0; i < args->operands.n && code == EX_OK; i++)
		if (!texts_walk(args->operands.at[i], args, judge_one, &j, &e))
			code = ctl_fail_err(&e);
	if (end)
		end(&j);
	judge_close(&j.judge);
	return print_end(&j.out, code);
}
