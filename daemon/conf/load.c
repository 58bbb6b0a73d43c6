/* load: from a path to a snapshot: presets, the main file, the files that it names, checks between them, the move into the arena. */
#include "daemon/conf/load_priv.h"

#include "daemon/conf/map_priv.h"
#include "daemon/conf/value_priv.h"

#include <stdlib.h>

#ifndef GAZETTED_VERSION
#define GAZETTED_VERSION "0"
#endif

#ifndef GAZETTED_TOPICS_DIR
#define GAZETTED_TOPICS_DIR "/usr/local/share/gazetted/topics"
#endif

#define LIST_MAX CONF_TEXT_MAX /* entries of one list while it is read: more than the table allows */

static bool loader_init(struct conf_loader *l, const struct fs *fs, conf_report_f *report, void *ctx)
{
	*l = (struct conf_loader){ .fs = fs, .report = { report, ctx, 0 } };
	for (size_t i = 0; i < CONF_FILE_KINDS; i++)
		buf_init(&l->patterns[i], LIST_MAX * sizeof(struct conf_pattern));
	buf_init(&l->feeds, CONF_FEEDS_MAX * sizeof(struct conf_feed_draft));
	buf_init(&l->feeds_more, CONF_FEEDS_MAX * sizeof(struct conf_feed_more));
	buf_init(&l->alerts, CONF_ALERTS_MAX * sizeof(struct conf_alert_draft));
	buf_init(&l->topics, CONF_TOPICS_MAX * sizeof(struct conf_topic_more));
	buf_init(&l->references, CONF_MEMORY_MAX / 4);
	buf_init(&l->host_rules, CONF_MEMORY_MAX / 4);
	buf_init(&l->scratch, LIST_MAX * sizeof(struct network));
	buf_init(&l->scratch2, LIST_MAX * sizeof(struct network));
	conf_index_init(&l->feed_names);
	conf_index_init(&l->alert_names);
	conf_index_init(&l->topic_names);
	l->arena = arena_new(CONF_MEMORY_MAX);
	l->conf = l->arena ? arena_zalloc(l->arena, sizeof(*l->conf)) : NULL;
	if (!l->conf)
		return false;
	l->conf->arena = l->arena;
	l->conf->references = 1;
	return true;
}

static void loader_fini(struct conf_loader *l)
{
	for (size_t i = 0; i < CONF_FILE_KINDS; i++)
		buf_fini(&l->patterns[i]);
	buf_fini(&l->feeds);
	buf_fini(&l->feeds_more);
	buf_fini(&l->alerts);
	buf_fini(&l->topics);
	buf_fini(&l->references);
	buf_fini(&l->host_rules);
	buf_fini(&l->scratch);
	buf_fini(&l->scratch2);
	conf_index_fini(&l->feed_names);
	conf_index_fini(&l->alert_names);
	conf_index_fini(&l->topic_names);
}

static bool loader_failed(const struct conf_loader *l)
{
	bool failed =
	    arena_failed(l->arena) || l->scratch.failed || l->scratch2.failed || l->references.failed;
	for (size_t i = 0; i < CONF_FILE_KINDS; i++)
		failed |= l->patterns[i].failed;
	return failed || l->host_rules.failed || l->feeds.failed || l->feeds_more.failed ||
	       l->alerts.failed || l->topics.failed;
}

/* One file by the rows of its kind. False: it could not be read to its end. */
static bool take_file(
    struct conf_loader *l, const char *path, struct str text, const struct conf_section *s, void *into)
{
	struct conf_yaml y = { 0 };
	struct conf_node node;
	struct conf_map m;
	struct conf_source source = { .file = path, .folder = conf_folder_of(l, path) };
	struct conf_source *outer = l->source;
	source.first_feed = l->feeds.n / sizeof(struct conf_feed_draft);
	l->source = &source;
	conf_map_init(&m, s, into);
	if (source.folder && conf_yaml_open(&y, path, text, &l->report)) {
		conf_yaml_next(&y, &node);
		if (node.kind == CONF_NODE_MAP)
			conf_map_take(l, &y, &m);
		else if (node.kind != CONF_NODE_END && !conf_node_is_null(&node))
			conf_complain(&l->report, node.at, "expected keys (name: value), got %s",
			    conf_node_what(&node));
		conf_yaml_next(&y, &node);
	}
	bool whole = source.folder && !y.failed;
	conf_yaml_close(&y);
	conf_feeds_end_file(l);
	l->source = outer;
	return whole;
}

