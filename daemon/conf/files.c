/* files: reads the files that the main one names, by wildcard or plainly. Wildcards stand in the last part of a path. */
#include "daemon/conf/load_priv.h"

#include "daemon/conf/value_priv.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>

#define FILES_MAX 10000u /* files of one kind; each is opened and parsed on its own */

struct listing {
	struct conf_loader *l;
	const char *folder, *pattern;
	struct buf *paths; /* const char * */
	unsigned seen;
};

static bool each_name(void *ctx, const char *name)
{
	struct listing *x = ctx;
	if (++x->seen > CONF_FOLDER_MAX)
		return false;
	/* Hidden files and the copies of editors are not meant. */
	if (fnmatch(x->pattern, name, FNM_PERIOD) != 0)
		return true;
	const char *path = conf_path_join(x->l, x->folder, str_from(name));
	if (path)
		buf_add(x->paths, &path, sizeof(path));
	return path != NULL;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

const char *conf_folder_of(struct conf_loader *l, const char *path)
{
	const char *slash = strrchr(path, '/');
	if (!slash)
		return ".";
	return arena_cstr(l->arena, str_of(path, slash == path ? 1 : (size_t)(slash - path)));
}

static bool is_wild(const char *text)
{
	return strpbrk(text, "*?[") != NULL;
}

static void expand(struct conf_loader *l, const struct conf_pattern *p, struct buf *paths)
{
	const char *slash = strrchr(p->path, '/');
	const char *folder = conf_folder_of(l, p->path);
	struct listing x = { l, folder, slash ? slash + 1 : p->path, paths, 0 };
	if (!folder)
		return;
	if (is_wild(folder)) {
		conf_complain(
		    &l->report, p->at, "%s: wildcards may stand in the last part of a path only", p->path);
		return;
	}
	size_t before = paths->n;
	if (l->fs->list(l->fs, folder, each_name, &x) != 0 && errno != ENOENT) {
		struct err e = { 0 };
		err_set(&e, ERR_IO, errno, "%s", folder);
		conf_complain(&l->report, p->at, "%s", e.text);
	}
	if (x.seen > CONF_FOLDER_MAX)
		conf_complain(&l->report, p->at, "%s: more than %u files", folder, CONF_FOLDER_MAX);
	if (paths->n > before)
		qsort(paths->p + before, (paths->n - before) / sizeof(const char *), sizeof(const char *),
		    by_name);
}

/* A complaint about a whole file begins with its name already. */
static const char *reason(const char *text, struct conf_place at)
{
	size_t n = at.file ? strlen(at.file) : 0;
	return n > 0 && strncmp(text, at.file, n) == 0 && strncmp(text + n, ": ", 2) == 0 ? text + n + 2
	                                                                                  : text;
}

bool conf_file_read(
    struct conf_loader *l, const char *path, size_t limit, struct conf_place at, struct buf *out)
{
	struct err e = { 0 };
	if (fs_read_file(l->fs, path, limit, out, &e))
		return true;
	conf_complain(&l->report, at, "%s", reason(e.text, at));
	return false;
}

/* A file that two patterns name is read once. */
static bool is_new(const struct buf *paths, size_t i)
{
	const char *const *p = (const char *const *)(const void *)paths->p;
	for (size_t j = 0; j < i; j++)
		if (str_eq(str_from(p[i]), str_from(p[j])))
			return false;
	return true;
}

static void take_paths(
    struct conf_loader *l, const struct buf *paths, const struct buf *places, size_t limit, conf_file_f *take)
{
	const char *const *p = (const char *const *)(const void *)paths->p;
	const struct conf_place *at = (const struct conf_place *)(const void *)places->p;
	for (size_t i = 0; i < paths->n / sizeof(*p); i++) {
		struct buf text;
		if (!p[i] || !is_new(paths, i))
			continue;
		if (!conf_file_read(l, p[i], limit, at[i], &text)) {
			l->feeds_broken = true;
			l->topics_broken = true;
			continue;
		}
		take(l, p[i], buf_view(&text));
		buf_fini(&text);
	}
}

void conf_files_each(struct conf_loader *l, enum conf_kind_of_file kind, size_t limit, conf_file_f *take)
{
	const struct conf_pattern *patterns = (const struct conf_pattern *)(const void *)l->patterns[kind].p;
	struct buf paths;
	struct buf places; /* of the pattern that found each path */
	buf_init(&paths, FILES_MAX * sizeof(const char *));
	buf_init(&places, FILES_MAX * sizeof(struct conf_place));
	for (size_t i = 0; i < l->patterns[kind].n / sizeof(*patterns); i++) {
		if (!patterns[i].path)
			continue;
		if (is_wild(patterns[i].path))
			expand(l, &patterns[i], &paths);
		else
			buf_add(&paths, &patterns[i].path, sizeof(const char *));
		while (!paths.failed && !places.failed &&
		       places.n / sizeof(struct conf_place) < paths.n / sizeof(const char *))
			buf_add(&places, &patterns[i].at, sizeof(struct conf_place));
	}
	if (paths.failed || places.failed)
		conf_complain(&l->report, (struct conf_place){ l->conf->file, 0, 0 },
		    "more than %u files of one kind", FILES_MAX);
	else
		take_paths(l, &paths, &places, limit, take);
	buf_fini(&paths);
	buf_fini(&places);
}
