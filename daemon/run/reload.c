/*
 * reload: a new configuration beside the old one: read, compiled and checked whole, then taken over; or the old one stays and the log says why.
 */
#include "daemon/base/log.h"
#include "daemon/pipe/storage.h"
#include "daemon/pipe/topics.h"
#include "daemon/run/notify.h"
#include "daemon/run/service_priv.h"

#include <stdio.h>

void service_log_complaint(void *ctx, const struct conf_error *error)
{
	(void)ctx;
	log_error("config", LOG_CSTR("file", error->file), LOG_INT("line", error->line),
	    LOG_INT("column", error->column), LOG_CSTR("reason", error->text));
}

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
		log_error("reload", LOG_CSTR("result", "half-done"), LOG_CSTR("reason", again.text));
	return false;
}

static void tell_what_needs_a_restart(const struct conf *old, const struct conf *new)
{
	struct buf keys;
	buf_init(&keys, 4096);
	conf_needs_restart(old, new, &keys);
	if (keys.n > 0)
		log_warn("reload", LOG_CSTR("result", "needs-restart"), LOG_STR("keys", buf_view(&keys)));
	buf_fini(&keys);
}

/* A file that is being written, or was cut, may read as a valid one that says little. Whoever means to have no feeds restarts. */
static struct conf *load_with_feeds(const struct conf *old)
{
	struct conf *conf = conf_load(&fs_system, old->file, service_log_complaint, NULL);
	if (conf != NULL && conf->feed_count == 0 && old->feed_count > 0) {
		log_error(
		    "config", LOG_CSTR("file", conf->file), LOG_CSTR("reason", "it has no feeds any more"));
		conf_drop(&conf);
	}
	return conf;
}

static bool load_and_take(struct service *s)
{
	struct err e = { 0 };
	struct conf *conf = load_with_feeds(s->conf);
	if (conf == NULL)
		return false;
	struct classifier *classifier = topics_compile(conf, service_log_complaint, NULL);
	if (classifier == NULL) {
		conf_drop(&conf);
		return false;
	}
	if (!take_over(s, conf, classifier, &e)) {
		log_error("config", LOG_CSTR("file", conf->file), LOG_CSTR("reason", e.text));
		cls_free(&classifier);
		conf_drop(&conf);
		return false;
	}
	hooks_keep_streams(s->hooks, conf);
	log_set_level((enum log_level)conf->log_level);
	tell_what_needs_a_restart(s->conf, conf);
	conf_drop(&s->conf);
	cls_free(&s->classifier);
	s->conf = conf;
	s->classifier = classifier;
	return true;
}

void service_reload(struct service *s)
{
	char state[64];
	if (s->draining)
		return;
	snprintf(state, sizeof(state), "RELOADING=1\nMONOTONIC_USEC=%lld",
	    (long long)clock_mono(&clock_system) * 1000);
	notify_send(state);
	bool taken = load_and_take(s);
	if (!taken) /* the engine tells what it has taken */
		log_error("reload", LOG_CSTR("result", "refused"), LOG_CSTR("file", s->conf->file));
	notify_send(
	    taken ? "READY=1" : "READY=1\nSTATUS=Reload refused: the old configuration stays, see the log");
}
