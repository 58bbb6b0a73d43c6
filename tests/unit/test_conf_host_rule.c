/* Rules for hosts: which one a host has, what a rule takes over from others, and what is no rule. */
#include "daemon/conf/host_rule.h"
#include "tests/fake/conf_folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static const char some[] = "hosts:\n"
                           "  gap: 100ms\n"
                           "  per_host: 9\n"
                           "  rules:\n"
                           "    - {host: www.gov.example, per_host: 1}\n"
                           "    - {host: \"*.gov.example\", gap: 5s, per_host: 3}\n"
                           "    - {host: \"*.example\", gap: 1s}\n"
                           "    - {host: www.gov.example:8080, gap: 0}\n"
                           "    - {host: \"[fd00::1]\", gap: 2s}\n"
                           "    - {host: \"[FD00:0:0::01]:081\", per_host: 4}\n"
                           "    - {host: 192.0.2.1, gap: 3s}\n";

static void test_most_exact(void **state)
{
	static const struct {
		const char *name, *host;
		int64_t gap, per_host;
	} rows[] = {
		{ "its own name, the gap of the domain", "www.gov.example", 5000, 1 },
		{ "on another port too", "www.gov.example:81", 5000, 1 },
		{ "a port of its own, a gap of 0", "www.gov.example:8080", 0, 1 },
		{ "the nearer domain", "press.gov.example", 5000, 3 },
		{ "names far below it", "a.b.c.gov.example:99", 5000, 3 },
		{ "the domain itself is not below itself", "gov.example", 1000, 9 },
		{ "a name that only ends alike", "www.notgov.example", 1000, 9 },
		{ "nor is the top", "example", 100, 9 },
		{ "no rule", "www.other", 100, 9 },
		{ "longer than the rule", "www.gov.example.org", 100, 9 },
		{ "IPv6", "[fd00::1]", 2000, 9 },
		{ "IPv6 and a port", "[fd00::1]:81", 2000, 4 },
		{ "another address", "[fd00::2]", 100, 9 },
		{ "IPv4 and a port", "192.0.2.1:8080", 3000, 9 },
		{ "no host", "", 100, 9 },
		{ "a dot", ".", 100, 9 },
		{ "a port alone", ":80", 100, 9 },
	};
	struct conf_folder f;
	(void)state;
	conf_folder_init(&f);
	const struct conf *c = conf_folder_load_text(&f, some);
	if (!c)
		fail_msg("%s", conf_folder_said(&f));
	assert_int_equal(c->hosts.rule_count, 7);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct conf_host_rule *r =
		    conf_host_rule_for(c->hosts.rules, c->hosts.rule_count, str_from(rows[i].host));
		if ((r ? r->gap : c->hosts.gap) != rows[i].gap ||
		    (r ? r->per_host : c->hosts.per_host) != rows[i].per_host)
			fail_msg("%s: %s has %s", rows[i].name, rows[i].host, r ? r->host : "none");
	}
	conf_folder_fini(&f);
}

static void test_addresses(void **state)
{
	struct conf_folder f;
	(void)state;
	conf_folder_init(&f);
	const struct conf *c = conf_folder_load_text(&f, some);
	assert_non_null(c);
	assert_int_equal(conf_host_gap(&c->hosts, STR("https://WWW.Gov.Example/rss")), 5000);
	assert_int_equal(conf_host_gap(&c->hosts, STR("http://www.gov.example:8080/rss")), 0);
	assert_int_equal(conf_host_gap(&c->hosts, STR("http://www.other/rss")), 100);
	assert_int_equal(conf_host_gap(&c->hosts, STR("no address")), 100);
	conf_folder_fini(&f);
}

/* The rules see the global keys wherever these stand. */
static void test_global_keys_behind(void **state)
{
	struct conf_folder f;
	(void)state;
	conf_folder_init(&f);
	const struct conf *c =
	    conf_folder_load_text(&f, "hosts:\n  rules:\n  - host: a.example\n    gap: 1s\n  - host: "
	                              "b.example\n    per_host: 3\n  gap: 7s\n"
	                              "  per_host: 5\n");
	if (!c)
		fail_msg("%s", conf_folder_said(&f));
	assert_int_equal(c->hosts.rules[0].per_host, 5);
	assert_int_equal(c->hosts.rules[1].gap, 7000);
	conf_folder_fini(&f);
}

#define F "gazetted.yaml:"
#define RULE(rule) "hosts:\n  rules:\n    - " rule "\n"
#define HOST(host) "hosts:\n  rules:\n    - gap: 1s\n      host: " host "\n"
#define NO_HOST(shown)                                                                                       \
	F "4:13: hosts.rules.host: expected a name such as www.example.org, www.example.org:8080 or "        \
	  "\"*.example.org\" (beyond ASCII: xn--), got \"" shown "\"\n"

