/* commands: the table of commands. */
#include "daemon/ctl/command.h"

const struct ctl_command *const ctl_commands[] = {
	&cmd_tail,
	&cmd_search,
	&cmd_status,
	&cmd_top,
	&cmd_reload,
	&cmd_doctor,
	&cmd_feeds,
	&cmd_coverage,
	&cmd_verify,
	&cmd_export,
	&cmd_alerts,
	&cmd_review,
	&cmd_replay,
	&cmd_backtest,
	&cmd_classify,
	&cmd_explain,
	&cmd_test,
	&cmd_eval,
	&cmd_train,
	&cmd_parse,
	&cmd_config,
	&cmd_schema,
	&cmd_messages,
	&cmd_completion,
};
const size_t ctl_command_count = ARRAY_LEN(ctl_commands);

const char *const ctl_kind_names[] = { "all", "new", "revision", "withdrawn", "replay", NULL };
const char *const ctl_output_names[] = {
	[CTL_SHORT] = "short",
	[CTL_JSON] = "json",
	[CTL_CAT] = "cat",
	[CTL_CSV] = "csv",
	[CTL_TSV] = "tsv",
	[CTL_ECS] = "ecs",
	[CTL_CLOUDEVENTS] = "cloudevents",
	[CTL_STIX] = "stix",
	[CTL_MISP] = "misp",
	[CTL_OUTPUTS] = NULL,
};
const char *const ctl_page_names[] = { [CTL_SHORT] = "short", [CTL_JSON] = "json", NULL };
const char *const ctl_colour_names[] = {
	[CTL_COLOUR_AUTO] = "auto", [CTL_COLOUR_ALWAYS] = "always", [CTL_COLOUR_NEVER] = "never", NULL
};

const struct ctl_command *ctl_command_find(const char *name)
{
	for (size_t i = 0; i < ctl_command_count; i++)
		if (strcmp(ctl_commands[i]->name, name) == 0)
			return ctl_commands[i];
	return NULL;
}
