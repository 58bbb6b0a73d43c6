/* discover: `gazettectl feeds discover`. gazettectl itself asks nobody: `gazetted --discover` beside it does, in its own process. */
#ifndef CTL_DISCOVER_H
#define CTL_DISCOVER_H

#include "daemon/ctl/print.h"

/* The second operand is the page. Prints YAML for a feeds file, or the helper's JSON. The exit code of the command. */
int discover_feeds(struct ctl_args *args, bool json, struct printer *p);

#endif
