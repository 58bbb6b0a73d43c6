/* needs: what a configuration takes of the machine that it runs on. */
#ifndef CONF_NEEDS_H
#define CONF_NEEDS_H

#include "daemon/conf/conf.h"

/* Bytes. With what goes along, the document still fits into a worker's frame. */
#define CONF_BODY_MAX (INT64_C(64) << 20)

unsigned conf_descriptors(const struct conf *c); /* that the daemon may have open at once */

#endif
