/* judge: asking the classifier. */
#include "daemon/ctl/judge.h"

#include "daemon/ctl/topics.h"

#include <sysexits.h>

bool judge_open(struct judge *j, const struct ctl_args *args, bool operands, int *code)
{
	*j = (struct judge){ .classifier = topics_load(args, operands, code) };
	if (!j->classifier)
		return false;
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
	cls_free(&j->classifier);
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
