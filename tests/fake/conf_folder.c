/* conf_folder: writes files, loads them, collects complaints without the changing part of their paths. */
#include "tests/fake/conf_folder.h"
#include "tests/fake/remove_tree.h"

#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define SAID_MAX (1u << 20)

void conf_folder_init(struct conf_folder *f)
{
	const char *base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
	*f = (struct conf_folder){ 0 };
	snprintf(f->path, sizeof(f->path), "%s/gazetted-conf-XXXXXX", base);
	char *made = mkdtemp(f->path);
	assert(made);
	buf_init(&f->said, SAID_MAX);
}

void conf_folder_fini(struct conf_folder *f)
{
	conf_drop(&f->conf);
	buf_fini(&f->said);
	remove_tree(f->path);
}

void conf_folder_write(struct conf_folder *f, const char *name, struct str text, unsigned mode)
{
	char path[512];
	struct err e = { 0 };
	snprintf(path, sizeof(path), "%s/%s", f->path, name);
	*strrchr(path, '/') = '\0';
	bool good = fs_make_dirs(&fs_system, path, 0755, &e);
	path[strlen(path)] = '/';
	good = good && fs_replace_file(&fs_system, path, text, 0644, &e);
	assert(good);
	int rc = chmod(path, (mode_t)mode);
	assert(rc == 0);
}

void conf_folder_put(struct conf_folder *f, const char *name, const char *text)
{
	conf_folder_write(f, name, str_from(text), 0644);
}

/* Without "FOLDER/", wherever it stands; the folder alone becomes ".". */
static void add_plain(struct conf_folder *f, const char *text)
{
	size_t n = strlen(f->path);
	for (const char *p = text; *p != '\0';) {
		if (strncmp(p, f->path, n) != 0) {
			buf_byte(&f->said, *p++);
			continue;
		}
		p += n;
		if (*p == '/')
			p++;
		else
			buf_byte(&f->said, '.');
	}
}

static void collect(void *ctx, const struct conf_error *error)
{
	struct conf_folder *f = ctx;
	add_plain(f, error->file);
	buf_fmt(&f->said, ":%d:%d: ", error->line, error->column);
	add_plain(f, error->text);
	buf_byte(&f->said, '\n');
}

struct conf *conf_folder_load(struct conf_folder *f)
{
	char path[512];
	snprintf(path, sizeof(path), "%s/gazetted.yaml", f->path);
	conf_drop(&f->conf);
	buf_clear(&f->said);
	f->conf = conf_load(&fs_system, path, collect, f);
	return f->conf;
}

struct conf *conf_folder_load_text(struct conf_folder *f, const char *text)
{
	conf_folder_put(f, "gazetted.yaml", text);
	return conf_folder_load(f);
}

const char *conf_folder_said(struct conf_folder *f)
{
	buf_byte(&f->said, '\0');
	f->said.n--;
	return f->said.p;
}
