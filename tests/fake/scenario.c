/* scenario: reads a file line by line; a table of commands. */
#include "tests/fake/remove_tree.h"
#include "tests/fake/scenario_priv.h"

#include "daemon/base/date.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define LINE_MAX_BYTES 4096

#define TOPICS_MAX 4096 /* bytes */

static const char alarm_topic[] =
    "topic: alarm\ntitle: Alarm\ndescription: For tests.\n"
    "thresholds: {match: 0.8, review: 0.4}\nbias: -4.0\n"
    "phrases:\n  - {any: [alarm], weight: 8}\n  - {any: [maybe], weight: 2.8}\n";
static const char flood_topic[] = "topic: flood\ntitle: Flood\ndescription: For tests.\n"
                                  "thresholds: {match: 0.8, review: 0.4}\nbias: -4.0\n"
                                  "phrases:\n  - {any: [flood], weight: 8}\n";
static const char flood_shadow[] = "topic: flood\ntitle: Flood\nshadow: true\n"
                                   "thresholds: {match: 0.8, review: 0.4}\nbias: -4.0\n"
                                   "phrases:\n  - {any: [flood], weight: 8}\n";

bool scenario_fail(struct scenario *s, const char *fmt, ...)
{
	char *out = s->out->failure;
	size_t n = (size_t)snprintf(out, sizeof(s->out->failure), "line %d (%.1fs): ", s->line,
	    (double)(s->w.clock.mono - s->began) / 1000);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(out + n, sizeof(s->out->failure) - n, fmt, ap);
	va_end(ap);
	return false;
}

bool scenario_time(struct scenario *s, const char *text, int64_t *ms)
{
	return conf_parse_duration(str_from(text), ms) || scenario_fail(s, "no duration: %s", text);
}

static struct entry *find(struct entry *at, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(at[i].name, name) == 0)
			return &at[i];
	return NULL;
}

struct entry *scenario_feed(struct scenario *s, const char *name)
{
	struct entry *f = find(s->feeds, s->feed_count, name);

	if (!f)
		scenario_fail(s, "no feed %s", name);
	return f;
}

static void write_settings(const struct scenario *s, const char *section, struct buf *out)
{
	for (size_t i = 0; i < s->setting_count; i++)
		if (strcmp(s->settings[i].section, section) == 0)
			buf_fmt(out, "  %s: %s\n", s->settings[i].key, s->settings[i].value);
}

static void configure(struct scenario *s)
{
	static const char *const sections[] = { "storage", "records", "fetch", "hosts", "workers", "hooks",
		"http", "websub" };
	struct buf b;
	char *yaml;
	size_t n;

	buf_init(&b, 4u << 20);
	buf_str(&b, STR("shipped_topics: false\n"));
	for (size_t i = 0; i < ARRAY_LEN(sections); i++) {
		size_t before = b.n;

		buf_fmt(&b, "%s:\n", sections[i]);
		n = b.n;
		write_settings(s, sections[i], &b);
		if (b.n == n)
			b.n = before;
	}
	buf_str(&b, STR("feeds:\n"));
	for (size_t i = 0; i < s->feed_count; i++)
		buf_fmt(
		    &b, "  - name: %s\n    url: %s\n%s", s->feeds[i].name, s->feeds[i].url, s->feeds[i].yaml);
	if (s->alert_count)
		buf_str(&b, STR("alerts:\n"));
	for (size_t i = 0; i < s->alert_count; i++)
		buf_fmt(&b, "  - name: %s\n    exec: [/bin/true]\n%s", s->alerts[i].name, s->alerts[i].yaml);
	yaml = buf_take(&b, &n);
	world_configure(&s->w, yaml);
	free(yaml);
	buf_fini(&b);
}

