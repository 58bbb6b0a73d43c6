/* cmd_messages: what the lines of the daemon's log mean. */
#include "daemon/base/json.h"
#include "daemon/ctl/messages.h"
#include "daemon/ctl/print.h"

#include <sysexits.h>

#define MDOC_WIDTH 78u /* bytes */

static void print_row(struct printer *p, const struct message *m)
{
	print_column(p, PRINT_BOLD, str_from(m->name), 21);
	print_column(p, PRINT_DIM, str_from(m->levels), 12);
	print_fmt(p, "%s", m->text);
	if (m->act) {
		print_fmt(p, " ");
		print_styled(p, PRINT_CYAN, str_from(m->act));
	}
	print_fmt(p, "\n");
}

/* Where a line of the manual's source ends: behind a sentence, as mdoc wants it, or else at a blank. */
static size_t line_end(struct str text)
{
	size_t end = str_find(text, STR(". "), 0);
	size_t n = end == SIZE_MAX ? text.n : end + 1;

	if (n <= MDOC_WIDTH)
		return n;
	n = MDOC_WIDTH;
	while (n > 0 && text.p[n] != ' ')
		n--;
	return n > 0 ? n : text.n;
}

static void print_filled(struct printer *p, struct str text)
{
	while (text.n > 0) {
		size_t n = line_end(text);

		print_fmt(p, "%.*s\n", (int)n, text.p);
		text = str_trim(str_skip(text, n));
	}
}

static void print_mdoc(struct printer *p, const struct message *m)
{
	print_fmt(p, ".It Sy %s Pq %s\n", m->name, m->levels);
	print_filled(p, str_from(m->text));
	print_filled(p, str_from(m->act));
}

static void print_json(struct printer *p, const struct message *m)
{
	struct json w;
	json_init(&w, &p->out);
	json_open_object(&w);
	json_key_string(&w, "event", str_from(m->name));
	json_key_string(&w, "levels", str_from(m->levels));
	json_key_string(&w, "text", str_from(m->text));
	json_key_string_opt(&w, "act", str_from(m->act));
	json_close_object(&w);
	buf_byte(&p->out, '\n');
}

static int run_messages(struct ctl_args *args)
{
	const char *wanted = args->operands.n > 0 ? args->operands.at[0] : NULL;
	struct printer p;
	size_t found = 0;
	print_init(&p, args);
	for (size_t i = 0; i < message_count; i++) {
		if (wanted && strcmp(messages[i].name, wanted) != 0)
			continue;
		found++;
		(args->man ? print_mdoc : args->json ? print_json : print_row)(&p, &messages[i]);
	}
	return print_end(&p, found > 0 ? EX_OK : ctl_fail(1, "no event '%.60s'", wanted ? wanted : ""));
}

static const struct ctl_option options[] = {
	CTL_OPT_JSON,
	{ '\0', "man", NULL, "print them for the manual page (mdoc)", CTL_FLAG, CTL_AT(man), NULL },
	CTL_OPT_COLOUR,
};

const struct ctl_command cmd_messages = {
	.name = "messages",
	.operands = "[EVENT]",
	.summary = "Tell what the events of the daemon's log mean",
	.description =
	    "A line of the log is LEVEL EVENT KEY=VALUE…; the names of events are kept. Behind what "
	    "each means stands what can be done about it. Exit 1 "
	    "when there is no such event.",
	.options = options,
	.option_count = ARRAY_LEN(options),
	.operands_max = 1,
	.run = run_messages,
};
