/* print: one buffer between a command and stdout; colour, width, and safety of terminals. */
#include "daemon/ctl/print.h"

#include "daemon/base/date.h"
#include "daemon/base/utf8.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#define PRINT_MAX                                                                                            \
	((size_t)1                                                                                           \
	    << 30) /* bytes gathered before a flush: the largest document that `parse` prints, many times over */

static const char *const style_codes[] = {
	[PRINT_PLAIN] = "\x1b[0m",
	[PRINT_BOLD] = "\x1b[1m",
	[PRINT_DIM] = "\x1b[2m",
	[PRINT_RED] = "\x1b[31m",
	[PRINT_GREEN] = "\x1b[32m",
	[PRINT_YELLOW] = "\x1b[33m",
	[PRINT_CYAN] = "\x1b[36m",
	[PRINT_MARK] = "\x1b[1;4m",
};
_Static_assert(ARRAY_LEN(style_codes) == PRINT_STYLES, "every style has its code");

bool print_wants_colour(int choice, bool terminal, const char *no_color, const char *term)
{
	if (choice != CTL_COLOUR_AUTO)
		return choice == CTL_COLOUR_ALWAYS;
	if (no_color && no_color[0])
		return false;
	return terminal && term && strcmp(term, "dumb") != 0;
}

void print_init(struct printer *p, const struct ctl_args *args)
{
	buf_init(&p->out, PRINT_MAX);
	p->terminal = isatty(STDOUT_FILENO);
	p->data = args->json;
	p->colour = print_wants_colour(args->colour, p->terminal, getenv("NO_COLOR"), getenv("TERM"));
}

/* Line breaks and tabs stay. */
static void make_harmless(struct printer *p)
{
	struct buf raw = p->out;
	buf_init(&p->out, PRINT_MAX);
	print_lines(p, buf_view(&raw));
	buf_fini(&raw);
}

bool print_flush(struct printer *p)
{
	if (p->data && p->terminal && !p->out.failed)
		make_harmless(p);
	if (p->out.failed) {
		ctl_fail(EX_UNAVAILABLE, "out of memory");
		return false;
	}
	size_t n = fwrite(p->out.p ? p->out.p : "", 1, p->out.n, stdout);
	if (n == p->out.n && fflush(stdout) == 0) {
		buf_clear(&p->out);
		return true;
	}
	struct err e = { 0 };
	err_set(&e, ERR_IO, errno, "standard output");
	ctl_fail_err(&e);
	return false;
}

int print_end(struct printer *p, int code)
{
	bool good = print_flush(p);
	buf_fini(&p->out);
	return good ? code : EX_IOERR;
}

void print_style(struct printer *p, enum print_style style)
{
	if (p->colour)
		buf_str(&p->out, str_from(style_codes[style]));
}

void print_text(struct printer *p, struct str s)
{
	utf8_for_terminal(s, &p->out);
}

void print_lines(struct printer *p, struct str s)
{
	for (bool more = s.n > 0; more;) {
		struct str line = str_cut(&s, '\n');
		more = s.p != NULL;
		while (line.p) {
			utf8_for_terminal(str_cut(&line, '\t'), &p->out);
			if (line.p)
				buf_byte(&p->out, '\t');
		}
		if (more)
			buf_byte(&p->out, '\n');
	}
}

void print_styled(struct printer *p, enum print_style style, struct str s)
{
	print_style(p, style);
	print_text(p, s);
	print_style(p, PRINT_PLAIN);
}

void print_json_line(struct printer *p, struct str line)
{
	/* JSON of ours holds no control; a file that was tampered with may. */
	if (p->terminal)
		print_text(p, line);
	else
		buf_str(&p->out, line);
	buf_byte(&p->out, '\n');
}

void print_fmt(struct printer *p, const char *fmt, ...)
{
	char text[512];
	va_list ap;
	va_start(ap, fmt);
	int n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (n > 0)
		buf_add(&p->out, text, (size_t)n < sizeof(text) ? (size_t)n : sizeof(text) - 1);
}

void print_age(struct printer *p, int64_t now, struct str time)
{
	static const struct {
		int64_t ms;
		char unit;
	} units[] = { { 86400000, 'd' }, { 3600000, 'h' }, { 60000, 'm' }, { 1000, 's' } };
	int64_t ms;
	if (!date_parse_rfc3339(time, &ms)) {
		print_fmt(p, "%6s", "never");
		return;
	}
	int64_t age = now > ms ? now - ms : ms - now;
	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		if (age < units[i].ms && i + 1 < ARRAY_LEN(units))
			continue;
		print_fmt(p, "%5lld%c", (long long)(age / units[i].ms), units[i].unit);
		return;
	}
}

size_t print_width(struct str s)
{
	size_t columns = 0;
	while (s.n > 0) {
		uint32_t cp;
		s = str_skip(s, utf8_decode(s, &cp));
		columns += (size_t)utf8_width(cp);
	}
	return columns;
}

/* The longest start of s of at most `columns`. */
static struct str fit(struct str s, size_t columns)
{
	size_t n = 0;
	size_t used = 0;
	while (n < s.n) {
		uint32_t cp;
		size_t length = utf8_decode(str_skip(s, n), &cp);
		used += (size_t)utf8_width(cp);
		if (used > columns)
			break;
		n += length;
	}
	return (struct str){ s.p, n };
}

void print_column(struct printer *p, enum print_style style, struct str s, size_t columns)
{
	struct buf safe;
	buf_init(&safe, PRINT_MAX);
	utf8_for_terminal(s, &safe);
	struct str shown = buf_view(&safe);
	size_t width = print_width(shown);
	if (width > columns && columns > 0) {
		shown = fit(shown, columns - 1);
		width = print_width(shown) + 1;
	}
	print_style(p, style);
	buf_str(&p->out, shown);
	if (shown.n < safe.n)
		buf_str(&p->out, STR("…"));
	print_style(p, PRINT_PLAIN);
	for (; width < columns; width++)
		buf_byte(&p->out, ' ');
	buf_fini(&safe);
}
