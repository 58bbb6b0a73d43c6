/* needs: what a configuration takes of the machine that it runs on. */
#ifndef CONF_NEEDS_H
#define CONF_NEEDS_H

#include "daemon/conf/conf.h"

unsigned conf_descriptors(const struct conf *c); /* that the daemon may have open at once */

#endif
