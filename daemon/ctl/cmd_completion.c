/* cmd_completion: completion for shells, made of the tables. */
#include "daemon/ctl/print.h"

#include <sysexits.h>

typedef void shell_f(struct buf *out);

static void add_words(struct buf *out, const struct ctl_command *c)
{
	for (size_t i = 0; i < c->option_count; i++) {
		buf_fmt(out, "--%s ", c->options[i].name);
		if (c->options[i].letter)
			buf_fmt(out, "-%c ", c->options[i].letter);
	}
	for (size_t i = 0; c->words && c->words[i]; i++)
		buf_fmt(out, "%s ", c->words[i]);
	buf_str(out, STR("--help"));
}

/* "--output|-o) words=… ;;" for options whose values are known. */
static void add_choices(struct buf *out, const struct ctl_option *o, const char *indent)
{
	if (o->kind != CTL_CHOICE)
		return;
	buf_fmt(out, "%s--%s", indent, o->name);
	if (o->letter)
		buf_fmt(out, "|-%c", o->letter);
	buf_str(out, STR(") words=\""));
	for (size_t i = 0; o->choices[i]; i++)
		buf_fmt(out, "%s%s", i > 0 ? " " : "", o->choices[i]);
	buf_str(out, STR("\" ;;\n"));
}

static void bash(struct buf *out)
{
	buf_str(out, STR("# bash completion for gazettectl\n_gazettectl()\n{\n\tlocal words=\"\" "
	                 "word=${COMP_WORDS[COMP_CWORD]}\n"
	                 "\tif [ \"$COMP_CWORD\" -eq 1 ]; then\n\t\twords=\""));
	for (size_t i = 0; i < ctl_command_count; i++)
		buf_fmt(out, "%s ", ctl_commands[i]->name);
	buf_str(out, STR("--help --version\"\n\telse\n\t\tcase ${COMP_WORDS[1]} in\n"));
	for (size_t i = 0; i < ctl_command_count; i++) {
		buf_fmt(out, "\t\t%s) words=\"", ctl_commands[i]->name);
		add_words(out, ctl_commands[i]);
		buf_str(out, STR("\" ;;\n"));
	}
	buf_str(out, STR("\t\tesac\n\t\tcase ${COMP_WORDS[COMP_CWORD-1]} in\n"));
	/* The same option has the same values wherever it stands. */
	const struct ctl_command *tail = ctl_command_find("tail");
	for (size_t i = 0; i < tail->option_count; i++)
		add_choices(out, &tail->options[i], "\t\t");
	buf_str(out, STR("\t\tesac\n\tfi\n\tCOMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n\t[ "
	                 "${#COMPREPLY[@]} -eq 0 ] && "
	                 "COMPREPLY=($(compgen -f -- \"$word\"))\n}\ncomplete -o filenames -F _gazettectl "
	                 "gazettectl\n"));
}

/* In single quotes of a shell. */
static void add_quoted(struct buf *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '\'')
			buf_str(out, STR("'\\''"));
		else
			buf_byte(out, *text);
	}
}

/* In a description of zsh's _arguments: brackets and colons mean something there. */
static void add_zsh(struct buf *out, const char *text)
{
	for (; *text; text++) {
		if (strchr("[]:\\", *text))
			buf_byte(out, '\\');
		if (*text == '\'')
			buf_str(out, STR("'\\''"));
		else
			buf_byte(out, *text);
	}
}

static void zsh_option(struct buf *out, const struct ctl_option *o)
{
	buf_fmt(out, "\t\t\t'--%s%s[", o->name, o->value ? "=" : "");
	add_zsh(out, o->help);
	buf_byte(out, ']');
	if (o->value) {
		buf_byte(out, ':');
		add_zsh(out, o->value);
		buf_byte(out, ':');
		if (o->kind != CTL_CHOICE)
			buf_str(out, STR("_files"));
	}
	for (size_t i = 0; o->kind == CTL_CHOICE && o->choices[i]; i++)
		buf_fmt(out, "%s%s", i > 0 ? " " : "(", o->choices[i]);
	buf_str(out, o->kind == CTL_CHOICE ? STR(")' \\\n") : STR("' \\\n"));
}

