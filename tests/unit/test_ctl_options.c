/* Command lines of gazettectl: every form of an option, and every mistake told in words. */
#include "daemon/ctl/help.h"
#include "daemon/ctl/options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NOW INT64_C(1795256103000) /* 2026-11-21T10:15:03Z */

static struct ctl_args args;
static bool help;

/* argv as one text, words split at blanks. */
static bool parse(const char *command, const char *line, struct err *e)
{
	static char copy[512];
	static char *argv[32];
	int argc = 0;
	assert_true(strlen(line) < sizeof(copy));
	memcpy(copy, line, strlen(line) + 1);
	for (char *word = copy; word && *word; argc++) {
		argv[argc] = word;
		word = strchr(word, ' ');
		if (word)
			*word++ = '\0';
	}
	arena_free(&args.arena);
	args = (struct ctl_args){ .arena = arena_new(1 << 20), .now = NOW };
	options_default(&args);
	err_clear(e);
	return options_parse(ctl_command_find(command), argc, argv, &args, &help, e);
}

static int forget(void **state)
{
	(void)state;
	arena_free(&args.arena);
	return 0;
}

static void takes_every_form(void **state)
{
	(void)state;
	struct err e = { 0 };
	static const char *const lines[] = {
		"-f -n 5 -o json -s polls",
		"-fn5 -ojson -spolls",
		"-fn 5 --output=json --store polls",
		"--follow --lines=5 --output json --store=polls",
		"--fol --li 5 --out json --sto polls",
	};
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		if (!parse("tail", lines[i], &e))
			fail_msg("%s: %s", lines[i], e.text);
		assert_true(args.follow && args.lines_given && args.lines == 5);
		assert_int_equal(args.output, CTL_JSON);
		assert_string_equal(args.store, "polls");
	}
}

static void defaults_are_neutral(void **state)
{
	(void)state;
	struct err e = { 0 };
	assert_true(parse("tail", "", &e));
	assert_false(args.follow || args.lines_given || args.json);
	assert_int_equal(args.lines, 10);
	assert_true(args.min_score < 0);
	assert_true(args.since == INT64_MIN && args.until == INT64_MAX);
	assert_int_equal(args.output, CTL_SHORT);
	assert_null(args.config);
}

static void lists_grow(void **state)
{
	(void)state;
	struct err e = { 0 };
	assert_true(parse("tail", "--topic a --topic=b --feed hk-*", &e));
	assert_int_equal(args.topics.n, 2);
	assert_string_equal(args.topics.at[0], "a");
	assert_string_equal(args.topics.at[1], "b");
	assert_string_equal(args.feeds.at[0], "hk-*");
}

static void values_are_read(void **state)
{
	(void)state;
	struct err e = { 0 };
	assert_true(parse("tail", "-n all --min-score 0.75 --since 2h --until 2026-11-21", &e));
	assert_true(args.lines == CTL_ALL_LINES);
	assert_true(args.min_score > 0.74 && args.min_score < 0.76);
	assert_true(args.since == NOW - INT64_C(7200000));
	assert_true(args.until == NOW - INT64_C(36903000));
}

static void operands_and_dashes(void **state)
{
	(void)state;
	struct err e = { 0 };
	assert_true(parse("classify", "a --json - -- -b --json", &e));
	assert_true(args.json);
	assert_int_equal(args.operands.n, 4);
	assert_string_equal(args.operands.at[1], "-");
	assert_string_equal(args.operands.at[3], "--json");
}

static void help_stops_everything(void **state)
{
	(void)state;
	struct err e = { 0 };
	assert_true(parse("search", "--help", &e));
	assert_true(help);
	assert_true(parse("search", "x -h --nonsense", &e));
	assert_true(help);
	assert_true(parse("search", "x", &e));
	assert_false(help);
}

