/* Loading: what a file may look like, where complaints point, what feeds inherit, what must be there once. */
#include "tests/fake/conf_folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

/* Is one request enough for both of the feeds of this configuration? */
static bool asks_alike(const char *feeds)
{
	struct conf_folder f;
	struct buf a, b;
	conf_folder_init(&f);
	conf_folder_put(&f, "secret", "x\n");
	const struct conf *c = conf_folder_load_text(&f, feeds);
	assert_non_null(c);
	buf_init(&a, 4096);
	buf_init(&b, 4096);
	conf_feed_request(&c->feeds[0], &a);
	conf_feed_request(&c->feeds[1], &b);
	bool alike = str_eq(buf_view(&a), buf_view(&b));
	buf_fini(&a);
	buf_fini(&b);
	conf_folder_fini(&f);
	return alike;
}

static void test_requests(void **state)
{
	static const struct {
		const char *feeds;
		bool alike;
	} rows[] = {
		{ "feeds:\n- {name: x, url: \"http://a/1?q\"}\n- {name: y, url: \"http://A:80/1?q#top\"}\n",
		    true },
		{ "feeds:\n- {name: x, url: \"http://a\", interval: 1h}\n- {name: y, url: \"http://a/\"}\n",
		    true },
		{ "feeds:\n- {name: x, url: \"http://a/\"}\n- {name: y, url: \"https://a/\"}\n", false },
		{ "feeds:\n- {name: x, url: \"http://a/\"}\n- {name: y, url: \"http://a/?\"}\n", false },
		{ "feeds:\n- {name: x, url: \"http://a/1\"}\n- {name: y, url: \"http://a/2\"}\n", false },
		{ "feeds:\n- {name: x, url: \"http://a/\", language: de}\n- {name: y, url: \"http://a/\"}\n",
		    false },
		{ "feeds:\n- {name: x, url: \"http://a/\", bearer_file: secret}\n- {name: y, url: "
		  "\"http://a/\"}\n",
		    false },
		{ "feeds:\n- {name: x, url: \"http://a/\", allow_networks: [10.0.0.0/8]}\n- {name: y, url: "
		  "\"http://a/\"}\n",
		    false },
		{ "feeds:\n- {name: x, url: \"http://a/\", allow_networks: [10.0.0.0/8]}\n- {name: y, url: "
		  "\"http://a/\", allow_networks: [10.0.0.0/8]}\n",
		    true },
		{ "fetch: {proxy: \"http://p:1\"}\nfeeds:\n- {name: x, url: \"http://a/\", proxy_username: "
		  "u, "
		  "proxy_password_file: secret}\n- {name: y, url: \"http://a/\"}\n",
		    false },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (asks_alike(rows[i].feeds) != rows[i].alike)
			fail_msg("%s", rows[i].feeds);
}

static const char *or_none(const char *text)
{
	return text ? text : "-";
}

/* A proxy is never told the password for another one. */
static void test_whose_proxy_credentials_are(void **state)
{
	static const char global[] =
	    "fetch: {proxy: \"http://p:1\", proxy_username: g, proxy_password_file: secret}\n";
	static const struct {
		const char *feeds, *proxy, *username;
	} rows[] = {
		{ "feeds:\n- {name: x, url: \"http://a/\"}\n", "http://p:1", "g" },
		{ "feeds:\n- {name: x, url: \"http://a/\", proxy_username: own}\n", "http://p:1", "own" },
		{ "feeds:\n- {name: x, url: \"http://a/\", proxy: \"socks5://q:2\"}\n", "socks5://q:2", "-" },
		{ "feeds:\n- {name: x, url: \"http://a/\", proxy: \"http://q:2\", proxy_username: own, "
		  "proxy_password_file: secret}\n",
		    "http://q:2", "own" },
		{ "defaults: {proxy: \"http://q:2\"}\nfeeds:\n- {name: x, url: \"http://a/\"}\n",
		    "http://q:2", "-" },
		{ "defaults: {proxy: \"http://q:2\", proxy_username: d, proxy_password_file: "
		  "secret}\nfeeds:\n"
		  "- {name: x, url: \"http://a/\", proxy: \"http://r:3\"}\n",
		    "http://r:3", "-" },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct conf_folder f;
		char text[512];
		conf_folder_init(&f);
		conf_folder_put(&f, "secret", "x\n");
		snprintf(text, sizeof(text), "%s%s", global, rows[i].feeds);
		const struct conf *c = conf_folder_load_text(&f, text);
		if (!c)
			fail_msg("%s: %s", rows[i].feeds, conf_folder_said(&f));
		const struct conf_fetch *got = c->feeds[0].fetch;
		assert_string_equal(got->proxy, rows[i].proxy);
		if (strcmp(or_none(got->proxy_username), rows[i].username) != 0 ||
		    !got->proxy_username != !got->proxy_password_file)
			fail_msg("%s: %s", rows[i].feeds, or_none(got->proxy_username));
		conf_folder_fini(&f);
	}
}

struct wrong {
	const char *name, *text, *said;
};

#define F "gazetted.yaml:"

static const struct wrong wrongs[] = {
	{ "unknown key", "contcat: x\n", F "1:1: unknown key \"contcat\" (did you mean \"contact\"?)\n" },
	{ "unknown key in a section", "fetch:\n  intervall: 5m\n",
	    F "2:3: unknown key \"intervall\" in \"fetch\" (did you mean \"interval\"?)\n" },
	{ "letters swapped", "fetch:\n  tiemout: 5m\n",
	    F "2:3: unknown key \"tiemout\" in \"fetch\" (did you mean \"timeout\"?)\n" },
	{ "key of another section", "rotate_size: 1MiB\n",
	    F "1:1: unknown key \"rotate_size\" (it belongs under \"storage\")\n" },
	{ "key of a feed", "url: x\n", F "1:1: unknown key \"url\" (it belongs under \"feeds\")\n" },
	{ "key of an alert", "fetch: {exec: x}\n",
	    F "1:9: unknown key \"exec\" in \"fetch\" (it belongs under \"alerts\")\n" },
	{ "key of the top", "fetch: {contact: x}\n",
	    F "1:9: unknown key \"contact\" in \"fetch\" (it belongs at the top of the main file)\n" },
	{ "key that is like nothing", "xyzzy: {a: [b, {c: d}]}\nlog_level: x\n",
	    F "1:1: unknown key \"xyzzy\"\n" F
	      "2:12: log_level: expected error|warn|info|debug, got \"x\"\n" },
	{ "name in defaults", "defaults: {name: x}\n",
	    F "1:12: unknown key \"name\" in \"defaults\" (it belongs under \"feeds\")\n" },
	{ "twice", "contact: a\nlog_level: info\ncontact: b\n",
	    F "3:1: contact is written twice (first in line 1)\n" },
	{ "twice, once empty", "hosts:\n  gap:\n  gap: 1s\n",
	    F "3:3: hosts.gap is written twice (first in line 2)\n" },
	{ "section twice", "fetch: {}\nfetch: {}\n", F "2:1: fetch is written twice (first in line 1)\n" },
	{ "key that is a list", "[a]: b\ncontact: [c]\n",
	    F "1:1: a key must be a single word, not a list\n" F
	      "2:10: contact: expected a single value (text), got a list\n" },
	{ "section that is a value", "fetch: fast\n",
	    F "1:8: fetch: expected keys below it, got a single value\n" },
	{ "section that is a list", "fetch: [a, {b: c}]\n",
	    F "1:8: fetch: expected keys below it, got a list\n" },
	{ "file that is a list", "- contact: x\n", F "1:1: expected keys (name: value), got a list\n" },
	{ "file that is text", "hello\n", F "1:1: expected keys (name: value), got a single value\n" },
	{ "feeds that are no list", "feeds: {a: b}\n",
	    F "1:8: feeds: expected a list (- name: ...), got a mapping\n" },
	{ "feed that is no mapping", "feeds:\n  - https://example.org\n",
	    F "2:5: feeds: expected keys of a feed, got a single value\n" },
	{ "alerts that are no list", "alerts: x\n",
	    F "1:9: alerts: expected a list (- name: ...), got a single value\n" },
	{ "alert that is no mapping", "alerts: [[]]\n",
	    F "1:10: alerts: expected keys of an alert, got a list\n" },
	{ "defaults that are no mapping", "defaults: []\n",
	    F "1:11: defaults: expected keys below it, got a list\n" },
	{ "feed without anything", "feeds:\n  - title: x\n",
	    F "2:5: a feed without name\n" F "2:5: a feed without url\n" },
	{ "alert without program", "alerts:\n  - name: x\n", F "2:5: an alert without exec\n" },
	{ "feed name twice",
	    "feeds:\n- {name: x, url: \"http://a/1\"}\n- {name: y, url: \"http://a/2\"}\n- {url: "
	    "\"http://a/3\", name: x}\n",
	    F "4:29: the feed name \"x\" is used twice (first at gazetted.yaml:2)\n" },
	{ "alert name twice", "alerts:\n- {name: x, exec: [/bin/true]}\n- {name: x, exec: [/bin/true]}\n",
	    F "3:10: the alert name \"x\" is used twice (first at gazetted.yaml:2)\n" },
	{ "username alone", "feeds:\n- {name: x, url: \"http://a/\", username: u}\n",
	    F "2:3: x: username and password_file are needed together\n" },
	{ "two kinds of credentials",
	    "feeds:\n- {name: x, url: \"http://a/\", username: u, password_file: gazetted.yaml, bearer_file: "
	    "gazetted.yaml}\n",
	    F "2:3: x: either bearer_file or username and password_file\n" },
	{ "a proxy's user without a password", "fetch: {proxy: \"http://p:1\", proxy_username: u}\n",
	    F "0:0: fetch: proxy_username and proxy_password_file are needed together\n" },
	{ "a user of no proxy", "fetch: {proxy_username: u, proxy_password_file: gazetted.yaml}\n",
	    F "0:0: fetch: proxy_username without proxy\n" },
	{ "a feed's user without a proxy",
	    "feeds:\n- {name: x, url: \"http://a/\", proxy_username: u, proxy_password_file: "
	    "gazetted.yaml}\n",
	    F "2:3: x: proxy_username without proxy\n" },
	{ "interval below a written bound",
	    "fetch: {interval_min: 1m}\nfeeds:\n- {name: x, url: \"http://a/\", interval: 5s}\n",
	    F "3:3: x: the interval of 5s is shorter than interval_min, 1m\n" },
	{ "interval above a written bound", "fetch: {interval: 2d, interval_max: 1d}\n",
	    F "0:0: fetch: the interval of 2d is longer than interval_max, 1d\n" },
	{ "retries upside down", "alerts:\n- {name: x, exec: [/bin/true], retry_min: 2h}\n",
	    F "2:3: x: retry_min is longer than retry_max\n" },
	{ "an event that waits for a person",
	    "alerts:\n- {name: x, exec: [/bin/true], events: [gap], when: confirmed}\n",
	    F
	    "2:53: x: events are not confirmed by anybody: when: confirmed takes an alert without events\n" },
	{ "a score of events", "alerts:\n- {name: x, exec: [/bin/true], events: [gap], score_min: 0.5}\n",
	    F "2:58: x: score_min is about items: with events it takes topics too\n" },
	{ "a decision of events",
	    "alerts:\n- {name: x, exec: [/bin/true], events: [gap], decision: review}\n",
	    F "2:57: x: decision is about items: with events it takes topics too\n" },
	{ "unknown feed in an alert",
	    "feeds: [{name: hk-police, url: \"http://a/\"}]\nalerts: [{name: x, feeds: [hk-*, hk-polcie], "
	    "exec: [/bin/true]}]\n",
	    F "2:34: there is no feed \"hk-polcie\" (did you mean \"hk-police\"?)\n" },
	{ "unknown topic in an alert", "alerts: [{name: x, topics: cyber, exec: [/bin/true]}]\n",
	    F "1:28: there is no topic \"cyber\"\n" },
	{ "program that is nowhere", "alerts: [{name: x, exec: [mial]}]\n",
	    F "1:26: exec: \"mial\" is not beside this file, nor in scripts, nor a script that comes with "
	      "the program\n" },
	{ "not executable", "alerts: [{name: x, exec: [gazetted.yaml]}]\n",
	    F "1:26: exec: gazetted.yaml is not an executable file (chmod +x?)\n" },
	{ "alias", "contact: *me\n",
	    F "1:10: aliases (*name) are not supported: write the value out, or quote it\n" },
	{ "wildcard without quotes", "feeds_files: [*.yaml]\n",
	    F "1:15: a value that begins with * must stand in quotes\n" },
	{ "anchor", "contact: &me x\n",
	    F "1:10: anchors (&name) are not supported: write the value where it is needed\n" },
	{ "anchor of a section", "fetch: &f\n  interval: 5m\n",
	    F "1:8: anchors (&name) are not supported: write the value where it is needed\n" },
	{ "tag", "contact: !!str x\n", F "1:10: tags (!name) are not supported\n" },
	{ "directive", "%YAML 1.1\n---\ncontact: x\n", F "1:1: YAML directives (%) are not supported\n" },
	{ "second document", "contact: x\n---\ncontact: y\n",
	    F "2:1: a second document (---) is not supported\n" },
	{ "tab", "fetch:\n\tinterval: 5m\n", F "2:1: tab: YAML is indented with spaces\n" },
	{ "bad indentation", "fetch:\n  interval: 5m\n timeout: 5s\n",
	    F
	    "3:2: not valid YAML: did not find expected key (while parsing a block mapping from line 1)\n" },
	{ "open quote", "contact: \"x\n",
	    F "2:1: not valid YAML: found unexpected end of stream (while scanning a quoted scalar from line "
	      "1)\n" },
	{ "open list", "feeds_files: [a\n",
	    F "2:1: not valid YAML: did not find expected ',' or ']' (while parsing a flow sequence from "
	      "line 1)\n" },
	{ "control character", "contact: a\x01\n", F "1:11: control character 0x01\n" },
	{ "Latin-1", "log_level: info\ncontact: caf\xe9\n", F "2:13: not valid UTF-8 (byte 0xe9)\n" },
	{ "surrogate", "contact: \xed\xa0\x80\n", F "1:10: not valid UTF-8 (byte 0xed)\n" },
	{ "columns count characters", "contact: \"電郵\" x\n",
	    F
	    "1:15: not valid YAML: did not find expected key (while parsing a block mapping from line 1)\n" },
	{ "NUL by escape", "contact: \"a\\0b\"\n", F "1:10: NUL character in a value\n" },
	{ "too deep", "x: [[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]\n",
	    F "1:1: unknown key \"x\"\n" F "1:19: lists and mappings are nested too deeply\n" },
	{ "plain name that is missing", "feeds_files: [feeds.d/*.yaml, hk.yaml]\n",
	    F "1:31: hk.yaml: No such file or directory\n" },
	{ "folder for a file", "feeds_files: .\n", F "1:14: .: Is a directory\n" },
	{ "all at once",
	    "contact: \"\"\nfetch: {interval: 1, proxy: x}\nfeeds:\n- {name: A, url: x}\nalerts:\n- {nmae: "
	    "x}\n",
	    F "1:10: contact: is empty\n" F "2:19: fetch.interval: \"1\" needs a unit: ms, s, m, h or d\n" F
	      "2:29: fetch.proxy: is not a URL with a host\n" F
	      "4:10: name: \"A\" is not a name: a-z, 0-9, \"-\", \"_\" and "
	      "\".\", beginning with a letter or digit, at most 100 bytes\n" F
	      "4:18: url: is not a URL with a host\n" F
	      "6:4: unknown key \"nmae\" in \"alerts\" (did you mean \"name\"?)\n" F
	      "6:3: an alert without name\n" F "6:3: an alert without exec\n" },
};

static void test_wrong(void **state)
{
	struct conf_folder f;
	unsigned failed = 0;
	(void)state;
	conf_folder_init(&f);
	for (size_t i = 0; i < ARRAY_LEN(wrongs); i++) {
		const struct wrong *w = &wrongs[i];
		struct conf *c = conf_folder_load_text(&f, w->text);
		if (c || strcmp(conf_folder_said(&f), w->said) != 0)
			print_error("%s said\n%snot\n%s", w->name, conf_folder_said(&f), w->said);
		failed += c || strcmp(conf_folder_said(&f), w->said) != 0;
	}
	conf_folder_fini(&f);
	assert_int_equal(failed, 0);
}

static struct conf *load_good(struct conf_folder *f, const char *text)
{
	struct conf *c = conf_folder_load_text(f, text);
	if (!c)
		fail_msg("%s", conf_folder_said(f));
	return c;
}

static void test_empty(void **state)
{
	static const char *const texts[] = { "", "\n", "# only words\n", "---\n", "{}\n", "fetch:\n", "~\n",
		"\xef\xbb\xbflog_level: info\n", "log_level: info\r\nfetch:\r\n  interval: 5m\r\n",
		"feeds:\nalerts:\ndefaults:\n" };
	struct conf_folder f;
	(void)state;
	conf_folder_init(&f);
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct conf *c = load_good(&f, texts[i]);
		assert_int_equal(c->feed_count, 0);
		assert_int_equal(c->fetch.interval, 300000);
		assert_string_equal(c->storage.directory, "/var/log/gazetted");
	}
	conf_folder_fini(&f);
}

