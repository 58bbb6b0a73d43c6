/* show: one line of a store as it is wanted: short, as JSON, its text alone, or in another program's format. */
#ifndef CTL_SHOW_H
#define CTL_SHOW_H

#include "daemon/ctl/format.h"
#include "daemon/ctl/print.h"

#include <jansson.h>

struct show {
	struct printer *p;
	enum ctl_output output;
	enum format_kind kind;
	const struct format *format; /* NULL: for people, or the lines themselves */
};

/* Of a store, as args->output says. Writes what comes before the lines. False after a complaint: the format is not for this store. */
bool show_begin(
    struct show *s, struct printer *p, const struct ctl_args *args, const char *store, int *code) MUST_CHECK;
/* `record` is the line parsed, or NULL when it is no JSON; it need not be parsed for CTL_JSON. */
void show_entry(const struct show *s, struct str line, const json_t *record);

/* The same for the three that need nothing but the line: short, json and cat. */
void show_line(struct printer *p, enum ctl_output output, struct str line, const json_t *record);

#endif
