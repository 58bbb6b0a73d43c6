/* input: files and standard input, whole or by lines. "-" is standard input. */
#ifndef CTL_INPUT_H
#define CTL_INPUT_H

#include "daemon/base/buf.h"
#include "daemon/base/err.h"

#include <stdio.h>

/* The whole; beyond `limit` ERR_LIMIT. out is made here; the caller frees it. */
bool input_read(const char *name, size_t limit, struct buf *out, struct err *e) MUST_CHECK;

struct input { /* lines of one file */
	const char *name; /* for messages */
	FILE *file;
	struct buf line;
	uint64_t number; /* of the line given last, from 1 */
};

bool input_open(const char *name, struct input *in, struct err *e) MUST_CHECK;
void input_close(struct input *in);
/* False at the end or on failure (then e is set), as for a line beyond all bounds. Without the line's end; until the next call. */
bool input_line(struct input *in, struct str *line, struct err *e);

#endif
