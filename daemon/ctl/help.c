/* help: what --help says. Knows no command by name. */
#include "daemon/ctl/help.h"

#define NAME_COLUMN 14 /* where summaries begin */
#define OPTION_COLUMN 30 /* where the help of an option begins */

static void pad(struct buf *out, size_t start, size_t column)
{
	do
		buf_byte(out, ' ');
	while (!out->failed && out->n - start < column);
}

void help_program(struct buf *out)
{
	buf_str(out,
	    STR("usage: gazettectl COMMAND [OPTION]... [OPERAND]...\n\n"
	        "Reads what gazetted wrote, and tries out feeds, topics and configurations.\n\nCommands:\n"));
	for (size_t i = 0; i < ctl_command_count; i++) {
		size_t start = out->n;
		buf_fmt(out, "  %s", ctl_commands[i]->name);
		pad(out, start, NAME_COLUMN);
		buf_fmt(out, "%s\n", ctl_commands[i]->summary);
	}
	buf_str(
	    out, STR("\n`gazettectl COMMAND --help` tells more; `gazettectl --version` tells the version.\n"
	             "Exit: 0 done, 1 no (nothing found, not whole, a test failed), 64 usage, 65 bad data, "
	             "66 no such input,\n"
	             "69 not available, 74 input/output, 78 configuration.\n"));
}

void help_usage(const struct ctl_command *c, struct buf *out)
{
	buf_fmt(out, "usage: gazettectl %s%s%s%s\n", c->name, c->option_count > 0 ? " [OPTION]..." : "",
	    c->operands[0] ? " " : "", c->operands);
}

static void add_option(const struct ctl_option *o, struct buf *out)
{
	size_t start = out->n;
	if (o->letter)
		buf_fmt(out, "  -%c, --%s", o->letter, o->name);
	else
		buf_fmt(out, "      --%s", o->name);
	if (o->value)
		buf_fmt(out, " %s", o->value);
	pad(out, start, OPTION_COLUMN);
	buf_fmt(out, "%s\n", o->help);
}

void help_command(const struct ctl_command *c, struct buf *out)
{
	help_usage(c, out);
	buf_fmt(out, "\n%s.\n", c->summary);
	if (c->description[0])
		buf_fmt(out, "\n%s\n", c->description);
	buf_str(out, STR("\nOptions:\n"));
	for (size_t i = 0; i < c->option_count; i++)
		add_option(&c->options[i], out);
	add_option(&(struct ctl_option){ .letter = 'h', .name = "help", .help = "print this" }, out);
}
