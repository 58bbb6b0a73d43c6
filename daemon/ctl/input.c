/* input: reading what a command was given. */
#include "daemon/ctl/input.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STEP (64u << 10) /* bytes asked for at once */

static bool is_stdin(const char *name)
{
	return strcmp(name, "-") == 0;
}

/* Also pipes, as a shell's <(command) gives them. */
static bool read_stream(int fd, const char *name, size_t limit, struct buf *out, struct err *e)
{
	buf_init(out, limit < SIZE_MAX - STEP ? limit + STEP : limit);
	for (;;) {
		char *to = buf_reserve(out, STEP);
		if (!to)
			return err_nomem(e);
		ssize_t n = TEMP_FAILURE_RETRY(read(fd, to, STEP));
		if (n < 0)
			return err_set(e, ERR_IO, errno, "%s", name);
		if (n == 0)
			return true;
		buf_grown(out, (size_t)n);
		if (out->n > limit)
			return err_set(e, ERR_LIMIT, 0, "%s: more than %zu bytes", name, limit);
	}
}

bool input_read(const char *name, size_t limit, struct buf *out, struct err *e)
{
	struct input in;
	if (!input_open(name, &in, e))
		return false;
	bool good = read_stream(fileno(in.file), in.name, limit, out, e);
	if (!good)
		buf_fini(out);
	input_close(&in);
	return good;
}

bool input_open(const char *name, struct input *in, struct err *e)
{
	*in = (struct input){ .name = is_stdin(name) ? "standard input" : name };
	in->file = is_stdin(name) ? stdin : fopen(name, "re");
	return in->file || err_set(e, ERR_IO, errno, "%s", name);
}

void input_close(struct input *in)
{
	if (in->file && in->file != stdin)
		fclose(in->file);
	free(in->line);
	*in = (struct input){ .name = in->name };
}

bool input_line(struct input *in, struct str *line, struct err *e)
{
	ssize_t n = getline(&in->line, &in->room, in->file);
	if (n < 0) {
		if (ferror(in->file))
			err_set(e, ERR_IO, errno, "%s", in->name);
		return false;
	}
	in->number++;
	*line = str_of(in->line, (size_t)n);
	if (str_ends(*line, STR("\n")))
		line->n--;
	if (str_ends(*line, STR("\r")))
		line->n--;
	return true;
}
