/* topics: where topic files are looked for. */
#include "daemon/ctl/topics.h"

#include "daemon/base/fs.h"
#include "daemon/base/map.h"
#include "daemon/conf/conf.h"
#include "daemon/ctl/setting.h"
#include "daemon/pipe/topics.h"

#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sysexits.h>

#ifndef GAZETTED_TOPICS_DIR
#define GAZETTED_TOPICS_DIR "/usr/share/gazetted/topics"
#endif
#define SOURCE_TOPICS_DIR "classifiers/topics" /* from the root of the source tree */

struct gathered { /* of one folder */
	const struct ctl_args *args;
	const char *folder;
	struct ctl_list names;
	bool failed;
};

static bool is_topic_file(struct str name)
{
	return name.n > 0 && name.p[0] != '.' &&
	       (str_ends(name, STR(".yaml")) || str_ends(name, STR(".yml")));
}

static bool gather(void *ctx, const char *name)
{
	struct gathered *g = ctx;
	char path[PATH_MAX];
	if (!is_topic_file(str_from(name)))
		return true;
	snprintf(path, sizeof(path), "%s/%s", g->folder, name);
	const char *kept = arena_cstr(g->args->arena, str_from(path));
	g->failed = !kept || !ctl_list_add(g->args->arena, &g->names, kept);
	return !g->failed;
}

/* False: told. */
static bool add_file(struct cls_builder *b, const char *path)
{
	struct cls_error e = { 0 };
	if (cls_builder_add_file(b, path, &e))
		return true;
	if (e.line > 0)
		ctl_fail(0, "%s:%d: %s", path, e.line, e.text);
	else
		ctl_fail(0, "%s: %s", path, e.text);
	return false;
}

static bool add_list(struct cls_builder *b, const struct ctl_list *files)
{
	bool good = true;
	for (size_t i = 0; i < files->n; i++)
		good = add_file(b, files->at[i]) && good;
	return good;
}

static bool add_folder(struct cls_builder *b, const struct ctl_args *args, const char *folder)
{
	struct gathered g = { .args = args, .folder = folder };
	if (fs_system.list(&fs_system, folder, gather, &g) != 0 || g.failed || g.names.n == 0) {
		ctl_fail(0, "%s: no topic files there", folder);
		return false;
	}
	ctl_list_sort(&g.names);
	return add_list(b, &g.names);
}

static bool is_folder(const char *path)
{
	struct fs_stat st;
	return fs_system.stat(&fs_system, path, &st) == 0 && S_ISDIR(st.mode);
}

/* In the source tree its own topics come first: they are what is being worked on. */
static const char *shipped_folder(void)
{
	return is_folder(SOURCE_TOPICS_DIR) ? SOURCE_TOPICS_DIR : GAZETTED_TOPICS_DIR;
}

static bool add_named(struct cls_builder *b, const struct ctl_args *args, bool operands)
{
	bool good = add_list(b, &args->topic_files);
	for (size_t i = 0; i < args->topic_folders.n; i++)
		good = add_folder(b, args, args->topic_folders.at[i]) && good;
	if (operands)
		good = add_list(b, &args->operands) && good;
	return good;
}

static bool take_model(
    struct cls_builder *b, struct topics *t, const char *path, bool must_exist, struct err *e)
{
	struct fs_stat st;
	struct cls_error why = { 0 };
	if (!must_exist && fs_system.stat(&fs_system, path, &st) != 0)
		return true;
	if (!map_file(path, CLS_MODEL_FILE_MAX, &t->model, e))
		return false;
	if (cls_builder_model(b, path, t->model.p, t->model.n, &why))
		return true;
	return err_set(e, ERR_PARSE, 0, "%s: %s", path, why.text);
}

/* The one that was asked for, else the one that lies in the only folder of topics. */
static bool add_model(struct cls_builder *b, struct topics *t, const struct ctl_args *args, bool named)
{
	char path[PATH_MAX];
	struct err e = { 0 };
	const char *folder = !named                       ? shipped_folder()
	                     : args->topic_folders.n == 1 ? args->topic_folders.at[0]
	                                                  : NULL;
	if (args->no_model || (!args->model && !folder))
		return true;
	if (!args->model)
		snprintf(path, sizeof(path), "%s/" TOPICS_MODEL_NAME, folder);
	if (take_model(b, t, args->model ? args->model : path, args->model != NULL, &e))
		return true;
	ctl_fail(0, "%s", e.text);
	return false;
}

static bool build(struct topics *t, const struct ctl_args *args, bool operands, bool named, int *code)
{
	struct cls_builder *b = cls_builder_new();
	struct cls_error e = { 0 };
	*code = EX_UNAVAILABLE;
	if (!b) {
		ctl_fail(0, "out of memory");
		return false;
	}
	*code = EX_DATAERR;
	if (!(named ? add_named(b, args, operands) : add_folder(b, args, shipped_folder())) ||
	    !add_model(b, t, args, named)) {
		cls_builder_free(&b);
		return false;
	}
	if (cls_build(&b, &t->classifier, &e))
		return true;
	ctl_fail(0, "%s%s%s", e.file, e.file[0] ? ": " : "", e.text);
	return false;
}

static bool from_configuration(struct topics *t, const struct ctl_args *args, int *code)
{
	t->conf = setting_load(args, code);
	if (!t->conf)
		return false;
	t->classifier = topics_compile(t->conf, setting_complain, NULL);
	*code = EX_CONFIG;
	return t->classifier != NULL;
}

bool topics_open(struct topics *t, const struct ctl_args *args, bool operands, int *code)
{
	bool named =
	    args->topic_files.n > 0 || args->topic_folders.n > 0 || (operands && args->operands.n > 0);
	*t = (struct topics){ 0 };
	bool configured =
	    !named && !args->model && !args->no_model && (args->config || setting_default_exists());
	if (configured ? from_configuration(t, args, code) : build(t, args, operands, named, code))
		return true;
	topics_close(t);
	return false;
}

void topics_close(struct topics *t)
{
	cls_free(&t->classifier);
	map_free(&t->model);
	conf_drop(&t->conf);
}