static void test_wrong(void **state)
{
	static const struct {
		const char *name, *text, *said;
	} rows[] = {
		{ "no host", RULE("gap: 1s"), F "3:7: a rule of hosts.rules without host\n" },
		{ "an empty host", RULE("{gap: 1s, host: }"), F "3:23: hosts.rules.host: is empty\n" },
		{ "nothing said", RULE("host: a.example"),
		    F "3:7: hosts.rules: the rule for a.example says nothing: gap or per_host is missing\n" },
		{ "nothing said behind the keys", RULE("{host: a.example, gap: null}"),
		    F "3:7: hosts.rules: the rule for a.example says nothing: gap or per_host is missing\n" },
		{ "twice", RULE("{host: a.example, gap: 1s}\n    - {host: A.example, per_host: 1}"),
		    F "4:14: hosts.rules: there are two rules for a.example\n" },
		{ "a gap too long", RULE("{host: a.example, gap: 2h}"),
		    F "3:30: hosts.rules.gap: 2h is out of range (0 to 1h)\n" },
		{ "a gap without a unit", RULE("{host: a.example, gap: 5}"),
		    F "3:30: hosts.rules.gap: \"5\" needs a unit: ms, s, m, h or d\n" },
		{ "no requests at all", RULE("{host: a.example, per_host: 0}"),
		    F "3:35: hosts.rules.per_host: 0 is out of range (1 to 64)\n" },
		{ "a key that is misspelt", RULE("{host: a.example, gpa: 1s, gap: 1s}"),
		    F "3:25: unknown key \"gpa\" in \"hosts.rules\" (did you mean \"gap\"?)\n" },
		{ "a key of another section", RULE("{host: a.example, gap: 1s, concurrency: 5}"),
		    F "3:34: unknown key \"concurrency\" in \"hosts.rules\" (it belongs under \"hosts\")\n" },
		{ "a key of a rule elsewhere", "fetch: {host: a.example}\n",
		    F "1:9: unknown key \"host\" in \"fetch\" (it belongs under \"hosts.rules\")\n" },
		{ "a list as the host", RULE("{host: [a.example], gap: 1s}"),
		    F "3:14: hosts.rules.host: expected a single value (host), got a list\n" },
		{ "an address", HOST("https://a.example/"), NO_HOST("https://a.example/") },
		{ "with a path", HOST("a.example/x"), NO_HOST("a.example/x") },
		{ "with a query", HOST("a.example?x"), NO_HOST("a.example?x") },
		{ "with credentials", HOST("u@a.example"), NO_HOST("u@a.example") },
		{ "beyond ASCII", HOST("例.example"), NO_HOST("例.example") },
		{ "a blank", HOST("a example"), NO_HOST("a example") },
		{ "all hosts", HOST("\"*\""), NO_HOST("*") },
		{ "below nothing", HOST("\"*.\""), NO_HOST("*.") },
		{ "a star inside", HOST("www.*.example"), NO_HOST("www.*.example") },
		{ "a part of a label", HOST("\"*gov.example\""), NO_HOST("*gov.example") },
		{ "a dot at the end", HOST("a.example."), NO_HOST("a.example.") },
		{ "two dots", HOST("a..example"), NO_HOST("a..example") },
		{ "no port behind the colon", HOST("\"a.example:\""), NO_HOST("a.example:") },
		{ "port 0", HOST("a.example:0"), NO_HOST("a.example:0") },
		{ "a port that is none", HOST("a.example:65536"), NO_HOST("a.example:65536") },
		{ "no address in brackets", HOST("\"[fd00::xyz]\""), NO_HOST("[fd00::xyz]") },
		{ "a usual port", HOST("a.example:443"),
		    F
		    "4:13: hosts.rules.host: \"a.example:443\": a host on the usual port is written without "
		    "it\n" },
		{ "a port below a name", HOST("\"*.example:81\""),
		    F "4:13: hosts.rules.host: \"*.example:81\": a rule for all names below one takes no "
		      "port\n" },
	};
	struct conf_folder f;
	(void)state;
	conf_folder_init(&f);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (conf_folder_load_text(&f, rows[i].text) ||
		    strcmp(conf_folder_said(&f), rows[i].said) != 0)
			fail_msg(
			    "%s: said \"%s\", not \"%s\"", rows[i].name, conf_folder_said(&f), rows[i].said);
	conf_folder_fini(&f);
}

/* The bound is told at the first rule beyond it. */
static void test_too_many(void **state)
{
	struct conf_folder f;
	struct buf text;
	(void)state;
	conf_folder_init(&f);
	buf_init(&text, 1u << 20);
	buf_str(&text, STR("hosts:\n  rules:\n"));
	for (unsigned i = 0; i < 1024; i++)
		buf_fmt(&text, "  - {host: h%u.example, gap: %ums}\n", i * 7919 % 1024, i);
	size_t most = text.n;
	buf_byte(&text, '\0');
	const struct conf *c = conf_folder_load_text(&f, text.p);
	assert_non_null(c);
	for (unsigned i = 0; i < 1024; i++) {
		char host[32];
		snprintf(host, sizeof(host), "h%u.example", i * 7919 % 1024);
		assert_int_equal(
		    conf_host_rule_for(c->hosts.rules, c->hosts.rule_count, str_from(host))->gap, i);
	}
	text.n = most;
	buf_str(&text, STR("  - {host: one.more, gap: 1s}"));
	buf_byte(&text, '\0');
	assert_null(conf_folder_load_text(&f, text.p));
	assert_string_equal(conf_folder_said(&f), F "1027:5: hosts.rules: more than 1024 rules\n");
	buf_fini(&text);
	conf_folder_fini(&f);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_most_exact),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_global_keys_behind),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_too_many),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("conf/host_rule", tests, NULL, NULL);
}
