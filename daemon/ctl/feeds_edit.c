/*
 * feeds_edit: a file of feeds is edited as text; the result is read with the rest of the configuration before it takes the file's place. What would be
 * wrong is told and nothing is changed.
 */
#include "daemon/ctl/feeds_edit.h"

#include "daemon/base/fs.h"
#include "daemon/base/json.h"
#include "daemon/ctl/ask.h"
#include "daemon/ctl/feeds_text.h"
#include "daemon/ctl/reload.h"
#include "daemon/ctl/setting.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#define FILE_MAX ((size_t)64 << 20) /* bytes of a file of feeds */
#define FILE_MODE 0644
#define FOLDER_MODE 0755
#define OWN_FILE "gazettectl.yaml" /* of feeds.d: what `add` makes */

/* The system's files with the contents of one replaced by another's: how the configuration would be. */
struct overlay {
	struct fs fs; /* first: what is called with it is an overlay */
	const char *path, *edited;
};

static int overlay_open(const struct fs *fs, const char *path, int flags, mode_t mode)
{
	const struct overlay *o = (const struct overlay *)(const void *)fs;
	return fs_system.open(&fs_system, strcmp(path, o->path) == 0 ? o->edited : path, flags, mode);
}

/* A file that is new is not in its folder yet. */
static int overlay_list(const struct fs *fs, const char *path, fs_list_f *each, void *ctx)
{
	const struct overlay *o = (const struct overlay *)(const void *)fs;
	size_t n = strlen(path);
	struct fs_stat st;
	int listed = fs_system.list(&fs_system, path, each, ctx);
	if (strncmp(o->path, path, n) == 0 && o->path[n] == '/' && !strchr(o->path + n + 1, '/') &&
	    fs_system.stat(&fs_system, o->path, &st) != 0 && (listed == 0 || errno == ENOENT)) {
		(void)each(ctx, o->path + n + 1);
		return 0;
	}
	return listed;
}

enum wanted { THERE, GONE, ON, OFF }; /* what the feed must be afterwards */

struct edit {
	struct ctl_args *args;
	const char *path;
	struct buf text; /* new */
	const char *name; /* of the feed */
	enum wanted wanted;
};

static bool is_as_wanted(const struct edit *x, const struct conf *conf)
{
	const struct conf_feed *f = conf_feed_find(conf, str_from(x->name));
	switch (x->wanted) {
	case GONE:
		return !f;
	case ON:
		return f && f->enabled;
	case OFF:
		return f && !f->enabled;
	default:
		return f != NULL;
	}
}

static bool is_sound(const struct edit *x, const char *edited)
{
	struct overlay o = { fs_system, x->path, edited };
	o.fs.open = overlay_open;
	o.fs.list = overlay_list;
	const char *main_file = x->args->config ? x->args->config : setting_default();
	struct conf *conf = conf_load(&o.fs, main_file, setting_complain, NULL);
	if (!conf)
		return false;
	bool good = is_as_wanted(x, conf);
	conf_drop(&conf);
	if (!good && x->wanted == THERE)
		ctl_fail(0, "feeds_files of the configuration does not name %s", x->path);
	else if (!good)
		ctl_fail(
		    0, "%s: the entry is not written in a way that can be edited: do it by hand", x->path);
	return good;
}

static bool write_edited(const char *edited, mode_t mode, struct str text, struct err *e)
{
	return fs_replace_file(&fs_system, edited, text, mode, e);
}

static int take_place(struct edit *x)
{
	char edited[PATH_MAX], real[PATH_MAX];
	struct err e = { 0 };
	struct fs_stat st;
	if (!realpath(x->path, real)) /* a link's target is edited, not the link */
		snprintf(real, sizeof(real), "%s", x->path);
	mode_t mode = fs_system.stat(&fs_system, real, &st) == 0 ? st.mode & 0666 : FILE_MODE;
	int n = snprintf(edited, sizeof(edited), "%s.new", real);
	if (n < 0 || (size_t)n >= sizeof(edited))
		return ctl_fail(EX_USAGE, "%s: the path is too long", x->path);
	if (!write_edited(edited, mode, buf_view(&x->text), &e))
		return ctl_fail_err(&e);
	if (!is_sound(x, edited)) {
		fs_system.unlink(&fs_system, edited);
		return ctl_fail(EX_CONFIG, "nothing was changed");
	}
	if (fs_system.rename(&fs_system, edited, real) != 0) {
		err_set(&e, ERR_IO, errno, "%s", x->path);
		fs_system.unlink(&fs_system, edited);
		return ctl_fail_err(&e);
	}
	return EX_OK;
}

static int finish(struct edit *x, bool made, const struct err *e, const char *done)
{
	int code = made && !x->text.failed ? take_place(x) : ctl_fail_err(e);
	buf_fini(&x->text);
	if (code != EX_OK)
		return code;
	if (x->args->reload)
		return reload_and_tell(x->args);
	fprintf(stderr, "gazettectl: %s in %s; `gazettectl reload` makes it count\n", done, x->path);
	return EX_OK;
}

static bool read_file(const char *path, struct buf *out, struct err *e)
{
	return fs_read_file(&fs_system, path, FILE_MAX, out, e);
}

