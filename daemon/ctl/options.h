/* options: argv against a command's table. */
#ifndef CTL_OPTIONS_H
#define CTL_OPTIONS_H

#include "daemon/ctl/command.h"

/* Neutral values; arena and now are the caller's. */
void options_default(struct ctl_args *args);

/* argv[0] is the first argument behind the command's name. Short options may be bundled ("-fn5"), long ones take "=value" or the next
 * argument and may be cut as long as they are unique; "--" ends them; "-" is an operand. False: e tells the mistake (ERR_CONFIG). *help: -h or
 * --help stood there; nothing else was looked at. */
bool options_parse(const struct ctl_command *command, int argc, char **argv, struct ctl_args *args,
    bool *help, struct err *e) MUST_CHECK;

/* The nearest of `count` names, or NULL when none is near: for "did you mean". */
typedef const char *options_name_f(const void *ctx, size_t i);
const char *options_nearest(struct str word, options_name_f *name, const void *ctx, size_t count);

#endif
