/* What gazettectl prints: hostile records never reach a terminal as they are, columns line up, filters choose. */
#include "daemon/ctl/filter.h"
#include "daemon/ctl/show.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct printer printer(bool colour, bool terminal)
{
	struct printer p = { .colour = colour, .terminal = terminal };
	buf_init(&p.out, 1 << 20);
	return p;
}

static void is(struct printer *p, const char *want)
{
	if (!str_eq(buf_view(&p->out), str_from(want)))
		fail_msg("'%.*s', not '%s'", STR_ARG(buf_view(&p->out)), want);
	buf_clear(&p->out);
}

/* No C0 but line ends and tabs, no C1, no bidi: whatever was printed without colour. */
static void is_harmless(struct printer *p)
{
	for (size_t i = 0; i < p->out.n; i++) {
		unsigned char c = (unsigned char)p->out.p[i];
		unsigned char next = i + 1 < p->out.n ? (unsigned char)p->out.p[i + 1] : 0;
		if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f || (c == 0xc2 && next < 0xa0) ||
		    (c == 0xe2 && next == 0x80 && (unsigned char)p->out.p[i + 2] == 0xae))
			fail_msg("byte %zu is %02x", i, c);
	}
	buf_clear(&p->out);
}

static void colour_is_wanted_or_not(void **state)
{
	(void)state;
	assert_true(print_wants_colour(CTL_COLOUR_AUTO, true, NULL, "xterm"));
	assert_true(print_wants_colour(CTL_COLOUR_AUTO, true, "", "xterm"));
	assert_false(print_wants_colour(CTL_COLOUR_AUTO, true, "1", "xterm"));
	assert_false(print_wants_colour(CTL_COLOUR_AUTO, false, NULL, "xterm"));
	assert_false(print_wants_colour(CTL_COLOUR_AUTO, true, NULL, "dumb"));
	assert_false(print_wants_colour(CTL_COLOUR_AUTO, true, NULL, NULL));
	assert_true(print_wants_colour(CTL_COLOUR_ALWAYS, false, "1", "dumb"));
	assert_false(print_wants_colour(CTL_COLOUR_NEVER, true, NULL, "xterm"));
}

static void text_is_made_harmless(void **state)
{
	(void)state;
	struct printer p = printer(false, true);
	print_text(&p, STR("a\x1b]0;title\x07\r\nb"));
	is(&p, "a\\x1b]0;title\\x07  b");
	print_lines(&p, STR("one\n\ttwo\x1b[2J\r\n\nlast"));
	is(&p, "one\n\ttwo\\x1b[2J \n\nlast");
	print_lines(&p, STR(""));
	is(&p, "");
	p.colour = true;
	print_styled(&p, PRINT_RED, STR("\x1b[0m"));
	is(&p, "\x1b[31m\\x1b[0m\x1b[0m");
	buf_fini(&p.out);
}

/* What print_flush writes, read back. */
static size_t flushed(struct printer *p, char *out, size_t size)
{
	int kept = dup(STDOUT_FILENO), pipe_ends[2];
	fflush(stdout);
	assert_int_equal(pipe(pipe_ends), 0);
	dup2(pipe_ends[1], STDOUT_FILENO);
	close(pipe_ends[1]);
	bool good = print_flush(p);
	dup2(kept, STDOUT_FILENO);
	close(kept);
	assert_true(good);
	ssize_t n = read(pipe_ends[0], out, size);
	close(pipe_ends[0]);
	assert_true(n >= 0);
	return (size_t)n;
}

static void data_is_made_harmless_for_terminals_alone(void **state)
{
	static const char data[] = "{\"a\":\"\xc2\x9b\xe2\x80\xae\"}\n\n\tb: \x1b[2J\n";
	static const struct {
		bool terminal, data;
		const char *want;
	} rows[] = {
		{ true, true, "{\"a\":\"\\x9b\\u202e\"}\n\n\tb: \\x1b[2J\n" }, { false, true, data },
		{ true, false, data }, /* looked at already, and coloured */
	};
	char got[200];
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct printer p = printer(false, rows[i].terminal);
		p.data = rows[i].data;
		buf_str(&p.out, str_from(data));
		size_t n = flushed(&p, got, sizeof(got));
		if (!str_eq(str_of(got, n), str_from(rows[i].want)))
			fail_msg("row %zu: %.*s", i, (int)n, got);
		buf_fini(&p.out);
	}
}

static void columns_line_up(void **state)
{
	(void)state;
	struct printer p = printer(false, true);
	print_column(&p, PRINT_PLAIN, STR("ab"), 4);
	is(&p, "ab  ");
	print_column(&p, PRINT_PLAIN, STR("abcdef"), 4);
	is(&p, "abc…");
	print_column(&p, PRINT_PLAIN, STR("中文字"), 4);
	is(&p, "中… ");
	print_column(&p, PRINT_PLAIN, STR("中文"), 4);
	is(&p, "中文");
	print_column(&p, PRINT_PLAIN, STR("e\xcc\x81"), 3);
	is(&p, "e\xcc\x81  ");
	assert_int_equal(print_width(STR("a中é")), 4);
	buf_fini(&p.out);
}

