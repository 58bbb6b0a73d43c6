/* topics: from configuration to classifier. Owns nothing; the caller gets the classifier. */
#include "daemon/pipe/topics.h"
#include "daemon/pipe/storage.h"

#include <stdio.h>

static void complain(conf_report_f *report, void *ctx, const char *file, int line, const char *text)
{
	const struct conf_error error = { file, line, 0, text };
	report(ctx, &error);
}

static bool add_files(struct cls_builder *b, const struct conf *conf, conf_report_f *report, void *ctx)
{
	bool good = true;
	for (size_t i = 0; i < conf->topic_count; i++) {
		const struct conf_topic *t = &conf->topics[i];
		struct cls_error e = { 0 };
		if (cls_builder_add(b, t->file, t->yaml.p, t->yaml.n, &e))
			continue;
		complain(report, ctx, t->file, e.line, e.text);
		good = false;
	}
	return good;
}

static bool add_model(struct cls_builder *b, const struct conf *conf, conf_report_f *report, void *ctx)
{
	struct cls_error e = { 0 };
	if (!conf->model_file ||
	    cls_builder_model(b, conf->model_file, conf->model_bytes.p, conf->model_bytes.n, &e))
		return true;
	complain(report, ctx, conf->model_file, 0, e.text);
	return false;
}

static bool check_names(const struct classifier *c, const struct conf *conf, conf_report_f *report, void *ctx)
{
	bool good = true;
	char text[256];
	for (size_t i = 0; i < cls_topic_count(c); i++) {
		const char *name = cls_topic(c, i)->name;
		if (!storage_name_is_ours(name))
			continue;
		snprintf(text, sizeof(text), "topic '%s' has the name of a store of our own; choose another",
		    name);
		complain(report, ctx, conf->file, 0, text);
		good = false;
	}
	for (size_t i = 0; i < conf->alert_count; i++)
		for (size_t k = 0; k < conf->alerts[i].topic_count; k++) {
			const struct conf_alert *a = &conf->alerts[i];
			if (cls_topic_index(c, a->topics[k]) >= 0)
				continue;
			snprintf(text, sizeof(text),
			    "alert '%.80s' names topic '%.80s', which no topic file defines", a->name,
			    a->topics[k]);
			complain(report, ctx, a->file, a->line, text);
			good = false;
		}
	return good;
}

/* Nobody who wants the shipped topics is glad of a daemon that classifies nothing. */
static bool check_presence(const struct conf *conf, conf_report_f *report, void *ctx)
{
	if (!conf->shipped_topics || conf->topic_count > 0)
		return true;
	complain(report, ctx, conf->file, 0,
	    "there is no topic: none in " GAZETTED_TOPICS_DIR
	    " (shipped_topics) and none by topics_files; install them, name them, or say shipped_topics: "
	    "false");
	return false;
}

struct classifier *topics_compile(const struct conf *conf, conf_report_f *report, void *ctx)
{
	struct cls_error e = { 0 };
	struct classifier *c = NULL;
	if (!check_presence(conf, report, ctx))
		return NULL;
	struct cls_builder *b = cls_builder_new();
	if (b == NULL) {
		complain(report, ctx, conf->file, 0, "out of memory");
		return NULL;
	}
	if (!add_files(b, conf, report, ctx) || !add_model(b, conf, report, ctx)) {
		cls_builder_free(&b);
		return NULL;
	}
	if (!cls_build(&b, &c, &e)) {
		complain(report, ctx, e.file[0] ? e.file : conf->file, e.line, e.text);
		return NULL;
	}
	if (!check_names(c, conf, report, ctx))
		cls_free(&c);
	return c;
}
