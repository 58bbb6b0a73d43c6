/* err: fills the one error that a caller made. Knows no reaction: that is the engine's. */
#include "daemon/base/err.h"

#include "daemon/base/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const kind_name[] = {
	[ERR_NONE] = "none",
	[ERR_NOMEM] = "nomem",
	[ERR_IO] = "io",
	[ERR_NET] = "net",
	[ERR_HTTP] = "http",
	[ERR_PARSE] = "parse",
	[ERR_LIMIT] = "limit",
	[ERR_CONFIG] = "config",
	[ERR_BUSY] = "busy",
};
_Static_assert(ARRAY_LEN(kind_name) == ERR_KINDS, "every kind has a name");

/* `wanted` is what snprintf would have written; a cut scalar at the end is dropped whole. */
static size_t end_of_text(struct err *e, int wanted)
{
	if (wanted < 0)
		wanted = 0;
	if ((size_t)wanted < sizeof(e->text))
		return (size_t)wanted;
	size_t n = utf8_cut((struct str){ e->text, sizeof(e->text) - 1 }, sizeof(e->text) - 2).n;
	e->text[n] = '\0';
	return n;
}

/* The reason is never what a long name pushes out. */
static void append_system(struct err *e, size_t n, int sys)
{
	char reason[96];
	/* The GNU form: may return a constant instead of filling `reason`. */
	const char *said = strerror_r(sys, reason, sizeof(reason));
	size_t room = sizeof(e->text) - 1;
	size_t need = strnlen(said, sizeof(reason)) + 2;
	n = utf8_cut((struct str){ e->text, n }, room - need).n;
	(void)!snprintf(e->text + n, sizeof(e->text) - n, ": %s", said);
}

static void fill(struct err *e, enum err_kind kind, int sys, int line, const char *fmt, va_list ap)
    __attribute__((format(printf, 5, 0)));

static void fill(struct err *e, enum err_kind kind, int sys, int line, const char *fmt, va_list ap)
{
	e->kind = kind;
	e->sys = sys;
	e->line = line;
	size_t n = end_of_text(e, vsnprintf(e->text, sizeof(e->text), fmt, ap));
	if (sys != 0)
		append_system(e, n, sys);
}

bool err_set(struct err *e, enum err_kind kind, int sys, const char *fmt, ...)
{
	if (!e || e->kind != ERR_NONE)
		return false;
	va_list ap;
	va_start(ap, fmt);
	fill(e, kind, sys, 0, fmt, ap);
	va_end(ap);
	return false;
}

bool err_set_line(struct err *e, enum err_kind kind, int line, const char *fmt, ...)
{
	if (!e || e->kind != ERR_NONE)
		return false;
	va_list ap;
	va_start(ap, fmt);
	fill(e, kind, 0, line, fmt, ap);
	va_end(ap);
	return false;
}

bool err_nomem(struct err *e)
{
	return err_set(e, ERR_NOMEM, 0, "out of memory");
}

void err_clear(struct err *e)
{
	e->kind = ERR_NONE;
	e->sys = 0;
	e->line = 0;
	e->text[0] = '\0';
}

const char *err_kind_name(enum err_kind kind)
{
	return (unsigned)kind < ERR_KINDS ? kind_name[kind] : "unknown";
}