static bool put_entry(struct scenario *s, struct entry *at, size_t *n, const struct words *w, bool is_feed)
{
	struct entry *e = find(at, *n, w->at[1]);
	size_t used = 0;

	if (!e)
		e = &at[(*n)++];
	snprintf(e->name, sizeof(e->name), "%s", w->at[1]);
	snprintf(e->url, sizeof(e->url), "http://%s.example/feed", w->at[1]);
	e->yaml[0] = 0;
	for (size_t i = 2; i + 1 < w->n; i += 2) {
		if (is_feed && strcmp(w->at[i], "url") == 0)
			snprintf(e->url, sizeof(e->url), "%s", w->at[i + 1]);
		else
			used += (size_t)snprintf(
			    e->yaml + used, sizeof(e->yaml) - used, "    %s: %s\n", w->at[i], w->at[i + 1]);
	}
	return w->n % 2 == 0 || scenario_fail(s, "a key without a value");
}

static bool do_feed(struct scenario *s, const struct words *w)
{
	return put_entry(s, s->feeds, &s->feed_count, w, true);
}

static bool do_alert(struct scenario *s, const struct words *w)
{
	return put_entry(s, s->alerts, &s->alert_count, w, false);
}

static void drop(struct entry *at, size_t *n, const char *name)
{
	struct entry *e = find(at, *n, name);

	if (!e)
		return;
	memmove(e, e + 1, (size_t)(at + *n - (e + 1)) * sizeof(*e));
	--*n;
}

static bool do_drop_feed(struct scenario *s, const struct words *w)
{
	drop(s->feeds, &s->feed_count, w->at[1]);
	return true;
}

static bool do_drop_alert(struct scenario *s, const struct words *w)
{
	drop(s->alerts, &s->alert_count, w->at[1]);
	return true;
}

static void put_setting(struct scenario *s, const char *section, const char *key, const char *value)
{
	struct setting *x = s->settings;

	while (x < s->settings + s->setting_count && (strcmp(x->section, section) || strcmp(x->key, key)))
		x++;
	if (x == s->settings + s->setting_count)
		s->setting_count++;
	snprintf(x->section, sizeof(x->section), "%s", section);
	snprintf(x->key, sizeof(x->key), "%s", key);
	snprintf(x->value, sizeof(x->value), "%s", value);
}

static bool do_set(struct scenario *s, const struct words *w)
{
	put_setting(s, w->at[1], w->at[2], w->at[3]);
	return true;
}

/* Feeds NAME-0 … NAME-(N-1), all on one host unless the address has a %d. */
static bool do_many_feeds(struct scenario *s, const struct words *w)
{
	size_t count = strtoul(w->at[2], NULL, 10);

	for (size_t i = 0; i < count; i++) {
		char name[96], url[256];
		const char *mark = strstr(w->at[3], "%d");
		struct words one = { .n = 4 };

		snprintf(name, sizeof(name), "%s-%zu", w->at[1], i);
		if (mark)
			snprintf(
			    url, sizeof(url), "%.*s%zu%s", (int)(mark - w->at[3]), w->at[3], i, mark + 2);
		else
			snprintf(url, sizeof(url), "%s%zu", w->at[3], i);
		one.at[1] = name;
		one.at[2] = (char *)(uintptr_t) "url";
		one.at[3] = url;
		if (!do_feed(s, &one))
			return false;
		for (size_t k = 4; k + 1 < w->n; k += 2)
			snprintf(
			    s->feeds[s->feed_count - 1].yaml, 1024, "    %s: %s\n", w->at[k], w->at[k + 1]);
	}
	return true;
}

static bool revive(struct scenario *s)
{
	do {
		world_kill(&s->w);
	} while (!world_start(&s->w));
	return true;
}

static bool do_start(struct scenario *s, const struct words *w)
{
	(void)w;
	configure(s);
	return world_start(&s->w) || revive(s);
}

static bool do_stop(struct scenario *s, const struct words *w)
{
	(void)w;
	world_stop(&s->w);
	if (s->w.fs.dead) { /* in the midst of stopping */
		s->w.fs.dead = false;
		s->w.fs.crash_at = 0;
	}
	return true;
}

