/* outbox: the daemon's state beside it, for reading: deliveries and their tries. */
#ifndef CTL_OUTBOX_H
#define CTL_OUTBOX_H

#include "daemon/ctl/command.h"
#include "daemon/store/state_delivery.h"
#include "daemon/store/state_history.h"

/* NULL after a complaint, with the exit code. */
struct state *outbox_open(const struct ctl_args *args, int *code) MUST_CHECK;
/* No daemon has it open, for certain. To be asked before it is opened here. */
bool outbox_is_left(const struct ctl_args *args);
/* NULL: there is none; or, after a complaint, it cannot be read. */
struct state *outbox_peek(const struct ctl_args *args) MUST_CHECK;

#endif