static void test_nul_byte(void **state)
{
	struct conf_folder f;
	(void)state;
	conf_folder_init(&f);
	conf_folder_write(&f, "gazetted.yaml", STR("log_level: info\ncontact: a\0b\n"), 0644);
	assert_null(conf_folder_load(&f));
	assert_string_equal(conf_folder_said(&f), F "2:11: NUL byte: this is not a text file\n");
	conf_folder_fini(&f);
}

static void test_missing_main(void **state)
{
	struct conf_folder f;
	(void)state;
	conf_folder_init(&f);
	assert_null(conf_folder_load(&f));
	assert_string_equal(conf_folder_said(&f), F "0:0: No such file or directory\n");
	conf_folder_fini(&f);
}

static const struct conf_feed *find(const struct conf *c, const char *name)
{
	const struct conf_feed *feed = conf_feed_find(c, str_from(name));
	if (!feed)
		fail_msg("no feed %s", name);
	return feed;
}

static void test_inheritance(void **state)
{
	struct conf_folder f;
	(void)state;
	conf_folder_init(&f);
	conf_folder_put(&f, "feeds.d/b.yaml",
	    "feeds:\n"
	    "  - {name: b1, url: \"http://b/1\", interval: 7m, language: ru}\n"
	    "  - {name: b2, url: \"http://b/2\", groups: []}\n"
	    "defaults: {interval: 9m, country: HK, groups: [x, y], assume_zone: +08:00}\n");
	conf_folder_put(&f, "feeds.d/a.yaml", "feeds:\n  - {name: a1, url: \"http://a/1\", interval: 1s}\n");
	const struct conf *c = load_good(&f, "feeds:\n  - {name: m1, url: \"http://m/1\"}\ndefaults: "
	                                     "{timeout: 3s}\nfetch: {interval: 20m, body_max: 1MiB}\n");
	assert_int_equal(c->feed_count, 4);
	assert_string_equal(c->feeds[1].name, "a1");
	const struct conf_feed *m1 = find(c, "m1");
	assert_int_equal(m1->fetch->interval, 20 * 60000);
	assert_int_equal(m1->fetch->timeout, 3000);
	assert_int_equal(m1->line, 2);
	const struct conf_feed *b1 = find(c, "b1");
	assert_int_equal(b1->fetch->interval, 7 * 60000);
	assert_int_equal(b1->fetch->timeout, 60000);
	assert_int_equal(b1->fetch->body_max, 1 << 20);
	assert_string_equal(b1->language, "ru");
	assert_string_equal(b1->country, "HK");
	assert_int_equal(b1->assume_zone, 480);
	assert_int_equal(b1->group_count, 2);
	assert_string_equal(b1->groups[1], "y");
	assert_int_equal(find(c, "b2")->group_count, 0);
	assert_int_equal(find(c, "b2")->fetch->interval, 9 * 60000);
	/* Bounds that nobody wrote follow the interval that somebody did. */
	assert_int_equal(find(c, "a1")->fetch->interval_min, 1000);
	assert_null(find(c, "a1")->country);
	assert_null(conf_feed_find(c, STR("a")));
	conf_folder_fini(&f);
}

