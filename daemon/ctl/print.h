/* print: what goes to stdout. Everything that came from the network passes print_text, so that no terminal ever sees its escapes. */
#ifndef CTL_PRINT_H
#define CTL_PRINT_H

#include "daemon/base/buf.h"
#include "daemon/ctl/command.h"

enum print_style {
	PRINT_PLAIN,
	PRINT_BOLD,
	PRINT_DIM,
	PRINT_RED,
	PRINT_GREEN,
	PRINT_YELLOW,
	PRINT_CYAN,
	PRINT_MARK,
	PRINT_STYLES
};

struct printer {
	struct buf out;
	bool colour;
	bool terminal; /* stdout is one */
	bool data; /* JSON, YAML, OPML as it is: made harmless as a whole when it goes to a terminal */
};

void print_init(struct printer *p, const struct ctl_args *args);
/* Writes what was gathered. False: stdout takes no more; told on stderr. */
bool print_flush(struct printer *p) MUST_CHECK;
/* Flushes and frees; the exit code of the command: `code`, or EX_IOERR when the output did not get out. */
int print_end(struct printer *p, int code);

/* Does the environment want colour? Separate for tests. */
bool print_wants_colour(int choice, bool terminal, const char *no_color, const char *term);

void print_style(struct printer *p, enum print_style style);
/* Untrusted text: escapes, bidi tricks and line breaks made harmless. */
void print_text(struct printer *p, struct str s);
/* The same over several lines: line breaks and tabs stay. */
void print_lines(struct printer *p, struct str s);
void print_styled(struct printer *p, enum print_style style, struct str s);
/* A line that is JSON already: as it is, or made harmless for a terminal. */
void print_json_line(struct printer *p, struct str line);
void print_fmt(struct printer *p, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* "   3m", six columns: since that time (RFC 3339), or until it when it lies ahead; "never" of anything else. */
void print_age(struct printer *p, int64_t now, struct str time);

/* Columns that s takes on a terminal after print_text. */
size_t print_width(struct str s);
/* s cut to `columns` with an ellipsis, or filled up with blanks. */
void print_column(struct printer *p, enum print_style style, struct str s, size_t columns);

#endif