static void take_feeds_file(struct conf_loader *l, const char *path, struct str text)
{
	if (!take_file(l, path, text, &conf_feeds_file_section, NULL))
		l->feeds_broken = true;
}

static void take_alerts_file(struct conf_loader *l, const char *path, struct str text)
{
	(void)take_file(l, path, text, &conf_alerts_file_section, NULL);
}

static void take_presets(struct conf_loader *l, const char *path)
{
	struct conf_source source = { .file = path, .folder = conf_folder_of(l, path) };
	if (!source.folder)
		return;
	l->source = &source; /* cppcheck-suppress autoVariables ; taken back below */
	struct conf_pattern shipped = { GAZETTED_TOPICS_DIR "/*.yaml", { path, 0, 0 } };
	buf_add(&l->patterns[CONF_SHIPPED_FILES], &shipped, sizeof(shipped));
	for (const struct conf_section *const *s = conf_plain_sections; *s; s++)
		conf_map_presets(l, *s, (char *)l->conf + (*s)->base);
	conf_map_presets(l, &conf_feed_section, &l->feed_preset);
	conf_map_presets(l, &conf_alert_section, &l->alert_preset);
	l->source = NULL;
}

static bool take_main(struct conf_loader *l, const char *path)
{
	struct buf text;
	if (!conf_file_read(l, path, CONF_FILE_MAX, (struct conf_place){ path, 0, 0 }, &text))
		return false;
	bool whole = take_file(l, path, buf_view(&text), &conf_main_section, l->conf);
	buf_fini(&text);
	return whole;
}

static void hint_names(const struct conf_loader *l, bool feeds, struct conf_hint *hint)
{
	const struct conf_feed_draft *f = (const struct conf_feed_draft *)(const void *)l->feeds.p;
	const struct conf_topic_more *t = (const struct conf_topic_more *)(const void *)l->topics.p;
	for (size_t i = 0; feeds && i < l->feeds.n / sizeof(*f); i++)
		conf_hint_offer(hint, str_from(f[i].feed.name));
	for (size_t i = 0; !feeds && i < l->topics.n / sizeof(*t); i++)
		conf_hint_offer(hint, t[i].name);
}

/* Names of topics and feeds in alerts. Not when some are missing because their file could not be read: that was said. */
static void check_references(struct conf_loader *l)
{
	const struct conf_reference *refs = (const struct conf_reference *)(const void *)l->references.p;
	for (size_t i = 0; i < l->references.n / sizeof(*refs); i++) {
		const struct conf_reference *r = &refs[i];
		if (r->is_feed ? l->feeds_broken || conf_feed_name_taken(l, r->name)
		               : l->topics_broken || conf_topic_known(l, r->name))
			continue;
		struct conf_hint hint;
		conf_hint_init(&hint, r->name);
		hint_names(l, r->is_feed, &hint);
		char shown[CONF_SHOWN_MAX];
		conf_complain(&l->report, r->at, "there is no %s \"%s\"%s", r->is_feed ? "feed" : "topic",
		    conf_shown(r->name, shown), hint.text);
	}
}

static void make_user_agent(struct conf_loader *l)
{
	struct conf *c = l->conf;
	if (c->user_agent)
		return;
	buf_clear(&l->scratch2);
	buf_str(&l->scratch2, STR("gazetted/" GAZETTED_VERSION));
	if (c->contact)
		buf_fmt(&l->scratch2, " (%s)", c->contact);
	c->user_agent = arena_cstr(l->arena, buf_view(&l->scratch2));
}

