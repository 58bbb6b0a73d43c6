/*
 * feeds_edit: the actions of `gazettectl feeds` that change the configuration, or ask the daemon for a poll. Each returns its exit code; what
 * they have to say goes to stderr. Those that change it read it themselves, under the lock that keeps others from changing it: `conf` is NULL.
 */
#ifndef CTL_FEEDS_EDIT_H
#define CTL_FEEDS_EDIT_H

#include "daemon/conf/conf.h"
#include "daemon/ctl/command.h"
#include "daemon/ctl/print.h"

int feeds_add(struct ctl_args *args, const struct conf *conf, struct printer *p);
int feeds_remove(struct ctl_args *args, const struct conf *conf, struct printer *p);
int feeds_enable(struct ctl_args *args, const struct conf *conf, struct printer *p);
int feeds_disable(struct ctl_args *args, const struct conf *conf, struct printer *p);
int feeds_poll_now(struct ctl_args *args, const struct conf *conf, struct printer *p);

#endif
