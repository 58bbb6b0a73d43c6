/* print: parts of the dump, shared with the comparison of two configurations. */
#ifndef CONF_PRINT_PRIV_H
#define CONF_PRINT_PRIV_H

#include "daemon/conf/table_priv.h"

/* Every setting of a section, as conf_print writes it: `first` before the first row, `lead` before the others. */
void conf_print_settings(
    const struct conf_section *s, const void *from, const char *first, const char *lead, struct buf *out);
void conf_print_feed(const struct conf_feed *f, const char *first, const char *lead, struct buf *out);
void conf_print_alert(const struct conf_alert *a, struct buf *out);

#endif