static bool do_kill(struct scenario *s, const struct words *w)
{
	(void)w;
	world_kill(&s->w);
	return true;
}

static bool do_reload(struct scenario *s, const struct words *w)
{
	(void)w;
	configure(s);
	return world_reload(&s->w) || scenario_fail(s, "reload refused");
}

/* topics NAME...: with these, in this order, from this reload on. */
static bool do_topics(struct scenario *s, const struct words *w)
{
	char text[TOPICS_MAX];
	size_t n = 0;

	for (size_t i = 1; i < w->n; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s", i > 1 ? "---\n" : "",
		    strcmp(w->at[i], "alarm") == 0          ? alarm_topic
		    : strcmp(w->at[i], "flood-shadow") == 0 ? flood_shadow
		                                            : flood_topic);
	configure(s);
	return world_reload_topics(&s->w, text) || scenario_fail(s, "reload refused");
}

static bool do_drain(struct scenario *s, const struct words *w)
{
	(void)w;
	engine_drain(s->w.engine);
	return true;
}

static bool do_poll_once(struct scenario *s, const struct words *w)
{
	(void)w;
	engine_poll_once(s->w.engine);
	return true;
}

/* What a state of the first release does not have; while nothing runs. */
static bool do_forget_details(struct scenario *s, const struct words *w)
{
	struct err e = { .kind = ERR_NONE };
	struct state *state = NULL;
	char path[256];
	bool ok;

	(void)w;
	snprintf(path, sizeof(path), "%s/state.db", s->w.folder.path);
	ok = state_open(path, &state, &e) && state_numbered_delete(state, STATE_ITEMS, 0, INT64_MAX, &e) &&
	     state_numbered_delete(state, STATE_FINGERPRINTS, 0, INT64_MAX, &e);
	state_close(&state);
	return ok || scenario_fail(s, "%s", e.text);
}

static bool do_remove_journal(struct scenario *s, const struct words *w)
{
	char path[256];

	(void)w;
	snprintf(path, sizeof(path), "%s/journal", s->w.folder.path);
	return remove_tree(path) || scenario_fail(s, "no journal to remove");
}

static bool run_until(struct scenario *s, int64_t mono)
{
	if (!s->w.engine) {
		virtual_clock_advance(&s->w.clock, mono - s->w.clock.mono);
		return true;
	}
	while (!world_run_until(&s->w, mono))
		revive(s);
	return true;
}

/* publish FEED N DURATION: N times a new item, and then so long nothing. */
static bool do_publish(struct scenario *s, const struct words *w)
{
	const char *url = scenario_address(s, w->at[1]);
	int64_t pause;

	if (!url || !scenario_time(s, w->at[3], &pause))
		return false;
	for (unsigned long n = strtoul(w->at[2], NULL, 10); n; n--)
		if (!scenario_publish(s, url) || !run_until(s, s->w.clock.mono + pause))
			return false;
	return true;
}

/* pass DURATION: nothing new */
static bool do_pass(struct scenario *s, const struct words *w)
{
	int64_t pause;

	return scenario_time(s, w->at[1], &pause) && run_until(s, s->w.clock.mono + pause);
}

static bool do_hook(struct scenario *s, const struct words *w)
{
	struct fake_behaviour *h = fake_hooks_behaviour(&s->w.hooks, w->at[1]);
	int64_t takes = h->takes;

	memset((char *)h + sizeof(h->alert), 0, sizeof(*h) - sizeof(h->alert));
	h->takes = takes;
	for (size_t i = 2; i < w->n; i++) {
		const char *next = i + 1 < w->n ? w->at[i + 1] : "0";

		if (strcmp(w->at[i], "timeout") == 0)
			h->times_out = true;
		else if (strcmp(w->at[i], "broken") == 0)
			h->broken = true;
		else if (strcmp(w->at[i], "exit") == 0)
			h->exit_status = (int)strtol(next, NULL, 10), i++;
		else if (strcmp(w->at[i], "signal") == 0)
			h->signal = (int)strtol(next, NULL, 10), i++;
		else if (strcmp(w->at[i], "takes") == 0 && scenario_time(s, next, &h->takes))
			i++;
		else
			return scenario_fail(s, "hook: what is %s?", w->at[i]);
	}
	return true;
}