static const char hostile[] =
    "{\"v\":1,\"seq\":1,\"seen_at\":\"2026-11-21T10:15:03.412Z\",\"kind\":\"new\",\"feed\":\"f\\u001b[1m\","
    "\"title\":\"\\u001b[2J\\u009b31m\\u202etitle\\u0007\",\"url\":\"https://h/\\u001b\","
    "\"content_text\":\"line\\n\\u001b]8;;x\\u0007two\",\"topics\":[{\"topic\":\"t\\u001b\",\"score\":0.9,"
    "\"decision\":\"match\"}]}";

static void records_are_made_harmless(void **state)
{
	(void)state;
	struct printer p = printer(false, true);
	json_t *record = json_loads(hostile, 0, NULL);
	assert_non_null(record);
	for (int output = 0; output <= CTL_CAT; output++) {
		show_line(&p, (enum ctl_output)output, str_from(hostile), record);
		assert_true(p.out.n > 20);
		is_harmless(&p);
	}
	/* A line that is no JSON at all: somebody wrote into the file. */
	for (int output = 0; output <= CTL_CAT; output++) {
		show_line(&p, (enum ctl_output)output, STR("\x1b[2Jgarbage\xff"), NULL);
		is_harmless(&p);
	}
	json_decref(record);
	buf_fini(&p.out);
}

static void records_read_well(void **state)
{
	(void)state;
	static const char item[] =
	    "{\"seq\":1,\"seen_at\":\"2026-11-21T10:15:03.412Z\",\"kind\":\"new\",\"feed\":\"hk\","
	    "\"title\":\"Two held\",\"url\":\"https://h/1\",\"content_text\":\"The text.\","
	    "\"topics\":[{\"topic\":\"cyber\",\"score\":0.987,\"decision\":\"match\"},"
	    "{\"topic\":\"work\",\"score\":0.5,\"decision\":\"review\"}]}";
	static const char poll[] = "{\"seq\":2,\"at\":\"2026-11-21T10:15:03.412Z\",\"feed\":\"hk\","
	                           "\"status\":503,\"result\":\"failed\","
	                           "\"error\":\"no feed\"}";
	struct printer p = printer(false, false);
	json_t *record = json_loads(item, 0, NULL);
	show_line(&p, CTL_SHORT, str_from(item), record);
	is(&p, "2026-11-21 10:15:03 hk cyber=0.99 work?0.50 Two held https://h/1\n");
	show_line(&p, CTL_CAT, str_from(item), record);
	is(&p, "Two held\nThe text.\n\n");
	show_line(&p, CTL_JSON, STR("{\"a\":1}"), record);
	is(&p, "{\"a\":1}\n");
	json_decref(record);
	record = json_loads(poll, 0, NULL);
	show_line(&p, CTL_SHORT, str_from(poll), record);
	is(&p, "2026-11-21 10:15:03 hk 503 failed no feed\n");
	json_decref(record);
	buf_fini(&p.out);
}

static struct ctl_list one(const char **name)
{
	return (struct ctl_list){ name, 1 };
}

static void filters_choose(void **state)
{
	(void)state;
	json_t *record = json_loads(
	    "{\"seen_at\":\"2026-11-21T10:00:00.000Z\",\"feed\":\"hk-en\",\"language\":\"zh-Hant\","
	    "\"topics\":[{\"topic\":\"a\",\"score\":0.9},{\"topic\":\"b\",\"score\":0.4}]}",
	    0, NULL);
	const struct ctl_args open = { .min_score = -1, .since = INT64_MIN, .until = INT64_MAX };
	const char *a = "a", *b = "b", *c = "c", *hk = "hk-*", *us = "us-*", *zh = "ZH", *z = "z",
	           *hant = "zh-hant";
	const int64_t at = filter_time(record);
	struct {
		const char *name;
		struct ctl_args args;
		bool takes;
	} cases[] = {
		{ "open", open, true },
		{ "topic", open, true },
		{ "other topic", open, false },
		{ "topic with score", open, false },
		{ "any topic with score", open, true },
		{ "score too high", open, false },
		{ "feed", open, true },
		{ "other feed", open, false },
		{ "language family", open, true },
		{ "exact language", open, true },
		{ "not a prefix of letters", open, false },
		{ "since", open, true },
		{ "since later", open, false },
		{ "until itself", open, false },
	};
	cases[1].args.topics = one(&a);
	cases[2].args.topics = one(&c);
	cases[3].args.topics = one(&b);
	cases[3].args.min_score = 0.5;
	cases[4].args.min_score = 0.9;
	cases[5].args.min_score = 0.91;
	cases[6].args.feeds = one(&hk);
	cases[7].args.feeds = one(&us);
	cases[8].args.languages = one(&zh);
	cases[9].args.languages = one(&hant);
	cases[10].args.languages = one(&z);
	cases[11].args.since = at;
	cases[12].args.since = at + 1;
	cases[13].args.until = at;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		if (filter_takes(&cases[i].args, record) != cases[i].takes)
			fail_msg("%s", cases[i].name);
		assert_int_equal(filter_is_open(&cases[i].args), i == 0);
	}
	json_decref(record);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(colour_is_wanted_or_not),
		cmocka_unit_test(text_is_made_harmless),
		cmocka_unit_test(data_is_made_harmless_for_terminals_alone),
		cmocka_unit_test(columns_line_up),
		cmocka_unit_test(records_are_made_harmless),
		cmocka_unit_test(records_read_well),
		cmocka_unit_test(filters_choose),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("ctl/print", tests, NULL, NULL);
}
