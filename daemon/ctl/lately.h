/* lately: what the daemon last told of its feeds. */
#ifndef CTL_LATELY_H
#define CTL_LATELY_H

#include "daemon/conf/conf.h"

#include <jansson.h>

/* From its status file: an object of feeds by name, to be released by json_decref; NULL when there is none that can be read. */
json_t *lately_load(const struct conf *conf);

#endif
