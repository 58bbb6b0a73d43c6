/* rules: globs, topics, scores. */
#include "daemon/pipe/rules.h"

#include <fnmatch.h>

bool rules_want_feed(const struct conf_alert *a, const char *feed)
{
	if (a->feed_count == 0)
		return true;
	for (size_t i = 0; i < a->feed_count; i++)
		if (fnmatch(a->feeds[i], feed, 0) == 0)
			return true;
	return false;
}

static bool wants_topic_name(const struct conf_alert *a, const char *topic)
{
	if (a->topic_count == 0)
		return true;
	for (size_t i = 0; i < a->topic_count; i++)
		if (str_eq(str_from(a->topics[i]), str_from(topic)))
			return true;
	return false;
}

bool rules_want_topic(const struct conf_alert *a, const char *topic, double score, bool match)
{
	return wants_topic_name(a, topic) && score >= a->score_min &&
	       (match || a->decision == CONF_DECISION_REVIEW);
}

static bool wants_item(const struct conf_alert *a, const struct classifier *c, const struct job_item *item)
{
	for (size_t i = 0; i < item->topic_count; i++) {
		const struct job_topic *t = &item->topics[i];

		if (rules_want_topic(a, cls_topic(c, t->topic)->name, t->score, t->decision == CLS_MATCH))
			return true;
	}
	return false;
}

bool rules_want_items(const struct conf_alert *a)
{
	return a->topic_count > 0 || a->event_count == 0;
}

static bool wants_event(const struct conf_alert *a, const char *kind)
{
	for (size_t i = 0; i < a->event_count; i++)
		if (str_eq(str_from(a->events[i]), str_from(kind)))
			return true;
	return false;
}

static void add_name(const struct conf_alert *a, size_t start, struct buf *out)
{
	if (out->n > start)
		buf_byte(out, '\n');
	buf_str(out, str_from(a->name));
}

void rules_owed(const struct conf *conf, const struct classifier *c, const char *feed,
    const struct job_item *item, struct buf *out)
{
	size_t start = out->n;

	for (size_t i = 0; i < conf->alert_count; i++) {
		const struct conf_alert *a = &conf->alerts[i];

		if (rules_want_items(a) && rules_want_feed(a, feed) && wants_item(a, c, item))
			add_name(a, start, out);
	}
}

void rules_owed_event(const struct conf *conf, const char *kind, const char *feed, struct buf *out)
{
	size_t start = out->n;

	for (size_t i = 0; i < conf->alert_count; i++) {
		const struct conf_alert *a = &conf->alerts[i];

		if (wants_event(a, kind) && rules_want_feed(a, feed))
			add_name(a, start, out);
	}
}

const struct conf_alert *rules_find(const struct conf *conf, struct str name)
{
	for (size_t i = 0; i < conf->alert_count; i++)
		if (str_eq(str_from(conf->alerts[i].name), name))
			return &conf->alerts[i];
	return NULL;
}
