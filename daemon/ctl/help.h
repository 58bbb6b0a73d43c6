/* help: usage and help texts, made of the tables. */
#ifndef CTL_HELP_H
#define CTL_HELP_H

#include "daemon/base/buf.h"
#include "daemon/ctl/command.h"

void help_program(struct buf *out);
void help_command(const struct ctl_command *c, struct buf *out);
void help_usage(const struct ctl_command *c, struct buf *out); /* one line */

#endif
