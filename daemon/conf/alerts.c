/* alerts: the list of alerts, and where their programs are. */
#include "daemon/conf/load_priv.h"

#include "daemon/conf/map_priv.h"
#include "daemon/conf/value_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef GAZETTED_TOPICS_DIR
#define GAZETTED_TOPICS_DIR "/usr/local/share/gazetted/topics"
#endif
#define SHIPPED_SCRIPTS GAZETTED_TOPICS_DIR "/../scripts" /* they are installed side by side */
#define LACK_MAX 1024 /* bytes of what is said about a program */

struct named {
	const struct conf_alert_draft *alerts;
	struct str name;
};

static bool same_name(const void *ctx, uint32_t item)
{
	const struct named *n = ctx;
	return str_eq(n->name, str_from(n->alerts[item].alert.name));
}

static struct conf_alert_draft *alerts_of(const struct conf_loader *l)
{
	return (struct conf_alert_draft *)(void *)l->alerts.p;
}

static void add(struct conf_loader *l, const struct conf_alert_draft *draft, struct conf_place name_at)
{
	uint32_t item;
	uint32_t n = (uint32_t)(l->alerts.n / sizeof(*draft));
	struct named asked = { alerts_of(l), str_from(draft->alert.name) };
	uint64_t hash = conf_name_hash(asked.name);
	if (l->alerts.failed)
		return;
	if (conf_index_find(&l->alert_names, hash, same_name, &asked, &item)) {
		const struct conf_alert *other = &alerts_of(l)[item].alert;
		conf_complain(&l->report, name_at, "the alert name \"%s\" is used twice (first at %s:%d)",
		    draft->alert.name, other->file, other->line);
		return;
	}
	if (n >= CONF_ALERTS_MAX) {
		conf_complain(&l->report, name_at, "more than %u alerts", CONF_ALERTS_MAX);
		return;
	}
	buf_add(&l->alerts, draft, sizeof(*draft));
	if (!conf_index_add(&l->alert_names, hash, n))
		conf_complain(&l->report, name_at, "out of memory");
}

/* What is said of items has no meaning for events: whoever wrote it meant something else. */
static void check_events(struct conf_loader *l, const struct conf_map *m, const struct conf_alert *a)
{
	bool items = a->topic_count > 0 || a->event_count == 0;
	if (a->event_count > 0 && a->when == CONF_WHEN_CONFIRMED)
		conf_complain(&l->report, conf_map_place(m, "when"),
		    "%s: events are not confirmed by anybody: when: confirmed takes an alert without events",
		    a->name);
	if (!items && a->score_min > 0)
		conf_complain(&l->report, conf_map_place(m, "score_min"),
		    "%s: score_min is about items: with events it takes topics too", a->name);
	if (!items && a->decision != CONF_DECISION_MATCH)
		conf_complain(&l->report, conf_map_place(m, "decision"),
		    "%s: decision is about items: with events it takes topics too", a->name);
}

static void take_alert(struct conf_loader *l, struct conf_yaml *y, const struct conf_node *start)
{
	struct conf_alert_draft draft = l->alert_preset;
	struct conf_map m;
	size_t references = l->references.n;
	conf_map_init(&m, &conf_alert_section, &draft);
	conf_map_take(l, y, &m);
	/* What is switched off may wait for topics and feeds that are not there yet. */
	if (!draft.enabled && !l->references.failed)
		l->references.n = references;
	if (!conf_map_required(l, &m, start->at, "an alert"))
		return;
	if (!m.wrong && draft.alert.retry_min > draft.alert.retry_max)
		conf_complain(
		    &l->report, start->at, "%s: retry_min is longer than retry_max", draft.alert.name);
	if (!m.wrong)
		check_events(l, &m, &draft.alert);
	draft.alert.file = start->at.file;
	draft.alert.line = start->at.line;
	draft.folder = l->source->folder;
	draft.exec_at = conf_map_place(&m, "exec");
	add(l, &draft, conf_map_place(&m, "name"));
}

