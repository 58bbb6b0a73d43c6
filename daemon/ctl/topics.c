/* topics: where topic files are looked for. */
#include "daemon/ctl/topics.h"

#include "daemon/base/fs.h"
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

static struct classifier *build(const struct ctl_args *args, bool operands, bool named, int *code)
{
	struct cls_builder *b = cls_builder_new();
	struct classifier *c = NULL;
	struct cls_error e = { 0 };
	*code = EX_UNAVAILABLE;
	if (!b) {
		ctl_fail(0, "out of memory");
		return NULL;
	}
	*code = EX_DATAERR;
	if (!(named ? add_named(b, args, operands) : add_folder(b, args, shipped_folder()))) {
		cls_builder_free(&b);
		return NULL;
	}
	if (!cls_build(&b, &c, &e))
		ctl_fail(0, "%s%s%s", e.file, e.file[0] ? ": " : "", e.text);
	return c;
}

static struct classifier *from_configuration(const struct ctl_args *args, int *code)
{
	struct conf *conf = setting_load(args, code);
	if (!conf)
		return NULL;
	struct classifier *c = topics_compile(conf, setting_complain, NULL);
	*code = EX_CONFIG;
	conf_drop(&conf);
	return c;
}

struct classifier *topics_load(const struct ctl_args *args, bool operands, int *code)
{
	bool named =
	    args->topic_files.n > 0 || args->topic_folders.n > 0 || (operands && args->operands.n > 0);
	if (!named && (args->config || setting_default_exists()))
		return from_configuration(args, code);
	return build(args, operands, named, code);
}
