/* cmd_schema: JSON Schemas of what people write and of what the daemon writes, from the tables that say it anyway. */
#include "daemon/conf/schema.h"
#include "daemon/ctl/members.h"
#include "daemon/ctl/print.h"

#include <sysexits.h>

static const struct {
	const char *word;
	enum conf_schema which;
} of_conf[] = {
	{ "config", CONF_SCHEMA_MAIN },
	{ "feeds", CONF_SCHEMA_FEEDS },
	{ "alerts", CONF_SCHEMA_ALERTS },
};
static const char *const words[] = { "config", "feeds", "alerts", "record", "poll", "event", "review",
	"letter", NULL };

static bool write(const char *word, struct buf *out)
{
	for (size_t i = 0; i < ARRAY_LEN(of_conf); i++) {
		if (strcmp(word, of_conf[i].word) != 0)
			continue;
		conf_print_schema(of_conf[i].which, out);
		return true;
	}
	for (size_t i = 0; i < members_store_count; i++) {
		if (strcmp(word, members_of_stores[i].name) != 0)
			continue;
		members_print_schema(&members_of_stores[i], out);
		return true;
	}
	return false;
}

static int run_schema(struct ctl_args *args)
{
	const char *word = args->operands.n > 0 ? args->operands.at[0] : "";
	struct printer p;
	int code = EX_OK;
	print_init(&p, args);
	p.data = true;
	if (args->man)
		members_print_mdoc(&p.out);
	else if (!write(word, &p.out))
		code = ctl_fail(EX_USAGE,
		    "a schema of what? config, feeds, alerts, record, poll, event, review or letter");
	return print_end(&p, code);
}

static const struct ctl_option options[] = {
	{ '\0', "man", NULL, "print the members for the manual page (mdoc)", CTL_FLAG, CTL_AT(man), NULL },
};

const struct ctl_command cmd_schema = {
	.name = "schema",
	.operands = "config | feeds | alerts | record | poll | event | review | letter",
	.summary = "Print a JSON Schema of a configuration file, or of a store's lines",
	.description =
	    "JSON Schema 2020-12. config, feeds, alerts: the main file, a file with feeds, one with alerts.\n"
	    "record: a line of items or of a topic's store; poll, event, review, letter: one of those "
	    "ledgers.",
	.options = options,
	.option_count = ARRAY_LEN(options),
	.words = words,
	.operands_max = 1,
	.run = run_schema,
};
