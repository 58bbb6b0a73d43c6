/* main: gazettectl's command line: which command, its options, then that command. */
#include "daemon/base/clock.h"
#include "daemon/ctl/help.h"
#include "daemon/ctl/options.h"

#include <locale.h>
#include <stdio.h>
#include <sysexits.h>

#define HELP_MAX (256u << 10) /* bytes of a help text */
#define ARENA_MAX ((size_t)1 << 30) /* bytes that a command may keep */

static int show(FILE *to, struct buf *text, int code)
{
	bool good = !text->failed && fwrite(text->p, 1, text->n, to) == text->n && fflush(to) == 0;
	buf_fini(text);
	return good ? code : EX_IOERR;
}

static int show_program(FILE *to, int code)
{
	struct buf text;
	buf_init(&text, HELP_MAX);
	help_program(&text);
	return show(to, &text, code);
}

static int show_command(const struct ctl_command *c)
{
	struct buf text;
	buf_init(&text, HELP_MAX);
	help_command(c, &text);
	return show(stdout, &text, EX_OK);
}

static int misused(const struct ctl_command *c, const struct err *e)
{
	struct buf text;
	ctl_fail(EX_USAGE, "%s", e->text);
	buf_init(&text, HELP_MAX);
	help_usage(c, &text);
	return show(stderr, &text, EX_USAGE);
}

static int run(const struct ctl_command *c, int argc, char **argv)
{
	struct ctl_args args = { .arena = arena_new(ARENA_MAX), .now = clock_wall(&clock_system) };
	struct err e = { 0 };
	bool help = false;
	int code;
	if (!args.arena)
		return ctl_fail(EX_UNAVAILABLE, "out of memory");
	options_default(&args);
	if (!options_parse(c, argc, argv, &args, &help, &e))
		code = misused(c, &e);
	else
		code = help ? show_command(c) : c->run(&args);
	arena_free(&args.arena);
	return code;
}

static const char *command_name(const void *ctx, size_t i)
{
	(void)ctx;
	return ctl_commands[i]->name;
}

static int unknown(const char *name)
{
	const char *near = options_nearest(str_from(name), command_name, NULL, ctl_command_count);
	if (near)
		return ctl_fail(EX_USAGE, "no command '%.60s'; did you mean '%s'?", name, near);
	return ctl_fail(EX_USAGE, "no command '%.60s'; see gazettectl --help", name);
}

int main(int argc, char **argv)
{
	/* Letters beyond ASCII in searches; nothing else of a locale is wanted. */
	setlocale(LC_CTYPE, "C.UTF-8");
	if (argc < 2)
		return show_program(stderr, EX_USAGE);
	const char *name = argv[1];
	if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0)
		return puts("gazettectl " GAZETTED_VERSION) < 0 || fflush(stdout) != 0 ? EX_IOERR : EX_OK;
	bool help = strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0;
	if (help && argc == 2)
		return show_program(stdout, EX_OK);
	const struct ctl_command *c = ctl_command_find(help ? argv[2] : name);
	if (!c)
		return unknown(help ? argv[2] : name);
	return help ? show_command(c) : run(c, argc - 2, argv + 2);
}
