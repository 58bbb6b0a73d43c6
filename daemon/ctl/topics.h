/* topics: the classifier that a command is to use: from its options, the configuration, or the topics that come with the program. */
#ifndef CTL_TOPICS_H
#define CTL_TOPICS_H

#include "classifiers/classify.h"
#include "daemon/ctl/command.h"

/* Operands are taken as topic files too when `operands` is set. NULL after complaints; *code is the exit code then. */
struct classifier *topics_load(const struct ctl_args *args, bool operands, int *code) MUST_CHECK;

#endif
