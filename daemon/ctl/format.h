/*
 * format: a line of a store as other programs want it. One table of formats; each is a pure function from a parsed line to bytes.
 * Everything of a line is hostile text.
 */
#ifndef CTL_FORMAT_H
#define CTL_FORMAT_H

#include "daemon/base/buf.h"
#include "daemon/ctl/command.h"

#include <jansson.h>

enum format_kind {
	FORMAT_RECORDS,
	FORMAT_POLLS,
	FORMAT_EVENTS,
	FORMAT_REVIEWS,
	FORMAT_LETTERS,
	FORMAT_KINDS
};

/* What the lines of a store are: by its name; what is no ledger holds records. */
enum format_kind format_kind_of(const char *store);

struct format_line {
	enum format_kind kind;
	struct str text; /* the line, without its end */
	const json_t *record; /* the same, parsed; an object */
};

struct format {
	void (*begin)(enum format_kind kind, struct buf *out); /* before all lines; or NULL */
	void (*line)(const struct format_line *line, struct buf *out);
	const char *topic; /* only records that match it have a place in the format; or NULL */
};

/* NULL: this output is for people, or the line itself. */
const struct format *format_of(enum ctl_output output);
/* Is the record about the topic that the format is for? */
bool format_takes(const struct format *f, const json_t *record);

/* format_csv.c: RFC 4180, and the same between tabs. */
void format_csv_begin(enum format_kind kind, struct buf *out);
void format_csv_line(const struct format_line *line, struct buf *out);
void format_tsv_begin(enum format_kind kind, struct buf *out);
void format_tsv_line(const struct format_line *line, struct buf *out);
/* format_ecs.c: Elastic Common Schema 8.11. */
void format_ecs_line(const struct format_line *line, struct buf *out);
/* format_cloudevents.c: CloudEvents 1.0, structured JSON. */
void format_cloudevents_line(const struct format_line *line, struct buf *out);
/* format_stix.c: a bundle of STIX 2.1 with a report and who published it. */
void format_stix_line(const struct format_line *line, struct buf *out);
/* format_misp.c: an event of MISP's core format. */
void format_misp_line(const struct format_line *line, struct buf *out);

#endif