void conf_alerts_take(struct conf_loader *l, struct conf_yaml *y, const struct conf_node *node)
{
	static const struct conf_entries list = { "alerts", "name", "an alert", take_alert };
	conf_entries_take(l, y, node, &list);
}

enum found { FOUND_PROGRAM, FOUND_NOTHING, FOUND_UNFIT };

/* Whoever checks a configuration need not be allowed to look into every folder: only what is surely wrong counts. */
static enum found look(const struct conf_loader *l, const char *path)
{
	struct fs_stat st;
	int fd = l->fs->open(l->fs, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR ? FOUND_NOTHING : FOUND_PROGRAM;
	int rc = l->fs->fstat(l->fs, fd, &st);
	l->fs->close(l->fs, fd);
	if (rc != 0)
		return FOUND_NOTHING;
	return S_ISREG(st.mode) && (st.mode & 0111) ? FOUND_PROGRAM : FOUND_UNFIT;
}

/* Scripts are run from another folder than this one. */
static void take_path(struct conf_loader *l, const struct conf_alert_draft *draft, const char *path)
{
	char here[PATH_MAX];
	if (path[0] != '/' && getcwd(here, sizeof(here)))
		path = conf_path_join(l, here, str_from(path));
	if (path) /* else out of memory, which is noticed at the end */
		memcpy((void *)draft->alert.exec, &path, sizeof(path));
}

/* Who starts goes on with the path where the program should be: a delivery that cannot be started is tried again. */
static void lack(
    struct conf_loader *l, const struct conf_alert_draft *draft, const char *path, const char *what)
{
	if (!l->to_start) {
		conf_complain(&l->report, draft->exec_at, "exec: %s", what);
		return;
	}
	conf_remark(&l->report, draft->exec_at, "exec: %s; what alert %s is to deliver waits for it", what,
	    draft->alert.name);
	take_path(l, draft, path);
}

static void lack_unfit(struct conf_loader *l, const struct conf_alert_draft *draft, const char *path)
{
	char what[LACK_MAX];
	(void)snprintf(what, sizeof(what), "%s is not an executable file (chmod +x?)", path);
	lack(l, draft, path, what);
}

static void lack_all(struct conf_loader *l, const struct conf_alert_draft *draft, bool absolute)
{
	struct str program = str_from(draft->alert.exec[0]);
	const char *path = absolute ? draft->alert.exec[0] : conf_path_join(l, draft->folder, program);
	char shown[CONF_SHOWN_MAX], what[LACK_MAX];
	if (absolute)
		(void)snprintf(what, sizeof(what), "%s does not exist", conf_shown(program, shown));
	else
		(void)snprintf(what, sizeof(what),
		    "\"%s\" is not beside this file, nor in %s, nor a script that comes with the program",
		    conf_shown(program, shown), l->conf->hooks.scripts);
	if (path) /* else out of memory, which is noticed at the end */
		lack(l, draft, path, what);
}

static void resolve(struct conf_loader *l, const struct conf_alert_draft *draft)
{
	struct str program = str_from(draft->alert.exec[0]);
	bool absolute = str_starts(program, STR("/"));
	const char *folders[] = { draft->folder, l->conf->hooks.scripts, SHIPPED_SCRIPTS };
	for (size_t i = 0; i < (absolute ? 1 : ARRAY_LEN(folders)); i++) {
		const char *path = folders[i] ? conf_path_join(l, folders[i], program) : NULL;
		enum found found = path ? look(l, path) : FOUND_NOTHING;
		if (found == FOUND_UNFIT)
			lack_unfit(l, draft, path);
		if (found == FOUND_PROGRAM)
			take_path(l, draft, path);
		if (found != FOUND_NOTHING)
			return;
	}
	lack_all(l, draft, absolute);
}

void conf_alerts_finish(struct conf_loader *l)
{
	struct conf_alert_draft *alerts = alerts_of(l);
	for (size_t i = 0; i < l->alerts.n / sizeof(*alerts); i++)
		if (alerts[i].enabled)
			resolve(l, &alerts[i]);
}