/* Settings stand in a snapshot once for all feeds that have them, however each came by them. */
static void test_shared_settings(void **state)
{
	struct conf_folder f;
	(void)state;
	conf_folder_init(&f);
	conf_folder_put(&f, "feeds.d/a.yaml",
	    "defaults: {interval: 9m}\nfeeds:\n"
	    "  - {name: a1, url: \"http://a/1\"}\n"
	    "  - {name: a2, url: \"http://a/2\", language: ru}\n"
	    "  - {name: a3, url: \"http://a/3\", allow_networks: []}\n"
	    "  - {name: a4, url: \"http://a/4\", timeout: 3s}\n");
	const struct conf *c =
	    load_good(&f, "fetch: {interval: 20m, allow_networks: [10.0.0.0/8]}\nfeeds:\n"
	                  "  - {name: m1, url: \"http://m/1\"}\n"
	                  "  - {name: m2, url: \"http://m/2\", interval: 20m, adaptive: true}\n"
	                  "  - {name: m3, url: \"http://m/3\", interval: 9m}\n");
	const struct conf_fetch *m = find(c, "m1")->fetch, *a = find(c, "a1")->fetch;
	assert_int_equal(m->interval, 20 * 60000);
	assert_int_equal(a->interval, 9 * 60000);
	assert_ptr_equal(find(c, "a2")->fetch, a);
	assert_ptr_equal(find(c, "m3")->fetch, a);
	assert_true(find(c, "m2")->fetch != m && find(c, "m2")->fetch->adaptive);
	assert_int_equal(find(c, "a3")->fetch->allow_networks_count, 0);
	assert_ptr_not_equal(find(c, "a3")->fetch, a);
	assert_int_equal(find(c, "a4")->fetch->timeout, 3000);
	assert_ptr_not_equal(find(c, "a4")->fetch, a);
	conf_folder_fini(&f);
}

