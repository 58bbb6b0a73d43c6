/* schema: what may stand in a configuration, for other programs, from the table. */
#ifndef CONF_SCHEMA_H
#define CONF_SCHEMA_H

#include "daemon/base/buf.h"

/* JSON Schema of the main file, or of a file with feeds or alerts. */
enum conf_schema { CONF_SCHEMA_MAIN, CONF_SCHEMA_FEEDS, CONF_SCHEMA_ALERTS, CONF_SCHEMAS };
void conf_print_schema(enum conf_schema which, struct buf *out);

#endif
