/*
 * feeds_edit: a file of feeds is edited as text; the result is read with the rest of the configuration before it takes the file's place. What would be
 * wrong is told and nothing is changed.
 */
#include "daemon/ctl/feeds_edit.h"

#include "daemon/base/fs.h"
#include "daemon/base/json.h"
#include "daemon/ctl/ask.h"
#include "daemon/ctl/feeds_file.h"
#include "daemon/ctl/feeds_text.h"
#include "daemon/ctl/reload.h"
#include "daemon/ctl/setting.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <sysexits.h>

#define FILE_MAX ((size_t)64 << 20) /* bytes of a file of feeds */
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
	int lock; /* -1: none */
	struct conf *conf; /* as it is; read under the lock */
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

static const char *main_file(const struct ctl_args *args)
{
	return args->config ? args->config : setting_default();
}

static feeds_sound_f is_sound;
static bool is_sound(void *ctx, const char *edited)
{
	const struct edit *x = ctx;
	struct overlay o = { fs_system, x->path, edited };
	o.fs.open = overlay_open;
	o.fs.list = overlay_list;
	struct conf *conf = conf_load(&o.fs, main_file(x->args), setting_complain, NULL);
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

/* Between reading the configuration and replacing one of its files nobody else may: an edit would be lost, or hit another line. */
static bool begin(struct edit *x, struct ctl_args *args, int *code)
{
	struct err e = { 0 };
	x->args = args;
	if (!feeds_file_lock(&fs_system, main_file(args), FEEDS_FILE_PATIENCE, &x->lock, &e)) {
		*code = e.kind == ERR_BUSY ? ctl_fail(EX_TEMPFAIL, "%s", e.text) : ctl_fail_err(&e);
		return false;
	}
	x->conf = setting_load(args, code);
	if (!x->conf)
		feeds_file_unlock(&fs_system, &x->lock);
	return x->conf != NULL;
}

static int take_place(struct edit *x)
{
	struct err e = { 0 };
	const struct feeds_change change = {
		.path = x->path,
		.like = main_file(x->args),
		.text = buf_view(&x->text),
		.is_sound = is_sound,
		.ctx = x,
	};
	if (feeds_file_replace(&fs_system, &change, &e))
		return EX_OK;
	return e.kind == ERR_NONE ? ctl_fail(EX_CONFIG, "nothing was changed") : ctl_fail_err(&e);
}

/* Ends what `begin` began. `code`: what the making of the new text came to. */
static int finish(struct edit *x, int code, const char *done)
{
	if (code == EX_OK)
		code = take_place(x);
	feeds_file_unlock(&fs_system, &x->lock);
	if (code == EX_OK && !x->args->reload)
		fprintf(stderr, "gazettectl: %s in %s; `gazettectl reload` makes it count\n", done, x->path);
	buf_fini(&x->text);
	conf_drop(&x->conf);
	return code == EX_OK && x->args->reload ? reload_and_tell(x->args) : code;
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

static int add_text(struct edit *x)
{
	struct err e = { 0 };
	struct fs_stat st;
	struct buf old;
	if (fs_system.stat(&fs_system, x->path, &st) != 0)
		buf_init(&old, 0);
	else if (!read_file(x->path, &old, &e))
		return ctl_fail_err(&e);
	const struct feeds_entry entry = { .name = str_from(x->name),
		.url = str_from(x->args->operands.at[2]),
		.language = str_from(x->args->language) };
	buf_init(&x->text, FILE_MAX);
	feeds_text_add(buf_view(&old), &entry, &x->text);
	buf_fini(&old);
	return x->text.failed && !err_nomem(&e) ? ctl_fail_err(&e) : EX_OK;
}

/* add NAME URL */
int feeds_add(struct ctl_args *args, const struct conf *conf, struct printer *p)
{
	char path[PATH_MAX];
	struct edit x = { .path = path };
	struct err e = { 0 };
	int code = EX_OK;
	(void)p, (void)conf;
	if (args->operands.n != 3)
		return ctl_fail(EX_USAGE, "add what? Its name and its address");
	if (!begin(&x, args, &code))
		return code;
	x.name = args->operands.at[1];
	if (conf_feed_find(x.conf, str_from(x.name)))
		code = ctl_fail(EX_USAGE, "there is a feed '%s' already", x.name);
	else
		code = own_path(x.conf, path, &e) ? add_text(&x) : ctl_fail_err(&e);
	return finish(&x, code, "added");
}

static bool is_only(const struct conf *conf, const struct conf_feed *f)
{
	size_t n = 0;
	for (size_t i = 0; i < conf->feed_count; i++)
		n += strcmp(conf->feeds[i].file, f->file) == 0;
	return n == 1;
}

enum change { REMOVE, ENABLE, DISABLE };

static int change_text(struct edit *x, const struct conf_feed *f, enum change what)
{
	struct err e = { 0 };
	struct buf old;
	if (!str_ends(str_from(f->file), STR(".yaml")) && !str_ends(str_from(f->file), STR(".yml")))
		return ctl_fail(
		    EX_USAGE, "%s: it stands in %s, which is no YAML file: edit it there", f->name, f->file);
	if (!read_file(f->file, &old, &e))
		return ctl_fail_err(&e);
	buf_init(&x->text, FILE_MAX);
	bool made = what == REMOVE
	                ? feeds_text_remove(buf_view(&old), f->line, is_only(x->conf, f), &x->text, &e)
	                : feeds_text_enable(buf_view(&old), f->line, what == ENABLE, &x->text, &e);
	buf_fini(&old);
	return made ? EX_OK : ctl_fail_err(&e);
}

static int change(struct ctl_args *args, enum change what)
{
	static const char *const done[] = { "removed", "enabled", "disabled" };
	struct edit x = { .wanted = what == REMOVE ? GONE : what == ENABLE ? ON : OFF };
	int code = EX_OK;
	if (args->operands.n != 2)
		return ctl_fail(EX_USAGE, "%s which feed?", args->operands.at[0]);
	if (!begin(&x, args, &code))
		return code;
	x.name = args->operands.at[1];
	const struct conf_feed *f = conf_feed_find(x.conf, str_from(x.name));
	x.path = f ? f->file : NULL;
	code = f ? change_text(&x, f, what) : ctl_fail(EX_NOINPUT, "no feed '%s'", x.name);
	return finish(&x, code, done[what]);
}

int feeds_remove(struct ctl_args *args, const struct conf *conf, struct printer *p)
{
	(void)p, (void)conf;
	return change(args, REMOVE);
}

int feeds_enable(struct ctl_args *args, const struct conf *conf, struct printer *p)
{
	(void)p, (void)conf;
	return change(args, ENABLE);
}

int feeds_disable(struct ctl_args *args, const struct conf *conf, struct printer *p)
{
	(void)p, (void)conf;
	return change(args, DISABLE);
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