/* feeds.d beside the configuration; made when it is missing. */
static bool own_path(const struct conf *conf, char path[PATH_MAX], struct err *e)
{
	const char *slash = strrchr(conf->file, '/');
	int folder = slash ? (int)(slash - conf->file) + 1 : 0; /* as the configuration's reader spells it */
	int n = snprintf(path, PATH_MAX, "%.*sfeeds.d", folder, conf->file);
	if (n < 0 || (size_t)n + sizeof(OWN_FILE) >= PATH_MAX)
		return err_set(e, ERR_LIMIT, 0, "%s: the path is too long", conf->file);
	if (!fs_make_dirs(&fs_system, path, FOLDER_MODE, e))
		return false;
	snprintf(path + n, (size_t)(PATH_MAX - n), "/" OWN_FILE);
	return true;
}

/* add NAME URL */
int feeds_add(struct ctl_args *args, const struct conf *conf, struct printer *p)
{
	char path[PATH_MAX];
	struct edit x = { .args = args, .path = path };
	struct err e = { 0 };
	struct fs_stat st;
	struct buf old;
	(void)p;
	if (args->operands.n != 3)
		return ctl_fail(EX_USAGE, "add what? Its name and its address");
	x.name = args->operands.at[1];
	if (conf_feed_find(conf, str_from(x.name)))
		return ctl_fail(EX_USAGE, "there is a feed '%s' already", x.name);
	if (!own_path(conf, path, &e))
		return ctl_fail_err(&e);
	buf_init(&old, FILE_MAX);
	if (fs_system.stat(&fs_system, path, &st) == 0 && !read_file(path, &old, &e))
		return ctl_fail_err(&e);
	const struct feeds_entry entry = { .name = str_from(x.name),
		.url = str_from(args->operands.at[2]),
		.language = str_from(args->language) };
	buf_init(&x.text, FILE_MAX);
	feeds_text_add(buf_view(&old), &entry, &x.text);
	buf_fini(&old);
	return finish(&x, true, &e, "added");
}

static bool is_only(const struct conf *conf, const struct conf_feed *f)
{
	size_t n = 0;
	for (size_t i = 0; i < conf->feed_count; i++)
		n += strcmp(conf->feeds[i].file, f->file) == 0;
	return n == 1;
}

enum change { REMOVE, ENABLE, DISABLE };

static int change(struct ctl_args *args, const struct conf *conf, enum change what)
{
	static const char *const done[] = { "removed", "enabled", "disabled" };
	struct err e = { 0 };
	struct buf old;
	if (args->operands.n != 2)
		return ctl_fail(EX_USAGE, "%s which feed?", args->operands.at[0]);
	const struct conf_feed *f = conf_feed_find(conf, str_from(args->operands.at[1]));
	if (!f)
		return ctl_fail(EX_NOINPUT, "no feed '%s'", args->operands.at[1]);
	if (!str_ends(str_from(f->file), STR(".yaml")) && !str_ends(str_from(f->file), STR(".yml")))
		return ctl_fail(
		    EX_USAGE, "%s: it stands in %s, which is no YAML file: edit it there", f->name, f->file);
	if (!read_file(f->file, &old, &e))
		return ctl_fail_err(&e);
	const enum wanted wanted = what == REMOVE ? GONE : what == ENABLE ? ON : OFF;
	struct edit x = { .args = args, .path = f->file, .name = f->name, .wanted = wanted };
	buf_init(&x.text, FILE_MAX);
	bool made = what == REMOVE ? feeds_text_remove(buf_view(&old), f->line, is_only(conf, f), &x.text, &e)
	                           : feeds_text_enable(buf_view(&old), f->line, what == ENABLE, &x.text, &e);
	buf_fini(&old);
	return finish(&x, made, &e, done[what]);
}

int feeds_remove(struct ctl_args *args, const struct conf *conf, struct printer *p)
{
	(void)p;
	return change(args, conf, REMOVE);
}

int feeds_enable(struct ctl_args *args, const struct conf *conf, struct printer *p)
{
	(void)p;
	return change(args, conf, ENABLE);
}

int feeds_disable(struct ctl_args *args, const struct conf *conf, struct printer *p)
{
	(void)p;
	return change(args, conf, DISABLE);
}

int feeds_poll_now(struct ctl_args *args, const struct conf *conf, struct printer *p)
{
	struct buf text;
	struct json w;
	(void)p;
	if (args->operands.n != 2)
		return ctl_fail(EX_USAGE, "poll which feed now?");
	if (!conf_feed_find(conf, str_from(args->operands.at[1])))
		return ctl_fail(EX_NOINPUT, "no feed '%s'", args->operands.at[1]);
	buf_init(&text, 4096);
	json_init(&w, &text);
	json_open_object(&w);
	json_key_int(&w, "v", 1);
	json_key_string(&w, "kind", STR("poll"));
	json_key_string(&w, "feed", str_from(args->operands.at[1]));
	json_close_object(&w);
	int code =
	    text.failed ? ctl_fail(EX_USAGE, "the name is too long") : ask_and_tell(args, buf_view(&text));
	buf_fini(&text);
	return code;
}