static void test_included_errors(void **state)
{
	struct conf_folder f;
	(void)state;
	conf_folder_init(&f);
	conf_folder_put(
	    &f, "feeds.d/a.yaml", "feeds:\n  - {name: x, url: \"http://a/\"}\ndefaults: {name: y}\n");
	conf_folder_put(&f, "feeds.d/b.yaml", "feeds:\n  - name: x\n    url: http://a/\n    intervall: 5m\n");
	conf_folder_put(&f, "feeds.d/c.yaml", "feeds: [\n");
	conf_folder_put(&f, "feeds.d/d.yaml", "fetch: {interval: 5m}\n");
	conf_folder_put(&f, "feeds.d/.hidden.yaml", "broken: [\n");
	conf_folder_put(&f, "feeds.d/e.yaml~", "broken: [\n");
	conf_folder_put(
	    &f, "alerts.d/a.yaml", "alerts:\n  - {name: x, exec: [run], feeds: [nowhere], topics: [t]}\n");
	conf_folder_put(&f, "topics.d/a.yaml", "title: x\ntopic: cyber\n");
	conf_folder_put(&f, "topics.d/b.yaml", "topic: cyber\n");
	assert_null(conf_folder_load_text(&f, "log_level: infp\n"));
	assert_string_equal(conf_folder_said(&f),
	    F "1:12: log_level: expected error|warn|info|debug, got \"infp\" (did you mean \"info\"?)\n"
	      "feeds.d/a.yaml:3:12: unknown key \"name\" in \"defaults\" (it belongs under \"feeds\")\n"
	      "feeds.d/b.yaml:4:5: unknown key \"intervall\" in \"feeds\" (did you mean \"interval\"?)\n"
	      "feeds.d/b.yaml:2:11: the feed name \"x\" is used twice (first at feeds.d/a.yaml:2)\n"
	      "feeds.d/c.yaml:2:1: not valid YAML: did not find expected node content (while parsing a flow "
	      "node from line 2)\n"
	      "feeds.d/d.yaml:1:1: unknown key \"fetch\" (it belongs at the top of the main file)\n"
	      "topics.d/b.yaml:1:8: the topic \"cyber\" is already defined in topics.d/a.yaml\n"
	      "alerts.d/a.yaml:2:55: there is no topic \"t\"\n"
	      "alerts.d/a.yaml:2:21: exec: \"run\" is not beside this file, nor in scripts, nor a script "
	      "that comes with the program\n");
	conf_folder_fini(&f);
}

