/*
 * reload: a new configuration beside the old one: read, compiled and checked whole, then taken over; or the old one stays and the log says why.
 */
#include "daemon/base/log.h"
#include "daemon/conf/changes.h"
#include "daemon/pipe/storage.h"
#include "daemon/pipe/topics.h"
#include "daemon/run/notify.h"
#include "daemon/run/service_priv.h"
#include "daemon/run/verdict.h"

#include <stdio.h>

static bool configure(
    struct service *s, const struct conf *conf, const struct classifier *classifier, struct err *e)
{
	const char *names[STORAGE_NAMES_MAX];
	size_t count = storage_names(classifier, names);
	const struct stores_policy policy = storage_policy(conf);
	return stores_configure(s->stores, &policy, names, count, e) &&
	       hooks_configure(s->hooks, conf->hooks.socket, e) && pool_reload(s->pool, conf, e);
}

/* The order matters: stores for new topics exist before a record is routed to them; workers know the topics before the engine counts on
 * them. Their answers name a topic by its place in the list, so after a failure they go back to the list that the engine goes on with. */
static bool take_over(struct service *s, struct conf *conf, struct classifier *classifier, struct err *e)
{
	struct err again = { 0 };
	if (configure(s, conf, classifier, e) && engine_reload(s->engine, conf, classifier, e))
		return true;
	if (!configure(s, s->conf, s->classifier, &again))
		LOG_EACH(LOG_LEVEL_ERROR, "reload", LOG_CSTR("result", "half-done"),
		    LOG_CSTR("reason", again.text));
	return false;
}

static void tell_changes(const struct conf *old, const struct conf *new, struct verdict *v)
{
	struct conf_changes changes;
	struct err ignored = { 0 };
	if (conf_compare(old, new, &changes, &ignored))
		conf_changes_tell(&changes, &v->changes);
	conf_needs_restart(old, new, &v->needs_restart);
	if (v->needs_restart.n > 0)
		LOG_EACH(LOG_LEVEL_WARN, "reload", LOG_CSTR("result", "needs-restart"),
		    LOG_STR("keys", buf_view(&v->needs_restart)));
}

static void complain(struct verdict *v, const char *file, const char *text)
{
	const struct conf_error error = { file, 0, 0, text };
	verdict_complain(v, &error);
}

/* A file that is being written, or was cut, may read as a valid one that says little. Whoever means to have no feeds restarts. */
static struct conf *load_with_feeds(const struct conf *old, struct verdict *v)
{
	struct conf *conf = conf_load(&fs_system, old->file, verdict_complain, v);
	if (conf != NULL && conf->feed_count == 0 && old->feed_count > 0) {
		complain(v, conf->file, "it has no feeds any more");
		conf_drop(&conf);
	}
	return conf;
}

static bool load_and_take(struct service *s, struct verdict *v)
{
	struct err e = { 0 };
	struct conf *conf = load_with_feeds(s->conf, v);
	if (conf == NULL)
		return false;
	struct classifier *classifier = topics_compile(conf, verdict_complain, v);
	if (classifier == NULL) {
		conf_drop(&conf);
		return false;
	}
	if (!take_over(s, conf, classifier, &e)) {
		complain(v, conf->file, e.text);
		cls_free(&classifier);
		conf_drop(&conf);
		return false;
	}
	const struct fetch_keep keep = service_keeps(conf);
	net_keep(s->net, &keep);
	hooks_keep_streams(s->hooks, conf);
	log_set_level((enum log_level)conf->log_level);
	tell_changes(s->conf, conf, v);
	conf_drop(&s->conf);
	cls_free(&s->classifier);
	s->conf = conf;
	s->classifier = classifier;
	return true;
}

static void leave_verdict(const struct service *s, const struct verdict *v, bool taken, const char *request)
{
	struct buf out;
	buf_init(&out, 1u << 20);
	verdict_write(v, taken, request, clock_wall(&clock_system), &out);
	if (out.failed || !service_replace_file(s, VERDICT_FILE, buf_view(&out)))
		LOG_EACH(
		    LOG_LEVEL_WARN, "reload", LOG_CSTR("result", "not-told"), LOG_CSTR("file", VERDICT_FILE));
	buf_fini(&out);
}

void service_reload(struct service *s, const char *request)
{
	char state[64];
	struct verdict v;
	if (s->draining) {
		LOG_EACH(LOG_LEVEL_WARN, "reload", LOG_CSTR("result", "too-late"),
		    LOG_CSTR("reason", "the daemon is ending"));
		return;
	}
	snprintf(state, sizeof(state), "RELOADING=1\nMONOTONIC_USEC=%lld",
	    (long long)clock_mono(&clock_system) * 1000);
	notify_send(state);
	verdict_init(&v);
	bool taken = load_and_take(s, &v);
	if (!taken) /* the engine tells what it has taken */
		LOG_EACH(LOG_LEVEL_ERROR, "reload", LOG_CSTR("result", "refused"),
		    LOG_CSTR("file", s->conf->file));
	leave_verdict(s, &v, taken, request);
	verdict_fini(&v);
	notify_send(
	    taken ? "READY=1" : "READY=1\nSTATUS=Reload refused: the old configuration stays, see the log");
}
