/* The printed default loads as the default, every way of printing is complete, and the shipped file is the printed one. */
#include "daemon/conf/table_priv.h"
#include "tests/fake/conf_folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define TEXT_MAX (1u << 20)

static const char *print_snapshot(const struct conf *c, struct buf *out)
{
	buf_clear(out);
	conf_print(c, out);
	buf_byte(out, '\0');
	return out->p;
}

static const char *print_default(struct buf *out)
{
	buf_clear(out);
	conf_print_default(out);
	buf_byte(out, '\0');
	return out->p;
}

/* Takes the # away from "#key:", not from "# words". */
static void uncomment(const char *text, struct buf *out)
{
	bool indent = true;
	for (const char *p = text; *p != '\0'; p++) {
		bool setting = *p == '#' && p[1] >= 'a' && p[1] <= 'z';
		if (!indent || !setting)
			buf_byte(out, *p);
		indent = *p == '\n' || (indent && *p == ' ');
	}
	buf_byte(out, '\0');
}

static void test_default(void **state)
{
	struct conf_folder f;
	struct buf text;
	struct buf set;
	struct buf empty_print;
	struct buf print;
	(void)state;
	conf_folder_init(&f);
	buf_init(&text, TEXT_MAX);
	buf_init(&set, TEXT_MAX);
	buf_init(&empty_print, TEXT_MAX);
	buf_init(&print, TEXT_MAX);
	assert_non_null(conf_folder_load_text(&f, ""));
	print_snapshot(f.conf, &empty_print);
	assert_non_null(conf_folder_load_text(&f, print_default(&text)));
	assert_string_equal(print_snapshot(f.conf, &print), empty_print.p);
	uncomment(text.p, &set);
	assert_true(strstr(set.p, "\n  interval: 5m\n") && strstr(set.p, "\nfeeds: []\n"));
	assert_non_null(conf_folder_load_text(&f, set.p));
	assert_string_equal(print_snapshot(f.conf, &print), empty_print.p);
	buf_fini(&text);
	buf_fini(&set);
	buf_fini(&empty_print);
	buf_fini(&print);
	conf_folder_fini(&f);
}

static const char rich[] =
    "contact: watch@example.org\n"
    "log_level: debug\n"
    "shipped_topics: false\n"
    "storage: {directory: logs, rotate_size: 1MiB, file_mode: 0600}\n"
    "fetch: {interval: 90s, allow_networks: [10.0.0.0/8, \"fd00::/8\"], proxy: \"http://p:1\", "
    "proxy_username: "
    "\"u\", proxy_password_file: gazetted.yaml}\n"
    "hosts: {rules: [{host: \"*.gov.example\", gap: 0}, {host: \"[::1]:81\", per_host: 3}]}\n"
    "hooks: {socket: run/hook.sock}\n"
    "feeds:\n"
    "  - {name: a, url: \"http://a/?x=%20&y\", title: \"a: \\\"b\\\" # c\", country: HK, language: no, "
    "groups: [\"yes\", \"#x\", ~x]}\n"
    "  - {name: b, url: \"http://b/\", enabled: no, assume_zone: -03:30, username: u, password_file: "
    "gazetted.yaml, timeout: 1m1s}\n"
    "alerts:\n"
    "  - {name: x, topics: t, feeds: [a, \"b*\"], score_min: 0.123456, decision: review, exec: [/bin/sh, -c, "
    "\"a\\nb\\t\\\\\"]}\n";

static void test_snapshot(void **state)
{
	struct conf_folder f;
	struct buf first;
	struct buf second;
	(void)state;
	conf_folder_init(&f);
	conf_folder_put(&f, "topics.d/t.yaml", "topic: t\n");
	buf_init(&first, TEXT_MAX);
	buf_init(&second, TEXT_MAX);
	if (!conf_folder_load_text(&f, rich))
		fail_msg("%s", conf_folder_said(&f));
	print_snapshot(f.conf, &first);
	if (!conf_folder_load_text(&f, first.p))
		fail_msg("%s\n%s", conf_folder_said(&f), first.p);
	assert_string_equal(print_snapshot(f.conf, &second), first.p);
	assert_string_equal(f.conf->feeds[0].title, "a: \"b\" # c");
	assert_string_equal(f.conf->feeds[0].groups[2], "~x");
	assert_string_equal(f.conf->alerts[0].exec[2], "a\nb\t\\");
	assert_int_equal(f.conf->topic_count, 1);
	assert_int_equal(f.conf->hosts.rule_count, 2);
	buf_fini(&first);
	buf_fini(&second);
	conf_folder_fini(&f);
}

static void check_keys(const struct conf_section *s, size_t count, const char *text, const char *format)
{
	char line[128];
	size_t base;
	const struct conf_key *k;
	for (size_t i = 0; i < count && (k = conf_key_at(s, i, &base)); i++) {
		snprintf(line, sizeof(line), format, k->name);
		if (k->type < CONF_SECTION && !strstr(text, line))
			fail_msg("%s%s is missing", s->prefix, k->name);
	}
}