static void complain_never(void *ctx, const struct conf_error *error)
{
	(void)ctx;
	fail_msg("%s:%d: %s", error->file, error->line, error->text);
}

/* A configuration that is named from where one stands: its programs are found from anywhere. */
static void test_program_from_here(void **state)
{
	struct conf_folder f;
	char here[4096], want[300];
	(void)state;
	assert_non_null(getcwd(here, sizeof(here)));
	conf_folder_init(&f);
	conf_folder_write(&f, "tell", STR("#!/bin/sh\n"), 0755);
	conf_folder_put(&f, "gazetted.yaml",
	    "shipped_topics: false\nalerts:\n  - {name: x, exec: [./tell], events: [gap]}\n");
	assert_int_equal(chdir(f.path), 0);
	struct conf *c = conf_load(&fs_system, "gazetted.yaml", complain_never, NULL);
	assert_int_equal(chdir(here), 0);
	assert_non_null(c);
	snprintf(want, sizeof(want), "%s/tell", f.path);
	assert_string_equal(c->alerts[0].exec[0], want);
	conf_drop(&c);
	conf_folder_fini(&f);
}

static void test_alerts(void **state)
{
	struct conf_folder f;
	char want[256];
	(void)state;
	conf_folder_init(&f);
	conf_folder_write(&f, "alerts.d/beside", STR("#!/bin/sh\n"), 0755);
	conf_folder_write(&f, "scripts/beside", STR("#!/bin/sh\n"), 0755);
	conf_folder_write(&f, "scripts/other", STR("#!/bin/sh\n"), 0755);
	conf_folder_put(&f, "topics.d/a.yaml", "topic: cyber\nphrases: {x: [*broken\n");
	conf_folder_put(&f, "alerts.d/a.yaml",
	    "alerts:\n"
	    "  - {name: one, exec: [beside, -x], topics: cyber, decision: review}\n"
	    "  - {name: off, exec: [missing], enabled: false, topics: none, feeds: gone}\n"
	    "  - {name: two, exec: [other], score_min: 0.5, timeout: 1m, retry_min: 1s}\n"
	    "  - {name: three, exec: [/bin/true]}\n");
	const struct conf *c = load_good(&f, "shipped_topics: false\n");
	assert_int_equal(c->alert_count, 3);
	assert_int_equal(c->topic_count, 1);
	snprintf(want, sizeof(want), "%s/alerts.d/beside", f.path);
	assert_string_equal(c->alerts[0].exec[0], want);
	assert_string_equal(c->alerts[0].exec[1], "-x");
	assert_null(c->alerts[0].exec[2]);
	assert_int_equal(c->alerts[0].decision, CONF_DECISION_REVIEW);
	assert_string_equal(c->alerts[0].topics[0], "cyber");
	snprintf(want, sizeof(want), "%s/scripts/other", f.path);
	assert_string_equal(c->alerts[1].exec[0], want);
	assert_true(c->alerts[1].score_min > 0.4999 && c->alerts[1].score_min < 0.5001);
	assert_int_equal(c->alerts[1].retry_min, 1000);
	assert_int_equal(c->alerts[1].retry_for, 86400000);
	assert_string_equal(c->alerts[2].exec[0], "/bin/true");
	conf_folder_fini(&f);
}

