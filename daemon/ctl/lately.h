/* lately: what the daemon last told of its feeds. */
#ifndef CTL_LATELY_H
#define CTL_LATELY_H

#include <jansson.h>

/* Of a status file: an object of its feeds by name, to be released by json_decref; of NULL: NULL. */
json_t *lately_of(json_t *status);

#endif
