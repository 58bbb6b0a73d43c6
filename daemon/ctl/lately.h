/* lately: what the daemon last told of its feeds. */
#ifndef CTL_LATELY_H
#define CTL_LATELY_H

#include "daemon/conf/conf.h"

#include <jansson.h>

/* Out of the status file of this configuration's daemon: an object of its feeds by name, to be released by json_decref. NULL: there is none to be read. */
json_t *lately_read(const struct conf *conf);

#endif