/* A link is how people switch on a shipped file; the daemon reads through it. */
static void test_links(void **state)
{
	struct conf_folder f;
	char path[256];
	(void)state;
	conf_folder_init(&f);
	conf_folder_put(&f, "elsewhere/t.yaml", "topic: linked\n");
	conf_folder_put(&f, "topics.d/a.yaml", "topic: own\n");
	snprintf(path, sizeof(path), "%s/topics.d/b.yaml", f.path);
	assert_int_equal(symlink("../elsewhere/t.yaml", path), 0);
	const struct conf *c = load_good(
	    &f, "alerts: [{name: x, topics: [linked, own], exec: [/bin/true]}]\nshipped_topics: no\n");
	assert_int_equal(c->topic_count, 2);
	assert_true(str_eq(c->topics[1].yaml, STR("topic: linked\n")));
	conf_folder_fini(&f);
}

#ifndef GAZETTED_TOPICS_DIR
#define GAZETTED_TOPICS_DIR "/usr/local/share/gazetted/topics"
#endif

static const char *share; /* folder that stands for the installed one */

/* The installed folder is somewhere else here. */
static const char *elsewhere(const char *path, char out[512])
{
	if (strncmp(path, GAZETTED_TOPICS_DIR, strlen(GAZETTED_TOPICS_DIR)) != 0)
		return path;
	snprintf(out, 512, "%s%s", share, path + strlen(GAZETTED_TOPICS_DIR));
	return out;
}

