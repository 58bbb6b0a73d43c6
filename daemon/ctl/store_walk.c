/* store_walk: the files of a store in order. Names decide the order, not what stands in the files. */
#include "daemon/ctl/store_walk.h"

#include "daemon/store/names.h"
#include "daemon/store/source.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <sysexits.h>

#define FILE_PATH_MAX (PATH_MAX + NAME_MAX + 2)

struct walk {
	const char *directory;
	store_line_f *each;
	void *ctx;
	bool stopped;
	bool *went;
};

static bool give(struct walk *w, const struct store_line *line)
{
	w->stopped = !w->each(w->ctx, line);
	return !w->stopped;
}

/* False: the file is over, or (with an error) the walk. */
static bool pass_damage(
    struct walk *w, struct source *s, struct store_line *line, struct err *why, struct err *e)
{
	struct store_line damage = { .file = line->file, .active = line->active, .damage = why->text };
	if (why->kind != ERR_PARSE) {
		*e = *why;
		return false;
	}
	line->number = 0;
	bool on = give(w, &damage) && source_pass_damage(s);
	err_clear(why);
	return on;
}

static bool walk_source(struct walk *w, struct source *s, const char *file, bool active, struct err *e)
{
	struct store_line line = { .file = file, .active = active };
	enum source_result got;
	struct err why = { 0 };
	while ((got = source_next(s, &line.text, &why)) != SOURCE_END) {
		line.number = source_number(s);
		if (got == SOURCE_LINE && !give(w, &line))
			return true;
		if (got == SOURCE_FAILED && !pass_damage(w, s, &line, &why, e))
			return e->kind == ERR_NONE;
	}
	line.number += line.number > 0;
	line.torn = true;
	if (source_rest(s, &line.text))
		give(w, &line);
	return true;
}

/* A plain file may just have been compressed; one that is gone altogether was deleted since it was listed. */
static bool walk_closed(struct walk *w, const struct closed_file *f, struct err *e)
{
	char path[FILE_PATH_MAX];
	struct source *s = NULL;
	struct err why = { 0 };
	snprintf(path, sizeof(path), "%s/%s", w->directory, f->name);
	bool opened = source_open(&fs_system, path, f->compressed, &s, &why);
	if (!opened && why.sys == ENOENT && !f->compressed) {
		err_clear(&why);
		snprintf(path, sizeof(path), "%s/%s" NAMES_ZST, w->directory, f->name);
		opened = source_open(&fs_system, path, true, &s, &why);
	}
	if (!opened) {
		*w->went |= why.sys == ENOENT;
		return why.sys == ENOENT || err_set(e, why.kind, why.sys, "%s", why.text);
	}
	bool good = walk_source(w, s, f->name, false, e);
	source_close(&s);
	return good;
}

/* The same lines stand there plain and compressed for a moment. */
static bool is_double(const struct buf *list, size_t i)
{
	const struct closed_file *f = names_at(list, i);
	const struct closed_file *before = i > 0 ? names_at(list, i - 1) : NULL;
	return before && before->seq == f->seq && before->closed_ms == f->closed_ms;
}

/* Is it the file that was open as the active one? It was rotated between opening and listing. */
static bool is_open_one(const struct walk *w, const struct closed_file *f, const struct source *active)
{
	char path[FILE_PATH_MAX];
	struct fs_stat st;
	snprintf(path, sizeof(path), "%s/%s", w->directory, f->name);
	return active && fs_system.stat(&fs_system, path, &st) == 0 && st.inode == source_inode(active);
}

static bool open_active(const struct walk *w, const char *name, struct source **out, struct err *e)
{
	char path[FILE_PATH_MAX];
	struct err why = { 0 };
	snprintf(path, sizeof(path), "%s/%s", w->directory, name);
	if (source_open(&fs_system, path, false, out, &why) || why.sys == ENOENT)
		return true;
	return err_set(e, why.kind, why.sys, "%s", why.text);
}

bool store_walk(
    const char *directory, const char *store, store_line_f *each, void *ctx, bool *went, struct err *e)
{
	struct walk w = { directory, each, ctx, false, went };
	struct source *active = NULL;
	struct buf list = { 0 };
	char name[NAME_MAX + 1];
	bool good = false;
	snprintf(name, sizeof(name), "%s" NAMES_SUFFIX, store);
	/* The active file first: what is rotated from now on is still read, through its descriptor. */
	if (!open_active(&w, name, &active, e) || !names_list(&fs_system, directory, store, &list, e))
		goto out;
	good = true;
	for (size_t i = 0; i < names_count(&list) && good && !w.stopped; i++) {
		const struct closed_file *f = names_at(&list, i);
		if (!is_double(&list, i) && !is_open_one(&w, f, active))
			good = walk_closed(&w, f, e);
	}
	if (good && !w.stopped && active)
		good = walk_source(&w, active, name, true, e);
out:
	source_close(&active);
	buf_fini(&list);
	return good;
}

struct gathering {
	const struct ctl_args *args;
	struct ctl_list *names;
	bool failed;
};

bool store_exists(const struct ctl_list *names, const char *store)
{
	for (size_t i = 0; i < names->n; i++)
		if (strcmp(names->at[i], store) == 0)
			return true;
	return false;
}

/* The store that a file name belongs to; absent when it is none of ours. */
static struct str store_of(const char *name)
{
	struct closed_file closed;
	struct str s = str_from(name);
	if (names_parse(name, &closed))
		return str_of(name, closed.store_length);
	if (!str_ends(s, STR(NAMES_SUFFIX)) || s.p[0] == '.')
		return (struct str){ NULL, 0 };
	return str_of(name, s.n - (sizeof(NAMES_SUFFIX) - 1));
}

static bool gather(void *ctx, const char *name)
{
	struct gathering *g = ctx;
	struct str store = store_of(name);
	if (store.n == 0)
		return true;
	const char *kept = arena_cstr(g->args->arena, store);
	if (kept && store_exists(g->names, kept))
		return true;
	g->failed = !kept || !ctl_list_add(g->args->arena, g->names, kept);
	return !g->failed;
}

bool store_names(const struct ctl_args *args, const char *directory, struct ctl_list *out, struct err *e)
{
	struct gathering g = { args, out, false };
	*out = (struct ctl_list){ NULL, 0 };
	if (fs_system.list(&fs_system, directory, gather, &g) != 0)
		return err_set(e, ERR_IO, errno, "%s", directory);
	if (g.failed)
		return err_nomem(e);
	ctl_list_sort(out);
	return true;
}

bool store_known(const struct ctl_args *args, const char *directory, const char *store, int *code)
{
	struct ctl_list names;
	struct err e = { 0 };
	if (!store_names(args, directory, &names, &e)) {
		*code = ctl_fail_err(&e);
		return false;
	}
	if (args->follow || store_exists(&names, store))
		return true;
	*code = ctl_fail(EX_NOINPUT, "%s: no store '%s' there", directory, store);
	for (size_t i = 0; i < names.n; i++)
		ctl_fail(0, "there is '%s'", names.at[i]);
	return false;
}