static void zsh(struct buf *out)
{
	buf_str(out, STR("#compdef gazettectl\nlocal -a commands\ncommands=(\n"));
	for (size_t i = 0; i < ctl_command_count; i++) {
		buf_fmt(out, "\t'%s:", ctl_commands[i]->name);
		add_zsh(out, ctl_commands[i]->summary);
		buf_str(out, STR("'\n"));
	}
	buf_str(out, STR(")\nif (( CURRENT == 2 )); then\n\t_describe command commands\nelse\n\tlocal "
	                 "command=$words[2]\n"
	                 "\tshift words\n\t(( CURRENT-- ))\n\tcase $command in\n"));
	for (size_t i = 0; i < ctl_command_count; i++) {
		const struct ctl_command *c = ctl_commands[i];
		buf_fmt(out, "\t%s)\n\t\t_arguments \\\n", c->name);
		for (size_t k = 0; k < c->option_count; k++)
			zsh_option(out, &c->options[k]);
		buf_str(out, STR("\t\t\t'*:operand:"));
		for (size_t k = 0; c->words && c->words[k]; k++)
			buf_fmt(out, "%s%s", k > 0 ? " " : "(", c->words[k]);
		buf_str(out, c->words ? STR(")' ;;\n") : STR("_files' ;;\n"));
	}
	buf_str(out, STR("\tesac\nfi\n"));
}

static void fish_option(struct buf *out, const struct ctl_command *c, const struct ctl_option *o)
{
	buf_fmt(out, "complete -c gazettectl -n '__fish_seen_subcommand_from %s' -l %s", c->name, o->name);
	if (o->letter)
		buf_fmt(out, " -s %c", o->letter);
	if (o->value)
		buf_str(out, STR(" -r"));
	if (o->kind == CTL_CHOICE) {
		buf_str(out, STR(" -f -a '"));
		for (size_t i = 0; o->choices[i]; i++)
			buf_fmt(out, "%s%s", i > 0 ? " " : "", o->choices[i]);
		buf_byte(out, '\'');
	}
	buf_str(out, STR(" -d '"));
	add_quoted(out, o->help);
	buf_str(out, STR("'\n"));
}

static void fish(struct buf *out)
{
	buf_str(out, STR("# fish completion for gazettectl\n"));
	for (size_t i = 0; i < ctl_command_count; i++) {
		const struct ctl_command *c = ctl_commands[i];
		buf_fmt(out, "complete -c gazettectl -n __fish_use_subcommand -f -a %s -d '", c->name);
		add_quoted(out, c->summary);
		buf_str(out, STR("'\n"));
		for (size_t k = 0; k < c->option_count; k++)
			fish_option(out, c, &c->options[k]);
		for (size_t k = 0; c->words && c->words[k]; k++)
			buf_fmt(out, "complete -c gazettectl -n '__fish_seen_subcommand_from %s' -f -a %s\n",
			    c->name, c->words[k]);
	}
}

static const struct {
	const char *name;
	shell_f *write;
} shells[] = { { "bash", bash }, { "zsh", zsh }, { "fish", fish } };
static const char *const words[] = { "bash", "zsh", "fish", NULL };

static int run_completion(struct ctl_args *args)
{
	struct printer p;
	for (size_t i = 0; i < ARRAY_LEN(shells); i++) {
		if (strcmp(args->operands.at[0], shells[i].name) != 0)
			continue;
		print_init(&p, args);
		shells[i].write(&p.out);
		return print_end(&p, EX_OK);
	}
	return ctl_fail(EX_USAGE, "completion for bash, zsh or fish, not for '%.40s'", args->operands.at[0]);
}

const struct ctl_command cmd_completion = {
	.name = "completion",
	.operands = "bash | zsh | fish",
	.summary = "Print a completion script for a shell",
	.description = "bash: source <(gazettectl completion bash)",
	.words = words,
	.operands_min = 1,
	.operands_max = 1,
	.run = run_completion,
};
