/* input: reading what a command was given. */
#include "daemon/ctl/input.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#define STEP (64u << 10) /* bytes asked for at once */
#define LINE_LIMIT ((size_t)64 << 20) /* bytes of a line, as of a whole plain text: /dev/zero is one line */
#define LINE_STEP 4096 /* bytes of a line that are made room for at once */

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
	buf_init(&in->line, LINE_LIMIT);
	in->file = is_stdin(name) ? stdin : fopen(name, "re");
	return in->file || err_set(e, ERR_IO, errno, "%s", name);
}

void input_close(struct input *in)
{
	if (in->file && in->file != stdin)
		fclose(in->file);
	buf_fini(&in->line);
	*in = (struct input){ .name = in->name };
}

/* Up to the line's end, the input's end or the end of the room. True: there is more of the line. */
static bool take_more(struct input *in, int *last)
{
	char *to = buf_reserve(&in->line, LINE_STEP);
	size_t n = 0;
	*last = EOF;
	if (!to)
		return false;
	while (n < LINE_STEP && (*last = getc_unlocked(in->file)) != EOF && *last != '\n')
		to[n++] = (char)*last;
	buf_grown(&in->line, n);
	return n == LINE_STEP;
}

bool input_line(struct input *in, struct str *line, struct err *e)
{
	int last;
	buf_clear(&in->line);
	while (take_more(in, &last))
		continue;
	if (in->line.failed)
		return err_set(e, ERR_LIMIT, 0, "%s:%" PRIu64 ": longer than %zu bytes, or no memory",
		    in->name, in->number + 1, LINE_LIMIT);
	if (ferror(in->file))
		return err_set(e, ERR_IO, errno, "%s", in->name);
	if (last == EOF && in->line.n == 0)
		return false;
	in->number++;
	*line = buf_view(&in->line);
	if (str_ends(*line, STR("\r")))
		line->n--;
	return true;
}