static int open_elsewhere(const struct fs *fs, const char *path, int flags, mode_t mode)
{
	char moved[512];
	(void)fs;
	return fs_system.open(&fs_system, elsewhere(path, moved), flags, mode);
}

static int list_elsewhere(const struct fs *fs, const char *path, fs_list_f *each, void *ctx)
{
	char moved[512];
	(void)fs;
	return fs_system.list(&fs_system, elsewhere(path, moved), each, ctx);
}

static void never(void *ctx, const struct conf_error *error)
{
	(void)ctx;
	fail_msg("%s:%d: %s", error->file, error->line, error->text);
}

/* A topic of one's own takes the place of the shipped one of the same name; a script is found among the shipped ones last. */
static void test_shipped(void **state)
{
	struct conf_folder f;
	char path[512];
	char topics[512];
	(void)state;
	conf_folder_init(&f);
	snprintf(topics, sizeof(topics), "%s/share/topics", f.path);
	share = topics;
	conf_folder_put(&f, "share/topics/a.yaml", "topic: cyber\ntitle: shipped\n");
	conf_folder_put(&f, "share/topics/b.yaml", "topic: work\n");
	conf_folder_put(&f, "topics.d/x.yaml", "topic: cyber\ntitle: own\n");
	conf_folder_write(&f, "share/scripts/tell", STR("#!/bin/sh\n"), 0755);
	conf_folder_put(&f, "gazetted.yaml", "alerts: [{name: x, topics: [cyber, work], exec: [tell]}]\n");
	struct fs fs = fs_system;
	fs.open = open_elsewhere;
	fs.list = list_elsewhere;
	snprintf(path, sizeof(path), "%s/gazetted.yaml", f.path);
	struct conf *c = conf_load(&fs, path, never, NULL);
	assert_int_equal(c->topic_count, 2);
	assert_true(str_eq(c->topics[0].yaml, STR("topic: cyber\ntitle: own\n")));
	assert_true(str_eq(c->topics[1].yaml, STR("topic: work\n")));
	assert_true(str_ends(str_from(c->alerts[0].exec[0]), STR("/scripts/tell")));
	conf_drop(&c);
	conf_folder_fini(&f);
}

static void note(void *ctx, const struct conf_error *error)
{
	char(*said)[256] = ctx;
	snprintf(*said, sizeof(*said), "%d:%d: %s", error->line, error->column, error->text);
}