/* The unit file knows where its socket is; the configuration is the same with and without systemd. */
static void find_hook_socket(struct conf_loader *l)
{
	const char *path = secure_getenv("GAZETTED_HOOK_SOCKET");
	if (!l->conf->hooks.socket && path && path[0] == '/')
		l->conf->hooks.socket = arena_cstr(l->arena, str_from(path));
}

static void keep_topics(struct conf_loader *l)
{
	const struct conf_topic_more *from = (const struct conf_topic_more *)(const void *)l->topics.p;
	size_t n = l->topics.n / sizeof(*from);
	struct conf_topic *topics = arena_alloc(l->arena, n * sizeof(*topics));
	for (size_t i = 0; topics && i < n; i++)
		topics[i] = from[i].topic;
	l->conf->topics = topics;
	l->conf->topic_count = n;
}

static void keep_alerts(struct conf_loader *l)
{
	const struct conf_alert_draft *from = (const struct conf_alert_draft *)(const void *)l->alerts.p;
	size_t n = l->alerts.n / sizeof(*from);
	struct conf_alert *alerts = arena_alloc(l->arena, n * sizeof(*alerts));
	size_t kept = 0;
	for (size_t i = 0; alerts && i < n; i++)
		if (from[i].enabled)
			alerts[kept++] = from[i].alert;
	l->conf->alerts = alerts;
	l->conf->alert_count = kept;
}

static void take_all(struct conf_loader *l, const char *path)
{
	l->conf->file = arena_cstr(l->arena, str_from(path));
	if (!l->conf->file)
		return;
	take_presets(l, l->conf->file);
	if (l->report.count > 0 || !take_main(l, l->conf->file))
		return;
	conf_files_each(l, CONF_FEEDS_FILES, CONF_FILE_MAX, take_feeds_file);
	conf_files_each(l, CONF_OPML_FILES, CONF_FILE_MAX, conf_opml_take);
	conf_files_each(l, CONF_TOPICS_FILES, CONF_TOPIC_MAX, conf_topic_take);
	if (l->conf->shipped_topics)
		conf_files_each(l, CONF_SHIPPED_FILES, CONF_TOPIC_MAX, conf_shipped_topic_take);
	conf_model_take(l);
	conf_files_each(l, CONF_ALERTS_FILES, CONF_FILE_MAX, take_alerts_file);
	conf_feeds_finish(l);
	check_references(l);
	conf_alerts_finish(l);
	make_user_agent(l);
	find_hook_socket(l);
	if (l->report.count > 0 || loader_failed(l))
		return;
	conf_host_rules_keep(l);
	conf_feeds_keep(l);
	keep_topics(l);
	keep_alerts(l);
	l->conf->index = conf_index_freeze(&l->feed_names, l->arena);
}

static void take_all_to_start(struct conf_loader *l, const char *path)
{
	l->to_start = true;
	take_all(l, path);
}

static void take_presets_alone(struct conf_loader *l, const char *path)
{
	l->conf->file = path;
	take_presets(l, path);
	make_user_agent(l);
}

typedef void take_f(struct conf_loader *l, const char *path);

static struct conf *load(
    const struct fs *fs, const char *path, take_f *take, conf_report_f *report, void *ctx)
{
	struct conf_loader l;
	if (loader_init(&l, fs, report, ctx))
		take(&l, path);
	if (l.report.count == 0 && (!l.conf || loader_failed(&l)))
		conf_complain(&l.report, (struct conf_place){ path, 0, 0 }, "out of memory");
	loader_fini(&l);
	if (l.report.count > 0)
		arena_free(&l.arena);
	return l.report.count > 0 ? NULL : l.conf;
}

struct conf *conf_load(const struct fs *fs, const char *path, conf_report_f *report, void *ctx)
{
	return load(fs, path, take_all, report, ctx);
}

struct conf *conf_load_to_start(const struct fs *fs, const char *path, conf_report_f *report, void *ctx)
{
	return load(fs, path, take_all_to_start, report, ctx);
}

struct conf *conf_presets(conf_report_f *report, void *ctx)
{
	return load(&fs_system, "presets", take_presets_alone, report, ctx);
}