static bool do_lose_worker(struct scenario *s, const struct words *w)
{
	s->w.workers.lose = (unsigned)strtoul(w->at[1], NULL, 10);
	return true;
}

static bool do_worker_takes(struct scenario *s, const struct words *w)
{
	return scenario_time(s, w->at[1], &s->w.workers.takes);
}

static bool do_short_of_memory(struct scenario *s, const struct words *w)
{
	(void)w;
	world_starve(&s->w);
	return true;
}

static bool do_damage_answer(struct scenario *s, const struct words *w)
{
	s->w.workers.damage = (unsigned)strtoul(w->at[1], NULL, 10);
	return true;
}

static bool do_journal(struct scenario *s, const struct words *w)
{
	unsigned n = (unsigned)strtoul(w->at[2], NULL, 10);

	if (strcmp(w->at[1], "fail") == 0)
		s->w.fail_commits = n;
	else
		s->w.kill_after_commits = n;
	return true;
}

#define SMALL_DISK 65536 /* bytes for a file of the journal */

static bool do_disk(struct scenario *s, const struct words *w)
{
	s->w.fs.full = strcmp(w->at[1], "full") == 0;
	s->w.fs.full_for_appends = strcmp(w->at[1], "full-for-stores") == 0;
	s->w.fs.no_descriptors = strcmp(w->at[1], "no-descriptors") == 0;
	s->w.fs.keeps_requests = strcmp(w->at[1], "keeps-requests") == 0;
	s->w.fs.file_max = strcmp(w->at[1], "small") == 0 ? SMALL_DISK : 0;
	return true;
}

static bool do_free_space(struct scenario *s, const struct words *w)
{
	return conf_parse_size(str_from(w->at[1]), &s->w.free_bytes) || scenario_fail(s, "no size");
}

static bool do_clock_jump(struct scenario *s, const struct words *w)
{
	bool back = w->at[1][0] == '-';
	int64_t ms;

	if (!scenario_time(s, w->at[1] + back, &ms))
		return false;
	s->w.clock.wall += back ? -ms : ms;
	return true;
}

static bool do_wall(struct scenario *s, const struct words *w)
{
	return date_parse_rfc3339(str_from(w->at[1]), &s->w.clock.wall) || scenario_fail(s, "no time");
}

static bool execute(struct scenario *s, const struct words *w);

static bool do_at(struct scenario *s, const struct words *w)
{
	struct words rest = { .n = w->n - 2 };
	int64_t ms;

	if (!scenario_time(s, w->at[1], &ms))
		return false;
	if (s->began + ms < s->w.clock.mono)
		return scenario_fail(s, "time runs forward");
	if (!run_until(s, s->began + ms))
		return false;
	memcpy(rest.at, w->at + 2, rest.n * sizeof(rest.at[0]));
	return rest.n == 0 || execute(s, &rest);
}