/* A start goes on without the program of an alert, and without nothing else. */
static void test_start_without_program(void **state)
{
	static const struct {
		const char *exec, *program, *said;
	} cases[] = {
		{ "/no/such", "/no/such",
		    "1:26: exec: /no/such does not exist; what alert x is to deliver waits for it" },
		{ "gazetted.yaml", "/gazetted.yaml",
		    "/gazetted.yaml is not an executable file (chmod +x?); what alert x is to deliver waits "
		    "for it" },
		{ "mial", "/mial",
		    "nor a script that comes with the program; what alert x is to deliver waits for it" },
	};
	struct conf_folder f;
	char path[256], text[256], said[256];
	(void)state;
	conf_folder_init(&f);
	snprintf(path, sizeof(path), "%s/gazetted.yaml", f.path);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		snprintf(text, sizeof(text), "alerts: [{name: x, exec: [%s]}]\n", cases[i].exec);
		conf_folder_put(&f, "gazetted.yaml", text);
		struct conf *c = conf_load_to_start(&fs_system, path, note, &said);
		assert_non_null(c);
		assert_true(str_ends(str_from(said), str_from(cases[i].said)));
		assert_true(str_starts(str_from(c->alerts[0].exec[0]), STR("/")));
		assert_true(str_ends(str_from(c->alerts[0].exec[0]), str_from(cases[i].program)));
		conf_drop(&c);
	}
	conf_folder_put(&f, "gazetted.yaml", "alerts: [{name: x, exec: [/no/such], every: x}]\n");
	assert_null(conf_load_to_start(&fs_system, path, note, &said));
	conf_folder_fini(&f);
}

static void test_user_agent(void **state)
{
	struct conf_folder f;
	(void)state;
	conf_folder_init(&f);
	const struct conf *c = load_good(&f, "contact: watch@example.org\n");
	assert_memory_equal(c->user_agent, "gazetted/", 9);
	assert_non_null(strstr(c->user_agent, " (watch@example.org)"));
	c = load_good(&f, "contact: watch@example.org\nuser_agent: mine\n");
	assert_string_equal(c->user_agent, "mine");
	conf_folder_fini(&f);
}

static void test_hook_socket(void **state)
{
	struct conf_folder f;
	(void)state;
	conf_folder_init(&f);
	unsetenv("GAZETTED_HOOK_SOCKET");
	assert_null(load_good(&f, "")->hooks.socket);
	setenv("GAZETTED_HOOK_SOCKET", "/run/h.sock", 1);
	assert_string_equal(load_good(&f, "")->hooks.socket, "/run/h.sock");
	assert_string_equal(load_good(&f, "hooks: {socket: /own}\n")->hooks.socket, "/own");
	unsetenv("GAZETTED_HOOK_SOCKET");
	conf_folder_fini(&f);
}

static void test_references(void **state)
{
	struct conf_folder f;
	(void)state;
	conf_folder_init(&f);
	struct conf *c = load_good(&f, "contact: a\n");
	struct conf *held = conf_hold(c);
	conf_folder_load_text(&f, "contact: b\n"); /* drops the first reference */
	assert_string_equal(held->contact, "a");
	conf_drop(&held);
	assert_null(held);
	conf_drop(&held);
	conf_folder_fini(&f);
}

#define MANY 3000

static void test_many(void **state)
{
	struct conf_folder f;
	struct buf text;
	char name[32];
	(void)state;
	conf_folder_init(&f);
	buf_init(&text, 1 << 20);
	buf_str(&text, STR("feeds:\n"));
	for (int i = 0; i < MANY; i++)
		buf_fmt(&text, "- {name: f%d, url: \"http://h%d/%d\"}\n", i, i % 7, i);
	conf_folder_write(&f, "gazetted.yaml", buf_view(&text), 0644);
	const struct conf *c = conf_folder_load(&f);
	assert_non_null(c);
	assert_int_equal(c->feed_count, MANY);
	for (int i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "f%d", i);
		assert_ptr_equal(find(c, name), &c->feeds[i]);
	}
	/* Every one of them twice: the complaints end. */
	buf_str(&text, STR("- {name: end, url: x}\n"));
	for (int i = 0; i < MANY; i++)
		buf_fmt(&text, "- {name: f%d, url: \"http://x%d/%d\"}\n", i, i % 7, i);
	conf_folder_write(&f, "gazetted.yaml", buf_view(&text), 0644);
	assert_null(conf_folder_load(&f));
	const char *said = conf_folder_said(&f);
	unsigned lines = 0;
	for (const char *p = said; *p; p++)
		lines += *p == '\n';
	assert_int_equal(lines, 1001);
	assert_non_null(strstr(said, "too many errors; the rest is not shown\n"));
	buf_fini(&text);
	conf_folder_fini(&f);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_requests),
		cmocka_unit_test(test_whose_proxy_credentials_are),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_nul_byte),
		cmocka_unit_test(test_missing_main),
		cmocka_unit_test(test_inheritance),
		cmocka_unit_test(test_shared_settings),
		cmocka_unit_test(test_included_errors),
		cmocka_unit_test(test_program_from_here),
		cmocka_unit_test(test_alerts),
		cmocka_unit_test(test_links),
		cmocka_unit_test(test_shipped),
		cmocka_unit_test(test_start_without_program),
		cmocka_unit_test(test_user_agent),
		cmocka_unit_test(test_hook_socket),
		cmocka_unit_test(test_references),
		cmocka_unit_test(test_many),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("conf/load", tests, NULL, NULL);
}