static void mistakes_are_told(void **state)
{
	(void)state;
	static const struct {
		const char *command, *line, *says;
	} cases[] = {
		{ "tail", "--folow", "did you mean --follow" },
		{ "tail", "--zzzzzzzzz", "no option --zzzzzzzzz" },
		{ "tail", "-x", "no option -x" },
		{ "tail", "-fx", "no option -x" },
		{ "tail", "-n", "-n needs a value" },
		{ "tail", "--lines", "--lines needs a value" },
		{ "tail", "--follow=yes", "--follow takes no value" },
		{ "tail", "-n x", "'x' is no number" },
		{ "tail", "-n -5", "'-5' is no number" },
		{ "tail", "--min-score 2", "no score" },
		{ "tail", "--min-score nan", "no score" },
		{ "tail", "--since never", "is no time" },
		{ "tail", "-o xml", "one of: short, json, cat" },
		{ "tail", "--c x", "may mean" },
		{ "backtest", "--topi x", "may mean" },
		{ "tail", "extra", "too much" },
		{ "completion", "", "missing" },
		{ "completion", "a b", "too much" },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct err e = { 0 };
		if (parse(cases[i].command, cases[i].line, &e))
			fail_msg("%s %s was taken", cases[i].command, cases[i].line);
		if (!strstr(e.text, cases[i].says))
			fail_msg("%s %s: %s", cases[i].command, cases[i].line, e.text);
	}
}

/* The tables themselves: names are unique, help says everything, bundles of letters are told apart. */
static void tables_are_sound(void **state)
{
	(void)state;
	struct buf text;
	buf_init(&text, 1 << 20);
	for (size_t i = 0; i < ctl_command_count; i++) {
		const struct ctl_command *c = ctl_commands[i];
		assert_ptr_equal(ctl_command_find(c->name), c);
		assert_non_null(c->run);
		buf_clear(&text);
		help_command(c, &text);
		for (size_t k = 0; k < c->option_count; k++) {
			const struct ctl_option *o = &c->options[k];
			assert_true(str_find(buf_view(&text), str_from(o->name), 0) != SIZE_MAX);
			assert_int_equal(o->kind == CTL_FLAG, o->value == NULL);
			assert_int_equal(o->kind == CTL_CHOICE, o->choices != NULL);
			assert_true(o->offset < sizeof(struct ctl_args));
			for (size_t j = 0; j < k; j++) {
				assert_string_not_equal(o->name, c->options[j].name);
				assert_true(!o->letter || o->letter != c->options[j].letter);
			}
		}
	}
	buf_clear(&text);
	help_program(&text);
	for (size_t i = 0; i < ctl_command_count; i++)
		assert_true(str_find(buf_view(&text), str_from(ctl_commands[i]->summary), 0) != SIZE_MAX);
	assert_null(ctl_command_find("nonsense"));
	buf_fini(&text);
}

static void many_operands_take_little_memory(void **state)
{
	enum { MANY = 20000 };
	static char *argv[MANY];
	static char word[] = "a.txt";
	struct err e = { 0 };
	(void)state;
	arena_free(&args.arena);
	args = (struct ctl_args){ .arena = arena_new(2 << 20) };
	for (size_t i = 0; i < MANY; i++)
		argv[i] = word;
	assert_true(options_parse(ctl_command_find("classify"), MANY, argv, &args, &help, &e));
	assert_int_equal(args.operands.n, MANY);
	assert_ptr_equal(args.operands.at[MANY - 1], word);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_every_form),
		cmocka_unit_test(defaults_are_neutral),
		cmocka_unit_test(lists_grow),
		cmocka_unit_test(many_operands_take_little_memory),
		cmocka_unit_test(values_are_read),
		cmocka_unit_test(operands_and_dashes),
		cmocka_unit_test(help_stops_everything),
		cmocka_unit_test(mistakes_are_told),
		cmocka_unit_test(tables_are_sound),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("ctl/options", tests, NULL, forget);
}
