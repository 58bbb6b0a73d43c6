/* cmd_config: the commented default configuration; or what is in force. */
#include "daemon/ctl/print.h"
#include "daemon/ctl/setting.h"

#include <sysexits.h>

static int run_config(struct ctl_args *args)
{
	struct printer p;
	struct conf *conf = NULL;
	int code = EX_OK;
	if (args->file)
		args->config = args->file;
	if (args->config && !(conf = setting_load(args, &code)))
		return code;
	print_init(&p, args);
	p.data = true;
	if (conf)
		conf_print(conf, &p.out);
	else if (args->man)
		conf_print_mdoc(&p.out);
	else
		conf_print_default(&p.out);
	conf_drop(&conf);
	return print_end(&p, EX_OK);
}

static const struct ctl_option options[] = {
	{ 'f', "file", "FILE", "check FILE and what it includes, and print what is in force", CTL_TEXT,
	    CTL_AT(file), NULL },
	CTL_OPT_CONFIG,
	{ '\0', "man", NULL, "print the keys for the manual page (mdoc)", CTL_FLAG, CTL_AT(man), NULL },
};

const struct ctl_command cmd_config = {
	.name = "config",
	.operands = "",
	.summary = "Print the commented default configuration, or what is in force",
	.description = "Without options every key stands there with its default and one sentence. -c FILE is "
	               "the same as --file FILE. Exit 78 when the\n"
	               "configuration has errors; all of them are told.",
	.options = options,
	.option_count = ARRAY_LEN(options),
	.run = run_config,
};
