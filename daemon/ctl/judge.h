/* judge: a classifier with its scratch and room for the answers: what classify, explain, eval and test share. */
#ifndef CTL_JUDGE_H
#define CTL_JUDGE_H

#include "classifiers/classify.h"
#include "daemon/ctl/command.h"

struct judge {
	struct classifier *classifier;
	struct cls_scratch *scratch;
	struct cls_result *results; /* of every topic, after judge_ask; in the arena of the arguments */
	size_t count;
};

/* False after complaints, with the exit code. */
bool judge_open(struct judge *j, const struct ctl_args *args, bool operands, int *code) MUST_CHECK;
void judge_close(struct judge *j);
bool judge_ask(
    struct judge *j, struct str title, struct str text, const char *language, struct err *e) MUST_CHECK;

#endif