static void check_all_keys(const char *text, const char *plain, const char *entry)
{
	for (const struct conf_section *const *s = conf_plain_sections; *s; s++)
		check_keys(*s, SIZE_MAX, text, plain);
	check_keys(&conf_host_rule_section, SIZE_MAX, text, entry);
	check_keys(&conf_feed_section, conf_feed_section.parts[0].count, text, entry);
	check_keys(&conf_alert_section, SIZE_MAX, text, entry);
}

static void test_complete(void **state)
{
	struct buf out;
	(void)state;
	buf_init(&out, TEXT_MAX);
	check_all_keys(print_default(&out), "#%s:", "#   %s:");
	buf_clear(&out);
	conf_print_mdoc(&out);
	buf_byte(&out, '\0');
	check_all_keys(out.p, ".It Ic %s", ".It Ic %s");
	for (const char *p = out.p; (p = strstr(p, "\n.")); p++)
		assert_true(memcmp(p, "\n.It ", 5) == 0 || memcmp(p, "\n.Ss ", 5) == 0 ||
		            memcmp(p, "\n.Bl ", 5) == 0 || memcmp(p, "\n.El\n", 5) == 0 ||
		            memcmp(p, "\n.Ic ", 5) == 0);
	buf_fini(&out);
}

/* Rows that cannot work: bounds the wrong way round, words that a person would miss. */
static void test_rows(void **state)
{
	(void)state;
	for (const struct conf_section *const *s = conf_plain_sections; *s; s++) {
		size_t base;
		const struct conf_key *k;
		for (size_t i = 0; (k = conf_key_at(*s, i, &base)); i++) {
			if (k->type == CONF_SECTION || k->type == CONF_FEEDS)
				continue;
			if (k->min > k->max || !k->text || k->text[strlen(k->text) - 1] != '.')
				fail_msg("row of %s%s", (*s)->prefix, k->name);
		}
	}
}

static void test_restart(void **state)
{
	struct conf_folder f;
	struct buf keys;
	(void)state;
	conf_folder_init(&f);
	buf_init(&keys, TEXT_MAX);
	assert_non_null(conf_folder_load_text(&f, "storage: {directory: a, state_directory: s}\n"));
	struct conf *old = conf_hold(f.conf);
	assert_non_null(conf_folder_load_text(
	    &f, "storage: {directory: a, state_directory: s, keep_for: 1d}\nhooks: {socket: s}\n"));
	conf_needs_restart(old, f.conf, &keys);
	assert_int_equal(keys.n, 0);
	assert_non_null(conf_folder_load_text(&f, "storage: {directory: b}\n"));
	conf_needs_restart(old, f.conf, &keys);
	buf_byte(&keys, '\0');
	assert_string_equal(keys.p, "storage.directory, storage.state_directory");
	conf_drop(&old);
	buf_fini(&keys);
	conf_folder_fini(&f);
}

/* config/gazetted.yaml is what conf_print_default prints: make it again when a row has changed. */
static void test_shipped(void **state)
{
	struct buf file;
	struct buf text;
	struct err e = { 0 };
	(void)state;
	if (!fs_read_file(&fs_system, "config/gazetted.yaml", TEXT_MAX, &file, &e)) {
		print_message("# config/gazetted.yaml is not here: %s\n", e.text);
		return;
	}
	buf_init(&text, TEXT_MAX);
	buf_byte(&file, '\0');
	assert_string_equal(file.p, print_default(&text));
	buf_fini(&file);
	buf_fini(&text);
}

static void collect(void *ctx, const struct conf_error *error)
{
	buf_fmt(ctx, "%s:%d:%d: %s\n", error->file, error->line, error->column, error->text);
}

/* The whole shipped configuration, feeds and example alerts, loads without a complaint. */
static void test_shipped_loads(void **state)
{
	struct buf said;
	struct fs_stat st;
	(void)state;
	if (fs_system.stat(&fs_system, "config/gazetted.yaml", &st) != 0)
		return; /* told by the test before */
	buf_init(&said, TEXT_MAX);
	struct conf *c = conf_load(&fs_system, "config/gazetted.yaml", collect, &said);
	buf_byte(&said, '\0');
	if (!c)
		fail_msg("%s", said.p);
	assert_true(c->feed_count >= 100);
	for (size_t i = 0; i < c->feed_count; i++)
		if (!c->feeds[i].title || !c->feeds[i].agency || !c->feeds[i].language ||
		    c->feeds[i].group_count == 0)
			fail_msg("%s:%d: %s has no title, agency, language or group", c->feeds[i].file,
			    c->feeds[i].line, c->feeds[i].name);
	conf_drop(&c);
	buf_fini(&said);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_default),
		cmocka_unit_test(test_snapshot),
		cmocka_unit_test(test_complete),
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_restart),
		cmocka_unit_test(test_shipped),
		cmocka_unit_test(test_shipped_loads),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("conf/print", tests, NULL, NULL);
}
