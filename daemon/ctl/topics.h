/* topics: the classifier that a command is to use: from its options, the configuration, or the topics that come with the program. */
#ifndef CTL_TOPICS_H
#define CTL_TOPICS_H

#include "classifiers/classify.h"
#include "daemon/ctl/command.h"

#define TOPICS_MODEL_NAME "topics.model" /* learned weights that lie beside the topics of a folder */

#define CTL_OPT_MODEL                                                                                        \
	{ 'm', "model", "FILE", "learned weights (default: topics.model beside a folder's topics)",          \
		CTL_TEXT, CTL_AT(model), NULL },                                                             \
	{                                                                                                    \
		'\0', "no-model", NULL, "the topics' rules alone", CTL_FLAG, CTL_AT(no_model), NULL          \
	}

struct conf;
struct topics { /* all zero: none */
	struct classifier *classifier;
	struct conf *conf; /* whose topics they are, or NULL */
	struct str model; /* mapped: the classifier reads it where it lies */
};

/* Operands are taken as topic files too when `operands` is set. False after complaints; *code is the exit code then. */
bool topics_open(struct topics *t, const struct ctl_args *args, bool operands, int *code) MUST_CHECK;
void topics_close(struct topics *t);

#endif
