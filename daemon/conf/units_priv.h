/* units: the other way round of conf_parse_duration and conf_parse_size. */
#ifndef CONF_UNITS_PRIV_H
#define CONF_UNITS_PRIV_H

#include "daemon/conf/conf.h"

/* In the largest unit that loses nothing. */
void conf_print_duration(int64_t ms, struct buf *out);
void conf_print_size(int64_t bytes, struct buf *out);

#endif
