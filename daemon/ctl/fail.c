/* fail: complaints on stderr, and the exit code of each kind of error. */
#include "daemon/base/buf.h"
#include "daemon/base/utf8.h"
#include "daemon/ctl/command.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <sysexits.h>

#define COMPLAINT_MAX 4096 /* bytes of one complaint */

static const int exit_codes[] = {
	[ERR_NONE] = EX_SOFTWARE,
	[ERR_NOMEM] = EX_UNAVAILABLE,
	[ERR_IO] = EX_IOERR,
	[ERR_NET] = EX_UNAVAILABLE,
	[ERR_HTTP] = EX_UNAVAILABLE,
	[ERR_PARSE] = EX_DATAERR,
	[ERR_LIMIT] = EX_DATAERR,
	[ERR_CONFIG] = EX_CONFIG,
	[ERR_BUSY] = EX_UNAVAILABLE,
};
_Static_assert(ARRAY_LEN(exit_codes) == ERR_KINDS, "every kind has its exit code");

static void say(struct str text)
{
	struct buf safe;
	buf_init(&safe, 10 * COMPLAINT_MAX);
	utf8_for_terminal(text, &safe);
	fprintf(stderr, "gazettectl: %.*s\n", STR_ARG(buf_view(&safe)));
	buf_fini(&safe);
}

int ctl_fail(int code, const char *fmt, ...)
{
	char text[COMPLAINT_MAX];
	va_list ap;
	va_start(ap, fmt);
	int n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	say(str_of(text, n < 0 ? 0 : (size_t)n < sizeof(text) ? (size_t)n : sizeof(text) - 1));
	return code;
}

void ctl_tell_damage(void *count, const char *why)
{
	ctl_fail(EX_OK, "%s: passed over", why);
	if (count)
		++*(unsigned *)count;
}

int ctl_fail_err(const struct err *e)
{
	if (e->line > 0)
		ctl_fail(0, "line %d: %s", e->line, e->text);
	else
		ctl_fail(0, "%s", e->text);
	if (e->kind == ERR_IO &&
	    (e->sys == ENOENT || e->sys == EACCES || e->sys == EISDIR || e->sys == ENOTDIR))
		return EX_NOINPUT;
	return exit_codes[e->kind];
}
