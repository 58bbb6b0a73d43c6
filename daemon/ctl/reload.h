/* reload: the daemon is asked to take its configuration anew; used by every command that changes it. */
#ifndef CTL_RELOAD_H
#define CTL_RELOAD_H

#include "daemon/ctl/command.h"

#define RELOAD_REFUSED 1 /* exit code */

/* Asks, waits and prints the verdict; the exit code of the command. */
int reload_and_tell(struct ctl_args *args);

#endif