typedef bool command_f(struct scenario *s, const struct words *w);
static const struct {
	const char *name;
	size_t words; /* at least, with the name */
	command_f *run;
} commands[] = {
	{ "set", 4, do_set },
	{ "feed", 2, do_feed },
	{ "many-feeds", 4, do_many_feeds },
	{ "drop-feed", 2, do_drop_feed },
	{ "alert", 2, do_alert },
	{ "drop-alert", 2, do_drop_alert },
	{ "item", 2, scenario_item },
	{ "serve", 3, scenario_serve },
	{ "publish", 4, do_publish },
	{ "pass", 2, do_pass },
	{ "hook", 3, do_hook },
	{ "start", 1, do_start },
	{ "stop", 1, do_stop },
	{ "kill", 1, do_kill },
	{ "reload", 1, do_reload },
	{ "topics", 2, do_topics },
	{ "drain", 1, do_drain },
	{ "poll-once", 1, do_poll_once },
	{ "remove-state", 1, scenario_remove_state },
	{ "save-state", 1, scenario_save_state },
	{ "restore-state", 1, scenario_restore_state },
	{ "lock-state", 1, scenario_lock_state },
	{ "damage-store", 2, scenario_damage_store },
	{ "fold-state", 1, scenario_fold_state },
	{ "unsynced-state", 2, scenario_unsynced_state },
	{ "release-state", 1, scenario_release_state },
	{ "damage-rows", 2, scenario_damage_rows },
	{ "forget-details", 1, do_forget_details },
	{ "remove-journal", 1, do_remove_journal },
	{ "lose-worker", 2, do_lose_worker },
	{ "worker-takes", 2, do_worker_takes },
	{ "damage-answer", 2, do_damage_answer },
	{ "short-of-memory", 1, do_short_of_memory },
	{ "journal", 3, do_journal },
	{ "disk", 2, do_disk },
	{ "free-space", 2, do_free_space },
	{ "clock-jump", 2, do_clock_jump },
	{ "wall", 2, do_wall },
	{ "request", 3, scenario_request },
	{ "request-odd", 3, scenario_request_odd },
	{ "replay", 5, scenario_replay },
	{ "verify", 2, scenario_verify },
	{ "push", 4, scenario_push },
	{ "at", 2, do_at },
};

static bool execute(struct scenario *s, const struct words *w)
{
	bool known = false;

	for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
		if (strcmp(commands[i].name, w->at[0]) != 0)
			continue;
		return w->n >= commands[i].words ? commands[i].run(s, w)
		                                 : scenario_fail(s, "words are missing");
	}
	if (!scenario_expect(s, w, &known))
		return false;
	s->out->checks += known;
	return known || scenario_fail(s, "unknown command: %s", w->at[0]);
}

static void split(char *p, struct words *w)
{
	w->n = 0;
	while (*p && w->n < WORDS_MAX) {
		p += strspn(p, " \t\n");
		if (*p == 0 || *p == '#')
			return;
		if (*p == '"' || *p == '\'') {
			const char quote[2] = { *p, 0 };

			w->at[w->n++] = ++p;
			p += strcspn(p, quote);
		} else {
			w->at[w->n++] = p;
			p += strcspn(p, " \t\n");
		}
		if (*p)
			*p++ = 0;
	}
}

static void run_lines(struct scenario *s, FILE *f)
{
	char line[LINE_MAX_BYTES];
	struct words w;

	while (fgets(line, sizeof(line), f)) {
		s->line++;
		split(line, &w);
		if (w.n && !execute(s, &w))
			return;
	}
}

void scenario_run(const char *path, unsigned long crash_at, struct scenario_result *out)
{
	struct scenario *s = calloc(1, sizeof(*s));
	FILE *f = fopen(path, "r");
	char topics[TOPICS_MAX];

	*out = (struct scenario_result){ 0 };
	if (!f || !s) {
		snprintf(out->failure, sizeof(out->failure), "cannot be read");
		free(s);
		return;
	}
	s->out = out;
	snprintf(topics, sizeof(topics), "%s---\n%s", alarm_topic, flood_topic);
	world_init(&s->w, topics);
	s->w.fs.crash_at = crash_at;
	s->began = s->w.clock.mono;
	run_lines(s, f);
	out->disk_steps = s->w.fs.steps;
	(void)scenario_release_state(s, NULL);
	world_fini(&s->w);
	fclose(f);
	free(s);
}
