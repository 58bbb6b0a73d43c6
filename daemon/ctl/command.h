/*
 * command: what a command of gazettectl is made of. Usage, help, completion and the parser of options all come from these tables.
 * Data goes to stdout, talk to stderr; exit codes are those of sysexits.h.
 */
#ifndef CTL_COMMAND_H
#define CTL_COMMAND_H

#include "daemon/base/arena.h"
#include "daemon/base/err.h"
#include "daemon/base/str.h"
#include "daemon/ctl/rows.h"

#include <stdint.h>

struct ctl_list {
	const char **at;
	size_t n;
};

/* One more at the end; the room is the arena's. False: memory. */
bool ctl_list_add(struct arena *arena, struct ctl_list *list, const char *value) MUST_CHECK;
void ctl_list_sort(struct ctl_list *list);

enum ctl_output {
	CTL_SHORT,
	CTL_JSON,
	CTL_CAT,
	CTL_CSV,
	CTL_TSV,
	CTL_ECS,
	CTL_CLOUDEVENTS,
	CTL_STIX,
	CTL_MISP,
	CTL_OUTPUTS
};
enum ctl_colour { CTL_COLOUR_AUTO, CTL_COLOUR_ALWAYS, CTL_COLOUR_NEVER };

#define CTL_ALL_LINES UINT64_MAX

struct ctl_args { /* every value that an option of any command can set; strings are argv's */
	struct arena *arena; /* for what a command keeps until it ends */
	int64_t now; /* wall ms at the start */
	const char *config, *directory, *store, *cursor_file, *title, *language, *base_url, *assume_zone,
	    *file;
	const char *alert, *by, *why, *proof_file, *public_key, *trusted, *range;
	const char *item, *of_case; /* keys */
	const char *model, *output_file;
	struct ctl_list headers, topic_files, topic_folders, topics, feeds, languages, networks, operands;
	struct ctl_list from, known, unlabelled; /* files of texts to learn from */
	bool no_model, exit_code, reload, labelled; /* labelled: texts without JSON are lines with labels */
	bool all, all_dead, json, proof, serve, follow, regex, tap, man, lines_given, dry_run, stats, reviews,
	    matched;
	uint64_t lines;
	uint64_t seed, sample; /* sample 0: none is asked for */
	double min_score, least; /* below 0: not given */
	int64_t since, until; /* wall ms; INT64_MIN and INT64_MAX: not given */
	int output, pick; /* enum ctl_output, review_pick */
	int kind; /* of records: place in ctl_kind_names; 0: every one */
	int colour; /* enum ctl_colour */
};

enum ctl_kind { CTL_FLAG, CTL_TEXT, CTL_LIST, CTL_LINES, CTL_SEED, CTL_SCORE, CTL_TIME, CTL_CHOICE };

struct ctl_option {
	char letter; /* '\0': none */
	const char *name;
	const char *value; /* what stands for the value in help; NULL: a flag */
	const char *help;
	enum ctl_kind kind;
	size_t offset; /* of the member of struct ctl_args */
	const char *const *choices; /* CTL_CHOICE: names in order of the enum, NULL at the end */
};

struct ctl_command {
	const char *name;
	const char *operands; /* for the usage line, or "" */
	const char *summary; /* one line */
	const char *description; /* paragraphs for --help */
	const struct ctl_option *options;
	size_t option_count;
	const char *const *words; /* first operands that are known, NULL at the end; or NULL */
	size_t operands_min, operands_max;
	int (*run)(struct ctl_args *args);
	enum ctl_output output; /* when none is asked for */
};

/* The table of commands, in order of the help. */
extern const struct ctl_command *const ctl_commands[];
extern const size_t ctl_command_count;
const struct ctl_command *ctl_command_find(const char *name); /* NULL: none */

extern const struct ctl_command cmd_parse, cmd_classify, cmd_explain, cmd_eval, cmd_train, cmd_test, cmd_tail,
    cmd_search, cmd_coverage, cmd_verify, cmd_export, cmd_alerts, cmd_review, cmd_replay, cmd_backtest,
    cmd_feeds, cmd_status, cmd_top, cmd_reload, cmd_doctor, cmd_config, cmd_schema, cmd_messages,
    cmd_completion;

/* "gazettectl: …" on stderr, fit for a terminal. Returns `code`, so that callers can return it. */
int ctl_fail(int code, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* The exit code that an error deserves, after telling it. */
int ctl_fail_err(const struct err *e);
/* For readers of stores: says what is passed over. `count`: an unsigned, or NULL. */
void ctl_tell_damage(void *count, const char *why);

#endif
